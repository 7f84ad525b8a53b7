"""What a request must be before it is answered, and what slow or careless clients can do to others."""

from __future__ import annotations

import contextlib
import gzip
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.conftest import running_server
from tests.protocol.conftest import FORM, PROBLEM, QUERY, Client

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import load
from territoires.root import Root
from territoires.settings import Settings
from territoires.web import create_app

ASK = "/sparql?query=ASK%7B%7D"
POST = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {QUERY}\r\n".encode()
SLOTS = 10


# Host (RFC 9112 §3.2).


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["a", "b"],
        ["a b"],
        ["<a>"],
        ["example.org/x?y#z"],
        ["user@example.org"],
        ["a:b"],
        ["[::1"],
    ],
    ids=str,
)
def test_a_host_that_is_none_or_two_is_refused(client: Client, hosts: list[str]) -> None:
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    said = client.spoken(f"GET {ASK} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 400 ")
    assert PROBLEM.encode() in said


@pytest.mark.parametrize("host", ["example.org", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "a_b.example"])
def test_any_other_host_is_that_of_the_endpoint(client: Client, host: str) -> None:
    sent = f"GET /sparql HTTP/1.1\r\nHost: {host}\r\nAccept: text/turtle\r\nConnection: close\r\n\r\n"
    assert f"<http://{host}/sparql>".encode() in client.spoken(sent.encode())


def test_http_1_0_needs_no_host(client: Client) -> None:
    said = client.spoken(b"GET /sparql HTTP/1.0\r\nAccept: text/turtle\r\n\r\n")
    assert said.startswith(b"HTTP/1.0 200 ")
    assert b"<http://127.0.0.1" in said


# Bodies (RFC 9112 §6, §8; RFC 9110 §8.4).


def test_a_body_that_breaks_off_is_no_shorter_query(client: Client) -> None:
    said = client.spoken(POST + b"Content-Length: 60\r\n\r\nASK {}", half_close=True)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"6 of 60" in said


def test_a_transfer_coding_that_is_not_read_is_not_guessed(client: Client) -> None:
    said = client.spoken(
        POST + b"Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"
    )
    assert said.startswith(b"HTTP/1.1 501 ")


@pytest.mark.parametrize("content_type", [QUERY, FORM])
def test_a_coded_body_is_refused(client: Client, content_type: str) -> None:
    answer = client.post(content_type, gzip.compress(b"ASK {}"), Content_Encoding="gzip")
    assert (answer.status, answer.json["code"]) == (415, "unsupported-media-type")
    assert "gzip" in answer.json["detail"]
    assert client.post(QUERY, b"ASK {}", Content_Encoding="identity").status == 200


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "nonsense"])
@pytest.mark.parametrize("content_type", [QUERY, FORM])
def test_a_body_in_another_charset_is_refused(client: Client, content_type: str, charset: str) -> None:
    answer = client.post(f"{content_type}; charset={charset}", b"query=ASK {}")
    assert (answer.status, answer.json["code"]) == (415, "unsupported-media-type")
    assert charset in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "content_type", "size", "status"),
    [
        ("POST", "/sparql", "text/plain", 10, 415),
        ("POST", "/sparql", QUERY, 10, 400),
        ("PUT", "/sparql", QUERY, 10, 405),
        ("PUT", "/graphs?default", "text/turtle", 10, 403),
        ("POST", "/nowhere", "text/plain", 10, 404),
        ("GET", ASK, "text/plain", 10, 200),
        ("POST", "/sparql", QUERY, 1_200_000, 413),
        ("POST", "/sparql", QUERY, 10_000_000, 413),
        ("POST", "/nowhere", QUERY, 1_200_000, 413),
    ],
)
def test_whatever_the_answer_its_client_can_read_it_and_go_on(
    client: Client, method: str, path: str, content_type: str, size: int, status: int
) -> None:
    with contextlib.closing(HTTPConnection(client.base.removeprefix("http://"), timeout=10)) as connection:
        connection.request(method, path, b"x" * size, {"Content-Type": content_type})
        response = connection.getresponse()
        assert (response.status, len(response.read()) > 0) == (status, True)
        connection.request("GET", ASK)
        assert connection.getresponse().status == 200


# Slow clients.


@pytest.fixture(scope="module")
def few_slots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Return a client of a server that waits for ten slow clients."""
    file = tmp_path_factory.mktemp("slow") / "one.ttl"
    file.write_text("<urn:s> <urn:p> 1 .\n", encoding="utf-8")
    serve = ["--data", str(file), "--no-check"]
    with running_server([], serve=serve, TERRITOIRES_SLOW_CLIENTS=str(SLOTS)) as url:
        yield Client(url, timeout=5)


def median_of_asking(client: Client) -> float:
    seconds = []
    for _ in range(9):
        begin = time.monotonic()
        assert client.get("/sparql", {"query": "ASK {}"}).json["boolean"] is True
        seconds.append(time.monotonic() - begin)
    return sorted(seconds)[4]


def test_however_many_bodies_come_slowly_queries_by_get_are_answered(few_slots: Client) -> None:
    host, port = few_slots.base.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        for _ in range(SLOTS * 20):
            slow = stack.enter_context(socket.create_connection((host, int(port))))
            slow.sendall(POST + b"Content-Length: 99\r\n\r\nASK")
        time.sleep(0.5)
        assert median_of_asking(few_slots) < 0.2
        assert few_slots.get("/health").status == 200
        refused = few_slots.post(QUERY, b"ASK {}")
        assert (refused.status, refused.json["code"]) == (503, "overloaded")
        assert int(refused.headers["Retry-After"]) > 0
    until = time.monotonic() + 5
    while few_slots.post(QUERY, b"ASK {}").status == 503:
        assert time.monotonic() < until, "the slots are not given back"
        time.sleep(0.1)


def test_a_large_answer_that_nobody_reads_takes_a_slot_until_it_is_given_up(root: Root, tmp_path: Path) -> None:
    file = tmp_path / "many.nt"
    file.write_text("".join(f"<urn:s{number}> <urn:p> <urn:o> .\n" for number in range(60_000)), encoding="utf-8")
    graph = load(replace(root, dataset=file))
    client = create_app(graph.root, EmbeddedEngine(graph), Settings(slow_clients=1)).test_client()
    large, small = "/sparql?query=SELECT*{?s?p?o}", "/sparql?query=ASK{}"
    unread = client.get(large, buffered=False)
    assert unread.status_code == 200
    assert (client.get(large).status_code, client.get(small).status_code) == (503, 200)
    unread.close()
    for method in ("GET", "HEAD", "HEAD", "GET"):
        assert client.open(large, method=method, buffered=True).status_code == 200
