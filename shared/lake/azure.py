"""A store in an Azure Blob Storage container; the only module that imports azure."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient, ExponentialRetry

from shared.lake.store import Absent, Blob, BlobNotFound, Conflict, Content, StoreError, StoreFull, StoreUnreachable

JITTER_S = 1


@dataclass(frozen=True)
class Patience:
    """How long a store is waited for. The SDK's own defaults wait for minutes at an endpoint that hangs."""

    connect_s: float
    read_s: float
    retries: int


PATIENT = Patience(connect_s=5, read_s=10, retries=2)
"""An endpoint that refuses is given up after about eight seconds, one that hangs after about half a minute."""

IMPATIENT = Patience(connect_s=1, read_s=2, retries=0)
"""For what has somewhere else to go: an endpoint that hangs is given up after three seconds."""

PARALLEL_TRANSFERS = 4

_DENIED = {401, 403}
_FULL = {413, 507}


class AzureStore:
    """Blobs below a prefix of a container. The container is made at the first write if it is not there.

    Credentials: a connection string where given, else DefaultAzureCredential (managed identity, workload identity,
    Azure CLI), which needs the role "Storage Blob Data Contributor" on the container.
    """

    def __init__(
        self,
        container: str,
        prefix: str = "",
        *,
        connection_string: str | None = None,
        account: str | None = None,
        patience: Patience = PATIENT,
    ) -> None:
        self.url = f"az://{container}/{prefix}".rstrip("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = _client(container, connection_string, account, patience)

    def list(self, prefix: str) -> Iterator[Blob]:
        """See Store.list."""
        try:
            with self._errors(prefix):
                for item in self._client.list_blobs(name_starts_with=self._prefix + prefix):
                    yield Blob(item.name.removeprefix(self._prefix), item.etag.strip('"'), item.size)
        except BlobNotFound:  # no container yet: an empty store
            return

    def read(self, name: str) -> tuple[bytes, str]:
        """See Store.read."""
        with self._errors(name):
            stream = self._client.download_blob(self._prefix + name, max_concurrency=PARALLEL_TRANSFERS)
            return stream.readall(), stream.properties.etag.strip('"')

    def download(self, name: str, target: Path) -> str:
        """See Store.download."""
        unfinished = target.with_name(f"{target.name}.{os.getpid()}-{time.monotonic_ns()}.part")
        try:
            with self._errors(name), unfinished.open("wb") as file:
                stream = self._client.download_blob(self._prefix + name, max_concurrency=PARALLEL_TRANSFERS)
                stream.readinto(file)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        return str(stream.properties.etag.strip('"'))

    def write(self, name: str, data: Content, if_match: str | Absent | None = None) -> str:
        """See Store.write. Large blobs go up in blocks; the condition holds for the commit of their list."""
        try:
            return self._upload(name, data, if_match)
        except BlobNotFound as error:
            if isinstance(if_match, str):
                raise Conflict(f"{name} in {self.url} was deleted by another writer; read again.") from error
            self._create_container()
            return self._upload(name, data, if_match)

    def delete(self, name: str, if_match: str | None = None) -> None:
        """See Store.delete."""
        try:
            with self._errors(name):
                self._client.delete_blob(self._prefix + name, **_condition(if_match))
        except BlobNotFound:
            return

    def _upload(self, name: str, data: Content, if_match: str | Absent | None) -> str:
        options: dict[str, Any] = {"overwrite": not isinstance(if_match, Absent), **_condition(if_match)}
        with self._errors(name):
            blob = self._client.get_blob_client(self._prefix + name)
            if isinstance(data, Path):
                with data.open("rb") as file:
                    result = blob.upload_blob(
                        file, length=data.stat().st_size, max_concurrency=PARALLEL_TRANSFERS, **options
                    )
            else:
                result = blob.upload_blob(data if isinstance(data, bytes) else data.read(), **options)
        return str(result["etag"].strip('"'))

    def _create_container(self) -> None:
        with self._errors(""):
            try:
                self._client.create_container()
            except ResourceExistsError:
                return

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        """Turns the SDK's errors into the store's. No text of the SDK is passed on where it may hold a signature."""
        what = f"{name} in {self.url}" if name else self.url
        try:
            yield
        except ResourceNotFoundError as error:
            raise BlobNotFound(f"There is no {what}.") from error
        except (ResourceModifiedError, ResourceExistsError) as error:
            raise Conflict(f"{what} was changed by another writer; read it again and retry.") from error
        except ClientAuthenticationError as error:
            raise StoreError(_denied(what)) from error
        except HttpResponseError as error:
            raise _http_error(what, error) from error
        except AzureError as error:
            raise StoreUnreachable(
                f"{what} did not answer ({type(error).__name__}); check the network, the account's firewall and "
                "AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT."
            ) from error


def _client(container: str, connection_string: str | None, account: str | None, patience: Patience) -> ContainerClient:
    options: dict[str, Any] = {
        "connection_timeout": patience.connect_s,
        "read_timeout": patience.read_s,
        "retry_policy": ExponentialRetry(
            initial_backoff=1, increment_base=2, retry_total=patience.retries, random_jitter_range=JITTER_S
        ),
    }
    if connection_string:
        try:
            return ContainerClient.from_connection_string(connection_string, container, **options)
        except ValueError as error:
            # The SDK's message may quote the string, which is a secret.
            raise StoreError(
                "AZURE_STORAGE_CONNECTION_STRING is malformed; copy it anew from the storage account's access keys."
            ) from error
    if account:
        url = account if "://" in account else f"https://{account}.blob.core.windows.net"
        return ContainerClient(url, container, credential=DefaultAzureCredential(), **options)
    raise StoreError(
        f"FETTLE_STORE names the container {container!r} but no account; set AZURE_STORAGE_ACCOUNT, "
        "or AZURE_STORAGE_CONNECTION_STRING."
    )


def _condition(if_match: str | Absent | None) -> dict[str, Any]:
    if isinstance(if_match, str):
        return {"etag": f'"{if_match}"', "match_condition": MatchConditions.IfNotModified}
    return {}


def _denied(what: str) -> str:
    return (
        f"Access to {what} was denied; grant the identity the role 'Storage Blob Data Contributor', "
        "or check AZURE_STORAGE_CONNECTION_STRING."
    )


def _http_error(what: str, error: HttpResponseError) -> StoreError:
    status = error.status_code
    if status in _DENIED:
        return StoreError(_denied(what))
    if status in _FULL:
        return StoreFull(f"{what} has no room left (status {status}); raise the account's quota.")
    return StoreUnreachable(f"{what} answered with status {status}; try again, and look at the account's health.")
