"""Answers of the published queries are made before anybody asks, beside the requests, and lie in a folder.

The next start answers from there. One process of a server writes, one query at a time, and never on the last worker
that is free.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from threading import Event, Thread
from time import monotonic
from typing import Final, NamedTuple, get_args

from territoires.engine.holding import DatasetChangedError
from territoires.engine.keeping import KeepingEngine, name_of
from territoires.engine.pool import hold
from territoires.engine.stored import Kept, Stored
from territoires.errors import Language, OverloadedError, TerritoiresError
from territoires.formats import Format, Kind, format_named
from territoires.guard import Query, admit
from territoires.queries import PublishedQuery
from territoires.settings import Settings

FORMATS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "bindings": ("json", "csv"),
    "boolean": ("json",),
    "graph": ("turtle", "jsonld"),
}
"""What is made of each kind of answer; pages read JSON."""
_SETTLES_IN: Final = 5.0
"""Seconds that a version must have been served before its answers are made: requests, and other changes, come first."""
_PAUSE: Final = 1.0
"""Seconds before the pool is looked at again when it had no room."""
_TELLS_EVERY: Final = 50
"""Answers between two lines of progress."""
_log: Final = logging.getLogger(__name__)


class Asked(NamedTuple):
    """A published query with its defaults, in a language and a format."""

    title: str
    """Name of the query."""
    query: Query
    format: Format
    name: str
    """Of its answer, among those that are stored."""


class Warmer:
    """Makes the answers that are missing, of each version that is served."""

    def __init__(
        self, engine: KeepingEngine, stored: Stored, queries: Iterable[PublishedQuery], settings: Settings
    ) -> None:
        self._engine = engine
        self._stored = stored
        self._queries = tuple(queries)
        self._settings = settings
        self._closing = Event()

    def start(self) -> None:
        """Work in a thread of its own, until `close`."""
        Thread(target=self._run, name="published answers", daemon=True).start()

    def close(self) -> None:
        """Stop after the query that is being answered."""
        self._closing.set()

    def _run(self) -> None:
        done, before = "", ""
        try:
            while not self._closing.wait(_SETTLES_IN):
                version = self._engine.version
                if version == before != done and self.warm():
                    done = version
                before = version
        except (OSError, TerritoiresError) as error:
            _log.warning("answers of published queries are not kept on disk: %s", error)

    def warm(self) -> bool:
        """Make what is missing of the version that is served now; return whether nothing is.

        Raises:
            OSError, DataError: if nothing can be written.
        """
        version = self._engine.version
        with self._stored.alone() as alone:
            if not alone:
                return False
            self._stored.drop_others(version)
            asked = list(self.asked())
            missing = [one for one in asked if self._stored.read(version, one.name) is None]
            _log.info(
                "published queries: %d of %d answers are in %s, %d are to be made",
                *(len(asked) - len(missing), len(asked), self._stored.folder, len(missing)),
            )
            return not missing or self._make_all(version, missing)

    def asked(self) -> Iterator[Asked]:
        """Yield what is asked, each answer once."""
        found: dict[str, Asked] = {}
        for published in self._queries:
            for text in dict.fromkeys(published.in_language(language) for language in get_args(Language)):
                query = admit(text, self._settings)
                for format_ in map(format_named, FORMATS[published.kind]):
                    name = name_of(query, format_)
                    found.setdefault(name, Asked(published.name, query, format_, name))
        yield from found.values()

    def _make_all(self, version: str, missing: list[Asked]) -> bool:
        """Make what is missing; return False where another version is served meanwhile."""
        start, left = monotonic(), missing
        try:
            while left and not self._closing.is_set():
                left = self._make_some(version, left, len(missing))
                if left:
                    self._closing.wait(_PAUSE)
        except DatasetChangedError:
            _log.info("published queries: the data have changed, %d answers were not made", len(left))
            return False
        _log.info("published queries: %d answers made in %.1f s", len(missing) - len(left), monotonic() - start)
        return not left

    def _make_some(self, version: str, asked: list[Asked], total: int) -> list[Asked]:
        """Make what the pool has room for, and return the rest."""
        left = []
        has_room = True
        for number, one in enumerate(asked, total - len(asked) + 1):
            with hold(self._engine):
                if self._engine.version != version:
                    raise DatasetChangedError
                kept = self._engine.kept(one.query, one.format)
                has_room = has_room and (kept is not None or self._has_room())
                try:
                    kept = kept or (self._evaluated(one) if has_room else None)
                except OverloadedError:
                    has_room = False
            if kept is None and not has_room:
                left.append(one)
                continue
            if kept:
                self._stored.write(version, one.name, kept)
            if (done := number - len(left)) % _TELLS_EVERY == 0:
                _log.info("published queries: %d of %d answers", done, total)
        return left

    def _has_room(self) -> bool:
        """Return whether another worker stays free for the next visitor."""
        counts = self._engine.counts()
        return bool(counts) and not counts["waiting"] and counts["workers_busy"] + 1 < self._settings.query_workers

    def _evaluated(self, asked: Asked) -> Kept | None:
        """Return an answer, and rest for as long as that took; None where there is none that can be kept.

        Raises:
            OverloadedError: if it can be had later.
        """
        start = monotonic()
        try:
            answer = self._engine.answer(asked.query, asked.format)
        except OverloadedError:
            raise
        except TerritoiresError as error:
            _log.warning("the published query %s is not answered beforehand: %s", asked.title, error)
            return None
        finally:
            self._closing.wait(monotonic() - start)
        if isinstance(answer, Kept):
            return answer
        answer.file.close()
        return None
