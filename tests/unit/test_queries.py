"""Published queries are read with their headings, and users' values reach them as values only."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import MakeRoot, assert_says

from territoires.errors import DataError, NotFoundError, RequestError, Text
from territoires.parameters import Parameter
from territoires.queries import PublishedQuery, Section, find_query, load_queries, read_query, sections_of

HEADING = """\
#+ title = { en = "Members", fr = "Membres" }
#+ question = { en = "Which members?", fr = "Quels membres ?" }
#+ theme = "territories"
"""
PARAMETERS = """\
#+ [parameters.region]
#+ label = { en = "INSEE code of a region", fr = "code Insee d'une région" }
#+ pattern = "[0-9]{2}"
#+ [parameters.name]
#+ label = { en = "name", fr = "nom" }
#+ pattern = '(?s).*'
#+ [expect]
#+ rows = 2
#+ contains = [
#+   { region = "76" },
#+ ]
"""
TEXT = 'SELECT ?region ?name {\n  VALUES ?region { "76" }\n  VALUES ?name { "Tarn" }\n}\n'


@pytest.fixture
def published(make_root: MakeRoot) -> PublishedQuery:
    return read_query(make_root({"queries/members.rq": HEADING + PARAMETERS + TEXT}).queries / "members.rq")


def answer(text: str) -> list[tuple[str, ...]]:
    solutions = ox.Store().query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple(str(getattr(term, "value", None)) for term in solution) for solution in solutions]


def test_a_query_is_read_with_its_heading(published: PublishedQuery) -> None:
    assert published == PublishedQuery(
        name="members",
        title=Text("Members", "Membres"),
        question=Text("Which members?", "Quels membres ?"),
        theme="territories",
        text=TEXT,
        parameters=(
            Parameter("region", Text("INSEE code of a region", "code Insee d'une région"), "[0-9]{2}", "76"),
            Parameter("name", Text("name", "nom"), "(?s).*", "Tarn"),
        ),
        expect={"rows": 2, "contains": [{"region": "76"}]},
    )


def test_the_text_runs_as_it_stands_with_its_examples(published: PublishedQuery) -> None:
    assert answer(published.text) == [("76", "Tarn")]
    assert published.with_values({}) == published.text


def test_a_query_needs_neither_parameters_nor_expectations(make_root: MakeRoot) -> None:
    query = read_query(make_root({"queries/a.rq": HEADING + "ASK {}"}).queries / "a.rq")
    assert (query.text, query.parameters, query.expect, query.kind) == ("ASK {}\n", (), {}, "boolean")


def test_comments_of_the_query_itself_stay(make_root: MakeRoot) -> None:
    query = read_query(make_root({"queries/a.rq": HEADING + "\n# why\nASK {}\n#+ not heading\n"}).queries / "a.rq")
    assert query.text == "# why\nASK {}\n#+ not heading\n"


def test_a_value_takes_the_place_of_the_example(published: PublishedQuery) -> None:
    assert answer(published.with_values({"region": "84"})) == [("84", "Tarn")]
    assert answer(published.with_values({"name": "Ain", "region": "84"})) == [("84", "Ain")]


@given(value=st.text(st.characters(exclude_categories=["Cs"])))
@pytest.mark.parametrize("name", ["name"])
def test_any_value_reaches_the_query_as_that_value(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "members.rq"
    file.write_text(HEADING + PARAMETERS + TEXT, encoding="utf-8")
    assert answer(read_query(file).with_values({name: value})) == [("76", value)]


@pytest.mark.parametrize(
    "value",
    ['"', "\\", '\\"', '" } ?s ?p ?o {"', 'VALUES ?region { "x" }', "\n", "\r", "\t\x00", r"\1\g<1>", "# é", "'''"],
)
def test_a_value_cannot_change_the_query(published: PublishedQuery, value: str) -> None:
    for values in ({"name": value}, {"name": value, "region": "84"}, {"region": "84", "name": value}):
        assert answer(published.with_values(values)) == [(values.get("region", "76"), value)]


@pytest.mark.parametrize("value", ["", "7", "760", "76\n", "x76", '76" "84', "७६"])
def test_a_value_that_does_not_match_its_pattern_is_refused_with_an_example(
    published: PublishedQuery, value: str
) -> None:
    with pytest.raises(RequestError) as caught:
        published.with_values({"region": value})
    assert "INSEE code of a region" in caught.value.in_("en")
    assert "code Insee d'une région" in caught.value.in_("fr")
    for language in ("en", "fr"):
        detail, _, hint = caught.value.in_(language).partition("→")
        assert f"{value!r}" in detail
        assert "(region)" in detail
        assert hint.endswith(" 76")


def test_an_unknown_parameter_is_refused_with_those_there_are(published: PublishedQuery) -> None:
    with pytest.raises(RequestError) as caught:
        published.with_values({"departement": "81"})
    for language in ("en", "fr"):
        assert "'departement'" in caught.value.in_(language)
        assert caught.value.in_(language).endswith("region, name")


def test_queries_are_found_by_name(make_root: MakeRoot) -> None:
    root = make_root({f"queries/{name}.rq": HEADING + "ASK {}" for name in ("b", "a")} | {"queries/x.txt": "no query"})
    assert list(load_queries(root)) == ["a", "b"]
    assert find_query(root, "b").name == "b"


def test_an_unknown_query_is_refused_with_those_there_are(make_root: MakeRoot) -> None:
    root = make_root({f"queries/{name}.rq": HEADING + "ASK {}" for name in ("b", "a")})
    with pytest.raises(NotFoundError) as caught:
        find_query(root, "c")
    for language in ("en", "fr"):
        assert "'c'" in caught.value.in_(language)
        assert caught.value.in_(language).endswith(": a, b")


LINES = HEADING.splitlines(keepends=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ASK {}",
        "".join(LINES[1:]) + "ASK {}",
        LINES[0] + LINES[2] + "ASK {}",
        LINES[0] + LINES[1] + "ASK {}",
        HEADING.replace(', fr = "Membres"', "") + "ASK {}",
        HEADING.replace('en = "Members"', 'de = "Mitglieder"') + "ASK {}",
        HEADING.replace('{ en = "Members", fr = "Membres" }', '"Members"') + "ASK {}",
        HEADING + "#+ title = ]\nASK {}",
        HEADING + PARAMETERS + "ASK {}",
        HEADING + PARAMETERS.replace('pattern = "[0-9]{2}"', "") + TEXT,
        HEADING + PARAMETERS.replace("label", "name") + TEXT,
        HEADING + "#+ parameters = 5\nASK {}",
        HEADING + "#+ [parameters]\n#+ region = 5\n" + TEXT,
        HEADING + PARAMETERS.replace('"[0-9]{2}"', '"[0-9"') + TEXT,
    ],
    ids=[
        "empty",
        "no heading",
        "no title",
        "no question",
        "no theme",
        "title not in French",
        "title in another language",
        "title without languages",
        "not TOML",
        "parameter without VALUES",
        "parameter without pattern",
        "parameter without label",
        "parameters that are no table",
        "parameter that is no table",
        "pattern that is no regular expression",
    ],
)
def test_a_wrong_heading_is_refused_with_its_file(make_root: MakeRoot, text: str) -> None:
    root = make_root({"queries/a.rq": text})
    with pytest.raises(DataError) as caught:
        read_query(root.queries / "a.rq")
    assert_says(caught.value, str(root.queries / "a.rq"), "title", "#+")


def test_a_query_that_is_not_utf_8_is_refused_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_text(HEADING + "# é\nASK {}", encoding="latin-1")
    with pytest.raises(DataError) as caught:
        read_query(tmp_path / "a.rq")
    assert_says(caught.value, f"{tmp_path / 'a.rq'}:4")


IRI_HEADING = """\
#+ [parameters.region]
#+ label = { en = "a region", fr = "une région" }
#+ pattern = { region = '[^/"]+' }
#+ [columns]
#+ region = { en = "region", fr = "région" }
#+ [page]
#+ kind = "region"
#+ parameter = "region"
#+ order = 10
"""


def test_an_iri_is_a_parameter_and_heads_a_section(make_root: MakeRoot) -> None:
    text = "SELECT ?region { VALUES ?region { <https://w3id.org/territoires-industrie/id/region/76> } }\n"
    query = read_query(make_root({"queries/region.rq": HEADING + IRI_HEADING + text}).queries / "region.rq")
    assert query.section == Section(("region",), "region", 10)
    assert query.columns == {"region": Text("region", "région")}
    assert query.parameters[0].is_iri
    for value in ("84", "region/84", "id/region/84", "https://w3id.org/territoires-industrie/id/region/84"):
        assert answer(query.with_values({"region": value})) == [
            ("https://w3id.org/territoires-industrie/id/region/84",)
        ]


def test_a_section_stands_on_the_pages_of_several_kinds_under_its_own_heading(make_root: MakeRoot) -> None:
    text = "SELECT ?region { VALUES ?region { <https://w3id.org/territoires-industrie/id/region/76> } }\n"
    page = IRI_HEADING.replace('"region"\n#+ parameter', '["region", "department"]\n#+ parameter')
    more = '#+ heading = { en = "Here", fr = "Ici" }\n#+ none = { en = "None.", fr = "Aucun." }\n'
    root = make_root(
        {
            "queries/a.rq": HEADING + page + more + text,
            "queries/b.rq": HEADING + IRI_HEADING.replace("order = 10", "order = 5") + text,
        }
    )
    queries = load_queries(root)
    assert queries["a"].section == Section(
        ("region", "department"), "region", 10, Text("Here", "Ici"), Text("None.", "Aucun.")
    )
    assert [query.name for query in sections_of(queries, "region")] == ["b", "a"]
    assert [query.name for query in sections_of(queries, "department")] == ["a"]
    assert sections_of(queries, "commune") == ()


@pytest.mark.parametrize("value", ["id/commune/81004", "id/region/84> } } #", "id/region/8 4", "https://example.org/"])
def test_an_iri_cannot_leave_its_place(make_root: MakeRoot, value: str) -> None:
    text = "SELECT ?region { VALUES ?region { <https://w3id.org/territoires-industrie/id/region/76> } }\n"
    query = read_query(make_root({"queries/region.rq": HEADING + IRI_HEADING + text}).queries / "region.rq")
    with pytest.raises(RequestError):
        query.with_values({"region": value})
