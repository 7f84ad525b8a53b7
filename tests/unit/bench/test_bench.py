"""`territoires bench`: reading what wrk prints, judging answers, the tables, and a small comparison for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from tests.conftest import CHECKOUT

from territoires.bench import known, ours
from territoires.bench.answers import JSON, TURTLE, Said, fetch, media_type
from territoires.bench.answers import read as read_answer
from territoires.bench.chart import chart
from territoires.bench.comparing import Comparison, Facts
from territoires.bench.loads import Load, length, put, read
from territoires.bench.measuring import Pace, Watch, compare
from territoires.bench.peer import Given, Peer, nothing
from territoires.bench.processes import Running
from territoires.bench.questions import QueryClass, mixed, read_classes
from territoires.bench.report import markdown
from territoires.cli.main import cli
from territoires.errors import DataError, Text
from territoires.settings import Settings, variable

PRINTED = """\
Running 3s test @ http://127.0.0.1:8111/sparql?query=ASK%20%7B%7D
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   979.72ms   32.06ms   1.04s    66.67%
    Req/Sec    24.50     33.23    48.00    100.00%
  Latency Distribution
     50%  974.56us
     75%  986.19ms
     90%    1.04s 
     99%    1.04s 
  6 requests in 1.06s, 59.57KB read
{}Requests/sec:      5.66
Transfer/sec:     56.23KB
"""  # noqa: W291  (as wrk writes it)


def test_what_wrk_prints_is_read_in_milliseconds() -> None:
    assert read(PRINTED.format("")) == Load(6, 1.06, 0.97456, 1040.0)
    assert read(PRINTED.format("")).per_second == pytest.approx(6 / 1.06)
    failing = read(PRINTED.format("  Non-2xx or 3xx responses: 3\n"))
    assert failing.wrong == "Non-2xx or 3xx responses: 3"
    with pytest.raises(DataError, match="unable to connect"):
        read("unable to connect to 127.0.0.1:1 Connection refused")


@contextmanager
def saying(body: bytes, status: int = 200, asked: Counter[tuple[str, str]] | None = None) -> Iterator[str]:
    """Serve one answer to everything; count what is asked by path and Accept."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked[self.path, self.headers["Accept"]] += 1
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # wrk ends with its time
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(endpoint: str, query: str) -> Said:
    return read_answer(fetch(endpoint, query)[0], query)


def rows(*cells: dict[str, str]) -> bytes:
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": cell} for cell in cells]}}).encode()


XSD = "http://www.w3.org/2001/XMLSchema#"
ONE = {"type": "literal", "value": "1", "datatype": f"{XSD}integer"}
ALBI = {"type": "literal", "value": "Albi", "xml:lang": "fr"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (rows(ONE, ALBI), rows(ALBI, ONE), True),
        (rows(ONE), rows({"type": "typed-literal", "value": "1.0", "datatype": f"{XSD}decimal"}), True),
        (rows(ALBI), rows({"type": "literal", "value": "Albi"}), False),
        (rows({"type": "literal", "value": "a"}), rows({"type": "uri", "value": "a"}), False),
        (
            rows({"type": "literal", "value": "a"}),
            rows({"type": "literal", "value": "a", "datatype": f"{XSD}string"}),
            True,
        ),
        (rows(ONE, ONE), rows(ONE), False),
    ],
)
def test_answers_are_the_same_whatever_their_order_and_how_numbers_are_written(
    one: bytes, other: bytes, *, same: bool
) -> None:
    with saying(one) as first, saying(other) as second:
        assert (ask(first, "SELECT ?x {}") == ask(second, "SELECT ?x {}")) is same


def test_graphs_are_compared_by_their_triples() -> None:
    assert (media_type("CONSTRUCT { } WHERE { }"), media_type("SELECT * { }")) == (TURTLE, JSON)
    with (
        saying(b"<urn:a> <urn:p> <urn:b> , 1 .") as one,
        saying(b"@prefix u: <urn:> . u:a u:p 1 . u:a u:p u:b .") as two,
    ):
        assert ask(one, "CONSTRUCT {} {}") == ask(two, "CONSTRUCT {} {}")


def test_an_error_is_no_answer() -> None:
    with saying(b"", status=500) as endpoint, pytest.raises(OSError, match="500"):
        ask(endpoint, "ASK {}")


