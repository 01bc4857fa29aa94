"""Secrets taken out of texts that somebody may read: messages, logs."""

import logging
import re
from ipaddress import ip_address

_SECRETS = re.compile(
    r"""
      \b fettle_ [0-9a-f]{12} _ [\w-]+                            # keys of the API
    | (?<= AccountKey= ) [\w+/=-]+                                # of a storage account
    | (?<= [?&]sig= ) [\w%+/=-]+                                  # addresses with a signature
    | \b (?: gh[a-z]_ | github_pat_ ) [\w.~+/=-]* [\w=]           # tokens: by prefix, since their length changes
    | \b eyJ [\w-]+ \. [\w-]+ \. [\w-]*                           # signed JSON web tokens
    | -----BEGIN [ ] [^-]* PRIVATE [ ] KEY----- .*? (?: -----END [^-]* ----- | $ )
    | (?<= :// ) [^/\s@]+ (?= @ )                                 # user and password in an address
    """,
    re.VERBOSE | re.DOTALL,
)

HIDDEN = "(hidden)"


def redacted(text: str) -> str:
    """The text with `(hidden)` in place of tokens of GitHub, private keys, and passwords in addresses."""
    return _SECRETS.sub(HIDDEN, text)


_ADDRESSES = re.compile(
    r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w:]|\.\d)"
)


def without_addresses(text: str) -> str:
    """The text with `(address)` in place of each IP address but this machine's own: they tell who somebody is."""
    return _ADDRESSES.sub(_address, text)


def _address(match: re.Match[str]) -> str:
    try:
        address = ip_address(match[0])
    except ValueError:
        return match[0]  # a time of day, or a version
    return match[0] if address.is_loopback or address.is_unspecified else "(address)"


class Redaction(logging.Filter):
    """Takes secrets out of log records; PyGithub's debug lines would show the installation tokens it is given."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record; lets every one pass."""
        record.msg, record.args = redacted(record.getMessage()), ()
        return True


def redact_log(name: str) -> None:
    """From now on the logger of that name shows no secret; calling it again changes nothing."""
    logger = logging.getLogger(name)
    if not any(isinstance(known, Redaction) for known in logger.filters):
        logger.addFilter(Redaction())
