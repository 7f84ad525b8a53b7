"""Limits over HTTP: each is stated, no part of an answer passes one, and other queries are served meanwhile."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import running_processes, running_server
from tests.protocol.conftest import BROWSER, JSON, PROBLEM, Answer, Canary, Client

from territoires.engine.holding import Served
from territoires.engine.pool import PooledEngine
from territoires.root import find_root
from territoires.settings import Settings
from territoires.web import create_app

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PLANNING = "ASK { " + " ".join(f"?v{number} ?p{number} ?v{number + 1} ." for number in range(900)) + " }"
DOUBLING = (
    "SELECT (STRLEN(?x36) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{number}, ?x{number}) AS ?x{number + 1})" for number in range(36))
    + " }"
)
LIGHT = "ASK { <urn:s1> <urn:p> 1 }"
ROWS = 3_000
ALL = "SELECT ?s ?o { GRAPH ?g { ?s <urn:p> ?o } } ORDER BY ?o"
LIMITS: dict[str, Any] = {
    "TERRITOIRES_MAX_QUERY_PATTERNS": "10000",  # The guard would refuse the planning bomb.
    "TERRITOIRES_QUERY_TIMEOUT": "2",
    "TERRITOIRES_QUERY_WORKERS": "3",
    "TERRITOIRES_QUERY_QUEUE": "10",
    "TERRITOIRES_QUERY_MEMORY": "100",
    "TERRITOIRES_MAX_RESULT_BYTES": "1000000",
    "TERRITOIRES_ANSWER_CACHE": "0",
    "TERRITOIRES_RESPONSE_CACHE": "0",  # The engine must answer, each time.
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a graph folder with enough triples for a cross product without end."""
    path = tmp_path_factory.mktemp("limits")
    for name in ("ontology", "data", "shapes", "queries"):
        (path / name).mkdir()
    lines = [f"<urn:s{number}> <urn:p> {number} ." for number in range(ROWS)]
    (path / "data/numbers.ttl").write_text("\n".join(lines), encoding="utf-8")
    (path / "shapes/none.ttl").write_text("<urn:shape> <urn:p> 1 .", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def limited(folder: Path) -> Iterator[Client]:
    """Return a client of a server with small limits."""
    with running_server(["--root", str(folder)], None, **LIMITS) as url:
        yield Client(url)


@contextmanager
def sending(client: Client, text: str, count: int) -> Iterator[list["Future[Answer]"]]:
    """Send `text` so many times beside the block, which begins when they have had time to start."""
    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(client.query, text) for _ in range(count)]
        time.sleep(0.4)
        yield futures


