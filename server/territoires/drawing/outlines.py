"""The outlines of the departments, as the build of the front end left them, and where a place stands among them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Department:
    """One department of the map."""

    code: str
    name: str
    path: str
    """SVG path data."""
    box: Box


@dataclass(frozen=True, slots=True)
class Outlines:
    """The map: its size, whom it is from, and the departments by code."""

    credit: str
    width: int
    height: int
    departments: Mapping[str, Department]


@dataclass(frozen=True, slots=True)
class Projection:
    """Mercator's, scaled: x = x0 + kx·longitude, y = y0 + ky·ln tan(π/4 + latitude/2), angles in radians."""

    x0: float
    kx: float
    y0: float
    ky: float

    def __call__(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point given in degrees (WGS 84) stands on the map."""
        return self.x0 + self.kx * math.radians(longitude), self.y0 + self.ky * mercator(latitude)


FRANCE: Final = Projection(x0=861.1, kx=9527.8, y0=9872.0, ky=-9485.8)
"""Fitted by `python -m tests.bench.projection` to the outlines, which come without one."""


def load_outlines(file: Path) -> Outlines | None:
    """Return the outlines in `file`, or None where the front end was not built."""
    if not file.exists():
        return None
    content = json.loads(file.read_text(encoding="utf-8"))
    departments = (
        Department(item["code"], item["name"], item["path"], tuple(item["box"])) for item in content["departments"]
    )
    return Outlines(
        credit=content["credit"],
        width=content["width"],
        height=content["height"],
        departments={department.code: department for department in departments},
    )


def mercator(latitude: float) -> float:
    """Return the ordinate of a latitude in degrees, in radians of the equator."""
    return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))


def fit(places: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> tuple[Projection, float]:
    """Fit a projection to pairs of longitude and latitude (degrees) and a point of the map, by least squares.

    Returns:
        The projection, and the root mean square distance by which it misses the points, in units of the map.
    """
    x0, kx = _line([math.radians(longitude) for (longitude, _), _ in places], [x for _, (x, _) in places])
    y0, ky = _line([mercator(latitude) for (_, latitude), _ in places], [y for _, (_, y) in places])
    projection = Projection(x0, kx, y0, ky)
    squares = [math.dist(projection(*place), point) ** 2 for place, point in places]
    return projection, math.sqrt(sum(squares) / len(squares))


def _line(abscissas: Sequence[float], ordinates: Sequence[float]) -> tuple[float, float]:
    """Return intercept and slope of the regression line."""
    mean, level = sum(abscissas) / len(abscissas), sum(ordinates) / len(ordinates)
    products = sum((x - mean) * (y - level) for x, y in zip(abscissas, ordinates, strict=True))
    slope = products / sum((x - mean) ** 2 for x in abscissas)
    return level - slope * mean, slope
