"""Secrets taken out of texts that somebody may read: messages, logs."""

import logging
import re

_SECRETS = re.compile(
    r"""
      \b (?: gh[a-z]_ | github_pat_ ) [\w.~+/=-]* [\w=]           # tokens: by prefix, since their length changes
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
