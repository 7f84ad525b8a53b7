"""Writes a query anew so that the engine's planner does what true sizes call for.

Each rewriting keeps the meaning: a type that follows from another pattern is left out (exactly, by the statistics of
this dataset version); patterns are put in another order; one that the engine would take for small is compared by a
filter; one that is best read whole stands in a sub-select. Nothing else of the text changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from territoires.planning.estimating import Element, Plan, Planner
from territoires.planning.patterns import Pattern, Run, Step
from territoires.planning.reading import read
from territoires.planning.statistics import TYPE, Statistics

_PAYS: Final = 0.75
"""Share of the cost as written that another text may cost at most: the estimates are no better than that."""
_SAVES: Final = 2_000.0
"""Microseconds that it must save."""
_WHOLE_PAYS: Final = 0.95
"""Share of the cost without a sub-select that one may cost at most."""
_MOST: Final = 10
"""Patterns of a run that is looked at: the time to find another text must stay below what it saves."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A type pattern that says nothing new."""

    pattern: Pattern
    because: Pattern
    """Has the same variable, and only instances of the class there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one run."""

    run: Run
    written: Plan
    """What the engine does with the text as it was."""
    chosen: Plan
    """What it does with the text as it is now; the same plan where nothing pays."""
    dropped: tuple[Dropped, ...] = ()
    elements: tuple[Element, ...] = ()
    """The run as it is now; empty where nothing pays."""

    @property
    def pays(self) -> bool:
        """Whether the run is written anew."""
        return bool(self.elements)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A query, and what was chosen for each of its runs."""

    text: str
    choices: tuple[Choice, ...]

    @property
    def pays(self) -> bool:
        """Whether the text is another one."""
        return any(choice.pays for choice in self.choices)


def rewrite(text: str, statistics: Statistics, saves: float = _SAVES) -> Rewriting:
    """Return the text that answers the same query sooner; the same text where none is known.

    Args:
        text: a query that was admitted.
        statistics: of the dataset version that will answer.
        saves: microseconds that a run must save to be written anew.
    """
    choices = tuple(_choose(run, statistics, saves) for run in read(text))
    return Rewriting(write(text, choices), choices)


def write(text: str, choices: Iterable[Choice]) -> str:
    """Return `text` with what was chosen for its runs."""
    fresh = "planned"
    while fresh in text:
        fresh += "_"
    edits = sorted((edit for choice in choices if choice.pays for edit in _edits(choice, fresh)), reverse=True)
    for start, end, new in edits:
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def candidates(run: Run, statistics: Statistics) -> Iterator[tuple[tuple[Dropped, ...], list[Element]]]:
    """Yield other ways to write a run, with what each leaves out; all mean the same."""
    for dropped in _some(tuple(_implied(run, statistics))):
        gone = {drop.pattern for drop in dropped}
        for elements in _orders([pattern for pattern in run.patterns if pattern not in gone]):
            yield dropped, elements


def _choose(run: Run, statistics: Statistics, saves: float) -> Choice:
    planner = Planner(statistics, run.filters)
    written = planner.plan(list(_as_written(run)))
    unchanged = Choice(run, written, written)
    if written.microseconds < saves or not 1 < len(run.patterns) <= _MOST:
        return unchanged
    plans = [(planner.plan(_around(run, way)), way, dropped) for dropped, way in candidates(run, statistics)]
    plan, elements, dropped = min(plans, key=lambda found: found[0].microseconds)
    plan, chosen = _with_whole(run, planner, plan, elements)
    if plan.microseconds > _PAYS * written.microseconds or written.microseconds - plan.microseconds < saves:
        return unchanged
    return Choice(run, written, plan, dropped, tuple(chosen))


def _as_written(run: Run) -> Iterator[Element]:
    for index, pattern in enumerate(run.patterns):
        yield from (Element(data) for data, early in zip(run.values, run.early, strict=True) if early == index)
        yield Element(pattern)
    last = len(run.patterns)
    yield from (Element(data) for data, early in zip(run.values, run.early, strict=True) if early == last)


def _around(run: Run, elements: Sequence[Element]) -> list[Element]:
    """Return the elements with the inline data before and after them: patterns move to where the first stood."""
    data = list(zip(run.values, run.early, strict=True))
    before = [Element(values) for values, early in data if early == 0]
    return [*before, *elements, *(Element(values) for values, early in data if early)]


def _implied(run: Run, statistics: Statistics) -> Iterator[Dropped]:
    """Yield each type pattern that follows from another one, which must not be one that may go itself."""
    for pattern in run.patterns:
        if pattern.class_ is not None:
            reason = next(
                (
                    other
                    for other in run.patterns
                    if any(
                        step.predicate != TYPE and pattern.class_ in _classes(statistics, step)
                        for step in _steps_from(other, pattern.subject.written)
                    )
                ),
                None,
            )
            if reason:
                yield Dropped(pattern, reason)


def _steps_from(pattern: Pattern, name: str) -> Iterator[Step]:
    """Yield the steps that lead away from a variable."""
    if pattern.steps and pattern.subject.written == name:
        yield pattern.steps[0]
    if pattern.steps and pattern.object.written == name:
        yield pattern.steps[-1]._replace(inverse=not pattern.steps[-1].inverse)


def _classes(statistics: Statistics, step: Step) -> frozenset[str]:
    known = statistics.of(step.predicate)
    return known.object_classes if step.inverse else known.subject_classes


def _some(implied: tuple[Dropped, ...]) -> Iterator[tuple[Dropped, ...]]:
    """Yield choices of what to leave out: a class that few have may be the best to start with."""
    yield ()
    if implied:
        yield implied


def _orders(patterns: Sequence[Pattern]) -> Iterator[list[Element]]:
    """Yield the patterns as they stand, and with each of them first, so written that the engine starts with it."""
    yield [Element(pattern) for pattern in patterns]
    for first in patterns:
        rest = [pattern for pattern in patterns if pattern is not first]
        yield [Element(first), *(Element(pattern) for pattern in rest)]
        if any(map(_may_be_loose, rest)):
            yield [Element(first), *(Element(pattern, loose=_may_be_loose(pattern)) for pattern in rest)]


def _may_be_loose(pattern: Pattern) -> bool:
    return pattern.plain is not None and pattern.subject.variable and pattern.object.value is not None


def _with_whole(run: Run, planner: Planner, plan: Plan, elements: Sequence[Element]) -> tuple[Plan, Sequence[Element]]:
    """Return the plan with those patterns read whole for which that is better."""
    for index, element in enumerate(elements):
        if isinstance(element.part, Pattern) and element.part.variables:
            changed = [*elements]
            changed[index] = replace(element, whole=True, loose=False)
            other = planner.plan(_around(run, changed))
            if other.microseconds < _WHOLE_PAYS * plan.microseconds:
                plan, elements = other, changed
    return plan, elements


def _edits(choice: Choice, fresh: str) -> Iterator[tuple[int, int, str]]:
    """Yield what replaces which part of the text."""
    first, *others = choice.run.spans
    yield first.start, first.end, " ".join(_written(choice.elements, f"{fresh}{first.start}"))
    yield from ((span.start, span.end, "") for span in others)


def _written(elements: Sequence[Element], fresh: str) -> Iterator[str]:
    compared = []
    for index, element in enumerate(elements):
        pattern = element.part
        if not isinstance(pattern, Pattern):
            continue
        if element.whole:
            yield f"{{ SELECT {' '.join(sorted(pattern.variables))} {{ {pattern.text} }} }}"
        elif element.loose:
            name = f"?{fresh}_{index}"
            yield f"{pattern.subject.written} {pattern.written} {name} ."
            compared.append(f"FILTER(SAMETERM({name}, {pattern.object.written}))")
        else:
            yield f"{pattern.text} ."
    yield from compared
