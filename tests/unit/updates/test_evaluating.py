"""Updates of a graph folder: what they mean where the default graph is the merge of all."""

from __future__ import annotations

from itertools import chain

import pyoxigraph as ox
import pytest
from tests.unit.conftest import MakeRoot

from territoires import graph as graphs
from territoires.edits import Edit
from territoires.engine import delta
from territoires.errors import (
    QueryEvaluationError,
    QuerySyntaxError,
    QueryTooLargeError,
    RequestError,
    UnknownGraphError,
)
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import BASE
from territoires.settings import Settings
from territoires.updates import admit_update, evaluate

G = f"{BASE}graph/"
FILES = {
    "ontology/o.ttl": "<a:C> <a:is> <a:Class> .",
    "data/a.ttl": "<a:x> <a:p> 1, 2 . <a:shared> <a:p> 1 .",
    "data/b.ttl": "<a:y> <a:p> 3 . <a:shared> <a:p> 1 .",
}


@pytest.fixture(params=[10**9, 1, 40], ids=["copied", "apart", "mixed"])
def folder(request: pytest.FixtureRequest, make_root: MakeRoot, monkeypatch: pytest.MonkeyPatch) -> KnowledgeGraph:
    """Return a graph folder whose graphs are copied into the merge, stand for themselves in it, or both."""
    monkeypatch.setattr(graphs, "_LARGE", request.param)
    return load(make_root(FILES))


def run(graph: KnowledgeGraph, text: str, **given: tuple[str, ...]) -> tuple[KnowledgeGraph, Edit]:
    """Carry out an update with `g:` for our graphs, and check that what is said to have changed has."""
    before = _named(graph)
    after, edit = evaluate(graph, admit_update(f"PREFIX g: <{G}> {text}"), **given)
    assert edit.removed <= before
    assert not edit.added & before
    assert (before - edit.removed) | edit.added == _named(after)
    _ensure_merged(after)
    return after, edit


def _named(graph: KnowledgeGraph) -> frozenset[ox.Quad]:
    return frozenset(quad for quad in graph.store if isinstance(quad.graph_name, ox.NamedNode))


def _ensure_merged(graph: KnowledgeGraph) -> None:
    """Check that the default graph is the merge of all, each triple once, and that no graph is without a quad."""
    triples = list(graph.triples())
    assert len(triples) == len(set(triples))
    assert set(triples) == {quad.triple for quad in _named(graph)}
    names = [name for name in graph.store.named_graphs() if isinstance(name, ox.NamedNode)]
    assert set(names) == {quad.graph_name for quad in _named(graph)}
    assert set(graph.graphs) == {name.value for name in names}


def quads(graph: str, *texts: str) -> frozenset[ox.Quad]:
    """Return triples in the graph with this name, from lines of Turtle without full stops."""
    parsed = chain.from_iterable(ox.parse(f"{text} .", format=ox.RdfFormat.TURTLE) for text in texts)
    return frozenset(ox.Quad(one.subject, one.predicate, one.object, ox.NamedNode(G + graph)) for one in parsed)


def test_data_are_inserted_and_deleted(folder: KnowledgeGraph) -> None:
    graph, edit = run(folder, "INSERT DATA { GRAPH g:a { <a:x> <a:p> 1, 9 } GRAPH g:new { <a:x> <a:p> 9 } }")
    assert edit == Edit(added=quads("a", "<a:x> <a:p> 9") | quads("new", "<a:x> <a:p> 9"))
    assert f"{G}new" in graph.graphs
    graph, edit = run(graph, "DELETE DATA { GRAPH g:new { <a:x> <a:p> 9, 10 } GRAPH g:b { <a:shared> <a:p> 1 } }")
    assert edit == Edit(removed=quads("new", "<a:x> <a:p> 9") | quads("b", "<a:shared> <a:p> 1"))
    assert f"{G}new" not in graph.graphs


def test_where_matches_the_merge_once(folder: KnowledgeGraph) -> None:
    text = "INSERT { GRAPH g:n { ?s <a:n> ?n } } WHERE { SELECT ?s (COUNT(*) AS ?n) { ?s <a:p> ?o } GROUP BY ?s }"
    _, edit = run(folder, text)
    assert edit.added == quads("n", "<a:x> <a:n> 2", "<a:y> <a:n> 1", "<a:shared> <a:n> 1")