@pytest.mark.parametrize(
    ("text", "status", "code", "limit", "setting"),
    [
        (HEAVY, 504, "query-timeout", "2 s", "QUERY_TIMEOUT"),
        (PLANNING, 504, "query-timeout", "2 s", "QUERY_TIMEOUT"),
        (ENDLESS, 413, "result-too-large", "1000000", "MAX_RESULT_BYTES"),
        (DOUBLING, 413, "query-memory", "100", "QUERY_MEMORY"),
    ],
    ids=["cross product", "planning", "endless answer", "string doubling"],
)
def test_a_query_past_a_limit_is_told_the_limit_and_what_to_do(
    limited: Client, text: str, status: int, code: str, limit: str, setting: str
) -> None:
    for language in ("en", "fr"):
        answer = limited.query(text, Accept_Language=language)
        assert (answer.status, answer.media_type, answer.json["code"]) == (status, PROBLEM, code)
        assert re.search(rf"\b{limit}\b", answer.json["detail"])
        assert setting in answer.json["hint"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert limited.query(LIGHT).status == 200


def test_sorting_without_end_ends_at_one_of_the_limits(limited: Client) -> None:
    assert limited.query(SORTED).json["code"] in {"query-timeout", "query-memory"}


def test_a_browser_reads_about_the_limit_above_its_query(limited: Client) -> None:
    answer = limited.query(HEAVY, Accept=BROWSER)
    assert (answer.status, answer.media_type) == (504, "text/html")
    assert "2 s" in unescape(answer.text)
    assert answer.page.texts["textarea"] == [HEAVY]


def test_a_large_answer_is_whole_and_says_its_length(limited: Client) -> None:
    for accept in (JSON, "text/csv"):
        answer = limited.query(ALL, Accept=accept)
        assert answer.status == 200
        assert len(answer.body) == int(answer.headers["Content-Length"])
        found = answer.rows if accept == "text/csv" else answer.json["results"]["bindings"]
        assert len(found) == ROWS


def test_head_of_a_large_answer_says_the_same_length(limited: Client) -> None:
    whole = limited.query(ALL, Accept="text/csv")
    head = limited.send("HEAD", "/sparql", {"query": ALL}, {"Accept": "text/csv"})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_light_queries_and_health_are_quick_while_ten_heavy_ones_run(limited: Client) -> None:
    seconds = []
    with sending(limited, HEAVY, 10) as heavy:
        for _ in range(15):
            start = time.monotonic()
            assert limited.query(LIGHT).json["boolean"] is True
            seconds.append(time.monotonic() - start)
        assert limited.get("/health").json["status"] == "ok"
    assert sorted(seconds)[7] < 0.2
    assert {future.result().status for future in heavy} <= {503, 504}


def test_what_finds_no_place_is_told_when_to_come_back(limited: Client) -> None:
    with sending(limited, HEAVY, 40) as heavy:
        answers = [future.result() for future in heavy]
    refused = [answer for answer in answers if answer.status == 503]
    assert {answer.status for answer in answers} == {503, 504}
    for answer in refused:
        assert (answer.media_type, answer.json["code"]) == (PROBLEM, "overloaded")
        assert int(answer.headers["Retry-After"]) > 0
    assert any("10 " in answer.json["detail"] for answer in refused)
    assert limited.query(LIGHT).status == 200


def test_nothing_leaves_the_server_under_load(limited: Client, canary: Canary) -> None:
    text = f"SELECT * {{ {{ SERVICE SILENT <{canary.url}> {{ ?s ?p ?o }} }} UNION {{ ?a ?b ?c }} }}"
    with sending(limited, HEAVY, 4):
        assert limited.query(text).status in {400, 403}
        assert limited.query(f"ASK FROM <{canary.url}> {{ ?s ?p ?o }}").json["code"] == "unknown-graph"
    assert canary.visits == 0


def serving(folder: Path) -> dict[int, str]:
    """Return the processes of the server of `folder`, each with its command."""
    found = running_processes()
    ours = {pid for pid, (_, command) in found.items() if str(folder) in command}
    while more := {pid for pid, (parent, _) in found.items() if parent in ours} - ours:
        ours |= more
    return {pid: found[pid][1] for pid in ours}


def test_a_server_whose_engine_is_killed_answers_again(limited: Client, folder: Path) -> None:
    for pid, command in serving(folder).items():
        if "engine.supervisor" in command:
            with contextlib.suppress(ProcessLookupError):  # The kernel ends the workers with the supervisor.
                os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while (answer := limited.query(LIGHT)).status == 503:  # while it loads for longer than a query may take
        assert time.monotonic() < until
    assert answer.json["boolean"] is True
    assert limited.get("/health").json["status"] == "ok"


def test_a_stopped_server_leaves_no_process(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "graph"
    link.symlink_to(folder)
    with running_server(["--root", str(link)], None, **LIMITS) as url, sending(Client(url), HEAVY, 2):
        before = serving(link)
        assert any("engine.supervisor" in command for command in before.values())
    assert not before.keys() & running_processes().keys()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_server_that_is_killed_leaves_no_process(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "graph"
    link.symlink_to(folder)
    with running_server(["--root", str(link)], None, **LIMITS):
        before = serving(link)
        os.kill(min(before), signal.SIGKILL)
    until = time.monotonic() + 20
    while before.keys() & running_processes().keys():
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.05)


def test_health_and_queries_are_503_while_there_is_no_engine(folder: Path, tmp_path: Path) -> None:
    nowhere = PooledEngine(str(tmp_path / "gone" / "socket"), Settings(query_timeout=1), Served("version", ()))
    client = create_app(find_root(folder), nowhere).test_client()
    for path in ("/health", "/sparql?query=ASK{}&format=json"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_an_application_of_its_own_has_its_own_pool_and_ends_it(folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from territoires import find_root
from territoires.web import create_app
app = create_app(find_root(Path(sys.argv[1])))
print(app.test_client().get("/sparql?query=ASK{}&format=json").json["boolean"])
"""
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("True\n", "")
