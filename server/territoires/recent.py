"""What was asked for last, bounded by its bytes: what was asked for longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

_SHARE: Final = 8
"""One thing may take this part of the whole, so that no single one drives out the rest."""

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """Things made from one version of the dataset; another version drops them all. Threads may share it.

    Args:
        capacity: most bytes to keep, as those who keep things count them.
    """

    def __init__(self, capacity: int) -> None:
        self.largest = capacity // _SHARE
        """Most bytes of one thing."""
        self._capacity = capacity
        self._lock = Lock()
        self._of = ""
        self._held = 0
        self._things: OrderedDict[_K, tuple[_V, int]] = OrderedDict()

    def find(self, version: str, key: _K) -> _V | None:
        """Return what is kept under `key`; what was made from another version is dropped."""
        with self._lock:
            if version != self._of:
                self._things.clear()
                self._held, self._of = 0, version
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def keep(self, version: str, key: _K, thing: _V, size: int) -> None:
        """Keep a thing of `size` bytes that was made from `version`, unless another version was asked for since."""
        with self._lock:
            if self._of != version or key in self._things or size > self._capacity:
                return
            self._things[key] = thing, size
            self._held += size
            while self._held > self._capacity:
                _, (_, gone) = self._things.popitem(last=False)
                self._held -= gone
