"""A table as it is read: heads, and rows one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from territoires.errors import Text

SAVE: Final = Text("save it as CSV UTF-8 or as XLSX", "enregistrez-le en CSV UTF-8 ou en XLSX")
"""What to do with a file that is not read."""
_MOST_UNPACKED: Final = 2_000_000_000
"""Bytes that a workbook of a million rows unpacks to, with room."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table may ask of whoever reads it."""

    rows: int | None = None
    seconds: float | None = None
    unpacked: int = _MOST_UNPACKED
    """Bytes of a workbook when it is unpacked."""
    parquet: bool = True
    """Whether Parquet is read: its parser is native code, which strangers' bytes should not reach."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a line of heads."""

    name: str
    heads: list[str]
    rows: Iterator[tuple[int, list[str]]]
    """Number of the line or row, counted from 1 with the heads, and its cells: as many as there are heads."""
    described: Text
    """How it was read."""
    delimiter: str | None
    """Of a CSV file."""
    read: Callable[[], int]
    """Returns how many of the bytes have been read, for a progress bar."""
