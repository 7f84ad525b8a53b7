"""One version of the dataset for as long as a request, or a background task, lasts.

What is answered from several queries must not mix two versions: each query says which version it is about, and an
engine that has another one by then answers `DatasetChanged`. Whoever holds the version begins again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeGuard

from territoires.engine import Engine

NAME: Final = "version.json"
"""The file, beside the socket of the pool, that says what is served now."""


class DatasetChangedError(Exception):
    """Another version was published since this one was held: what was read of it is to be read again."""


@dataclass(frozen=True, slots=True)
class Served:
    """A version and its named graphs."""

    version: str
    graphs: tuple[str, ...]


class Versioned(Engine, Protocol):
    """An engine whose dataset may change while it is asked."""

    @property
    def address(self) -> str:
        """What tells it from other engines of this process."""

    def seen(self) -> Served:
        """Return the version that is held, else the one that is served now."""


def is_versioned(engine: Engine) -> TypeGuard[Versioned]:
    """Return whether the dataset of `engine` may change; `isinstance` would take 20 µs of each request for it."""
    return hasattr(engine, "seen")


held: ContextVar[dict[str, Served] | None] = ContextVar("held", default=None)
"""What the current context holds, by address of the pool."""


@contextmanager
def holding(address: str, served: Served) -> Iterator[None]:
    """Let the block see this version only, unless it holds one already."""
    now = held.get() or {}
    token = held.set({address: served, **now})
    try:
        yield
    finally:
        held.reset(token)


def tell(folder: Path, served: Served) -> None:
    """Replace what the file in `folder` says."""
    temporary = folder / f".{NAME}.{os.getpid()}"
    temporary.write_text(json.dumps({"version": served.version, "graphs": served.graphs}), encoding="utf-8")
    temporary.replace(folder / NAME)


def told(folder: Path) -> Served | None:
    """Return what the file in `folder` says, None when there is none."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Served(said["version"], tuple(said["graphs"]))
