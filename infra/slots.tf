# With staging_slots: the same two apps once more on the same machines and the same data, with an image that is on trial.
resource "azurerm_linux_web_app_slot" "staging" {
  for_each = { for name, app in local.apps : name => app if var.staging_slots }

  name           = "staging"
  app_service_id = azurerm_linux_web_app.app[each.key].id
  tags           = local.tags

  https_only                                     = true
  client_affinity_enabled                        = each.value.affinity
  ftp_publish_basic_authentication_enabled       = false
  webdeploy_publish_basic_authentication_enabled = false
  virtual_network_subnet_id                      = one(values(azurerm_subnet.apps)[*].id)
  key_vault_reference_identity_id                = azurerm_user_assigned_identity.apps.id
  app_settings                                   = merge(local.public.staging, local.settings, each.value.settings)

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
      docker_image_name   = "fettle:${coalesce(var.staging_image_tag, var.image_tag)}"
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
      excluded_paths         = [each.value.health]

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
}
