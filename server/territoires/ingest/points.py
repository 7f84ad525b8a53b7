"""Imports one point per commune (WGS 84), taken from DILA's directory of public services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import Text
from territoires.graph import load_files
from territoires.ingest.statements import describe, term, thing
from territoires.ingest.tables import Note, Row, ignore, read_csv, restore_zeros
from territoires.namespaces import sparql_prologue

COLUMNS: Final = ("code_insee", "longitude", "latitude")
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]+)?")
_LIMITS: Final = {"longitude": 180, "latitude": 90}
_METROPOLE: Final = {"longitude": (-6, 10), "latitude": (41, 52)}
"""Where communes of metropolitan France lie, in whole degrees."""
_OVERSEAS: Final = ("97", "98")
_COMMUNES: Final = "SELECT ?code { ?commune a ti:Commune ; igeo:codeINSEE ?code }"


def read_points(file: Path, geography: list[Path], note: Note = ignore) -> tuple[str, list[str]]:
    """Return the Turtle of the points in `file`, as GeoSPARQL geometries, and the codes listed without a point.

    A commune whose longitude and latitude are both empty or `nan` is listed without a point.

    Args:
        file: CSV with the columns `COLUMNS`, decimal degrees.
        geography: Turtle files of the code officiel géographique, in which communes are looked up by code.
        note: is told how the table was read, and which codes got a lost leading zero back.

    Raises:
        TableError: for a changed header, an unknown or repeated commune, a value that is no longitude or latitude
            or lies outside metropolitan France for a commune of it.
    """
    known = _codes(geography)
    seen: dict[str, Row] = {}
    rows = read_csv(file, COLUMNS, note)
    for row in restore_zeros(rows, "code_insee", lambda _row, code: code in known, note):
        _check(row, known, seen)
        seen[row["code_insee"]] = row
    missing = [code for code, row in seen.items() if _is_missing(row)]
    header = "One point per commune (WGS 84).\nWritten by `territoires import points`: run it again rather than edit."
    triples = (triple for row in seen.values() if not _is_missing(row) for triple in _point(row))
    return turtle.serialize(triples, header=header), missing


def _is_missing(row: Row) -> bool:
    return all(row[column].lower() in {"", "nan"} for column in _LIMITS)


def _codes(geography: list[Path]) -> set[str]:
    rows = load_files(geography).query(sparql_prologue() + _COMMUNES)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101  (a SELECT gives nothing else)
    return {code.value for (code,) in rows if isinstance(code, ox.Literal)}


def _check(row: Row, known: set[str], seen: dict[str, Row]) -> None:
    code = row["code_insee"]
    if code not in known:
        problem = Text(
            "no such commune in the code officiel géographique",
            "aucune commune de ce code dans la géographie officielle",
        )
        hint = Text(
            "five characters, with the leading zero; give the successor of a merged commune",
            "cinq caractères, zéro initial compris ; donnez la commune qui succède à une commune fusionnée",
        )
        raise row.refuse("code_insee", problem, hint)
    if code in seen:
        line = seen[code].place.line
        problem = Text(f"already given at line {line}", f"déjà donné à la ligne {line}")
        raise row.refuse("code_insee", problem, Text("remove one of the two rows", "retirez une des deux lignes"))
    if _is_missing(row):
        return
    for column, limit in _LIMITS.items():
        if not _DEGREES.fullmatch(row[column]) or abs(float(row[column])) > limit:
            problem = Text(f"not between -{limit} and {limit} degrees", f"pas entre -{limit} et {limit} degrés")
            raise row.refuse(column, problem, Text("decimal degrees with a point", "degrés décimaux avec un point"))
    for column, (least, most) in () if code.startswith(_OVERSEAS) else _METROPOLE.items():
        if not least <= float(row[column]) <= most:
            problem = Text("this is not in metropolitan France", "ce n'est pas en France métropolitaine")
            hint = Text("are longitude and latitude swapped?", "longitude et latitude sont-elles inversées ?")
            raise row.refuse(column, problem, hint)


def _point(row: Row) -> Iterator[ox.Triple]:
    code = row["code_insee"]
    point = thing("point", code)
    locator = ox.Literal(f"code_insee {code}")
    wkt = ox.Literal(f"POINT({row['longitude']} {row['latitude']})", datatype=term("geo:wktLiteral"))
    yield from describe(thing("commune", code), (), geo_hasDefaultGeometry=point, ti_locator=locator)
    yield from describe(point, ("geo:Geometry",), geo_asWKT=wkt, ti_locator=locator)
