"""The steps that `cost` measures, each in a process of its own: `python -m tests.bench.steps STEP DIR STORES MB`."""

from __future__ import annotations

import io
import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from territoires.engine.embedded import EmbeddedEngine
from territoires.export import export_to
from territoires.formats import format_named
from territoires.generations import build, find
from territoires.graph import KnowledgeGraph, load
from territoires.guard import admit
from territoires.queries import load_queries
from territoires.root import Root, find_root
from territoires.rules import derive
from territoires.validation import validate


class _Nowhere(io.RawIOBase):
    """Counts what it is given, and forgets it."""

    def writable(self) -> bool:
        return True

    def write(self, content: object, /) -> int:
        return len(bytes(content))  # type: ignore[call-overload]


def _export(graph: KnowledgeGraph) -> None:
    export_to(io.BufferedWriter(_Nowhere()), graph, format_named("nquads"))


def _ask_all(graph: KnowledgeGraph) -> None:
    engine, csv = EmbeddedEngine(graph), format_named("csv")
    turtle = format_named("turtle")
    for query in load_queries(graph.root).values():
        engine.run(admit(query.text), csv if query.kind == "bindings" else turtle)


@dataclass(frozen=True, slots=True)
class Step:
    """What is measured, and what it needs first."""

    run: Callable[[Root, Path, KnowledgeGraph | None], object]
    """Graph folder, folder for its store, what was loaded or opened before."""
    needs: str = "nothing"
    """`nothing`, `graph` (loaded) or `store` (built, and opened)."""


def _of_graph(run: Callable[[KnowledgeGraph], object], needs: str) -> Step:
    def step(_root: Root, _store: Path, graph: KnowledgeGraph | None) -> object:
        assert graph is not None
        return run(graph)

    return Step(step, needs)


STEPS: Final[Mapping[str, Step]] = {
    "load": Step(lambda root, _store, _graph: load(root)),
    "derive": Step(lambda root, _store, _graph: derive(root, limit=3600)),
    "check": _of_graph(validate, "graph"),
    "export": _of_graph(_export, "graph"),
    "query": _of_graph(_ask_all, "graph"),
    "build": Step(lambda root, store, _graph: build(root, store, say=lambda _: None)),
    "disk-export": _of_graph(_export, "store"),
    "disk-query": _of_graph(_ask_all, "store"),
}
"""In the order of the tables."""


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _count(root: Root, store: Path, kept: Path) -> int:
    """Return the triples of the merge, as the store or an earlier count says them, else counted, after the measure."""
    if store.exists():
        return find(root, store).triples
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(str(sum(1 for _ in load(root).triples())), encoding="utf-8")
    return int(kept.read_text(encoding="utf-8"))


def _ready(step: Step, root: Root, store: Path) -> KnowledgeGraph | None:
    """Return what the step needs."""
    if step.needs == "graph":
        return load(root)
    if step.needs == "store":
        return (find(root, store) if store.exists() else build(root, store, say=lambda _: None)).open()
    if step is STEPS["build"] and store.exists():
        shutil.rmtree(store)
    return None


def main() -> None:
    """Measure one step and print it as JSON."""
    name, folder, stores, memory = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory * 1_000_000, memory * 1_000_000))
    step, root = STEPS[name], find_root(folder)
    version = root.digest()
    store = stores / version[:16]
    graph = _ready(step, root, store)
    before, clock = _processor(), time.perf_counter()
    step.run(root, store, graph)
    seconds, clock = _processor() - before, time.perf_counter() - clock
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    said = {"seconds": round(seconds, 3), "clock": round(clock, 3), "memory": max(used) * 1024 // 1_000_000}
    triples = _count(root, store, stores / f"{version[:16]}.triples")
    sys.stdout.write(json.dumps({"triples": triples, **said}) + "\n")


if __name__ == "__main__":
    main()
