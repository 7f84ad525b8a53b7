"""In which order the patterns of a rule are followed from what a conclusion is about, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from territoires.rules.patterns import Alternative, Pattern, Term, Unfollowed

MOST: Final = 20_000
"""Triples and look-ups that following a change may take; past them running the whole rule is as quick."""

_APART: Final = -2
"""Stands for no step: values that hang on no anchor."""
_ANCHOR: Final = -1
"""Stands for no step: the anchor itself."""

Match = Callable[[Term | None, Term | None, Term | None], Iterable[ox.Triple]]
"""Gives the triples that have these terms, where None is any."""
Sets = dict[str, frozenset[Term]]


@dataclass(frozen=True, slots=True)
class Step:
    """One pattern, and how it is reached."""

    pattern: Pattern
    by: str | None = None
    """The variable through which it is reached; None: it is about the anchor itself, or it is `apart`."""
    parent: int | None = None
    """Index of the step that gives `by` its values."""
    apart: bool = False
    """Whether nothing leads from it to the anchor: all its triples count, for every anchor."""
    binds: tuple[str, ...] = ()
    """The variables whose values it is the first to give."""


@dataclass(slots=True)
class Budget:
    """How much more may be looked at."""

    left: int = field(default_factory=lambda: MOST)

    def spend(self, amount: int = 1) -> None:
        """Take from what is left.

        Raises:
            Unfollowed: if that was all.
        """
        self.left -= amount
        if self.left < 0:
            raise Unfollowed


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one alternative of a rule; each uses only what earlier ones found."""

    anchor: str
    steps: tuple[Step, ...]
    values: Mapping[str, frozenset[Term]]

    def fixed(self, match: Match) -> Sets:
        """Return the variables whose values hang neither on the anchor nor, but for the paths, on the data."""
        sets = dict(self.values)
        for step in self.steps:
            if step.pattern.closure:
                _note(sets, step, list(fetch(match, step.pattern, {}, Budget())))
        return sets

    def collect(self, match: Match, anchors: frozenset[Term], budget: Budget) -> set[ox.Triple]:
        """Return triples among which are all that decide what is concluded about `anchors`.

        Raises:
            Unfollowed: if they are too many.
        """
        sets: Sets = {**self.values, self.anchor: anchors}
        collected: set[ox.Triple] = set()
        for step in self.steps:
            found = list(fetch(match, step.pattern, sets, budget))
            _note(sets, step, found)
            collected.update(found)
        return collected

    def origins(self, match: Match, changed: Iterable[ox.Triple], fixed: Sets, budget: Budget) -> set[Term]:
        """Return all anchors about which these changes may change a conclusion.

        If the collection for an anchor changes, then a first step of it does; what led there is in both versions, so it
        is found by going back from the changed triple along the same steps.

        Raises:
            Unfollowed: if that is any anchor, or they are too many.
        """
        anchors: set[Term] = set()
        for index, step in enumerate(self.steps):
            found = [triple for triple in changed if _fits(step.pattern, triple, fixed)]
            if found:
                anchors |= self._back(match, index, found, fixed, budget)
        return anchors

    def _back(self, match: Match, index: int, triples: list[ox.Triple], fixed: Sets, budget: Budget) -> set[Term]:
        step = self.steps[index]
        while step.by is not None and step.parent is not None:
            values = frozenset(step.pattern.value(step.by, triple) for triple in triples)
            parent = self.steps[step.parent]
            triples = list(fetch(match, parent.pattern, {**fixed, step.by: values}, budget))
            step = parent
        if step.apart:
            raise Unfollowed
        return {step.pattern.value(self.anchor, triple) for triple in triples}


