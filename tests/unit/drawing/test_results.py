"""An answer is drawn where its columns say how; else it stays a table."""

import pyoxigraph as ox
import pytest

from territoires.answers import Answer, Term
from territoires.drawing.france import Choropleth
from territoires.drawing.outlines import Department, Outlines
from territoires.drawing.results import chart, map_
from territoires.drawing.territory import Map
from territoires.namespaces import BASE, PREFIXES

OUTLINES = Outlines("whoever", 20, 20, {"81": Department("81", "Tarn", "M0 0l10 0 0 10z", (0, 0, 10, 10))})


def term(value: object) -> Term:
    if isinstance(value, int | float):
        return ox.Literal(value)
    return ox.NamedNode(str(value)) if str(value).startswith("http") else ox.Literal(str(value))


def answer(names: str, *rows: tuple[object, ...]) -> Answer:
    columns = tuple(names.split())
    return Answer(columns, tuple({n: term(v) for n, v in zip(columns, row, strict=True)} for row in rows))


def test_labels_and_one_column_of_numbers_make_a_chart() -> None:
    drawn = chart(answer("code region n", ("76", "Occitanie", 14), ("84", "Auvergne-Rhône-Alpes", 24)))
    assert drawn is not None
    assert [(bar.label, bar.value) for bar in drawn.bars] == [("Occitanie", 14), ("Auvergne-Rhône-Alpes", 24)]


def test_the_label_beside_an_iri_is_the_label() -> None:
    drawn = chart(answer("r rLabel n", (f"{BASE}id/region/76", "Occitanie", 14), (f"{BASE}id/region/84", "ARA", 24)))
    assert drawn is not None
    assert [bar.label for bar in drawn.bars] == ["Occitanie", "ARA"]


@pytest.mark.parametrize(
    "given",
    [
        answer("region n"),
        answer("region n", ("Occitanie", 14)),
        answer("region", ("Occitanie",), ("Bretagne",)),
        answer("region n m", ("Occitanie", 14, 1), ("Bretagne", 7, 2)),
        answer("region other n", ("Occitanie", "x", 14), ("Bretagne", "y", 7)),
        answer("region n", *((f"r{number}", number) for number in range(100))),
        Answer(("region", "n"), ({"region": term("Occitanie"), "n": term(1)}, {"region": term("Bretagne")})),
        answer("region n", ("a", float("nan")), ("b", 1.0)),
    ],
)
def test_other_answers_have_no_chart(given: Answer) -> None:
    assert chart(given) is None


def test_departments_with_a_number_make_a_shaded_map() -> None:
    drawn = map_(answer("code department n", ("81", "Tarn", 3), ("971", "Guadeloupe", 2)), OUTLINES)
    assert isinstance(drawn, Choropleth)
    assert [area.count.name for area in drawn.areas] == ["Tarn"]
    assert [area.count.name for area in drawn.tiles] == ["Guadeloupe"]
    by_iri = map_(answer("d n", (f"{BASE}id/department/81", 3), (f"{BASE}id/department/12", 2)), OUTLINES)
    assert isinstance(by_iri, Choropleth)


def test_a_department_twice_is_no_map_of_departments() -> None:
    assert map_(answer("dep n", ("81", 3), ("81", 2)), OUTLINES) is None
    assert map_(answer("dep n", ("81", 3), ("12", 2)), None) is None


def test_codes_of_regions_are_not_taken_for_those_of_departments() -> None:
    assert map_(answer("code region n", ("84", "Auvergne-Rhône-Alpes", 24), ("76", "Occitanie", 14)), OUTLINES) is None


def test_points_make_a_map_of_dots() -> None:
    wkt = ox.Literal("POINT(2.1 43.9)", datatype=ox.NamedNode(PREFIXES["geo"] + "wktLiteral"))
    drawn = map_(Answer(("name", "place"), ({"name": term("Albi"), "place": wkt},)), OUTLINES)
    assert isinstance(drawn, Map)
    assert [dot.name for dot in drawn.dots] == ["Albi"]
