"""A circuit breaker: an address that failed again and again is left alone for a while, then tried by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

_FAILURES: Final = 3
"""Failures in a row that open the circuit."""
_PAUSE: Final = 2.0
"""Seconds that it stays open first; each trial that fails doubles them."""
_LONGEST: Final = 30.0


@dataclass(slots=True)
class Circuit:
    """Counts what fails in a row; safe to use from many threads."""

    clock: Callable[[], float] = time.monotonic
    _failed: int = 0
    _open_until: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @property
    def closed(self) -> bool:
        """Whether the address is used."""
        return self._failed < _FAILURES

    def may_try(self) -> bool:
        """Return whether to ask the address now: always while closed; while open, once after each pause."""
        with self._lock:
            if self.closed:
                return True
            if self.clock() < self._open_until:
                return False
            self._open_until = self.clock() + self._pause()
            return True

    def worked(self) -> None:
        """Close it."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failed += 1
            if not self.closed:
                self._open_until = self.clock() + self._pause()

    def _pause(self) -> float:
        return float(min(_LONGEST, _PAUSE * 2 ** min(self._failed - _FAILURES, 10)))
