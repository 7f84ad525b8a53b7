"""The queries of the W3C suite have the same answer however the planner may write them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.term import Node
from tests.conformance import updating
from tests.conformance.suite import FEATURES, MF, QT, Case, cases
from tests.conftest import shared
from tests.unit.planning.variants import answer, counted, variants

from territoires.errors import QueryError
from territoires.guard import admit
from territoires.root import Root

# rdflib 7 warns of a class that its own Turtle reader uses.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def evaluations() -> list[Case]:
    named = os.environ.get("W3C_SPARQL_TESTS")
    suite = Path(named) if named else shared("w3c/sparql11")
    kinds = {"QueryEvaluationTest", "CSVResultFormatTest"}
    return [case for feature in FEATURES for case in cases(suite, feature) if case.kind in kinds]


def _store(case: Case, action: Node | None) -> ox.Store:
    store = ox.Store()
    for data in case.objects(action, QT.data):
        store.extend(updating.quads(case.file(data), str(data)))
    for name, file in case.graph_data:
        store.extend(updating.quads(file, name, name))
    return store


def _others(case: Case, root: Root) -> Iterator[str]:
    """Yield each text that was asked in place of that of a test."""
    action = case.manifest.value(case.node, MF.action)
    query = case.manifest.value(action, QT.query)
    text = admit(case.file(query).read_text(encoding="utf-8")).text
    store = _store(case, action)
    ordered = bool(re.search(r"ORDER\s+BY", text, re.IGNORECASE))
    for other in {*variants(text, counted(store, root))} - {text}:
        yield other
        same = (answer(store, asked, ordered=ordered, base=str(query)) for asked in (text, other))
        assert next(same) == next(same), f"{case.feature}/{case.name}\n{other}"


def test_every_way_to_write_a_query_has_the_same_answer(evaluations: list[Case], root: Root) -> None:
    asked = {}
    for case in evaluations:
        try:
            asked[case.feature, case.name] = len(list(_others(case, root)))
        except QueryError:
            continue
    assert len(asked) > 200
    assert sum(map(bool, asked.values())) > 20
    assert sum(asked.values()) > 200
