"""The OpenAPI description is valid, follows the published queries, and takes what they take."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.unit.conftest import MakeRoot

from territoires.errors import Language, RequestError, Text, kinds
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS
from territoires.namespaces import BASE
from territoires.openapi import Service, describe
from territoires.openapi.operations import suffixes, value_schema, variables
from territoires.openapi.schemas import RESPONSES
from territoires.parameters import LANGUAGE, read_parameter
from territoires.queries import PublishedQuery, load_queries, read_query
from territoires.root import Root

SERVICE = Service(
    Text("Title", "Titre"), Text("About", "À propos"), "1.2.3", {"territories": Text("T", "T fr")}, Text("S", "S fr")
)
LANGUAGES: tuple[Language, Language] = ("en", "fr")


@pytest.fixture(scope="module")
def queries(root: Root) -> dict[str, PublishedQuery]:
    return load_queries(root)


@pytest.fixture(scope="module")
def described(queries: dict[str, PublishedQuery]) -> dict[str, Any]:
    return describe(queries, SERVICE, "en")


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["get"]["operationId"]: item["get"] for item in described["paths"].values()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_description_is_valid_openapi_3_1(queries: dict[str, PublishedQuery], language: Language) -> None:
    described = describe(queries, SERVICE, language)
    OpenAPIV31SpecValidator(json.loads(json.dumps(described))).validate()
    assert described["openapi"].startswith("3.1.")


def test_the_same_queries_give_the_same_bytes(root: Root, described: dict[str, Any]) -> None:
    assert json.dumps(describe(load_queries(root), SERVICE, "en")) == json.dumps(described)


def test_every_published_query_is_an_operation(queries: dict[str, PublishedQuery], described: dict[str, Any]) -> None:
    found = operations(described)
    assert set(queries) == set(found) - {"health", "openapi"}
    for name, query in queries.items():
        assert described["paths"][f"/queries/{name}.{{format}}"]["get"] is found[name]
        assert (found[name]["summary"], found[name]["description"]) == (query.title.en, query.question.en)
        french = found[name]["x-translations"]["fr"]
        assert (french["summary"], french["description"]) == (query.title.fr, query.question.fr)
        names = [parameter.get("name") for parameter in found[name]["parameters"]]
        assert names == ["format", *(parameter.name for parameter in query.parameters), None]
        assert set(found[name]["responses"]) == {"200", *RESPONSES}


def test_french_is_said_in_french(queries: dict[str, PublishedQuery]) -> None:
    french = describe(queries, SERVICE, "fr")
    operation = operations(french)["territories-of-a-region"]
    assert operation["summary"] == "Territoires d'une région"
    assert operation["x-translations"]["en"]["summary"] == "Territories of a region"
    assert operation["parameters"][1]["description"].startswith("région")
    assert (french["info"]["title"], french["tags"][0]["description"]) == ("Titre", "T fr")


def test_the_examples_of_parameters_are_what_the_queries_take(
    queries: dict[str, PublishedQuery], described: dict[str, Any]
) -> None:
    for name, operation in operations(described).items():
        for parameter in operation.get("parameters", ()):
            if parameter.get("in") == "query":
                Draft202012Validator(parameter["schema"]).validate(parameter["example"])
                queries[name].with_values({parameter["name"]: str(parameter["example"])})
                if parameter["name"] != LANGUAGE:
                    assert parameter["schema"]["default"] == parameter["example"]


THING = read_parameter(
    "p",
    {"label": {"en": "a", "fr": "a"}, "pattern": {"region": "[0-9]{2}", "territory": "[0-9]/ti-[0-9]{4}"}},
    f"VALUES ?p {{ <{BASE}id/region/76> }}",
)
TEXT = read_parameter(
    "p", {"label": {"en": "a", "fr": "a"}, "pattern": '[^<>{}|\\\\^`\\n\\r"]{2,80}'}, 'VALUES ?p { "a" }'
)
CHOICE = read_parameter("p", {"label": {"en": "a", "fr": "a"}, "pattern": "(new|renewed)?"}, 'VALUES ?p { "" }')


@settings(max_examples=300)
@given(
    value=st.one_of(
        st.text(max_size=400), st.from_regex(THING.pattern, fullmatch=True), st.sampled_from(["", "new", "newrenewed"])
    )
)
@pytest.mark.parametrize("parameter", [THING, TEXT, CHOICE], ids=["thing", "text", "choice"])
def test_a_schema_takes_what_the_query_takes_and_no_more(parameter: Any, value: str) -> None:  # noqa: ANN401  (named in the list)
    try:
        parameter.read(value)
        taken = True
    except RequestError:
        taken = False
    # Python's $ also stands before a last line end, which that of JSON Schema (ECMA-262) does not.
    schema = value_schema(parameter)
    valid = Draft202012Validator(schema).is_valid(value)
    assert taken == (valid and not ("pattern" in schema and value.endswith("\n")))


def test_no_pattern_needs_what_ecma_262_lacks(described: dict[str, Any]) -> None:
    """JSON Schema §6.4: patterns are those of ECMA-262; Python's own escapes, flags and possessive forms are not."""
    patterns = re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(described))
    assert len(patterns) > 30
    for pattern in patterns:
        assert not re.search(r"\(\?[^:]|\\\\[AZ-]|[*+?}]\+", pattern), pattern


