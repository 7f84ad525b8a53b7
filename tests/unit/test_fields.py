"""The parameters of a published query are fields: a list where few values are possible, else a text."""

import pytest

import territoires
from territoires.fields import fields
from territoires.queries import find_query
from territoires.root import Root


@pytest.fixture
def engine(small: Root) -> territoires.Engine:
    return territoires.EmbeddedEngine(territoires.load(small))


def test_words_with_bars_between_them_are_a_list(engine: territoires.Engine, root: Root) -> None:
    (field,) = fields(find_query(root, "sources"), {}, engine, "en")
    assert field.choices == (("fr", "fr"), ("en", "en"))
    assert field.value == "en"


def test_other_patterns_are_a_text_with_the_example_or_the_value_given(engine: territoires.Engine, root: Root) -> None:
    query = find_query(root, "is-my-commune-in-a-territory")
    assert [(field.value, field.choices) for field in fields(query, {}, engine, "fr")] == [("albi", ())]
    assert [field.value for field in fields(query, {"commune": "paris"}, engine, "fr")] == ["paris"]


@pytest.mark.parametrize(("language", "label"), [("fr", "Phase 1 (2018-2022)"), ("en", "Phase 1 (2018-2022)")])
def test_things_of_a_kind_are_a_list_by_name(
    engine: territoires.Engine, root: Root, language: territoires.errors.Language, label: str
) -> None:
    (field,) = fields(find_query(root, "territories-by-department"), {}, engine, language)
    assert field.value == "2"
    assert field.choices[0] == ("1", label)
    assert [value for value, _ in field.choices] == ["1", "2"]


def test_territories_are_told_apart_by_their_phase_the_latest_first(engine: territoires.Engine, root: Root) -> None:
    field = fields(find_query(root, "members-of-a-territory"), {}, engine, "fr")[0]
    texts = [text for _, text in field.choices]
    assert ("2/ti-7614", "Tarn Nord – Phase 2 (2023-2027)") in field.choices
    phases = [text.rpartition(" – ")[2] for text in texts]
    assert phases == sorted(phases, reverse=True)
    assert set(phases) == {"Phase 1 (2018-2022)", "Phase 2 (2023-2027)"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [("id/phase/1", "1"), ("https://w3id.org/territoires-industrie/id/phase/1", "1"), ("1", "1"), ("x", "x")],
)
def test_a_value_is_shown_as_people_write_it_and_a_wrong_one_as_it_was_given(
    engine: territoires.Engine, root: Root, given: str, shown: str
) -> None:
    (field,) = fields(find_query(root, "territories-by-department"), {"phase": given}, engine, "fr")
    assert field.value == shown
    assert shown in dict(field.choices)


def test_a_field_says_whether_it_may_be_empty(engine: territoires.Engine, root: Root) -> None:
    found = fields(find_query(root, "table-of-territories"), {}, engine, "fr")
    assert [(field.name, field.required) for field in found] == [
        ("wanted_phase", False),
        ("wanted_region", False),
        ("wanted_department", False),
        ("wanted_status", False),
        ("language", True),
    ]
