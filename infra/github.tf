# Whom the workflows on GitHub are to Azure: one identity for each task, told by GitHub's token alone, without secrets.
locals {
  on_main = "${var.github_subject}:ref:refs/heads/main"

  workflows = {
    collect = local.on_main
    image   = local.on_main
    plan    = local.on_main
    deploy  = "${var.github_subject}:environment:production" # where somebody has to approve
  }

  workflow_roles = {
    "collect: blobs"    = { who = "collect", role = "Storage Blob Data Contributor", scope = azurerm_storage_container.store.id }
    "image: push"       = { who = "image", role = "AcrPush", scope = azurerm_container_registry.images.id }
    "plan: read"        = { who = "plan", role = "Reader", scope = azurerm_resource_group.fettle.id }
    "deploy: all there" = { who = "deploy", role = "Contributor", scope = azurerm_resource_group.fettle.id }
  }
}

resource "azurerm_user_assigned_identity" "workflow" {
  for_each = local.workflows

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
}

resource "azurerm_federated_identity_credential" "workflow" {
  for_each = local.workflows

  name                      = "github"
  user_assigned_identity_id = azurerm_user_assigned_identity.workflow[each.key].id
  issuer                    = "https://token.actions.githubusercontent.com"
  audience                  = ["api://AzureADTokenExchange"]
  subject                   = each.value
}

# Roles are given by whoever runs Terraform first: the identities themselves may give none.
resource "azurerm_role_assignment" "workflow" {
  for_each = local.workflow_roles

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.workflow[each.value.who].principal_id
  principal_type       = "ServicePrincipal"
}

# A plan compares the apps' settings, which Reader does not show. They hold no secrets, only their names.
resource "azurerm_role_definition" "plan" {
  name        = "${local.unique_name} plan"
  description = "Lists the settings of web apps, for `terraform plan`."
  scope       = azurerm_resource_group.fettle.id

  permissions {
    actions = [
      "Microsoft.Web/sites/config/list/action",
      "Microsoft.Web/sites/slots/config/list/action",
    ]
  }

  assignable_scopes = [azurerm_resource_group.fettle.id]
}

resource "azurerm_role_assignment" "plan_settings" {
  scope              = azurerm_resource_group.fettle.id
  role_definition_id = azurerm_role_definition.plan.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.workflow["plan"].principal_id
  principal_type     = "ServicePrincipal"
}
