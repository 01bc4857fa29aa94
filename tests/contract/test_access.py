"""The collector as a GitHub App: its installations, their tokens, and the clocks that they are judged by."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.collect.connection.apps import App
from backend.collect.connection.installations import Installations
from backend.collect.connection.line import Line
from backend.collect.connection.opening import open_github
from backend.collect.connection.server_clock import ServerClock
from backend.collect.github import GitHub
from backend.collect.problems import BadToken, Forbidden, GitHubError, NotFound
from backend.collect.run import collect
from backend.collect.selection import Selection
from shared.errors import SettingsError
from shared.settings import load_settings
from tests.contract.collecting import Hours, open_lake
from tests.standins.authority import KeyPair, key_pair
from tests.standins.github import EVERYTHING, PUBLIC, GitHubStandin, State, faults

APP_ID = 7
HOUR_S = 3_600
DAY_S = 86_400
ISSUED = r"/access_tokens$"
SHOP = "/repos/acme/shop"


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    return key_pair()


@dataclass
class Clock:
    """GitHub's clock, which a test may move."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class Shop:
    """A GitHub with an app that is installed on acme, which has one private repository."""

    gh: GitHubStandin
    keys: KeyPair
    clock: Clock

    def open(
        self,
        *owners: str,
        number: int | None = None,
        local: Callable[[], float] = time.time,
        hours: Hours | None = None,
        **who: str,
    ) -> GitHub:
        """The collector's client; `who` may give another app_id or key."""
        given = {"app_id": str(APP_ID), "key": self.keys.private} | who
        app = App(given["app_id"], given["key"], Line(self.gh.url, 10.0), ServerClock(local))
        access = Installations(app, number, owners)
        return GitHub(access, self.gh.url, timeout_s=10.0, clock=(hours or Hours()).time)

    def install(self, account: str, permissions: frozenset[str] = EVERYTHING) -> int:
        """The number of a new installation on an account, which has one private repository."""
        self.gh.state.create_repo(f"{account}/shop", private=True)
        apps = self.gh.state.tokens.apps
        return apps.install(apps.known[str(APP_ID)], account, permissions).id

    @property
    def issued(self) -> int:
        """How many tokens GitHub has given."""
        return len(self.gh.log.matching(ISSUED, method="POST", status=201))

    def refused(self) -> list[str]:
        """What was answered with 401."""
        return [entry.path for entry in self.gh.log if entry.status == 401]

    def token(self) -> str:
        """The newest installation token."""
        return [value for value, token in self.gh.state.tokens.known.items() if token.installation][-1]


@pytest.fixture(params=[""], ids=["github.com"])
def shop(request: pytest.FixtureRequest, shared_data: Path, keys: KeyPair) -> Iterator[Shop]:
    clock = Clock()
    with GitHubStandin(State(clock=clock), base_path=request.param) as gh:
        gh.state.tokens.apps.create(APP_ID, keys.public)
        made = Shop(gh, keys, clock)
        made.install("acme")
        yield made


def test_an_installation_reads_what_is_private(shop: Shop) -> None:
    assert shop.open("acme").get(SHOP).data["full_name"] == "acme/shop"
    assert shop.issued == 1
    assert len(shop.token()) == 520


@pytest.mark.parametrize("shop", ["/api/v3"], indirect=True)
def test_enterprise_server_is_asked_below_its_base_path(shop: Shop) -> None:
    assert shop.open("acme").get(SHOP).data["full_name"] == "acme/shop"
    assert {entry.path for entry in shop.gh.log} == {
        "/orgs/acme/installation",
        "/app/installations/501/access_tokens",
        SHOP,
    }


def test_tokens_are_renewed_in_time_during_a_long_collection(shop: Shop) -> None:
    shop.gh.faults.add(faults.hook(lambda _: setattr(shop.clock, "ahead_s", shop.clock.ahead_s + 60)), times=None)
    github = shop.open("acme")
    for _ in range(200):
        github.get(SHOP)
    assert shop.clock.ahead_s > 3 * HOUR_S
    assert shop.refused() == []
    assert shop.issued == 4  # each is used for 55 minutes


