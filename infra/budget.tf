# Who is told before the month gets dear: at half of the budget, near its end, and when the month will exceed it.
resource "azurerm_consumption_budget_resource_group" "monthly" {
  name              = var.name
  resource_group_id = azurerm_resource_group.fettle.id
  amount            = var.monthly_budget
  time_grain        = "Monthly"

  time_period {
    start_date = "${var.budget_from}-01T00:00:00Z"
  }

  dynamic "notification" {
    for_each = [
      { threshold = 50, type = "Actual" },
      { threshold = 90, type = "Actual" },
      { threshold = 100, type = "Forecasted" },
    ]

    content {
      operator       = "GreaterThanOrEqualTo"
      threshold      = notification.value.threshold
      threshold_type = notification.value.type
      contact_emails = var.alert_emails
    }
  }
}
