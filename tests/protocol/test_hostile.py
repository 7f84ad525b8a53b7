"""What a stranger may send: the server contacts nobody, changes nothing, and answers afterwards."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.protocol.conftest import FORM, PROBLEM, QUERY, Canary, Client

PATTERN = "{ ?s ?p ?o }"
UPDATE = "application/sparql-update"
ANSWER_IN_SECONDS = 3


def is_well(client: Client) -> bool:
    return client.get("/health").json["status"] == "ok" and client.query("ASK {}").json["boolean"] is True


def size(client: Client) -> list[list[str]]:
    return client.rows("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g")


# SERVICE: `URL` is the canary. Each of these makes a parser that is not careful call it.

CALLS = {
    "plain": "SELECT * { SERVICE <URL> PATTERN }",
    "mixed case": "SELECT * { sErViCe <URL> PATTERN }",
    "SILENT": "SELECT * { SERVICE SILENT <URL> PATTERN }",
    "no spaces": "SELECT*{SERVICE<URL>PATTERN}",
    "tabs and lines": "SELECT * {\tSERVICE\r\n\t<URL>\nPATTERN }",
    "comment between": "SELECT * { SERVICE # {\n <URL> # }\n PATTERN }",
    "prefixed name": "PREFIX c: <URL> SELECT * { SERVICE c:x PATTERN }",
    "relative to a base": "BASE <URL> SELECT * { SERVICE <x> PATTERN }",
    "variable": "SELECT * { VALUES ?url { <URL> } SERVICE ?url PATTERN }",
    "OPTIONAL": "SELECT * { OPTIONAL { SERVICE <URL> PATTERN } }",
    "EXISTS": "ASK { FILTER EXISTS { SERVICE <URL> PATTERN } }",
    "subquery": "SELECT * { { SELECT * { SERVICE <URL> PATTERN } } }",
    "CONSTRUCT": "CONSTRUCT PATTERN WHERE { SERVICE <URL> PATTERN }",
    "CONSTRUCT WHERE": "CONSTRUCT WHERE { SERVICE <URL> PATTERN }",
    "DESCRIBE": "DESCRIBE ?s { SERVICE <URL> PATTERN }",
    "ASK": "ASK { SERVICE <URL> PATTERN }",
    "after a string with a hash": "SELECT * { BIND('#' AS ?x) SERVICE <URL> PATTERN }",
    "after a string with a quote": """SELECT * { BIND("'" AS ?x) SERVICE <URL> PATTERN BIND("'" AS ?y) }""",
    "after a long string": 'SELECT * { BIND("""a"b""c\\"""" AS ?x) SERVICE <URL> PATTERN }',
    "after an IRI with a hash": "SELECT * { OPTIONAL { ?a <http://e/#x> ?b } SERVICE <URL> PATTERN }",
    "after an escaped IRI with a hash": r"SELECT * { OPTIONAL { ?a <http://e/\u00E9#x> ?b } SERVICE <URL> PATTERN }",
    "after an escaped IRI with a quote": (
        r"SELECT * { OPTIONAL { ?a <http://e/\u00E9'> ?b } SERVICE <URL> PATTERN OPTIONAL { ?a <http://e/'> ?b } }"
    ),
    "after a name with an escaped hash": r"PREFIX e: <http://e/> SELECT * { OPTIONAL { ?a e:x\# ?b } SERVICE <URL> PATTERN }",  # noqa: E501
    "after less-than": "PREFIX c: <URL> SELECT * { FILTER(0<1)SERVICE c:x#>\n PATTERN }",
    "after less-than, as in an IRI": "PREFIX c: <URL> SELECT * { FILTER(0<1)SERVICEc:x#>\n PATTERN }",
    "less-than, empty prefix": "PREFIX : <URL> SELECT * { FILTER(0<1)SERVICE:x#>\n PATTERN }",
    "glued to SILENT": "SELECT * { SERVICESILENT<URL>PATTERN }",
    "glued to SILENT and a name": "PREFIX : <URL> SELECT * { SERVICESILENT:x PATTERN }",
    "glued to SILENT and a variable": "SELECT * { VALUES ?u { <URL> } LATERAL { SERVICESILENT?u PATTERN } }",
    "glued to a name": "PREFIX c: <URL> SELECT * { SERVICEc:x PATTERN }",
    "glued to an empty prefix": "PREFIX : <URL> SELECT * { SERVICE:x PATTERN }",
    "glued to true": "SELECT * { ?a ?b trueSERVICE<URL>PATTERN }",
    "glued to false": "SELECT * { OPTIONAL { ?a ?b falseSERVICE<URL>PATTERN } }",
    "glued to a number": "SELECT * { ?a ?b 1.SERVICE<URL>PATTERN }",
    "glued to a language": 'SELECT * { ?a ?b "x"@en.SERVICE<URL>PATTERN }',
    "codepoint escape": r"SELECT * { \u0053ERVICE <URL> PATTERN }",
    "escaped line end in a comment": "SELECT * { # \\u000A SERVICE <URL> PATTERN\n }",
    "escaped quote in a string": r'SELECT * { BIND("\u0022 AS ?x) SERVICE <URL> PATTERN BIND("\u0022 AS ?y) }',
}
NO_CALLS = {
    "comment": "ASK { # SERVICE <URL> { }\n}",
    "string": 'SELECT ("SERVICE <URL> { }" AS ?x) {}',
    "variable": "SELECT ?SERVICE { BIND(1 AS ?SERVICE) }",
    "prefix": "PREFIX SERVICE: <URL> ASK { OPTIONAL { ?s SERVICE:x ?o } }",
    "local name": "PREFIX c: <URL> ASK { OPTIONAL { ?s c:SERVICE ?o } }",
    "IRI": "ASK { OPTIONAL { ?s <URLSERVICE> ?o } }",
    "blank node": "ASK { OPTIONAL { ?s ?p _:SERVICE } }",
    "escaped IRI": r"ASK { OPTIONAL { ?s <URL\u00E9#SERVICE> ?o } }",
}


def aimed(text: str, canary: Canary) -> str:
    return text.replace("URL", canary.url).replace("PATTERN", PATTERN)


@pytest.mark.parametrize("text", CALLS.values(), ids=CALLS)
def test_service_in_any_disguise_contacts_nobody(client: Client, canary: Canary, text: str) -> None:
    client.query(aimed(text, canary), {"format": "turtle" if text.startswith(("CONSTRUCT", "DESCRIBE")) else "json"})
    assert canary.visits == 0, "the server contacted another"


@pytest.mark.parametrize("name", [name for name in CALLS if "glued" not in name and "escaped line" not in name])
def test_service_in_a_query_is_refused_and_never_ignored(client: Client, canary: Canary, name: str) -> None:
    answer = client.query(aimed(CALLS[name], canary))
    assert (answer.media_type, answer.status in {400, 403}) == (PROBLEM, True)
    assert answer.json["code"] in {"query-refused", "query-syntax"}


@pytest.mark.parametrize("text", NO_CALLS.values(), ids=NO_CALLS)
def test_the_word_service_elsewhere_is_no_harm(client: Client, canary: Canary, text: str) -> None:
    answer = client.query(aimed(text, canary))
    assert answer.status == 200, answer.text
    assert canary.visits == 0


@pytest.mark.parametrize("name", ["plain", "glued to SILENT", "after an escaped IRI with a hash"])
def test_service_in_a_post_or_for_a_page_contacts_nobody(client: Client, canary: Canary, name: str) -> None:
    text = aimed(CALLS[name], canary)
    client.post(QUERY, text.encode())
    client.post(FORM, urlencode({"query": text}).encode())
    client.query(text, Accept="text/html")
    assert canary.visits == 0


# Graphs that would have to be fetched.


@pytest.mark.parametrize(
    "text",
    [
        "ASK FROM <URL> PATTERN",
        "ASK FROM NAMED <URL> { GRAPH ?g PATTERN }",
        "ASK { GRAPH <URL> PATTERN }",
        "ASK FROM NAMED <URL> { GRAPH <URL> PATTERN }",
    ],
)
def test_a_graph_of_another_server_is_not_fetched(client: Client, canary: Canary, text: str) -> None:
    answer = client.query(aimed(text, canary))
    if "FROM" in text:
        assert (answer.status, answer.json["code"]) == (400, "unknown-graph")
        assert canary.url in answer.json["detail"]
    else:
        assert answer.json["boolean"] is False
    assert canary.visits == 0


def test_describing_a_thing_of_another_server_does_not_fetch_it(client: Client, canary: Canary) -> None:
    assert client.query(f"DESCRIBE <{canary.url}x>", {"format": "ntriples"}).body == b""
    assert canary.visits == 0


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_a_graph_parameter_of_another_server_is_not_fetched(client: Client, canary: Canary, name: str) -> None:
    answer = client.query(f"ASK {{ {PATTERN} UNION {{ GRAPH ?g {PATTERN} }} }}", {name: canary.url})
    assert (answer.status, answer.json["code"]) == (400, "unknown-graph")
    assert canary.visits == 0


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        (f"ASK FROM <FILE> {PATTERN}", None),
        (f"ASK FROM NAMED <FILE> {{ GRAPH ?g {PATTERN} }}", None),
        (f"ASK {PATTERN}", "default-graph-uri"),
        (f"ASK {{ GRAPH ?g {PATTERN} }}", "named-graph-uri"),
    ],
)
def test_a_file_of_the_machine_is_not_read(client: Client, tmp_path: Path, text: str, parameter: str | None) -> None:
    file = tmp_path / "secret.ttl"
    file.write_text("<urn:s> <urn:p> 'secret' .", encoding="utf-8")
    answer = client.query(text.replace("FILE", file.as_uri()), {parameter: file.as_uri()} if parameter else {})
    assert (answer.status, answer.json["code"]) == (400, "unknown-graph")


# Updates.

UPDATES = [
    "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }",
    "DELETE WHERE { ?s ?p ?o }",
    "LOAD <URL>",
    "LOAD SILENT <URL> INTO GRAPH <urn:g>",
    "CLEAR ALL",
    "cLeAr DEFAULT",
    "DROP ALL",
    "CREATE GRAPH <urn:g>",
    "ADD DEFAULT TO <urn:g>",
    "MOVE DEFAULT TO <urn:g>",
    "COPY DEFAULT TO <urn:g>",
    "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "PREFIX e: <http://e/> # SELECT\nINSERT DATA { e:s e:p 1 }",
    "PREFIX SELECT: <http://e/> CLEAR ALL",
    "ASK {} ; CLEAR ALL",
    "SELECT * {} ; LOAD <URL>",
    "SELECT * { INSERT DATA { <urn:s> <urn:p> 1 } }",
]


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_is_refused_and_changes_nothing(client: Client, canary: Canary, text: str) -> None:
    before = size(client)
    update = aimed(text, canary)
    for answer in (
        client.query(update),
        client.post(QUERY, update.encode()),
        client.post(UPDATE, update.encode()),
        client.post(FORM, urlencode({"query": update}).encode()),
        client.post(FORM, urlencode({"update": update}).encode()),
        client.get("/sparql", {"update": update}),
    ):
        assert (answer.media_type, 400 <= answer.status < 500) == (PROBLEM, True)
    assert canary.visits == 0
    assert size(client) == before


@pytest.mark.parametrize("text", ["INSERT DATA { <urn:s> <urn:p> 1 }", "LOAD <http://127.0.0.1:9/>", "CLEAR ALL"])
def test_an_update_is_told_that_the_endpoint_only_reads(client: Client, text: str) -> None:
    problem = client.query(text).json
    assert (problem["status"], problem["code"]) == (403, "query-refused")
    assert text.split(maxsplit=1)[0] in problem["detail"]


# Size and depth within one request.


@pytest.mark.parametrize("content_type", [QUERY, FORM])
def test_a_body_of_ten_megabytes_is_too_large(client: Client, content_type: str) -> None:
    answer = client.post(content_type, b"query=" + b"a" * 10_000_000)
    assert (answer.status, answer.media_type, answer.json["status"]) == (413, PROBLEM, 413)
    assert is_well(client)


def test_a_body_of_ten_megabytes_in_chunks_is_too_large(client: Client) -> None:
    connection = http.client.HTTPConnection(client.base.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection):
        connection.putrequest("POST", "/sparql")
        connection.putheader("Content-Type", QUERY)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(100):
                connection.send(b"186a0\r\n" + b"#" * 100_000 + b"\r\n")
            connection.send(b"0\r\n\r\n")
        response = connection.getresponse()
        assert (response.status, response.headers.get_content_type()) == (413, PROBLEM)
    assert is_well(client)


def test_a_body_just_within_the_limit_is_read(client: Client) -> None:
    answer = client.post(FORM, b"query=ASK+%7B%7D" + b"+" * 90_000)
    assert (answer.status, answer.json["boolean"]) == (200, True)


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 30_000 + "}" * 30_000,
        "ASK " + "{" * 90_000,
        "ASK { FILTER(" + "(" * 30_000 + "1" + ")" * 30_000 + ") }",
        "ASK { ?s ?p " + "[ ?p " * 9_000 + "1" + "]" * 9_000 + " }",
        "ASK { ?s ?p " + "(" * 30_000 + ")" * 30_000 + " }",
        "ASK { FILTER(" + "!" * 90_000 + "true) }",
        "ASK { FILTER(1" + "+1" * 40_000 + " > 0) }",
        "ASK { FILTER(true" + "||true" * 10_000 + ") }",
        "ASK { ?s " + "<a:>/" * 15_000 + "<a:> ?o }",
        "ASK { " + "{} UNION " * 10_000 + "{} }",
        "ASK { " + "OPTIONAL {} " * 8_000 + " }",
    ],
    ids=[
        "braces",
        "open braces",
        "parentheses",
        "blank nodes",
        "lists",
        "not",
        "sum",
        "or",
        "path",
        "union",
        "optional",
    ],
)
def test_deep_or_long_nesting_is_refused_by_a_stated_limit(client: Client, text: str) -> None:
    answer = client.post(QUERY, text.encode())
    assert (answer.status, answer.json["code"]) == (413, "query-too-large")
    assert "TERRITOIRES_MAX_QUERY_" in answer.json["hint"]
    assert is_well(client)


def test_a_query_longer_than_the_limit_is_refused(client: Client) -> None:
    answer = client.post(QUERY, b"ASK {} #" + b"a" * 200_000)
    assert (answer.status, answer.json["code"]) == (413, "query-too-large")


def test_nesting_that_people_write_is_answered(client: Client) -> None:
    assert client.query("ASK " + "{" * 20 + "}" * 20).json["boolean"] is True


# Odd characters.


@pytest.mark.parametrize(
    "text", ["ASK {\0}", "\0", "ASK { ?s <http://e/\0> ?o }", "ASK { ?s ?p \ud7ff }", "\ufeff", "ASK { \x1b[31m }"]
)
def test_odd_characters_are_a_problem_and_no_accident(client: Client, text: str) -> None:
    for answer in (client.query(text), client.post(QUERY, text.encode())):
        assert (answer.status, answer.media_type) == (400, PROBLEM)
    assert is_well(client)


@pytest.mark.parametrize("name", ["json", "csv", "tsv"])
def test_a_nul_in_a_literal_comes_back(client: Client, name: str) -> None:
    answer = client.query(r'SELECT ("a\u0000b" AS ?x) {}', {"format": name})
    assert answer.status == 200
    assert b"\0" in answer.body or rb"\u0000" in answer.body


@pytest.mark.parametrize("path", ["/%00", "/sparql%00", "/static/%2e%2e/%2e%2e/__init__.py", "/static/../site.py", "/" + "a" * 5000])  # fmt: skip  # noqa: E501
def test_an_odd_path_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status in {404, 308}
    assert is_well(client)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "," * 5000},
        {"Accept": ";q=" * 2000},
        {"Accept": 'a/b;c="' + "\\" * 5000},
        {"Accept-Language": "-" * 5000},
        {"Accept": "*/*;q=1e9"},
        {"Accept": "\xff\xfe"},
    ],
    ids=["commas", "qualities", "quoted", "language", "exponent", "octets"],
)
def test_an_odd_header_is_read_as_none(client: Client, headers: dict[str, str]) -> None:
    assert client.send("GET", "/sparql", {"query": "ASK {}"}, headers).status == 200


# Documents that a careless parser would follow: the endpoint parses none that it is sent.

ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE r [ <!ENTITY a "aaaaaaaaaa"> <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"> <!ENTITY x SYSTEM "URL"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:">
<rdf:Description><e:p>&x;&b;</e:p></rdf:Description></rdf:RDF>
"""
DOCUMENTS = {
    "application/ld+json": '{"@context": "URLcontext.jsonld", "@id": "urn:s", "urn:p": 1}',
    "application/rdf+xml": ENTITIES,
    "application/xml": ENTITIES,
    "text/turtle": "@base <URL> . <s> <p> 1 .",
}


