"""The checks of the named graphs: queries whose rows are violations, with file and line, in the one report."""

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDF, SH
from tests.unit.conftest import MakeRoot

from territoires.changes import Changes
from territoires.errors import DataError, Text
from territoires.graph import load
from territoires.namespaces import BASE
from territoires.stamp import is_stamped, write_stamp
from territoires.validation import Report, validate

CHECK = """\
#+ message = { en = "No name here.", fr = "Pas de nom ici." }
#+ path = "rdfs:label"
SELECT ?this ?value { GRAPH ?value { ?this a ti:Thing FILTER NOT EXISTS { ?this rdfs:label ?name } } }
"""
DATA = {
    "data/one.ttl": '<a> a <def#Thing> ; <http://www.w3.org/2000/01/rdf-schema#label> "A" .',
    "data/two.ttl": "\n<b> a <def#Thing> .\n<a> a <def#Thing> .\n",
}


def judge(make_root: MakeRoot, check: str = CHECK, data: dict[str, str] = DATA) -> Report:
    return validate(load(make_root({"shapes/dataset/named.rq": check} | data)))


def test_a_row_is_a_violation_with_the_line_in_the_graph_that_it_names(make_root: MakeRoot) -> None:
    report = judge(make_root)
    assert not report.conforms
    assert [(result.focus_node, str(result.place)) for result in report.results] == [
        (f"{BASE}b", "data/two.ttl:2"),
        (f"{BASE}a", "data/two.ttl:3"),
    ]
    for result in report.results:
        assert result.message == Text("No name here.", "Pas de nom ici.")
        assert (result.severity, result.constraint) == ("Violation", "SPARQL")
        assert result.shape == f"{BASE}shapes/dataset/named"
        assert result.path == "http://www.w3.org/2000/01/rdf-schema#label"
        assert result.value == f"{BASE}graph/two"


def test_the_results_are_in_the_turtle_report_which_does_not_conform(make_root: MakeRoot) -> None:
    graph = rdflib.Graph().parse(data=judge(make_root).as_turtle(), format="turtle")
    [node] = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(node, SH.conforms) == rdflib.Literal(lexical_or_value=False)
    assert {graph.value(result, SH.focusNode) for result in graph.objects(node, SH.result)} == {
        rdflib.URIRef(f"{BASE}{name}") for name in "ab"
    }


def test_no_row_conforms(make_root: MakeRoot) -> None:
    assert judge(make_root, data={"data/one.ttl": DATA["data/one.ttl"]}).conforms


def test_a_graph_as_focus_is_placed_at_its_file(make_root: MakeRoot) -> None:
    check = '#+ message = { en = "A", fr = "B" }\nSELECT DISTINCT ?this { GRAPH ?this { ?s ?p ?o } }'
    assert [str(one.place) for one in judge(make_root, check).results] == ["data/one.ttl", "data/two.ttl"]


def test_patterns_outside_graph_see_the_merge(make_root: MakeRoot) -> None:
    check = '#+ message = { en = "A", fr = "B" }\nSELECT ?this { ?this a ti:Thing ; rdfs:label ?name }'
    [result] = judge(make_root, check).results
    assert (result.focus_node, result.value) == (f"{BASE}a", None)


def test_nothing_changed_is_not_judged(make_root: MakeRoot) -> None:
    graph = load(make_root({"shapes/dataset/named.rq": CHECK} | DATA))
    assert validate(graph, changes=Changes()).conforms


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        ("", ["b", "a"]),
        ('#+ narrow = { this = "entity" }\n', ["a"]),
        ('#+ narrow = { value = "graph" }\n', ["b", "a"]),
        ('#+ narrow = { this = "graph" }\n', []),
    ],
)
def test_a_change_is_judged_where_it_can_alter_rows(make_root: MakeRoot, narrow: str, found: list[str]) -> None:
    graph = load(make_root({"shapes/dataset/named.rq": narrow + CHECK} | DATA))
    node = ox.NamedNode(f"{BASE}a")
    changes = Changes(frozenset({ox.Triple(node, node, node)}), frozenset({f"{BASE}graph/two", f"{BASE}graph/no such"}))
    results = validate(graph, changes=changes).results
    assert [result.focus_node.removeprefix(BASE) for result in results] == found


def test_a_value_leads_to_the_graph_that_states_it_and_the_derived_one_comes_last(make_root: MakeRoot) -> None:
    check = '#+ message = { en = "A", fr = "B" }\nSELECT ?this ?value { ?this ti:year ?value }'
    data = {
        "data/a.ttl": "<x> <def#seen> 1 .",
        "data/derived.ttl": "<x> <def#seen> 2 . <y> <def#seen> 2 .",
        "data/facts/b.ttl": "\n<x> <def#year> 3 .\n<y> <def#year> 4 .",
    }
    assert {str(one.place) for one in judge(make_root, check, data).results} == {
        "data/facts/b.ttl:2",
        "data/facts/b.ttl:3",
    }
    plain = '#+ message = { en = "A", fr = "B" }\nSELECT DISTINCT ?this { ?this ti:seen ?seen }'
    assert {str(one.place) for one in judge(make_root, plain, data).results} == {"data/a.ttl:1", "data/facts/b.ttl:3"}


@pytest.mark.parametrize(
    "check",
    [
        "SELECT ?this { ?this ?p ?o }",
        '#+ message = "A"\nSELECT ?this { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\n#+ path = "nope:x"\nSELECT ?this { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\n#+ narrow = { other = "graph" }\nSELECT ?this { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\n#+ narrow = { this = "file" }\nSELECT ?this { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\n#+ narrow = {}\nSELECT ?this { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\n#+ narrow = "this"\nSELECT ?this { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\nSELECT ?s { ?s ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\nASK { ?this ?p ?o }',
        '#+ message = { en = "A", fr = "B" }\nSELECT ?this {',
    ],
)
def test_a_check_that_is_none_is_refused_by_file(make_root: MakeRoot, check: str) -> None:
    with pytest.raises(DataError) as caught:
        judge(make_root, check)
    assert str(caught.value.place).endswith("shapes/dataset/named.rq")


def test_a_changed_check_voids_the_stamp(make_root: MakeRoot) -> None:
    root = make_root({"shapes/dataset/named.rq": CHECK, "data/one.ttl": DATA["data/one.ttl"]})
    graph = load(root)
    write_stamp(graph, validate(graph))
    assert is_stamped(root)
    (root.shapes / "dataset/named.rq").write_text(CHECK.replace("No name", "No label"), encoding="utf-8")
    assert not is_stamped(root)
