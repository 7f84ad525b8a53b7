"""What the engine does when servers fail, lie or are gone: servers of this test, each with its own answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from territoires.engine import published
from territoires.engine.circuit import Circuit
from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import hold
from territoires.engine.published import Published
from territoires.engine.remote import RemoteEngine, remote_urls
from territoires.errors import (
    OverloadedError,
    QueryEvaluationError,
    QueryRefusedError,
    QueryTimeoutError,
    RequestError,
    ResultTooLargeError,
    UnknownGraphError,
)
from territoires.formats import format_named
from territoires.guard import admit
from territoires.settings import Settings

JSON = format_named("json")
GRAPH = "http://example.org/graph"
YES = b'{"head":{},"boolean":true}'
ASK = admit("ASK { ?s ?p ?o }")


@dataclass
class Fake:
    """A server that says what it holds, and answers queries as the test wants."""

    state: Published | None = field(default_factory=lambda: Published("v1", {GRAPH: "1"}, (GRAPH,)))
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: say(handler, 200, YES)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    url: str = ""
    gone: threading.Event = field(default_factory=threading.Event)
    server: ThreadingHTTPServer | None = None

    def close(self) -> None:
        """Listen no more, and hang up on who comes over a connection that is open."""
        self.gone.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", JSON.media_type)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def fake() -> Iterator[Fake]:
    """Run a server for the length of the block, or until `close`."""
    told = Fake()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            if told.gone.is_set():
                hang_up(self)
                return
            fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if fields["query"][0] in {published.ALL, published.VERSION}:
                say(self, 200, self._state(fields["query"][0]))
            else:
                told.asked.append(fields)
                told.answer(self)

        def _state(self, text: str) -> bytes:
            store = ox.Store()
            if told.state:
                store.load(
                    told.state.to_ntriples(), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(published.PUBLISHED)
                )
            found = store.query(text)
            assert isinstance(found, ox.QuerySolutions)
            return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/sparql"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    told.server = server
    try:
        yield told
    finally:
        told.close()
        thread.join()


@pytest.fixture
def one() -> Iterator[Fake]:
    with fake() as server:
        yield server


@pytest.fixture
def two() -> Iterator[Fake]:
    with fake() as server:
        yield server


def looked(*servers: Fake, **limits: int) -> RemoteEngine:
    """Return an engine that has looked once, and does not look by itself."""
    engine = RemoteEngine([server.url for server in servers], Settings(**limits))
    engine.look()
    return engine


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


def test_it_knows_the_version_and_the_graphs_without_loading(one: Fake) -> None:
    engine = looked(one)
    assert (engine.ready, engine.version, engine.graphs) == (True, "v1", (GRAPH,))


def test_another_version_is_seen_at_the_next_look(one: Fake) -> None:
    engine = looked(one)
    one.state = Published("v2", {GRAPH: "2", f"{GRAPH}/2": "1"}, (GRAPH,))
    engine.look()
    assert (engine.version, engine.graphs) == ("v2", (GRAPH, f"{GRAPH}/2"))


def test_a_query_names_its_default_graph_and_the_named_ones_only_where_it_asks_for_them(one: Fake) -> None:
    engine = looked(one)
    engine.run(ASK, JSON)
    engine.run(admit("ASK { GRAPH ?g { ?s ?p ?o } }"), JSON)
    plain, named = one.asked
    assert plain["default-graph-uri"] == named["default-graph-uri"] == [GRAPH]
    assert "named-graph-uri" not in plain
    assert named["named-graph-uri"] == [GRAPH]


def test_a_server_that_is_gone_gives_way_to_the_next(one: Fake, two: Fake) -> None:
    engine = looked(one, two)
    one.close()
    assert engine.run(ASK, JSON) == YES
    assert len(two.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_server_that_is_busy_gives_way_to_the_next(one: Fake, two: Fake, status: int) -> None:
    one.answer = lambda handler: say(handler, status, b"busy")
    assert looked(one, two).run(ASK, JSON) == YES
    assert (len(one.asked), len(two.asked)) == (1, 1)


@pytest.mark.parametrize("status", [400, 500])
def test_a_query_that_a_server_cannot_answer_is_not_put_to_the_next(one: Fake, two: Fake, status: int) -> None:
    one.answer = lambda handler: say(handler, status, b"no such function")
    with pytest.raises(QueryEvaluationError, match="no such function"):
        looked(one, two).run(ASK, JSON)
    assert two.asked == []


def test_a_query_during_which_connections_are_lost_is_sent_twice_at_most(one: Fake, two: Fake) -> None:
    with fake() as three:
        one.answer = two.answer = hang_up
        with pytest.raises(OverloadedError):
            looked(one, two, three).run(ASK, JSON)
        assert (len(one.asked), len(two.asked), len(three.asked)) == (1, 1, 0)


def test_an_answer_that_is_cut_is_none(one: Fake) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        say(handler, 200, YES[:10], length=len(YES))
        hang_up(handler)

    one.answer = cut
    with pytest.raises(OverloadedError):
        looked(one).run(ASK, JSON)


def test_an_answer_that_is_no_answer_is_an_error(one: Fake) -> None:
    one.answer = lambda handler: say(handler, 200, b"<html>")
    with pytest.raises(QueryEvaluationError, match="cannot be read"):
        looked(one).run(ASK, JSON)


@pytest.mark.parametrize("late", ["silent", "slow", "504", "anytime"])
def test_a_query_past_its_time_is_stopped_and_put_to_nobody_else(one: Fake, two: Fake, late: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if late == "504":
            say(handler, 504, b"")
        elif late == "anytime":
            say(handler, 200, YES, X_SQL_State="S1TAT")
        else:
            if late == "slow":
                say(handler, 200, b"{", length=100)
            for _ in range(15):
                time.sleep(0.1)
                if late == "slow":
                    handler.wfile.write(b" ")

    one.answer = answer
    with pytest.raises(QueryTimeoutError):
        looked(one, two, query_timeout=1).run(ASK, JSON)
    assert two.asked == []


def test_an_answer_past_the_limit_is_refused_while_it_comes(one: Fake) -> None:
    one.answer = lambda handler: say(handler, 200, b" " * 2_000, length=10**9)
    with pytest.raises(ResultTooLargeError):
        looked(one, max_result_bytes=1_000).run(ASK, JSON)


def test_no_redirection_is_followed(one: Fake, two: Fake) -> None:
    one.answer = lambda handler: say(handler, 307, b"", Location=two.url)
    with pytest.raises(QueryEvaluationError):
        looked(one).run(ASK, JSON)
    assert two.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (<bif:sleep>(9) AS ?x) {}",
        "PREFIX b: <bif:> SELECT (b:http_get('http://127.0.0.1/') AS ?x) {}",
        "PREFIX b: <\\u0062if:> SELECT (b:sleep(9) AS ?x) {}",
        "SELECT * { ?s <SQL:x> ?o }",
    ],
)
def test_functions_of_a_server_s_own_are_not_sent(one: Fake, text: str) -> None:
    with pytest.raises(QueryRefusedError):
        looked(one).run(admit(text), JSON)
    assert one.asked == []


@pytest.mark.parametrize(
    "text",
    ["ASK FROM <http://example.org/other> { ?s ?p ?o }", f"ASK FROM NAMED <{published.PUBLISHED}> {{ ?s ?p ?o }}"],
)
def test_a_graph_that_was_not_published_is_not_asked_for(one: Fake, text: str) -> None:
    with pytest.raises(UnknownGraphError):
        looked(one).run(admit(text), JSON)
    assert one.asked == []


def test_a_server_of_another_version_is_not_asked(one: Fake, two: Fake) -> None:
    two.state = Published("v0", {GRAPH: "0"}, (GRAPH,))
    engine = looked(one, two)
    one.answer = lambda handler: say(handler, 503, b"")
    with pytest.raises(OverloadedError):
        engine.run(ASK, JSON)
    assert two.asked == []


def test_who_holds_a_version_begins_again_when_only_another_one_is_left(one: Fake, two: Fake) -> None:
    two.state = Published("v0", {GRAPH: "0"}, (GRAPH,))
    engine = looked(one, two)
    with hold(engine):
        assert engine.version == "v1"
        one.close()
        for _ in range(3):
            engine.look()
        with pytest.raises(DatasetChangedError):
            engine.run(ASK, JSON)
    assert engine.version == "v0"
    assert engine.run(ASK, JSON) == YES


def test_without_any_server_it_is_not_ready(one: Fake) -> None:
    engine = looked(one)
    one.close()
    for _ in range(3):
        engine.look()
    assert not engine.ready
    with pytest.raises(OverloadedError):
        engine.run(ASK, JSON)


def test_where_nothing_was_published_it_says_how(one: Fake) -> None:
    one.state = None
    with pytest.raises(RequestError, match="nothing was published") as caught:
        RemoteEngine.connect([one.url], Settings())
    assert caught.value.hint
    assert "territoires publish" in caught.value.hint.en


def test_more_queries_at_once_than_wait_are_refused(one: Fake) -> None:
    going, gate = threading.Event(), threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        going.set()
        gate.wait(5)
        say(handler, 200, YES)

    one.answer = wait
    engine = looked(one, query_workers=1, query_queue=1)
    threads = [threading.Thread(target=engine.run, args=(ASK, JSON)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert going.wait(5)
    while engine._waiting < 2:  # noqa: SLF001
        time.sleep(0.01)
    with pytest.raises(OverloadedError, match="waiting already"):
        engine.run(ASK, JSON)
    gate.set()
    for thread in threads:
        thread.join()
    assert len(one.asked) == 2


def test_endings_are_told(one: Fake, two: Fake) -> None:
    told: list[tuple[str, str]] = []
    engine = RemoteEngine([one.url, two.url], Settings(), lambda url, ending: told.append((url, ending)))
    engine.look()
    one.close()
    engine.run(ASK, JSON)
    assert [ending for url, ending in told if url == two.url] == ["ok"]
    assert {ending for url, ending in told if url == one.url} <= {"unreached", "lost"}


def test_a_circuit_opens_after_three_failures_and_is_tried_by_one_after_each_pause() -> None:
    now = 0.0
    circuit = Circuit(lambda: now)
    for _ in range(2):
        circuit.failed()
    assert circuit.closed
    circuit.failed()
    assert (circuit.closed, circuit.may_try()) == (False, False)
    now = 2.0
    assert [circuit.may_try(), circuit.may_try()] == [True, False]
    circuit.failed()
    now = 5.9
    assert not circuit.may_try()
    now = 6.0
    assert circuit.may_try()
    circuit.worked()
    assert circuit.closed


@pytest.mark.parametrize("url", ["ftp://h/x", "http://user:secret@h/x", "http:///x"])
def test_an_address_is_of_the_web_and_holds_no_password(url: str) -> None:
    with pytest.raises(RequestError):
        remote_urls(url)


def test_a_pool_s_socket_is_no_address() -> None:
    assert remote_urls("/run/territoires/socket") == ()