def test_tokens_that_live_for_seconds_are_not_asked_for_at_every_request(shop: Shop) -> None:
    shop.gh.state.tokens.apps.token_life_s = 8
    shop.gh.faults.add(faults.hook(lambda _: setattr(shop.clock, "ahead_s", shop.clock.ahead_s + 1)), times=None)
    github = shop.open("acme")
    for _ in range(30):
        github.get(SHOP)
    assert shop.refused() == []
    assert 5 <= shop.issued <= 10


def test_a_revoked_token_is_renewed_once_and_the_request_made_again(shop: Shop) -> None:
    github = shop.open("acme")
    github.get(SHOP)
    shop.gh.state.tokens.revoke(shop.token())
    assert github.get(SHOP).status == 200
    assert (shop.issued, shop.refused()) == (2, [SHOP])


def test_a_new_token_that_is_refused_too_ends_it(shop: Shop) -> None:
    shop.gh.faults.add(faults.status(401, "Bad credentials"), path=SHOP, times=None)
    with pytest.raises(BadToken, match=r"refuses even a new token of the GitHub App for /repos/acme/shop \(401 'Bad c"):
        shop.open("acme").get(SHOP)
    assert (shop.issued, shop.refused()) == (2, [SHOP, SHOP])


@pytest.mark.parametrize("wrong_s", [300, -300, DAY_S, -DAY_S])
def test_a_wrong_local_clock_does_no_harm(shop: Shop, wrong_s: int) -> None:
    github = shop.open("acme", local=lambda: time.time() + wrong_s)
    for _ in range(5):
        assert github.get(SHOP).status == 200
    assert shop.issued == 1
    assert len(shop.refused()) <= 1  # the first, which tells us GitHub's time


def test_a_clock_that_jumps_meanwhile_does_no_harm(shop: Shop) -> None:
    local = Clock()
    github = shop.open("acme", local=local)
    github.get(SHOP)
    local.ahead_s, shop.clock.ahead_s = -DAY_S, HOUR_S
    assert github.get(SHOP).status == 200  # GitHub is an hour on, which only its own answers tell
    assert (shop.issued, shop.refused()) == (2, [SHOP])


def test_each_account_is_read_by_its_own_installation(shop: Shop) -> None:
    shop.install("globex")
    github = shop.open("acme", "globex")
    for _ in range(2):
        assert github.get(SHOP).data["full_name"] == "acme/shop"
        assert github.get("/repos/globex/shop").data["full_name"] == "globex/shop"
    assert shop.issued == 2


def test_pages_that_github_names_by_number_are_read_by_the_account_they_belong_to(shop: Shop) -> None:
    shop.install("globex")
    for account in ("acme", "globex"):
        shop.gh.state.create_repo(f"{account}/second", private=True)
    github = shop.open("acme", "globex")
    pages = list(github.pages("/orgs/globex/repos", {"per_page": 1}))
    assert [repo["name"] for page in pages for repo in page.data] == ["second", "shop"]
    assert shop.gh.log[-1].path.startswith("/organizations/")


def test_a_renamed_repository_is_followed_by_the_same_installation(shop: Shop) -> None:
    shop.install("globex")
    shop.gh.state.rename_repo("globex/shop", "globex/store")
    assert shop.open("acme", "globex").get("/repos/globex/shop").data["full_name"] == "globex/store"


def test_one_installation_reads_everything_if_it_is_named(shop: Shop) -> None:
    shop.gh.state.create_repo("other/public")
    github = shop.open(number=501)
    assert github.get(SHOP).status == github.get("/repos/other/public").status == 200
    assert shop.issued == 1
    assert shop.gh.log.matching("/installation$") == []