def test_columns_are_described(queries: dict[str, PublishedQuery], described: dict[str, Any]) -> None:
    content = operations(described)["territories-of-a-region"]["responses"]["200"]["content"]
    assert content["text/csv"]["schema"]["description"].startswith("territory,territoryLabel,identifier")
    schema = content["application/sparql-results+json"]["schema"]["properties"]
    columns = schema["results"]["properties"]["bindings"]["items"]["properties"]
    assert columns["communes"]["description"] == queries["territories-of-a-region"].columns["communes"].en
    assert columns["territoryLabel"]["description"] == "territory (name)"
    assert schema["head"]["properties"]["vars"]["items"]["enum"] == list(variables(queries["territories-of-a-region"]))


HEADING = """\
#+ title = { en = "A", fr = "B" }
#+ question = { en = "A?", fr = "B ?" }
#+ theme = "other"
"""


@pytest.mark.parametrize(
    ("text", "endings", "formats"),
    [
        ("SELECT ?a {}", ("csv", "json", "xml", "tsv"), RESULT_FORMATS),
        ("ASK {}", ("csv", "json", "xml", "tsv"), RESULT_FORMATS),
        ("CONSTRUCT {} WHERE {}", ("ttl", "jsonld", "nt", "rdf", "trig", "nq"), GRAPH_FORMATS),
    ],
)
def test_each_form_of_a_query_has_its_formats(
    make_root: MakeRoot, text: str, endings: tuple[str, ...], formats: tuple[Any, ...]
) -> None:
    query = read_query(make_root({"queries/a.rq": HEADING + text}).queries / "a.rq")
    described = describe({"a": query}, SERVICE, "en")
    OpenAPIV31SpecValidator(json.loads(json.dumps(described))).validate()
    operation = described["paths"]["/queries/a.{format}"]["get"]
    assert operation["tags"] == []
    assert suffixes(query) == tuple(operation["parameters"][0]["schema"]["enum"]) == endings
    assert set(operation["responses"]["200"]["content"]) == {format_.media_type for format_ in formats}


def test_a_number_is_described_as_one(make_root: MakeRoot) -> None:
    parameter = '#+ [parameters.most]\n#+ label = { en = "most", fr = "plus" }\n'
    file = make_root({"queries/a.rq": HEADING + parameter + "SELECT * { VALUES ?most { 10 } }"}).queries / "a.rq"
    described = describe({"a": read_query(file)}, SERVICE, "en")["paths"]["/queries/a.{format}"]["get"]["parameters"][1]
    assert described["schema"] == {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 10}


def test_errors_carry_the_codes_of_the_tree(described: dict[str, Any]) -> None:
    problem = described["components"]["schemas"]["Problem"]
    code = Draft202012Validator(problem["properties"]["code"])
    for kind in kinds():
        assert code.is_valid(kind.code)
    assert code.is_valid("http-405")
    assert not code.is_valid("http-200")
    assert not code.is_valid("nothing")
