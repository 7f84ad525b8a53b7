"""Fixtures: the shipped graph, a small valid copy of it, and a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import territoires
from territoires.drawing.outlines import Outlines, load_outlines
from territoires.graph import KnowledgeGraph, load
from territoires.root import Root, find_root
from territoires.rules import derive, derived_file
from territoires.stamp import write_stamp
from territoires.validation import validate

# No test reads or fills the folder of answers of whoever runs it.
os.environ["TERRITOIRES_ANSWERS"] = ""
CHECKOUT = Path(__file__).resolve().parents[1]
_COMMUNE = re.compile(r"<id/commune/([0-9AB]{5})>")
_SUBJECT = re.compile(r"<id/(?:commune|point)/([0-9AB]{5})>")
_GROUP = re.compile(r"<id/intercommunality/([0-9]{9})>")


def shared(name: str) -> Path:
    """Return a file of the folder that stands beside the checkout; skip the test where there is none."""
    path = Path(os.environ.get("TERRITOIRES_SHARED", CHECKOUT.parent / "shared"), name)
    if not path.exists():
        pytest.skip(f"needs {name}, which is not part of the project")
    return path


VENDOR = CHECKOUT / "server/territoires/web/static/vendor"


def assets() -> Path:
    """Return the folder that the build of the front end makes; skip the test where it could not, but not in CI."""
    if not (VENDOR / ".built").exists():
        assert not os.environ.get("CI"), "the front end is not built: make assets"
        pytest.skip("the front end is not built: make assets")
    return VENDOR


@pytest.fixture(scope="session")
def outlines() -> Outlines:
    """Return the outlines of the departments."""
    found = load_outlines(assets() / "france.json")
    assert found
    return found


@pytest.fixture(scope="session")
def root() -> Root:
    """Return the graph folder of this checkout."""
    return find_root(CHECKOUT)


@pytest.fixture(scope="session")
def graph(root: Root) -> KnowledgeGraph:
    """Return the shipped graph; tests must not write to it."""
    return load(root)


@pytest.fixture(scope="session")
def ask(graph: KnowledgeGraph) -> Callable[[str], list[tuple[str | None, ...]]]:
    """Return a function that gives the rows of a SELECT over the shipped graph, as plain strings."""
    engine = territoires.EmbeddedEngine(graph)

    def rows(text: str) -> list[tuple[str | None, ...]]:
        return select(engine, text)

    return rows


def select(engine: territoires.Engine, text: str) -> list[tuple[str | None, ...]]:
    """Return the rows of a SELECT as plain strings."""
    import pyoxigraph as ox  # noqa: PLC0415

    answer = engine.run(territoires.admit(text, prefixes=True), territoires.format_named("json"))
    results = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    assert isinstance(results, ox.QuerySolutions)
    return [tuple(None if term is None else str(getattr(term, "value", term)) for term in row) for row in results]


@pytest.fixture(scope="session")
def small_data(root: Root, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a valid graph folder with few communes: those that others name, and some of each intercommunality."""
    target = tmp_path_factory.mktemp("small")
    for name in ("ontology", "data", "shapes", "queries", "rules"):
        shutil.copytree(root.path / name, target / name)
    large = [target / "data" / name for name in ("cog-2026/communes.ttl", "points-dila.ttl", "derived.ttl")]
    needed: set[str] = set()
    for file in target.glob("data/**/*.ttl"):
        if file not in large:
            needed.update(_COMMUNE.findall(file.read_text(encoding="utf-8")))
    groups: set[str] = set()
    for block in large[0].read_text(encoding="utf-8").split("\n\n"):
        found = set(_GROUP.findall(block))
        if found - groups and (match := _COMMUNE.match(block)):
            needed.add(match[1])
            groups |= found
    for file in large[:2]:
        head, *blocks = file.read_text(encoding="utf-8").split("\n\n")
        kept = [block for block in blocks if (match := _SUBJECT.match(block)) and match[1] in needed]
        file.write_text("\n\n".join([head, *kept]).rstrip() + "\n", encoding="utf-8")
    copy = find_root(target)
    derived_file(copy).write_text(derive(copy), encoding="utf-8")
    return target


@pytest.fixture
def small(small_data: Path, tmp_path: Path) -> Root:
    """Return a fresh small graph folder that the test may break."""
    target = tmp_path / "graph"
    shutil.copytree(small_data, target)
    return find_root(target)


@pytest.fixture
def territoires_command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command in an empty folder, in English."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "territoires", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment},
            check=False,
            timeout=300,
        )

    return run


@pytest.fixture(scope="session")
def server(small_data: Path) -> Iterator[str]:
    """Start `territoires serve` on a free port over the small graph, stamped; return its base URL, no last slash."""
    graph = load(find_root(small_data))
    write_stamp(graph, validate(graph))
    with running_server(["--root", str(small_data)]) as url:
        yield url


@contextmanager
def running_server(
    options: Sequence[str], cwd: Path | None = None, serve: Sequence[str] = (), **environment: str
) -> Iterator[str]:
    """Run a real `territoires OPTIONS serve SERVE` for the length of the block; give its base URL.

    With a choice about the log its standard error is that of the tests; else nobody reads it before the server ends.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "territoires", *options, "serve", "--port", str(port), *serve]
    url = f"http://127.0.0.1:{port}"
    # Nobody reads standard error while the server runs: a full pipe would stop it.
    environ = {**os.environ, "TERRITOIRES_LOG": "0", **environment}
    errors = None if {"--log", "--no-log"} & {*serve} else subprocess.PIPE
    with subprocess.Popen(command, stderr=errors, text=True, cwd=cwd, env=environ) as process:
        try:
            _wait(url, process)
            yield url
        finally:
            process.terminate()
            process.communicate(timeout=30)


def answers_health(url: str) -> dict[str, Any]:
    """Return what `/health` says.

    Raises:
        OSError: if the server does not answer.
    """
    with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310  (our own address)
        content: dict[str, Any] = json.loads(answer.read())
        return content


def _wait(url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(f"the server ended at once: {process.stderr.read() if process.stderr else ''}")
        try:
            assert answers_health(url)["status"] == "ok"
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not start in 60 s")


def running_processes() -> dict[int, tuple[int, str]]:
    """Return every process of this machine with its parent and command."""
    command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=3) for line in done.stdout.splitlines()]
    return {int(pid): (int(parent), args) for pid, parent, state, args in lines if not state.startswith("Z")}