def test_a_person_s_account_is_found_too(shop: Shop) -> None:
    shop.gh.state.create_user("mona")
    shop.install("mona")
    assert shop.open("mona").get("/repos/mona/shop").status == 200


def test_what_belongs_to_no_account_is_signed_by_the_first_installation(shop: Shop) -> None:
    assert shop.open().get("/rate_limit").status == 200
    assert {entry.login for entry in shop.gh.log} == {"fettle-reader[bot]"}


def test_ten_threads_renew_once_at_the_start_and_in_time(shop: Shop) -> None:
    shop.gh.faults.add(faults.latency(0.2), path=ISSUED, method="POST", times=None)
    github, start = shop.open("acme"), threading.Barrier(10)

    def read() -> int:
        start.wait()
        return github.get(SHOP).status

    with ThreadPoolExecutor(10) as threads:
        assert [done.result() for done in [threads.submit(read) for _ in range(10)]] == [200] * 10
        assert shop.issued == 1
        shop.clock.ahead_s = HOUR_S - 200
        github.get("/rate_limit")  # from which the time is known
        assert [done.result() for done in [threads.submit(read) for _ in range(10)]] == [200] * 10
    assert (shop.issued, shop.refused()) == (2, [])


def test_ten_threads_that_are_refused_renew_once(shop: Shop) -> None:
    github, start = shop.open("acme"), threading.Barrier(10)
    github.get(SHOP)
    shop.gh.state.tokens.revoke(shop.token())

    def read() -> int:
        start.wait()
        return github.get(SHOP).status

    with ThreadPoolExecutor(10) as threads:
        assert [done.result() for done in [threads.submit(read) for _ in range(10)]] == [200] * 10
    assert shop.issued == 2


def test_others_go_on_with_the_old_token_while_one_renews_it(shop: Shop) -> None:
    github = shop.open("acme")
    github.get(SHOP)
    shop.clock.ahead_s = HOUR_S - 200
    github.get("/rate_limit")
    meanwhile: list[int] = []
    # This runs in a thread of the stand-in, before it answers the renewal.
    shop.gh.faults.add(faults.hook(lambda _: meanwhile.append(github.get(SHOP).status)), path=ISSUED, method="POST")
    assert github.get(SHOP).status == 200
    assert (meanwhile, shop.issued) == ([200], 2)


def test_a_renewal_that_fails_leaves_the_old_token_in_use(shop: Shop) -> None:
    github = shop.open("acme")
    github.get(SHOP)
    shop.clock.ahead_s = HOUR_S - 200
    github.get("/rate_limit")
    shop.gh.faults.add(faults.status(502), path=ISSUED, method="POST", times=None)
    for _ in range(5):
        assert github.get(SHOP).status == 200
    assert len(shop.gh.log.matching(ISSUED, method="POST", status=502)) == 1


def test_a_first_token_is_asked_for_again_and_limits_are_obeyed(shop: Shop) -> None:
    hours = Hours()
    shop.gh.faults.add(faults.status(502), path=ISSUED, method="POST")
    shop.gh.faults.add(faults.reset(), path=ISSUED, method="POST", nth=2)
    shop.gh.faults.add(faults.too_many(retry_after=7), path=ISSUED, method="POST", nth=3)
    assert shop.open("acme", hours=hours).get(SHOP).status == 200
    assert hours.naps[-1] == pytest.approx(7)
    assert len(hours.naps) == 3


def test_nothing_is_ever_asked_without_a_credential(shop: Shop) -> None:
    shop.gh.state.create_repo("other/public")
    github = shop.open("acme")
    with pytest.raises(Forbidden, match=r"The GitHub App 7 is not installed on other \(404 'Not Found'\); install it"):
        github.get("/repos/other/public")
    shop.gh.faults.add(faults.status(401, "Bad credentials"), path=SHOP, times=None)
    with pytest.raises(BadToken):
        github.get(SHOP)
    assert {entry.login for entry in shop.gh.log if entry.status != 401} == {"fettle-reader[bot]"}
    assert shop.gh.log.matching("/repos/other/public") == []


