"""A territory is shown by its communes, cut from the map so that they fill it."""

from pathlib import Path

import pytest

import territoires
from territoires.drawing.outlines import FRANCE, Department, Outlines
from territoires.drawing.territory import Dot, located, perimeter
from territoires.namespaces import BASE
from territoires.root import Root

TARN_NORD = f"{BASE}id/territory/2/ti-7614"
ALBI = FRANCE(2.1481, 43.9277)


def around(code: str, x: float, y: float) -> Department:
    return Department(code, code, "M0 0z", (x - 100, y - 100, x + 100, y + 100))


def test_the_cut_holds_the_department_and_names_its_neighbours() -> None:
    x, y = ALBI
    outlines = Outlines(
        "whoever", 0, 0, {"81": around("81", x, y), "12": around("12", x + 150, y), "59": around("59", 0, 0)}
    )
    found = located([Dot("Albi", x, y)], outlines=outlines, codes={"81"})
    assert found is not None
    assert [department.code for department in found.departments] == ["81"]
    assert [department.code for department in found.around] == ["12"]
    left, top, right, bottom = found.box
    assert left < x - 100 < x + 100 < right
    assert top < y - 100 < y + 100 < bottom


def test_one_place_alone_is_not_blown_up() -> None:
    found = located([Dot("Mamoudzou", *FRANCE(45.2279, -12.7806))])
    assert found is not None
    left, top, right, bottom = found.box
    assert right - left == pytest.approx(60)
    assert bottom - top == pytest.approx(60)
    assert located([]) is None


def test_a_territory_has_the_points_of_its_communes(small: Root) -> None:
    found = perimeter(territoires.EmbeddedEngine(territoires.load(small)), None, TARN_NORD)
    assert found is not None
    albi = next(dot for dot in found.dots if dot.name == "Albi")
    assert (albi.x, albi.y) == pytest.approx(ALBI, abs=5)
    assert found.shape == ""


def test_a_perimeter_in_the_graph_is_drawn(small: Root) -> None:
    Path(small.data, "perimeters.ttl").write_text(
        f"@prefix geo: <http://www.opengis.net/ont/geosparql#> .\n"
        f"<{TARN_NORD}> geo:hasGeometry <{BASE}id/perimeter/2-ti-7614> .\n"
        f'<{BASE}id/perimeter/2-ti-7614> geo:asWKT "MULTIPOLYGON (((1 43, 3 43, 3 44, 1 43)))"^^geo:wktLiteral .\n',
        encoding="utf-8",
    )
    found = perimeter(territoires.EmbeddedEngine(territoires.load(small)), None, TARN_NORD)
    assert found is not None
    x, y = FRANCE(1, 43)
    assert found.shape.startswith(f"M{x:.1f} {y:.1f} ")
    assert found.box[0] < x


def test_what_has_no_communes_has_no_map(small: Root) -> None:
    engine = territoires.EmbeddedEngine(territoires.load(small))
    assert perimeter(engine, None, f"{BASE}id/territory/2/ti-0000") is None
