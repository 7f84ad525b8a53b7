"""The query operation of the SPARQL 1.1 Protocol (§2.1) over a real connection."""

# ruff: noqa: S608  (SPARQL, not SQL)

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

import pytest
from tests.protocol.conftest import BASE, BROWSER, FORM, JSON, PROBLEM, QUERY, Answer, Client

GRAPH = f"{BASE}graph/"
CATALOGUE, ONTOLOGY, ANCT, COMMUNIQUE = (
    GRAPH + name for name in ("catalogue", "ontology", "anct-2024-07-04", "communique-occitanie-2023-11-09")
)
DEFAULT = "default-graph-uri"
NAMED = "named-graph-uri"
ADD = 'SELECT (1 + 1 AS ?sum) ("été" AS ?season) {}'
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"

WAYS: dict[str, Callable[[Client, str], Answer]] = {
    "GET": lambda client, text: client.query(text),
    "POST form": lambda client, text: client.post(FORM, urlencode({"query": text}).encode()),
    "POST form with charset": lambda client, text: client.post(
        f"{FORM}; charset=UTF-8", urlencode({"query": text}).encode()
    ),
    "POST direct": lambda client, text: client.post(QUERY, text.encode()),
    "POST direct with charset": lambda client, text: client.post(f"{QUERY}; charset=utf-8", text.encode()),
    "POST direct in capitals": lambda client, text: client.post("Application/SPARQL-Query", text.encode()),
}


