# With private_network: the apps reach the store and the vault by private endpoints, and nobody else does.
locals {
  private = var.private_network ? {
    blob  = { target = azurerm_storage_account.store.id, zone = "privatelink.blob.core.windows.net" }
    vault = { target = azurerm_key_vault.secrets.id, zone = "privatelink.vaultcore.azure.net" }
  } : {}

  networks = var.private_network ? { this = var.address_space } : {}
}

resource "azurerm_virtual_network" "fettle" {
  for_each = local.networks

  name                = var.name
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
  address_space       = [each.value]
}

resource "azurerm_subnet" "apps" {
  for_each = local.networks

  name                 = "apps"
  resource_group_name  = azurerm_resource_group.fettle.name
  virtual_network_name = azurerm_virtual_network.fettle[each.key].name
  address_prefixes     = [cidrsubnet(each.value, 2, 0)]

  delegation {
    name = "apps"

    service_delegation {
      name    = "Microsoft.Web/serverFarms"
      actions = ["Microsoft.Network/virtualNetworks/subnets/action"]
    }
  }
}

resource "azurerm_subnet" "endpoints" {
  for_each = local.networks

  name                              = "endpoints"
  resource_group_name               = azurerm_resource_group.fettle.name
  virtual_network_name              = azurerm_virtual_network.fettle[each.key].name
  address_prefixes                  = [cidrsubnet(each.value, 2, 1)]
  default_outbound_access_enabled   = false
  private_endpoint_network_policies = "NetworkSecurityGroupEnabled"
}

resource "azurerm_network_security_group" "fettle" {
  for_each = local.networks

  name                = var.name
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags

  security_rule {
    name                       = "nothing-from-outside"
    priority                   = 4000
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "Internet"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "apps" {
  for_each = local.networks

  subnet_id                 = azurerm_subnet.apps[each.key].id
  network_security_group_id = azurerm_network_security_group.fettle[each.key].id
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  for_each = local.networks

  subnet_id                 = azurerm_subnet.endpoints[each.key].id
  network_security_group_id = azurerm_network_security_group.fettle[each.key].id
}

resource "azurerm_private_dns_zone" "fettle" {
  for_each = local.private

  name                = each.value.zone
  resource_group_name = azurerm_resource_group.fettle.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "fettle" {
  for_each = local.private

  name                = var.name
  private_dns_zone_id = azurerm_private_dns_zone.fettle[each.key].id
  virtual_network_id  = azurerm_virtual_network.fettle["this"].id
  tags                = local.tags
}

resource "azurerm_private_endpoint" "fettle" {
  for_each = local.private

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
  subnet_id           = azurerm_subnet.endpoints["this"].id

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.target
    subresource_names              = [each.key]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = each.key
    private_dns_zone_ids = [azurerm_private_dns_zone.fettle[each.key].id]
  }
}
