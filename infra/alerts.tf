# Who is told when what is served is not well.
resource "azurerm_monitor_action_group" "operators" {
  name                = "${var.name}-operators"
  resource_group_name = azurerm_resource_group.fettle.name
  short_name          = var.name
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = toset(var.alert_emails)

    content {
      name                    = email_receiver.value
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

locals {
  app_alerts = { for alert in setproduct(keys(local.apps), ["unhealthy", "errors"]) : "${alert[0]}-${alert[1]}" => merge({
    unhealthy = { metric = "HealthCheckStatus", aggregation = "Average", operator = "LessThan", threshold = 100, severity = 1, text = "does not answer its health check on every machine" }
    errors    = { metric = "Http5xx", aggregation = "Total", operator = "GreaterThan", threshold = 10, severity = 2, text = "answers with errors" }
  }[alert[1]], { scope = azurerm_linux_web_app.app[alert[0]].id, namespace = "Microsoft.Web/sites", what = "The ${alert[0]}" }) }

  alerts = merge(local.app_alerts, {
    plan-memory = {
      scope       = azurerm_service_plan.fettle.id
      namespace   = "Microsoft.Web/serverFarms"
      metric      = "MemoryPercentage"
      aggregation = "Average"
      operator    = "GreaterThan"
      threshold   = 85
      severity    = 2
      what        = "The plan"
      text        = "is short of memory"
    }
    plan-processor = {
      scope       = azurerm_service_plan.fettle.id
      namespace   = "Microsoft.Web/serverFarms"
      metric      = "CpuPercentage"
      aggregation = "Average"
      operator    = "GreaterThan"
      threshold   = 85
      severity    = 3
      what        = "The plan"
      text        = "is short of processor time"
    }
    store-availability = {
      scope       = azurerm_storage_account.store.id
      namespace   = "Microsoft.Storage/storageAccounts"
      metric      = "Availability"
      aggregation = "Average"
      operator    = "LessThan"
      threshold   = 99
      severity    = 1
      what        = "The store"
      text        = "does not answer all requests"
    }
  })
}

resource "azurerm_monitor_metric_alert" "alert" {
  for_each = local.alerts

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.fettle.name
  tags                = local.tags
  description         = "${each.value.what} ${each.value.text}; docs/operate.md says what to do."
  scopes              = [each.value.scope]
  severity            = each.value.severity
  frequency           = "PT5M"
  window_size         = "PT15M"

  criteria {
    metric_namespace = each.value.namespace
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = each.value.operator
    threshold        = each.value.threshold
  }

  action {
    action_group_id = azurerm_monitor_action_group.operators.id
  }
}