def size(client: Client, graph: str) -> int:
    return number(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")


def number(client: Client, text: str, parameters: list[tuple[str, str]] | None = None) -> int:
    [[value]] = client.rows(text, parameters or [])
    return int(value)


def refusal(answer: Answer, status: int = 400) -> str:
    assert (answer.status, answer.media_type) == (status, PROBLEM)
    assert answer.json["status"] == status
    detail: str = answer.json["detail"]
    return detail


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_each_way_of_sending_a_query_is_answered_alike(client: Client, way: Callable[[Client, str], Answer]) -> None:
    answer = way(client, ADD)
    assert (answer.status, answer.media_type) == (200, JSON)
    [row] = answer.json["results"]["bindings"]
    assert (row["sum"]["value"], row["season"]["value"]) == ("2", "été")


def test_a_body_in_chunks_is_read_whole(client: Client) -> None:
    body = b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"
    connection = HTTPConnection(client.base.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/sparql")
    connection.putheader("Content-Type", QUERY)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(body)
    response = connection.getresponse()
    assert (response.status, b"true" in response.read()) == (200, True)
    connection.close()


def test_a_plus_sign_in_a_url_is_a_space(client: Client) -> None:
    assert client.get("/sparql?query=ASK+%7B%7D").json["boolean"] is True


def test_head_has_the_headers_of_get_and_no_body(client: Client) -> None:
    got, head = client.query(ADD), client.send("HEAD", "/sparql", {"query": ADD})
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Vary", "Access-Control-Allow-Origin"):
        assert head.headers[name] == got.headers[name], name


def test_head_of_a_refused_query_has_no_body(client: Client) -> None:
    answer = client.send("HEAD", "/sparql", {"query": "nonsense"})
    assert (answer.status, answer.body) == (400, b"")


# Which graphs a query sees (§2.1.4; SPARQL 1.1 Query §13).


def test_without_parameters_a_pattern_sees_the_union_and_each_triple_once(client: Client) -> None:
    distinct = "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } } }"
    assert number(client, COUNT) == number(client, distinct) > 0


def test_without_parameters_graph_sees_every_named_graph(client: Client) -> None:
    seen = {row[0] for row in client.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert {CATALOGUE, ONTOLOGY, ANCT, COMMUNIQUE} < seen


def test_one_pattern_may_join_the_union_with_one_source(client: Client) -> None:
    rows = client.rows(
        f"""PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT ?name {{
          GRAPH <{COMMUNIQUE}> {{ ?t <http://www.w3.org/2004/02/skos/core#altLabel> "Albigeois"@fr }}
          ?t rdfs:label ?name
        }}"""
    )
    assert rows == [["Tarn Nord"]]


def test_a_default_graph_is_all_that_a_pattern_sees(client: Client) -> None:
    assert number(client, COUNT, [(DEFAULT, CATALOGUE)]) == size(client, CATALOGUE)


def test_with_a_default_graph_alone_there_is_no_named_graph(client: Client) -> None:
    assert number(client, COUNT_NAMED, [(DEFAULT, CATALOGUE)]) == 0


def test_a_named_graph_is_all_that_graph_sees(client: Client) -> None:
    rows = client.rows(
        "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", [(NAMED, ONTOLOGY), (NAMED, CATALOGUE)]
    )
    assert rows == [[CATALOGUE], [ONTOLOGY]]


def test_with_a_named_graph_alone_the_default_graph_is_empty(client: Client) -> None:
    assert number(client, COUNT, [(NAMED, CATALOGUE)]) == 0


def test_default_and_named_graphs_go_together(client: Client) -> None:
    text = "SELECT ?g (COUNT(*) AS ?n) { ?s a ?type . GRAPH ?g { ?s a ?type } } GROUP BY ?g"
    rows = client.rows(text, [(DEFAULT, CATALOGUE), (NAMED, CATALOGUE), (NAMED, ONTOLOGY)])
    assert [graph for graph, _ in rows] == [CATALOGUE]


@pytest.mark.parametrize("clause", [False, True], ids=["default-graph-uri", "FROM"])
@pytest.mark.parametrize(
    ("one", "other"),
    [(CATALOGUE, ONTOLOGY), (ANCT, COMMUNIQUE), (ANCT, ANCT)],
    ids=["without a common triple", "with common triples", "the same twice"],
)
def test_several_default_graphs_are_merged_and_a_common_triple_counts_once(
    client: Client, one: str, other: str, *, clause: bool
) -> None:
    common = number(
        client,
        f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{one}> {{ ?s ?p ?o }} GRAPH <{other}> {{ ?s ?p ?o }} }}",
    )
    expected = size(client, one) + size(client, other) - common
    if clause:
        merged = number(client, f"SELECT (COUNT(*) AS ?n) FROM <{one}> FROM <{other}> {{ ?s ?p ?o }}")
    else:
        merged = number(client, COUNT, [(DEFAULT, one), (DEFAULT, other)])
    assert merged == expected


def test_from_limits_what_a_pattern_sees(client: Client) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{CATALOGUE}> {{ ?s ?p ?o }}"
    assert number(client, text) == size(client, CATALOGUE)


@pytest.mark.parametrize("clause", [f"FROM <{CATALOGUE}>", f"FROM NAMED <{ONTOLOGY}>"])
def test_from_alone_leaves_the_other_half_of_the_dataset_empty(client: Client, clause: str) -> None:
    pattern = "{ ?s ?p ?o }" if "NAMED" in clause else "{ GRAPH ?g { ?s ?p ?o } }"
    assert number(client, f"SELECT (COUNT(*) AS ?n) {clause} {pattern}") == 0


def test_from_named_limits_what_graph_sees(client: Client) -> None:
    rows = client.rows(f"SELECT DISTINCT ?g FROM NAMED <{ONTOLOGY}> {{ GRAPH ?g {{ ?s ?p ?o }} }}")
    assert rows == [[ONTOLOGY]]


def test_the_parameter_prevails_over_from(client: Client) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{ONTOLOGY}> {{ ?s ?p ?o }}"
    assert number(client, text, [(DEFAULT, CATALOGUE)]) == size(client, CATALOGUE)


def test_the_parameter_prevails_over_from_named(client: Client) -> None:
    text = f"SELECT DISTINCT ?g FROM NAMED <{ONTOLOGY}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert client.rows(text, [(NAMED, CATALOGUE)]) == [[CATALOGUE]]


def test_either_parameter_replaces_the_whole_dataset_of_the_query(client: Client) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{ONTOLOGY}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert number(client, text, [(DEFAULT, CATALOGUE)]) == 0


def test_a_direct_post_takes_the_graphs_from_the_url(client: Client) -> None:
    answer = client.post(QUERY, COUNT.encode(), [(DEFAULT, CATALOGUE)], Accept="text/csv")
    assert answer.rows == [[str(size(client, CATALOGUE))]]


def test_a_form_carries_the_graphs(client: Client) -> None:
    form = urlencode([("query", COUNT), (DEFAULT, CATALOGUE), (DEFAULT, ONTOLOGY)]).encode()
    answer = client.post(FORM, form, Accept="text/csv")
    assert answer.rows == [[str(size(client, CATALOGUE) + size(client, ONTOLOGY))]]


@pytest.mark.parametrize("name", [DEFAULT, NAMED])
@pytest.mark.parametrize("iri", ["", "catalogue", "a b", "<http://e/>"])
def test_a_graph_that_is_no_absolute_iri_is_refused(client: Client, name: str, iri: str) -> None:
    assert name in refusal(client.query(COUNT, {name: iri}))


@pytest.mark.parametrize(
    ("clause", "parameters"),
    [
        ("FROM <http://example.org/none>", {}),
        ("FROM NAMED <http://example.org/none>", {}),
        ("", {DEFAULT: "http://example.org/none"}),
        ("", {NAMED: "http://example.org/none"}),
    ],
)
def test_a_graph_that_does_not_exist_is_named(client: Client, clause: str, parameters: dict[str, str]) -> None:
    answer = client.query(f"SELECT (COUNT(*) AS ?n) {clause} {{ ?s ?p ?o }}", parameters)
    assert "<http://example.org/none>" in refusal(answer)
    assert answer.json["code"] == "unknown-graph"


def test_a_graph_in_a_pattern_may_be_none(client: Client) -> None:
    assert client.query("ASK { GRAPH <http://example.org/none> { ?s ?p ?o } }").json["boolean"] is False


# What may stand in the request beside the query.


@pytest.mark.parametrize("parameters", [{DEFAULT: CATALOGUE}, {NAMED: CATALOGUE}, {"quary": "ASK {}"}])
def test_a_missing_query_is_a_bad_request(client: Client, parameters: dict[str, str]) -> None:
    assert "quary" in parameters or "query" in refusal(client.get("/sparql", parameters))
    refusal(client.get("/sparql", parameters))


def test_a_client_that_wants_results_must_send_a_query(client: Client) -> None:
    assert "query" in refusal(client.get("/sparql", Accept=JSON))


def test_a_form_without_query_is_a_bad_request(client: Client) -> None:
    assert "query" in refusal(client.post(FORM, b"format=csv"))


@pytest.mark.parametrize("text", ["", " ", "# nothing\n", "PREFIX a: <http://e/>"])
def test_an_empty_query_is_a_syntax_error(client: Client, text: str) -> None:
    refusal(client.query(text))
    refusal(client.post(QUERY, text.encode()))


@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_two_queries_are_a_bad_request(client: Client, accept: str) -> None:
    answer = client.get("/sparql", [("query", "ASK {}"), ("query", "ASK {}")], Accept=accept)
    assert answer.status == 400


def test_a_query_in_the_url_and_another_in_the_body_are_a_bad_request(client: Client) -> None:
    assert "query" in refusal(client.post(QUERY, b"ASK {}", {"query": "ASK {}"}))


@pytest.mark.parametrize("name", ["quary", "update", "Query", "using-graph-uri", "timeout"])
def test_an_unknown_parameter_is_named(client: Client, name: str) -> None:
    assert name in refusal(client.query("ASK {}", {name: "1"}))
    assert name in refusal(client.post(FORM, urlencode({"query": "ASK {}", name: "1"}).encode()))


# Methods, media types and preflights (RFC 9110 §15.5.6, §15.5.16; Fetch).


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_with_those_allowed(client: Client, method: str) -> None:
    answer = client.send(method, "/sparql", {"query": "ASK {}"})
    refusal(answer, 405)
    assert answer.listed("Allow") == {"get", "head", "post", "options"}


@pytest.mark.parametrize("path", ["/", "/health", "/static/style.css"])
def test_a_page_takes_no_post_and_says_so(client: Client, path: str) -> None:
    answer = client.send("POST", path, body=b"")
    refusal(answer, 405)
    assert answer.listed("Allow") == {"get", "head", "options"}


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/json", "application/sparql-queries", "multipart/form-data; boundary=x"],
)
def test_a_body_of_another_type_is_refused_with_the_types_that_are_read(
    client: Client, content_type: str | None
) -> None:
    answer = client.post(content_type, b"ASK {}")
    refusal(answer, 415)
    assert QUERY in answer.json["hint"]
    assert FORM in answer.json["hint"]


