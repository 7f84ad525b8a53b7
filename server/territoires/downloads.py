"""How large the downloads are, found out while nobody waits for it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from threading import Lock, Thread
from typing import Final

from territoires.catalogue.statistics import graph_query
from territoires.engine import Engine
from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import hold
from territoires.errors import TerritoiresError
from territoires.formats import Format, format_named

_TURTLE: Final = format_named("turtle")
_LINES: Final = format_named("ntriples")


class Sizes:
    """Bytes of each named graph in Turtle and of all of them in N-Quads, measured once per version of the dataset.

    Measuring writes everything twice, which takes seconds: it begins when somebody first asks, and those who ask
    before it ends are told that nothing is known yet.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._version: str | None = None
        self._sizes: Mapping[str, int] = {}
        self._dump: int | None = None

    def known(self) -> tuple[Mapping[str, int], int | None]:
        """Return bytes in Turtle by IRI of the graph, and bytes of the dump; empty and None as long as not known."""
        with self._lock:
            if self._version != self._engine.version:
                self._version, self._sizes, self._dump = self._engine.version, {}, None
                Thread(target=self._measure_held, args=(self._version,), daemon=True).start()
            return self._sizes, self._dump

    def _measure_held(self, version: str) -> None:
        with contextlib.suppress(DatasetChangedError), hold(self._engine):  # else measured when asked for again
            if self._engine.version == version:
                self._measure(version)

    def _measure(self, version: str) -> None:
        sizes: dict[str, int] = {}
        dump: int | None = 0
        for graph in self._engine.graphs:
            turtle, lines = self._size(graph, _TURTLE), self._size(graph, _LINES, per_line=len(graph.encode()) + 3)
            if turtle is not None:
                sizes[graph] = turtle
            dump = None if dump is None or lines is None else dump + lines
        with self._lock:
            if self._version == version:
                self._sizes, self._dump = sizes, dump

    def _size(self, graph: str, format_: Format, *, per_line: int = 0) -> int | None:
        """Return the bytes of a graph, with so many more for each line; None when the engine cannot write it now."""
        try:
            with self._engine.open(graph_query(graph), format_).file as file:
                more = sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b"")) if per_line else 0
                return file.seek(0, io.SEEK_END) + more * per_line
        except TerritoiresError:
            return None
