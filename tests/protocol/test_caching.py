"""What caches and slow lines need: entity tags, 304, content codings, Vary (RFC 9110 §8, §12.5, §13.1; RFC 9111)."""

from __future__ import annotations

import gzip
import re
import time
from pathlib import Path

import brotli
import pytest
from tests.conftest import running_server
from tests.protocol.conftest import BASE, BROWSER, JSON, QUERY, Answer, Client

SELECT = "SELECT ?s { ?s a ?type } ORDER BY ?s LIMIT 20"
OTHER = "SELECT ?s { ?s a ?type } ORDER BY ?s LIMIT 21"
DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
VOLATILE = [
    "SELECT (NOW() AS ?x) {}",
    "SELECT (rand() AS ?x) {}",
    "SELECT (UUID() AS ?x) {}",
    "SELECT (STRUUID() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "CONSTRUCT { ?s <urn:x:p> [] } { ?s a ?type } LIMIT 1",
    "CONSTRUCT { _:x <urn:x:p> ?s } { ?s a ?type } LIMIT 1",
    "CONSTRUCT { ?s <urn:x:p> (1 2) } { ?s a ?type } LIMIT 1",
]
STEADY = [
    SELECT,
    "ASK { ?s ?p 'NOW()' }",
    "SELECT ?now { ?now a [] } LIMIT 1",
    "CONSTRUCT { ?s a ?type } { ?s a ?type FILTER(?s != [] || (1 = 1)) } LIMIT 1".replace("?s != [] || ", ""),
    "CONSTRUCT { ?s <urn:x:p> 1 } { ?s a ?type . _:b a ?type } LIMIT 1",
]
PATHS = ["/sparql", "/.well-known/void", "/catalog", "/graph/catalogue", "/graphs?default", "/dump.nq"]


def tag(answer: Answer) -> str:
    value = answer.headers["ETag"]
    assert value.startswith('"'), "a strong tag"
    return str(value)


@pytest.mark.parametrize("text", STEADY)
def test_the_same_query_has_the_same_tag_and_bytes(client: Client, text: str) -> None:
    one, two = client.query(text), client.query(text)
    assert one.status == 200, one.text
    assert (tag(one), one.body) == (tag(two), two.body)
    assert "must-revalidate" in one.listed("Cache-Control")


def test_whatever_changes_the_answer_changes_the_tag(client: Client) -> None:
    ask = "ASK {}"
    answers = [
        client.query(SELECT),
        client.query(OTHER),
        client.query(SELECT, Accept="text/csv"),
        client.query(SELECT, Accept_Encoding="gzip"),
        client.query(SELECT, Accept_Encoding="br"),
        client.query(SELECT, {"default-graph-uri": f"{BASE}graph/catalogue"}),
        client.query(SELECT, Accept=BROWSER, Accept_Language="fr"),
        client.query(SELECT, Accept=BROWSER, Accept_Language="en"),
        client.query(ask),
        *(client.get(path) for path in PATHS),
    ]
    assert len({tag(answer) for answer in answers}) == len(answers)


