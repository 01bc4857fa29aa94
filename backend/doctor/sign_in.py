"""Whether people can sign in: each way of the settings, whom it lets in, and where it sends them back to."""

from collections import Counter
from collections.abc import Iterator

from pydantic import SecretStr

from backend.doctor.finding import Finding
from shared.access.people import GITHUB, People, Provider
from shared.access.providers import callback, check_providers
from shared.access.roles import ROLES
from shared.access.users import User
from shared.errors import SettingsError
from shared.settings import Settings, split_list

TIMEOUT_S = (3.0, 5.0)
"""To connect to a provider, and between two parts of its answer: somebody waits for doctor."""

SHORTEST_KEY = 16
"""Characters of FETTLE_ADDRESS_KEY: all addresses of a network are tried in no time if the key can be guessed."""

SUBJECT = "sign-in"

_LISTS = ("sign_in_admins", "sign_in_operators", "sign_in_viewers")


def sign_in(settings: Settings) -> Iterator[Finding]:
    """All checks of sign-in, each of which fails on its own."""
    try:
        check_providers(settings)
    except SettingsError as error:
        yield _bad(str(error))
        if not settings.signs_in:
            return
    if not settings.signs_in:
        yield _nobody(settings)
        return
    if settings.users:
        yield _users(settings)
    if settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret:
        yield _oidc(settings.oidc_issuer)
        yield from _provider(settings, "oidc", "OpenID Connect", settings.oidc_client_id, settings.oidc_client_secret)
    if settings.github_client_id and settings.github_client_secret:
        yield from _provider(settings, "github", "GitHub", settings.github_client_id, settings.github_client_secret)
    yield from _lists(settings)
    yield _address_key(settings)


def _good(text: str) -> Finding:
    return Finding(SUBJECT, True, text)


def _bad(text: str) -> Finding:
    return Finding(SUBJECT, False, text)


def _nobody(settings: Settings) -> Finding:
    listed = [_variable(settings, name) for name in _LISTS if getattr(settings, name)]
    if listed:
        return _bad(f"{listed[0]} names people, but no provider signs them in; set one up (see docs/operate.md)")
    if settings.open_to_network:
        return _good(
            "none is configured and FETTLE_OPEN_TO_NETWORK is set: whoever reaches the pages sees and changes "
            "everything, so a proxy has to sign people in"
        )
    return _good("none is configured, so the pages serve this machine alone; docs/operate.md tells how people sign in")


def _users(settings: Settings) -> Finding:
    users = People.of(settings).users
    assert users is not None  # noqa: S101 - settings.users was looked at
    try:
        found = list(users.users().values())
    except SettingsError as error:
        return _bad(str(error))
    active = [user for user in found if not user.disabled]
    locked = f"; {len(found) - len(active)} more locked out" if len(active) < len(found) else ""
    if not active:
        return _bad(
            f"FETTLE_USERS={str(settings.users)!r} has nobody who may sign in{locked}; "
            "add somebody with `python -m backend users add NAME --role admin`"
        )
    return _good(f"local users of {settings.users}: {_roles(active)}{locked}")


def _roles(users: list[User]) -> str:
    counts = Counter(user.role for user in users)
    return ", ".join(f"{counts[role]:,} {role}{'s' * (counts[role] != 1)}" for role in reversed(ROLES) if counts[role])


def _oidc(issuer: str) -> Finding:
    # Only now: what asks providers takes a second to import.
    from shared.access import discovery

    asked = discovery.discovery_of(issuer)
    try:
        told = discovery.document_at(asked, TIMEOUT_S)
        discovery.check_issuer(told, issuer)
        addresses = {name: discovery.endpoint_of(told, name) for name in discovery.ENDPOINTS}
        asked = addresses["jwks_uri"]
        keys = discovery.document_at(asked, TIMEOUT_S).get("keys")
    except discovery.ProviderSilent as silence:
        return _bad(
            f"{asked} does not answer ({silence.reason}); correct FETTLE_OIDC_ISSUER, or let this machine reach it "
            "(HTTPS_PROXY, SSL_CERT_FILE)"
        )
    except discovery.ProviderUnusable as error:
        return _bad(f"FETTLE_OIDC_ISSUER={issuer!r}: {error}")
    if not isinstance(keys, list) or not keys:
        return _bad(f"{asked} has no key of the provider, so nothing that it signs can be believed; ask who runs it")
    return _good(f"OpenID Connect: {issuer} tells where people sign in, and what it signs with")


