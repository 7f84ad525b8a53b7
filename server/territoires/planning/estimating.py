"""Plays the engine's planner, and counts with true sizes what its plan costs.

Oxigraph joins what stands in a group greedily: it starts with the smallest and goes on with what keeps the product of
guessed sizes small; ties go to what is written first. A pattern is looked up for each row so far; a sub-select
is evaluated whole and joined by a hash table of the rows so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, Literal

from territoires.planning.patterns import Filter, Pattern, Step, Values
from territoires.planning.statistics import Statistics

SCAN: Final = 0.45
"""Microseconds for a row that a scan gives."""
LOOK_UP: Final = 1.2
"""Microseconds for a look-up by a bound subject or object."""
HASH: Final = 0.35
"""Microseconds for a row that goes into a hash table, or asks it."""
_LOOSE: Final = 1.2
"""Microseconds more for a look-up whose object a filter compares: it gives every object."""
MOST_HASHED: Final = 300_000
"""Rows in a hash table, at most: some 100 MB."""
_PRODUCT: Final = 0.2
"""Microseconds for a pair of rows that share no variable."""
_GUESSES: Final = {
    (True, True, True): 1,
    (True, True, False): 10,
    (True, False, True): 2,
    (False, True, True): 1_000,
    (True, False, False): 100,
    (False, False, False): 1_000_000_000,
    (False, True, False): 1_000_000,
    (False, False, True): 100_000,
}
"""Rows that the engine expects of a pattern whose subject, predicate, object is bound."""
_CLASS: Final = 1_001
"""The same of instances of a class: seen to come after any other pattern with a bound object."""
_KEY: Final = 1_000
"""By what a variable in common divides the product of two sizes, as the engine guesses."""
_SELECTS: Final = (
    ("CONTAINS", 0.1),
    ("REGEX", 0.1),
    ("STRSTARTS", 0.1),
    ("STRENDS", 0.1),
    ("EXISTS", 0.5),
    ("!", 0.9),
    ("<", 0.6),
    (">", 0.6),
    ("=", 0.3),
)
"""Share of rows that a condition with this in it may keep."""
_KEEPS: Final = 0.6

How = Literal["scan", "look-up", "hash", "product"]


@dataclass(frozen=True, slots=True)
class Element:
    """A pattern or inline data as it is written."""

    part: Pattern | Values
    whole: bool = False
    """In a sub-select of its own."""
    loose: bool = False
    """With its object as a variable that a filter compares."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One step of a plan."""

    element: Element
    how: How
    rows: float
    """Rows after it, as true sizes let expect."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine does with a run, and what that costs."""

    steps: tuple[Joined, ...]
    microseconds: float


class Planner:
    """Estimates over one dataset version.

    Args:
        statistics: true sizes.
        filters: conditions of the group.
    """

    def __init__(self, statistics: Statistics, filters: Sequence[Filter] = ()) -> None:
        self._statistics = statistics
        self._filters = filters

    def plan(self, elements: Sequence[Element]) -> Plan:
        """Return what the engine makes of `elements`, in the order in which they are written."""
        rest, parts = list(elements), []
        while rest:
            first = min(rest, key=lambda element: self._guess(element, frozenset()))
            rest.remove(first)
            parts.append(self._component(first, rest))
        steps, cost, rows = list(parts[0].steps), parts[0].microseconds, parts[0].steps[-1].rows
        for part in parts[1:]:
            rows *= part.steps[-1].rows
            cost += part.microseconds + rows * _PRODUCT
            steps += [*part.steps[:-1], Joined(part.steps[-1].element, "product", rows)]
        return Plan(tuple(steps), cost)

    def _component(self, first: Element, rest: list[Element]) -> Plan:
        """Take from `rest` what can be joined with `first` over common variables, in the engine's order."""
        state = _State(self._statistics, self._filters)
        steps = [state.start(first)]
        size = self._guess(first, frozenset())
        while linked := [element for element in rest if element.part.variables & state.bound]:
            costs = [(self._joined(size, element, state.bound), index) for index, element in enumerate(linked)]
            size, index = min(costs)
            rest.remove(linked[index])
            steps.append(state.join(linked[index]))
        return Plan(tuple(steps), state.cost)

    def _joined(self, size: int, element: Element, bound: frozenset[str]) -> int:
        if element.whole:
            keys = len(element.part.variables & bound)
            divisor: int = _KEY**keys
            return size * self._guess(element, frozenset()) // divisor
        return size * self._guess(element, bound)

    def _guess(self, element: Element, bound: frozenset[str]) -> int:
        part = element.part
        if isinstance(part, Values):
            return part.rows
        subject = not part.subject.variable or part.subject.written in bound
        object_ = not element.loose and (not part.object.variable or part.object.written in bound)
        if not part.steps:
            return _GUESSES[subject, part.written in bound, object_]
        guess = _path(part.steps, subject=subject, object_=object_)
        return _CLASS if part.class_ and object_ and not subject else guess


