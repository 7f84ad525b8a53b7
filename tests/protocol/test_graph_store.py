"""SPARQL 1.1 Graph Store HTTP Protocol, read side; any file as a dataset."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.conftest import running_server
from tests.protocol.conftest import BASE, PROBLEM, Answer, Client

CATALOGUE = f"{BASE}graph/catalogue"
DIRECT = "/graph/catalogue"
FORMATS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
TRIG = """
@prefix : <http://example.org/> .
:a :p 1 .
:one { :a :p 1 , 2 . }
:two { :a :p 2 . :b :p 3 . }
"""


def triples(answer: Answer) -> set[ox.Triple]:
    format_ = ox.RdfFormat.from_media_type(answer.media_type)
    assert (answer.status, bool(format_)) == (200, True), answer.text
    quads = list(ox.parse(answer.body, format=format_))
    assert all(quad.graph_name == ox.DefaultGraph() for quad in quads)
    return {quad.triple for quad in quads}


def size(client: Client, pattern: str) -> int:
    [[number]] = client.rows(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    return int(number)


def test_a_graph_is_had_by_its_name_and_by_its_address(client: Client) -> None:
    named = triples(client.get("/graphs", {"graph": CATALOGUE}))
    assert named == triples(client.get(DIRECT))
    assert len(named) == size(client, f"GRAPH <{CATALOGUE}> {{ ?s ?p ?o }}")


def test_the_default_graph_is_the_merge(client: Client) -> None:
    assert len(triples(client.get("/graphs?default"))) == size(client, "?s ?p ?o")
    assert len(triples(client.get("/graphs?default="))) == size(client, "?s ?p ?o")


@pytest.mark.parametrize(("suffix", "media_type"), FORMATS.items())
def test_every_format_by_accept_by_parameter_and_by_suffix(client: Client, suffix: str, media_type: str) -> None:
    answers = [
        client.get(DIRECT, Accept=media_type),
        client.get(DIRECT, {"format": suffix}, Accept="image/png"),
        client.get(f"{DIRECT}.{suffix}", Accept="image/png"),
        client.get("/graphs", {"graph": CATALOGUE, "format": suffix}),
    ]
    expected = triples(client.get(DIRECT))
    for answer in answers:
        assert answer.media_type == media_type
        assert triples(answer) == expected


def test_head_has_the_headers_of_get(client: Client) -> None:
    got, head = client.get(DIRECT), client.send("HEAD", DIRECT)
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == got.headers[name], name
    assert client.send("HEAD", "/graph/none").status == 404


@pytest.mark.parametrize("path", ["/graph/none", "/graph/catalogue.pdf", "/graph/", "/graphs?graph=http://e/none"])
def test_a_graph_that_is_not_there_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.media_type) == (404, PROBLEM)


def test_near_graphs_are_proposed_as_links(client: Client) -> None:
    answer = client.get("/graph/catalog", Accept="application/json")
    assert answer.json["suggestions"][0] == f"{client.base}/graph/catalogue"
    assert len(answer.json["suggestions"]) <= 5
    page = client.get("/graph/catalog", Accept="text/html").page
    assert set(answer.json["suggestions"]) <= {link["href"] for link in page.tags("a")}
    assert all(client.get(address.removeprefix(client.base)).status == 200 for address in answer.json["suggestions"])


@pytest.mark.parametrize(
    "path", [DIRECT, f"/graphs?graph={CATALOGUE}", "/.well-known/void", "/catalog.ttl", "/sparql?format=ttl"]
)
def test_rdf_names_its_formats_licence_and_catalogue(client: Client, path: str) -> None:
    said = ", ".join(client.get(path, Accept="text/turtle").headers.get_all("Link", []))
    assert f'<{client.base}/catalog>; rel="describedby"' in said
    assert 'rel="license"' in said
    for address, media_type in re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*)"', said):
        assert client.get(address.removeprefix(client.base)).media_type == media_type


def test_a_graph_in_no_format_that_is_accepted(client: Client) -> None:
    answer = client.get(DIRECT, Accept="image/png")
    assert answer.status == 406
    for media_type in FORMATS.values():
        assert media_type in answer.json["hint"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        f"?graph={CATALOGUE}&default",
        f"?graph={CATALOGUE}&graph={CATALOGUE}",
        "?default&default",
        "?default=yes",
        "?graph=",
        "?graph=catalogue",
    ],
)
def test_exactly_one_graph_is_named(client: Client, query: str) -> None:
    answer = client.get(f"/graphs{query}")
    assert (answer.status, answer.media_type) == (400, PROBLEM)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/graphs", "/graphs?default", f"/graphs?graph={CATALOGUE}", DIRECT, "/graph/new"])
def test_a_write_is_refused_with_the_reason_and_changes_nothing(client: Client, method: str, path: str) -> None:
    before = client.get(DIRECT).body
    answer = client.send(method, path, headers={"Content-Type": "text/turtle"}, body=b"<urn:x:s> <urn:x:p> 1 .")
    assert (answer.status, answer.json["code"]) == (403, "write-refused")
    assert "read-only" in answer.json["detail"]
    assert client.get(DIRECT).body == before
    assert client.get("/graph/new").status == 404


def test_json_ld_is_compacted_by_the_context_and_says_so(client: Client) -> None:
    answer = client.get(DIRECT, Accept='application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"')
    assert 'profile="http://www.w3.org/ns/json-ld#compacted"' in answer.headers["Content-Type"]
    assert answer.json["@context"]["Territory"] == "ti:Territory"
    assert "id/source/cog-2026" in {node["id"] for node in answer.json["graph"]}
    large = client.get("/graphs?default", Accept="application/ld+json")
    assert 'profile="http://www.w3.org/ns/json-ld#expanded"' in large.headers["Content-Type"]


# Any file.


def serve(tmp_path: Path, name: str, text: str, *options: str) -> list[str]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return ["--data", str(file), "--no-check", *options]


@pytest.mark.parametrize(("choice", "default", "union"), [("union", 3, True), ("separate", 1, False)])
def test_the_default_graph_of_a_file_is_its_own_or_the_merge(
    tmp_path: Path, choice: str, default: int, *, union: bool
) -> None:
    options = serve(tmp_path, "data.trig", TRIG, "--default-graph", choice)
    with running_server([], serve=options) as url:
        client = Client(url)
        assert size(client, "?s ?p ?o") == default
        assert len(triples(client.get("/graphs?default"))) == default
        assert size(client, "GRAPH ?g { ?s ?p ?o }") == 4
        assert len(triples(client.get("/graphs", {"graph": "http://example.org/two"}))) == 2
        assert ("UnionDefaultGraph" in client.get("/sparql").text) == union
        quads = list(ox.parse(client.get("/dump.nq").body, format=ox.RdfFormat.N_QUADS))
        assert len(quads) == 4 + (0 if union else 1), "of a merge, only what no graph holds stands in none"
        assert client.get("/").status == client.get("/sparql", Accept="text/html").status == 200
        assert client.get("/catalog").status == client.get("/.well-known/void").status == 200


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.ttl", "<http://example.org/a> <http://example.org/p> _:b ."),
        ("d.nt", "<http://example.org/a> <http://example.org/p> _:b ."),
        ("d.nq", "<http://example.org/a> <http://example.org/p> _:b <http://example.org/g> ."),
    ],
)
def test_each_syntax_is_read(tmp_path: Path, name: str, text: str) -> None:
    with running_server([], serve=serve(tmp_path, name, text)) as url:
        assert size(Client(url), "?s ?p ?o") == 1
        assert len(Client(url).get("/dump.nq").text.splitlines()) == 1


def test_answers_over_blank_nodes_are_not_those_of_another_load(tmp_path: Path) -> None:
    options = serve(tmp_path, "d.ttl", "<http://example.org/a> <http://example.org/p> _:b .")
    tags = []
    for _ in range(2):
        with running_server([], serve=options) as url:
            tags.append(Client(url).query("SELECT * { ?s ?p ?o }").headers["ETag"])
    assert tags[0] != tags[1]
