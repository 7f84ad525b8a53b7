"""Rows are counted in the bytes that the engine writes, whatever stands in them."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.engine.rows import count_rows
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format

TEXTS = st.text(st.sampled_from('{}[],:"\\\r\n\t<>/a') | st.characters(exclude_categories=["Cs"]), max_size=8)
TRICKS = st.sampled_from(['},{"', "},{}", '"bindings":[', "<result>", "\r\n", '"\r\n"', "{}"])
CELLS = st.none() | TEXTS | TRICKS


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_the_rows_of_a_table_are_counted_in_each_format(rows: list[tuple[str | None, str | None]]) -> None:
    def cell(text: str | None) -> str:
        return "UNDEF" if text is None else str(ox.Literal(text))

    data = " ".join(f"({cell(one)} {cell(other)})" for one, other in rows)
    for format_ in RESULT_FORMATS:
        found = ox.Store().query(f"SELECT * {{ VALUES (?x ?y) {{ {data} }} }}")
        assert isinstance(found, ox.QuerySolutions)
        assert count_rows(found.serialize(format=format_.results) or b"", format_) == len(rows), format_.name


@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda format_: format_.name)
def test_a_row_without_columns_is_one(format_: Format) -> None:
    found = ox.Store().query("SELECT * {}")
    assert isinstance(found, ox.QuerySolutions)
    assert count_rows(found.serialize(format=format_.results) or b"", format_) == 1


@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda format_: format_.name)
def test_a_truth_has_no_rows(format_: Format) -> None:
    found = ox.Store().query("ASK {}")
    assert isinstance(found, ox.QueryBoolean)
    assert count_rows(found.serialize(format=format_.results) or b"", format_) is None


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_a_graph_has_no_rows(format_: Format) -> None:
    assert count_rows(b"<urn:s> <urn:p> 1 .\n", format_) is None
