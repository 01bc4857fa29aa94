"""The collector as a GitHub App: which installation reads what, and what each request says."""

import re
from pathlib import Path

import pytest

from backend.collect.problems import BadToken, Forbidden
from backend.collect.run import collect
from backend.collect.selection import Selection
from tests.contract.access.shop import SHOP, Shop
from tests.contract.collecting import open_lake
from tests.standins.github import faults


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
