"""Whose turn it is: short queries stay quick while long ones run.

A query starts at once on a free worker. All workers but one may be kept by queries that run long: when one waits for
its first turn while all workers are busy, and the one that started last has had its time, that one is ended and its
query waits for a second turn. It gets it when two workers are free, so that another query can always be the last to
start: nothing ends it again but its own limit.

First turns go to the newest, so that a short query waits for one such change, however many long ones came before it;
no query has more than one first turn, so the older ones are soon reached.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """The queries that wait, for as many workers as `workers`."""

    def __init__(self, workers: int) -> None:
        self._reserved = min(1, workers - 1)
        self._first: list[T] = []
        self._second: deque[T] = deque()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._first) + len(self._second)

    def __iter__(self) -> Iterator[T]:
        """Yield all that wait."""
        yield from self._first
        yield from self._second

    def __contains__(self, query: T) -> bool:
        """Return whether `query` waits."""
        return query in self._first or query in self._second

    def add(self, query: T) -> None:
        """Let a new query wait for its first turn."""
        self._first.append(query)

    def add_again(self, query: T) -> None:
        """Let a query that was ended for another one wait for its second turn."""
        self._second.append(query)

    def take(self, free: int) -> T | None:
        """Return the query that starts now, if `free` workers are; it waits no more."""
        if free and self._first:
            return self._first.pop()
        if free > self._reserved and self._second:
            return self._second.popleft()
        return None

    @property
    def pressing(self) -> bool:
        """Whether a query waits for whose sake another one may be ended."""
        return bool(self._reserved and self._first)

    def remove(self, query: T) -> None:
        """Forget `query` if it waits."""
        for queue in (self._first, self._second):
            with contextlib.suppress(ValueError):
                queue.remove(query)

    def remove_where(self, unwanted: Callable[[T], bool]) -> list[T]:
        """Forget and return the queries for which `unwanted` holds."""
        found = [query for query in self if unwanted(query)]
        for query in found:
            self.remove(query)
        return found
