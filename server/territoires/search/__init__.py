"""Search in names and codes, without a web: `Searcher(engine).index()` finds things however people write them.

The same index can serve whatever matches names to things of the graph.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from territoires.engine import Engine
from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import hold
from territoires.errors import OverloadedError, TerritoiresError, Text
from territoires.search.answering import CURRENT, Finding, before, look_up, may_be_postal, now
from territoires.search.entries import KINDS, Entry, gather, placed, places
from territoires.search.folding import fold
from territoires.search.hints import Hint, hint
from territoires.search.index import SCORES, Hit, Index, Match
from territoires.search.roles import Role, merged
from territoires.search.wordings import Wording, unwrap

__all__ = [
    "CURRENT",
    "KINDS",
    "SCORES",
    "Entry",
    "Finding",
    "Hint",
    "Hit",
    "Index",
    "Match",
    "Role",
    "Searcher",
    "Wording",
    "before",
    "fold",
    "gather",
    "hint",
    "look_up",
    "may_be_postal",
    "merged",
    "now",
    "placed",
    "places",
    "unwrap",
]

_log: Final = logging.getLogger(__name__)
_BEFOREHAND: Final = 3.0
"""Seconds that a server answers its first requests before the index is built beside them."""
_PATIENCE: Final = 30.0
"""Seconds that a search waits for the index to be built."""


class Searcher:
    """Builds the index of one dataset version at the first need, or before in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._built: tuple[str, Index] | None = None

    def prepare(self, after: float = _BEFOREHAND) -> None:
        """Build the index in `after` seconds, unless a search needs it before; what fails is said at that search."""
        timer = threading.Timer(after, self._prepare)
        timer.name, timer.daemon = "search index", True
        timer.start()

    def _prepare(self) -> None:
        try:
            self.index()
        except (TerritoiresError, DatasetChangedError) as error:
            _log.warning("the search index could not be built: %s", error)

    def index(self) -> Index:
        """Return the index, built when need be.

        Raises:
            QueryError, OverloadedError: if the engine cannot answer, or another thread still builds the index.
        """
        built = self._built
        if built and built[0] == self._engine.version:
            return built[1]
        if not self._lock.acquire(timeout=_PATIENCE):
            raise OverloadedError(
                Text("the search is not ready yet", "la recherche n'est pas encore prête"),
                hint=Text("ask again in a moment", "réessayez dans un instant"),
            )
        try:
            with hold(self._engine):
                if not self._built or self._built[0] != self._engine.version:
                    self._built = (self._engine.version, Index(gather(self._engine)))
                return self._built[1]
        finally:
            self._lock.release()
