"""What an operator sees: `/metrics` and one line of JSON per request, true for all HTTP processes together."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import running_server
from tests.protocol.conftest import QUERY, Client

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HIDDEN = "a-token-of-a-client"
FIELDS = {"time", "method", "path", "status", "ms", "bytes", "query", "rows", "cached", "outcome"}

Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("observed") / "data.nt"
    path.write_text("".join(f"<urn:s{n}> <urn:p> <urn:o> .\n" for n in range(2_000)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def observed(file: Path) -> Iterator[Client]:
    """Return a client of a server with two HTTP processes and a short time limit."""
    options = ["--data", str(file), "--no-check", "--workers", "2"]
    with running_server([], serve=options, TERRITOIRES_QUERY_TIMEOUT="1", TERRITOIRES_QUERY_WORKERS="2") as url:
        yield Client(url)


def numbers(client: Client) -> dict[Sample, float]:
    answer = client.get("/metrics")
    assert (answer.status, answer.media_type, answer.headers["Cache-Control"]) == (200, "text/plain", "no-store")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(found: dict[Sample, float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0)


def asked(found: dict[Sample, float]) -> float:
    """Return how many queries are counted, which is the last thing that is."""
    return sum(number for (name, _), number in found.items() if name == "territoires_queries_total")


def settled(client: Client, until: float = 0) -> dict[Sample, float]:
    """Return the numbers once `until` requests of queries are counted: one is when its answer has gone out."""
    limit = time.monotonic() + 10
    while asked(found := numbers(client)) < until:
        assert time.monotonic() < limit
        time.sleep(0.02)
    return found


def test_each_query_counts_under_its_outcome_whichever_process_answers(observed: Client) -> None:
    before = settled(observed)
    for _ in range(20):  # a connection each: both processes get some
        assert observed.query("ASK {}").status == 200
    tag = observed.query("ASK {}").headers["ETag"]
    sent = {
        "not-modified": observed.query("ASK {}", If_None_Match=tag),
        "query-syntax": observed.query("ASK"),
        "query-refused": observed.query("CLEAR ALL"),
        "query-too-large": observed.post(QUERY, b"ASK " + b"{" * 90 + b"}" * 90),
        "query-timeout": observed.query(HEAVY),
    }
    after = settled(observed, until=asked(before) + 26)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("territoires_queries_total", outcome="ok") == 21
    for outcome, answer in sent.items():
        assert more("territoires_queries_total", outcome=outcome) == 1
        assert more("territoires_http_requests_total", route="/sparql", status=str(answer.status)) == 1
    assert more("territoires_http_request_seconds_count", route="/sparql") == 26
    assert more("territoires_http_request_seconds_sum", route="/sparql") > 1
    assert more("territoires_workers_ended_total", reason="timeout") == 1


def test_the_pool_says_how_many_processes_it_has_and_what_they_do(observed: Client) -> None:
    until = time.monotonic() + 10
    while value(found := numbers(observed), "territoires_workers", state="idle") != 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert value(found, "territoires_workers", state="busy") == 0
    assert value(found, "territoires_queries_waiting") == 0
    assert value(found, "territoires_up") == 1
    assert value(found, "territoires_worker_start_seconds_count") >= 3
    assert 0 < time.time() - value(found, "territoires_supervisor_start_time_seconds") < 600


def test_strangers_make_no_new_names_in_the_numbers(observed: Client) -> None:
    assert observed.get("/nowhere-at-all").status == 404
    until = time.monotonic() + 10
    while not value(found := numbers(observed), "territoires_http_requests_total", route="none", status="404"):
        assert time.monotonic() < until  # it is counted when the answer has gone out
    assert not any("nowhere" in text for _, labels in found for _, text in labels)


def _is_told(line: str) -> bool:
    return '"path"' in line and "/health" not in line


def lines(file: Path, log: str, capfd: pytest.CaptureFixture[str], use: list[tuple[str, str]]) -> list[str]:
    """Return what a server writes on standard error while requests are sent to it."""
    with running_server([], serve=["--data", str(file), "--no-check", log], LC_ALL="C.UTF-8") as url:
        client = Client(url)
        for method, target in use:
            client.send(method, target, headers={"Authorization": f"Bearer {HIDDEN}", "Cookie": HIDDEN})
        # A line is written when its answer has gone out: none may be lost because the server is stopped at once.
        until = time.monotonic() + (10 if log == "--log" else 0.5)
        written = ""
        while sum(_is_told(line) for line in written.splitlines()) < len(use) and time.monotonic() < until:
            time.sleep(0.05)
            written += capfd.readouterr().err
    written += capfd.readouterr().err
    return [line for line in written.splitlines() if not line.startswith("Serving ")]


def test_each_request_is_one_line_of_json_without_query_or_token(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "ASK{?hidden?p?o}"
    use = [
        ("GET", f"/sparql?query={text}&format=json"),
        ("GET", "/sparql?query=NONSENSE&format=json"),
        ("GET", f"/%0Aforged?token={HIDDEN}"),
        ("BREW", "/" + "x" * 5_000),
        ("GET", "/dump.nq"),
        ("GET", "/sparql?query=SELECT*{?hidden?p?o}&format=csv"),
        ("GET", "/sparql?query=SELECT*{?hidden?p?o}LIMIT+3&format=json"),
    ]
    written = [line for line in lines(file, "--log", capfd, use) if "/health" not in line]
    assert not re.search(rf"hidden|NONSENSE|{HIDDEN}", "".join(written))
    found: list[dict[str, Any]] = [json.loads(line) for line in written]
    assert all(one.keys() == FIELDS and one["ms"] >= 0 for one in found)
    # A line is written when its answer has gone out: the next request may be sooner.
    outline = [(one["method"], one["path"][:10], one["status"], one["outcome"], one["rows"]) for one in found]
    assert sorted(outline, key=repr) == sorted(
        [
            ("GET", "/sparql", 200, "ok", None),
            ("GET", "/sparql", 400, "query-syntax", None),
            ("GET", "/\nforged", 404, "http-404", None),
            ("BREW", "/xxxxxxxxx", 404, "http-404", None),
            ("GET", "/dump.nq", 200, "ok", None),
            ("GET", "/sparql", 200, "ok", 2_000),
            ("GET", "/sparql", 200, "ok", 3),
        ],
        key=repr,
    )
    asked = next(one for one in found if one["query"] == hashlib.sha256(text.encode()).hexdigest()[:16])
    assert asked["bytes"] == len('{"head":{},"boolean":true}')
    dump = next(one for one in found if one["path"] == "/dump.nq")
    assert (dump["query"], dump["bytes"]) == (None, file.stat().st_size)
    assert max(map(len, written)) < 2_000


def test_the_log_can_be_switched_off(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert lines(file, "--no-log", capfd, [("GET", "/"), ("GET", "/nowhere")]) == []
