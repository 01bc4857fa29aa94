terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.10"
    }
  }

  # Where the state is comes from a file of yours: terraform init -backend-config=state.tfbackend
  backend "azurerm" {}
}

provider "azurerm" {
  subscription_id = var.subscription_id

  # The storage account has no keys in use: Terraform asks it as whoever runs Terraform.
  storage_use_azuread = true

  # Registering needs rights in the whole subscription, which the workflow has not; README.md has the command.
  resource_provider_registrations = "none"

  features {}
}
