"""Turtle files become named graphs, and the union of all is their RDF merge."""

from collections.abc import Iterable, Mapping

import pyoxigraph as ox
import pytest
import rdflib
from tests.unit.conftest import MakeRoot, assert_says

from territoires.errors import DataError, NotFoundError, RootError, TurtleError
from territoires.graph import find_graph, load, load_both, load_files
from territoires.namespaces import BASE

GRAPH = f"{BASE}graph/"
LARGE = 10_000
"""So many statements of more than 100 bytes are a large source."""


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(BASE + name)


def triple(subject: str, predicate: str, object_: str) -> ox.Triple:
    return ox.Triple(iri(subject), iri(predicate), iri(object_))


def turtle(facts: Iterable[str]) -> str:
    return "".join(f"<s> <p> <{fact}> .\n" for fact in facts)


def numbers(first: int, count: int = LARGE) -> set[str]:
    return {f"n{number:0100}" for number in range(first, first + count)}


def test_each_file_is_a_graph_and_so_is_the_ontology(make_root: MakeRoot) -> None:
    files = {"ontology/a.ttl": "<a> <p> <o> .", "ontology/b.ttl": "<b> <p> <o> .", "data/c.ttl": "<c> <p> <o> ."}
    graph = load(make_root(files))
    assert graph.graphs == (f"{GRAPH}c", f"{GRAPH}ontology")
    quads = {(quad.subject, quad.graph_name) for quad in graph.store if quad.graph_name != ox.DefaultGraph()}
    assert quads == {
        (iri("a"), iri("graph/ontology")),
        (iri("b"), iri("graph/ontology")),
        (iri("c"), iri("graph/c")),
    }


def test_a_folder_in_the_catalogue_is_one_graph_in_several_files(make_root: MakeRoot) -> None:
    catalogue = "<graph/cog> a <T> .\n"
    files = {"data/catalogue.ttl": catalogue, "data/cog/a.ttl": "<a> <p> <o> .", "data/cog/x/b.ttl": "<b> <p> <o> ."}
    graph = load(make_root(files))
    assert graph.graphs == (f"{GRAPH}catalogue", f"{GRAPH}cog")
    subjects = {quad.subject for quad in graph.store.quads_for_pattern(None, None, None, iri("graph/cog"))}
    assert subjects == {iri("a"), iri("b")}


def test_a_folder_that_the_catalogue_does_not_name_holds_one_graph_per_file(make_root: MakeRoot) -> None:
    graph = load(make_root({"data/facts/a.ttl": "<a> <p> <o> .", "data/facts/b.ttl": "<b> <p> <o> ."}))
    assert graph.graphs == (f"{GRAPH}facts/a", f"{GRAPH}facts/b")


@pytest.mark.parametrize("name", ["release-1.2", "a.b/c"])
def test_only_the_suffix_of_the_file_is_left_out_of_the_name(make_root: MakeRoot, name: str) -> None:
    assert load(make_root({f"data/{name}.ttl": "<a> <p> <o> ."})).graphs == (GRAPH + name,)


@pytest.mark.parametrize("name", ["my list.ttl", "a<b.ttl", "a%.ttl", "a#b.ttl", "a?b.ttl"])
def test_a_file_name_that_is_no_part_of_an_iri_is_refused(make_root: MakeRoot, name: str) -> None:
    root = make_root({f"data/{name}": "<a> <p> <o> ."})
    with pytest.raises(DataError) as caught:
        load(root)
    assert_says(caught.value, str(root.data / name), "IRI")


@pytest.mark.parametrize("name", [f"{GRAPH}facts/a", "graph/facts/a", "facts/a"])
def test_a_graph_is_found_by_iri_path_or_name(make_root: MakeRoot, name: str) -> None:
    graph = load(make_root({"data/facts/a.ttl": "<a> <p> <o> ."}))
    assert find_graph(graph, name) == iri("graph/facts/a")


def test_an_unknown_graph_is_refused_with_those_there_are(make_root: MakeRoot) -> None:
    graph = load(make_root({"data/a.ttl": "<a> <p> <o> .", "data/b.ttl": "<a> <p> <o> ."}))
    with pytest.raises(NotFoundError) as caught:
        find_graph(graph, "c")
    for language in ("en", "fr"):
        assert "'c'" in caught.value.in_(language)
        assert caught.value.in_(language).endswith(": a, b")


SAME, ONE, TWO = {"same"}, {"one"}, {"two"}


