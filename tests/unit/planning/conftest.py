"""A graph that is large enough for the order of joins to matter."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from tests.unit.planning.variants import engine_on

from territoires.engine.embedded import EmbeddedEngine
from territoires.planning import Statistics, measure
from territoires.root import Root

MANY = 5_000
FEW = 10


def _quads() -> Iterator[ox.Quad]:
    """Yield places, each with a name, a number and one of few districts; only the districts have a region."""
    ex, rdf = "http://example.org/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    type_, name, number, within, region = (
        ox.NamedNode(iri) for iri in (f"{rdf}type", f"{ex}name", f"{ex}number", f"{ex}within", f"{ex}region")
    )
    for n in range(MANY):
        place, district = ox.NamedNode(f"{ex}place/{n}"), ox.NamedNode(f"{ex}district/{n % FEW}")
        yield ox.Quad(place, type_, ox.NamedNode(f"{ex}Place"))
        yield ox.Quad(place, name, ox.Literal(f"place {n}"))
        yield ox.Quad(place, number, ox.Literal(n % 7))
        yield ox.Quad(place, within, district)
    for n in range(FEW):
        district = ox.NamedNode(f"{ex}district/{n}")
        yield ox.Quad(district, type_, ox.NamedNode(f"{ex}District"))
        yield ox.Quad(district, name, ox.Literal(f"district {n}"))
        yield ox.Quad(district, region, ox.NamedNode(f"{ex}region/{n % 2}"))


@pytest.fixture(scope="package")
def engine(root: Root) -> EmbeddedEngine:
    """Return an engine on it."""
    store = ox.Store()
    store.extend(_quads())
    return engine_on(store, root)


@pytest.fixture(scope="package")
def statistics(engine: EmbeddedEngine) -> Statistics:
    """Return what is counted of it."""
    return measure(engine, least=0)
