"""What an entity is tied to: the entity in the middle, its neighbours in a column on each side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 12
"""Neighbours drawn at the most; more cannot be read."""
_WIDTH: Final = 760
_BOX: Final = 250
"""Width of a neighbour."""
_HIGH: Final = 48
_GAP: Final = 12
_MIDDLE: Final = 164
_LETTERS: Final = 29
"""Letters that fit into a neighbour."""
_MIDDLE_LETTERS: Final = 18


@dataclass(frozen=True, slots=True)
class Tie:
    """A neighbour, as its relation is read from the entity."""

    relation: str
    label: str
    """Name of the neighbour, or how many it stands for."""
    iri: str
    """The neighbour; empty where it stands for several."""
    many: str = ""
    """IRI of the property, for a neighbour that stands for several: it leads to their list."""
    inward: bool = False
    """Whether the things of `many` are the ones that point here."""


@dataclass(frozen=True, slots=True)
class Box:
    """A neighbour in its place, with the line to it; lengths in units of the drawing."""

    tie: Tie
    x: int
    y: int
    width: int
    height: int
    relation: str
    label: str
    line: str
    """Path from the entity (SVG 2 §9.3)."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The drawing."""

    width: int
    height: int
    middle: Box
    lines: tuple[str, ...]
    """The name of the entity, cut to fit."""
    boxes: tuple[Box, ...]


def draw(name: str, ties: Sequence[Tie]) -> Neighbourhood:
    """Return the drawing of an entity called `name` and of the first `MOST` of its `ties`."""
    kept = ties[:MOST]
    half = -(-len(kept) // 2)
    rows = max(half, 2)
    height = rows * (_HIGH + _GAP) - _GAP
    x = (_WIDTH - _MIDDLE) // 2
    lines = _wrapped(name, _MIDDLE_LETTERS, 3)
    tall = 24 + 18 * len(lines)
    middle = Box(Tie("", name, ""), x, (height - tall) // 2, _MIDDLE, tall, "", name, "")
    left = _column(kept[half:], height, 0, x)
    right = _column(kept[:half], height, _WIDTH - _BOX, x + _MIDDLE)
    return Neighbourhood(_WIDTH, height, middle, lines, (*right, *left))


def _column(ties: Sequence[Tie], height: int, x: int, start: int) -> tuple[Box, ...]:
    """Return boxes one below the other, in the middle of `height`, each with a curve from (`start`, middle)."""
    top = (height - len(ties) * (_HIGH + _GAP) + _GAP) // 2
    end = x if x > start else x + _BOX
    bend = (start + end) // 2
    boxes = []
    for number, tie in enumerate(ties):
        y = top + number * (_HIGH + _GAP)
        line = f"M{start} {height // 2}C{bend} {height // 2} {bend} {y + _HIGH // 2} {end} {y + _HIGH // 2}"
        boxes.append(Box(tie, x, y, _BOX, _HIGH, _cut(tie.relation, _LETTERS + 4), _cut(tie.label, _LETTERS), line))
    return tuple(boxes)


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _wrapped(text: str, letters: int, most: int) -> tuple[str, ...]:
    """Return `text` in at most `most` lines of about `letters` letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    kept = [_cut(line, letters) for line in lines[:most]]
    if len(lines) > most:
        kept[-1] = _cut(kept[-1], letters - 1).removesuffix("…") + "…"
    return tuple(kept)
