"""What a group of a query is made of, as far as a planner looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from territoires.planning.statistics import TYPE


class Term(NamedTuple):
    """A variable, IRI or literal."""

    written: str
    """As it stands in the query."""
    variable: bool
    value: str | None = None
    """The IRI, prefixes expanded; None for a variable (whose name is `written`) and for a literal."""


class Step(NamedTuple):
    """One predicate of a path, forwards or (`^`) backwards."""

    predicate: str
    inverse: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern, or a sequence path (SPARQL 1.1 §9.1)."""

    subject: Term
    written: str
    """The predicate or path as it stands in the query."""
    steps: tuple[Step, ...]
    """Empty where the predicate is a variable."""
    object: Term

    @property
    def text(self) -> str:
        """The pattern in SPARQL, without the dot."""
        return f"{self.subject.written} {self.written} {self.object.written}"

    @property
    def variables(self) -> frozenset[str]:
        """Names of its variables."""
        ends = {term.written for term in (self.subject, self.object) if term.variable}
        return frozenset(ends if self.steps else {*ends, self.written})

    @property
    def plain(self) -> str | None:
        """The predicate, where the pattern is a triple pattern with a constant one."""
        return self.steps[0].predicate if len(self.steps) == 1 and not self.steps[0].inverse else None

    @property
    def class_(self) -> str | None:
        """The class, where the pattern says that its variable subject is an instance of one."""
        return self.object.value if self.plain == TYPE and self.subject.variable else None


@dataclass(frozen=True, slots=True)
class Values:
    """Inline data (SPARQL 1.1 §10)."""

    variables: frozenset[str]
    rows: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on solutions of the group."""

    variables: frozenset[str]
    text: str


class Span(NamedTuple):
    """A part of the text: from `start` to before `end`, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a group starts with, as far as the engine may join it in any order: nothing else is joined with it."""

    patterns: tuple[Pattern, ...]
    values: tuple[Values, ...]
    filters: tuple[Filter, ...]
    spans: tuple[Span, ...]
    """Where `patterns` stand, in blocks between filters and data."""
    early: tuple[int, ...]
    """For each of `values`, how many of the patterns stand before it."""