def plan(alternative: Alternative, anchor: str) -> Plan:
    """Return the order in which the patterns of `alternative` are followed from `anchor`.

    Raises:
        Unfollowed: if its solutions do not all bind the anchor.
    """
    if not any(anchor in pattern.variables and not pattern.closure for pattern in alternative.patterns):
        raise Unfollowed
    steps: list[Step] = []
    values: dict[str, frozenset[Term]] = {}
    _order(alternative, steps, {anchor: _ANCHOR}, values)
    return Plan(anchor, tuple(steps), values)


def _order(
    alternative: Alternative, steps: list[Step], bound: dict[str, int], values: dict[str, frozenset[Term]]
) -> None:
    """Append the steps of `alternative`; `bound` says which step gives a variable its values."""
    for name, terms in alternative.values.items():
        if name not in bound:
            bound[name] = _APART
            values[name] = terms
    left = list(alternative.patterns)
    while left:
        pattern = min(left, key=lambda one: _rank(one, bound))
        left.remove(pattern)
        binds = tuple(dict.fromkeys(name for name in pattern.variables if name not in bound))
        by = next((name for name in pattern.variables if bound.get(name, _APART) > _APART), None)
        if pattern.closure or by is None:
            step = Step(pattern, apart=True, binds=binds)
        elif any(bound.get(name) == _ANCHOR for name in pattern.variables):
            step = Step(pattern, binds=binds)
        else:
            step = Step(pattern, by, bound[by], binds=binds)
        bound.update(dict.fromkeys(binds, _APART if step.apart else len(steps)))
        steps.append(step)
    for inner in alternative.inner:
        # By name it shares with others only what is bound by now.
        _order(inner, steps, bound, values)


def _rank(pattern: Pattern, bound: Mapping[str, int]) -> int:
    """Return how late to follow a pattern: paths first, then what is about the anchor, then what it leads to."""
    if pattern.closure:
        return 0
    if any(bound.get(name) == _ANCHOR for name in pattern.variables):
        return 1
    if isinstance(pattern.subject, str) and bound.get(pattern.subject, _APART) > _APART:
        return 2
    return 3 if any(bound.get(name, _APART) > _APART for name in pattern.variables) else 4


def fetch(match: Match, pattern: Pattern, sets: Sets, budget: Budget) -> Iterator[ox.Triple]:
    """Yield the triples of `pattern` whose variables are within `sets`, each perhaps more than once.

    Raises:
        Unfollowed: if they are too many, or nothing says where to look.
    """
    predicates = _choice(pattern.predicates, sets)
    subjects, objects = (
        (None, None) if pattern.closure else (_choice(pattern.subject, sets), _choice(pattern.object, sets))
    )
    if subjects is not None and (objects is None or len(subjects) <= len(objects)):
        looks = ((subject, predicate, None) for subject in subjects for predicate in _few(predicates))
    elif objects is not None:
        looks = ((None, predicate, object_) for object_ in objects for predicate in _few(predicates))
    elif predicates is not None:
        looks = ((None, predicate, None) for predicate in predicates)
    else:
        raise Unfollowed
    for look in looks:
        budget.spend()
        for triple in match(*look):
            budget.spend()
            if _fits(pattern, triple, sets):
                yield triple


def _choice(slot: object, sets: Sets) -> frozenset[Term] | None:
    """Return the terms that may stand in a slot; None for any."""
    if isinstance(slot, frozenset):
        return slot
    return sets.get(slot) if isinstance(slot, str) else frozenset({slot})  # type: ignore[arg-type]


def _few(predicates: frozenset[Term] | None) -> Iterable[Term | None]:
    return predicates if predicates is not None and len(predicates) <= 4 else (None,)  # noqa: PLR2004


def _fits(pattern: Pattern, triple: ox.Triple, sets: Sets) -> bool:
    found = pattern.binding(triple)
    if found is None:
        return False
    return pattern.closure or all(term in sets[name] for name, term in found.items() if name in sets)


def _note(sets: Sets, step: Step, triples: list[ox.Triple]) -> None:
    for name in step.binds:
        sets[name] = frozenset(step.pattern.value(name, triple) for triple in triples)
