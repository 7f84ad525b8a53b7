"""A mistake is shown in its line, with the mark under its character."""

from hypothesis import given
from hypothesis import strategies as st

from territoires.excerpts import excerpt

QUERY = "SELECT *\nWHERE {\n  ?s ?p ti:x\n}\n"


def test_the_mark_stands_under_the_place() -> None:
    found = excerpt(QUERY, 3, 9)
    assert found is not None
    assert found.lines == ((1, "SELECT *"), (2, "WHERE {"), (3, "  ?s ?p ti:x"), (4, "}"), (5, ""))
    assert found.marked == 3
    assert dict(found.lines)[3][len(found.before) :] == "ti:x"


def test_tabs_stay_tabs_so_that_the_mark_keeps_its_place() -> None:
    found = excerpt("\t?s ?p", 1, 5)
    assert found is not None
    assert found.before == "\t   "


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "x" * 500 + "!" + "y" * 500
    found = excerpt(f"{text}\nshort", 1, 501)
    assert found is not None
    line = dict(found.lines)[1]
    assert len(line) <= 120
    assert line[len(found.before)] == "!"


def test_there_is_no_excerpt_of_a_line_that_is_not_there() -> None:
    assert excerpt("ASK {}", 2, 1) is None
    assert excerpt("ASK {}", 0, 1) is None


@given(st.text(), st.integers(1, 9), st.integers(1, 400))
def test_every_place_has_an_excerpt_or_none(text: str, line: int, column: int) -> None:
    found = excerpt(text, line, column)
    if found:
        assert all(len(shown) <= 120 for _, shown in found.lines)
        assert len(found.before) <= 120
