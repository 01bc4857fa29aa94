"""Search: rows in whose text all words of a question occur."""

import ibis
import ibis.expr.types as ir

MOST_WORDS = 20
"""Words of a question that are looked at."""

SEARCH = "search"
"""The column that is searched: a text in lower case."""


def searchable(*parts: ir.StringValue) -> ir.StringValue:
    """A column SEARCH of texts, of which any may be null."""
    return ibis.literal("\n").join([part.fill_null("") for part in parts]).lower()


def matching(rows: ir.Table, text: str) -> ir.Table:
    """Rows whose SEARCH holds every word of a text, in any case and order, as it is: no sign has a meaning.

    Words are what white space parts; each may be a piece of a longer one. A text without words lets every row through.
    """
    words = dict.fromkeys(text.lower().split()[:MOST_WORDS])
    return rows.filter(*(rows[SEARCH].contains(word) for word in words)) if words else rows
