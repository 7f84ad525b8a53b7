"""The first change makes a graph that the catalogue knows already, and the data stay valid before and after it."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.changing import make_change, quad
from tests.data.mutants import with_changes
from tests.data.test_catalogue import FIELDS, has

from territoires.changes import Changes
from territoires.edits import Edit
from territoires.graph import KnowledgeGraph, load
from territoires.history import edit_that_undoes
from territoires.namespaces import BASE, CHANGES, expand
from territoires.root import Root
from territoires.rules import derive, derived_file
from territoires.validation import validate

OFFICIAL = "id/official/carole-delga"
COMMUNIQUE = "communique-occitanie-2023-11-09"
NAMED = Edit(added=frozenset({quad(OFFICIAL, expand("skos:altLabel"), "C. Delga", COMMUNIQUE)}))


def parts(graph: KnowledgeGraph) -> set[str]:
    dataset, part = ox.NamedNode(f"{BASE}dataset"), ox.NamedNode(expand("dct:hasPart"))
    return {getattr(one.object, "value", "") for one in graph.store.quads_for_pattern(dataset, part, None)}


def test_nothing_was_changed_yet_in_what_is_shipped(graph: KnowledgeGraph) -> None:
    assert CHANGES not in graph.graphs
    assert CHANGES not in parts(graph)


@pytest.mark.slow
def test_the_first_change_of_the_real_data_is_valid_and_catalogued(root: Root, tmp_path: Path) -> None:
    graph = with_changes(root, tmp_path)
    assert CHANGES in graph.graphs
    assert parts(graph) == set(graph.graphs)
    assert [name for name in FIELDS if not has(graph, CHANGES, name)] == []
    told = [*graph.store.quads_for_pattern(None, None, None, ox.NamedNode(CHANGES))]
    assert validate(graph, changes=Changes(frozenset(one.triple for one in told), frozenset({CHANGES}))).conforms


@pytest.mark.slow
def test_the_whole_is_valid_before_a_change_after_it_and_once_it_is_undone(small: Root) -> None:
    assert validate(load(small)).conforms
    make_change(small, NAMED)
    derived = derive(small)
    assert "<id/change/" not in derived  # It is stated in the terms of PROV-O already.
    derived_file(small).write_text(derived, encoding="utf-8")
    assert validate(load(small)).conforms
    make_change(small, edit_that_undoes(small, load(small), 1))
    assert validate(load(small)).conforms
