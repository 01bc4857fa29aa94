"""Errors that a person reads: one sentence that names the thing, the value and the next step."""


class FettleError(Exception):
    """An expected failure whose text is fit for a user; commands print it without a traceback.

    `exit_code` is what a command ends with: 1 nothing could be done, 2 some parts failed and the rest is kept.
    """

    exit_code = 1


class SettingsError(FettleError):
    """A setting is missing, malformed or contradicts another."""
