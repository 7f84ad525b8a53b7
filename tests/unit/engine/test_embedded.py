"""The embedded engine answers as SPARQL 1.1 says, in every format, and names errors by the user's own lines."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.conftest import select
from tests.unit.conftest import MakeRoot

from territoires.engine import Engine
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import QueryEvaluationError, QuerySyntaxError
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format, format_named
from territoires.graph import load, load_both
from territoires.guard import admit
from territoires.namespaces import BASE

G1, G2 = f"{BASE}graph/one", f"{BASE}graph/two"
FILES = {
    "data/one.ttl": '<s> <def#p> "both" , "one" .\n',
    "data/two.ttl": '<s> <def#p> "both" , "two"@fr .\n',
}
Ask = Callable[..., list[str | None]]


@pytest.fixture(params=[load, load_both], ids=["one store", "merge apart"])
def engine(make_root: MakeRoot, request: pytest.FixtureRequest) -> Engine:
    return EmbeddedEngine(request.param(make_root(FILES)))


@pytest.fixture
def ask(engine: Engine) -> Ask:
    """Return a function that gives the sorted values of `?v`."""

    def values(text: str, **dataset: tuple[str, ...]) -> list[str | None]:
        query = replace(admit(text, prefixes=True), **dataset)  # type: ignore[arg-type]
        results = ox.parse_query_results(engine.run(query, format_named("json")), format=ox.QueryResultsFormat.JSON)
        assert isinstance(results, ox.QuerySolutions)
        return sorted(getattr(row["v"], "value", "") for row in results)

    return values


def test_it_knows_the_version_and_the_graphs_of_its_dataset(make_root: MakeRoot) -> None:
    graph = load(make_root(FILES))
    engine = EmbeddedEngine(graph)
    assert (engine.version, engine.graphs) == (graph.version, (G1, G2))


def test_a_triple_of_two_sources_counts_once(ask: Ask) -> None:
    assert ask("SELECT ?v { ?s ti:p ?v }") == ["both", "one", "two"]
    assert ask("SELECT (COUNT(*) AS ?v) { ?s ti:p ?o }") == ["3"]


def test_a_large_source_changes_nothing_in_the_answer(make_root: MakeRoot) -> None:
    many = "".join(f'<s> <def#q> "{number:0100}" .\n' for number in range(10_000))
    root = make_root(FILES | {"data/three.ttl": '<s> <def#p> "both" .\n' + many})
    for engine in map(EmbeddedEngine, (load(root), load_both(root))):
        assert select(engine, "SELECT ?v { ?s ti:p ?v } ORDER BY ?v") == [("both",), ("one",), ("two",)]
        assert select(engine, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [("10003",)]
        assert select(engine, "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ti:p 'both' } }") == [("3",)]
        both = "SELECT (COUNT(DISTINCT ?g) AS ?n) { ?s ti:p 'one' GRAPH ?g { ?s ti:p 'both' } }"
        assert select(engine, both) == [("3",)]


def test_a_query_that_names_no_graph_is_answered_by_the_merge_apart(make_root: MakeRoot) -> None:
    graph = load_both(make_root(FILES))
    assert graph.merged is not None
    graph.merged.clear()
    engine = EmbeddedEngine(graph)
    assert select(engine, "SELECT ?v { ?s ti:p ?v }") == []
    assert len(select(engine, "SELECT ?v { GRAPH ?g { ?s ti:p ?v } }")) == 4


def test_graph_sees_each_source_apart(ask: Ask) -> None:
    assert ask(f"SELECT ?v {{ GRAPH <{G1}> {{ ?s ti:p ?v }} }}") == ["both", "one"]
    assert ask("SELECT ?v { GRAPH ?v { ?s ti:p 'both' } }") == [G1, G2]
    assert ask("SELECT ?v { GRAPH ?g { ?s ti:p ?v } }") == ["both", "both", "one", "two"]


# SPARQL 1.1 §13.2: with FROM or FROM NAMED the dataset is what they say, and FROM merges.
@pytest.mark.parametrize(
    ("clauses", "pattern", "values"),
    [
        (f"FROM <{G1}>", "?s ti:p ?v", ["both", "one"]),
        (f"FROM <{G1}> FROM <{G2}>", "?s ti:p ?v", ["both", "one", "two"]),
        (f"FROM <{G1}>", "GRAPH ?g { ?s ti:p ?v }", []),
        (f"FROM NAMED <{G1}>", "?s ti:p ?v", []),
        (f"FROM NAMED <{G1}>", "GRAPH ?g { ?s ti:p ?v }", ["both", "one"]),
        (f"FROM <{G2}> FROM NAMED <{G1}>", "?s ti:p ?v . GRAPH ?g { ?s ti:p ?v }", ["both"]),
    ],
)
def test_a_dataset_clause_says_what_is_looked_at(ask: Ask, clauses: str, pattern: str, values: list[str]) -> None:
    assert ask(f"SELECT ?v {clauses} {{ {pattern} }}") == values


# SPARQL 1.1 Protocol §2.1.4: the parameters say the dataset, whatever the query says.
@pytest.mark.parametrize(
    ("dataset", "pattern", "values"),
    [
        ({"default_graphs": (G1,)}, "?s ti:p ?v", ["both", "one"]),
        ({"default_graphs": (G1, G2)}, "?s ti:p ?v", ["both", "one", "two"]),
        ({"default_graphs": (G1,)}, "GRAPH ?g { ?s ti:p ?v }", []),
        ({"named_graphs": (G2,)}, "?s ti:p ?v", []),
        ({"named_graphs": (G2,)}, "GRAPH ?g { ?s ti:p ?v }", ["both", "two"]),
        ({"default_graphs": (G1,), "named_graphs": (G2,)}, "?s ti:p ?v . GRAPH ?g { ?s ti:p ?v }", ["both"]),
    ],
)
@pytest.mark.parametrize("clause", ["", f"FROM <{G2}>", "FROM NAMED <http://example.org/nowhere>"])
def test_the_dataset_of_the_protocol_replaces_that_of_the_query(
    ask: Ask, clause: str, dataset: dict[str, tuple[str, ...]], pattern: str, values: list[str]
) -> None:
    assert ask(f"SELECT ?v {clause} {{ {pattern} }}", **dataset) == values


@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda format_: format_.name)
def test_select_and_ask_are_written_in_each_result_format(engine: Engine, format_: Format) -> None:
    rows = engine.run(admit("SELECT ?v { ?s ti:p ?v } ORDER BY ?v", prefixes=True), format_)
    truth = engine.run(admit("ASK {}"), format_)
    if format_.name == "csv":  # CSV keeps neither language nor type, and has no form for ASK (§3 of its specification)
        assert rows == b"v\r\nboth\r\none\r\ntwo\r\n"
        return
    assert format_.results is not None
    solutions = ox.parse_query_results(rows, format=format_.results)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [row["v"] for row in solutions] == [ox.Literal("both"), ox.Literal("one"), ox.Literal("two", language="fr")]
    if format_.name != "tsv":
        assert isinstance(answer := ox.parse_query_results(truth, format=format_.results), ox.QueryBoolean)
        assert bool(answer)


def test_json_results_have_the_layout_of_their_specification(engine: Engine) -> None:
    query = admit("SELECT ?v ?x { ?s ?p ?v FILTER(LANG(?v) = 'fr') }")
    document = json.loads(engine.run(query, format_named("json")))
    assert document == {
        "head": {"vars": ["v", "x"]},
        "results": {"bindings": [{"v": {"type": "literal", "value": "two", "xml:lang": "fr"}}]},
    }
    assert json.loads(engine.run(admit("ASK {}"), format_named("json"))) == {"head": {}, "boolean": True}


def test_csv_quotes_what_would_break_a_cell(engine: Engine) -> None:
    content = engine.run(admit("""SELECT ("a,\\"b\\"\\nc" AS ?v) ("é" AS ?w) {}"""), format_named("csv")).decode()
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["v", "w"], ['a,"b"\nc', "é"]]


def test_tsv_writes_terms_as_turtle_does(engine: Engine) -> None:
    query = admit('SELECT ("a\\tb" AS ?v) (<http://example.org/> AS ?w) ("x"@fr AS ?x) (1 AS ?y) {}')
    lines = engine.run(query, format_named("tsv")).decode().splitlines()
    assert [line.split("\t") for line in lines] == [
        ["?v", "?w", "?x", "?y"],
        [r'"a\tb"', "<http://example.org/>", '"x"@fr', "1"],
    ]


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
@pytest.mark.parametrize("text", ["CONSTRUCT WHERE { ?s ti:p ?o }", "DESCRIBE ?s { ?s ti:p 'one' }"])
def test_construct_and_describe_are_written_in_each_graph_format(engine: Engine, text: str, format_: Format) -> None:
    content = engine.run(admit(text, prefixes=True), format_)
    subject, predicate = ox.NamedNode(f"{BASE}s"), ox.NamedNode(f"{BASE}def#p")
    assert {quad.triple for quad in ox.parse(content, format=format_.rdf)} == {
        ox.Triple(subject, predicate, object_)
        for object_ in (ox.Literal("both"), ox.Literal("one"), ox.Literal("two", language="fr"))
    }


def test_a_constructed_triple_is_written_once(engine: Engine) -> None:
    content = engine.run(admit("CONSTRUCT { <urn:a> <urn:b> 1 } { ?s ?p ?o }"), format_named("turtle"))
    assert content.decode().count("urn:a") == 1


@pytest.mark.parametrize("text", ["DESCRIBE <http://example.org/nobody>", "CONSTRUCT { ?s ?p ?o } { ?s <urn:x> ?o }"])
@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_an_empty_graph_is_a_valid_document(engine: Engine, text: str, format_: Format) -> None:
    assert list(ox.parse(engine.run(admit(text), format_), format=format_.rdf)) == []


def test_relative_iris_are_resolved_against_the_base(engine: Engine) -> None:
    query = replace(admit("ASK { <s> <def#p> 'one' }"), base_iri=BASE)
    assert json.loads(engine.run(query, format_named("json")))["boolean"] is True


# SPARQL 1.1 §17.6: an unknown extension function is an error of its expression.
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SELECT (<urn:f>(?v) AS ?x) ?v { ?s ti:p ?v }", ["both", "one", "two"]),
        ("SELECT ?v { ?s ti:p ?v BIND(<urn:f>(?v) AS ?x) FILTER(!BOUND(?x)) }", ["both", "one", "two"]),
        ("SELECT ?v { ?s ti:p ?v FILTER(<urn:f>(?v)) }", []),
        ("SELECT ?v { ?s ti:p ?v FILTER(?v = 'one' || <urn:f>(<urn:g>(?v), 1)) }", ["one"]),
        ("SELECT ?v { BIND(COALESCE(<urn:f>(), 'other') AS ?v) }", ["other"]),
    ],
)
def test_an_unknown_function_leaves_its_value_unbound(ask: Ask, text: str, values: list[str]) -> None:
    assert ask(text) == values


def refused(engine: Engine, text: str, *, prefixes: bool) -> QuerySyntaxError:
    with pytest.raises(QuerySyntaxError) as caught:
        engine.run(admit(text, prefixes=prefixes), format_named("json"))
    for language in ("en", "fr"):
        assert "\n  → " in caught.value.in_(language)
    return caught.value


@pytest.mark.parametrize("prefixes", [False, True], ids=["bare", "prefixes"])
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * { ?é ?p nope:o }", 1, 18),
        ("SELECT *\r\n{ ?s ?p ?o .\r\n  ?s no-pe.x:p ?o }", 3, 6),
        ("# 😀\nSELECT * { ?s ?p '😀' , nope:b }", 2, 24),
    ],
)
def test_a_syntax_error_is_placed_in_the_user_s_own_text(
    engine: Engine, text: str, line: int, column: int, *, prefixes: bool
) -> None:
    error = refused(engine, text, prefixes=prefixes)
    assert str(error.place) == f"{line}:{column}"


@pytest.mark.parametrize(
    "text", ["SELECT * {", "SELECT *\n{ ?s ?p\n}", "ASK\n\n{ ?s ?p ?o }}", "ASK { ?s ?p '\n' }", "ASK"]
)
def test_prefixes_declared_for_the_user_do_not_move_the_place(engine: Engine, text: str) -> None:
    bare, declared = (refused(engine, text, prefixes=prefixes).place for prefixes in (False, True))
    assert bare == declared
    assert bare is not None
    assert bare.line is not None
    assert 1 <= bare.line <= text.count("\n") + 1


@pytest.mark.parametrize("letter", ["é", "漢", "😀", "e\u0301"[1]])
def test_columns_count_characters(engine: Engine, letter: str) -> None:
    places = [refused(engine, f"ASK {{ ?s ?p '{one}' ?o }} # {one}", prefixes=False).place for one in ("e", letter)]
    assert places[0] == places[1]


def test_an_undeclared_prefix_of_the_project_comes_with_the_line_to_add(engine: Engine) -> None:
    error = refused(engine, "SELECT * { ?s skos:prefLabel ?o }", prefixes=False)
    for language in ("en", "fr"):
        detail, _, hint = error.in_(language).partition("→")
        assert "skos:" in detail
        assert hint.endswith("PREFIX skos: <http://www.w3.org/2004/02/skos/core#>")


def test_an_evaluation_error_speaks_both_languages(engine: EmbeddedEngine) -> None:
    root = replace(engine.graph.root, dataset=Path("any.ttl"))
    engine = replace(engine, graph=replace(engine.graph, root=root))
    query = replace(admit("ASK {}"), default_graphs=("not an IRI",))
    with pytest.raises(QueryEvaluationError) as caught:
        engine.run(query, format_named("json"))
    assert caught.value.detail.en != caught.value.detail.fr


# Whatever the guard admits the engine must survive: a crash of native code ends the server.
@pytest.mark.parametrize(
    ("start", "unit", "end"),
    [
        ("SELECT * ", "{", "}"),
        ("ASK { FILTER", "(", "1)"),
        ("ASK { ?s <p> ", "(", "1)"),
        ("ASK { ?s <p> ", "[<p> ", "1]"),
        ("ASK { FILTER(", "!", "1)}"),
        ("ASK { FILTER(1", "||1", ")}"),
        ("ASK { FILTER(1", "+1", ")}"),
        ("ASK { ?s <p>", "|<p>", " ?o}"),
        ("ASK { {}", "UNION{}", "}"),
        ("ASK { ?s ?p 1", ",1", "}"),
        ("ASK { ", "GRAPH ?g{}", "}"),
        ("ASK { ", "{SELECT*{}}", "}"),
        ("ASK { ", "?s ?p ?o.", "}"),
        ("ASK { ?s ?p (", "1 ", ")}"),
        ("ASK { VALUES ?x {", "1 ", "}}"),
        ("SELECT (1 AS ?x) {} HAVING ", "(1)", ""),
    ],
    ids=lambda part: part,
)
def test_the_largest_query_that_is_admitted_does_not_end_the_process(start: str, unit: str, end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LARGEST, start, unit, end], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()


LARGEST = """
import sys
import pyoxigraph
from territoires.errors import TerritoiresError
from territoires.guard import admit

start, unit, end = sys.argv[1:]
closing = {"{": "}", "(": ")", "[<p> ": "]"}.get(unit, "")

def write(count):
    return start + unit * count + end + closing * (count - 1) + "}" * (bool(closing) and start.startswith("ASK"))

def is_admitted(count):
    try:
        return bool(admit(write(count)))
    except TerritoiresError:
        return False

largest, step = 0, 1 << 16
while step:
    largest += step * is_admitted(largest + step)
    step >>= 1
try:
    pyoxigraph.Store().query(write(largest), base_iri="http://example.org/")
except Exception as error:
    print(error)
"""
