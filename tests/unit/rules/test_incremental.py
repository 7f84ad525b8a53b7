"""What follows from a change is what a full derivation gives: hundreds of random changes of small graphs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.conftest import CHECKOUT

from territoires.edits import Edit
from territoires.engine import delta
from territoires.errors import RuleError
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, DERIVED, PREFIXES
from territoires.root import Root, find_root
from territoires.rules import incremental, load_rules, running, whole
from territoires.rules.followed import followed
from territoires.rules.incremental import rederive
from territoires.rules.running import answer

GRAPH = ox.NamedNode(DERIVED)
SOURCES = [ox.NamedNode(f"{BASE}graph/{name}") for name in ("one", "two")]
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items()) + f"@base <{BASE}> .\n"

PROGRAMME = """
ti:hasPhase rdfs:subPropertyOf dct:hasPart .
ti:includes rdfs:subPropertyOf igeo:inside . igeo:inside rdfs:subPropertyOf geo:sfContains .
ti:coversCommune rdfs:subPropertyOf igeo:covers . ti:mainCommune rdfs:subPropertyOf ti:coversCommune .
ti:Overlap rdfs:subClassOf prov:Entity .
ti:Territory rdfs:subClassOf ti:Place , org:Unit . ti:Place rdfs:subClassOf foaf:Thing .
<id/programme> ti:hasPhase <id/phase/1> , <id/phase/2> .
<id/phase/1> ti:startYear "2018"^^xsd:gYear ; ti:endYear "2022"^^xsd:gYear .
<id/phase/2> ti:startYear "2023"^^xsd:gYear ; ti:endYear "2027"^^xsd:gYear .
<id/territory/1/a> a ti:Territory ; ti:phase <id/phase/1> ; ti:includes <id/e1> , <id/e2> ;
  ti:filedUnder <id/region/1> .
<id/territory/1/b> a ti:Territory ; ti:phase <id/phase/1> ; ti:includes <id/c3> ; ti:filedUnder <id/region/1> .
<id/territory/2/a> a ti:Territory ; ti:phase <id/phase/2> ; ti:includes <id/e2> , <id/c3> ;
  ti:declaredRegion <id/region/2> .
<id/territory/2/b> a ti:Territory ; ti:phase <id/phase/2> ; ti:includes <id/e3> ; ti:filedUnder <id/region/2> .
<id/c1> a ti:Commune ; ti:inIntercommunality <id/e1> ; ti:inRegion <id/region/1> ; ti:inDepartment <id/department/1> ;
  igeo:codeINSEE "1" ; geo:hasDefaultGeometry <id/p1> ; ti:legalPopulation 10 .
<id/c2> a ti:Commune ; ti:inIntercommunality <id/e2> ; ti:inRegion <id/region/1> ; ti:inDepartment <id/department/1> ;
  igeo:codeINSEE "2" ; geo:hasDefaultGeometry <id/p2> ; ti:legalPopulation 20 .
<id/c3> a ti:Commune ; ti:inIntercommunality <id/e2> ; ti:inRegion <id/region/2> ; ti:inDepartment <id/department/2> ;
  igeo:codeINSEE "3" ; geo:hasDefaultGeometry <id/p3> ; ti:legalPopulation 20 .
<id/c4> a ti:Commune ; ti:inIntercommunality <id/e3> ; ti:inRegion <id/region/2> ; ti:inDepartment <id/department/2> ;
  igeo:codeINSEE "4" ; geo:hasDefaultGeometry <id/p4> .
