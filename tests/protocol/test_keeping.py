"""Answers that are kept: on what a query says, for all who ask at once, for the next start, and of one version."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.conftest import running_server
from tests.protocol.conftest import BASE, JSON, QUERY, Client
from tests.protocol.test_caching import DECODERS, cached
from tests.protocol.writing import FILES, THINGS, TURTLE, writable

NAMES = f"SELECT ?name {{ ?s <{BASE}def#name> ?name }} ORDER BY ?name"
HEADING = """#+ title = { en = "Names", fr = "Noms" }
#+ question = { en = "Which names are there?", fr = "Quels noms y a-t-il ?" }
#+ theme = "things"
"""
FOLDER = FILES | {"queries/names.rq": f"{HEADING}{NAMES}\n"}
ROWS = 3_000
SLOW = "SELECT (COUNT(*) AS ?n) { ?a <urn:p> ?b . ?c <urn:p> ?d FILTER(?b != ?d) }"
LAID_OUT = "# slowly\n" + SLOW.replace(" { ", "\n{\n").replace(" . ", "\n .\t")


def sources(client: Client) -> dict[str, int]:
    """Return how many answers came from where."""
    found = re.findall(r'^territoires_answers_total\{source="(\w+)"\} (.*)$', client.get("/metrics").text, re.MULTILINE)
    return {source: int(float(count)) for source, count in found}


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def stored(folder: Path) -> list[Path]:
    """Return the answers that lie in the folder, whole."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kept") / "data.nt"
    file.write_text("".join(f"<urn:s{n}> <urn:p> <urn:o{n}> .\n" for n in range(ROWS)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def serving(data: Path) -> Iterator[Client]:
    """Return a client of a server of one file, whose queries may take long."""
    with running_server([], serve=["--data", str(data), "--no-check"], TERRITOIRES_QUERY_TIMEOUT="100") as url:
        yield Client(url, timeout=200)


def test_a_slow_query_that_fifty_ask_at_once_is_evaluated_once(serving: Client) -> None:
    before = sources(serving)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: serving.post(QUERY, SLOW.encode(), Accept="text/csv"), range(50)))
    assert {(answer.status, answer.rows[0][0]) for answer in answers} == {(200, str(ROWS * ROWS - ROWS))}
    counted = {name: count - before.get(name, 0) for name, count in sources(serving).items()}
    assert counted["engine"] == 1
    assert counted["shared"] + counted.get("memory", 0) == 49
    assert serving.post(QUERY, LAID_OUT.encode(), Accept="text/csv").rows == answers[0].rows
    assert serving.query(LAID_OUT, Accept="text/csv").rows == answers[0].rows
    assert sources(serving)["engine"] == before.get("engine", 0) + 1


def test_an_error_tells_each_the_line_that_it_wrote(serving: Client) -> None:
    texts = ["SELECT * { ?s ?p }", "\n\nSELECT * { ?s ?p }"] * 5
    with ThreadPoolExecutor(len(texts)) as threads:
        answers = list(threads.map(serving.query, texts))
    assert [answer.json["line"] for answer in answers] == [1, 3] * 5


