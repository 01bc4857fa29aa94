"""Logs: text for people or an object a line for machines, each with its request's id, and never with a secret."""

import logging
import re
import sys
import uuid
from contextvars import ContextVar
from typing import Literal, TextIO

from pydantic import SecretStr
from pythonjsonlogger.json import JsonFormatter

from shared.errors import SettingsError
from shared.observing.redaction import HIDDEN, redacted, without_addresses
from shared.settings import Settings, load_settings, split_list

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that is being answered; None outside of one."""

RESULTS = "fettle.said"
"""The logger of what a command has to say: shown whatever FETTLE_LOG_LEVEL is. No other may be below it."""

SHORTEST = 6
"""Characters from which on a secret is looked for in what is logged."""

_OTHERS = ("uvicorn", "streamlit")
"""Libraries that come with handlers of their own."""

_ACCESS = "uvicorn.access"
"""Switched off by `serve`, as requests are logged here with their ids: where somebody might hear it, uvicorn puts a
line together for each request."""

_QUIET = ("azure", "urllib3", "watchdog", "fsevents")
"""Libraries whose lines below a warning tell addresses with signatures, or every little thing."""

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")

Format = Literal["text", "json"]


def request_id(said: str | None) -> str:
    """The id that a sender gave its request, if it is one to put into logs; else a new one."""
    return said if said and _SANE.fullmatch(said) else uuid.uuid4().hex


class Formatter(logging.Formatter):
    """Formats a record as text or as an object, without secrets and addresses. service: which part of Fettle logs."""

    def __init__(self, style: Format, service: str, secrets: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.style, self._secrets = style, secrets
        self._inner: logging.Formatter = (
            JsonFormatter(
                ["levelname", "name", "message"],
                rename_fields={"levelname": "level", "name": "logger"},
                static_fields={"service": service},
                timestamp="at",
            )
            if style == "json"
            else logging.Formatter("%(levelname)s %(name)s: %(message)s")
        )

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, but for tracebacks in text."""
        known = getattr(record, "request_id", None) or REQUEST_ID.get()
        if self.style == "json" and known:
            record.request_id = known
        line = self._inner.format(record)
        if self.style == "text" and known:
            head, newline, rest = line.partition("\n")
            line = f"{head} [request {known}]{newline}{rest}"
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return without_addresses(redacted(line))


class Handler(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at the time."""

    def __init__(self, formatter: Formatter) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(formatter)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error."""
        return sys.stderr


def set_up_logs(service: str, debug: bool = False) -> None:
    """Has this process log as the settings say. debug: all there is, whatever they say.

    Settings of no use are not told here: what reads them next does. Where a program has set up logs already, such as
    pytest, they stay as they are.
    """
    root = logging.getLogger()
    if any(not isinstance(handler, Handler) for handler in root.handlers):
        return
    try:
        settings = load_settings()
    except SettingsError:
        settings = Settings.model_construct()
    root.handlers = [Handler(Formatter(settings.log_format, service, secrets_of(settings)))]
    root.setLevel(logging.DEBUG if debug else settings.log_level.upper())
    logging.getLogger(RESULTS).setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in [known for known in logging.root.manager.loggerDict if known.partition(".")[0] in _OTHERS]:
        if name == _ACCESS:
            continue
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(settings.log_format == "json")


def are_objects() -> bool:
    """Whether this process logs objects, so that what is said in between has to be one too."""
    return any(
        isinstance(handler.formatter, Formatter) and handler.formatter.style == "json"
        for handler in logging.getLogger().handlers
    )


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The values of all secrets, and of the keys in a list of them; the longest first."""
    values = {value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)}
    parts = {part for value in values for entry in split_list(value) for part in (entry, entry.rpartition(":")[2])}
    return tuple(sorted((text for text in values | parts if len(text) >= SHORTEST), key=len, reverse=True))
