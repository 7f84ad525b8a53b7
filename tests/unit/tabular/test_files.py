"""Each kind of file says what the rows say, and readers that others wrote read it."""

import datetime as dt
import io
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet as reader
from tests.unit.conftest import MakeRoot

from territoires.drawing.wkt import surfaces
from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import load
from territoires.tabular import comma, geojson, parquet, sqlite
from territoires.tabular.exports import Material
from territoires.tabular.rows import Cell


def test_csv_has_a_head_and_no_formula(material: Material) -> None:
    file = io.BytesIO()
    comma.write_csv(file, material.book.tables["measures"], material.book.rows("measures"))
    assert file.getvalue().decode() == (
        "measure,name,amount,date,year,phases,parent\r\n"
        "a,'=1+1,1.5,2024-02-29,2024,1|2,\r\n"
        'b,"b, ""quoted""",,,,,a\r\n'
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("\tx", "'\tx"),
        (-1.5, "-1.5"),
        (True, "true"),
        (("-1", "2"), "'-1|2"),
        ("x=1", "x=1"),
    ],
)
def test_texts_that_a_spreadsheet_would_run_are_neutralised_and_numbers_are_not(cell: Cell, text: str) -> None:
    assert comma.written(cell) == text


def test_csvw_describes_every_column_with_keys(material: Material) -> None:
    said = json.loads(comma.describe(material.book.tables, "v", "https://example.org/licence"))
    assert (said["dc:identifier"], said["dc:license"]) == ("v", "https://example.org/licence")
    [table] = said["tables"]
    assert table["url"] == "measures.csv"
    assert table["tableSchema"]["primaryKey"] == ["measure"]
    assert table["tableSchema"]["foreignKeys"] == [
        {"columnReference": "parent", "reference": {"resource": "measures.csv", "columnReference": "measure"}}
    ]
    columns = {column["name"]: column for column in table["tableSchema"]["columns"]}
    assert columns["amount"]["datatype"] == "decimal"
    assert columns["phases"]["separator"] == "|"
    assert columns["measure"]["valueUrl"] == "https://w3id.org/territoires-industrie/id/measure/{+measure}"
    assert columns["name"]["propertyUrl"] == "http://www.w3.org/2000/01/rdf-schema#label"


def test_sqlite_holds_the_tables_with_keys_that_hold(material: Material, tmp_path: Path) -> None:
    with (tmp_path / "t.sqlite").open("wb") as file:
        sqlite.write_sqlite(file, material.book, {"version": "v"})
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as database:
        assert database.execute("SELECT * FROM measures ORDER BY measure").fetchall() == [
            ("a", "=1+1", 1.5, "2024-02-29", 2024, "1|2", None),
            ("b", 'b, "quoted"', None, None, None, None, "a"),
        ]
        assert database.execute("SELECT value FROM about WHERE name = 'version'").fetchone() == ("v",)
        assert database.execute("PRAGMA foreign_key_list(measures)").fetchone()[2:5] == (
            "measures",
            "parent",
            "measure",
        )
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        with pytest.raises(sqlite3.IntegrityError):
            database.execute("INSERT INTO measures (measure) VALUES ('a')")


def test_parquet_holds_typed_columns(material: Material, tmp_path: Path) -> None:
    with (tmp_path / "t.parquet").open("wb") as file:
        parquet.write_parquet(file, material.book.tables["measures"], material.book.rows("measures"))
    rows = reader.read_table(tmp_path / "t.parquet").to_pylist()
    assert rows[0]["phases"] == ["1", "2"]
    assert (rows[0]["amount"], rows[0]["date"], rows[0]["year"]) == (Decimal("1.5"), dt.date(2024, 2, 29), 2024)
    assert rows[1]["amount"] is None


def test_an_empty_table_is_a_file_too(material: Material, tmp_path: Path) -> None:
    with (tmp_path / "t.parquet").open("wb") as file:
        parquet.write_parquet(file, material.book.tables["measures"], [])
    assert reader.read_table(tmp_path / "t.parquet").num_rows == 0


def features(write: object, material: Material) -> list[Mapping[str, object]]:
    file = io.BytesIO()
    write(file, material.book)  # type: ignore[operator]
    found: list[Mapping[str, object]] = json.loads(file.getvalue())["features"]
    return found


@pytest.mark.slow
def test_territories_and_members_are_on_the_map(whole: Material) -> None:
    territories = features(geojson.write_territories, whole)
    assert len(territories) == 149 + 183
    [north] = [one for one in territories if str(one["id"]).endswith("/territory/2/ti-7614")]
    assert isinstance(north["properties"], dict)
    assert north["properties"]["name"] == "Tarn Nord"
    assert isinstance(north["geometry"], dict)
    assert north["geometry"]["type"] == "Point"
    longitude, latitude = north["geometry"]["coordinates"]
    assert (1.9 < longitude < 2.5, 43.7 < latitude < 44.2) == (True, True)
    members = features(geojson.write_members, whole)
    assert len(members) == len(whole.book.rows("members"))
    without = [one["id"] for one in members if one["geometry"] is None]
    assert without == []


def test_a_perimeter_takes_the_place_of_the_point(make_root: MakeRoot) -> None:
    data = """
    @base <https://w3id.org/territoires-industrie/> .
    @prefix ti: <https://w3id.org/territoires-industrie/def#> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    <id/territory/2/ti-0001> a ti:Territory ; geo:hasGeometry <id/point/1> , <id/perimeter/1> .
    <id/territory/2/ti-0002> a ti:Territory .
    <id/point/1> geo:asWKT "POINT(0.5 0.5)"^^geo:wktLiteral .
    <id/perimeter/1> geo:asWKT "POLYGON((0 0, 1 0, 1 1, 0 0))"^^geo:wktLiteral .
    """
    table = """\
#+ title = { en = "t", fr = "t" }
#+ key = ["territory"]
#+ [columns]
#+ territory = { en = "t", fr = "t", below = "id/territory/" }
#+ longitude = { en = "x", fr = "x", datatype = "double" }
#+ latitude = { en = "y", fr = "y", datatype = "double" }
SELECT ?territory ?longitude ?latitude { ?territory a <https://w3id.org/territoires-industrie/def#Territory>
  BIND(2.5 AS ?longitude) BIND(44 AS ?latitude) }
"""
    root = make_root({"data/perimeters.ttl": data, "queries/tables/territories.rq": table})
    first, second = features(geojson.write_territories, Material(root, EmbeddedEngine(load(root))))
    assert first["geometry"] == {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}
    assert second["geometry"] == {"type": "Point", "coordinates": [2.5, 44]}
    assert second["properties"] == {"territory": "2/ti-0002"}


def test_rings_of_a_surface_turn_as_geojson_asks() -> None:
    text = "MULTIPOLYGON (((0 0, 0 3, 3 3, 0 0), (1 1, 2 1, 2 2, 1 1)), ((5 5, 6 5, 6 6, 5 5)))"
    first, second = surfaces(text)
    # RFC 7946 §3.1.6: outer rings turn left, holes turn right.
    assert first[0] == [(0, 0), (3, 3), (0, 3), (0, 0)]
    assert first[1] == [(1, 1), (2, 2), (2, 1), (1, 1)]
    assert second == [[(5, 5), (6, 5), (6, 6), (5, 5)]]
    assert surfaces("POLYGON((0 0, 1 0, 1 1, 0 0))") == [[[(0, 0), (1, 0), (1, 1), (0, 0)]]]
    assert surfaces("POLYGON EMPTY") == surfaces("POINT(1 2)") == surfaces("POLYGON((1 2, x y))") == []
