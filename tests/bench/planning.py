"""What rewriting queries gains: `python -m tests.bench.planning` asks those that are rewritten in both ways, in turn.

Processor time of this process, in milliseconds: other work on the machine counts less than in time by the clock.
"""

from __future__ import annotations

import statistics as numbers
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from territoires.engine.embedded import EmbeddedEngine
from territoires.formats import format_named
from territoires.graph import KnowledgeGraph, load
from territoires.guard import Query, admit
from territoires.planning import measure, rewrite
from territoires.root import find_root

CHECKOUT = Path(__file__).parents[2]
FILES = [*sorted(CHECKOUT.glob("tests/bench/queries/*.rq")), *sorted(CHECKOUT.glob("queries/*.rq"))]
RUNS = 7


def _engines(graph: KnowledgeGraph, folder: str) -> dict[str, EmbeddedEngine]:
    """Return the dataset as one graph in memory, as it is loaded, and as one graph on disk."""
    file = Path(folder, "merge.nt")
    ox.serialize(graph.triples(), file, format=ox.RdfFormat.N_TRIPLES)
    memory, disk = ox.Store(), ox.Store(f"{folder}/store")
    for store in (memory, disk):
        store.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES)
    disk.optimize()
    merged = replace(graph, default_graphs=(ox.DefaultGraph(),))
    return {
        "one graph": EmbeddedEngine(replace(merged, store=memory)),
        "several graphs": EmbeddedEngine(graph),
        "on disk": EmbeddedEngine(replace(merged, store=disk)),
    }


def _milliseconds(engine: EmbeddedEngine, query: Query) -> float:
    start = time.process_time()
    engine.run(query, format_named("ntriples" if query.kind == "graph" else "json"))
    return 1_000 * (time.process_time() - start)


def _cell(engine: EmbeddedEngine, query: Query, other: Query) -> str:
    pairs = [(_milliseconds(engine, query), _milliseconds(engine, other)) for _ in range(RUNS)]
    before, after = (numbers.median(times) for times in zip(*pairs, strict=True))
    return f"{before:.1f} → {after:.1f} (× {after / before:.2f})"


def main() -> None:
    """Print the table, as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        engines = _engines(load(find_root(CHECKOUT)), folder)
        known = measure(engines["one graph"])
        print(f"| query | {' | '.join(engines)} |\n|---|{'---|' * len(engines)}")  # noqa: T201
        for file in FILES:
            query = admit(file.read_text(encoding="utf-8"))
            rewriting = rewrite(query.text, known)
            if rewriting.pays:
                other = replace(query, text=rewriting.text)
                cells = (_cell(engine, query, other) for engine in engines.values())
                print(f"| {file.stem} | {' | '.join(cells)} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
