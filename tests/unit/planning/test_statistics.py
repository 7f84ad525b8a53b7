"""What is counted of a dataset: sizes, and which classes all subjects or objects of a predicate have."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from tests.unit.planning.conftest import FEW, MANY
from tests.unit.planning.variants import counted, engine_on

from territoires.engine.embedded import EmbeddedEngine
from territoires.planning import Statistics, measure
from territoires.root import Root

EX = "http://example.org/"


def test_triples_and_different_terms_are_counted_by_predicate(statistics: Statistics) -> None:
    within = statistics.of(f"{EX}within")
    assert (within.triples, within.subjects, within.objects) == (MANY, MANY, FEW)
    assert statistics.of(f"{EX}number").objects == 7
    assert statistics.triples == 4 * MANY + 3 * FEW


def test_instances_are_counted_by_class(statistics: Statistics) -> None:
    assert statistics.classes == {f"{EX}Place": MANY, f"{EX}District": FEW}


def test_a_class_of_all_subjects_or_objects_is_known(statistics: Statistics) -> None:
    assert statistics.of(f"{EX}within").subject_classes == {f"{EX}Place"}
    assert statistics.of(f"{EX}within").object_classes == {f"{EX}District"}
    assert statistics.of(f"{EX}name").subject_classes == frozenset(), "places and districts have one"
    assert statistics.of(f"{EX}number").object_classes == frozenset(), "literals are no instances"


def test_one_subject_without_the_class_is_enough(root: Root) -> None:
    turtle = "@prefix ex: <http://example.org/> . ex:a a ex:C ; ex:p 1, 2 . ex:b a ex:C ; ex:p 1 . ex:q ex:p 3 ."
    store = ox.Store()
    store.load(turtle.encode(), format=ox.RdfFormat.TURTLE)
    assert counted(store, root).of(f"{EX}p").subject_classes == frozenset()
    store.remove(ox.Quad(ox.NamedNode(f"{EX}q"), ox.NamedNode(f"{EX}p"), ox.Literal(3)))
    assert counted(store, root).of(f"{EX}p").subject_classes == {f"{EX}C"}


def test_what_is_not_there_has_no_triple_and_no_class(statistics: Statistics) -> None:
    assert statistics.of(f"{EX}other").triples == 0
    assert statistics.of(f"{EX}other").subject_classes == frozenset()


def test_small_predicates_are_not_looked_at_closely(engine: EmbeddedEngine) -> None:
    region = measure(engine, least=100).of(f"{EX}region")
    assert (region.triples, region.subject_classes) == (FEW, frozenset())


def test_an_empty_dataset_is_counted(root: Root) -> None:
    statistics = measure(engine_on(ox.Store(), root))
    assert (statistics.triples, statistics.classes) == (0, {})
    assert not statistics.mentioned("SELECT ?s { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [("{ ?s ex:name ?o }", True), ("{ ?s a <http://example.org/Place> }", True), ("{ ?s ex:region ?o }", False)],
)
def test_a_query_is_read_when_it_speaks_of_something_large(
    statistics: Statistics, text: str, *, mentioned: bool
) -> None:
    assert statistics.mentioned(text) == mentioned
