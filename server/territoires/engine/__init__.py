"""The seam between what asks and what answers: an engine runs admitted queries and writes each answer in one format.

The format is part of the call, so that an engine in another process, or another server, can send finished bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from territoires.formats import Format
from territoires.guard import Query


@dataclass(frozen=True, slots=True)
class Opened:
    """A whole answer as a file, which its reader closes."""

    file: BinaryIO
    rows: int | None
    """Solutions of a SELECT; None for other answers."""


class Engine(Protocol):
    """Anything that answers SPARQL 1.1 queries over one dataset version."""

    @property
    def version(self) -> str:
        """Digest of the dataset: answers may be cached for as long as it stays."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs, sorted."""

    @property
    def ready(self) -> bool:
        """Whether a query sent now would be taken."""

    def counts(self) -> Mapping[str, float]:
        """Return what the processes of this engine counted, named as in `Counts.report`; empty without any."""

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the whole answer to `query`, written in `format_`.

        Raises:
            QuerySyntaxError: the text is not SPARQL 1.1; line and column are those of the user's text.
            UnknownGraphError: its dataset names a graph that is not there.
            QueryTimeoutError, QueryMemoryError, ResultTooLargeError: past a limit of this engine.
            QueryEvaluationError: the engine cannot answer.
            OverloadedError: the engine has too much to do, or is not ready.
        """

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the same answer as a file, which need not fit in memory."""
