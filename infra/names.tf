# Names and tags. Some names are shared by all of Azure, so these end with what no other subscription has.
locals {
  suffix      = substr(sha256("${var.subscription_id}/${var.name}"), 0, 6)
  unique_name = "${var.name}-${local.suffix}"
  plain_name  = "${var.name}${local.suffix}"
  tags        = merge({ application = "fettle" }, var.tags)
}

resource "azurerm_resource_group" "fettle" {
  name     = var.name
  location = var.location
  tags     = local.tags
}