@pytest.mark.parametrize("media_type", DOCUMENTS)
def test_a_document_that_names_another_server_is_refused_and_not_followed(
    client: Client, canary: Canary, media_type: str
) -> None:
    body = DOCUMENTS[media_type].replace("URL", canary.url).encode()
    assert client.post(media_type, body).status == 415
    for method in ("PUT", "POST"):
        answer = client.send(method, "/graphs", {"graph": "urn:g"}, {"Content-Type": media_type}, body)
        assert (answer.status, answer.media_type) == (403, PROBLEM)
    assert canary.visits == 0


@pytest.mark.parametrize(
    "name", ["Referer", "X-Forwarded-Host", "X-Original-URL", "Forwarded", "Link", "Content-Location"]
)
def test_an_address_in_a_header_is_not_visited(client: Client, canary: Canary, name: str) -> None:
    client.send("GET", "/sparql", {"query": "ASK {}"}, {name: canary.url, "Accept": "application/ld+json"})
    client.send("GET", "/catalog.jsonld", headers={name: canary.url})
    assert canary.visits == 0


# Requests that are not quite HTTP, or come slowly.


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nContent-Length: 40\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 4, 40\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b" folded: x\r\n",
        b"No-colon\r\n",
        b"Nul: a\0b\r\n",
    ],
)
def test_a_malformed_head_is_refused_and_what_follows_is_no_request(client: Client, head: bytes) -> None:
    start = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    said = client.spoken(start + head + b"\r\n" + SMUGGLED)
    assert said.count(b"HTTP/1.1 ") <= 1
    assert said.startswith(b"HTTP/1.1 4") or not said
    assert is_well(client)


