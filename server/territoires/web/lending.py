"""Large answers and the cache in front of Flask: taken while they are sent, and sent again, to clients maybe slow.

Whoever reads slowly keeps in memory what is being read, also when the cache has dropped it: so it is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Final

from territoires.errors import OverloadedError, Text
from territoires.web.slots import Slot, Slots

LARGE: Final = 1_000_000
"""Bytes of an answer that is not handed over at once."""
_PIECE: Final = 64 * 1024


class Taken:
    """A body that is passed on in its pieces, and given to `keep` when the last one is.

    Args:
        body: the pieces.
        length: bytes of all of them, where that is known: the client may ask again as soon as it has so many.
        most: a longer body is passed on only.
        keep: takes the whole body.
        slot: is given back when nothing is held any more.
    """

    def __init__(
        self, body: Iterable[bytes], length: int | None, most: int, keep: Callable[[bytes], None], slot: Slot
    ) -> None:
        self._body = body
        self._pieces = iter(body)
        self._length = length
        self._left = most if length is None else length
        self._keep = keep
        self._slot = slot
        self._taken: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None:
            self._end(is_whole=self._length is None and self._left >= 0)
            raise StopIteration
        self._left -= len(piece)
        if self._left >= 0:
            self._taken.append(piece)
        if self._left < 0 or (self._left == 0 and self._length is not None):
            self._end(is_whole=self._left == 0)
        return piece

    def _end(self, *, is_whole: bool) -> None:
        """Take nothing any more."""
        if is_whole:
            self._keep(b"".join(self._taken))
        self._left = -1
        self._taken.clear()
        self._slot.close()

    def close(self) -> None:
        """Close the body."""
        self._end(is_whole=False)
        getattr(self._body, "close", lambda: None)()


class Lender:
    """Sends large bodies again, of no more than `capacity` bytes at once, the same body counted once."""

    def __init__(self, capacity: int, slots: Slots) -> None:
        self._slots = slots
        self._lock = Lock()
        self._left = capacity
        self._readers: dict[int, int] = {}

    def lend(self, body: bytes) -> Lent:
        """Return `body` in pieces, to be closed.

        Raises:
            OverloadedError: if too much is being sent.
        """
        slot = self._slots.take()
        with self._lock:
            readers = self._readers.get(id(body), 0)
            if not readers and len(body) > self._left:
                slot.close()
                raise OverloadedError(Text("much is being sent", "beaucoup est en cours d'envoi"))
            self._left -= 0 if readers else len(body)
            self._readers[id(body)] = readers + 1
        return Lent(self, body, slot)

    def give_back(self, body: bytes) -> None:
        """Count one reader of `body` less."""
        with self._lock:
            self._readers[id(body)] -= 1
            if not self._readers[id(body)]:
                del self._readers[id(body)]
                self._left += len(body)


class Lent:
    """A body that is being sent again."""

    def __init__(self, lender: Lender, body: bytes, slot: Slot) -> None:
        self._lender = lender
        self._body: bytes | None = body
        self._slot = slot

    def __iter__(self) -> Iterator[bytes]:
        body = self._body or b""
        return (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))

    def close(self) -> None:
        """Give it back, once."""
        body, self._body = self._body, None
        if body is not None:
            self._lender.give_back(body)
        self._slot.close()
