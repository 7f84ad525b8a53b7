"""Texts and numbers in the rows of an answer."""

from __future__ import annotations

import math

import pyoxigraph as ox

from territoires.answers import Row
from territoires.namespaces import PREFIXES

_XSD = PREFIXES["xsd"]
_NUMBERS = frozenset(
    _XSD + name for name in ("integer", "decimal", "double", "float", "long", "int", "nonNegativeInteger")
)


def text_in(row: Row, column: str) -> str | None:
    """Return the IRI or the text of a cell, or None if it is empty or a blank node."""
    term = row.get(column)
    return None if term is None or isinstance(term, ox.BlankNode) else term.value


def number_in(row: Row, column: str) -> float | None:
    """Return the finite number in a cell, or None if it holds none."""
    term = row.get(column)
    if not isinstance(term, ox.Literal) or term.datatype.value not in _NUMBERS:
        return None
    try:
        value = float(term.value)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
