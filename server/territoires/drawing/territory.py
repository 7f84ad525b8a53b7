"""A small map of one territory: its communes as points over the departments around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from territoires.answers import Answer, select, text_in
from territoires.drawing.outlines import FRANCE, Box, Department, Outlines
from territoires.drawing.wkt import Point, point, rings
from territoires.engine import Engine

_COMMUNES: Final = """
SELECT ?code ?name ?wkt ?department WHERE {{
  {iri} ti:coversCommune ?commune .
  ?commune igeo:codeINSEE ?code ; igeo:nom ?name ; geo:hasDefaultGeometry/geo:asWKT ?wkt .
  OPTIONAL {{ ?commune ti:inDepartment/igeo:codeINSEE ?department }}
}} ORDER BY ?code"""
_SHAPES: Final = """
SELECT ?wkt WHERE {{
  {iri} (geo:hasDefaultGeometry|geo:hasGeometry)/geo:asWKT ?wkt FILTER(REGEX(STR(?wkt), "POLYGON", "i"))
}}"""
_SMALLEST: Final = 60.0
"""Least side of a map, in units of the outlines: 28 km."""
_MARGIN: Final = 0.04
_DOT: Final = 110
_CROWD: Final = 120
"""From this many dots on they become smaller."""
_LETTER: Final = 30


@dataclass(frozen=True, slots=True)
class Dot:
    """A commune, where it stands on the map."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """A cut from the map of France, in its coordinates."""

    box: Box
    departments: tuple[Department, ...]
    """Those that the communes are in."""
    around: tuple[Department, ...]
    """Those that the cut shows beside them."""
    dots: tuple[Dot, ...]
    shape: str
    """SVG path data of the true perimeter, where the graph holds it; else empty."""
    credit: str
    """Whom the outlines are from; empty where none is drawn."""

    @property
    def view(self) -> str:
        """Value of `viewBox`."""
        left, top, right, bottom = self.box
        return f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}"

    @property
    def radius(self) -> float:
        """Radius of a dot: it looks the same in every cut, and smaller where there are many."""
        return round(self._side / _DOT / max(1.0, math.sqrt(len(self.dots) / _CROWD)), 2)

    @property
    def letter(self) -> float:
        """Height of the letters, in units of the map."""
        return round(self._side / _LETTER, 2)

    @property
    def _side(self) -> float:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


def perimeter(engine: Engine, outlines: Outlines | None, iri: str) -> Map | None:
    """Return the map of the territory `iri`, or None if the graph has no point of any of its communes.

    Raises:
        QueryError: if the engine cannot answer.
    """
    named = str(ox.NamedNode(iri))
    communes = select(engine, _COMMUNES.format(iri=named))
    shapes = [text_in(row, "wkt") or "" for row in select(engine, _SHAPES.format(iri=named))]
    codes = {text_in(row, "department") for row in communes} - {None}
    return located(dots(communes, "wkt", "name"), [ring for shape in shapes for ring in rings(shape)], outlines, codes)


def dots(answer: Answer, place: str, name: str) -> list[Dot]:
    """Return a dot for each row of `answer` whose column `place` holds a point, called as its column `name` says."""
    found = []
    for row in answer:
        if at := point(text_in(row, place) or ""):
            x, y = FRANCE(*at)
            found.append(Dot(text_in(row, name) or "", round(x, 1), round(y, 1)))
    return found


def located(
    places: Sequence[Dot],
    shape: Sequence[Sequence[Point]] = (),
    outlines: Outlines | None = None,
    codes: set[str | None] | None = None,
) -> Map | None:
    """Return the map that holds `places`, the rings of `shape`, and the departments of `codes`; None for no place."""
    corners = [[FRANCE(*corner) for corner in ring] for ring in shape]
    points = [*((dot.x, dot.y) for dot in places), *(corner for ring in corners for corner in ring)]
    if not points:
        return None
    known = outlines.departments if outlines else {}
    own = [department for code, department in known.items() if code in (codes or ())]
    boxes = [*((x, y, x, y) for x, y in points), *(department.box for department in own)]
    box = _with_margin(_around(boxes))
    around = [other for other in known.values() if other not in own and _meet(other.box, box)]
    return Map(
        box=box,
        departments=tuple(own),
        around=tuple(around),
        dots=tuple(places),
        shape="".join(f"M{' '.join(f'{x:.1f} {y:.1f}' for x, y in ring)}z" for ring in corners),
        credit=outlines.credit if outlines and (own or around) else "",
    )


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _with_margin(box: Box) -> Box:
    left, top, right, bottom = box
    margin = max(right - left, bottom - top) * _MARGIN
    wide, high = (
        max(margin, (_SMALLEST - size) / 2) if size < _SMALLEST else margin for size in (right - left, bottom - top)
    )
    return left - wide, top - high, right + wide, bottom + high


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
