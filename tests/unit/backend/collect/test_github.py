import pytest
from pydantic import SecretStr

from backend.collect.answers import Answer, Broken, Tally, message, parsed
from backend.collect.connection.opening import open_github
from shared.errors import SettingsError
from shared.settings import Settings


@pytest.mark.parametrize("token", [None, "", "  \n"])
def test_missing_token_says_how_to_make_one(token: str | None) -> None:
    secret = SecretStr(token) if token is not None else None
    settings = Settings().model_copy(update={"github_token": secret})
    with pytest.raises(SettingsError, match=r"GITHUB_TOKEN is not set; make a token at https://github\.com"):
        open_github(settings)


def test_github_is_the_one_of_the_settings() -> None:
    settings = Settings().model_copy(
        update={"github_token": SecretStr("ghp_x"), "github_api_url": "https://ghes.example/api/v3"}
    )
    assert open_github(settings).url == "https://ghes.example/api/v3"


def test_next_page_is_what_the_link_header_says() -> None:
    links = '<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=3>; rel="next"'
    assert Answer(200, {"link": links}, []).next_page == "https://api.github.com/x?page=3"
    assert Answer(200, {}, []).next_page is None


def test_half_a_body_is_broken_and_no_body_says_nothing() -> None:
    with pytest.raises(Broken):
        parsed(b'[{"id": 1')
    assert message(b"<html>") == message(b"[]") == message(b"") == ""
    assert message(b'{"message": "Not Found"}') == "Not Found"


def test_tally_counts_answers_that_cost_nothing() -> None:
    tally = Tally()
    tally.note(304, {"x-ratelimit-remaining": "17"})
    tally.note(200, {})
    assert (tally.conditional_hits, tally.remaining) == (1, 17)
