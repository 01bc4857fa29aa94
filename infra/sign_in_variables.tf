variable "sign_in" {
  description = "What asks people who they are before the pages: entra (App Service's sign-in with Entra ID) or fettle (the pages' own, by GitHub, OpenID Connect or local users)."
  type        = string
  default     = "entra"

  validation {
    condition     = contains(["entra", "fettle"], var.sign_in)
    error_message = "What signs people in, sign_in, is entra or fettle."
  }

  validation {
    condition     = var.sign_in != "fettle" || anytrue([for way in [var.sign_in_github_client_id, var.sign_in_oidc, var.sign_in_users] : way != null])
    error_message = "With sign_in fettle nobody could sign in: set sign_in_github_client_id, sign_in_oidc or sign_in_users."
  }

  validation {
    condition     = var.sign_in != "entra" || alltrue([for way in [var.sign_in_github_client_id, var.sign_in_oidc, var.sign_in_users] : way == null])
    error_message = "With sign_in entra the pages sign nobody in: remove sign_in_github_client_id, sign_in_oidc and sign_in_users, or set sign_in to fettle."
  }
}

variable "sign_in_client_id" {
  description = "With sign_in entra: app registration in Entra that people sign in with; infra/README.md tells how it is made."
  type        = string
  default     = null

  validation {
    condition     = var.sign_in != "entra" || can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.sign_in_client_id))
    error_message = "With sign_in entra sign_in_client_id is needed: the app registration's client id, a GUID in lower case."
  }
}

variable "sign_in_github_client_id" {
  description = "With sign_in fettle: GitHub App or OAuth app that people sign in with; they see rows of repositories that they can read."
  type        = string
  default     = null

  validation {
    condition     = var.sign_in_github_client_id == null || can(regex("^[A-Za-z0-9._-]{8,}$", var.sign_in_github_client_id))
    error_message = "The client id in sign_in_github_client_id is as GitHub shows it, such as Iv23liAbCdEfGhIjKlMn; it is not the app's number."
  }
}

variable "sign_in_oidc" {
  description = "With sign_in fettle: OpenID Connect provider that people sign in with, by the address that it calls itself, and what it calls Fettle."
  type        = object({ issuer = string, client_id = string })
  default     = null

  validation {
    condition     = var.sign_in_oidc == null || can(regex("^https://[^\\s/?#@]+(/[^\\s?#]*)?$", var.sign_in_oidc.issuer)) && try(length(var.sign_in_oidc.client_id) > 0, false)
    error_message = "In sign_in_oidc the issuer is an https address, such as https://login.example.com, and the client_id is not empty."
  }
}

variable "sign_in_users" {
  description = "With sign_in fettle: share of Azure Files, in a storage account of yours, that holds the file of local users."
  type        = object({ storage_account = string, share = string, file = optional(string, "users.yaml") })
  default     = null

  validation {
    condition = var.sign_in_users == null || alltrue([
      can(regex("^[a-z0-9]{3,24}$", var.sign_in_users.storage_account)),
      can(regex("^[a-z0-9](-?[a-z0-9]){2,62}$", var.sign_in_users.share)),
      can(regex("^[A-Za-z0-9_-][A-Za-z0-9._-]*$", var.sign_in_users.file)),
    ])
    error_message = "In sign_in_users storage_account and share are names as Azure has them, and file is a file's name such as users.yaml."
  }
}

variable "sign_in_people" {
  description = "With sign_in fettle: who may come in by GitHub or OpenID Connect, and as what: ann@example.com, github:ann; as viewers also @example.com, github:* or * for all."
  type        = object({ admins = optional(list(string), []), operators = optional(list(string), []), viewers = optional(list(string), []) })
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in flatten(values(var.sign_in_people)) : can(regex("^[^\\s,]+$", name))])
    error_message = "Those in sign_in_people are named one by one, without blanks and commas, such as ann@example.com or github:ann."
  }

  validation {
    condition = (
      var.sign_in != "fettle" || var.sign_in_github_client_id == null && var.sign_in_oidc == null
      || length(flatten(values(var.sign_in_people))) > 0
    )
    error_message = "Nobody comes in by GitHub or OpenID Connect whom no list names: name somebody in sign_in_people."
  }
}
