"""Signing in and out over real HTTP: what lets in, what does not, and what is left of a session that has ended."""

import json
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from shared.access.user_changes import set_disabled
from tests.contract.signing_in import COOKIE, PASSWORD, Pages, pages, users_in

ELSEWHERE = "https://evil.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages with two local users."""
    folder = tmp_path_factory.mktemp("served")
    users = users_in(folder)
    with pages(folder, FETTLE_USERS=str(users), FETTLE_TRUSTED_PROXIES="127.0.0.1") as place:
        yield place


@pytest.fixture
def visitor(served: Pages) -> Iterator[httpx.Client]:
    """Somebody who has not signed in, from an address of their own."""
    with served.visitor(**{"x-forwarded-for": next(_ADDRESSES)}) as client:
        yield client


_ADDRESSES = (f"192.0.2.{n}" for n in range(1, 250))


def cookie_of(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


def test_nobody_gets_to_the_pages_without_a_session(visitor: httpx.Client) -> None:
    page = visitor.get("/workflows?range=7d&repo=a%2Fb")
    assert (page.status_code, page.headers["location"]) == (
        303,
        "/api/auth/sign-in?next=%2Fworkflows%3Frange%3D7d%26repo%3Da%252Fb",
    )
    assert page.headers["cache-control"] == "no-store"
    refused = ["/_stcore/host-config", "/media/abc.png", "/component/x/index.html", "/_stcore/bidi-components/x/y"]
    for path in (*refused, "/_stcore/stream", "/oauth2callback", "/auth/login", "/static/../_stcore/host-config"):
        answer = visitor.get(path, headers={"accept": "application/json"})
        assert answer.status_code in (400, 401), path
    assert visitor.put("/_stcore/upload_file/a/b", content=b"x").status_code == 401
    assert visitor.post("/").status_code == 401
    assert visitor.get("/_stcore/health").status_code == 200
    assert visitor.get("/favicon.png").headers["content-type"] == "image/png"


def test_a_connection_is_refused_without_a_session(served: Pages, visitor: httpx.Client) -> None:
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "origin": served.url,
    }
    assert visitor.get("/_stcore/stream", headers=upgrade).status_code == 403
    served.sign_in(visitor)
    with visitor.stream("GET", "/_stcore/stream", headers=upgrade) as answer:
        assert answer.status_code == 101
    assert visitor.get("/_stcore/stream", headers=upgrade | {"cookie": f"{COOKIE}={'A' * 43}"}).status_code == 403


def test_who_signs_in_gets_a_cookie_that_no_script_reads(served: Pages, visitor: httpx.Client) -> None:
    answer = served.sign_in(visitor, " Ann", then="/workflows?range=7d")
    assert (answer.status_code, answer.headers["location"]) == (303, "/workflows?range=7d")
    morsel = cookie_of(answer)[COOKIE]
    assert (morsel["httponly"], morsel["samesite"].lower(), morsel["path"], morsel["max-age"], morsel["secure"]) == (
        True, "lax", "/", "43200", "",
    )  # fmt: skip
    assert "<html" in visitor.get("/workflows").text
    assert visitor.get("/api/auth/sign-in?next=/sla").headers["location"] == "/sla"


def test_who_signs_out_is_out_with_every_copy(served: Pages, visitor: httpx.Client) -> None:
    served.sign_in(visitor)
    copied = {"cookie": f"{COOKIE}={visitor.cookies[COOKIE]}"}
    assert visitor.get("/").status_code == 200
    answer = served.sign_out(visitor)
    assert answer.status_code == 200
    assert cookie_of(answer)[COOKIE].value == ""
    assert COOKIE not in visitor.cookies
    with served.visitor(**copied) as thief:
        assert thief.get("/").status_code == 303
        assert served.sign_out(thief).status_code == 200  # as good as not being signed in
    entries = [json.loads(line) for line in served.audit.splitlines()]
    assert [entry["action"] for entry in entries if entry["user"] == "ann"][-2:] == ["sign_in", "sign_out"]
    assert "192.0.2." not in served.audit


def test_another_session_takes_the_place_of_the_former(served: Pages, visitor: httpx.Client) -> None:
    served.sign_in(visitor)
    former = visitor.cookies[COOKIE]
    served.sign_in(visitor, "vic")
    assert visitor.cookies[COOKIE] != former
    with served.visitor(cookie=f"{COOKIE}={former}") as old:
        assert old.get("/").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": ELSEWHERE},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "", "origin": ELSEWHERE},
        {"sec-fetch-site": "", "origin": "null"},
        {"sec-fetch-site": "", "origin": ""},
        {"sec-fetch-site": "", "origin": "http://127.0.0.1"},
    ],
)
def test_no_page_of_others_signs_anybody_in_or_out(
    served: Pages, visitor: httpx.Client, headers: dict[str, str]
) -> None:
    assert served.sign_in(visitor, **headers).status_code == 403
    assert COOKIE not in visitor.cookies
    assert served.sign_in(visitor).status_code == 303
    sent = {name: value for name, value in headers.items() if value}
    assert visitor.post("/api/auth/sign-out", headers=sent).status_code == 403
    assert visitor.get("/").status_code == 200


