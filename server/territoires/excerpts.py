"""The lines around a mistake, with a mark under the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_AROUND: Final = 2
_WIDEST: Final = 120


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a text, and where in one of them something is wrong."""

    lines: tuple[tuple[int, str], ...]
    """Number of the line, counted from 1, and its text."""
    marked: int
    """Number of the line that the mark belongs to."""
    before: str
    """What to write before the mark so that it stands under its place: spaces, and tabs where the line has them."""


def excerpt(text: str, line: int, column: int) -> Excerpt | None:
    """Return the lines around `line` and `column` (characters, both from 1), or None if the text has no such line.

    A long line is cut around the column; every line then lacks the same number of characters at its start.
    """
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return None
    start = max(0, column - 1 - _WIDEST // 2) if len(lines[line - 1]) > _WIDEST else 0
    first, last = max(1, line - _AROUND), min(len(lines), line + _AROUND)
    shown = tuple(
        (number, lines[number - 1].rstrip("\r")[start : start + _WIDEST]) for number in range(first, last + 1)
    )
    before = lines[line - 1][start : column - 1].ljust(column - 1 - start)[:_WIDEST]
    return Excerpt(shown, line, "".join("\t" if character == "\t" else " " for character in before))