def comparison() -> Comparison:
    classes = [QueryClass("1-point", "one thing", ("ASK {}",)), QueryClass("mix", "the mix", ("ASK {}", "ASK { }"))]
    found = Comparison(classes, [1, 8], servers=["territoires", "oxigraph", "slow"])
    found.facts = {name: Facts(2.0 if name == "oxigraph" else 0.0, 1.5, 50, 100) for name in found.servers}
    found.versions = {"oxigraph": "0.5"}
    for turn, rate in enumerate((100, 300, 200)):
        for query in classes:
            found.loads[query.name, 8, "territoires"][turn] = Load(rate, 1.0, 1, 2)
            found.loads[query.name, 8, "oxigraph"][turn] = Load(200, 2.0, 5, 8)
            found.loads[query.name, 8, "slow"][turn] = Load(0, 60.0, 0, 0)
    found.loads["1-point", 1, "territoires"][0] = Load(100, 1.0, 1, 2)
    found.loads["1-point", 1, "oxigraph"][0] = Load(0, 60.0, 0, 0)
    found.loads["1-point", 1, "slow"][0] = Load(8, 1.0, 0, 0, "Socket errors: timeout 8")
    found.refusals["mix", "slow"] = "HTTP Error 500"
    return found


def test_the_first_table_has_ratios_of_the_same_rounds_with_their_spread() -> None:
    lines = markdown(comparison(), "how").splitlines()
    assert lines[0] == "how"
    assert lines[2].startswith("Answers per second over 8 connections, as a multiple of oxigraph's")
    assert lines[6:9] == [
        "| one thing | **2** (1–3) | 1 = 100/s | > 60 s |",
        "| the mix | **2** (1–3) | 1 = 100/s | HTTP Error 500 |",
        "| 99th percentile of the mix in time: less is better | **0.25** | 1 = 8 ms | HTTP Error 500 |",
    ]
    assert "| oxigraph | 0.5 | 2.0 s | 1.50 s | 50 MiB | 100 MiB |" in lines


def test_the_other_tables_have_milliseconds_and_say_why_where_there_are_none() -> None:
    lines = markdown(comparison(), "how").splitlines()
    assert "| one thing | **2** (1–3); 1 / 2 ms | 100/s; 5 / 8 ms | > 60 s |" in lines
    assert "| one thing | 100/s; 1 / 2 ms | > 60 s | Socket errors: timeout 8; 0 / 0 ms |" in lines
    assert "| the mix | not measured | not measured | HTTP Error 500 |" in lines


def test_answers_that_differ_and_servers_that_do_not_start_are_told() -> None:
    found = comparison()
    found.differing.append("1-point: slow: 1 more, 0 less than oxigraph")
    found.absent["jena"] = "no HTTP server (get one)"
    said = markdown(found, "")
    assert "\n- 1-point: slow: 1 more, 0 less than oxigraph\n- mix: slow: HTTP Error 500\n" in said
    assert "\n- jena does not start: no HTTP server (get one)\n" in said
    assert "All servers gave the same answers." not in said


@pytest.mark.parametrize(
    ("each", "connections", "expected"),
    [(0.001, 8, 3), (0.5, 1, 10), (0.5, 32, 16), (1.0, 32, 32), (30.0, 1, 60), (0.0, 1000, 3)],
)
def test_loads_on_the_slow_last_longer_within_bounds(each: float, connections: int, expected: int) -> None:
    assert length(each, connections, 2, answers=20, least=3, most=60) == expected