def test_with_is_the_graph_of_templates_and_of_where(folder: KnowledgeGraph) -> None:
    _, edit = run(folder, "WITH g:b DELETE { ?s ?p ?o } INSERT { ?s ?p 4 . GRAPH g:a { ?s ?p 4 } } WHERE { ?s ?p ?o }")
    assert edit.removed == quads("b", "<a:y> <a:p> 3", "<a:shared> <a:p> 1")
    assert edit.added == quads("b", "<a:y> <a:p> 4", "<a:shared> <a:p> 4") | quads(
        "a", "<a:y> <a:p> 4", "<a:shared> <a:p> 4"
    )


def test_with_a_graph_that_is_not_there_matches_nothing(folder: KnowledgeGraph) -> None:
    assert not run(folder, "WITH g:new INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }")[1]
    text = "WITH g:new INSERT { ?s ?p ?o } WHERE { GRAPH g:b { ?s ?p ?o } FILTER (?o = 3) }"
    assert run(folder, text)[1].added == quads("new", "<a:y> <a:p> 3")


def test_using_is_the_dataset_of_where_in_place_of_with(folder: KnowledgeGraph) -> None:
    text = "WITH g:a DELETE { ?s ?p ?o } USING g:b WHERE { ?s ?p ?o }"
    assert run(folder, text)[1] == Edit(removed=quads("a", "<a:shared> <a:p> 1"))
    text = "INSERT { GRAPH g:n { ?s ?p ?g } } USING NAMED g:b WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    assert run(folder, text)[1].added == quads("n", f"<a:y> <a:p> <{G}b>", f"<a:shared> <a:p> <{G}b>")
    with pytest.raises(UnknownGraphError):
        run(folder, "INSERT { GRAPH g:n { ?s ?p ?o } } USING g:none WHERE { ?s ?p ?o }")


def test_a_dataset_beside_the_update(folder: KnowledgeGraph) -> None:
    text = "INSERT { GRAPH g:n { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    assert run(folder, text, using=(f"{G}b",))[1].added == quads("n", "<a:y> <a:p> 3", "<a:shared> <a:p> 1")
    with pytest.raises(RequestError):
        run(folder, "WITH g:b DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", using=(f"{G}b",))


def test_each_operation_sees_those_before(folder: KnowledgeGraph) -> None:
    _, edit = run(
        folder,
        """INSERT DATA { GRAPH g:n { <a:z> <a:q> 1 } } ;
           INSERT { GRAPH g:a { ?s <a:q> 2 } } WHERE { ?s <a:q> 1 } ;
           DROP GRAPH g:n ; PREFIX h: <a:> DELETE DATA { GRAPH g:a { h:x h:p 1 } } ;
           INSERT DATA { GRAPH g:a { <a:x> <a:p> 1 } }""",
    )
    assert edit == Edit(added=quads("a", "<a:z> <a:q> 2"))


def test_blank_nodes_of_templates_are_new_for_each_solution(folder: KnowledgeGraph) -> None:
    _, edit = run(folder, "INSERT { GRAPH g:n { ?s <a:q> [ <a:r> ?o ] } } WHERE { GRAPH g:a { ?s <a:p> ?o } }")
    nodes = [quad.subject for quad in edit.added if isinstance(quad.subject, ox.BlankNode)]
    assert len(edit.added) == 6
    assert len(set(nodes)) == 3


def test_what_would_be_no_triple_is_left_out(folder: KnowledgeGraph) -> None:
    text = """INSERT { GRAPH g:n { ?o <a:q> ?s . ?s ?o <a:z> . ?s <a:q> ?nothing . ?s <a:q> ?o }
                       GRAPH ?o { ?s <a:q> ?o } GRAPH ?nothing { ?s <a:q> ?o } } WHERE { GRAPH g:b { ?s <a:p> ?o } }"""
    assert run(folder, text)[1].added == quads("n", "<a:y> <a:q> 3", "<a:shared> <a:q> 1")


