"""Which rules may have made a triple."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from territoires.rules.followed import Followed
from territoires.rules.patterns import Pattern, Term


class Makers:
    """Answers for one version of the store and the triples that were there before."""

    def __init__(self, rules: Iterable[Followed], store: ox.Store, before: Iterable[ox.Triple]) -> None:
        self._rules = tuple(rules)
        self._store = store
        self._before = tuple(before)
        self._ranges: dict[tuple[int, str], frozenset[Term] | None] = {}
        self._by_predicate: dict[Term, tuple[Followed, ...]] = {}

    def of_predicate(self, predicate: Term) -> tuple[Followed, ...]:
        """Return the rules that may make triples with this predicate."""
        if predicate not in self._by_predicate:
            self._by_predicate[predicate] = tuple(
                rule for index, rule in enumerate(self._rules) if self._may_make(index, predicate)
            )
        return self._by_predicate[predicate]

    def of(self, triple: ox.Triple) -> tuple[Followed, ...]:
        """Return the rules that may make this triple."""
        return tuple(rule for rule in self.of_predicate(triple.predicate) if self._fits(rule, triple))

    def _fits(self, rule: Followed, triple: ox.Triple) -> bool:
        heads = rule.reading.heads
        if heads is None:
            return True
        index = self._rules.index(rule)
        return any(self._within(index, head, triple) for head in heads)

    def _within(self, index: int, head: Pattern, triple: ox.Triple) -> bool:
        binding = head.binding(triple)
        if binding is None:
            return False
        ranges = ((term, self._range(index, name)) for name, term in binding.items())
        return all(known is None or term in known for term, known in ranges)

    def _may_make(self, index: int, predicate: Term) -> bool:
        heads = self._rules[index].reading.heads
        if heads is None:
            return True
        for head in heads:
            known = self._range(index, head.predicates) if isinstance(head.predicates, str) else head.predicates
            if known is None or predicate in known:
                return True
        return False

    def _range(self, index: int, name: str) -> frozenset[Term] | None:
        """Return all that a variable of a rule can be where that is soon said: by VALUES or the ends of a path."""
        if (index, name) not in self._ranges:
            self._ranges[index, name] = self._find_range(index, name)
        return self._ranges[index, name]

    def _find_range(self, index: int, name: str) -> frozenset[Term] | None:
        rule = self._rules[index]
        found: set[Term] = set()
        for one in rule.reading.alternatives or (None,):
            if one is None:
                return None
            if name in one.values:
                found |= one.values[name]
                continue
            path = next((p for p in one.patterns if p.closure and name in {p.subject, p.object}), None)
            if path is None or self._are_derived(path.predicates, rule.stratum):
                return None
            for triple in self._with(path.predicates):
                found |= {triple.subject, triple.object}
        return frozenset(found)

    def _are_derived(self, predicates: Iterable[object], stratum: str) -> bool:
        """Return whether lower strata may make triples with one of these predicates."""
        lower = [index for index, rule in enumerate(self._rules) if rule.stratum < stratum]
        return any(self._may_make(index, one) for index in lower for one in predicates)  # type: ignore[arg-type]

    def _with(self, predicates: Iterable[object]) -> Iterable[ox.Triple]:
        for one in predicates:
            yield from (quad.triple for quad in self._store.quads_for_pattern(None, one, None))  # type: ignore[arg-type]
        yield from (triple for triple in self._before if triple.predicate in frozenset(predicates))
