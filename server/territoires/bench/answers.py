"""Whether two servers say the same: answers without what they may differ in, the order of rows and of prefixes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox

JSON: Final = "application/sparql-results+json"
TURTLE: Final = "text/turtle"
_NUMBERS: Final = frozenset({"integer", "int", "long", "decimal", "nonNegativeInteger"})
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"

Said = Counter[tuple[str, ...]]


def media_type(query: str) -> str:
    """Return what the answer to a query is asked in."""
    return TURTLE if "CONSTRUCT" in query else JSON


def address(endpoint: str, query: str) -> str:
    """Return what is asked by GET."""
    return f"{endpoint}?{urlencode({'query': query})}"


def fetch(endpoint: str, query: str, *, patience: float = 120) -> tuple[bytes, float]:
    """Return an answer and the seconds that it took.

    Args:
        endpoint: address that takes `?query=`.
        query: SPARQL.
        patience: seconds without a byte after which it is given up.

    Raises:
        OSError: if the server does not answer, or by an error.
    """
    request = Request(address(endpoint, query), headers={"Accept": media_type(query)})  # noqa: S310  (our own address)
    started = time.perf_counter()
    with urlopen(request, timeout=patience) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content, time.perf_counter() - started


def read(content: bytes, query: str) -> Said:
    """Return the rows, or the triples, of an answer, each with how often it is there.

    Raises:
        ValueError, SyntaxError: if the answer is not in the format that was asked for.
    """
    if media_type(query) == TURTLE:
        triples = ox.parse(content, ox.RdfFormat.TURTLE)
        return Counter((str(one.subject), str(one.predicate), str(one.object)) for one in triples)
    found = json.loads(content)
    names = sorted(found["head"]["vars"])
    return Counter(_row(row, names) for row in found["results"]["bindings"])


def _row(row: dict[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_term(row[name]) if name in row else "" for name in names)


def _term(term: dict[str, str]) -> str:
    value, datatype = term["value"], term.get("datatype", "").removeprefix(_XSD)
    if term["type"] in {"uri", "bnode"}:
        return f"<{value}>"
    if datatype in _NUMBERS:
        try:
            return str(Decimal(value).normalize())
        except InvalidOperation:
            return value
    return f"{value}@{term.get('xml:lang', '')}^{datatype.replace('string', '')}"
