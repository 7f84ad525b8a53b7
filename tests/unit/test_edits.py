"""Edits compose, and undo each other."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from territoires.edits import Edit

_GRAPHS = [ox.NamedNode(f"https://example.org/graph/{name}") for name in "ab"]
_NODES = [ox.NamedNode(f"https://example.org/{name}") for name in "xy"]
_QUADS = [ox.Quad(s, _NODES[0], o, g) for s in _NODES for o in _NODES for g in _GRAPHS]
_sets = st.frozensets(st.sampled_from(_QUADS))


def _apply(edit: Edit, quads: frozenset[ox.Quad]) -> frozenset[ox.Quad]:
    assert edit.removed <= quads
    assert not edit.added & quads
    return (quads - edit.removed) | edit.added


@given(_sets, _sets, _sets)
def test_two_edits_in_a_row_are_one(
    first: frozenset[ox.Quad], second: frozenset[ox.Quad], third: frozenset[ox.Quad]
) -> None:
    one, two = Edit.between(first, second), Edit.between(second, third)
    assert one.then(two) == Edit.between(first, third)


@given(_sets, _sets)
def test_the_inverse_undoes(before: frozenset[ox.Quad], after: frozenset[ox.Quad]) -> None:
    edit = Edit.between(before, after)
    assert _apply(edit.inverse, _apply(edit, before)) == before
    assert not edit.then(edit.inverse)


@given(_sets, _sets)
def test_an_edit_is_the_sum_of_its_graphs(before: frozenset[ox.Quad], after: frozenset[ox.Quad]) -> None:
    edit = Edit.between(before, after)
    parts = [edit.within(graph) for graph in edit.graphs]
    assert frozenset().union(*(part.removed for part in parts)) == edit.removed
    assert frozenset().union(*(part.added for part in parts)) == edit.added
    assert all(parts)