def test_the_mix_walks_through_all_queries_in_equal_parts() -> None:
    if not shutil.which("wrk"):
        pytest.skip("needs wrk")
    asked: Counter[tuple[str, str]] = Counter()
    queries = ('SELECT ?x { ?x ?p "é\\"\n" }', "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    with saying(b"ok", asked=asked) as endpoint:
        load = put(endpoint, queries, 2, 1)
    assert load.answers > 0
    assert load.wrong == ""
    texts = {(parse_qs(urlsplit(path).query)["query"][0], accept): count for (path, accept), count in asked.items()}
    assert set(texts) == {(queries[0], JSON), (queries[1], TURTLE)}
    assert max(texts.values()) - min(texts.values()) <= 2


def test_a_server_that_does_not_start_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    if not shutil.which("wrk"):
        pytest.skip("needs wrk")

    @contextmanager
    def serve(_given: Given, _folder: Path) -> Iterator[Running]:
        with saying(rows(ALBI)) as endpoint:
            yield Running("works", endpoint, 0.5, os.getpid())

    @contextmanager
    def fail(_given: Given, _folder: Path) -> Iterator[Running]:
        raise DataError(Text("no such module", ""))
        yield

    def refuse(_given: Given, _folder: Path) -> None:
        raise subprocess.CalledProcessError(1, "load", stderr=b"a triple\nis wrong")

    peers = [
        Peer("fails", lambda: "x", nothing, fail, "pip install it"),
        Peer("refuses", lambda: "x", refuse, serve),
        Peer("works", lambda: "x", nothing, serve, version=lambda: "3"),
    ]
    said: list[str] = []
    rounds: list[int] = []
    found = Comparison([QueryClass("1", "one", ("SELECT ?x {}",))], [1])
    pace = Pace(seconds=1, longest=1, rounds=2, minutes=1, cores=2)
    watch = Watch(lambda text: said.append(text.en), lambda found: rounds.append(found.rounds))
    compare(Given(tmp_path / "dump", None), tmp_path, peers, found, pace, watch)
    assert found.absent == {"fails": "no such module (pip install it)", "refuses": "a triple / is wrong"}
    assert (found.servers, found.versions, rounds) == (["works"], {"works": "3"}, [1, 2])
    assert found.loads["1", 1, "works"][1].answers > 0
    assert said[-1] == "round 2 of 2: 1 at 1; about 0 min left"
    alone = tmp_path / "alone"
    alone.mkdir()
    with pytest.raises(DataError, match="no server starts: fails: no such module"):
        compare(Given(tmp_path / "dump", None), alone, peers[:1], Comparison(found.classes, [1]), pace, watch)


def test_nothing_is_begun_once_the_time_is_over(tmp_path: Path) -> None:
    @contextmanager
    def serve(_given: Given, _folder: Path) -> Iterator[Running]:
        with saying(b"", status=500) as endpoint:
            yield Running("works", endpoint, 0.5, os.getpid())

    found = Comparison([QueryClass("1", "one", ("SELECT ?x {}",))], [1])
    pace = Pace(seconds=1, longest=1, rounds=2, minutes=0, cores=2)
    peer = Peer("works", lambda: "x", nothing, serve)
    compare(Given(tmp_path, None), tmp_path, [peer], found, pace, Watch(lambda _: None, lambda _: None))
    assert not found.loads
    assert "500" in found.refusals["1", "works"]


def test_every_setting_of_a_cache_is_off_where_nothing_is_kept() -> None:
    assert "response_cache" in ours.NO_CACHE
    Settings.from_environment({variable(name): value for name, value in ours.NO_CACHE.items()})


def test_the_chart_is_svg_with_a_bar_for_each_server() -> None:
    drawn = ET.fromstring(chart(comparison(), 8))  # noqa: S314  (our own)
    texts = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["territoires", "oxigraph", "slow", "one thing", "200", "100", "0", "the mix", "200", "100", "0"]


def test_the_query_classes_are_those_of_the_folder() -> None:
    classes = read_classes(CHECKOUT / "tests/bench/queries")
    assert [one.name[0] for one in classes] == list("12345678")
    assert all(one.title and "WHERE" in one.texts[0] for one in classes)
    assert mixed(classes).texts == tuple(one.texts[0] for one in classes)


def test_a_server_that_is_not_installed_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="'nginx' is not installed"):
        known.installed(["nginx"])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(DataError) as caught:
        known.installed(["virtuoso"])
    assert "apt-get install virtuoso" in caught.value.in_("en")


def test_two_of_ours_are_compared_for_real(tmp_path: Path) -> None:
    if not shutil.which("wrk"):
        pytest.skip("needs wrk")
    dump = tmp_path / "dump.nq"
    dump.write_text("<urn:a> <urn:p> <urn:b> <urn:g> .\n", encoding="utf-8")
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "all.rq").write_text('#+ title = "all"\nSELECT * WHERE { ?s ?p ?o }\n', encoding="utf-8")
    (queries / "other.rq").write_text('#+ title = "other"\nSELECT * WHERE { ?s ?p ?o }\n', encoding="utf-8")
    options = ["--seconds", "1", "--rounds", "1", "--concurrency", "2", "--only", "all", "--data", str(dump)]
    named = [word for peer in known.PEERS[:2] for word in ("--server", peer.name)]
    command = ["--root", str(CHECKOUT), "bench", *options, *named, "--queries", str(queries), "--output", str(tmp_path)]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "\nAll servers gave the same answers.\n" in text
    assert "| all | " in text
    assert "| other | " not in text
    assert (tmp_path / "bench-2.svg").exists()
