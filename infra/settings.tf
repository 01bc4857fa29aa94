# What the pages and the API are told; the README's table says what each setting means.
locals {
  app_host     = "${local.unique_name}-ui.azurewebsites.net"
  staging_host = "${local.unique_name}-ui-staging.azurewebsites.net"
  ui_hosts     = concat([local.app_host, local.staging_host], var.host_names)
  reference    = "@Microsoft.KeyVault(VaultName=${local.unique_name};SecretName=%s)"

  settings = merge({
    FETTLE_STORE           = "az://${azurerm_storage_container.store.name}"
    FETTLE_CACHE           = "/tmp/fettle"
    FETTLE_MEMORY_LIMIT    = local.size.memory_limit
    FETTLE_LOG_FORMAT      = "json"
    FETTLE_LOG_LEVEL       = "info"
    FETTLE_TRUSTED_PROXIES = "169.254.0.0/16" # from where App Service's front ends reach a container
    AZURE_STORAGE_ACCOUNT  = azurerm_storage_account.store.name
    AZURE_CLIENT_ID        = azurerm_user_assigned_identity.apps.client_id

    WEBSITES_ENABLE_APP_SERVICE_STORAGE = "false"
    WEBSITES_CONTAINER_START_TIME_LIMIT = "120"
  }, local.sign_in_settings, var.settings)

  apps = {
    ui = {
      command  = "serve ui --host 0.0.0.0"
      health   = "/_stcore/health"
      affinity = true # a visitor's page lives in one process
      entra    = local.entra
      settings = merge(
        { WEBSITES_PORT = "8501", FETTLE_UI_HOSTS = join(",", local.ui_hosts) },
        { for entra in local.entra : entra.secret_setting => format(local.reference, "sign-in-secret") },
        { for entra in local.entra : "FETTLE_OPEN_TO_NETWORK" => "true" }, # the pages alone: Entra is not before the API
        # Who signed in from where goes into the audit log, by the same keyed hash as the API's.
        { for setting, secret in var.secrets : setting => format(local.reference, secret) if local.own_sign_in && setting == "FETTLE_ADDRESS_KEY" },
      )
    }
    api = {
      command  = "serve api --host 0.0.0.0"
      health   = "/api/health" # not /api/ready: an outage of the store must not restart what keeps pushed events meanwhile
      affinity = false
      entra    = [] # it asks for keys of its own
      settings = merge(
        { WEBSITES_PORT = "8502" },
        { for setting, secret in var.secrets : setting => format(local.reference, secret) },
      )
    }
  }
}