def _path(steps: Sequence[Step], *, subject: bool, object_: bool) -> int:
    first, rest = steps[0], steps[1:]
    if not rest:
        return _GUESSES[(object_, True, subject) if first.inverse else (subject, True, object_)]
    forwards = _path([first], subject=subject, object_=False) * _path(rest, subject=True, object_=object_)
    backwards = _path([first], subject=subject, object_=True) * _path(rest, subject=False, object_=object_)
    return min(forwards, backwards)


class _State:
    """Rows while they are joined: how many, how many different values each variable has, and what they cost."""

    def __init__(self, statistics: Statistics, filters: Sequence[Filter]) -> None:
        self._statistics = statistics
        self._waiting = list(filters)
        self._rows = 1.0
        self._values: dict[str, float] = {}
        self.cost = 0.0

    @property
    def bound(self) -> frozenset[str]:
        return frozenset(self._values)

    def start(self, element: Element) -> Joined:
        rows, values = size(self._statistics, element.part)
        if element.loose and isinstance(element.part, Pattern):
            self.cost += self._scanned(element.part) * SCAN
        else:
            self.cost += rows * SCAN
        if isinstance(element.part, Pattern) and len(element.part.steps) > 1:
            self.cost += rows * LOOK_UP * (len(element.part.steps) - 1)
        return self._after(element, "scan", rows, values)

    def join(self, element: Element) -> Joined:
        part = element.part
        rows, values = size(self._statistics, part)
        found = self._rows * rows
        for name in part.variables & self.bound:
            found /= max(self._values[name], values[name], 1)
        if element.whole:
            if self._rows > MOST_HASHED:
                self.cost = inf
            self.cost += (self._rows + rows) * HASH + rows * SCAN
            return self._after(element, "hash", found, values)
        looks = self._rows * (len(part.steps) or 1 if isinstance(part, Pattern) else 1)
        bound = isinstance(part, Pattern) and not part.variables - self.bound
        self.cost += looks * LOOK_UP + (0 if bound else found * SCAN)
        if element.loose:
            self.cost += looks * _LOOSE
        return self._after(element, "look-up", found, values)

    def _after(self, element: Element, how: How, rows: float, values: dict[str, float]) -> Joined:
        self._rows = rows
        for name, count in values.items():
            self._values[name] = min(count, self._values.get(name, count))
        for condition in [condition for condition in self._waiting if condition.variables <= self.bound]:
            self._waiting.remove(condition)
            self._rows *= _keeps(condition)
        for name in self._values:
            self._values[name] = min(self._values[name], self._rows)
        return Joined(element, how, self._rows)

    def _scanned(self, pattern: Pattern) -> float:
        return float(self._statistics.of(pattern.steps[0].predicate).triples)


def size(statistics: Statistics, part: Pattern | Values) -> tuple[float, dict[str, float]]:
    """Return the rows that a part has on its own, and how many different values each of its variables has."""
    if isinstance(part, Values):
        return float(part.rows), dict.fromkeys(part.variables, float(part.rows))
    if not part.steps:
        rows = float(statistics.triples)
        ends = rows, rows
    else:
        counted = [statistics.of(step.predicate) for step in part.steps]
        sides = [
            (known.objects, known.subjects) if step.inverse else (known.subjects, known.objects)
            for known, step in zip(counted, part.steps, strict=True)
        ]
        rows = float(counted[0].triples)
        for (_, left), known, (right, _) in zip(sides, counted[1:], sides[1:], strict=False):
            rows *= known.triples / max(left, right, 1)
        ends = float(sides[0][0]), float(sides[-1][1])
    if part.class_ is not None:
        rows = float(statistics.classes.get(part.class_, 0))
        return rows, {part.subject.written: rows}
    values: dict[str, float] = {}
    for term, count in zip((part.subject, part.object), ends, strict=True):
        if term.variable:
            values[term.written] = count
        else:
            rows /= max(count, 1)
    return rows, {name: min(count, max(rows, 1)) for name, count in values.items()} | _predicate(part)


def _predicate(part: Pattern) -> dict[str, float]:
    return {} if part.steps else {part.written: 100.0}


def _keeps(condition: Filter) -> float:
    text = condition.text.upper()
    return next((share for word, share in _SELECTS if word in text), _KEEPS)
