"""Answers as Python and templates read them: rows of terms by variable, over any engine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from territoires.engine import Engine
from territoires.errors import Language
from territoires.formats import format_named
from territoires.guard import Query, admit
from territoires.namespaces import PREFIXES
from territoires.queries import PublishedQuery
from territoires.settings import Settings

Term = ox.NamedNode | ox.Literal | ox.BlankNode
Row = Mapping[str, Term]
"""A solution: the variables that are bound, each with its term (SPARQL 1.1 §18.1.8)."""

_LABEL: Final = "Label"
_NUMBERS: Final = frozenset(
    PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float", "long", "int", "nonNegativeInteger")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The solutions of a SELECT, in order."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        """Give the rows."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that people see: `?xLabel` is shown as the text of `?x` where there is one."""
        names = set(self.variables)
        return tuple(name for name in self.variables if name.removesuffix(_LABEL) == name or name[:-5] not in names)

    def without_empty(self) -> Answer:
        """Return the answer without the variables that no row binds, or only to an empty text."""
        filled = {name for row in self.rows for name, term in row.items() if getattr(term, "value", "-")}
        return Answer(tuple(name for name in self.variables if name in filled), self.rows)


@dataclass(frozen=True, slots=True)
class Answered:
    """A published query, the SPARQL that was asked, and its answer of this moment."""

    query: PublishedQuery
    text: str
    answer: Answer


def select(engine: Engine, query: Query | str) -> Answer:
    """Return the answer of `engine` to a SELECT; in a string our prefixes need no declaration.

    Raises:
        QueryError: if the query is refused, or the engine cannot answer.
    """
    asked = admit(query, prefixes=True) if isinstance(query, str) else query
    results = ox.parse_query_results(engine.run(asked, format_named("json")), format=ox.QueryResultsFormat.JSON)
    if not isinstance(results, ox.QuerySolutions):
        return Answer((), ())
    names = tuple(variable.value for variable in results.variables)
    rows = tuple(
        {name: term for name, term in zip(names, solution, strict=True) if term is not None} for solution in results
    )
    return Answer(names, rows)


def ask(
    engine: Engine, query: PublishedQuery, values: Mapping[str, str], language: Language, settings: Settings
) -> Answered:
    """Answer a published query with `values` for its parameters, in `language` where it takes one.

    Raises:
        RequestError: for an unknown parameter or a value out of its pattern.
        QueryError: if the engine cannot answer.
    """
    text = query.answering(values, language)
    return Answered(query, text, select(engine, admit(text, settings)))


def text_in(row: Row, column: str) -> str | None:
    """Return the IRI or the text of a cell, or None if it is empty or a blank node."""
    term = row.get(column)
    return None if term is None or isinstance(term, ox.BlankNode | ox.Triple) else term.value


def is_number(term: Term | None) -> bool:
    """Return whether a term is typed as a number, whatever its text."""
    return isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS


def number_in(row: Row, column: str) -> float | None:
    """Return the finite number in a cell, or None if it holds none."""
    term = row.get(column)
    if not isinstance(term, ox.Literal) or not is_number(term):
        return None
    try:
        value = float(term.value)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
