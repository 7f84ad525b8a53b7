"""Cells that spreadsheets would take for formulas (OWASP, CSV injection)."""

from __future__ import annotations

import re
from typing import Final

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9 \u00a0\u202f.,]*(?:[eE][+-]?[0-9]+)?%?")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: `'` stands before what would be one.

    Numbers stay: `-1,5` is one.
    """
    return f"'{cell}" if cell.startswith(_STARTS) and not _NUMBER.fullmatch(cell) else cell
