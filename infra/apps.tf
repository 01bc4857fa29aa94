# The plan, and on it the pages (ui) and the API: one image, two web apps.
resource "azurerm_service_plan" "fettle" {
  name                   = var.name
  resource_group_name    = azurerm_resource_group.fettle.name
  location               = azurerm_resource_group.fettle.location
  tags                   = local.tags
  os_type                = "Linux"
  sku_name               = local.size.plan
  worker_count           = local.instances
  zone_balancing_enabled = var.size == "medium" && local.instances > 1
}

resource "azurerm_linux_web_app" "app" {
  #checkov:skip=CKV_AZURE_17:People come without client certificates; GitHub has none for its webhooks
  #checkov:skip=CKV_AZURE_88:Nothing is kept on the app's own disk: the store is the blob container
  #checkov:skip=CKV_AZURE_222:Pages and API are meant to be reached; a network of your own in front of them is your decision
  for_each = local.apps

  name                = "${local.unique_name}-${each.key}"
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
  service_plan_id     = azurerm_service_plan.fettle.id

  https_only                                     = true
  client_affinity_enabled                        = each.value.affinity
  ftp_publish_basic_authentication_enabled       = false
  webdeploy_publish_basic_authentication_enabled = false
  virtual_network_subnet_id                      = one(values(azurerm_subnet.apps)[*].id)
  key_vault_reference_identity_id                = azurerm_user_assigned_identity.apps.id
  app_settings                                   = merge(local.public.app, local.settings, each.value.settings)

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.apps.id]
  }

  site_config {
    always_on                                     = true
    app_command_line                              = each.value.command
    container_registry_use_managed_identity       = true
    container_registry_managed_identity_client_id = azurerm_user_assigned_identity.apps.client_id
    ftps_state                                    = "Disabled"
    health_check_path                             = each.value.health
    health_check_eviction_time_in_min             = 5
    http2_enabled                                 = true
    minimum_tls_version                           = "1.2"
    scm_minimum_tls_version                       = "1.2"
    remote_debugging_enabled                      = false
    websockets_enabled                            = true

    application_stack {
      docker_registry_url = "https://${azurerm_container_registry.images.login_server}"
      docker_image_name   = "fettle:${var.image_tag}"
    }
  }

  dynamic "auth_settings_v2" {
    for_each = each.value.entra

    content {
      auth_enabled           = true
      require_authentication = true
      require_https          = true
      unauthenticated_action = "RedirectToLoginPage"
      default_provider       = "azureactivedirectory"
      excluded_paths         = [each.value.health] # it says that the process lives, and is asked by those who look after it

      active_directory_v2 {
        client_id                  = auth_settings_v2.value.client_id
        client_secret_setting_name = auth_settings_v2.value.secret_setting
        tenant_auth_endpoint       = auth_settings_v2.value.endpoint
      }

      login {
        token_store_enabled    = false
        cookie_expiration_time = "08:00:00"
        validate_nonce         = true
      }
    }
  }

  dynamic "storage_account" {
    for_each = local.users_share

    content {
      name         = "users"
      type         = "AzureFiles"
      account_name = storage_account.value.account
      share_name   = storage_account.value.share
      mount_path   = storage_account.value.path
      access_key   = storage_account.value.key
    }
  }

  logs {
    detailed_error_messages = true
    failed_request_tracing  = true

    http_logs {
      file_system {
        retention_in_days = 7
        retention_in_mb   = 35
      }
    }
  }

  depends_on = [azurerm_role_assignment.apps]
}
