output "ui_url" {
  description = "Where people open the pages."
  value       = "https://${azurerm_linux_web_app.app["ui"].default_hostname}"
}

output "api_url" {
  description = "Where programs ask the API; webhooks go to /api/webhooks/github below it."
  value       = "https://${azurerm_linux_web_app.app["api"].default_hostname}"
}

output "image_tag" {
  description = "Tag of the image that is served; deploy.yml goes back to it if the next one is no good."
  value       = var.image_tag
}

output "registry" {
  description = "Registry that images are pushed to: the repository's variable FETTLE_REGISTRY."
  value       = azurerm_container_registry.images.login_server
}

output "store" {
  description = "The store, for FETTLE_STORE."
  value       = "az://${azurerm_storage_container.store.name}"
}

output "storage_account" {
  description = "Its storage account, for AZURE_STORAGE_ACCOUNT."
  value       = azurerm_storage_account.store.name
}

output "key_vault" {
  description = "Where people put secrets."
  value       = azurerm_key_vault.secrets.name
}

output "workflow_client_ids" {
  description = "Client ids of the workflows' identities, for the repository's variables."
  value       = { for name, identity in azurerm_user_assigned_identity.workflow : name => identity.client_id }
}

output "sign_in_redirects" {
  description = "With sign_in fettle: the redirect address to register at the OpenID Connect provider and the callback address at GitHub, for pages and slot."
  value       = local.own_sign_in ? { for place, host in local.public_hosts : place => { for way in ["oidc", "github"] : way => "https://${host}/api/auth/${way}/callback" } } : {}
}
