"""What takes long to work out of a dataset is worked out once for each of its versions."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from territoires.engine import Engine
from territoires.engine.pool import hold

_T = TypeVar("_T")


class Remembered(Generic[_T]):
    """Something that depends on the dataset only, kept until the engine serves another version.

    Args:
        engine: what is asked.
        make: works it out; called by one thread at a time.
    """

    def __init__(self, engine: Engine, make: Callable[[Engine], _T]) -> None:
        self._engine = engine
        self._make = make
        self._lock = Lock()
        self._made: tuple[str, _T] | None = None

    def get(self) -> _T:
        """Return it, for the version that is served now.

        Raises:
            QueryError: if the engine cannot answer; nothing is kept then.
        """
        with self._lock, hold(self._engine):
            version = self._engine.version
            if self._made is None or self._made[0] != version:
                self._made = (version, self._make(self._engine))
            return self._made[1]