@pytest.mark.parametrize(
    "sources",
    [
        {"a": SAME, "b": SAME},
        {"a": SAME | ONE, "b": SAME | TWO, "c": SAME},
        {"large": SAME | numbers(0), "small": SAME | ONE},
        {"a": numbers(0), "b": numbers(LARGE), "small": numbers(0, 1) | numbers(LARGE, 1) | ONE},
        {"a": numbers(0), "b": numbers(1), "small": numbers(0, 2) | ONE},
        {"a": numbers(0), "b": numbers(LARGE - 1, LARGE + 1), "c": numbers(2 * LARGE - 1), "small": ONE},
        {"a": numbers(0), "b": numbers(0), "c": numbers(0)},
    ],
    ids=[
        "two small",
        "three small",
        "large and small",
        "two large apart",
        "two large that share",
        "a chain of large",
        "the same large three times",
    ],
)
def test_a_triple_of_several_sources_counts_once(make_root: MakeRoot, sources: Mapping[str, set[str]]) -> None:
    graph = load_both(make_root({f"data/{name}.ttl": turtle(sorted(facts)) for name, facts in sources.items()}))
    merged = list(graph.triples())
    assert graph.merged is not None
    assert {quad.triple for quad in graph.merged} == set(merged)
    assert len(graph.merged) == len(merged)
    union = set[str]().union(*sources.values())
    assert len(merged) == len(union)
    assert set(merged) == {triple("s", "p", fact) for fact in union}
    for name, facts in sources.items():
        assert sum(1 for _ in graph.store.quads_for_pattern(None, None, None, iri(f"graph/{name}"))) == len(facts)


def test_the_triples_of_one_subject_come_from_every_source_once(make_root: MakeRoot) -> None:
    files = {
        "data/a.ttl": turtle(numbers(0)) + "<t> <p> <o> .",
        "data/b.ttl": "<t> <p> <o> , <q> .",
        "data/c.ttl": "<u> <p> <t> .",
    }
    found = list(load(make_root(files)).triples(iri("t")))
    assert sorted(found, key=str) == [triple("t", "p", "o"), triple("t", "p", "q")]


@pytest.mark.parametrize("second", ["data/b.ttl", "ontology/b.ttl"])
def test_blank_nodes_of_two_files_are_different_nodes(make_root: MakeRoot, second: str) -> None:
    files = {"ontology/a.ttl": "_:same <p> 1 .", second: "_:same <p> 2 ."}
    assert len({triple.subject for triple in load(make_root(files)).triples()}) == 2


def test_loaded_files_stand_in_the_default_graph_of_a_store(make_root: MakeRoot) -> None:
    root = make_root({"data/a.ttl": "<a> <p> <o> .", "data/b.ttl": "<a> <p> <o> , <q> ."})
    store = load_files(root.turtle_files())
    assert {quad.graph_name for quad in store} == {ox.DefaultGraph()}
    assert len(store) == 2


def test_what_is_not_turtle_is_refused_with_file_line_and_column(make_root: MakeRoot) -> None:
    root = make_root({"data/a.ttl": "<a> <p> <o> .", "data/b.ttl": "<a> <p> <o> .\n<a> <p> .\n"})
    with pytest.raises(TurtleError) as caught:
        load(root)
    place = caught.value.place
    assert place is not None
    assert (place.file, place.line) == (root.data / "b.ttl", 2)
    assert place.column is not None
    assert place.column >= 1
    assert_says(caught.value, str(place))


def test_an_empty_folder_is_refused(make_root: MakeRoot) -> None:
    root = make_root({})
    with pytest.raises(RootError) as caught:
        load(root)
    assert_says(caught.value, str(root.path), ".ttl")


def test_the_version_is_the_digest_of_the_files(make_root: MakeRoot) -> None:
    root = make_root({"data/a.ttl": "<a> <p> <o> ."})
    graph = load(root)
    assert graph.version == root.digest()
    (root.data / "a.ttl").write_text("<a> <p> <q> .", encoding="utf-8")
    assert load(root).version != graph.version


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning:rdflib")
def test_the_rdflib_view_sees_every_source_and_knows_the_prefixes(make_root: MakeRoot) -> None:
    graph = load(make_root({"data/a.ttl": "<a> <def#p> <o> .", "data/b.ttl": "<b> <def#p> <o> ."}))
    dataset = graph.as_rdflib()
    predicate = rdflib.URIRef(f"{BASE}def#p")
    assert set(dataset.subjects(predicate, None)) == {rdflib.URIRef(f"{BASE}a"), rdflib.URIRef(f"{BASE}b")}
    assert dataset.qname(str(predicate)) == "ti:p"