def test_every_request_says_who_asks_and_for_which_version_of_the_api(shop: Shop) -> None:
    sent: list[dict[str, str]] = []
    shop.gh.faults.add(faults.hook(lambda request: sent.append(request.headers)), method="*", times=None)
    shop.open("acme").get(SHOP)
    same = ("user-agent", "accept", "x-github-api-version")
    assert {tuple(headers[name] for name in same) for headers in sent} == {
        ("fettle", "application/vnd.github+json", "2022-11-28")
    }
    assert [re.match(r"Bearer eyJ|token ghs_", headers["authorization"]) is not None for headers in sent] == [True] * 3


def test_two_organisations_are_collected_each_by_its_installation(shop: Shop, tmp_path: Path) -> None:
    shop.install("globex")
    lake = open_lake(tmp_path)
    done = collect(lake, shop.open("acme", "globex"), Selection.parse(orgs=["acme", "globex"], only=["repositories"]))
    assert (done.exit_code, done.stored) == (0, 2)
    done = collect(lake, shop.open("acme"), Selection.parse(orgs=["acme", "initech"], only=["repositories"]))
    assert done.exit_code == 2
    assert "not installed on initech" in str(done.failures[0].reason)
    lake.close()


# --- what may be wrong with an app


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


# --- what the settings say


@pytest.fixture
def settings(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("GITHUB_API_URL", shop.gh.url)
    monkeypatch.setenv("GITHUB_APP_ID", str(APP_ID))
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", shop.keys.private)
    return monkeypatch


def test_the_private_key_is_text_escaped_text_or_a_file(
    settings: pytest.MonkeyPatch, shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "app.pem").write_text(shop.keys.private)
    escaped = shop.keys.private.replace("\n", "\\n")
    for key in (shop.keys.private, escaped, f'"{escaped}"', str(tmp_path / "app.pem"), "app.pem\n"):
        settings.setenv("GITHUB_APP_PRIVATE_KEY", key)
        assert open_github(load_settings(), ["acme/shop"]).get(SHOP).status == 200


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("/no/such/verysecret.pem", "is neither PEM text (-----BEGIN …) nor the path of a file that can be read"),
        ("verysecret" * 500, "is neither PEM text (-----BEGIN …) nor the path of a file that can be read"),
        ("-----BEGIN RSA PRIVATE KEY-----\nverysecret\n-----END RSA PRIVATE KEY-----", "is not the private key of a"),
        ("PUBLIC", "is not the private key of a GitHub App"),
    ],
)
def test_an_unusable_private_key_is_told_and_not_shown(
    settings: pytest.MonkeyPatch, shop: Shop, key: str, text: str
) -> None:
    settings.setenv("GITHUB_APP_PRIVATE_KEY", shop.keys.public if key == "PUBLIC" else key)
    with pytest.raises(SettingsError, match=f"GITHUB_APP_PRIVATE_KEY {re.escape(text)}") as caught:
        open_github(load_settings())
    assert "verysecret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("name", ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"])
def test_half_an_app_is_no_app(settings: pytest.MonkeyPatch, name: str) -> None:
    settings.setenv("GITHUB_TOKEN", "ghp_x")
    settings.delenv(name)
    with pytest.raises(SettingsError, match=f"{name} is not; set both, or neither"):
        open_github(load_settings())


def test_the_app_goes_before_the_token(settings: pytest.MonkeyPatch, shop: Shop) -> None:
    settings.setenv("GITHUB_TOKEN", shop.gh.token)
    settings.setenv("GITHUB_APP_INSTALLATION_ID", "501")
    assert open_github(load_settings()).get(SHOP).status == 200
    assert shop.gh.log[-1].login == "fettle-reader[bot]"
