"""Counts what a planner has to know of one version of the dataset: true sizes in place of guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from territoires.engine import Engine
from territoires.formats import format_named
from territoires.guard import Query
from territoires.namespaces import PREFIXES

TYPE: Final = PREFIXES["rdf"] + "type"
LEAST: Final = 100
"""Triples from which a predicate is looked at closely: with fewer, no order of joins takes a millisecond."""
LARGE: Final = 1_000
"""Triples of a predicate, or instances of a class, from which a query that speaks of it may be long in coming."""
_LAST: Final = re.compile("[#/:]")
_SIZES: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
_CLASSES: Final = f"SELECT ?c (COUNT(*) AS ?n) {{ ?s <{TYPE}> ?c FILTER(ISIRI(?c)) }} GROUP BY ?c"
_TERMS: Final = "SELECT (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) {{ ?s <{0}> ?o }}"
_OF_SUBJECTS: Final = f"SELECT ?c (COUNT(*) AS ?n) {{{{ ?s <{{0}}> ?o . ?s <{TYPE}> ?c }}}} GROUP BY ?c"
_OF_OBJECTS: Final = f"SELECT ?c (COUNT(*) AS ?n) {{{{ ?s <{{0}}> ?o . ?o <{TYPE}> ?c }}}} GROUP BY ?c"


@dataclass(frozen=True, slots=True)
class Predicate:
    """What is known of the triples with one predicate."""

    triples: int
    subjects: int
    """Distinct ones."""
    objects: int
    """Distinct ones."""
    subject_classes: frozenset[str] = frozenset()
    """Classes that every subject has: exact, not an estimate."""
    object_classes: frozenset[str] = frozenset()
    """Classes that every object has: exact, not an estimate."""


@dataclass(frozen=True)
class Statistics:
    """Counts of the default graph of one dataset version, which holds each triple once."""

    version: str
    predicates: Mapping[str, Predicate]
    """By IRI."""
    classes: Mapping[str, int]
    """Instances by the IRI of the class."""

    @property
    def triples(self) -> int:
        """Triples in all."""
        return sum(predicate.triples for predicate in self.predicates.values())

    def mentioned(self, text: str) -> bool:
        """Return whether a query speaks of something large: without, there is nothing to gain, nor to read."""
        return self._large is not None and self._large.search(text) is not None

    @cached_property
    def _large(self) -> re.Pattern[str] | None:
        sizes = {name: known.triples for name, known in self.predicates.items() if name != TYPE} | dict(self.classes)
        names = {_LAST.split(name)[-1] for name, count in sizes.items() if count >= LARGE}
        return re.compile("|".join(map(re.escape, sorted(names)))) if names else None

    def of(self, predicate: str) -> Predicate:
        """Return what is known of a predicate; of one that is not there, that it has no triple."""
        return self.predicates.get(predicate) or Predicate(0, 0, 0)


def measure(engine: Engine, least: int = LEAST) -> Statistics:
    """Count what `engine` serves, one predicate at a time: no query holds more than the terms of one.

    Args:
        engine: asked for the version that it serves, or that is held.
        least: triples from which a predicate is looked at closely.

    Raises:
        QueryError, OverloadedError: if the engine cannot answer.
        DatasetChangedError: if the version that is held is no longer served.
    """
    version = engine.version
    sizes = dict(_counts(engine, _SIZES))
    classes = dict(_counts(engine, _CLASSES))
    predicates = {name: _predicate(engine, name, triples, least) for name, triples in sizes.items()}
    return Statistics(version, predicates, classes)


def _predicate(engine: Engine, name: str, triples: int, least: int) -> Predicate:
    if triples < least:
        return Predicate(triples, triples, triples)
    [(subjects, objects)] = _rows(engine, _TERMS.format(name))
    return Predicate(
        triples,
        int(subjects),
        int(objects),
        # A triple is there once, and so is each class of its subject: as many as triples means all of them.
        frozenset(class_ for class_, n in _counts(engine, _OF_SUBJECTS.format(name)) if n == triples),
        frozenset(class_ for class_, n in _counts(engine, _OF_OBJECTS.format(name)) if n == triples),
    )


def _counts(engine: Engine, text: str) -> Iterator[tuple[str, int]]:
    return ((name, int(count)) for name, count in _rows(engine, text))


def _rows(engine: Engine, text: str) -> Iterator[list[str]]:
    # Known to name no graph: it is counted where such queries are answered.
    answer = engine.run(Query(text, "bindings", names_no_graph=True), format_named("json"))
    results = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    assert isinstance(results, ox.QuerySolutions)  # noqa: S101  (they are SELECT)
    for row in results:
        yield [str(getattr(term, "value", "")) for term in row]
