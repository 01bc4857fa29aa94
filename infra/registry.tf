# The images. They are pulled by the apps' identity and pushed by the workflow's: there is no password.
resource "azurerm_container_registry" "images" {
  #checkov:skip=CKV_AZURE_139:deploy.yml pushes from GitHub's machines; private endpoints would need the Premium tier and a runner in the network
  #checkov:skip=CKV_AZURE_163:deploy.yml scans each image before it is pushed
  #checkov:skip=CKV_AZURE_164:Content trust was given up by Docker and Azure; apps name images by tags that are commits
  #checkov:skip=CKV_AZURE_165:One region serves; an image is built again from its commit
  #checkov:skip=CKV_AZURE_166:Images are scanned before they are pushed, so none waits in quarantine
  #checkov:skip=CKV_AZURE_167:Retention needs the Premium tier; docs/operate.md has the command that purges old images
  #checkov:skip=CKV_AZURE_233:Zone redundancy needs the Premium tier; running apps keep their image while the registry is away
  #checkov:skip=CKV_AZURE_237:Data endpoints need the Premium tier
  name                   = local.plain_name
  resource_group_name    = azurerm_resource_group.fettle.name
  location               = azurerm_resource_group.fettle.location
  tags                   = local.tags
  sku                    = "Basic"
  admin_enabled          = false
  anonymous_pull_enabled = false
}
