# What a size is. docs/operate.md says which one you need, and how that was measured.
locals {
  sizes = {
    small = {
      plan          = "P0v3" # 1 core, 4 GB
      instances     = 1
      memory_limit  = "1GB" # of the query engine, in each of two processes
      replication   = "LRS"
      logs_kept     = 30
      logs_daily_gb = 1
    }
    medium = {
      plan          = "P1v3" # 2 cores, 8 GB
      instances     = 2
      memory_limit  = "2GB"
      replication   = "ZRS"
      logs_kept     = 90
      logs_daily_gb = 5
    }
  }

  size      = local.sizes[var.size]
  instances = coalesce(var.instances, local.size.instances)
}
