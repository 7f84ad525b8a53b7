"""Several graphs as the default graph are their RDF merge, however the query names them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import select

from territoires import admit, format_named
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import QuerySyntaxError, UnknownGraphError
from territoires.graph import load
from territoires.namespaces import BASE
from territoires.root import Root

G = f"{BASE}graph/"
DATA = {
    "data/one.ttl": "<urn:x:s> <urn:x:p> 1 , 2 .",
    "data/two.ttl": "<urn:x:s> <urn:x:p> 2 , 3 .",
    "data/apart.ttl": "<urn:x:s> <urn:x:p> 4 .",
}
COUNT = "SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o }}"


@pytest.fixture
def engine(make_root: Callable[[Mapping[str, str]], Root]) -> EmbeddedEngine:
    return EmbeddedEngine(load(make_root(DATA)))


@pytest.mark.parametrize(
    ("clauses", "count"),
    [
        (f"FROM <{G}one> FROM <{G}two>", 3),
        (f"FROM <{G}one> FROM <{G}one>", 2),
        (f"FROM <{G}one> FROM <{G}apart>", 3),
        (f"FROM <{G}one> FROM <{G}two> FROM <{G}apart> FROM NAMED <{G}apart>", 4),
        (f"from<{G}one>#FROM <{G}apart>\nFrom <{G}two>", 3),
    ],
)
def test_a_common_triple_counts_once(engine: EmbeddedEngine, clauses: str, count: int) -> None:
    assert select(engine, COUNT.format(clauses)) == [(str(count),)]


# A graph that is not there: an error over the graph folder, empty in a file of which nobody knows what it should hold.


@pytest.mark.parametrize(
    ("prologue", "clauses"),
    [
        ("", "FROM <urn:x:none>"),
        ("", "FROM NAMED <urn:x:none>"),
        ("", f"FROM <{G}one> FROM <urn:x:none>"),
        ("", f"FROM <{G}one> FROM NAMED <urn:x:none>"),
        ("PREFIX x: <urn:x:>", "FROM x:none"),
        ("BASE <urn:x:none>", "FROM <>"),
    ],
)
def test_a_graph_that_is_not_there_is_named_with_those_that_are(
    engine: EmbeddedEngine, prologue: str, clauses: str
) -> None:
    with pytest.raises(UnknownGraphError) as caught:
        select(engine, f"{prologue} {COUNT.format(clauses)}")
    for language in ("en", "fr"):
        detail, _, hint = caught.value.in_(language).partition("→")
        assert "<urn:x:none>" in detail
        assert f"{G}one" in hint


@pytest.mark.parametrize(
    ("clauses", "count"),
    [("FROM <urn:x:none>", 0), ("FROM <urn:x:a> FROM <urn:x:none>", 1), ("FROM NAMED <urn:x:b>", 0)],
)
def test_in_a_file_a_graph_that_is_not_there_is_empty(
    engine: EmbeddedEngine, tmp_path: Path, clauses: str, count: int
) -> None:
    file = tmp_path / "one.nq"
    file.write_text("<urn:x:s> <urn:x:p> <urn:x:o> <urn:x:a> .\n", encoding="utf-8")
    of_a_file = EmbeddedEngine(load(replace(engine.graph.root, dataset=file)))
    assert select(of_a_file, COUNT.format(clauses)) == [(str(count),)]


@pytest.mark.parametrize("prologue", [f"PREFIX g: <{G}>", f"PREFIX  G:<{G}> BASE <urn:x:>\nPREFIX g: <{G}>"])
def test_prefixed_names_are_those_of_the_query(engine: EmbeddedEngine, prologue: str) -> None:
    assert select(engine, f"{prologue} {COUNT.format('FROM g:one FROM g:two')}") == [("3",)]


def test_relative_iris_are_those_of_the_query(engine: EmbeddedEngine) -> None:
    assert select(engine, f"BASE <{G}> {COUNT.format('FROM <one> FROM <two>')}") == [("3",)]


@pytest.mark.parametrize(("named", "graphs"), [("", []), (f"FROM NAMED <{G}two>", [(f"{G}two",)])])
def test_graph_sees_only_what_from_named_names(engine: EmbeddedEngine, named: str, graphs: list[tuple[str]]) -> None:
    clauses = f"FROM <{G}one> FROM <{G}two> {named}"
    assert select(engine, "SELECT DISTINCT ?g " + clauses + " { GRAPH ?g { ?s ?p ?o } }") == graphs


def test_nothing_is_left_in_the_store(engine: EmbeddedEngine) -> None:
    before = len(engine.graph.store)
    select(engine, COUNT.format(f"FROM <{G}one> FROM <{G}two>"))
    assert len(engine.graph.store) == before


def test_a_wrong_clause_is_a_syntax_error(engine: EmbeddedEngine) -> None:
    with pytest.raises(QuerySyntaxError):
        engine.run(admit("ASK FROM <urn:x:a> FROM <a b> {}"), format_named("json"))
