"""What updates are admitted, how they are split, and which graphs they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from territoires.errors import Place, QueryError, QueryRefusedError, QuerySyntaxError, QueryTooLargeError
from territoires.settings import Settings
from territoires.updates import admit_update, graphs_written

LIMITS = Settings()


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1/>",
        "LOAD SILENT <http://127.0.0.1/> INTO GRAPH <g>",
        "CLEAR ALL ;\nload<http://127.0.0.1/>",
        "PREFIX LOADex: <http://x/> PREFIX ex: <http://127.0.0.1/> LOADex:a",
        "PREFIX LOAD: <http://127.0.0.1/> LOAD:a",
        "INSERT { GRAPH <g> { ?s ?p ?o } } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "DELETE WHERE { SERVICE SILENT <http://127.0.0.1/> { ?s ?p ?o } }",
        "PREFIX SERVICEex: <http://x/> PREFIX ex: <http://x/> DELETE WHERE { SERVICEex:a { ?s ?p ?o } }",
        "LOADSILENT<http://127.0.0.1/>",
    ],
)
def test_nothing_reaches_outside(text: str) -> None:
    with pytest.raises((QueryRefusedError, QuerySyntaxError)):
        admit_update(text)


def test_a_refusal_says_where() -> None:
    with pytest.raises(QueryRefusedError) as caught:
        admit_update("CLEAR ALL ;\n  LOAD <http://127.0.0.1/>")
    assert caught.value.place == Place(line=2, column=3, piece="LOAD")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * { ?s ?p ?o }", 1, 1),
        ("CREATE GRAPH <g>\nCLEAR ALL", 2, 1),
        ("CREATE GRAPH <g>\n;;\nCLEAR ALL", 2, 2),
        ("CLEAR <g>", 1, 7),
        ("CREATE DEFAULT", 1, 8),
        ("WITH <g> CLEAR ALL", 1, 10),
        ("WITH <g> INSERT DATA { <a> <b> <c> }", 1, 17),
        ("INSERT { <a> <b> <c> }", 1, 23),
        ("COPY <g> <h>", 1, 10),
        ("DELETE DATA { <a> <b> <c> } INSERT DATA { <a> <b> <c> }", 1, 29),
        ("PREFIX : <g:>\nINSERT DATA { _:b1 :p :o } ;\nINSERT DATA { _:b1 :p :o }", 3, 15),
        ("INSERT DATA { <a> <b> <c> ", 1, 27),
        ("CLEAR ALL ;\nINSERT DATA { GRAPH <a:g> { <a:a> <a:b> ?c } }", 2, 41),
        ("DELETE DATA { GRAPH <a:g> { _:a <a:b> 1 } }", 1, 29),
        ("DELETE WHERE { GRAPH <a:g> { ?a <a:b> [] } }", 1, 39),
        ("DELETE { ?a ?b _:c } WHERE { ?a ?b _:c }", 1, 16),
    ],
)
def test_what_is_no_update_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        admit_update(text)
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (line, column)


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("max_query_length", "CLEAR ALL" + " " * LIMITS.max_query_length),
        ("max_query_depth", "INSERT DATA { <a:a> <a:b> " + "[ <a:b> " * 70 + "1" + " ]" * 70 + " }"),
        ("max_query_depth", "DELETE WHERE " + "{" * 70 + "}" * 70),
        ("max_query_operators", "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER (" + "!" * 2_100 + "true) }"),
        ("max_query_patterns", "DELETE { ?s ?p ?o } WHERE { " + "?s ?p ?o . " * 140 + "}"),
        ("max_query_patterns", "DELETE WHERE { " + "?s ?p ?o . " * 140 + "}"),
    ],
)
def test_the_limits_are_those_of_queries(setting: str, text: str) -> None:
    with pytest.raises(QueryTooLargeError) as caught:
        admit_update(text)
    assert caught.value.hint
    assert f"TERRITOIRES_{setting.upper()}" in caught.value.hint.en


def test_data_and_templates_are_no_patterns() -> None:
    facts = "<a:a> <a:b> 1, 2 ; <a:c> 3 . " * 500
    assert len(admit_update(f"INSERT DATA {{ GRAPH <a:g> {{ {facts} }} }}").operations) == 1
    assert len(admit_update(f"DELETE {{ {facts} }} INSERT {{ {facts} }} WHERE {{ }}").operations) == 1


def test_prefixes_and_bases_hold_for_what_follows() -> None:
    update = admit_update(
        "PREFIX : <a:> CREATE GRAPH :g ; BASE <http://b/> CLEAR GRAPH <g> ; PREFIX : <c:> ADD :g TO <g> ;"
    )
    assert [operation.form for operation in update.operations] == ["CREATE", "CLEAR", "ADD"]
    assert update.operations[1].prologue.split() == ["PREFIX", ":", "<a:>", "BASE", "<http://b/>"]
    assert graphs_written(update) == frozenset({"a:g", "http://b/g"})


@pytest.mark.parametrize("text", ["", "# nothing", "PREFIX : <a:>", "BASE <a:>\nPREFIX : <a:>"])
def test_an_update_may_be_empty(text: str) -> None:
    assert admit_update(text).operations == ()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("INSERT DATA { GRAPH <a:g> { <a:a> <a:b> <a:c> } GRAPH ti:h { } }", {"a:g", "ti:h"}),
        ("WITH <a:g> DELETE { ?s ?p ?o } INSERT { GRAPH <a:h> { ?s ?p ?o } } USING <a:i> WHERE { }", {"a:g", "a:h"}),
        ("DELETE WHERE { GRAPH <a:g> { ?s ?p ?o } }", {"a:g"}),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", None),
        ("INSERT { GRAPH $g { ?s ?p ?o } } WHERE { }", None),
        ("DELETE { GRAPH <a:g> { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", {"a:g"}),
        ("CLEAR ALL", None),
        ("DROP NAMED", None),
        ("DROP SILENT GRAPH <a:g>", {"a:g"}),
        ("COPY <a:g> TO <a:h>", {"a:h"}),
        ("MOVE GRAPH <a:g> TO GRAPH <a:h>", {"a:g", "a:h"}),
        ("ADD DEFAULT TO <g>", {"https://example.org/g"}),
        ("", set()),
    ],
)
def test_the_graphs_that_an_update_names(text: str, written: set[str] | None) -> None:
    update = admit_update("PREFIX ti: <ti:> " + text)
    found = graphs_written(replace(update, base_iri="https://example.org/"))
    assert (found if found is None else set(found)) == written


def test_a_wrong_name_of_a_graph_is_said() -> None:
    with pytest.raises(QuerySyntaxError, match="of a graph"):
        graphs_written(admit_update("CLEAR GRAPH <g>"))


def test_our_prefixes_need_no_declaration() -> None:
    with pytest.raises(QueryError):
        admit_update("INSERT DATA { GRAPH <a:g> { <a:a> a ti:Territory } }")
    assert admit_update("INSERT DATA { GRAPH <a:g> { <a:a> a ti:Territory } }", prefixes=True).operations
