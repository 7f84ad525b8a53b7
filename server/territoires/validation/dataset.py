"""Judges what SHACL cannot see or judges too slowly: `shapes/dataset/*.rq`, SELECT queries over the named graphs.

SHACL knows one data graph, so which graph says what is out of its reach; and pySHACL runs a SPARQL constraint once for
each focus node. A check is a query in the manner of SHACL-SPARQL (§5): each row is a violation, `?this` its focus node,
`?value` its value. Patterns outside `GRAPH` see the merge. The heading gives the message:

    #+ message = { en = "…", fr = "…" }
    #+ path = "ti:siren"
    #+ narrow = { this = "entity" }
    SELECT ?this ?value { … }

With `narrow` a check of a change looks at few rows: those where the variable is an entity of which the merge says
something else than before (`entity`), or a graph that holds, or of which is said, something else than before (`graph`).
A row must not depend on anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF, SH

from territoires.changes import Changes
from territoires.errors import DataError, Place, Text
from territoires.graph import KnowledgeGraph
from territoires.headings import read_headed
from territoires.namespaces import BASE, expand, sparql_prologue
from territoires.root import Root
from territoires.validation.terms import as_rdflib_term

_KINDS: Final = {"entity", "graph"}


class Narrow(NamedTuple):
    """What the rows of a check depend on: what is said of the term that a variable stands for."""

    variable: str
    kind: str
    """`entity` or `graph`."""


@dataclass(frozen=True, slots=True)
class DatasetCheck:
    """One query whose rows are violations."""

    name: str
    message: Text
    path: str | None
    """IRI of the property that the results are about."""
    query: str
    narrow: Narrow | None
    """None: a change anywhere may alter any row."""

    @property
    def iri(self) -> str:
        """What results name as the shape they come from."""
        return f"{BASE}shapes/dataset/{self.name}"

    def after(self, changes: Changes | None, graph: KnowledgeGraph) -> str:
        """Return a query for the rows that `changes` to `graph` can have altered; None asks for all."""
        if changes is None or self.narrow is None:
            return self.query
        touched = changes.graphs & graph.files.keys() if self.narrow.kind == "graph" else changes.entities
        values = " ".join(f"<{iri}>" for iri in sorted(touched))
        # In front of all other patterns: the engine does not move what stands behind them.
        head, brace, rest = self.query.partition("{")
        return f"{head}{brace} VALUES ?{self.narrow.variable} {{ {values} }} {rest}"


def read_checks(root: Root, only: Callable[[Path], bool] = lambda _: True) -> tuple[DatasetCheck, ...]:
    """Return the checks of `root`, of all files or `only` some, sorted by name.

    Raises:
        DataError: if a heading is missing or wrong.
    """
    return tuple(_read(file) for file in filter(only, root.check_files()))


def _read(file: Path) -> DatasetCheck:
    try:
        heading, text = read_headed(file)
        path = heading.get("path")
        narrow = _narrow(heading["narrow"]) if "narrow" in heading else None
        query = sparql_prologue() + text
        return DatasetCheck(file.stem, Text(**heading["message"]), path and expand(path), query, narrow)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            Text(f"the heading of this check is wrong: {error}", f"l'en-tête de ce contrôle est incorrect : {error}"),
            place=Place(file),
            hint=Text(
                "give message (fr and en) in a line that starts with #+",
                "donnez message (en fr et en en) dans une ligne qui commence par #+",
            ),
        ) from error


def _narrow(written: Mapping[str, str]) -> Narrow:
    [(variable, kind)] = written.items()
    if variable not in {"this", "value", "one"} or kind not in _KINDS:
        raise ValueError(f"narrow = {{ {variable} = {kind!r} }}")
    return Narrow(variable, kind)


def judge_dataset(
    graph: KnowledgeGraph,
    report: rdflib.Graph,
    changes: Changes | None = None,
    only: Callable[[Path], bool] = lambda _: True,
) -> None:
    """Add what the checks find in the named graphs of `graph` to a W3C validation report.

    Args:
        graph: the loaded graph.
        report: is added to.
        changes: what has changed since the graph was last known to be valid; None judges everything.
        only: which files of checks to judge by.

    Raises:
        DataError: if a check is not a SELECT query with a heading.
    """
    if changes is not None and not changes:
        return
    for check in read_checks(graph.root, only):
        for this, value in _rows(graph, check, check.after(changes, graph)):
            result = rdflib.BNode()
            report.add((result, RDF.type, SH.ValidationResult))
            report.add((result, SH.focusNode, rdflib.URIRef(this)))
            report.add((result, SH.resultSeverity, SH.Violation))
            report.add((result, SH.sourceShape, rdflib.URIRef(check.iri)))
            report.add((result, SH.sourceConstraintComponent, SH.SPARQLConstraintComponent))
            for language, message in check.message._asdict().items():
                report.add((result, SH.resultMessage, rdflib.Literal(message, lang=language)))
            if check.path:
                report.add((result, SH.resultPath, rdflib.URIRef(check.path)))
            if value is not None:
                report.add((result, SH.value, value))
            for node in report.subjects(RDF.type, SH.ValidationReport):
                report.add((node, SH.result, result))
                report.set((node, SH.conforms, rdflib.Literal(lexical_or_value=False)))


def _rows(
    graph: KnowledgeGraph, check: DatasetCheck, query: str
) -> Iterator[tuple[str, rdflib.term.IdentifiedNode | rdflib.Literal | None]]:
    place = Place(graph.root.shapes / "dataset" / f"{check.name}.rq")
    try:
        found = graph.store.query(query, default_graph=list(graph.default_graphs))
    except SyntaxError as error:
        raise DataError(Text(str(error), str(error)), place=place) from error
    names = [variable.value for variable in found.variables] if isinstance(found, ox.QuerySolutions) else []
    if not isinstance(found, ox.QuerySolutions) or "this" not in names:
        raise DataError(
            Text("a check is a SELECT query with ?this", "un contrôle est une requête SELECT avec ?this"), place=place
        )
    for row in found:
        value = row["value"] if "value" in names else None
        yield row["this"].value, None if value is None else as_rdflib_term(value)
