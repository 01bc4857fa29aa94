"""CSV for people and their spreadsheets: text that would be taken for a formula is made harmless."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets take those too


def csv_of(frame: "pd.DataFrame") -> bytes:
    """A frame as CSV in UTF-8. Text that a spreadsheet would take for a formula begins with an apostrophe.

    Lines end as RFC 4180 has it, so that cells with either line mark are quoted.
    """
    import pandas as pd  # costs half a second, which an API that is asked for none need not pay at its start

    text = frame.copy()
    for name in text.columns:
        if not pd.api.types.is_numeric_dtype(text[name]) and not pd.api.types.is_datetime64_any_dtype(text[name]):
            text[name] = text[name].map(_harmless)
    return text.rename(columns=_harmless).to_csv(index=False, lineterminator="\r\n").encode()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
