# Who asks people who they are: Entra in front of the pages, or the pages themselves by their own settings.
locals {
  own_sign_in = var.sign_in == "fettle"

  # Where App Service's own sign-in is switched on, and with what; nowhere where the pages sign people in.
  entra = local.own_sign_in ? [] : [{
    client_id      = var.sign_in_client_id
    endpoint       = "https://login.microsoftonline.com/${var.tenant_id}/v2.0"
    secret_setting = "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET"
  }]

  # Both apps get these: the API knows sessions too, where it is reached under the pages' name. Neither is said to be
  # open: should a way to sign in be missing, or a key of the API, it does not start.
  sign_in_settings = { for setting, value in local.own_sign_in ? {
    FETTLE_GITHUB_CLIENT_ID     = var.sign_in_github_client_id
    FETTLE_GITHUB_CLIENT_SECRET = var.sign_in_github_client_id == null ? null : format(local.reference, "sign-in-github-secret")
    FETTLE_OIDC_ISSUER          = try(var.sign_in_oidc.issuer, null)
    FETTLE_OIDC_CLIENT_ID       = try(var.sign_in_oidc.client_id, null)
    FETTLE_OIDC_CLIENT_SECRET   = var.sign_in_oidc == null ? null : format(local.reference, "sign-in-oidc-secret")
    FETTLE_USERS                = try("${local.users_share[0].path}/${var.sign_in_users.file}", null)
    (local.users_key_setting)   = var.sign_in_users == null ? null : format(local.reference, "sign-in-users-key")
    FETTLE_SIGN_IN_ADMINS       = try(join(",", var.sign_in_people.admins), null)
    FETTLE_SIGN_IN_OPERATORS    = try(join(",", var.sign_in_people.operators), null)
    FETTLE_SIGN_IN_VIEWERS      = try(join(",", var.sign_in_people.viewers), null)
  } : {} : setting => value if value != null && value != "" }

  # The file of local users, on a share of yours. App Service takes its key from a setting, which is in the vault.
  users_key_setting = "SIGN_IN_USERS_KEY"
  users_share = [for users in var.sign_in_users[*] : {
    account = users.storage_account
    share   = users.share
    path    = "/users"
    key     = "@AppSettingRef(${local.users_key_setting})"
  } if local.own_sign_in]

  # Where providers send people back to: one name of those that lead to the app, and the slot's own one.
  public_hosts = {
    app     = concat(var.host_names, [local.app_host])[0]
    staging = local.staging_host
  }
  public = { for place, host in local.public_hosts : place => local.own_sign_in ? { FETTLE_PUBLIC_URL = "https://${host}" } : {} }
}