def test_another_dataset_has_other_tags(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "other.nt"
    file.write_text("<urn:x:a> <urn:x:p> <urn:x:b> .\n", encoding="utf-8")
    with running_server([], serve=["--data", str(file), "--no-check"]) as url:
        assert tag(Client(url).query("ASK {}")) != tag(client.query("ASK {}"))


@pytest.mark.parametrize("text", VOLATILE)
def test_an_answer_that_may_differ_is_not_kept(client: Client, text: str) -> None:
    answer = client.query(text)
    assert answer.status == 200, answer.text
    assert "ETag" not in answer.headers
    assert answer.listed("Cache-Control") == {"no-store"}


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', 'W/"x" ,W/{}', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(client: Client, form: str, method: str) -> None:
    got = client.query(SELECT)
    again = client.send(method, "/sparql", {"query": SELECT}, {"If-None-Match": form.format(tag(got))})
    assert (again.status, again.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
        assert again.headers[name] == got.headers[name], name
    assert "Content-Type" not in again.headers


@pytest.mark.parametrize("path", PATHS)
def test_every_document_can_be_revalidated(client: Client, path: str) -> None:
    assert client.get(path, If_None_Match=tag(client.get(path))).status == 304


@pytest.mark.parametrize("form", ['"x"', "x", '"', ""])
def test_another_tag_gets_the_answer(client: Client, form: str) -> None:
    assert client.query(SELECT, If_None_Match=form).status == 200


def test_the_tag_of_one_coding_does_not_stand_for_another(client: Client) -> None:
    plain = tag(client.query(SELECT))
    assert client.query(SELECT, If_None_Match=plain, Accept_Encoding="gzip").status == 200


def test_an_error_is_never_304(client: Client) -> None:
    answer = client.query("SELECT", If_None_Match="*")
    assert answer.status == 400
    assert "ETag" not in answer.headers


def test_an_answer_to_a_post_is_not_kept(client: Client) -> None:
    answer = client.post(QUERY, SELECT.encode(), If_None_Match="*")
    assert (answer.status, answer.listed("Cache-Control")) == (200, {"no-store"})


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "br"),
        ("GZIP", "gzip"),
        ("gzip, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0.5, identity", None),
        ("identity", None),
        ("", None),
        ("deflate", None),
        ("gzip;q=0", None),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("*", "br"),
        ("gzip;q=much", None),
    ],
)
def test_an_answer_is_coded_as_the_client_wants_most(client: Client, header: str, coding: str | None) -> None:
    answer = client.query(SELECT, Accept_Encoding=header)
    assert answer.headers["Content-Encoding"] == coding
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert DECODERS[coding](answer.body) == client.query(SELECT).body
    assert {"accept", "accept-encoding", "accept-language"} <= answer.listed("Vary")


@pytest.mark.parametrize("header", ["identity;q=0", "*;q=0", "identity;q=0, deflate", "identity;q=0, *;q=0"])
def test_a_client_that_takes_no_coding_we_have_is_told_which_there_are(client: Client, header: str) -> None:
    answer = client.query(SELECT, Accept_Encoding=header)
    assert answer.status == 406
    assert "gzip" in answer.json["hint"]


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_an_answer_that_is_sent_piece_by_piece_is_coded_too(client: Client, coding: str) -> None:
    plain, coded = client.get("/dump.nq"), client.get("/dump.nq", Accept_Encoding=coding)
    assert int(plain.headers["Content-Length"]) == len(plain.body) > 1_000_000
    assert coded.headers["Content-Encoding"] == coding
    assert DECODERS[coding](coded.body) == plain.body
    assert client.send("HEAD", "/dump.nq").headers["Content-Length"] == plain.headers["Content-Length"]


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_problems_and_pages_are_coded_too(client: Client, coding: str) -> None:
    problem = client.query("SELECT", Accept_Encoding=coding)
    assert b'"status": 400' in DECODERS[coding](problem.body)
    assert "accept-encoding" in problem.listed("Vary")
    home = client.get("/", Accept_Encoding=coding)
    assert b"</html>" in DECODERS[coding](home.body)


def test_head_tells_the_coded_length(client: Client) -> None:
    headers = {"Accept-Encoding": "gzip", "Accept": JSON}
    got, head = (client.send(method, "/sparql", {"query": SELECT}, headers) for method in ("GET", "HEAD"))
    assert head.body == b""
    for name in ("Content-Length", "Content-Encoding", "ETag"):
        assert head.headers[name] == got.headers[name], name


