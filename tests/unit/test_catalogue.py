"""Catalogues are computed from the engine: once per dataset version, without blank nodes, true of any dataset."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import pyoxigraph as ox
import pytest

from territoires.catalogue import Catalogue
from territoires.catalogue.statistics import Extent, Links
from territoires.engine.embedded import EmbeddedEngine
from territoires.formats import Format
from territoires.graph import load
from territoires.guard import Query
from territoires.namespaces import BASE, expand
from territoires.root import Root

HOME = "http://127.0.0.1:1/ti/"
DATA = {
    "data/one.ttl": "@prefix : <urn:x:> . :a a :C ; :p 1 , 2 . :b a :C , [] .",
    "data/two.ttl": "@prefix : <urn:x:> . :a :p 1 ; <http://www.w3.org/2002/07/owl#sameAs> <http://example.org/a/b> .",
}


class Counting(EmbeddedEngine):
    """An engine that notes what it is asked, and whose version can change."""

    asked: ClassVar[list[str]] = []
    now: ClassVar[str] = "1"

    @property
    def version(self) -> str:
        """What the test says."""
        return self.now

    def run(self, query: Query, format_: Format) -> bytes:
        """Note the query and answer it."""
        self.asked.append(query.text)
        return super().run(query, format_)


@pytest.fixture
def engine(make_root: Callable[[Mapping[str, str]], Root]) -> Counting:
    Counting.asked.clear()
    return Counting(load(make_root(DATA)))


def objects(triples: list[ox.Triple], predicate: str) -> set[str]:
    return {str(triple.object) for triple in triples if triple.predicate.value == expand(predicate)}


def test_the_counts_are_those_of_the_merge(engine: Counting) -> None:
    statistics = Catalogue(engine).statistics
    assert statistics.extent == Extent(6, 2, 5)
    assert statistics.graphs == {f"{BASE}graph/one": 5, f"{BASE}graph/two": 2}
    assert statistics.classes == {"urn:x:C": 2}
    assert statistics.properties["urn:x:p"] == Extent(2, 1, 2)
    assert statistics.links == (Links(expand("owl:sameAs"), "http://example.org/", 1),)


def test_the_dataset_is_counted_once_per_version(engine: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue(engine)
    for _ in range(3):
        catalogue.void(HOME)
        catalogue.dcat(HOME)
        catalogue.service_description(f"{HOME}sparql")
    once = len(engine.asked)
    assert once == len(set(engine.asked))
    monkeypatch.setattr(Counting, "now", "2")
    catalogue.void(HOME)
    assert len(engine.asked) == 2 * once


@pytest.mark.parametrize("union", [True, False])
def test_the_union_is_a_feature_only_where_it_is_one(engine: Counting, *, union: bool) -> None:
    features = objects(Catalogue(engine, union=union).service_description(f"{HOME}sparql"), "sd:feature")
    assert features == ({f"<{expand('sd:UnionDefaultGraph')}>"} if union else set())


def test_a_dataset_that_does_not_describe_itself_is_described_all_the_same(engine: Counting) -> None:
    catalogue = Catalogue(engine)
    assert objects(catalogue.void(HOME), "foaf:primaryTopic") == {f"<{HOME}.well-known/void#dataset>"}
    dcat = catalogue.dcat(HOME)
    assert objects(dcat, "dcat:dataset") == {f"<{HOME}.well-known/void#dataset>"}
    assert objects(dcat, "dcat:endpointURL") == {f"<{HOME}sparql>"}


def test_no_document_has_a_blank_node(engine: Counting) -> None:
    catalogue = Catalogue(engine)
    for triples in (catalogue.void(HOME), catalogue.dcat(HOME), catalogue.service_description(f"{HOME}sparql")):
        assert triples
        assert not any(isinstance(term, ox.BlankNode) for triple in triples for term in triple)
