"""The map of France: each department shaded by a number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from territoires.answers import Answer, number_in, text_in
from territoires.drawing.outlines import Department, Outlines

_SHADES: Final = 6
_FEW: Final = 12
"""Up to this a whole number is its own shade, so that the shades of two maps mean the same."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number said of a department."""

    iri: str
    code: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Area:
    """A department as it is drawn: on the map, or without `path` as a tile beside it."""

    count: Count
    shade: int
    """0 for the lightest … 5."""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Shade:
    """What a shade stands for: the least and the greatest number drawn in it."""

    shade: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Choropleth:
    """The shaded map."""

    areas: tuple[Area, ...]
    """Departments with an outline; none where the front end was not built."""
    tiles: tuple[Area, ...]
    """Departments without an outline: overseas."""
    blank: tuple[Department, ...]
    """Departments of which no number is said."""
    shades: tuple[Shade, ...]
    outlines: Outlines | None

    @property
    def counts(self) -> list[Count]:
        """Every number, by code."""
        return sorted((area.count for area in (*self.areas, *self.tiles)), key=lambda count: count.code)


def counted(answer: Answer) -> list[Count]:
    """Return the counts in an answer with the columns code, department, departmentLabel and one of numbers.

    Rows that lack one of them are left out.
    """
    counts = []
    for row in answer:
        values = [value for name in answer.variables if (value := number_in(row, name)) is not None]
        iri, code, name = (text_in(row, column) for column in ("department", "code", "departmentLabel"))
        if values and iri and code and name:
            counts.append(Count(iri, code, name, values[-1]))
    return counts


def shaded(counts: Sequence[Count], outlines: Outlines | None) -> Choropleth:
    """Return the map of `counts`, one a department."""
    bounds = _bounds(sorted({count.value for count in counts}))
    known = outlines.departments if outlines else {}
    drawn = [
        Area(count, bisect_right(bounds, count.value) - 1, known[count.code].path if count.code in known else "")
        for count in counts
    ]
    said = {count.code for count in counts}
    return Choropleth(
        areas=tuple(area for area in drawn if area.path),
        tiles=tuple(area for area in drawn if not area.path),
        blank=tuple(department for code, department in known.items() if code not in said),
        shades=tuple(_shades(drawn)),
        outlines=outlines,
    )


def _bounds(values: Sequence[float]) -> list[float]:
    """Return the least number of each shade; `values` are distinct and rise."""
    few = all(value == int(value) and 0 <= value <= _FEW for value in values)
    if few or len(values) <= _SHADES:
        return list(values[:_SHADES])
    return [values[number * len(values) // _SHADES] for number in range(_SHADES)]


def _shades(areas: Sequence[Area]) -> list[Shade]:
    values: dict[int, list[float]] = {}
    for area in areas:
        values.setdefault(area.shade, []).append(area.count.value)
    return [Shade(shade, min(found), max(found)) for shade, found in sorted(values.items())]
