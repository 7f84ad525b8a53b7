"""Published queries, and those of the benchmark, have the same answer on the whole graph when they are written anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.planning.variants import variants

from territoires.engine.embedded import EmbeddedEngine
from territoires.formats import format_named
from territoires.graph import KnowledgeGraph
from territoires.guard import Query, admit
from territoires.planning import Statistics, measure, rewrite

CHECKOUT = Path(__file__).parents[2]
FILES = sorted([*CHECKOUT.glob("queries/**/*.rq"), *CHECKOUT.glob("tests/bench/queries/*.rq")])
QUERIES = {file.stem: admit(file.read_text(encoding="utf-8")) for file in FILES if file.parent.name != "federated"}
REWRITTEN = {"3-group", "4-contains", "5-order", "claims-of-the-press-release", "territories-by-phase"}
"""Those that it pays to write anew on the shipped graph."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> EmbeddedEngine:
    return EmbeddedEngine(graph)


@pytest.fixture(scope="module")
def statistics(engine: EmbeddedEngine) -> Statistics:
    return measure(engine)


def _lines(engine: EmbeddedEngine, query: Query) -> list[bytes]:
    return sorted(engine.run(query, format_named("ntriples" if query.kind == "graph" else "tsv")).splitlines())


def test_those_are_written_anew_that_pay(statistics: Statistics) -> None:
    assert {name for name, query in QUERIES.items() if rewrite(query.text, statistics).pays} == REWRITTEN


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_has_the_same_answer(engine: EmbeddedEngine, statistics: Statistics, name: str) -> None:
    query = QUERIES[name]
    texts = {rewrite(query.text, statistics, saves).text for saves in (0.0, 100.0, 2_000.0)} - {query.text}
    for text in texts:
        other = Query(text, query.kind)
        assert _lines(engine, other) == _lines(engine, query), text


def test_hardly_any_query_is_written_in_one_way_only(statistics: Statistics) -> None:
    assert sum(len({*variants(query.text, statistics)}) > 1 for query in QUERIES.values()) > 20
