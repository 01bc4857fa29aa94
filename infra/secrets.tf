# Secrets are written by people with `az keyvault secret set`, read by the apps, and never known to Terraform.
resource "azurerm_key_vault" "secrets" {
  #checkov:skip=CKV_AZURE_109:Without private_network the apps reach the vault over the internet; Entra alone lets them in
  #checkov:skip=CKV_AZURE_189:The same; private_network closes the vault to the internet
  #checkov:skip=CKV2_AZURE_32:The private endpoint is made by private_network
  name                = local.unique_name
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
  tenant_id           = var.tenant_id
  sku_name            = "standard"

  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = !var.private_network

  network_acls {
    default_action = var.private_network ? "Deny" : "Allow"
    bypass         = "AzureServices"
  }
}