def test_graphs_are_managed(folder: KnowledgeGraph) -> None:
    graph, edit = run(folder, "CREATE GRAPH g:n ; CLEAR GRAPH g:n ; DROP GRAPH g:n ; CREATE SILENT GRAPH g:a")
    assert not edit
    graph, edit = run(graph, "COPY g:a TO g:b")
    assert edit == Edit(quads("b", "<a:y> <a:p> 3"), quads("b", "<a:x> <a:p> 1, 2"))
    graph, edit = run(graph, "MOVE g:a TO g:c ; ADD g:c TO g:c ; ADD SILENT g:none TO g:c")
    assert edit.graphs == {f"{G}a", f"{G}c"}
    assert set(graph.graphs) == {f"{G}b", f"{G}c", f"{G}ontology"}
    graph, _ = run(graph, "CLEAR ALL")
    assert graph.graphs == ()


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:x> <a:p> 9 }",
        "DELETE WHERE { ?s ?p ?o }",
        "DELETE { GRAPH ?g { ?s ?p ?o } ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "CLEAR DEFAULT",
        "COPY g:b TO DEFAULT",
        "MOVE DEFAULT TO g:a",
    ],
)
def test_nothing_is_written_outside_of_a_named_graph(folder: KnowledgeGraph, text: str) -> None:
    before = set(folder.store)
    with pytest.raises(QueryEvaluationError, match="GRAPH <") as caught:
        run(folder, f"CLEAR GRAPH g:a ;\n {text}")
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (2, 2)
    assert set(folder.store) == before


@pytest.mark.parametrize("most", [20_000, 0], ids=["mended", "made again"])
def test_a_request_that_fails_leaves_all_as_it_was(
    folder: KnowledgeGraph, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "MOST", most)
    before = set(folder.store)
    for text, error in (
        ("COPY g:a TO g:b ; DROP GRAPH g:a ; CREATE GRAPH g:b", QueryEvaluationError),
        (
            "INSERT DATA { GRAPH g:n { <a:y> <a:p> 3 } GRAPH g:a { <a:y> <a:p> 3 } } ; DROP GRAPH g:none",
            UnknownGraphError,
        ),
        ("CLEAR ALL ; INSERT { GRAPH g:n { ?s ?p ?o } } WHERE { ?s ?p }", QuerySyntaxError),
    ):
        with pytest.raises(error):
            run(folder, text)
        assert set(folder.store) == before
        _ensure_merged(folder)


def test_a_syntax_error_has_its_place_in_the_users_text(folder: KnowledgeGraph) -> None:
    for text, line, column in (
        ("CLEAR ALL ;\nINSERT DATA { GRAPH <a:g> { <a:a> <a:b> } }", 2, 41),
        ("CLEAR ALL ; PREFIX : <a:>\n  DELETE WHERE { ?s :p }", 2, 24),
        ("PREFIX : <a:>\nCLEAR ALL ;\nWITH :g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER }", 3, 53),
    ):
        with pytest.raises(QuerySyntaxError) as caught:
            evaluate(folder, admit_update(text))
        assert caught.value.place is not None, text
        assert (caught.value.place.line, caught.value.place.column) == (line, column)


def test_a_wrong_base_is_said(folder: KnowledgeGraph) -> None:
    for text in ("PREFIX : <a>", "BASE <http://[> CLEAR ALL"):
        with pytest.raises(QuerySyntaxError, match="PREFIX or BASE"):
            evaluate(folder, admit_update(text))


def test_too_large_a_change_is_refused(folder: KnowledgeGraph) -> None:
    few = Settings(max_changed_quads=3)
    before = set(folder.store)
    for text in (
        "INSERT DATA { GRAPH <a:g> { <a:a> <a:b> 1, 2, 3, 4 } }",
        "INSERT { GRAPH <a:g> { <a:a> <a:b> [] } } WHERE { ?a ?b ?c . ?d ?e ?f }",
        "INSERT { GRAPH <a:g> { ?a <a:b> ?g } } WHERE { ?a ?b ?c . ?d ?e ?f }",
        "CLEAR ALL",
    ):
        with pytest.raises(QueryTooLargeError, match="TERRITOIRES_MAX_CHANGED_QUADS"):
            evaluate(folder, admit_update(text, few))
        assert set(folder.store) == before
