"""Engines that stand in front of another one: they see the same dataset, and pass on what they do not do themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from territoires.engine import Engine, Opened
from territoires.engine.holding import Served, is_versioned
from territoires.formats import Format
from territoires.guard import Query

E_co = TypeVar("E_co", bound=Engine, covariant=True)


class Layer(Generic[E_co]):
    """An engine in front of another one.

    Args:
        inner: what it asks. One whose dataset cannot change is held, too, at the only version that it has.
    """

    def __init__(self, inner: E_co) -> None:
        self.inner = inner

    @property
    def address(self) -> str:
        """That of the inner engine: who holds the version of one holds that of the other."""
        return self.inner.address if is_versioned(self.inner) else f"one version {id(self.inner)}"

    def seen(self) -> Served:
        """Return the version that is held, else the one that is served now."""
        return self.inner.seen() if is_versioned(self.inner) else Served(self.version, self.graphs)

    @property
    def version(self) -> str:
        """Digest of the dataset: the version that is held, else the one that is served now."""
        return self.inner.version

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs of that version, sorted."""
        return self.inner.graphs

    @property
    def ready(self) -> bool:
        """Whether a query sent now would be taken."""
        return self.inner.ready

    def counts(self) -> Mapping[str, float]:
        """Return what the processes of the inner engine counted."""
        return self.inner.counts()

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the answer; see `Engine.run`."""
        with self.open(query, format_).file as file:
            return file.read()

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the answer as a file; see `Engine.open`."""
        return self.inner.open(query, format_)


def innermost(engine: Engine) -> Engine:
    """Return the engine that evaluates."""
    while isinstance(engine, Layer):
        engine = engine.inner
    return engine
