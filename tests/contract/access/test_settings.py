"""What the settings say of a GitHub App: its key as text or as a file, and both or neither."""

import re
from pathlib import Path

import pytest

from backend.collect.connection.opening import open_github
from shared.errors import SettingsError
from shared.settings import load_settings
from tests.contract.access.shop import APP_ID, SHOP, Shop


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
