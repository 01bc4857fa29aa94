# Logs and metrics of everything, in one workspace.
resource "azurerm_log_analytics_workspace" "logs" {
  name                = local.unique_name
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags
  sku                 = "PerGB2018"
  retention_in_days   = local.size.logs_kept
  daily_quota_gb      = local.size.logs_daily_gb
}

locals {
  watched = merge(
    { for name, app in azurerm_linux_web_app.app : name => {
      id   = app.id
      logs = ["AppServiceConsoleLogs", "AppServiceHTTPLogs", "AppServicePlatformLogs", "AppServiceAuditLogs"]
    } },
    {
      vault    = { id = azurerm_key_vault.secrets.id, logs = ["AuditEvent"] }
      registry = { id = azurerm_container_registry.images.id, logs = ["ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents"] }
    },
  )
}

resource "azurerm_monitor_diagnostic_setting" "watched" {
  for_each = local.watched

  name                       = "logs"
  target_resource_id         = each.value.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id

  dynamic "enabled_log" {
    for_each = each.value.logs

    content {
      category = enabled_log.value
    }
  }

  enabled_metric {
    category = "AllMetrics"
  }
}

# Who wrote and deleted blobs. Reads are left out: the pages make thousands of them, and each line costs.
resource "azurerm_monitor_diagnostic_setting" "blobs" {
  name                       = "logs"
  target_resource_id         = "${azurerm_storage_account.store.id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id

  enabled_log {
    category = "StorageWrite"
  }

  enabled_log {
    category = "StorageDelete"
  }

  enabled_metric {
    category = "Transaction"
  }
}
