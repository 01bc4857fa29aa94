variable "subscription_id" {
  description = "Subscription that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "The subscription is a GUID in lower case, as `az account show --query id` prints it."
  }
}

variable "tenant_id" {
  description = "Entra tenant of the subscription; with sign_in entra its people sign in to the pages."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.tenant_id))
    error_message = "The tenant is a GUID in lower case, as `az account show --query tenantId` prints it."
  }
}

variable "name" {
  description = "What the names of all resources begin with; several installations in one subscription need several."
  type        = string
  default     = "fettle"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,11}$", var.name))
    error_message = "The name has 3 to 12 lower-case letters and digits, a letter first: storage accounts take no more."
  }
}

variable "location" {
  description = "Azure region, such as westeurope."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9]*$", var.location))
    error_message = "The location is a region's short name, such as westeurope."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

variable "size" {
  description = "How much there is to serve: small or medium; sizes.tf says what that means, docs/operate.md which one you need."
  type        = string
  default     = "small"

  validation {
    condition     = contains(["small", "medium"], var.size)
    error_message = "The size is small or medium."
  }
}

variable "instances" {
  description = "Machines of the plan, each with the pages and the API; null takes the size's own number."
  type        = number
  default     = null

  validation {
    condition     = var.instances == null ? true : var.instances >= 1 && var.instances <= 10 && floor(var.instances) == var.instances
    error_message = "There are 1 to 10 instances."
  }
}

variable "image_tag" {
  description = "Tag of the image that is served, such as a commit; deploy.yml sets it. Tags are never moved."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "The tag names one image for ever, such as a commit; `latest` is none."
  }
}

variable "private_network" {
  description = "Reach the storage account and the vault by private endpoints alone. What collects must then run in that network."
  type        = bool
  default     = false
}

variable "address_space" {
  description = "Network of the private endpoints; used with private_network alone."
  type        = string
  default     = "10.83.0.0/24"

  validation {
    condition     = can(cidrhost(var.address_space, 0)) && try(tonumber(split("/", var.address_space)[1]) <= 24, false)
    error_message = "The network is a CIDR block of /24 or more, such as 10.83.0.0/24."
  }
}

variable "staging_slots" {
  description = "A second pages and API beside those that are used, to try an image on the same data before it is served."
  type        = bool
  default     = false
}

variable "staging_image_tag" {
  description = "Tag of the image in the staging slots; null takes image_tag."
  type        = string
  default     = null
}

variable "host_names" {
  description = "Names of your own under which the pages are reached too, such as fettle.example.com, the first one first; bind them in the portal."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.host_names : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", name))])
    error_message = "Host names are lower-case DNS names without a scheme, such as fettle.example.com."
  }
}

variable "settings" {
  description = "More settings of pages and API, from the README's table; no secrets."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("(KEY|SECRET|TOKEN|STRING)", name))])
    error_message = "Secrets go into the vault and are named in `secrets`; Terraform would keep them in its state."
  }
}

variable "secrets" {
  description = "Settings of the API whose values are in the vault: name of the setting to name of the secret."
  type        = map(string)
  default = {
    FETTLE_ADDRESS_KEY    = "fettle-address-key"
    FETTLE_API_KEYS       = "fettle-api-keys" # without any key the API would take everybody for its admin, so it does not start
    GITHUB_WEBHOOK_SECRET = "github-webhook-secret"
  }

  validation {
    condition     = alltrue([for name in values(var.secrets) : can(regex("^[A-Za-z0-9-]{1,127}$", name))])
    error_message = "Names of secrets have letters, digits and hyphens."
  }
}

variable "github_subject" {
  description = "How GitHub names the repository to Azure: `repo:OWNER/NAME`, or with numbers if it is newer than June 2026."
  type        = string

  validation {
    condition     = can(regex("^repo:[^/:]+/[^/:]+$", var.github_subject))
    error_message = "The subject begins with repo:OWNER/NAME and has no branch; the repository's OIDC settings show it."
  }
}

variable "keep_versions_days" {
  description = "Days for which what was overwritten or deleted in the store can be brought back."
  type        = number
  default     = 7

  validation {
    condition     = var.keep_versions_days >= 2 && var.keep_versions_days <= 365
    error_message = "Versions are kept for 2 to 365 days."
  }
}

variable "alert_emails" {
  description = "Who is told when something is wrong or the budget is used up."
  type        = list(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for email in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+$", email))])
    error_message = "At least one e-mail address must be told."
  }
}

variable "monthly_budget" {
  description = "What the resource group may cost in a month, in the currency in which the subscription is billed."
  type        = number

  validation {
    condition     = var.monthly_budget > 0
    error_message = "The budget is more than nothing."
  }
}

variable "budget_from" {
  description = "First month of the budget, as 2026-12; Azure takes none before the present month at first."
  type        = string

  validation {
    condition     = can(regex("^20[0-9]{2}-(0[1-9]|1[0-2])$", var.budget_from))
    error_message = "The month is YYYY-MM."
  }
}
