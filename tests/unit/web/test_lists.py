"""Pages say since when the lists are in force that they speak of; of other data they say nothing."""

from tests.unit.conftest import MakeRoot

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import KnowledgeGraph, load
from territoires.web.lists import read_day


def test_the_day_is_that_of_the_catalogue(graph: KnowledgeGraph) -> None:
    assert read_day(EmbeddedEngine(graph)) == "2024-07-04"


def test_data_without_these_lists_have_no_day(make_root: MakeRoot) -> None:
    assert read_day(EmbeddedEngine(load(make_root({"data/x.ttl": "<a> <b> 1 ."})))) == ""
