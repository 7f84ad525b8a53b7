"""The published queries as an API: what they take over HTTP, their description, their page, and no surprise."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.protocol.conftest import BASE, BROWSER, JSON, PROBLEM, Client

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import load
from territoires.root import find_root
from territoires.web import create_app

REGION = "/queries/territories-of-a-region"
MEMBERS = "/queries/members-of-a-territory"
COMMUNE = "/queries/is-my-commune-in-a-territory"


# What is taken.


@pytest.mark.parametrize("region", ["75", "region/75", "id/region/75", f"{BASE}id/region/75"])
def test_a_thing_is_named_in_any_usual_way(client: Client, region: str) -> None:
    answer = client.get(f"{REGION}.csv", {"region": region, "lang": "fr"})
    assert answer.status == 200
    assert answer.rows == client.get(f"{REGION}.csv", {"region": "75", "lang": "fr"}).rows
    assert {row[2][:5] for row in answer.rows} >= {"ti-75"}


def test_a_territory_is_named_by_phase_and_identifier(client: Client) -> None:
    rows = client.get(f"{MEMBERS}.csv", {"territory": "2/ti-7608"}).rows
    assert {row[1] for row in rows} == {"CA Grand Auch Coeur de Gascogne", "CC Astarac Arros en Gascogne"}


def test_what_is_left_out_takes_its_default(client: Client) -> None:
    assert client.get(f"{REGION}.csv").rows == client.get(f"{REGION}.csv", {"region": "76", "phase": "2"}).rows


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("region=7", ["'7'", "76"]),
        ("region=", ["''", "76"]),
        ("region=commune/81004", ["commune/81004", "76"]),
        ("regio=76", ["regio", "region, phase, language"]),
        ("region=76&region=75", ["region", "once"]),
        ("language=de", ["'de'", "fr, en"]),
        ("lang=de", ["'de'", "fr, en"]),
        ("lang=x&lang=x", ["lang", "once"]),
        ("region=%ff", ["UTF-8"]),
        ("region=%zz", ["UTF-8"]),
        ("region=" + "7" * 301, ["region", "300"]),
        ("format=csv", ["format"]),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(client: Client, query: str, words: list[str]) -> None:
    answer = client.get(f"{REGION}.csv?{query}")
    assert (answer.status, answer.media_type, answer.json["code"]) == (400, PROBLEM, "request")
    for word in words:
        assert word in f"{answer.json['detail']} {answer.json['hint']}"
    french = client.get(f"{REGION}.csv?{query}", Accept_Language="fr")
    assert french.status == 400
    assert french.json["detail"] != answer.json["detail"]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        st.text(st.sampled_from("\"\\'<>{}?#$\n\r\t\x00 u0022;.VALUES"), max_size=40),
        st.sampled_from(['" } ?s ?p ?o #', "\\u0022 } #", 'al" "bi', "albi\\", "%22", "${jndi}", "81004' OR 1=1"]),
    )
)
def test_no_value_can_change_the_query(client: Client, value: str) -> None:
    """Whatever is sent is looked for as a name, or refused: the answer never is another question's."""
    answer = client.get(f"{COMMUNE}.json?commune={quote(value, safe='')}")
    assert answer.status in {200, 400}
    if answer.status == 200:
        assert answer.json["head"]["vars"][:2] == ["code", "name"]
        names = {row["name"]["value"] for row in answer.json["results"]["bindings"]}
        assert len(names) <= 1
    else:
        assert answer.json["code"] == "request"


# The format.


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv", "text/csv"),
        ("application/json", JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        (BROWSER, "text/html"),
        ("*/*", "text/html"),
        ("text/csv;q=0.5, application/sparql-results+json", JSON),
    ],
)
def test_without_an_ending_the_format_is_negotiated(client: Client, accept: str, media_type: str) -> None:
    answer = client.get(REGION, {"region": "75"}, Accept=accept)
    assert (answer.status, answer.media_type) == (200, media_type)
    assert {"accept", "accept-language"} <= answer.listed("Vary")
    kept = client.get(REGION, {"region": "75"}, Accept=accept, If_None_Match=answer.headers["ETag"])
    assert kept.status == 304


def test_a_format_may_be_named_and_an_unknown_one_is_refused(client: Client) -> None:
    assert client.get(REGION, {"format": "csv"}, Accept=BROWSER).body == client.get(f"{REGION}.csv").body
    assert client.get(REGION, {"format": "pdf"}).status == 404
    assert client.get(REGION, Accept="image/png").status == 406
    assert client.get(REGION, {"regio": "76"}, Accept="text/csv").json["code"] == "request"


