"""Fits the projection of the map of departments to the communes' points, and says how well it fits.

    python -m tests.bench.projection

Each department gives one pair: the middle of the box around the points of its communes, and the middle of the box
around its outline. The fit is judged apart from that, by the share of communes whose point lies within their own
department.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conftest import CHECKOUT, VENDOR

from territoires.drawing.outlines import Outlines, Projection, fit, load_outlines

OUTLINES = VENDOR / "france.json"
POINTS = CHECKOUT / "data/points-dila.ttl"
KILOMETRES = 0.46
"""Length of a unit of the map at the latitude of Orléans."""

Point = tuple[float, float]


def communes(file: Path = POINTS) -> Mapping[str, Mapping[str, Point]]:
    """Return longitude and latitude of communes by code, by the code of their department (mainland and Corsica)."""
    found: dict[str, dict[str, Point]] = defaultdict(dict)
    text = file.read_text(encoding="utf-8")
    for code, longitude, latitude in re.findall(r"<id/point/(\w{5})>[^<]*?POINT\((\S+) (\S+)\)", text):
        if code < "97":
            found[code[:2]][code] = (float(longitude), float(latitude))
    return found


def fitted(outlines: Outlines, places: Mapping[str, Mapping[str, Point]]) -> tuple[Projection, float]:
    """Return the projection that fits, and its residual in units of the map; Paris is one point, and left out."""
    pairs = []
    for code, points in places.items():
        if len(points) > 1:
            left, top, right, bottom = outlines.departments[code].box
            pairs.append((_middle(list(points.values())), ((left + right) / 2, (top + bottom) / 2)))
    return fit(pairs)


def rings(path: str) -> list[list[Point]]:
    """Return the corners of each ring of path data as the build writes it."""
    found = []
    for x, y, rest in re.findall(r"M(\d+) (\d+)l([-\d ]+)z", path):
        at = (float(x), float(y))
        ring = [at]
        numbers = [int(number) for number in re.findall(r"-?\d+", rest)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            at = (at[0] + dx, at[1] + dy)
            ring.append(at)
        found.append(ring)
    return found


def within(point: Point, shape: Sequence[Sequence[Point]]) -> bool:
    """Return whether a point lies within rings, by the even-odd rule."""
    x, y = point
    crossings = 0
    for ring in shape:
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            crossings += (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossings % 2 == 1


def share_within(projection: Projection, outlines: Outlines, places: Mapping[str, Mapping[str, Point]]) -> float:
    """Return the share of communes that the projection puts within the outline of their department."""
    shapes = {code: rings(outlines.departments[code].path) for code in places}
    judged = [within(projection(*point), shapes[code]) for code, points in places.items() for point in points.values()]
    return sum(judged) / len(judged)


def _middle(points: Sequence[Point]) -> Point:
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def main() -> None:
    """Print the fit."""
    outlines = load_outlines(OUTLINES)
    if outlines is None:
        raise SystemExit("make assets first")
    places = communes()
    projection, residual = fitted(outlines, places)
    share = share_within(projection, outlines, places)
    print(projection)  # noqa: T201  (a command)
    print(f"residual {residual:.2f} units = {residual * KILOMETRES:.1f} km; {share:.1%} of communes within")  # noqa: T201


if __name__ == "__main__":
    main()
