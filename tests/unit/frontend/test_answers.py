"""What tells answers apart: shared ones by their number, all others by what they hold."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.answers import content, identity, remembered


def frame(*values: object, name: str = "n") -> pd.DataFrame:
    return pd.DataFrame({name: list(values)})


def test_a_shared_answer_is_itself_and_no_other() -> None:
    one, other = remembered(frame(1, 2)), remembered(frame(1, 2))
    assert identity(one) == identity(one)
    assert identity(one) != identity(other)
    assert identity(one.head(1)) == identity(frame(1))


def test_what_takes_the_place_of_a_dropped_answer_is_not_taken_for_it() -> None:
    in_its_place = 0
    for number in range(200):  # CPython soon puts a new object where one was dropped
        answer = remembered(frame(number))
        place, seen = id(answer), identity(answer)
        del answer
        another = frame(number + 1)
        in_its_place += id(another) == place
        assert identity(another) != seen
    assert in_its_place


@given(st.lists(st.integers(-3, 3), max_size=4), st.lists(st.integers(-3, 3), max_size=4))
def test_frames_are_told_apart_by_their_content(these: list[int], those: list[int]) -> None:
    assert (content(frame(*these)) == content(frame(*those))) == (these == those)


@pytest.mark.parametrize(
    "other",
    [
        frame(1, 2, name="m"),
        frame(1.0, 2.0),
        frame("1", "2"),
        frame(True, False),
        pd.DataFrame({"n": [1, 2]}, index=[1, 0]),
        frame([1], [2]),
    ],
)
def test_names_types_and_index_count(other: pd.DataFrame) -> None:
    assert content(other) != content(frame(1, 2))


def test_lists_are_told_apart() -> None:
    assert content(frame([1], [2])) == content(frame([1], [2]))
    assert content(frame([1], [2])) != content(frame([1], [3]))


def test_what_is_no_frame_is_left_as_it_is() -> None:
    assert remembered({"a": 1}) == {"a": 1}
