"""On the shipped graph, changes followed one after the other give what deriving everything again gives."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from territoires.edits import Edit
from territoires.engine import delta
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import BASE, DERIVED, PREFIXES
from territoires.root import Root
from territoires.rules.followed import followed
from territoires.rules.incremental import rederive
from territoires.rules.whole import derive_again

GRAPH = ox.NamedNode(DERIVED)
LISTS = ox.NamedNode(f"{BASE}graph/anct-2024-07-04")


def term(name: str) -> ox.NamedNode:
    prefix, local = name.split(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


class Changing:
    """A loaded graph that is changed by edits, each followed by what it makes of the derived graph."""

    def __init__(self, root: Root) -> None:
        self.graph = load(root)
        self.done = Edit()
        self.random = random.Random(8)  # noqa: S311

    def quads(self, predicate: str | ox.NamedNode) -> list[ox.Quad]:
        """Return what sources state with this predicate."""
        name = term(predicate) if isinstance(predicate, str) else predicate
        found = self.graph.store.quads_for_pattern(None, name, None)
        return sorted((q for q in found if q.graph_name not in {ox.DefaultGraph(), GRAPH}), key=str)

    def change(self, edit: Edit) -> Edit:
        """Change the sources and then the derived graph; return the change of the latter."""
        store = self.graph.store
        net = Edit(
            frozenset(q for q in edit.removed - edit.added if q in store),
            frozenset(q for q in edit.added - edit.removed if q not in store),
        )
        _put(self.graph, net)
        derived = rederive(self.graph, net)
        _put(self.graph, derived)
        self.done = self.done.then(net)
        return derived


def _put(graph: KnowledgeGraph, edit: Edit) -> None:
    delta.apply(graph, delta.Delta("", graph.graphs, tuple(edit.removed), tuple(edit.added)))


@pytest.fixture(scope="module")
def changing(root: Root) -> Changing:
    return Changing(root)


def _random_edits(changing: Changing) -> Iterator[Edit]:
    """Yield for each predicate that a rule reads a removal, an addition and a replacement."""
    predicates = {
        predicate
        for rule in followed(changing.graph.root)
        for one in rule.reading.alternatives or ()
        for pattern in one.all_patterns()
        if not isinstance(pattern.predicates, str) and not pattern.closure
        for predicate in pattern.predicates
        if isinstance(predicate, ox.NamedNode) and not predicate.value.endswith(("startYear", "endYear"))
    }
    for predicate in sorted(predicates, key=str):
        quads = changing.quads(predicate)
        if quads:
            one, two, three, four = changing.random.choices(quads, k=4)
            mixed = ox.Quad(two.subject, predicate, three.object, two.graph_name)
            yield Edit(removed=frozenset([one]))
            yield Edit(added=frozenset([mixed]))
            yield Edit(frozenset([four]), frozenset([ox.Quad(four.subject, predicate, one.object, four.graph_name)]))


def _named_edits(changing: Changing) -> Iterator[Edit]:
    """Yield the changes that a curator makes."""
    pick = changing.random.choice
    for _ in range(3):
        member = pick(changing.quads("ti:includes"))
        yield Edit(removed=frozenset([member]))
        other = pick(changing.quads("ti:includes"))
        yield Edit(added=frozenset([ox.Quad(member.subject, member.predicate, other.object, LISTS)]))
        moved, to = pick(changing.quads("ti:inIntercommunality")), pick(changing.quads("ti:inIntercommunality"))
        yield Edit(
            frozenset([moved]), frozenset([ox.Quad(moved.subject, moved.predicate, to.object, moved.graph_name)])
        )
        gone = pick(changing.quads("ti:phase")).subject
        yield Edit(removed=frozenset(changing.graph.store.quads_for_pattern(gone, None, None, LISTS)))
    for predicate in (
        "ti:coversCommune",
        "ti:communeCount",
        "ti:predecessor",
        "igeo:subdivisionDe",
        "ti:computedStatus",
    ):
        derived = sorted(changing.graph.store.quads_for_pattern(None, term(predicate), None, GRAPH), key=str)
        one, two = changing.random.sample(derived, 2)
        stated = [ox.Quad(quad.subject, quad.predicate, quad.object, LISTS) for quad in (one, two)]
        yield Edit(added=frozenset(stated))
        yield Edit(removed=frozenset(stated[:1]))
    label = pick(changing.quads("rdfs:label"))
    yield Edit(removed=frozenset([label]))


@pytest.mark.slow
def test_many_changes_in_a_row_give_what_a_full_derivation_gives(changing: Changing) -> None:
    found = [changing.change(edit) for edits in (_named_edits, _random_edits) for edit in edits(changing)]
    assert sum(map(bool, found)) > 25
    assert derive_again(changing.graph, changing.done, 60) == Edit()


@pytest.mark.slow
def test_rules_that_are_run_whole_give_it_too(changing: Changing) -> None:
    ends, classes = changing.quads("ti:endYear"), changing.quads("rdfs:subClassOf")
    properties = [q for q in changing.quads("rdfs:subPropertyOf") if q.object == term("org:member")]
    year = next(q for q in ends if q.subject == ox.NamedNode(f"{BASE}id/phase/1"))
    later = ox.Quad(year.subject, year.predicate, ox.Literal("2023", datatype=term("xsd:gYear")), year.graph_name)
    kinds = [q for q in classes if PREFIXES["org"] in str(q.object)]
    edit = Edit(frozenset([year, properties[0], kinds[0]]), frozenset([later]))
    derived = changing.change(edit)
    assert any(quad.predicate == term("ti:predecessor") for quad in derived.removed)
    assert derive_again(changing.graph, changing.done, 60) == Edit()