def test_what_browsers_do_not_send_is_refused(served: Pages, visitor: httpx.Client) -> None:
    own = {"sec-fetch-site": "same-origin"}
    form = {"name": "ann", "password": PASSWORD}
    assert visitor.post("/api/auth/local", json=form, headers=own).status_code == 415
    assert visitor.post("/api/auth/local", files={"name": b"ann"}, headers=own).status_code == 415
    assert visitor.post("/api/auth/local", data=form | {"next": "x" * 9_000}, headers=own).status_code == 413
    parts = (part for part in (b"name=ann&", b"password=x"))
    chunked = {**own, "content-type": "application/x-www-form-urlencoded"}
    assert visitor.post("/api/auth/local", content=parts, headers=chunked).status_code == 413
    assert visitor.post("/api/auth/local", data={}, headers=own).status_code == 415


@pytest.mark.parametrize("path", ["sign-out", "local"])
def test_what_is_posted_cannot_be_got(served: Pages, visitor: httpx.Client, path: str) -> None:
    for _ in ("before", "after signing in, where Streamlit would answer with its page"):
        answer = visitor.get(f"/api/auth/{path}")
        assert answer.status_code == 405
        assert "<html" not in answer.text
        served.sign_in(visitor)
    assert visitor.get("/").status_code == 200
    assert visitor.get("/api/auth/nothing").status_code == 404
    assert visitor.get("/api/auth/oidc").status_code == 404


@pytest.mark.parametrize(
    "then",
    [
        ELSEWHERE, "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil", "",
        "/x\r\nset-cookie: a=b", "///evil.example", "/%0d%0a\n", "/" + "x" * 3_000, "/api/auth/sign-in", "/a\\b",
    ],
)  # fmt: skip
def test_signing_in_leads_to_a_page_of_ours(served: Pages, visitor: httpx.Client, then: str) -> None:
    answer = served.sign_in(visitor, then=then)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = visitor.get("/api/auth/sign-in", params={"next": then})
    assert (page.status_code, page.headers["location"]) == (303, "/")


def test_a_wrong_password_is_told_without_a_word_about_the_name(served: Pages, visitor: httpx.Client) -> None:
    known = served.sign_in(visitor, password="not this one either")
    unknown = served.sign_in(visitor, "my-password-in-the-wrong-field")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert known.text == unknown.text
    assert "The name or the password is wrong." in known.text
    assert COOKIE not in visitor.cookies
    assert '"action":"sign_in.refuse"' in served.audit
    assert "wrong-field" not in served.audit


def test_what_is_typed_is_text_on_the_page(visitor: httpx.Client) -> None:
    page = visitor.get("/api/auth/sign-in", params={"next": '/"><script>alert(1)</script>'})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_guessing_is_slowed_down_for_a_name_and_not_for_others(served: Pages, visitor: httpx.Client) -> None:
    tries = [served.sign_in(visitor, "vic", f"guess number {n}") for n in range(6)]
    assert [answer.status_code for answer in tries] == [401] * 5 + [429]
    assert 1 <= int(tries[-1].headers["retry-after"]) <= 60
    assert "Too many tries" in tries[-1].text
    assert served.sign_in(visitor, "VIC ").status_code == 429  # even with the right one
    assert served.sign_in(visitor, "ann").status_code == 303
    with served.visitor(**{"x-forwarded-for": "198.51.100.7"}) as other:
        assert served.sign_in(other, "vic").status_code == 303


def test_under_a_strange_name_nobody_signs_in(served: Pages, visitor: httpx.Client) -> None:
    assert visitor.get("/api/auth/sign-in", headers={"host": "evil.example"}).status_code == 421
    assert visitor.get("/api/auth/sign-in", headers={"host": "localhost:9999"}).status_code == 200


@pytest.mark.slow
def test_a_session_survives_a_restart_and_not_the_lock_out(tmp_path: Path) -> None:
    users = users_in(tmp_path)
    told = {"FETTLE_USERS": str(users), "FETTLE_PUBLIC_URL": "https://fettle.example.com"}
    with pages(tmp_path, **told) as place, place.visitor() as visitor:
        answer = place.sign_in(visitor, host="fettle.example.com", origin="https://fettle.example.com")
        assert answer.status_code == 303
        morsel = cookie_of(answer)[COOKIE]
        assert morsel["secure"] is True
    with pages(tmp_path, **told) as place, place.visitor(cookie=f"{COOKIE}={morsel.value}") as visitor:
        assert visitor.get("/").status_code == 200
        set_disabled(users, "ann", True)
    with pages(tmp_path, **told) as place, place.visitor(cookie=f"{COOKIE}={morsel.value}") as visitor:
        assert visitor.get("/").status_code == 303
        set_disabled(users, "ann", False)
        assert visitor.get("/").status_code == 303
