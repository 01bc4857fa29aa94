"""All environment variables, as one frozen model. `.env` in the working directory is read too."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.addresses import is_loopback
from shared.errors import SettingsError

DEFAULT_STORE = "file://.fettle/store"
DEFAULT_CACHE = Path(".fettle/cache")


def _address(example: str) -> Callable[[str], str]:
    """What checks an address, and takes slashes from its end."""

    def checked(url: str) -> str:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise ValueError(f"must be an http or https address, such as {example}")
        return url.rstrip("/")

    return checked


def _secure(example: str, exact: bool = False) -> Callable[[str], str]:
    """What checks an address whose traffic nobody may read on its way: http is for this machine alone.

    exact: with its path and the slash at its end, if it has them.
    """

    def checked(url: str) -> str:
        parts = urlsplit(url)
        if (
            not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
            or (parts.path.strip("/") and not exact)
        ):
            raise ValueError(f"must be an address such as {example}")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise ValueError(f"must be an https address such as {example}; http is for this machine alone")
        return url if exact else url.rstrip("/")

    return checked


def _networks(*names: str) -> Callable[[str], str]:
    """What checks a list of networks, which may have these names in it."""

    def checked(value: str) -> str:
        for network in split_list(value):
            if network not in names:
                ip_network(network, strict=False)  # its error names the network
        return value

    return checked


def _origins(value: str) -> str:
    for origin in split_list(value):
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise ValueError("must be origins such as https://status.example.com, by commas")
    return value


def _hosts(value: str) -> str:
    for host in split_list(value):
        if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", host):
            raise ValueError("must be names such as fettle.example.com, without scheme and port, by commas")
    return value


def _rate(value: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,8}/(second|minute|hour|day)", value):
        raise ValueError("must be a rate such as 120/minute")
    return value


def split_list(value: str) -> list[str]:
    """The parts of a text between commas or on lines of their own, without blanks around them."""
    return [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]


def _in_utc(moment: datetime) -> datetime:
    """A time without a zone is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def split_store(url: str) -> tuple[str, str, str]:
    """A store's address as (scheme, container or folder, prefix). Raises SettingsError."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return "file", unquote(parts.netloc + parts.path), ""
    if parts.scheme == "az" and parts.netloc:
        return "az", parts.netloc, parts.path.strip("/")
    raise SettingsError(f"FETTLE_STORE={url!r} is not usable: use file:///path or az://container/prefix.")


def _a_store(url: str) -> str:
    try:
        split_store(url)
    except SettingsError as error:
        raise ValueError("use file:///path or az://container/prefix") from error
    return url


class Settings(BaseSettings):
    """What the environment says. Secrets are never printed; the README's table lists every variable."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    store: Annotated[str, AfterValidator(_a_store), Field(validation_alias="FETTLE_STORE")] = DEFAULT_STORE
    """Where the blobs are: `file:///path` (relative: `file://path`) or `az://container/prefix`."""
    cache: Annotated[Path, Field(validation_alias="FETTLE_CACHE")] = DEFAULT_CACHE
    """Local folder for copies of blobs and spilled data; may be deleted at any time nothing runs."""
    spool_limit: Annotated[int, Field(validation_alias="FETTLE_SPOOL_LIMIT", ge=0)] = 268_435_456
    """Bytes of what is pushed that may wait in the cache folder while the store does not answer."""
    prepared: Annotated[Path | None, Field(validation_alias="FETTLE_PREPARED")] = None
    """Local folder for the SQL of questions, so that no start has to make it again; without it, in the cache."""
    engine: Annotated[Literal["duckdb", "spark"], Field(validation_alias="FETTLE_ENGINE")] = "duckdb"
    """What computes the roll-ups; pages and API ask DuckDB. See docs/spark.md."""
    memory_limit: Annotated[
        str, Field(validation_alias="FETTLE_MEMORY_LIMIT", pattern=r"^\d+(\.\d+)?\s?([KMGT]i?)?B$")
    ] = "2GB"
    """Memory that the query engine may use before it spills to the cache folder."""
    warm_ranges: Annotated[str, Field(validation_alias="FETTLE_WARM_RANGES")] = "90d,30d,7d,24h"
    """Ranges of which the pages keep the usual answers at hand, the most used first; none where it is empty."""
    rows: Annotated[Literal["auto", "real", "demo"], Field(validation_alias="FETTLE_ROWS")] = "auto"
    """Which rows are shown: real ones, demo ones, or (auto) real ones as soon as there are any."""
    policy: Annotated[Path | None, Field(validation_alias="FETTLE_POLICY")] = None
    """TOML file with what you decide yourself, such as whose jobs are collected; see docs/policy.md."""
    fixed_now: Annotated[
        datetime | None, AfterValidator(lambda v: v and _in_utc(v)), Field(validation_alias="FETTLE_NOW")
    ] = None
    """A fixed clock, for tests and reproducible reports; no zone means UTC."""

    log_format: Annotated[Literal["text", "json"], Field(validation_alias="FETTLE_LOG_FORMAT")] = "text"
    """How logs are written to standard error: for people, or an object a line for what gathers them."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(validation_alias="FETTLE_LOG_LEVEL")] = (
        "warning"
    )
    """What is logged; `info` has a line for each request."""
    metrics: Annotated[bool, Field(validation_alias="FETTLE_METRICS")] = False
    """Give figures of the running API to Prometheus, at `/api/prometheus`."""

    open_to_network: Annotated[bool, Field(validation_alias="FETTLE_OPEN_TO_NETWORK")] = False
    """Serve beyond loopback although no sign-in is configured; only behind a proxy that signs people in."""

    users: Annotated[Path | None, Field(validation_alias="FETTLE_USERS")] = None
    """File of local users, in streamlit-authenticator's format; made by `python -m backend users add`."""
    oidc_issuer: Annotated[
        str | None,
        AfterValidator(lambda v: v and _secure("https://login.example.com", exact=True)(v)),
        Field(validation_alias="FETTLE_OIDC_ISSUER"),
    ] = None
    """OpenID Connect provider that people sign in with, by the address that it calls itself."""
    oidc_client_id: Annotated[str | None, Field(validation_alias="FETTLE_OIDC_CLIENT_ID")] = None
    """What that provider calls Fettle."""
    oidc_client_secret: Annotated[SecretStr | None, Field(validation_alias="FETTLE_OIDC_CLIENT_SECRET")] = None
    """What Fettle proves itself to that provider with."""
    github_client_id: Annotated[str | None, Field(validation_alias="FETTLE_GITHUB_CLIENT_ID")] = None
    """GitHub App or OAuth app that people sign in with; they see rows of repositories that they can read."""
    github_client_secret: Annotated[SecretStr | None, Field(validation_alias="FETTLE_GITHUB_CLIENT_SECRET")] = None
    """That app's client secret."""
    sign_in_admins: Annotated[str, Field(validation_alias="FETTLE_SIGN_IN_ADMINS")] = ""
    """Who is an admin of those that OIDC or GitHub sign in: `ann@example.com`, `github:ann`, by commas."""
    sign_in_operators: Annotated[str, Field(validation_alias="FETTLE_SIGN_IN_OPERATORS")] = ""
    """Who is an operator of them."""
    sign_in_viewers: Annotated[str, Field(validation_alias="FETTLE_SIGN_IN_VIEWERS")] = ""
    """Who else of them may sign in, as a viewer; also `@example.com`, `github:*`, or `*` for all."""
    session_hours: Annotated[float, Field(validation_alias="FETTLE_SESSION_HOURS", gt=0, le=168)] = 12
    """Hours after which a session ends, whatever happens in it."""
    session_idle_minutes: Annotated[float, Field(validation_alias="FETTLE_SESSION_IDLE_MINUTES", gt=1)] = 120
    """Minutes after which a session ends in which nothing happens."""
    public_url: Annotated[
        str | None,
        AfterValidator(lambda v: v and _secure("https://fettle.example.com")(v)),
        Field(validation_alias="FETTLE_PUBLIC_URL"),
    ] = None
    """Where people reach the pages, as `https://fettle.example.com`; sign-in beyond this machine needs it."""
    ui_hosts: Annotated[str, AfterValidator(_hosts), Field(validation_alias="FETTLE_UI_HOSTS")] = ""
    """Names under which the pages are reached besides this machine's, as `fettle.example.com`, by commas."""

    api_keys: Annotated[SecretStr | None, Field(validation_alias="FETTLE_API_KEYS")] = None
    """Keys of the API besides those made by `python -m backend keys add`: `NAME:ROLE:KEY`, by commas."""
    cors_origins: Annotated[str, AfterValidator(_origins), Field(validation_alias="FETTLE_CORS_ORIGINS")] = ""
    """Origins whose pages may read the API, as `https://status.example.com`, by commas; none by default."""
    rate_limit: Annotated[str, AfterValidator(_rate), Field(validation_alias="FETTLE_RATE_LIMIT")] = "120/minute"
    """Requests to the API that are taken of one key, or of one address without a key."""
    rate_limit_dispatch: Annotated[str, AfterValidator(_rate), Field(validation_alias="FETTLE_RATE_LIMIT_DISPATCH")] = (
        "10/minute"
    )
    """The same for what dispatches agents or starts a collection."""
    rate_limit_orchestrator: Annotated[
        str, AfterValidator(_rate), Field(validation_alias="FETTLE_RATE_LIMIT_ORCHESTRATOR")
    ] = "5/minute"
    """The same for what starts the orchestrator."""

    trusted_proxies: Annotated[str, AfterValidator(_networks()), Field(validation_alias="FETTLE_TRUSTED_PROXIES")] = ""
    """Networks of the proxies whose X-Forwarded-For counts, as `10.0.0.0/8,127.0.0.1`."""
    address_key: Annotated[SecretStr | None, Field(validation_alias="FETTLE_ADDRESS_KEY")] = None
    """Key under which addresses are hashed before they are stored; without it a random one, new at every start."""
    webhook_secret: Annotated[SecretStr | None, Field(validation_alias="GITHUB_WEBHOOK_SECRET")] = None
    """Secret of the webhook on GitHub; two, by a comma or on two lines, while it is changed."""
    webhook_networks: Annotated[
        str, AfterValidator(_networks("github")), Field(validation_alias="FETTLE_WEBHOOK_NETWORKS")
    ] = ""
    """Networks that deliveries are taken from: `github` for those GitHub publishes, or your own."""
    country_file: Annotated[Path | None, Field(validation_alias="FETTLE_COUNTRY_FILE")] = None
    """Database in MaxMind's format (MMDB) that tells in which country an address is."""
    country_header: Annotated[
        str | None, Field(validation_alias="FETTLE_COUNTRY_HEADER", pattern=r"^[A-Za-z0-9_-]+$")
    ] = None
    """Header in which trusted proxies tell the country of a request, such as `CF-IPCountry`."""

    github_token: Annotated[SecretStr | None, Field(validation_alias="GITHUB_TOKEN")] = None
    """Token that the collector reads GitHub with."""
    github_app_id: Annotated[str | None, Field(validation_alias="GITHUB_APP_ID")] = None
    """GitHub App that the collector reads GitHub as; with its private key it goes before the token."""
    github_app_private_key: Annotated[SecretStr | None, Field(validation_alias="GITHUB_APP_PRIVATE_KEY")] = None
    """The app's private key: PEM text, with line breaks or `\\n` for them, or the path of a PEM file."""
    github_app_installation_id: Annotated[int | None, Field(validation_alias="GITHUB_APP_INSTALLATION_ID", gt=0)] = None
    """The one installation that reads everything; without it each account is read by its own."""
    github_api_url: Annotated[
        str, AfterValidator(_address("https://api.github.com")), Field(validation_alias="GITHUB_API_URL")
    ] = "https://api.github.com"
    """GitHub's API; of GitHub Enterprise Server `https://HOST/api/v3`."""

    devin_api_key: Annotated[SecretStr | None, Field(validation_alias="DEVIN_API_KEY")] = None
    """Key that Devin's sessions are read with: `apk_…` of its API's version 1, `cog_…` of version 3."""
    devin_org_id: Annotated[str | None, Field(validation_alias="DEVIN_ORG_ID")] = None
    """The Devin organisation whose sessions are read; a `cog_…` key needs it."""
    devin_api_url: Annotated[
        str, AfterValidator(_address("https://api.devin.ai")), Field(validation_alias="DEVIN_API_URL")
    ] = "https://api.devin.ai"
    """Devin's API, or what stands in front of it."""

    azure_connection_string: Annotated[SecretStr | None, Field(validation_alias="AZURE_STORAGE_CONNECTION_STRING")] = (
        None
    )
    """Access to the storage account by key; without it DefaultAzureCredential is used."""
    azure_account: Annotated[str | None, Field(validation_alias="AZURE_STORAGE_ACCOUNT")] = None
    """Storage account (name or blob endpoint) used with DefaultAzureCredential."""

    @field_validator("*", mode="before")
    @classmethod
    def _is_resolved(cls, value: object) -> object:
        """Azure's App Service hands over the reference itself where it cannot read the secret: no secret at all."""
        if isinstance(value, str) and value.startswith("@Microsoft.KeyVault("):
            raise ValueError("is a reference to Azure Key Vault that was not resolved; does the secret exist, and is "
                             "the app's identity allowed to read it?")  # fmt: skip
        return value

    @property
    def signs_in(self) -> bool:
        """Whether people sign in; half of a provider's settings count too, so that nothing is open by mistake."""
        return any((self.users, self.oidc_issuer, self.oidc_client_id, self.github_client_id))

    @property
    def reads_github(self) -> bool:
        """Whether there is a token or an App to read GitHub with."""
        return bool(self.github_token or self.github_app_id)

    def now(self) -> datetime:
        """The time now in UTC, or FETTLE_NOW."""
        return self.fixed_now or datetime.now(UTC)


def load_settings() -> Settings:
    """Settings from the environment. Raises SettingsError that names each variable, its value and what it may be."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(_problem(dict(found)) for found in error.errors())
        raise SettingsError(f"{problems}. See the configuration table in the README.") from None


def _problem(found: dict[str, object]) -> str:
    variable = ".".join(str(part) for part in found["loc"]) if isinstance(found["loc"], tuple) else str(found["loc"])
    value = (
        "(hidden)" if any(word in variable for word in ("TOKEN", "STRING", "SECRET", "KEY")) else repr(found["input"])
    )
    return f"{variable}={value} is not usable: {str(found['msg']).removeprefix('Value error, ')}"