def _provider(settings: Settings, way: Provider, words: str, client_id: str, secret: SecretStr) -> Iterator[Finding]:
    """What the settings alone tell: a client secret is proved by a sign-in only."""
    told = {
        f"FETTLE_{way.upper()}_CLIENT_ID": client_id,
        f"FETTLE_{way.upper()}_CLIENT_SECRET": secret.get_secret_value(),
    }
    blank = [name for name, value in told.items() if value != value.strip()]
    if blank:
        yield _bad(f"{blank[0]} begins or ends with a blank or a line break; set it without")
    elif way == "github" and client_id.isdigit():
        yield _bad(
            f"FETTLE_GITHUB_CLIENT_ID={client_id!r} is the app's number; set it to the client id beside it, "
            "which begins with Iv or Ov"
        )
    else:
        yield _good(f"{words}: client id and client secret are set")
    yield _redirect(settings, way, words)


def _redirect(settings: Settings, way: Provider, words: str) -> Finding:
    if settings.public_url:
        return _good(f"{words}: register {callback(settings.public_url, way)} there as redirect address")
    if settings.ui_hosts or settings.open_to_network:
        host = next(iter(split_list(settings.ui_hosts)), "fettle.example.com")
        return _bad(
            f"{words}: FETTLE_PUBLIC_URL is not set, so nobody beyond this machine can be sent back to the pages; "
            f"set it, as https://{host}"
        )
    here = callback("http://localhost:8501", way)
    return _good(
        f"{words}: register {here} there as redirect address; FETTLE_PUBLIC_URL is not set, so people sign in on this "
        "machine alone"
    )


def _lists(settings: Settings) -> Iterator[Finding]:
    """Whom the lists let in by a provider. Names are counted and not printed, but those of no use."""
    ways = {"OpenID Connect": settings.oidc_issuer, "GitHub": settings.github_client_id}
    if not any(ways.values()):
        return
    entries = [(name, entry.lower()) for name in _LISTS for entry in split_list(getattr(settings, name))]
    for name, entry in entries:
        if not _is_usable(name, entry):
            yield _bad(f"{_variable(settings, name)} has {entry!r}, which lets nobody in; {_instead(name, entry)}")
    usable = [entry for name, entry in entries if _is_usable(name, entry)]
    for words, configured in ways.items():
        count = sum(entry == "*" or entry.startswith(GITHUB) == (words == "GitHub") for entry in usable)
        if configured and count:
            yield _good(f"{words}: entries of the lists that let people in: {count:,}")
        elif configured:
            yield _bad(f"{words} lets nobody in; name people in FETTLE_SIGN_IN_ADMINS, _OPERATORS or _VIEWERS")


def _is_usable(name: str, entry: str) -> bool:
    """Whether an entry of a list can be somebody: as People has it."""
    if entry == "*" or entry == f"{GITHUB}*" or entry.startswith("@"):
        return name == "sign_in_viewers" and entry != "@"
    return len(entry) > len(GITHUB) if entry.startswith(GITHUB) else "@" in entry


def _instead(name: str, entry: str) -> str:
    if name != "sign_in_viewers" and ("*" in entry or entry.startswith("@")):
        return "several at once can only be viewers, so name each"
    return "write ann@example.com, or github:ann"


def _address_key(settings: Settings) -> Finding:
    """The only secret of sign-in that is ours: a session's cookie holds a random number, and is signed by nothing."""
    key = settings.address_key.get_secret_value() if settings.address_key else ""
    if not key:
        return _good(
            "sessions need no secret; without FETTLE_ADDRESS_KEY the audit log's addresses cannot be compared "
            "from one start to the next"
        )
    if len(key) < SHORTEST_KEY:
        return _bad(
            f"FETTLE_ADDRESS_KEY has {len(key)} characters, so the audit log's addresses can be found out; "
            "set it to what `openssl rand -hex 32` prints"
        )
    return _good("sessions need no secret; FETTLE_ADDRESS_KEY hides the audit log's addresses")


def _variable(settings: Settings, name: str) -> str:
    return str(type(settings).model_fields[name].validation_alias)
