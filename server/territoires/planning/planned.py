"""Stands in front of an engine and has queries written anew, once the dataset version that it serves is counted."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from typing import Final

from territoires.engine import Engine, Opened
from territoires.engine.holding import DatasetChangedError
from territoires.engine.layers import Layer
from territoires.engine.pool import hold
from territoires.errors import (
    QueryEvaluationError,
    QueryMemoryError,
    QuerySyntaxError,
    QueryTimeoutError,
    TerritoiresError,
)
from territoires.formats import Format
from territoires.guard import Query
from territoires.planning.reading import read
from territoires.planning.rewriting import rewrite
from territoires.planning.statistics import LEAST, Statistics, measure

_AFTER: Final = 3.0
"""Seconds from the first query of a version until it is counted: a start has more urgent things to do."""
_REST: Final = 10
"""Versions that follow each other are counted for a tenth of the time at most."""
_JOINED: Final = 2
"""Patterns of which one must be taken first."""
_LONGEST: Final = 10_000
"""Characters of a text that is read: the time to read it counts, and what was found is kept."""
_KEPT: Final = 500
"""Texts whose rewriting is kept."""
_OF_THE_TEXT: Final = (QuerySyntaxError, QueryEvaluationError, QueryMemoryError)
"""Errors after which the user's own text is asked; after one that took all the time, only the next time."""

_log: Final = logging.getLogger(__name__)


class PlannedEngine(Layer[Engine]):
    """Asks `inner`, with another text where that answers sooner; safe to use from many threads.

    Args:
        inner: what evaluates, without statistics.
        after: seconds from the first query of a version until it is counted, in a thread.
        least: triples from which a predicate is counted closely.
    """

    def __init__(self, inner: Engine, after: float = _AFTER, least: int = LEAST) -> None:
        super().__init__(inner)
        self._after = after
        self._least = least
        self._lock = threading.Lock()
        self._known: Statistics | None = None
        self._counting = False
        self._not_before = 0.0
        self._texts: OrderedDict[str, str | None] = OrderedDict()
        """What to ask in place of a text, of the version that is known; None: the text itself."""

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the answer as a file; see `Engine.open`.

        A text that was written anew is about the version that was counted, and no other; if the engine cannot answer
        it, the user's own text is asked, whose errors are the user's.
        """
        if self._may_be_planned(query):
            # What changes meanwhile is seen to by whoever holds a version; else the query is asked as it is.
            with suppress(DatasetChangedError, *_OF_THE_TEXT), hold(self.inner):
                text = self._planned(query.text)
                if text is not None:
                    return self._open(query, text, format_)
        return self.inner.open(query, format_)

    def _open(self, query: Query, text: str, format_: Format) -> Opened:
        try:
            return self.inner.open(replace(query, text=text), format_)
        except (*_OF_THE_TEXT, QueryTimeoutError):
            with self._lock:
                self._texts[query.text] = None
            raise

    @staticmethod
    def _may_be_planned(query: Query) -> bool:
        """Return whether a query is about the default graph of the engine, and may be long in coming."""
        dataset = query.has_dataset or query.default_graphs is not None or query.named_graphs is not None
        return not dataset and not query.volatile and query.kind != "boolean" and len(query.text) <= _LONGEST

    def _planned(self, text: str) -> str | None:
        """Return what to ask in place of `text`; None for the text itself, also while nothing is known."""
        version = self.inner.version
        known = self._known
        if known is None or known.version != version:
            self._count_soon(text)
            return None
        with self._lock:
            if text in self._texts:
                self._texts.move_to_end(text)
                return self._texts[text]
        if not known.mentioned(text):
            return None
        rewriting = rewrite(text, known)
        other = rewriting.text if rewriting.pays else None
        with self._lock:
            if self._known is known:
                self._texts[text] = other
                if len(self._texts) > _KEPT:
                    self._texts.popitem(last=False)
        return other

    def _count_soon(self, text: str) -> None:
        """Have the version counted, in a while, once a query comes that this may help."""
        if self._counting or all(len(run.patterns) < _JOINED for run in read(text)):
            return
        with self._lock:
            if self._counting or time.monotonic() < self._not_before:
                return
            self._counting = True
        timer = threading.Timer(self._after, self._count)
        timer.name, timer.daemon = "planner", True
        timer.start()

    def _count(self) -> None:
        begun = time.monotonic()
        try:
            self.count()
            _log.info("the planner has counted the dataset in %.1f s", time.monotonic() - begun)
        except (TerritoiresError, DatasetChangedError) as error:
            _log.warning("queries are asked as they are written: the dataset could not be counted: %s", error)
        finally:
            with self._lock:
                self._counting = False
                self._not_before = time.monotonic() + _REST * (time.monotonic() - begun)

    def count(self) -> None:
        """Count the version that is served, now.

        Raises:
            TerritoiresError, DatasetChangedError: if the engine cannot answer, or serves another version by then.
        """
        with hold(self.inner):
            known = measure(self.inner, self._least)
        with self._lock:
            self._known = known
            self._texts.clear()
