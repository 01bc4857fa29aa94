# The store: everything that Fettle keeps is in this container.
resource "azurerm_storage_account" "store" {
  #checkov:skip=CKV_AZURE_35:Without private_network the collector on GitHub's machines has no fixed address; Entra alone lets anybody in, keys are off
  #checkov:skip=CKV_AZURE_59:The same; private_network closes the account to the internet
  #checkov:skip=CKV2_AZURE_33:The private endpoint is made by private_network
  #checkov:skip=CKV_AZURE_33:No queue is used; blobs are logged by diagnostic settings
  #checkov:skip=CKV_AZURE_206:A small installation keeps its data in one zone; what is overwritten or deleted can be brought back in both sizes
  #checkov:skip=CKV2_AZURE_1:Microsoft's keys encrypt the data; a customer's own is a decision of the operator
  name                = local.plain_name
  resource_group_name = azurerm_resource_group.fettle.name
  location            = azurerm_resource_group.fettle.location
  tags                = local.tags

  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = local.size.replication

  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  default_to_oauth_authentication   = true
  https_traffic_only_enabled        = true
  infrastructure_encryption_enabled = true
  local_user_enabled                = false
  min_tls_version                   = "TLS1_2"
  public_network_access_enabled     = !var.private_network
  shared_access_key_enabled         = false

  blob_properties {
    versioning_enabled            = true
    change_feed_enabled           = true
    change_feed_retention_in_days = var.keep_versions_days

    delete_retention_policy {
      days = var.keep_versions_days
    }

    container_delete_retention_policy {
      days = var.keep_versions_days
    }

    # All of the container as it was at a moment, in one command; it needs a day less than what it is made of.
    restore_policy {
      days = var.keep_versions_days - 1
    }
  }

  network_rules {
    default_action = var.private_network ? "Deny" : "Allow"
    bypass         = ["AzureServices", "Logging", "Metrics"]
  }

  sas_policy {
    expiration_period = "01.00:00:00"
    expiration_action = "Log"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "store" {
  #checkov:skip=CKV2_AZURE_21:Reads, writes and deletions of blobs are logged by azurerm_monitor_diagnostic_setting.blobs
  name                  = "fettle"
  storage_account_id    = azurerm_storage_account.store.id
  container_access_type = "private"

  lifecycle {
    prevent_destroy = true
  }
}

# Nothing that is current is ever deleted here: only versions that newer ones have taken the place of.
resource "azurerm_storage_management_policy" "store" {
  storage_account_id = azurerm_storage_account.store.id

  rule {
    name    = "old-versions"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["${azurerm_storage_container.store.name}/"]
    }

    actions {
      version {
        delete_after_days_since_creation = var.keep_versions_days
      }

      snapshot {
        delete_after_days_since_creation_greater_than = var.keep_versions_days
      }
    }
  }
}