def test_options_lists_the_methods(client: Client) -> None:
    answer = client.send("OPTIONS", "/sparql")
    assert answer.status in {200, 204}
    assert answer.listed("Allow") == {"get", "head", "post", "options"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_preflight_of_a_foreign_page_passes(client: Client, method: str) -> None:
    answer = client.send(
        "OPTIONS",
        "/sparql",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "accept-language, content-type",
        },
    )
    assert answer.status in {200, 204}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert method.lower() in answer.listed("Access-Control-Allow-Methods")
    assert {"accept-language", "content-type"} <= answer.listed("Access-Control-Allow-Headers")
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


# Queries are UTF-8 (§2.1.1-2.1.3).


@pytest.mark.parametrize("octets", ["%FF", "%C3", "%ED%A0%80", "%C0%AF"])
def test_invalid_utf_8_in_parameters_is_a_bad_request(client: Client, octets: str) -> None:
    encoded = quote("ASK { ?s ?p '", safe="") + octets + quote("' }", safe="")
    refusal(client.get(f"/sparql?query={encoded}"))
    refusal(client.post(FORM, f"query={encoded}".encode()))


def test_invalid_utf_8_in_a_direct_post_is_placed(client: Client) -> None:
    answer = client.post(QUERY, b"ASK {\n  ?s ?p '\xff' }")
    refusal(answer)
    assert (answer.json["line"], answer.json["column"]) == (2, 10)


