"""Territories and their members as GeoJSON (RFC 7946): a point each, or the perimeter where the graph holds one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from territoires.answers import select
from territoires.drawing import wkt
from territoires.engine import Engine
from territoires.namespaces import BASE
from territoires.tabular.rows import Book, Cell

MEDIA_TYPE: Final = "application/geo+json"
_SURFACES: Final = (
    'SELECT ?thing ?wkt { ?thing geo:hasGeometry/geo:asWKT ?wkt FILTER(REGEX(STR(?wkt), "^ *(MULTI)?POLYGON", "i")) }'
)

Geometry = Mapping[str, Any]


def write_territories(file: BinaryIO, book: Book) -> None:
    """Write a feature per territory: its perimeter, else its representative point, else no geometry."""
    perimeters = _perimeters(book.engine)
    rows = book.records("territories")
    _write(
        file,
        (
            _feature(
                f"{BASE}id/territory/{row['territory']}",
                perimeters.get(f"{BASE}id/territory/{row['territory']}") or _point(row),
                row,
            )
            for row in rows
        ),
    )


def write_members(file: BinaryIO, book: Book) -> None:
    """Write a feature per territory and member: the perimeter of the member, else the points of its communes."""
    perimeters = _perimeters(book.engine)
    points: dict[str, list[list[float]]] = {}
    for commune in book.records("communes"):
        if point := _point(commune):
            groups = commune["intercommunalities"]
            for group in groups if isinstance(groups, tuple) else ():
                points.setdefault(f"intercommunality/{group}", []).append(point["coordinates"])
            points[f"commune/{commune['commune']}"] = [point["coordinates"]]

    def features() -> Iterator[Mapping[str, Any]]:
        for row in book.records("members"):
            kind = "intercommunality" if row["intercommunality"] else "commune"
            member = f"{kind}/{row[kind]}"
            scattered = {"type": "MultiPoint", "coordinates": points[member]} if member in points else None
            geometry = perimeters.get(f"{BASE}id/{member}") or scattered
            yield _feature(f"{BASE}id/territory/{row['territory']}#{row['siren']}", geometry, row)

    _write(file, features())


def _perimeters(engine: Engine) -> dict[str, Geometry]:
    """Return the surfaces of things by IRI; what `wkt` cannot read whole is left out."""
    found = ((row["thing"].value, wkt.surfaces(row["wkt"].value)) for row in select(engine, _SURFACES))
    return {thing: {"type": "MultiPolygon", "coordinates": surfaces} for thing, surfaces in sorted(found) if surfaces}


def _point(row: Mapping[str, Cell]) -> Geometry | None:
    longitude, latitude = row["longitude"], row["latitude"]
    return None if longitude is None else {"type": "Point", "coordinates": [longitude, latitude]}


def _feature(name: str, geometry: Geometry | None, row: Mapping[str, Cell]) -> Mapping[str, Any]:
    properties = {key: cell for key, cell in row.items() if key not in {"longitude", "latitude"}}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}


def _write(file: BinaryIO, features: Iterable[Mapping[str, Any]]) -> None:
    """Write a feature per line, so that a difference shows what changed."""
    before = b'{"type": "FeatureCollection", "features": [\n'
    for feature in features:
        file.write(before + json.dumps(feature, ensure_ascii=False, allow_nan=False).encode())
        before = b",\n"
    file.write((before if before.startswith(b"{") else b"") + b"\n]}\n")
