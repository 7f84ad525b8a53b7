"""What SPARQL servers do each in its own way, known by the name that they give in the header `Server`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_BLANK: Final = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://')
_STOPPED: Final = re.compile(r"exceeds the limit of \d+ \(sec\)|S1T00|SR171|query timed? ?out|timeout", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of server; the defaults are those of a server that nothing is known of."""

    name: str = "other"
    mark: str = ""
    """How its `Server` begins."""
    as_ours: bool = False
    """Whether it writes results byte by byte as we do, so that they pass as they are."""
    milliseconds: str | None = None
    """Parameter that takes the time which is left for a query."""
    graph_store: str | None = None
    """Path of its Graph Store Protocol on the same host."""

    def parameters(self, seconds: float) -> list[tuple[str, str]]:
        """Return what is sent beside a query that has so many `seconds` left."""
        return [(self.milliseconds, str(int(seconds * 1000)))] if self.milliseconds else []


_OTHER: Final = Dialect()
DIALECTS: Final = (
    Dialect("virtuoso", "Virtuoso", milliseconds="timeout", graph_store="/sparql-graph-crud-auth"),
    Dialect("oxigraph", "Oxigraph", as_ours=True, graph_store="/store"),
)


def dialect_of(headers: Mapping[str, str]) -> Dialect:
    """Return the kind of server that sent `headers`."""
    server = headers.get("Server", "")
    return next((one for one in DIALECTS if server.startswith(one.mark)), _OTHER)


def is_unfinished(headers: Mapping[str, str]) -> bool:
    """Return whether an answer of status 200 holds what was found when the time was over (Virtuoso's "anytime")."""
    return headers.get("X-SQL-State", "") == "S1TAT"


def most_rows(headers: Mapping[str, str]) -> int | None:
    """Return after how many rows the server has cut the answer (Virtuoso's `ResultSetMaxRows`); None: it is whole."""
    said = headers.get("X-SPARQL-MaxRows", "")
    return int(said) if said.isdecimal() else None


def was_stopped(message: str) -> bool:
    """Return whether an error is about a limit of time."""
    return bool(_STOPPED.search(message))


def mended(results: bytes) -> bytes:
    """Return results in JSON with labels of blank nodes that are labels: Virtuoso gives them as IRIs."""
    return _BLANK.sub(rb"\1", results)
