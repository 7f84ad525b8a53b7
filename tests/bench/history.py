"""How long the history takes once there are many changes: `python -m tests.bench.history [COUNT]`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from tests.changing import MORNING, quad

from territoires.commit.filing import edited_files
from territoires.edits import Edit
from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import KnowledgeGraph
from territoires.history import Signature, count_changes, list_changes, record
from territoires.namespaces import CHANGES, PREFIXES
from territoires.root import Root
from territoires.turtle import serialize


def main() -> None:
    """Print milliseconds, the best of five, with so many changes before."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(Root(Path(folder)), int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)


def _measure(root: Root, count: int) -> None:
    store = ox.Store()
    graph = KnowledgeGraph(store, root, "", {CHANGES: ()}, (ox.DefaultGraph(),))
    label = PREFIXES["rdfs"] + "label"

    def change(number: int) -> Edit:
        return Edit(added=frozenset({quad(f"id/x/{number}", label, f"{number}", "towns")}))

    signature = Signature("bench", "Why it was done", MORNING)
    started = time.perf_counter()
    for number in range(count):
        store.extend(record(graph, change(number), signature, before="0" * 64, after="1" * 64).edit.added)
    print(f"{count} records: {(time.perf_counter() - started) / count * 1000:.2f} ms each")  # noqa: T201
    more = record(graph, change(count), signature, before="0" * 64, after="1" * 64)
    file = root.data / "changes.ttl"
    file.parent.mkdir()
    file.write_text(serialize(one.triple for one in store), encoding="utf-8")
    print(f"data/changes.ttl: {file.stat().st_size / 1e6:.1f} MB")  # noqa: T201
    engine = EmbeddedEngine(graph)
    steps: dict[str, Callable[[], object]] = {
        "one more record": lambda: record(graph, change(count), signature, before="0" * 64, after="1" * 64),
        "the first page": lambda: (count_changes(engine), list_changes(engine, limit=20)),
        "the last page": lambda: list_changes(engine, limit=20, first=count - 20),
        "data/changes.ttl with one more": lambda: edited_files(root, {CHANGES: (file,)}, more.edit),
    }
    for name, run in steps.items():
        taken = []
        for _ in range(5):
            started = time.perf_counter()
            run()
            taken.append(time.perf_counter() - started)
        print(f"{name}: {min(taken) * 1000:.1f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
