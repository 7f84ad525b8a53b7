"""What rules of one stratum see of a store that holds the old derived graph, before and after a change at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pyoxigraph as ox

from territoires.rules.patterns import Term
from territoires.rules.running import GRAPH

Seen = tuple[bool, bool]
"""Whether a triple is there before the change, and after it."""


class View:
    """The triples that are there before or after a change: sources, and what lower strata derive."""

    def __init__(
        self, store: ox.Store, touched: Mapping[ox.Triple, Seen], is_lower: Callable[[ox.Triple], bool]
    ) -> None:
        """`touched` says what is known better than the store shows; `is_lower` looks at triples of the derived graph."""
        self._store = store
        self._touched = touched
        self._is_lower = is_lower
        self._more = ox.Store()
        self._more.extend([ox.Quad(*triple) for triple, seen in touched.items() if any(seen)])
        self._any_more = len(self._more) > 0

    def match(self, subject: Term | None, predicate: Term | None, object_: Term | None) -> Iterator[ox.Triple]:
        """Yield the triples that have these terms, where None is any; each perhaps more than once."""
        if isinstance(subject, ox.Literal | ox.Triple) or not isinstance(predicate, ox.NamedNode | None):
            return
        for quad in self._store.quads_for_pattern(subject, predicate, object_):
            triple = quad.triple
            if not isinstance(quad.graph_name, ox.DefaultGraph) and triple not in self._touched:
                if quad.graph_name != GRAPH or self._is_lower(triple):
                    yield triple
        if self._any_more:
            for quad in self._more.quads_for_pattern(subject, predicate, object_):
                yield quad.triple

    def seen(self, triple: ox.Triple) -> Seen:
        """Return whether `triple` is there before and after the change."""
        known = self._touched.get(triple)
        if known is None:
            there = next(self.match(triple.subject, triple.predicate, triple.object), None) is not None
            known = (there, there)
        return known
