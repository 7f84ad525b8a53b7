"""A horizontal bar chart; each bar has its label above it, so that it reads the same on a phone and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_ROW: Final = 2.9
"""Height of a label with its bar, in em."""
_WIDEST: Final = 76.0
"""Longest bar in percent of the width of the chart: the rest is for its value."""
_LONGEST: Final = 44
"""Characters of a label that a chart of 20 rem has room for."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the chart."""

    label: str
    """What the bar stands for, whole."""
    short: str
    """The label as it fits in the narrowest chart."""
    value: float
    top: float
    """Upper edge of the row, in em."""
    x: float
    """Left end of the bar, in percent of the width."""
    width: float
    """Length of the bar, in percent of the width; 0 for the value 0."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from top to bottom, over one scale that holds zero."""

    bars: tuple[Bar, ...]
    height: float
    """Height of the whole, in em."""
    zero: float
    """Where zero is, in percent of the width."""


def bars(rows: Sequence[tuple[str, float]]) -> Chart:
    """Return the chart of `rows`: a label and a finite value each, drawn in their order.

    Lengths are in proportion to the values; bars below zero stand left of it.
    """
    low = min([0.0, *(value for _, value in rows)])
    high = max([0.0, *(value for _, value in rows)])
    scale = _WIDEST / (high - low or 1.0)
    drawn = tuple(
        Bar(
            label=label,
            short=label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…",
            value=value,
            top=round(number * _ROW, 2),
            x=round((min(value, 0.0) - low) * scale, 2),
            width=round(abs(value) * scale, 2),
        )
        for number, (label, value) in enumerate(rows)
    )
    return Chart(drawn, height=round(len(rows) * _ROW, 2), zero=round(-low * scale, 2))
