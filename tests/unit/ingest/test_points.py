"""Points are refused where they cannot be: a swapped column would put all of France in the Indian Ocean."""

from pathlib import Path

import pytest
from tests.unit.conftest import assert_says

from territoires.errors import TableError
from territoires.ingest.points import read_points

COMMUNES = """\
@base <https://w3id.org/territoires-industrie/> .
@prefix ti: <https://w3id.org/territoires-industrie/def#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
<id/commune/81004> a ti:Commune ; igeo:codeINSEE "81004" .
<id/commune/2A004> a ti:Commune ; igeo:codeINSEE "2A004" .
<id/commune/97411> a ti:Commune ; igeo:codeINSEE "97411" .
"""


def read(folder: Path, row: str) -> tuple[str, list[str]]:
    geography, table = folder / "communes.ttl", folder / "points.csv"
    geography.write_text(COMMUNES, encoding="utf-8")
    table.write_text(f"code_insee,longitude,latitude\n{row}\n", encoding="utf-8")
    return read_points(table, [geography])


@pytest.mark.parametrize("row", ["81004,2.15,43.93", "2A004,8.74,41.92", "97411,55.45,-20.88"])
def test_a_point_is_kept_where_it_lies(tmp_path: Path, row: str) -> None:
    text, missing = read(tmp_path, row)
    _, longitude, latitude = row.split(",")
    assert f"POINT({longitude} {latitude})" in text
    assert missing == []


def test_a_commune_without_a_point_is_listed(tmp_path: Path) -> None:
    assert read(tmp_path, "81004,,nan")[1] == ["81004"]


@pytest.mark.parametrize(("row", "column"), [("81004,43.93,2.15", "longitude"), ("2A004,8.74,-41.92", "latitude")])
def test_a_point_outside_metropolitan_france_is_refused_for_a_commune_of_it(
    tmp_path: Path, row: str, column: str
) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, row)
    assert_says(caught.value, f"{tmp_path / 'points.csv'}:2", column)


@pytest.mark.parametrize("row", ["81004,2.15,91", '81004,"2,15",43.93', "81004,2.15,", "81005,2.15,43.93"])
def test_what_is_no_point_of_a_known_commune_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, row)
    assert_says(caught.value, f"{tmp_path / 'points.csv'}:2")
