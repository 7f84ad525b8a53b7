"""Publish many versions under readers of a real server: `python -m tests.soak.publishing --publishes 1000`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pyoxigraph as ox
from tests.conftest import running_processes, running_server

from territoires.engine.delta import Delta
from territoires.engine.pool import PooledEngine
from territoires.graph import graph_files
from territoires.namespaces import BASE
from territoires.root import find_root
from territoires.settings import Settings

READERS: Final = 4
_MARK: Final = "territoires.engine.supervisor"
# Two triples of one version, of which a mixture would show.
_QUERY: Final = "SELECT ?a ?b { <urn:s> <urn:a> ?a ; <urn:b> ?b }"
_PATH: Final = "/sparql?" + urlencode({"query": _QUERY, "format": "csv"})


@dataclass
class Published:
    """The figures of one run."""

    wrong: list[object] = field(default_factory=list)
    refused: list[object] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    """Entity tag and body of each answer."""
    seconds: list[float] = field(default_factory=list)
    """Of each publish."""
    before: tuple[float, int, int] = (0.0, 0, 0)
    """Resident megabytes and open files of the supervisor, and its processes, after a tenth of the publishes."""
    after: tuple[float, int, int] = (0.0, 0, 0)
    """The same at the end."""

    def text(self) -> str:
        """Return the figures, one per line."""
        return (
            f"publishes   {len(self.seconds)}, median {statistics.median(self.seconds) * 1000:.1f} ms, "
            f"longest {max(self.seconds) * 1000:.1f} ms\n"
            f"answers     {len(self.seen)}, wrong {len(self.wrong)}, refused {len(self.refused)}\n"
            f"supervisor  {self.before} -> {self.after} (MB, open files, processes)\n"
        )


def publish_many(publishes: int) -> Published:
    """Serve a small graph and publish so many versions of it while `READERS` read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for part in ("ontology", "data", "shapes", "queries"):
            (folder / part).mkdir()
        _write(folder, 0)
        with running_server(["--root", str(folder)], None, ["--workers", "2"]) as url:
            return _run(url, folder, publishes)


def _run(url: str, folder: Path, publishes: int) -> Published:
    found = Published()
    supervisor = next(
        pid for pid, (_, command) in running_processes().items() if _MARK in command and str(folder) in command
    )
    words = Path(f"/proc/{supervisor}/cmdline").read_bytes().split(b"\0")
    engine = PooledEngine.connect(json.loads(words[3])["address"], Settings())
    right = dict([_get(url)])
    stop = threading.Event()
    readers = [threading.Thread(target=_read, args=(url, found, stop)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for number in range(1, publishes + 1):
        version = _write(folder, number)
        graphs = tuple(sorted(graph_files(find_root(folder))))
        start = time.perf_counter()
        engine.publish(Delta(version, graphs, _quads(number - 1), _quads(number)))
        found.seconds.append(time.perf_counter() - start)
        tag, body = _get(url)
        if body != _body(number):
            found.wrong.append((number, body))  # who publishes sees it at once
        right[tag] = _body(number)
        if number == max(1, publishes // 10):
            found.before = size_of(supervisor)
    stop.set()
    for reader in readers:
        reader.join()
    time.sleep(0.5)
    found.after = size_of(supervisor)
    found.wrong += [answer for answer in found.seen if right.get(answer[0]) != answer[1]]
    return found


def _read(url: str, found: Published, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            found.seen.append(_get(url))
        except HTTPError as error:
            found.refused.append((error.code, error.read()))
        except OSError as error:
            found.refused.append(error)


def _get(url: str) -> tuple[str, str]:
    with urlopen(url + _PATH, timeout=30) as answer:  # noqa: S310  (our own address)
        return answer.headers["ETag"], answer.read().decode()


def _write(folder: Path, number: int) -> str:
    text = f"<urn:s> <urn:a> {number} ; <urn:b> {number} .\n"
    (folder / "data/value.ttl").write_text(text, encoding="utf-8")
    return find_root(folder).digest()


def _quads(number: int) -> tuple[ox.Quad, ...]:
    graph = ox.NamedNode(f"{BASE}graph/value")
    return tuple(
        ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode(f"urn:{name}"), ox.Literal(number), graph) for name in "ab"
    )


def _body(number: int) -> str:
    return f"a,b\r\n{number},{number}\r\n"


def size_of(supervisor: int) -> tuple[float, int, int]:
    """Return resident megabytes, open files and children of a process."""
    lines = Path(f"/proc/{supervisor}/status").read_text(encoding="ascii").splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
    children = sum(parent == supervisor for parent, _ in running_processes().values())
    return round(resident, 1), len(list(Path(f"/proc/{supervisor}/fd").iterdir())), children


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publishes", type=int, default=1_000)
    result = publish_many(parser.parse_args().publishes)
    sys.stdout.write(result.text())
    sys.exit(1 if result.wrong or result.refused else 0)