def test_the_column_counts_characters_not_bytes(client: Client) -> None:
    answer = client.post(QUERY, "ASK { ?s ?p 'été".encode() + b"\xff' }")
    refusal(answer)
    assert (answer.json["line"], answer.json["column"]) == (1, 17)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_characters_beyond_the_basic_plane_come_back(client: Client, way: Callable[[Client, str], Answer]) -> None:
    answer = way(client, 'SELECT ("é œ 😀 +&=%" AS ?x) {}')
    assert answer.json["results"]["bindings"][0]["x"]["value"] == "é œ 😀 +&=%"


# Relative IRIs resolve against the endpoint, where the query says no BASE (RFC 3986 §5.1.3).


@pytest.mark.parametrize(
    ("relative", "path"), [("x", "/x"), ("", "/sparql"), ("#a", "/sparql#a"), ("/a/b", "/a/b"), ("?q", "/sparql?q")]
)
@pytest.mark.parametrize("written", ["<{}>", 'IRI("{}")'])
def test_relative_iris_resolve_against_the_endpoint(client: Client, relative: str, path: str, written: str) -> None:
    text = f"SELECT ?iri {{ BIND({written.format(relative)} AS ?iri) }}"
    assert client.rows(text) == [[client.base + path]]


def test_the_base_of_the_query_prevails(client: Client) -> None:
    assert client.rows("BASE <http://example.org/a/> SELECT (<b> AS ?iri) {}") == [["http://example.org/a/b"]]


def test_the_base_is_the_same_in_a_post(client: Client) -> None:
    answer = client.post(QUERY, b"SELECT (<x> AS ?iri) {}", {"format": "csv"})
    assert answer.rows == [[f"{client.base}/x"]]


@pytest.mark.parametrize("query", ["query=ASK%20%7B%7D%", "query=ASK%7B%7D%23%zz", "query=ASK%7B%7D&format=%2"])
def test_a_percent_sign_that_encodes_nothing_is_a_bad_request(client: Client, query: str) -> None:
    assert "percent" in refusal(client.get(f"/sparql?{query}"))
    assert "percent" in refusal(client.post(FORM, query.encode()))


def test_two_formats_are_a_bad_request_and_one_under_two_names_is_not(client: Client) -> None:
    assert "format" in refusal(client.query(ADD, {"format": "csv", "output": "json"}))
    assert client.query(ADD, {"format": "csv", "output": "CSV"}).media_type == "text/csv"