@pytest.mark.parametrize("path", ["/", "/sparql?query=ASK%7B%7D", "/health", "/nowhere", "/static/style.css"])
def test_every_answer_says_what_caches_may_do_and_names_no_program(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"]
    assert not answer.headers.get("Server")
    assert "X-Powered-By" not in answer.headers


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_files_of_the_site_are_coded_and_known_again(client: Client, coding: str) -> None:
    plain = client.get("/static/style.css")
    coded = client.get("/static/style.css", Accept_Encoding=coding)
    assert coded.headers["Content-Encoding"] == coding
    assert len(coded.body) < len(plain.body) / 2
    assert coded.headers["ETag"].startswith("W/")
    again = client.get("/static/style.css", Accept_Encoding=coding, If_None_Match=coded.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    part = client.get("/static/style.css", Accept_Encoding=coding, Range="bytes=0-9")
    assert (part.status, part.body) == (206, plain.body[:10])


# RFC 9110 §13.1.1: an answer of another version than the one asked for is no answer.


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_match_gives_that_version_or_none(client: Client, method: str) -> None:
    have = tag(client.query(SELECT))

    def status(wanted: str) -> int:
        return client.send(method, "/sparql", {"query": SELECT}, {"If-Match": wanted}).status

    assert [status(wanted) for wanted in (have, f'"x", {have}', "*")] == [200, 200, 200]
    assert [status(wanted) for wanted in ('"x"', f"W/{have}", '"x", "y"')] == [412, 412, 412]


def test_if_match_does_not_hide_an_error(client: Client) -> None:
    assert client.query("nonsense", If_Match='"x"').status == 400
    assert client.get("/graph/none", If_Match="*").status == 404


def test_an_answer_is_given_again_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "some.nt"
    file.write_text("<urn:x:a> <urn:x:p> <urn:x:b> .\n", encoding="utf-8")
    asked: list[tuple[str, dict[str, str]]] = [
        ("/sparql?query=ASK%7B%7D", {}),
        ("/sparql?query=ASK%7B%7D", {"Accept": BROWSER, "Accept-Language": "en", "Accept-Encoding": "br"}),
        ("/sparql?query=SELECT*%7B%3Fs%3Fp%3Fo%7D", {"Accept": "text/csv", "Accept-Encoding": "gzip"}),
        ("/dump.nq", {}),
    ]

    def told(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
        return answer.status, [pair for pair in answer.headers.items() if pair[0] != "date"], answer.body

    for megabytes, hits in (("1", 2 * len(asked)), ("0", 0)):
        with running_server([], serve=["--data", str(file), "--no-check"], TERRITOIRES_RESPONSE_CACHE=megabytes) as url:
            client = Client(url)
            made, again = ([client.send("GET", path, headers=headers) for path, headers in asked] for _ in range(2))
            assert [told(answer) for answer in made] == [told(answer) for answer in again]
            for answer, (path, headers) in zip(made, asked, strict=True):
                had = client.send("GET", path, headers=headers | {"If-None-Match": tag(answer)})
                assert (had.status, tag(had), had.body) == (304, tag(answer), b"")
            until = time.monotonic() + 10
            while cached(client) != hits:
                assert time.monotonic() < until  # a request is counted when its answer has gone out


def cached(client: Client) -> float:
    numbers = re.findall(r"^territoires_http_cached_total\{.*\} (.*)$", client.get("/metrics").text, re.MULTILINE)
    return sum(map(float, numbers))


def test_what_is_unfinished_is_not_given_again(client: Client) -> None:
    # Whether the exports are written depends on what was asked before; only a whole page may be kept.
    page = client.get("/exports/", Accept=BROWSER)
    kept = "public" in page.listed("Cache-Control")
    assert ("no-cache" in page.listed("Cache-Control")) is not kept
    assert tag(page)
    until = time.monotonic() + 120
    while "public" not in client.get("/exports/", Accept=BROWSER).listed("Cache-Control"):
        assert time.monotonic() < until
        time.sleep(0.5)
    done = client.get("/exports/", Accept=BROWSER)
    assert tag(done) != tag(page) or kept
    assert "public" in client.get("/catalog", Accept="text/turtle").listed("Cache-Control")