def test_the_page_of_a_question_leads_to_its_answers(client: Client) -> None:
    page = client.get(REGION, {"region": "75"}, Accept=BROWSER).page
    links = [link["href"] or "" for link in page.tags("a")]
    for ending in ("csv", "json", "xml", "tsv"):
        assert f"{REGION}.{ending}?region=75" in links


# The description.


@pytest.fixture
def description(client: Client) -> dict[str, Any]:
    content: dict[str, Any] = client.get("/openapi.json").json
    return content


def test_the_description_is_valid_and_says_where_it_holds(client: Client, description: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(description).validate()
    assert description["servers"] == [{"url": client.base}]
    assert description["info"]["license"]["url"].startswith("https://www.etalab.gouv.fr/")
    assert description["info"]["x-dataset-version"] == client.get("/health").json["version"]
    assert f"{REGION}.{{format}}" in description["paths"]


def test_the_description_is_kept_by_caches_in_each_language(client: Client) -> None:
    english, french = client.get("/openapi.json"), client.get("/openapi.json", {"lang": "fr"})
    assert (english.media_type, english.headers["Content-Language"]) == ("application/json", "en")
    assert french.headers["Content-Language"] == "fr"
    assert french.json["paths"][f"{REGION}.{{format}}"]["get"]["summary"] == "Territoires d'une région"
    assert client.get("/openapi.json", Accept_Language="fr").body == french.body
    assert english.headers["ETag"] != french.headers["ETag"]
    assert client.get("/openapi.json", If_None_Match=english.headers["ETag"]).status == 304
    assert client.get("/openapi.json").body == english.body
    for wrong in ({"lang": "de"}, {"nothing": "1"}):
        assert client.get("/openapi.json", wrong).json["code"] == "request"


@pytest.mark.parametrize("path", ["/", "/queries", "/api"])
def test_links_lead_programs_to_the_description_and_people_to_the_page(client: Client, path: str) -> None:
    links = ", ".join(client.get(path, Accept=BROWSER).headers.get_all("Link") or ())
    assert f'<{client.base}/openapi.json>; rel="service-desc"' in links
    assert f'<{client.base}/api>; rel="service-doc"' in links


# The page.


@pytest.mark.parametrize(("language", "title"), [("en", "Territories of a region"), ("fr", "Territoires d'une région")])
def test_the_page_tells_each_question_with_what_to_try(client: Client, language: str, title: str) -> None:
    answer = client.get("/api", {"lang": language}, Accept=BROWSER)
    assert title in answer.page.texts["h4"]
    tried = [link["href"] or "" for link in answer.page.tags("a") if "/queries/" in (link["href"] or "")]
    endings = [link.removeprefix(client.base) for link in tried if re.search(r"\.csv(\?|$)", link)]
    assert len(endings) == len(client.get("/openapi.json").json["paths"]) - 2
    for link in endings[::6]:
        assert client.get(link).media_type == "text/csv", link


def test_the_list_of_queries_leads_to_the_page(client: Client) -> None:
    for path in ("/queries", "/queries/"):
        assert (client.get(path).status, client.get(path).headers["Location"]) == (303, "/api")
    for path in ("/data", "/sparql", "/about"):
        assert "/api" in {link["href"] for link in client.get(path, Accept=BROWSER).page.tags("a")}, path


def test_the_examples_of_the_page_answer(client: Client) -> None:
    text = client.get("/api", Accept=BROWSER).text
    found = {name: unescape(code) for name, code in re.findall(r'id="example-(\w+)">(.*?)</code>', text, re.DOTALL)}
    curl = subprocess.run(["bash", "-c", found["curl"]], check=True, capture_output=True, text=True, timeout=60)
    assert curl.stdout.startswith("territory,territoryLabel,")
    python = subprocess.run([sys.executable, "-c", found["python"]], check=True, capture_output=True, text=True)
    assert "'identifier': 'ti-7614'" in python.stdout


# Another graph folder.


def other(folder: Path, queries: dict[str, str]) -> FlaskClient:
    for name in ("ontology", "data", "shapes", "queries"):
        (folder / name).mkdir()
    (folder / "data/one.ttl").write_text("<urn:s> <urn:p> 1, 2, 3 .", encoding="utf-8")
    for name, text in queries.items():
        (folder / f"queries/{name}.rq").write_text(f"{HEADING}{text}", encoding="utf-8")
    root = find_root(folder)
    return create_app(root, EmbeddedEngine(load(root))).test_client()


HEADING = """\
#+ title = { en = "Numbers", fr = "Nombres" }
#+ question = { en = "Which?", fr = "Lesquels ?" }
#+ theme = "numbers"
"""
GRAPH = """\
#+ [parameters.least]
#+ label = { en = "least", fr = "minimum" }
CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?least { 2 } ?s ?p ?o FILTER(?o >= ?least) }
"""


def test_a_query_may_answer_with_a_graph_and_take_a_number(tmp_path: Path) -> None:
    asked = other(tmp_path, {"numbers": GRAPH, "any": "ASK { ?s ?p ?o }"})
    assert asked.get("/queries/numbers.nt?least=3").text == asked.get("/queries/numbers.nt?least=03").text
    assert asked.get("/queries/numbers.nt?least=3").text.count("\n") == 1
    for ending, media_type in (
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("rdf", "application/rdf+xml"),
    ):
        assert asked.get(f"/queries/numbers.{ending}").mimetype == media_type
    assert asked.get("/queries/numbers", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"
    assert asked.get("/queries/numbers.ttl?least=two").status_code == 400
    assert asked.get("/queries/numbers.csv").status_code == 404
    assert asked.get("/queries/any.json").json == {"head": {}, "boolean": True}
    OpenAPIV31SpecValidator(json.loads(asked.get("/openapi.json").text)).validate()
    assert "/queries/numbers.ttl?least=2" in asked.get("/api").text


def test_without_queries_there_is_still_a_description(tmp_path: Path) -> None:
    asked = other(tmp_path, {})
    described = json.loads(asked.get("/openapi.json").text)
    OpenAPIV31SpecValidator(described).validate()
    assert set(described["paths"]) == {"/health", "/openapi.json"}
    assert "license" not in described["info"]
    assert asked.get("/api").status_code == 200


# Schemathesis: what the description says is what the server does.

FORMAT = "{format}"


def in_json(description: dict[str, Any]) -> dict[str, Any]:
    """Return the description of the answers in JSON alone: a wrong format then cannot hide what else is wrong."""
    paths = {}
    for path, item in description["paths"].items():
        if FORMAT in path:
            operation = {**item["get"], "operationId": f"{item['get']['operationId']}-json"}
            operation["parameters"] = [one for one in operation["parameters"] if one.get("name") != "format"]
            paths[path.replace(FORMAT, "json")] = {"get": operation}
    return {**description, "paths": paths}


def schemathesis(folder: Path, description: dict[str, Any], server: str, examples: int) -> tuple[int, str]:
    """Return the exit code and what is said; every check and every kind of data, the same each time."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(description), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(file), "--url", server, "--checks", "all"]
    options = ["--mode", "all", "--max-examples", str(examples), "--generation-deterministic", "--continue-on-failure"]
    more = ["--request-timeout", "30", "--no-color"]
    done = subprocess.run(
        [*command, *options, *more], capture_output=True, text=True, check=False, cwd=folder, timeout=500
    )
    return done.returncode, done.stdout[-10_000:] + done.stderr


@pytest.mark.slow
def test_schemathesis_finds_nothing(server: str, description: dict[str, Any], tmp_path: Path) -> None:
    description["paths"] |= in_json(description)["paths"]
    code, said = schemathesis(tmp_path, description, server, examples=4)
    assert code == 0, said
    assert f"Tested: {len(description['paths'])}" in said


def stricter(operation: dict[str, Any]) -> None:
    operation["parameters"][1]["schema"]["maxLength"] = 5


def wider(operation: dict[str, Any]) -> None:
    operation["parameters"][0]["schema"]["pattern"] = "^[0-9]{1,3}$"


def less(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]["application/sparql-results+json"]
    del content["schema"]["properties"]["results"]["properties"]["bindings"]["items"]["properties"]["identifier"]


def untold(operation: dict[str, Any]) -> None:
    del operation["responses"]["400"]


def untyped(operation: dict[str, Any]) -> None:
    del operation["responses"]["200"]["content"]["application/sparql-results+json"]


@pytest.mark.slow
@pytest.mark.parametrize("broken", [stricter, wider, less, untold, untyped], ids=lambda broken: broken.__name__)
def test_schemathesis_finds_what_is_wrong(
    server: str, description: dict[str, Any], tmp_path: Path, broken: Callable[[dict[str, Any]], None]
) -> None:
    path = f"{REGION}.json"
    described = in_json(description)
    described["paths"] = {path: described["paths"][path]}
    assert schemathesis(tmp_path, described, server, examples=20)[0] == 0
    broken(described["paths"][path]["get"])
    code, said = schemathesis(tmp_path, described, server, examples=20)
    assert code == 1, said
    assert "FAILURES" in said
