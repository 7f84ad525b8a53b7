"""An engine that keeps the answers of another one, and evaluates once what several ask for at the same time.

An answer is kept under the version of the dataset and what the query says, not how it is laid out; whoever asks holds
that version (`holding`), so that the other engine answers about it or not at all.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Final, Literal
from weakref import WeakSet

from territoires.engine import Engine, Opened
from territoires.engine.holding import DatasetChangedError, Versioned, held, holding
from territoires.engine.layers import Layer
from territoires.engine.stored import Kept, Stored
from territoires.formats import Format
from territoires.guard import Query
from territoires.recent import Recent

MOST_WAITING: Final = 256
"""Most callers that wait for what another one is evaluating; a further one asks for itself."""
_OVERHEAD: Final = 500
"""Bytes that an answer takes beside its content."""

Source = Literal["memory", "folder", "shared", "engine"]
"""Where an answer came from: kept in memory or in the folder, evaluated for another caller, or for this one."""
_Flight = Future[Kept | None]
_Key = tuple[object, ...]


class KeepingEngine(Layer[Versioned]):
    """Gives the answers of `inner` again.

    Args:
        inner: what evaluates.
        capacity: most bytes to keep in memory; an answer larger than an eighth of it is not kept.
        stored: where answers may lie since an earlier start; only read here (`territoires.warming` writes).
        tell: told where each answer came from.
    """

    def __init__(
        self,
        inner: Versioned,
        capacity: int,
        stored: Stored | None = None,
        tell: Callable[[Source], None] = lambda _source: None,
    ) -> None:
        super().__init__(inner)
        self.stored = stored
        self._capacity = capacity
        self._tell = tell
        self.begin()
        _engines.add(self)

    def begin(self) -> None:
        """Keep nothing yet; in a forked process, too: the threads that evaluate, or hold the lock, are not there."""
        self._answers: Recent[str, Kept] = Recent(self._capacity)
        self._lock = Lock()
        self._flights: dict[_Key, _Flight] = {}
        self._waiting = 0

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the answer; see `Engine.run`."""
        answer = self.answer(query, format_)
        if isinstance(answer, Kept):
            return answer.content
        with answer.file as file:
            return file.read()

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the answer as a file; see `Engine.open`."""
        answer = self.answer(query, format_)
        return answer.opened() if isinstance(answer, Kept) else answer

    def answer(self, query: Query, format_: Format) -> Kept | Opened:
        """Return the answer, as a file where it is too large to be kept, or never the same.

        Raises:
            DatasetChangedError: if the caller holds a version that is no more.
            TerritoiresError: as `Engine.run`.
        """
        if query.volatile or not query.digest:
            return self._evaluate(query, format_)
        holds = self.address in (held.get() or {})
        while True:
            try:
                with holding(self.address, self.inner.seen()):
                    return self._answer(query, format_)
            except DatasetChangedError:
                if holds:
                    raise

    def kept(self, query: Query, format_: Format) -> Kept | None:
        """Return the answer if it is in memory."""
        return self._answers.find(self.version, name_of(query, format_))

    def _answer(self, query: Query, format_: Format) -> Kept | Opened:
        version, name = self.version, name_of(query, format_)
        # An error names a line of the text: only callers with the same text share it.
        key = (version, name, query.text, query.declared)
        with self._lock:
            kept = self._answers.find(version, name)
            flight = self._flights.get(key)
            leads = kept is None and flight is None
            if leads:
                flight = self._flights[key] = Future()
            waits = kept is None and not leads and self._waiting < MOST_WAITING
            self._waiting += waits
        if kept:
            self._tell("memory")
            return kept
        if flight and leads:
            return self._lead(flight, key, query, format_)
        shared = self._wait(flight) if flight and waits else None
        return shared or self._evaluate(query, format_)

    def _lead(self, flight: _Flight, key: _Key, query: Query, format_: Format) -> Kept | Opened:
        """Find or evaluate the answer, for all who wait for it."""
        version, name = self.version, name_of(query, format_)
        try:
            answer: Kept | Opened | None = self.stored.read(version, name) if self.stored else None
            if answer:
                self._tell("folder")
            else:
                answer = self._in_memory(self._evaluate(query, format_))
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
            raise
        kept = answer if isinstance(answer, Kept) else None
        if kept:
            self._answers.keep(version, name, kept, len(kept.content) + _OVERHEAD)
        self._land(key)
        flight.set_result(kept)
        return answer

    def _land(self, key: _Key) -> None:
        with self._lock:
            del self._flights[key]

    def _wait(self, flight: _Flight) -> Kept | None:
        """Return what another caller has evaluated; None when that is too large to be shared."""
        try:
            kept = flight.result()
        finally:
            with self._lock:
                self._waiting -= 1
        if kept:
            self._tell("shared")
        return kept

    def _evaluate(self, query: Query, format_: Format) -> Opened:
        self._tell("engine")
        return self.inner.open(query, format_)

    def _in_memory(self, opened: Opened) -> Kept | Opened:
        """Return the content of an answer that may be kept, else the file."""
        size = opened.file.seek(0, io.SEEK_END)
        opened.file.seek(0)
        if size > self._answers.largest:
            return opened
        with opened.file as file:
            return Kept(file.read(), opened.rows)


_engines: Final[WeakSet[KeepingEngine]] = WeakSet()


def _begin_all() -> None:
    for engine in _engines:
        engine.begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all)


def beneath(engine: Engine) -> Engine:
    """Return the engine that evaluates: for what is asked once in a version, and would drive out what is asked often.

    Whoever holds the version of one engine holds that of the other.
    """
    return engine.inner if isinstance(engine, KeepingEngine) else engine


def name_of(query: Query, format_: Format) -> str:
    """Return a name for the answer to `query` in `format_`, the same for all that must have the same answer."""
    base = query.base_iri if query.has_relative else None
    parts = (query.digest, query.default_graphs, query.named_graphs, base, format_.name)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:48]