@pytest.mark.parametrize("coding", [None, "gzip", "br"])
def test_a_large_answer_is_kept_in_front_of_flask_however_it_is_coded(data: Path, coding: str | None) -> None:
    rows = "SELECT * { ?s ?p ?o . ?x ?q <urn:o1>, ?y } ORDER BY ?s"
    # 7 columns of 40 bytes for each of 3,000 rows, eight times.
    text = f"SELECT * {{ {{ {rows} }} VALUES ?n {{ {' '.join(map(str, range(8)))} }} }}"
    with running_server([], serve=["--data", str(data), "--no-check"]) as url:
        client = Client(url)
        one, two = (client.query(text, Accept=JSON, Accept_Encoding=coding or "identity") for _ in range(2))
        assert (one.status, two.body) == (200, one.body)
        plain = DECODERS[coding](two.body)
        assert 2_000_000 < len(plain) < 8_000_000
        assert len(json.loads(plain)["results"]["bindings"]) == 8 * ROWS
        assert int(two.headers["Content-Length"]) == len(two.body)
        wait_until(lambda: cached(client) == 1)
        assert sources(client) == {"engine": 1}


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where servers keep answers of published queries."""
    folder = tmp_path / "answers"
    monkeypatch.setenv("TERRITOIRES_ANSWERS", str(folder))
    return folder


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    (tmp_path / "graph").mkdir()
    return tmp_path / "graph"


def test_a_restart_answers_published_queries_without_evaluating_them(graph: Path, answers: Path) -> None:
    with writable(graph, FOLDER, graph.parent) as writing:
        assert writing.client.get("/queries/names.csv").rows == [["nine"], ["one"]]
        wait_until(lambda: len(stored(answers)) == 2)
    with running_server(["--root", str(graph)]) as url:
        client = Client(url)
        assert client.get("/queries/names.csv").rows == [["nine"], ["one"]]
        assert client.get("/queries/names.json").json["results"]["bindings"][0]["name"]["value"] == "nine"
        assert client.post(QUERY, f"# my own\n{NAMES}".encode(), Accept="text/csv").rows == [["nine"], ["one"]]
        assert sources(client) == {"folder": 2, "memory": 1}
    for file in stored(answers):
        file.write_bytes(file.read_bytes()[:-5])
    with running_server(["--root", str(graph)]) as url:
        client = Client(url)
        assert client.get("/queries/names.csv").rows == [["nine"], ["one"]]
        assert sources(client) == {"engine": 1}


def test_a_change_of_the_data_drops_all(graph: Path, answers: Path) -> None:
    with writable(graph, FOLDER, graph.parent) as writing:
        client = writing.client
        wait_until(lambda: len(stored(answers)) == 2)
        for _ in range(2):
            assert client.post(QUERY, NAMES.encode(), Accept="text/csv").rows == [["nine"], ["one"]]
        evaluated, old = sources(client)["engine"], {file.parent.name for file in stored(answers)}
        said = writing.send("PUT", THINGS, FILES["data/things.ttl"].replace("'one'", "'first'"), Content_Type=TURTLE)
        assert said.status in {200, 201, 204}, said.text
        for _ in range(2):
            assert client.post(QUERY, NAMES.encode(), Accept="text/csv").rows == [["first"], ["nine"]]
        assert sources(client)["engine"] == evaluated + 1
        assert client.get("/queries/names.csv").rows == [["first"], ["nine"]]
        wait_until(lambda: len(stored(answers)) == 2 and not old & {file.parent.name for file in stored(answers)})
        assert all(b"one" not in file.read_bytes() for file in stored(answers))


def test_what_is_made_beforehand_is_told_in_the_log(
    graph: Path, answers: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with writable(graph, FOLDER, tmp_path):
        pass
    written = ""

    def is_told() -> bool:
        nonlocal written
        written += capfd.readouterr().err
        return "answers made in" in written

    with running_server(["--root", str(graph)], serve=["--workers", "2", "--log"]):
        wait_until(is_told)
    lines = [json.loads(line) for line in written.splitlines() if "published queries" in line]
    assert [line["level"] for line in lines[:2]] == ["info", "info"]
    assert "0 of 2 answers are in " in lines[0]["message"]
    assert re.search("2 answers made in [0-9.]+ s", written)
    assert len(stored(answers)) == 2


def test_without_a_folder_that_can_be_written_the_server_serves(graph: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with writable(graph, FOLDER, tmp_path):
        pass
    with running_server(["--root", str(graph)], TERRITOIRES_ANSWERS=str(tmp_path / "file/answers")) as url:
        assert Client(url).get("/queries/names.csv").rows == [["nine"], ["one"]]
