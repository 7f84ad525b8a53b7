"""`/reconcile` as OpenRefine asks it, and its answers against the schemas of the Entity Reconciliation API 0.2."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7
from tests.protocol.conftest import FORM, PROBLEM, Answer, Client

SCHEMAS = Path(__file__).parents[1] / "data/reconciliation/schemas"
ALBI = "commune/81004"


def schema(name: str) -> Draft7Validator:
    """Return a schema of the specification; the security definitions of Swagger, which we do not use, are anything."""
    files = [json.loads(file.read_text()) for file in SCHEMAS.glob("*.json")]
    swagger: dict[str, Any] = {"definitions": {"securityDefinitions": {"additionalProperties": {}}}}
    known = {"http://swagger.io/v2/schema.json": swagger} | {content["$id"]: content for content in files}
    registry: Registry[Any] = Registry().with_contents(known.items(), default_specification=DRAFT7)
    return Draft7Validator(json.loads((SCHEMAS / f"{name}.json").read_text()), registry=registry)


def valid(name: str, answer: Answer) -> Any:  # noqa: ANN401  (JSON has no type)
    """Return what was answered, after it was found to be as the specification has it."""
    assert answer.status == 200, answer.text
    assert answer.media_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    schema(name).validate(answer.json)
    return answer.json


def posted(client: Client, **fields: object) -> Answer:
    """Send a form as OpenRefine does."""
    body = urlencode({name: json.dumps(value) for name, value in fields.items()}).encode()
    return client.send("POST", "/reconcile", headers={"Content-Type": f"{FORM};charset=UTF-8"}, body=body)


def asked(client: Client, queries: dict[str, dict[str, Any]]) -> Any:  # noqa: ANN401
    schema("reconciliation-query-batch").validate(queries)
    return valid("reconciliation-result-batch", posted(client, queries=queries))


def test_the_schemas_refuse_what_is_wrong() -> None:
    for name, wrong in {
        "manifest": {"versions": ["0.1"]},
        "reconciliation-query-batch": {"q": {"type": "Commune"}},
        "reconciliation-result-batch": {"q": [{"id": "x"}]},
        "data-extension-response": {"meta": [], "rows": {"a": {"b": [{"str": 1}]}}},
        "suggest-types-response": {"result": [{"id": "x"}]},
    }.items():
        assert not schema(name).is_valid(wrong)


def test_the_manifest_leads_to_all_parts_of_the_service(client: Client) -> None:
    manifest = valid("manifest", client.get("/reconcile"))
    assert manifest["identifierSpace"] + ALBI == "https://w3id.org/territoires-industrie/id/commune/81004"
    for what, name in (("entity", "entities"), ("type", "types"), ("property", "properties")):
        of = manifest["suggest"][what]
        path = urlsplit(of["service_url"] + of["service_path"]).path
        assert valid(f"suggest-{name}-response", client.get(path, {"prefix": "commune"}))
    of = manifest["extend"]["propose_properties"]
    assert client.get(urlsplit(of["service_url"] + of["service_path"]).path, {"type": "Commune"}).status == 200
    # OpenRefine puts identifiers into addresses percent-encoded.
    for template in (manifest["preview"]["url"], manifest["view"]["url"]):
        url = urlsplit(template.replace("{{id}}", quote(ALBI, safe="")))
        answer = client.get(f"{url.path}?{url.query}", Accept="text/html")
        assert answer.status in {200, 303}, answer.text
    documentation = urlsplit(manifest["documentation"])
    assert f'id="{documentation.fragment}"' in client.get(documentation.path, Accept="text/html").text
    assert client.get(urlsplit(manifest["logo"]).path).status == 200


def test_a_column_is_matched(client: Client) -> None:
    found = asked(
        client,
        {
            "q0": {"query": "ALBI", "type": "Commune", "type_strict": "should", "limit": 5},
            "q1": {"query": "Ablbi", "type": "Commune", "properties": [{"pid": "inDepartment", "v": "Tarn"}]},
            "q2": {"query": "81004"},
            "q3": {"query": "communauté d'agglomération de l'albigeois", "type": ["Intercommunality"]},
            "q4": {"query": "xxxxxxxxxxxx"},
        },
    )
    assert found.pop("q4") == {"result": []}
    first = {key: value["result"][0] for key, value in found.items()}
    assert [first[key]["id"] for key in ("q0", "q1", "q2", "q3")] == [
        ALBI,
        ALBI,
        ALBI,
        "intercommunality/248100737",
    ]
    assert all(first[key]["match"] for key in ("q0", "q1", "q2", "q3"))
    assert first["q2"]["score"] == 100
    assert {"id": "match_code", "value": True} in first["q2"]["features"]
    assert {"id": "property_inDepartment", "value": True} in first["q1"]["features"]
    assert first["q0"]["type"] == [{"id": "Commune", "name": "commune"}]
    assert first["q0"]["description"] == "commune, Tarn"


def test_a_batch_by_get_is_the_same(client: Client) -> None:
    queries = {"q0": {"query": "Albi"}}
    answer = client.get("/reconcile", {"queries": json.dumps(queries)})
    assert valid("reconciliation-result-batch", answer) == asked(client, queries)
    again = client.get("/reconcile", {"queries": json.dumps(queries)}, If_None_Match=answer.headers["ETag"])
    assert again.status == 304


def test_columns_are_fetched(client: Client) -> None:
    proposed = client.get("/reconcile/properties", {"type": "Commune", "limit": "50"}).json
    assert proposed["type"] == "Commune"
    assert {"id": "inDepartment", "name": "département"} in proposed["properties"]
    extend: dict[str, list[Any]] = {
        "ids": [ALBI, "commune/00000"],
        "properties": [
            {"id": "inDepartment"},
            {"id": "territory", "settings": {"limit": ""}},
            {"id": "formerTerritory"},
            {"id": "codeINSEE"},
            {"id": "population", "settings": {"limit": 0}},
        ],
    }
    schema("data-extension-query").validate(extend)
    found = valid("data-extension-response", posted(client, extend=extend))
    assert [one["name"] for one in found["meta"]] == [
        "département",
        "Territoire d'industrie actuel",
        "ancien Territoire d'industrie",
        "code INSEE",
        "habitants",
    ]
    rows = found["rows"][ALBI]
    assert rows["inDepartment"] == [{"id": "department/81", "name": "Tarn"}]
    assert rows["territory"] == [{"id": "territory/2/ti-7614", "name": "Tarn Nord"}]
    assert rows["formerTerritory"] == []
    assert rows["codeINSEE"] == [{"str": "81004"}]
    assert rows["population"][0]["int"] > 40_000
    assert found["rows"]["commune/00000"] == {name["id"]: [] for name in extend["properties"]}


def test_what_is_typed_is_completed(client: Client) -> None:
    entities = valid("suggest-entities-response", client.get("/reconcile/suggest/entity", {"prefix": "alb"}))["result"]
    assert ALBI in [one["id"] for one in entities]
    more = valid("suggest-entities-response", client.get("/reconcile/suggest/entity", {"prefix": "alb", "cursor": "1"}))
    assert more["result"][0] == entities[1]
    types = valid("suggest-types-response", client.get("/reconcile/suggest/type", {"prefix": "comm"}))["result"]
    assert {"id": "Commune", "name": "commune"} in types
    named = valid("suggest-properties-response", client.get("/reconcile/suggest/property", {"prefix": "dépar"}))[
        "result"
    ]
    assert [one["id"] for one in named] == ["inDepartment"]


@pytest.mark.parametrize(("language", "words"), [("fr", "Habitants"), ("en", "Inhabitants")])
def test_a_preview_says_what_a_thing_is(client: Client, language: str, words: str) -> None:
    answer = client.get("/reconcile/preview", {"id": ALBI}, Accept_Language=language)
    assert answer.headers["Content-Language"] == language
    assert "Albi" in answer.text
    assert words in answer.text
    assert "Tarn Nord" in answer.text
    assert client.get("/reconcile/preview", {"id": "commune/0"}).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/reconcile?queries=%7B",
        "/reconcile?queries=%7B%7D&extend=%7B%7D",
        "/reconcile?extend=%5B%5D",
        "/reconcile?queries=" + quote('{"q":{"query":"Albi","limit":NaN}}'),
        "/reconcile?queries=" + quote('{"q":{"query":"Albi","limit":1e999}}'),
        "/reconcile?queries=" + quote(r'{"\ud800":{"query":"Albi"}}'),
        "/reconcile?extend=" + quote(r'{"ids":["\ud800"],"properties":[]}'),
        "/reconcile/suggest/entity?cursor=x",
        "/reconcile/suggest/entity?cursor=99999999999999999999",
        "/reconcile/suggest/entity?prefix=" + "a" * 201,
    ],
)
def test_what_is_wrong_is_a_problem(client: Client, path: str) -> None:
    answer = client.get(path, Accept="application/json")
    assert (answer.status, answer.media_type) == (400, PROBLEM)


def test_a_batch_of_the_hardest_queries_is_answered_in_time(client: Client) -> None:
    hard: list[dict[str, Any]] = [
        {"query": "z" * 100, "limit": 1_000},
        {"query": "\ufdfa" * 200},
        {"query": "Saint Martin", "properties": [{"pid": "inDepartment", "v": ["\ufdfa" * 11] * 10}] * 10},
    ]
    for query in hard:
        started = time.monotonic()
        answer = posted(client, queries={f"q{n}": query for n in range(50)})
        assert answer.status in {200, 503}
        assert time.monotonic() - started < 20  # far from a benchmark: it must end


def test_batches_are_sent_as_forms(client: Client) -> None:
    answer = client.send("POST", "/reconcile", headers={"Content-Type": "application/json"}, body=b"{}")
    assert (answer.status, answer.media_type) == (415, PROBLEM)
