"""Geometries as GeoSPARQL writes them (OGC 22-047 §8.5.1): longitude and latitude in WGS 84, without a CRS in front."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Final

Point = tuple[float, float]

_NUMBER: Final = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_POINT: Final = re.compile(rf"\s*POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)\s*", re.IGNORECASE)
_SURFACE: Final = re.compile(r"\s*(MULTI)?POLYGON\s*\(", re.IGNORECASE)
_OUTER: Final = re.compile(r"\(\s*\((?!\s*\()")
"""Where a polygon begins; `_RING` needs its second bracket again."""
_RING: Final = re.compile(r"\(([^()]+)\)")


def point(text: str) -> Point | None:
    """Return longitude and latitude of a POINT in degrees, or None if the text is none or no map shows it."""
    match = _POINT.fullmatch(text)
    return _on_map(float(match[1]), float(match[2])) if match else None


def rings(text: str) -> list[list[Point]]:
    """Return the rings of a POLYGON or MULTIPOLYGON, holes among them; nothing for what is none or is malformed."""
    if not _SURFACE.match(text):
        return []
    found = [[_corner(pair) for pair in ring.split(",")] for ring in _RING.findall(text)]
    whole = [[corner for corner in ring if corner] for ring in found]
    return whole if whole == found else []


def surfaces(text: str) -> list[list[list[Point]]]:
    """Return the polygons of a POLYGON or MULTIPOLYGON as GeoJSON has them (RFC 7946 §3.1.6).

    Each is its outer ring, counterclockwise, then its holes, clockwise; nothing for what `rings` does not read whole.
    """
    polygons: list[list[list[Point]]] = []
    left = iter(rings(text))
    for outer in _OUTER.split(text)[1:]:
        inside = [ring for _, ring in zip(_RING.findall(f"({outer}"), left)]  # noqa: B905  (the rest is of the next)
        polygons.append([_turned(ring, left=number == 0) for number, ring in enumerate(inside)])
    return polygons if polygons and all(polygons) else []


def _turned(ring: list[Point], *, left: bool) -> list[Point]:
    doubled = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
    return ring if (doubled > 0) == left else ring[::-1]


def _corner(pair: str) -> Point | None:
    try:
        longitude, latitude, *_ = map(float, pair.split())
    except ValueError:
        return None
    return _on_map(longitude, latitude)


def _on_map(longitude: float, latitude: float) -> Point | None:
    """Return the point where Mercator's projection can show it."""
    inside = math.isfinite(longitude) and abs(longitude) <= 180 and abs(latitude) <= 85  # noqa: PLR2004  (degrees)
    return (longitude, latitude) if inside else None
