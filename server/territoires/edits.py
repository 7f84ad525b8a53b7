"""Which quads a change takes out of the dataset and puts into it: what every way of writing comes down to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import pyoxigraph as ox


@dataclass(frozen=True, slots=True)
class Edit:
    """The net effect of a change; no quad is both removed and added.

    None stands in the default graph, but of a dataset file that has its own (`Root.union`), which is no named graph.
    """

    removed: frozenset[ox.Quad] = frozenset()
    """Quads that were in the dataset."""
    added: frozenset[ox.Quad] = frozenset()
    """Quads that were not."""

    @classmethod
    def between(cls, before: Iterable[ox.Quad], after: Iterable[ox.Quad]) -> Self:
        """Return what leads from one set of quads to another."""
        old, new = frozenset(before), frozenset(after)
        return cls(old - new, new - old)

    @property
    def graphs(self) -> frozenset[str]:
        """IRIs of the named graphs that it touches."""
        names = {quad.graph_name for quad in (*self.removed, *self.added)}
        return frozenset(name.value for name in names if isinstance(name, ox.NamedNode))

    @property
    def inverse(self) -> Edit:
        """What undoes it."""
        return Edit(self.added, self.removed)

    def then(self, later: Edit) -> Edit:
        """Return the net effect of this and then `later`."""
        return Edit(
            (self.removed - later.added) | (later.removed - self.added),
            (self.added - later.removed) | (later.added - self.removed),
        )

    def within(self, graph: str) -> Edit:
        """Return its part in one named graph."""
        name = ox.NamedNode(graph)
        return Edit(
            frozenset(quad for quad in self.removed if quad.graph_name == name),
            frozenset(quad for quad in self.added if quad.graph_name == name),
        )

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.removed or self.added)
