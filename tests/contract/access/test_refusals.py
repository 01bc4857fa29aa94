"""What may be wrong with a GitHub App is told in one sentence, and never with a secret."""

import logging
import re
from collections.abc import Callable

import pytest

from backend.collect.github import GitHub
from backend.collect.problems import BadToken, Forbidden, GitHubError, NotFound
from tests.contract.access.shop import SHOP, Shop
from tests.standins.authority import key_pair
from tests.standins.github import PUBLIC


def wrong_key(shop: Shop) -> GitHub:
    return shop.open("acme", key=key_pair().private)


def unknown_app(shop: Shop) -> GitHub:
    return shop.open("acme", app_id="8")


def unknown_installation(shop: Shop) -> GitHub:
    return shop.open(number=999)


def suspended(shop: Shop) -> GitHub:
    shop.gh.state.tokens.apps.suspend(501)
    return shop.open("acme")


def suspended_meanwhile(shop: Shop) -> GitHub:
    github = shop.open("acme")
    github.get(SHOP)
    shop.gh.state.tokens.apps.suspend(501)
    return github


def installed_nowhere(shop: Shop) -> GitHub:
    shop.gh.state.tokens.apps.installations.clear()
    return shop.open()


def no_permission(shop: Shop) -> GitHub:
    shop.gh.state.tokens.apps.installations.clear()
    shop.install("acme", PUBLIC)
    return shop.open("acme")


ALERTS = "/repos/acme/shop/dependabot/alerts"


@pytest.mark.parametrize(
    ("case", "kind", "text"),
    [
        (wrong_key, BadToken, "does not take the signature of the GitHub App 7 (401 'A JSON web token could not be"),
        (unknown_app, BadToken, "knows no GitHub App 8 (404 'Integration not found'); set GITHUB_APP_ID to the App ID"),
        (
            unknown_installation,
            NotFound,
            "knows no installation 999 of the GitHub App 7 (404 'Not Found'); correct GITH",
        ),
        (
            suspended,
            Forbidden,
            "Suspended is installation 501 of the GitHub App 7 (403 'This installation has been sus",
        ),
        (suspended_meanwhile, Forbidden, "suspended'); unsuspend the GitHub App in the account's settings."),
        (installed_nowhere, Forbidden, "The GitHub App 7 is installed nowhere; install it on what you want to read."),
        (no_permission, Forbidden, "give the GitHub App the permission Dependabot alerts: read"),
    ],
)
def test_what_is_wrong_with_an_app_is_told_in_one_sentence_and_at_once(
    shop: Shop,
    case: Callable[[Shop], GitHub],
    kind: type[GitHubError],
    text: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="github")
    github = case(shop)
    asked = len(shop.gh.log)
    with pytest.raises(kind, match=re.escape(text)) as caught:
        github.get("/rate_limit" if case is installed_nowhere else ALERTS)
    assert "\n" not in str(caught.value)
    assert len(shop.gh.log) - asked <= 3  # nothing is tried again
    assert_no_secrets(shop, f"{caught.value!r} {caplog.text}")


def test_no_secret_is_in_the_log_of_a_collection(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="github")
    github = shop.open("acme")
    github.get(SHOP)
    shop.gh.state.tokens.revoke(shop.token())
    github.get(SHOP)
    assert "github.Requester" in {record.name for record in caplog.records}  # which tells every answer
    assert_no_secrets(shop, caplog.text)


def assert_no_secrets(shop: Shop, text: str) -> None:
    body = shop.keys.private.splitlines()[1]
    assert not [secret for secret in ("ghs_", "eyJ", body) if secret in text]
