# Whom pages and API are to Azure: they read and write blobs, pull their image and read their secrets, nothing else.
resource "azurerm_user_assigned_identity" "apps" {
  name                = "${var.name}-apps"
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
}

resource "azurerm_role_assignment" "apps" {
  for_each = {
    "Storage Blob Data Contributor" = azurerm_storage_container.store.id
    "AcrPull"                       = azurerm_container_registry.images.id
    "Key Vault Secrets User"        = azurerm_key_vault.secrets.id
  }

  scope                = each.value
  role_definition_name = each.key
  principal_id         = azurerm_user_assigned_identity.apps.principal_id
  principal_type       = "ServicePrincipal"
}
