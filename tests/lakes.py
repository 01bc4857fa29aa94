"""Lakes of tests: tiny real ones in a folder."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shared.lake.local import LocalStore
from shared.lake.tables import Lake


def lake_in(folder: Path, clock: Callable[[], datetime]) -> Lake:
    """The lake in a folder, which may have none yet. The SQL of questions is shared by all tests."""
    prepared = Path(os.environ["FETTLE_PREPARED"])
    return Lake(LocalStore(folder / "store"), folder / "cache", clock, prepared=prepared)