def test_a_query_cannot_write_headers(client: Client) -> None:
    for path in (
        "/sparql?format=csv%0d%0aX-Evil:%201&query=ASK%7B%7D",
        "/%0d%0aX-Evil:%201",
        "/sparql?lang=%0d%0aX-Evil:1",
    ):
        assert "X-Evil" not in client.get(path).headers


def test_a_method_in_a_header_does_not_count(client: Client) -> None:
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert client.send("GET", "/graphs", {"default": ""}, {name: "DELETE"}).status == 200


@pytest.mark.parametrize(
    "start",
    [
        b"GET /sparql HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 99\r\n\r\nASK",
    ],
    ids=["head", "body"],
)
def test_sixty_slow_clients_keep_nobody_waiting(client: Client, start: bytes) -> None:
    host, port = client.base.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(socket.create_connection((host, int(port)))).sendall(start)
        seconds = []
        for _ in range(9):
            begin = time.monotonic()
            assert is_well(client)
            seconds.append(time.monotonic() - begin)
    assert sorted(seconds)[4] < 1


# What ends or stops a server. Each query goes to a server of its own, which is replaced when it is gone.


class Fragile:
    """A server over a tiny graph that is started again after it has died or got stuck."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._client = Client("")

    def client(self) -> Client:
        """Return a client of a server that answers."""
        if self._process is None:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            command = [sys.executable, "-m", "territoires", "--root", str(self.root), "serve", "--port", str(port)]
            self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
            self._client = Client(f"http://127.0.0.1:{port}", timeout=ANSWER_IN_SECONDS)
            while not self._answers():
                assert self._process.poll() is None, "the server did not start"
                time.sleep(0.05)
        return self._client

    def end(self) -> None:
        """End the server and its workers at once; the next client has a new one."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            return is_well(self._client)
        except OSError:
            return False


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    """Return a server that tests may kill."""
    root = tmp_path_factory.mktemp("tiny")
    for name in ("ontology", "data", "shapes", "queries"):
        (root / name).mkdir()
        if name != "queries":
            (root / name / "one.ttl").write_text("<urn:s> <urn:p> 1 .\n", encoding="utf-8")
    server = Fragile(root)
    yield server
    server.end()


