"""Opening the lake that the settings name."""

from pathlib import Path
from typing import TYPE_CHECKING

from shared.lake.cache import cache_errors
from shared.lake.local import LocalStore
from shared.lake.store import Store

if TYPE_CHECKING:
    from shared.lake.inbox import Inbox
    from shared.lake.tables import Lake
from shared.settings import Settings, split_store


def open_store(settings: Settings, *, impatient: bool = False) -> Store:
    """The store that FETTLE_STORE names. Raises SettingsError or StoreError.

    impatient: for what has somewhere else to go when the store does not answer within seconds.
    """
    scheme, place, prefix = split_store(settings.store)
    if scheme == "file":
        return LocalStore(Path(place))
    from shared.lake.azure import (
        IMPATIENT,
        PATIENT,
        AzureStore,
    )  # the SDK costs half a second, which a local store need not pay

    secret = settings.azure_connection_string
    return AzureStore(
        place,
        prefix,
        connection_string=secret.get_secret_value() if secret else None,
        account=settings.azure_account,
        patience=IMPATIENT if impatient else PATIENT,
    )


def open_inbox(settings: Settings) -> "Inbox":
    """The inbox of that store, with its spool in the cache folder. Raises SettingsError or StoreError."""
    from shared.lake.inbox import WRITERS, Inbox
    from shared.lake.spool import Spool

    cache = settings.cache.absolute()
    with cache_errors(cache):
        spool = Spool(cache / "spool", settings.spool_limit)
    store = open_store(settings, impatient=True)
    return Inbox(store, spool, writers=1 if isinstance(store, LocalStore) else WRITERS)


def open_lake(settings: Settings, at_most: str | None = None, *, to_roll_up: bool = False) -> "Lake":
    """The lake in that store, with its cache folder. Raises SettingsError or StoreError.

    at_most: a memory limit that holds where FETTLE_MEMORY_LIMIT allows more.
    to_roll_up: by the engine that FETTLE_ENGINE names; everything else asks DuckDB.
    """
    from shared.lake.engine import bytes_of
    from shared.lake.tables import Lake  # the query engine costs a second, which listing a store need not pay

    store, cache = open_store(settings), settings.cache.absolute()
    limit = min(filter(None, (settings.memory_limit, at_most)), key=bytes_of)
    with cache_errors(cache):
        if to_roll_up and settings.engine == "spark":
            from shared.lake.spark import Spark, SparkLake  # PySpark is not there for most

            return SparkLake(Spark(settings), store, cache, settings.now, limit, settings.prepared)
        return Lake(store, cache, settings.now, limit, settings.prepared)