<id/post> org:postIn <id/e1> . <id/tenure> ti:post <id/post> .
"""

PLAIN = """
@prefix ex: <http://example.org/> .
ex:a ex:p ex:b . ex:b ex:p ex:c . ex:c ex:p ex:a . ex:a ex:q 1 . ex:b ex:q 2 . ex:c ex:r ex:a . ex:b ex:r ex:b .
ex:a ex:s ex:c . ex:p ex:under ex:q . ex:r ex:under ex:s . ex:a a ex:K . ex:b a ex:L . ex:L ex:under ex:K .
"""

AWKWARD = {
    "01-both-ways": "# About: ?x\nCONSTRUCT { ?x ex:t ?y . ?y ex:t ?x } WHERE { ?x ex:p/ex:r ?y }",
    "01-same-head": "# About: ?y\nCONSTRUCT { ?y ex:t ?z } WHERE { { ?y ex:s ?z } UNION { ?z ex:q ?n . ?y ex:r ?z } }",
    "01-sums": """# About: ?x
        CONSTRUCT { ?x ex:sum ?n } WHERE { { SELECT ?x (SUM(?m) AS ?n) { ?x ex:p ?y . ?y ex:q ?m } GROUP BY ?x } }""",
    "02-optional": """# About: ?x
        CONSTRUCT { ?x ex:u ?z } WHERE { ?x ex:t ?y OPTIONAL { ?y ex:q ?n } OPTIONAL { ?y ex:r ?w } ?x ex:p ?z .
          FILTER(!BOUND(?n) || BOUND(?w)) }""",
    "02-late": """# About: ?x
        CONSTRUCT { ?x ex:u ?y } WHERE { { ?x ex:p ?k OPTIONAL { ?x ex:q ?y } } ?y ex:under* ?y }""",
    "02-negation": """# About: ?x
        CONSTRUCT { ?x ex:r ?y } WHERE { ?x ex:t ?y FILTER NOT EXISTS { ?y ex:t ?z . ?z ex:p ?x }
          MINUS { ?x ex:s ?y . ?w ex:q ?v } }""",
    "02-largest": """# About: ?x
        CONSTRUCT { ?x ex:more ?n } WHERE { ?x ex:p ?y . { SELECT (MAX(?m) AS ?n) { ?k ex:q ?m } } }""",
    "03-any": "# About: ?s\nCONSTRUCT { ?s ?q ?o } WHERE { ?p ex:under+ ?q . ?s ?p ?o }",
    "03-kind": "# About: ?s\nCONSTRUCT { ?s a ?d } WHERE { { SELECT DISTINCT ?c ?d { ?c ex:under+ ?d } } ?s a ?c }",
    "03-again": "# About: ?x\nCONSTRUCT { ?x ex:t ?y } WHERE { ?x ex:u ?y }",
    "04-count": """# About: ?y
        CONSTRUCT { ?b ex:of ?y ; ex:n ?n } WHERE { { SELECT ?y (COUNT(*) AS ?n) { ?x ex:t|^ex:s ?y } GROUP BY ?y }
          BIND(IRI(CONCAT(STR(?y), "-box")) AS ?b) }""",
    "04-whole": "CONSTRUCT { ?x ex:w ?g } WHERE { GRAPH ?g { ?x ex:q ?y } }",
    "04-first": """# About: ?x
        CONSTRUCT { ?x ex:first ?y } WHERE { ?x ex:t ?z .
          { SELECT ?y { ?y ex:q ?n } ORDER BY STR(?n) STR(?y) LIMIT 1 } }""",
    "05-reads": """# About: ?x
        CONSTRUCT { ?x ex:s ?y } WHERE { VALUES (?k ?x) { (1 ex:a) (2 ex:b) }
          ?b ex:of ?x ; ex:n ?k . ?x ex:r|ex:u ?y }""",
}


class Case:
    """A small dataset in memory, and the quads that changes take out or put in."""

    def __init__(self, graph: KnowledgeGraph, pool: list[ox.Quad]) -> None:
        self.graph, self.pool = graph, pool


def make(root: Root, turtle: str, *, apart: bool) -> Case:
    quads = list(ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE))
    store = ox.Store()
    defaults: tuple[ox.NamedNode | ox.DefaultGraph, ...] = (ox.DefaultGraph(), GRAPH) if apart else (ox.DefaultGraph(),)
    graph = KnowledgeGraph(store, root, "", {name.value: () for name in (*SOURCES, GRAPH)}, defaults)
    put(graph, Edit(added=frozenset(quad_of(quad.triple, SOURCES[0]) for quad in quads)))
    derived = full(graph)
    put(graph, Edit(added=derived))
    triples = {quad.triple for quad in (*quads, *derived)}
    mixed = [
        ox.Triple(one.subject, two.predicate, two.object)
        for index, one in enumerate(sorted(triples, key=str))
        for two in sorted(triples, key=str)[index % 7 :: 7]
    ]
    known = sorted(triples, key=str)
    return Case(graph, [quad_of(triple, name) for triple in (*known * 8, *mixed) for name in SOURCES])


def quad_of(triple: ox.Triple, graph: ox.NamedNode) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def put(graph: KnowledgeGraph, edit: Edit) -> None:
    delta.apply(graph, delta.Delta("", graph.graphs, tuple(edit.removed), tuple(edit.added)))


def parsed(text: str, graph: KnowledgeGraph) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(answer(text, graph), format=ox.RdfFormat.N_TRIPLES)]


def full(graph: KnowledgeGraph) -> frozenset[ox.Quad]:
    """Derive everything as the decisions say it: strata upwards, each rule on what lies below."""
    store = ox.Store()
    store.extend([quad for quad in graph.store if quad.graph_name in SOURCES])
    merge = {quad.triple for quad in store}
    store.extend([ox.Quad(*triple) for triple in merge])
    seen = KnowledgeGraph(store, graph.root, "", graph.files, (ox.DefaultGraph(),))
    derived: set[ox.Triple] = set()
    for _, rules in groupby(load_rules(graph.root), key=lambda rule: rule.stratum):
        found = {triple for rule in rules for triple in parsed(rule.text, seen)}
        derived |= found - merge
        store.extend([ox.Quad(*triple) for triple in found])
        store.extend([quad_of(triple, GRAPH) for triple in derived])
    return frozenset(quad for quad in store if quad.graph_name == GRAPH)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "FORKS", False)


def write(folder: Path, rules: dict[str, str]) -> Root:
    for name in ("ontology", "data", "shapes", "rules"):
        (folder / name).mkdir()
    for name, text in rules.items():
        (folder / "rules" / f"{name}.rq").write_text(text, encoding="utf-8")
    return find_root(folder)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    shipped = {file.stem: file.read_text(encoding="utf-8") for file in (CHECKOUT / "rules").glob("*.rq")}
    programme = write(tmp_path_factory.mktemp("programme"), shipped)
    prologue = "PREFIX ex: <http://example.org/>\n"
    plain = write(tmp_path_factory.mktemp("plain"), {name: prologue + text for name, text in AWKWARD.items()})
    return {
        "shipped": make(programme, PROGRAMME, apart=True),
        "shipped, small": make(programme, PROGRAMME, apart=False),
        "awkward": make(plain, PLAIN, apart=True),
        "awkward, small": make(plain, PLAIN, apart=False),
    }


def changed(case: Case, picks: Iterable[int]) -> Edit:
    """Return a change that takes each quad out where it is, and puts it in where it is not."""
    quads = {case.pool[pick % len(case.pool)] for pick in picks}
    inside = frozenset(quad for quad in quads if quad in case.graph.store)
    return Edit(inside, frozenset(quads) - inside)


@pytest.mark.parametrize("name", ["shipped", "shipped, small", "awkward", "awkward, small"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(edits=[[276, 934, 1676]])  # What a source states now was derived before.
@given(edits=st.lists(st.lists(st.integers(0, 2**31), min_size=1, max_size=6), min_size=1, max_size=4))
def test_a_change_gives_what_a_full_derivation_gives(cases: dict[str, Case], name: str, edits: list[list[int]]) -> None:
    case = cases[name]
    done = Edit()
    try:
        for picks in edits:
            edit = changed(case, picks)
            put(case.graph, edit)
            done = done.then(edit)
            before = set(case.graph.store)
            derived = rederive(case.graph, edit)
            assert set(case.graph.store) == before
            put(case.graph, derived)
            done = done.then(derived)
            assert frozenset(case.graph.store.quads_for_pattern(None, None, None, GRAPH)) == full(case.graph)
    finally:
        put(case.graph, done.inverse)


@pytest.mark.parametrize("name", ["shipped", "awkward"])
def test_no_change_gives_no_change(cases: dict[str, Case], name: str) -> None:
    assert rederive(cases[name].graph, Edit()) == Edit()
    # One rule names the graph in which ex:q is stated: that it notices.
    quads = cases[name].graph.store.quads_for_pattern(None, None, None, SOURCES[0])
    stated = next(quad for quad in quads if not quad.predicate.value.endswith("/q"))
    twice = frozenset([quad_of(stated.triple, SOURCES[1])])
    put(cases[name].graph, Edit(added=twice))
    try:
        assert rederive(cases[name].graph, Edit(added=twice)) == Edit()
    finally:
        put(cases[name].graph, Edit(removed=twice))


def test_a_large_change_runs_every_rule_whole(cases: dict[str, Case], monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases["shipped"]
    monkeypatch.setattr(incremental, "MOST", 3)
    monkeypatch.setattr(running, "run", lambda rule, graph, _: parsed(rule.text, graph))
    edit = Edit(removed=frozenset(case.graph.store.quads_for_pattern(None, None, None, SOURCES[0])))
    before = set(case.graph.store)
    put(case.graph, edit)
    derived = rederive(case.graph, edit)
    put(case.graph, derived)
    assert not any(case.graph.store.quads_for_pattern(None, None, None, GRAPH))
    put(case.graph, edit.then(derived).inverse)
    assert set(case.graph.store) == before


def test_the_derived_graph_is_not_changed_by_hand(cases: dict[str, Case]) -> None:
    case = cases["shipped"]
    with pytest.raises(ValueError, match="derived"):
        rederive(case.graph, Edit(removed=frozenset([quad_of(case.pool[0].triple, GRAPH)])))


def test_every_shipped_rule_is_followed() -> None:
    assert all(rule.plans for rule in followed(find_root(CHECKOUT)))


def test_a_rule_is_about_a_variable_of_its_query(tmp_path: Path) -> None:
    root = write(tmp_path, {"01-one": "# About: ?z\nCONSTRUCT { ?x ?p ?y } WHERE { ?x ?p ?y }"})
    with pytest.raises(RuleError, match=r"01-one\.rq:1: .* not '\?z'"):
        load_rules(root)
