"""Tells whether an answer is the expected one: same rows or same graph, up to the labels of blank nodes."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, XSD, BNode, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

RS: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
ROW: Final = Namespace("urn:x-row:")
_RESULTS: Final = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
Rows = list[dict[str, rdflib.term.Node]]


def same_rows(answer: bytes, expected: Path, *, ordered: bool) -> bool:
    """Return whether the SELECT or ASK result `answer`, in the format of `expected`, says the same."""
    if expected.suffix == ".csv":
        return _csv(answer.decode()) == _csv(expected.read_text(encoding="utf-8"))
    if expected.suffix in {".ttl", ".rdf"}:
        found, wanted = _read(answer, ox.QueryResultsFormat.XML), _result_set(expected)
    else:
        format_ = _RESULTS[expected.suffix]
        found, wanted = _read(answer, format_), _read(expected.read_bytes(), format_)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found == wanted
    return isomorphic(_as_graph(found, ordered=ordered), _as_graph(wanted, ordered=ordered))


def same_graph(answer: bytes, expected: bytes, base: str) -> bool:
    """Return whether two Turtle documents hold the same graph."""
    one, two = (rdflib.Graph().parse(data=text, format="turtle", publicID=base) for text in (answer, expected))
    return isomorphic(_canonical(one), _canonical(two))


def _read(text: bytes, format_: ox.QueryResultsFormat) -> Rows | bool:
    results = ox.parse_query_results(text, format=format_)
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return [{name: _term(term) for name, term in zip(names, row, strict=True) if term is not None} for row in results]


def _term(term: object) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        return _value(Literal(term.value, lang=term.language, datatype=None if term.language else term.datatype.value))
    raise TypeError(term)


def _value(literal: Literal) -> Literal:
    """Return one spelling for each value of the numeric types: the engine may write 1.0 as 1.00."""
    text = str(literal)
    if literal.datatype == XSD.decimal and re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+", text):
        return Literal(f"{Decimal(text).normalize():f}", datatype=XSD.decimal)
    if literal.datatype == XSD.integer and re.fullmatch(r"[+-]?[0-9]+", text):
        return Literal(str(int(text)), datatype=XSD.integer)
    if literal.datatype in {XSD.double, XSD.float} and re.fullmatch(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?", text):
        return Literal(f"{float(text):.9g}", datatype=literal.datatype)
    return Literal(text, lang=literal.language, datatype=None if literal.datatype == XSD.string else literal.datatype)


def _as_graph(rows: Rows, *, ordered: bool) -> rdflib.Graph:
    """Write rows as a graph, so that blank nodes in them can be matched."""
    graph = rdflib.Graph()
    for number, row in enumerate(rows):
        node = BNode()
        graph.add((node, RDF.type, ROW.Row))
        if ordered:
            graph.add((node, ROW.number, Literal(number)))
        for name, term in row.items():
            graph.add((node, URIRef(f"{ROW}v-{name}"), term))
    return graph


def _canonical(graph: rdflib.Graph) -> rdflib.Graph:
    copy = rdflib.Graph()
    for subject, predicate, object_ in graph:
        copy.add((subject, predicate, _value(object_) if isinstance(object_, Literal) else object_))
    return copy


def _result_set(file: Path) -> Rows | bool:
    graph = rdflib.Graph().parse(file, format="turtle" if file.suffix == ".ttl" else "xml")
    boolean = next(graph.objects(None, RS.boolean), None)
    if boolean is not None:
        return str(boolean) == "true"
    rows: Rows = []
    for solution in graph.objects(None, RS.solution):
        row: dict[str, rdflib.term.Node] = {}
        for binding in graph.objects(solution, RS.binding):
            value = graph.value(binding, RS.value)
            if value is not None:
                row[str(graph.value(binding, RS.variable))] = _value(value) if isinstance(value, Literal) else value
        rows.append(row)
    return rows


def _csv(text: str) -> list[list[tuple[str, str]]]:
    """Return sorted rows; the order of `SELECT *` is free, labels of blank nodes are numbered as they appear."""
    heading, *rows = csv.reader(io.StringIO(text, newline=""))
    seen: dict[str, str] = {}
    named = (
        [seen.setdefault(cell, f"_:{len(seen)}") if cell.startswith("_:") else cell for cell in row] for row in rows
    )
    return sorted(sorted(zip(heading, row, strict=True)) for row in named)
