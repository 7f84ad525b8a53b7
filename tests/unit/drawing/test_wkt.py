"""Points and surfaces are read from WKT; what is none, or lies off the map, is not drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.drawing.wkt import point, rings


def test_a_point_is_longitude_and_latitude() -> None:
    assert point("POINT(2.1481 43.9277)") == (2.1481, 43.9277)
    assert point("Point ( -61.5 16.2 )") == (-61.5, 16.2)


@pytest.mark.parametrize("text", ["", "POINT EMPTY", "POINT(1)", "POINT(200 0)", "POINT(0 90)", "POINT(a b)", "81"])
def test_what_is_no_point_on_the_map_is_none(text: str) -> None:
    assert point(text) is None


def test_a_surface_has_its_rings_holes_among_them() -> None:
    text = "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 0), (1 1, 2 1, 2 2, 1 1)), ((5 5 12, 6 5 12, 6 6 12, 5 5 12)))"
    assert [len(ring) for ring in rings(text)] == [4, 4, 4]
    assert rings(text)[2][0] == (5, 5)


@pytest.mark.parametrize("text", ["", "POINT(1 2)", "POLYGON((1 2, x y))", "POLYGON((1 2, 3 91))", "POLYGON EMPTY"])
def test_what_is_no_surface_on_the_map_has_none(text: str) -> None:
    assert rings(text) == []


@given(st.text())
def test_any_text_is_read_or_left(text: str) -> None:
    assert point(text) is None or text
    assert rings(f"POLYGON(({text}))") is not None
