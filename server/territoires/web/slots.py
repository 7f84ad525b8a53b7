"""Who waits for a slow client holds a thread: at most so many do, so that there are others to answer."""

from __future__ import annotations

import threading
from typing import Self

from territoires.errors import OverloadedError, Text


class Slots:
    """The slots of this process: requests whose body, or whose large answer, is under way."""

    def __init__(self, count: int) -> None:
        """Have `count` slots."""
        self.count = count
        self._free = threading.BoundedSemaphore(count)

    def take(self) -> Slot:
        """Return a slot, to be closed.

        Raises:
            OverloadedError: if none is free.
        """
        if not self._free.acquire(blocking=False):
            raise OverloadedError(
                Text(
                    f"{self.count} slow clients are being served",
                    f"{self.count} clients lents sont en train d'être servis",
                ),
                hint=Text("ask again in a few seconds, or by GET", "redemandez dans quelques secondes, ou en GET"),
            )
        return Slot(self._free)


class Slot:
    """One slot, until it is closed."""

    def __init__(self, free: threading.BoundedSemaphore) -> None:
        self._free: threading.BoundedSemaphore | None = free

    def close(self) -> None:
        """Give the slot back, once."""
        free, self._free = self._free, None
        if free:
            free.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
