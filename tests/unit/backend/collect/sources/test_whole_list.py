import pytest

from backend.collect.problems import BudgetSpent, Unavailable
from backend.collect.sources.whole_list import WholeList
from backend.collect.visit import Visit
from shared.lake.tables import Lake
from tests.unit.backend.collect.sources.served import PATH, Reader, Served


def things(count: int) -> list[dict[str, int]]:
    return [{"id": number} for number in range(count)]


def listed(visit: Visit, key: str | None = None) -> tuple[list[int], WholeList]:
    """The ids that a visit brings, and the list as it is afterwards; what was read is stored."""
    whole = WholeList(visit, PATH, {}, key, digest=lambda raws: [raw["id"] for raw in raws])
    try:
        return [raw["id"] for raws in whole for raw in raws], whole
    finally:
        visit.desk.buffer.flush()


@pytest.fixture
def reader(lake: Lake) -> Reader:
    return Reader(lake, Served(things(250)))


def test_list_is_read_whole_and_then_only_asked_whether_it_changed(reader: Reader) -> None:
    assert listed(reader.visit())[0] == list(range(250))
    found, whole = listed(reader.visit())
    assert (found, whole.unchanged) == ([], True)
    assert reader.served.asked == [(1, 304), (2, 304), (3, 304)]
    assert [number for page in whole.digests for number in page] == list(range(250))


def test_list_under_a_key(lake: Lake) -> None:
    reader = Reader(lake, Served(things(120), key="workflows"))
    assert listed(reader.visit(), "workflows")[0] == list(range(120))


def test_empty_list_is_one_request(lake: Lake) -> None:
    reader = Reader(lake, Served([]))
    assert listed(reader.visit())[0] == []
    assert listed(reader.visit())[1].unchanged
    assert reader.served.asked == [(1, 304)]


def test_only_pages_that_changed_are_brought(reader: Reader) -> None:
    listed(reader.visit())
    reader.served.items[150] = {"id": 9_999}
    found, whole = listed(reader.visit())
    assert (len(found), 9_999 in found, whole.unchanged) == (100, True, False)
    assert reader.served.asked == [(1, 304), (2, 200), (3, 304)]


def test_what_would_follow_a_full_last_page_is_asked_for(lake: Lake) -> None:
    reader = Reader(lake, Served(things(100)))
    assert listed(reader.visit())[0] == list(range(100))
    # The first page stays as it is when a second one appears.
    reader.served.kept[1] = reader.served.page(1)
    reader.served.items.append({"id": 100})
    assert listed(reader.visit())[0] == [100]


def test_list_that_has_become_shorter_is_remembered_so(reader: Reader) -> None:
    listed(reader.visit())
    del reader.served.items[80:]
    _, whole = listed(reader.visit())
    assert [number for page in whole.digests for number in page] == list(range(80))
    listed(reader.visit())
    assert reader.served.asked == [(1, 304)]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_page_that_is_given_twice_is_asked_for_again(reader: Reader, times: int) -> None:
    reader.served.instead[2] = [1] * times
    assert listed(reader.visit())[0] == list(range(250))


def test_page_that_is_given_again_and_again_is_not_taken_for_the_next(reader: Reader) -> None:
    reader.served.instead[2] = [1] * 9
    with pytest.raises(Unavailable, match=f"gives page 2 of {PATH} twice"):
        listed(reader.visit())


@pytest.mark.parametrize("budget", [1, 2])
def test_first_reading_that_ended_early_is_gone_on_with(reader: Reader, budget: int) -> None:
    found: list[int] = []
    for _ in range(9):
        visit = reader.visit(budget)
        whole = WholeList(visit, PATH, {})
        try:
            for raws in whole:
                found += [raw["id"] for raw in raws]
        except BudgetSpent:
            continue
        finally:
            visit.desk.buffer.flush()
        break
    assert found == list(range(250))
    listed(reader.visit())
    assert reader.served.asked == [(1, 304), (2, 304), (3, 304)]


def test_list_that_is_elsewhere_now_is_read_anew(reader: Reader) -> None:
    visit = reader.visit()
    listed(visit)
    visit = reader.visit()
    visit.cursor = {**visit.cursor, "path": "/orgs/acme/things"}
    assert listed(visit)[0] == list(range(250))


def test_full_reading_takes_no_notice_of_what_was_read(reader: Reader) -> None:
    listed(reader.visit())
    assert listed(reader.visit(full=True))[0] == list(range(250))


@pytest.mark.parametrize(("served_under", "asked_under"), [("message", None), ("message", "workflows")])
def test_answer_that_is_no_list_is_refused(lake: Lake, served_under: str, asked_under: str | None) -> None:
    reader = Reader(lake, Served(things(1), key=served_under))
    with pytest.raises(Unavailable, match="something else than a list"):
        listed(reader.visit(), asked_under)
