"""Reads blocks of triples: without blank nodes, with sequence paths at most (SPARQL 1.1 §19.8, rules 52 to 109)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from territoires.namespaces import PREFIXES
from territoires.planning.cursor import Cursor, Token, UnreadError
from territoires.planning.patterns import Filter, Pattern, Span, Step, Term, Values

_LITERALS: Final = frozenset({"string", "number"})
_BOOLEANS: Final = frozenset({"TRUE", "FALSE"})
_MODIFIERS: Final = frozenset("*+?")


@dataclass(slots=True)
class Group:
    """A group while it is read."""

    patterns: list[Pattern] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    early: list[int] = field(default_factory=list)
    ended: bool = False
    """Whether OPTIONAL, MINUS or BIND came: what is joined after them is not joined with the run alone."""
    mixed: bool = False
    """Whether the run is joined with something that is no pattern."""


class TriplesReader(Cursor):
    """A cursor that understands triples."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.prefixes: dict[str, str] = {}

    def triples(self, group: Group) -> None:
        """Take a block of triples, with the dots in it.

        Raises:
            UnreadError: if there is none, or it holds something else.
        """
        start = self.now.start
        while True:
            subject = self._term()
            self._properties(subject, group)
            end = self.before.end
            while self.now.written == ".":
                end = self.next().end
            if self.now.group not in {"variable", "iri", "name"}:
                break
        group.spans.append(Span(start, end))

    def _properties(self, subject: Term, group: Group) -> None:
        while True:
            written, steps = self._verb()
            group.patterns.append(self._pattern(subject, written, steps))
            while self.now.written == ",":
                self.next()
                group.patterns.append(self._pattern(subject, written, steps))
            while self.now.written == ";":
                self.next()
            before = self.before.written
            if before != ";" or self.now.written in {".", "}"} or self.now.word not in {"", "A"}:
                return

    def _pattern(self, subject: Term, written: str, steps: tuple[Step, ...]) -> Pattern:
        pattern = Pattern(subject, written, steps, self._term())
        places = [subject.written, pattern.object.written, *(() if steps else (written,))]
        if len({*places}) < len(places):
            raise UnreadError  # One variable in two places: nothing counted tells how often they are the same.
        return pattern

    def _verb(self) -> tuple[str, tuple[Step, ...]]:
        """Take a predicate or a sequence path; a variable has no steps."""
        if self.now.group == "variable":
            return self.next().variable, ()
        taken: list[str] = []
        steps: list[Step] = []
        while True:
            inverse = self.now.written == "^"
            if inverse:
                taken.append(self.next().written)
            token = self.next()
            taken.append(token.written)
            steps.append(Step(self._iri(token), inverse))
            if self.now.written in _MODIFIERS or self.now.written == "|":
                raise UnreadError
            if self.now.written != "/":
                return "".join(taken), tuple(steps)
            taken.append(self.next().written)

    def _term(self) -> Term:
        token = self.next()
        if token.group == "variable":
            return Term(token.variable, variable=True)
        if token.group in {"iri", "name"}:
            return Term(token.written, variable=False, value=self._iri(token))
        if token.group not in _LITERALS and token.word not in _BOOLEANS:
            raise UnreadError
        written = token.written
        if self.now.group == "language":
            written += self.next().written
        elif self.now.written == "^^":
            written += self.next().written + self.next().written
        return Term(written, variable=False)

    def _iri(self, token: Token) -> str:
        if token.written == "a":
            return PREFIXES["rdf"] + "type"
        if token.group == "iri":
            return absolute(token.written)
        prefix, colon, local = token.written.partition(":")
        if token.group != "name" or not colon or "\\" in local or prefix not in self.prefixes:
            raise UnreadError
        return self.prefixes[prefix] + local


def absolute(written: str) -> str:
    """Return an IRI that is absolute and written without escapes."""
    if "\\" in written or ":" not in written:
        raise UnreadError
    return written[1:-1]
