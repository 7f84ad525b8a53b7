"""How many rows an answer has, told from its bytes: the engine writes them natively and does not say."""

from __future__ import annotations

import re
from typing import Final

import pyoxigraph as ox

from territoires.formats import Format

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_FORMATS: Final = ox.QueryResultsFormat


def count_rows(content: bytes, format_: Format) -> int | None:
    """Return the number of solutions in the answer to a SELECT; None for any other answer."""
    match format_.results:
        case _FORMATS.JSON:
            return _in_json(content)
        case _FORMATS.XML:  # text holds no <
            return content.count(b"<result>") if b"<results>" in content else None
        case _FORMATS.CSV:  # every other piece between quotes is outside of them
            return sum(piece.count(b"\r\n") for piece in content.split(b'"')[::2]) - 1 if b"\r\n" in content else None
        case _FORMATS.TSV:  # strings hold \n in its place
            return content.count(b"\n") - 1 if b"\n" in content else None
    return None


def _in_json(content: bytes) -> int | None:
    _, found, rows = content.partition(b'"bindings":[')
    if not found:
        return None
    if rows.startswith(b"]"):
        return 0
    if b"{}" not in rows:
        return rows.count(b'},{"') + 1  # in a string the quote would have a backslash before it
    return _STRING.sub(b"", rows).count(b"},{") + 1
