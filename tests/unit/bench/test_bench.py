"""`territoires bench`: reading what wrk prints, judging answers, the tables, and a small comparison for real."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from tests.conftest import CHECKOUT

from territoires.bench import peers
from territoires.bench.answers import JSON, TURTLE, ask, media_type
from territoires.bench.comparing import Comparison, Facts, QueryClass, read_classes
from territoires.bench.loads import Load, read
from territoires.bench.report import chart, markdown
from territoires.cli.main import cli
from territoires.errors import DataError

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
    assert read(PRINTED.format("")) == Load(5.66, 0.97456, 1040.0, "")
    failing = read(PRINTED.format("  Non-2xx or 3xx responses: 3\n"))
    assert failing.wrong == "Non-2xx or 3xx responses: 3"
    with pytest.raises(DataError, match="unable to connect"):
        read("unable to connect to 127.0.0.1:1 Connection refused")


@contextmanager
def saying(body: bytes, status: int = 200) -> Iterator[str]:
    """Serve one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
    found = Comparison([QueryClass("1-point", "one thing", "ASK {}")], [1], servers=["territoires", "oxigraph", "slow"])
    found.facts = {name: Facts(2.0 if name == "oxigraph" else 0.0, 1.5, 100) for name in found.servers}
    for rate in (100.0, 300.0, 200.0):
        found.loads["1-point", 1, "territoires"].append(Load(rate, 1, 2, ""))
        found.loads["1-point", 1, "oxigraph"].append(Load(100.0, 5, 6, ""))
        found.loads["1-point", 1, "slow"].append(Load(0.0, 0, 0, "Socket errors: timeout 8"))
    return found


def test_the_table_has_ratios_of_the_same_rounds_with_their_spread() -> None:
    lines = markdown(comparison(), "how").splitlines()
    assert "| one thing | **2** (1 to 3); 1/2 ms | 100/s; 5/6 ms | Socket errors: timeout 8; 0/0 ms |" in lines
    assert "| oxigraph | 2.0 s | 1.50 s | 100 MiB |" in lines
    assert lines[0] == "how"
    assert lines[-1] == "All servers gave the same answers."


def test_answers_that_differ_are_told() -> None:
    found = comparison()
    found.differing.append("1-point: slow: 1 more, 0 less than oxigraph")
    assert markdown(found, "").endswith("- 1-point: slow: 1 more, 0 less than oxigraph\n")


def test_the_chart_is_svg_with_a_bar_for_each_server() -> None:
    drawn = ET.fromstring(chart(comparison(), 1))  # noqa: S314  (our own)
    texts = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["territoires", "oxigraph", "slow", "one thing", "200", "100", "0"]


def test_the_query_classes_are_those_of_the_folder() -> None:
    classes = read_classes(CHECKOUT / "tests/bench/queries")
    assert [one.name[0] for one in classes] == list("12345678")
    assert all(one.title and "WHERE" in one.text for one in classes)


def test_a_server_that_is_not_installed_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="'nginx' is not installed"):
        peers.installed(["nginx"])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(DataError) as caught:
        peers.installed(["virtuoso"])
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
    named = [word for peer in peers.PEERS[:2] for word in ("--server", peer.name)]
    command = ["--root", str(CHECKOUT), "bench", *options, *named, "--queries", str(queries), "--output", str(tmp_path)]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert text.endswith("All servers gave the same answers.\n")
    assert "| all | " in text
    assert "| other | " not in text
    assert (tmp_path / "bench-2.svg").exists()
