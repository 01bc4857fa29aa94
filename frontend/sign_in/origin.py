"""Origin: whether a request comes from a page of ours, and whether an address leads to one."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

LONGEST = 2_000
"""Characters of an address to go on to."""


def is_own(headers: Headers, public_url: str | None) -> bool:
    """Whether a page of ours had a form sent: browsers tell, and what does not tell is refused."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    own = {headers.get("host", ""), urlsplit(public_url or "").netloc} - {""}
    return origin.scheme in ("http", "https") and origin.netloc in own


def is_named(headers: Headers) -> bool:
    """Whether the pages may be reached under the name that the request came to."""
    return is_host_allowed(headers.get("host"))


def local_path(wanted: str | None) -> str:
    """Where to go on to: a path of ours, and the first page in place of anything else."""
    wanted = wanted or "/"
    parts = urlsplit(wanted) if wanted.startswith("/") else None
    harmless = (
        parts is not None
        and len(wanted) <= LONGEST
        and wanted.isprintable()
        and not wanted.startswith(("//", "/\\"))
        and "\\" not in wanted
        and not (parts.scheme or parts.netloc)
        and not parts.path.startswith("/api/")
    )
    return wanted if harmless else "/"
