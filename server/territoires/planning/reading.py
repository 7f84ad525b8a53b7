"""Finds in a query the groups that a planner may write anew.

A reader of part of the grammar (SPARQL 1.1 §19.8): SELECT and CONSTRUCT, triples without blank nodes, sequence paths,
FILTER, VALUES, OPTIONAL, MINUS, BIND, nested groups and sub-selects. With anything else, or with a form whose answer
depends on the order of solutions, the whole query is left as it is.
"""

from __future__ import annotations

from typing import Final

from territoires.planning.cursor import END, Token, UnreadError
from territoires.planning.patterns import Filter, Run, Values
from territoires.planning.triples import Group, TriplesReader, absolute

_ELSEWHERE: Final = frozenset({"GRAPH", "FROM", "SERVICE", "BASE", "LATERAL", "VERSION"})
"""Words of queries that look at other graphs than the one that was counted, or whose IRIs are relative."""
_ORDERED: Final = frozenset({"GROUP_CONCAT", "SAMPLE", "REDUCED", "NOW", "RAND", "UUID", "STRUUID", "BNODE"})
"""Words of queries whose answer depends on the order in which solutions come, or is another each time."""
_LIMITS: Final = frozenset({"LIMIT", "OFFSET"})
_MOST: Final = 16
"""Patterns, data and filters, each, of a group that is looked at: the time that it takes must stay small."""


def obstacle(text: str) -> str:
    """Return the words because of which a query stays as it is; empty where no single word is the reason."""
    try:
        _Reader(text).query()
    except UnreadError as error:
        return str(error)
    return ""


def read(text: str) -> tuple[Run, ...]:
    """Return the runs of patterns of a query that may be written anew; none where it must stay as it is."""
    reader = _Reader(text)
    try:
        reader.query()
    except UnreadError:
        return ()
    return tuple(reader.runs)


class _Reader(TriplesReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.runs: list[Run] = []

    # The query.

    def query(self) -> None:
        """Take the whole query.

        Raises:
            UnreadError: if it must stay as it is.
        """
        if words := self.words() & (_ELSEWHERE | _ORDERED):
            raise UnreadError(", ".join(sorted(words)))
        while self.now.word == "PREFIX":
            self.next()
            name, iri = self.next(), self.next()
            if not name.written.endswith(":") or iri.group != "iri":
                raise UnreadError
            self.prefixes[name.written[:-1]] = absolute(iri.written)
        if self.now.word == "CONSTRUCT":
            self.next()
            self.balanced()
        elif self.now.word == "SELECT":
            self._columns()
        else:
            raise UnreadError(self.now.word)
        self._where()
        if self.now is not END:
            raise UnreadError

    def _columns(self) -> None:
        """Take what SELECT gives; `*` would give other columns, or in another order."""
        self.next()
        while self.now.word != "WHERE" and self.now.written != "{":
            if self.now.written == "*":
                raise UnreadError("SELECT *")
            if self.now.written == "(":
                self.balanced()
            else:
                self.next()

    def _where(self) -> None:
        """Take the group of a form, which is evaluated on its own, and the modifiers after it."""
        if self.now.word == "WHERE":
            self.next()
        self._group(alone=True)
        words = set()
        while self.now is not END and self.now.written != "}":
            words.add(self.now.word)
            if self.now.group == "open":
                self.balanced()
            else:
                self.next()
        if "VALUES" in words:
            # Data at the end are joined with the group, whatever stands between.
            raise UnreadError("VALUES")
        if (limits := words & _LIMITS) and "ORDER" not in words:
            # Which solutions come first is the engine's choice: it must choose the same for each page of them.
            raise UnreadError(", ".join(sorted(limits)))

    # Groups.

    def _group(self, *, alone: bool = False) -> None:
        self.take("{")
        if self.now.word == "SELECT":
            self._columns()
            self._where()
            self.take("}")
            return
        group = Group()
        while self.now.written != "}":
            self._element(group)
        self.next()
        parts = (group.patterns, group.values, group.filters)
        if alone and group.patterns and not group.mixed and all(len(part) <= _MOST for part in parts):
            patterns, values, filters = tuple(group.patterns), tuple(group.values), tuple(group.filters)
            self.runs.append(Run(patterns, values, filters, tuple(group.spans), tuple(group.early)))

    def _element(self, group: Group) -> None:
        match self.now.word or self.now.written:
            case "FILTER":
                group.filters.append(self._filter())
            case "VALUES":
                self.next()
                group.early.append(len(group.patterns))
                group.values.append(self._values())
                group.mixed = group.mixed or group.ended
            case "OPTIONAL" | "MINUS":
                self.next()
                self._group()
                group.ended = True
            case "BIND":
                self.next()
                self.balanced()
                group.ended = True
            case "{" | "UNION":
                if self.now.word:
                    self.next()
                self._group()
                group.mixed = True
            case ".":
                self.next()
            case _:
                group.mixed = group.mixed or group.ended
                self.triples(group)

    def _filter(self) -> Filter:
        self.next()
        taken: list[Token] = []
        while self.now.group in {"word", "name", "iri"}:
            taken.append(self.next())
        taken += self.balanced()
        variables = frozenset(token.variable for token in taken if token.group == "variable")
        return Filter(variables, " ".join(token.written for token in taken))

    def _values(self) -> Values:
        if self.now.written != "(":
            name = self.next()
            return Values(frozenset({name.variable}), sum(1 for token in self.balanced() if _stands(token)))
        names = frozenset(token.variable for token in self.balanced())
        return Values(names, sum(token.written == "(" for token in self.balanced()))


def _stands(token: Token) -> bool:
    """Return whether a token of `VALUES ?x {…}` starts a term."""
    return token.group in {"iri", "name", "string", "number", "word"}
