"""Answers: the cache of what pages ask and make of it, shared by all visitors, so that nobody may change one."""

import inspect
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any, ParamSpec, TypeVar

import orjson
import pandas as pd
import streamlit as st

from frontend.columns import Column
from frontend.edition import BY_VERSION
from frontend.figures import Figure

P = ParamSpec("P")
T = TypeVar("T")


def answers(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keeps so many answers of a function. They are not copied: pages derive frames of theirs and change none."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        function.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]  # looked up at every call
        return st.cache_resource(show_spinner=False, max_entries=most, hash_funcs=TOLD_APART)(function)

    return decorate


def identity(frame: pd.DataFrame) -> object:
    """What tells a frame from another: the same for the same object, and for as long as it lives, or else its content.

    An answer comes from the cache as the same object each time, and looking at five thousand rows of it to see that
    they are those of before takes longer than anything that is then made of them.
    """
    known = _SERIALS.get(id(frame))
    if known is not None and known[0]() is frame:
        return known[1]
    return content(frame)


def remembered(answer: T) -> T:
    """An answer that is going to be kept: from now on a frame has a number by which it is told from others."""
    if isinstance(answer, pd.DataFrame):
        place = id(answer)
        _SERIALS[place] = (weakref.ref(answer, lambda _: _SERIALS.pop(place, None)), next(_NUMBERS))
    return answer


def content(frame: pd.DataFrame) -> object:
    """What a frame holds, in short: the same for frames of the same columns, types, index and values."""
    columns = [(str(name), str(values.dtype), _hash(values)) for name, values in frame.items()]
    return (len(frame), pd.util.hash_pandas_object(frame.index).to_numpy().tobytes(), columns)


def _hash(values: "pd.Series[Any]") -> bytes:
    try:
        return pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes()
    except TypeError:  # a column of lists
        return orjson.dumps(values.tolist(), default=repr, option=orjson.OPT_SERIALIZE_NUMPY)


_NUMBERS = count()
_SERIALS: "dict[int, tuple[weakref.ref[pd.DataFrame], int]]" = {}

TOLD_APART: dict[str | type[Any], Callable[[Any], Any]] = {
    **BY_VERSION,
    pd.DataFrame: identity,
    Figure: repr,
    Column: repr,
}
"""How caches tell apart what they are asked with."""
