"""What may stand between us and GitHub: proxies, and certificates that nobody here trusts."""

import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from backend.collect.answers import Broken
from backend.collect.problems import Unavailable
from shared.errors import SettingsError

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that may name the trusted authorities, the first that is set counts; requests reads all but the last."""

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def authorities() -> str | None:
    """The file or folder of trusted authorities that the environment names; None: those that requests brings.

    Raises SettingsError if it is missing or holds no certificate.
    """
    variable = _bundle()
    if variable is None:
        return None
    path = os.environ[variable]
    try:
        if not Path(path).is_dir():
            ssl.create_default_context(cafile=path)
    except OSError as error:  # which ssl.SSLError is, too
        why = "does not exist" if isinstance(error, FileNotFoundError) else "holds no certificate that can be read"
        raise SettingsError(
            f"{variable}={path} {why}; set it to a PEM file with the certificate authorities to trust, or unset it."
        ) from error
    return path


def obstacle(error: requests.RequestException, url: str) -> Broken | Unavailable:
    """The error that a failed request to `url` stands for: Broken if it may pass, else Unavailable with what to do."""
    proxied = isinstance(error, requests.exceptions.ProxyError)
    untrusted = next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        host = f"the proxy {proxy_of(url)}" if proxied else urlsplit(url).hostname
        return Unavailable(
            f"The certificate of {host} is not trusted ({untrusted.verify_message.rstrip('.')}); set "
            f"{_bundle() or 'SSL_CERT_FILE'} to a PEM file with the authority that signed it, or check GITHUB_API_URL."
        )
    if _proxy(url) and isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Unavailable(f"The proxy in {_variable(url)} is not usable; set it to http://HOST:PORT, or unset it.")
    if proxied:
        return _proxy_problem(error, url)
    return Broken(type(error).__name__)


def unauthorised(url: str) -> Unavailable:
    """407: a proxy wants to know who we are."""
    return Unavailable(
        f"The proxy {proxy_of(url)} wants a user and password, or refuses those it has (407); "
        f"set them in {_variable(url)} (http://USER:PASSWORD@HOST:PORT)."
    )


def proxy_of(url: str) -> str:
    """The proxy that the environment names for an address, without user and password."""
    proxy = urlsplit(_proxy(url))
    return f"{proxy.scheme}://{proxy.netloc.rpartition('@')[2]}"


def _proxy(url: str) -> str:
    return select_proxy(url, get_environ_proxies(url, no_proxy=None)) or ""


def _proxy_problem(error: requests.RequestException, url: str) -> Broken | Unavailable:
    refused = _TUNNEL.search(str(error))
    if refused is None:
        return Broken(f"the proxy {proxy_of(url)} of {_variable(url)} cannot be reached")
    status = int(refused[1])
    if status == 407:
        return unauthorised(url)
    if status < 500:
        return Unavailable(
            f"The proxy {proxy_of(url)} refuses to connect to {urlsplit(url).hostname} ({status}); "
            "have it allowed there, or name the host in NO_PROXY."
        )
    return Broken(f"the proxy {proxy_of(url)} of {_variable(url)} answered {status}")


def _bundle() -> str | None:
    return next((name for name in BUNDLES if os.environ.get(name)), None)


def _variable(url: str) -> str:
    return f"{urlsplit(url).scheme.upper()}_PROXY"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__context__
