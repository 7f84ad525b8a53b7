"""What is near a key that names nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import territoires
from territoires.entities import suggest
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> territoires.Engine:
    return territoires.EmbeddedEngine(graph)


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("territory/ti-7614", "territory/2/ti-7614"),
        ("territory/1/ti-7614", "territory/2/ti-7614"),
        ("territory/2/TI-7614", "territory/2/ti-7614"),
        ("territory/7614", "territory/2/ti-7614"),
        ("ti-7614", "territory/2/ti-7614"),
        ("department/1", "department/01"),
        ("department/2a", "department/2A"),
        ("departments/81", "department/81"),
        ("Commune/81004", "commune/81004"),
        ("commune/1004", "commune/01004"),
        ("commune/81004/albi", "commune/81004"),
        ("official/Carole Delga", "official/carole-delga"),
        ("measure/envelop-2024", "measure/envelope-2024"),
    ],
)
def test_the_thing_that_was_meant_comes_first(engine: territoires.Engine, key: str, near: str) -> None:
    assert suggest(engine, key)[0] == f"{BASE}id/{near}"


def test_where_both_phases_have_an_id_both_are_near(engine: territoires.Engine) -> None:
    assert suggest(engine, "territory/ti-7602") == tuple(f"{BASE}id/territory/{phase}/ti-7602" for phase in (2, 1))


@pytest.mark.parametrize(
    "key", ["", "/", "none/x", "commune/zzzzz", "x" * 5000, "region/\x00", '"><script>/a', "a/" * 50]
)
def test_nothing_is_near(engine: territoires.Engine, key: str) -> None:
    assert suggest(engine, key) == ()


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_key_is_taken(engine: territoires.Engine, key: str) -> None:
    assert len(suggest(engine, key)) <= 5
