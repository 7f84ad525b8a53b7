"""Each department has one shade; a shade says which numbers it stands for."""

import pytest

import territoires
from territoires.answers import ask
from territoires.drawing.france import Count, counted, shaded
from territoires.drawing.outlines import Department, Outlines
from territoires.namespaces import BASE
from territoires.queries import find_query
from territoires.root import Root

SQUARE = Department("81", "Tarn", "M0 0l10 0 0 10-10 0z", (0, 0, 10, 10))
OUTLINES = Outlines(
    "whoever", 20, 20, {"81": SQUARE, "12": Department("12", "Aveyron", "M10 0l9 0 0 9z", (10, 0, 19, 9))}
)


def count(code: str, value: float) -> Count:
    return Count(f"{BASE}id/department/{code}", code, f"department {code}", value)


def test_a_department_without_an_outline_is_a_tile_and_one_without_a_number_is_blank() -> None:
    drawing = shaded([count("971", 3), count("81", 2)], OUTLINES)
    assert [(area.count.code, area.path) for area in drawing.areas] == [("81", SQUARE.path)]
    assert [area.count.code for area in drawing.tiles] == ["971"]
    assert [department.code for department in drawing.blank] == ["12"]
    assert [each.code for each in drawing.counts] == ["81", "971"]


def test_without_outlines_every_number_is_kept() -> None:
    drawing = shaded([count("81", 2), count("12", 0)], None)
    assert drawing.areas == ()
    assert [each.code for each in drawing.counts] == ["12", "81"]


@pytest.mark.parametrize(
    ("values", "lows"),
    [
        ([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5]),
        ([7, 7, 7], [7]),
        ([0.5, 100.0], [0.5, 100.0]),
        ([float(n) for n in range(100, 1300, 100)], [100, 300, 500, 700, 900, 1100]),
        ([], []),
    ],
)
def test_few_whole_numbers_have_a_shade_each_and_others_share_them(values: list[float], lows: list[float]) -> None:
    shades = shaded([count(str(n), value) for n, value in enumerate(values)], None).shades
    assert [shade.low for shade in shades] == lows
    assert all(shade.low <= shade.high for shade in shades)
    if values:
        assert shades[-1].high == max(values)


def test_the_counts_are_those_of_the_published_query(small: Root) -> None:
    engine = territoires.EmbeddedEngine(territoires.load(small))
    query = find_query(small, "territories-by-department")
    found = {each.code: each for each in counted(ask(engine, query, {}, "fr", territoires.Settings()).answer)}
    assert len(found) == 101
    assert (found["81"].name, found["81"].iri, found["81"].value) == ("Tarn", f"{BASE}id/department/81", 3)
