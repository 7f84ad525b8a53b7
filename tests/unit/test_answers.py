"""Answers are rows by variable, whatever the engine; a label column is shown with the thing it names."""

import pyoxigraph as ox
import pytest

import territoires
from territoires.answers import Answer, ask, select
from territoires.errors import RequestError
from territoires.graph import KnowledgeGraph
from territoires.queries import find_query
from territoires.root import Root


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> territoires.Engine:
    return territoires.EmbeddedEngine(graph)


def test_rows_hold_what_is_bound(engine: territoires.Engine) -> None:
    answer = select(engine, "SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) (ti:Axis 'x') } }")
    assert answer.variables == ("a", "b")
    one = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    axis = ox.NamedNode("https://w3id.org/territoires-industrie/def#Axis")
    assert list(answer) == [{"a": one}, {"a": axis, "b": ox.Literal("x")}]
    assert len(answer) == 2


def test_a_label_is_no_column_of_its_own_beside_what_it_names() -> None:
    assert Answer(("x", "xLabel", "yLabel", "Label"), ()).columns == ("x", "yLabel", "Label")


def test_a_published_query_answers_in_the_language_of_the_page(engine: territoires.Engine, root: Root) -> None:
    query = find_query(root, "support-measures")
    names = [ask(engine, query, {}, language, territoires.Settings()).answer.rows for language in ("fr", "en")]
    assert names[0] != names[1]
    with pytest.raises(RequestError):
        ask(engine, query, {"language": "de"}, "fr", territoires.Settings())
