"""Networks that deliveries are taken from: those the operator names, and those GitHub publishes for its hooks."""

import logging
import threading
import time

import requests

from shared.addresses import Address, Network, is_in, networks_of
from shared.lake.store import StoreError
from shared.lake.tables import Lake
from shared.settings import Settings, split_list

GITHUB = "github"
DOCUMENT = "webhook_networks"
"""The state document that keeps GitHub's networks for when it does not answer."""

FRESH_S = 3_600.0
AGAIN_S = 30.0
TIMEOUT_S = 5.0

log = logging.getLogger(__name__)


class HookNetworks:
    """Whether an address may deliver. Without a setting all may, as only the signature counts."""

    def __init__(self, settings: Settings, lake: Lake) -> None:
        named = split_list(settings.webhook_networks)
        self._own = networks_of(name for name in named if name != GITHUB)
        self._asks_github = GITHUB in named
        self.limited = bool(named)
        self._url, self._lake = f"{settings.github_api_url}/meta", lake
        self._published: tuple[Network, ...] = ()
        self._due = 0.0
        self._asking = threading.Lock()

    def allows(self, address: Address | None) -> bool | None:
        """Whether it may; None while GitHub's networks are not known yet."""
        if not self.limited:
            return True
        if address is not None and is_in(address, self._own):
            return True
        if not self._asks_github:
            return False
        if time.monotonic() >= self._due:
            self.refresh_soon()
        if not self._published:
            return None
        return address is not None and is_in(address, self._published)

    def refresh_soon(self) -> None:
        """Asks GitHub in a thread of its own, unless that is under way."""
        if self._asks_github and self._asking.acquire(blocking=False):
            threading.Thread(target=self._refresh, name="hook-networks", daemon=True).start()

    def _refresh(self) -> None:
        try:
            answer = requests.get(self._url, headers={"Accept": "application/vnd.github+json"}, timeout=TIMEOUT_S)
            answer.raise_for_status()
            hooks = [str(network) for network in answer.json()["hooks"]]
            self._published = networks_of(hooks)
            self._due = time.monotonic() + FRESH_S
            self._lake.update_document(DOCUMENT, lambda _known: {"hooks": hooks})
        except (requests.RequestException, KeyError, TypeError, ValueError) as error:
            log.warning("GitHub does not tell its networks (%s); those of before count.", type(error).__name__)
            self._due = time.monotonic() + AGAIN_S
            self._remember()
        except StoreError as error:
            log.warning("GitHub's networks could not be kept: %s", error)
        finally:
            self._asking.release()

    def _remember(self) -> None:
        try:
            self._published = self._published or networks_of(self._lake.document(DOCUMENT).get("hooks", []))
        except (StoreError, ValueError) as error:
            log.warning("GitHub's networks of before cannot be read: %s", error)