def outcome(fragile: Fragile, text: str) -> str:
    """Say how a server of its own took the query."""
    client = fragile.client()
    try:
        status = client.post(QUERY, text.encode()).status
        assert is_well(client)
    except TimeoutError:
        fragile.end()
        return f"no answer in {ANSWER_IN_SECONDS} s"
    except OSError:
        fragile.end()
        return "the worker died"
    return "answered" if status in {200, 400, 413} else f"status {status}"


WIDE = {
    "groups": "ASK { " + "{?a ?b 1}" * 9_000 + " }",
    "VALUES blocks": "ASK { " + "VALUES?x{1}" * 8_000 + " }",
    "GRAPH blocks": "ASK { " + "GRAPH?g{}" * 10_000 + " }",
    "triples": "ASK { " + "?s?p 1." * 12_000 + " }",
    "objects": "ASK { ?s?p " + "1," * 45_000 + "1 }",
    "list members": "ASK { ?s?p(" + "1 " * 45_000 + ") }",
    "selected expressions": "SELECT " + "".join(f"(1AS?{number:x})" for number in range(8_000)) + "{}",
    "aggregates": "SELECT " + "".join(f"(SUM(1)AS?{number:x})" for number in range(6_000)) + "{}",
    "sort keys": "SELECT * {} ORDER BY" + "(1)" * 30_000,
    "group keys": "SELECT (1 AS ?y) {} GROUP BY " + "(1)" * 30_000,
    "conditions": "SELECT (COUNT(*) AS ?n) {} HAVING" + "(1)" * 30_000,
    "arguments": "ASK { BIND(CONCAT(" + "1," * 40_000 + "1) AS ?x) }",
    "data rows": "ASK { VALUES ?x { " + "1 " * 45_000 + "} }",
    "template": "CONSTRUCT { " + "?s?p 1." * 12_000 + "} {}",
    "sources": "ASK " + "FROM<a:>" * 12_000 + "{}",
    "prefixes": "PREFIX a:<a:>" * 7_000 + "ASK{}",
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_a_wide_query_does_not_end_the_server(fragile: Fragile, text: str) -> None:
    assert outcome(fragile, text) == "answered"


BOMBS = {
    "300 patterns": "ASK { " + " ".join(f"?v{number} ?p{number} ?v{number + 1} ." for number in range(300)) + " }",
    "nested lists": "ASK { ?s ?p " + "(" * 60 + "1" + ")" * 60 + " }",
    "nested optionals": "ASK { " + "OPTIONAL { ?s ?p ?o " * 60 + "}" * 60 + " }",
    "catastrophic REGEX": "ASK { FILTER(REGEX('" + "a" * 5_000 + "!', '^(a+)+$')) }",
    "REGEX that grows": "ASK { FILTER(REGEX('a', '((a{100}){100}){100}')) }",
    "catastrophic REPLACE": "SELECT (REPLACE('" + "a" * 5_000 + "!', '(a*)*b', 'x') AS ?x) {}",
    "growing REPLACE": "SELECT (STRLEN(?c) AS ?n) { BIND(REPLACE('"
    + "a" * 1_000
    + "', 'a', '"
    + "a" * 1_000
    + "') AS ?a) BIND(REPLACE(?a, 'a', '"
    + "a" * 100
    + "') AS ?b) BIND(REPLACE(?b, 'a', '"
    + "a" * 100
    + "') AS ?c) }",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_answered_or_refused_and_harms_nobody(client: Client, text: str) -> None:
    answer = client.post(QUERY, text.encode())
    assert answer.status in {200, 400, 413, 504}
    assert is_well(client)


SLOW = {
    "dotted words": "ASK { " + "a." * 20_000 + "}",
    "dotted numbers": "ASK { " + "1a." * 13_000 + "}",
    "one long word": "ASK { " + "a" * 40_000 + "}",
    "names": "ASK { " + "a:" * 20_000 + "}",
    "open strings": "ASK { " + "'''\\" * 10_000 + "}",
    "quotes": "ASK { " + "\"'" * 20_000 + "}",
    "angles": "ASK { " + "<a" * 900 + "a" * 30_000 + "}",
    "spaces": "ASK { " + " " * 40_000 + "}",
    "dashes": "ASK { ?s ?p a" + "-a" * 1_900 + "}",
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_a_long_query_is_judged_in_a_moment(fragile: Fragile, text: str) -> None:
    assert outcome(fragile, text) == "answered"


def test_the_shared_server_still_answers(client: Client) -> None:
    assert is_well(client)
