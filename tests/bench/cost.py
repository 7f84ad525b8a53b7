"""Measures how costs grow with the graph: `python -m tests.bench.cost DIR DIR DIR`, folders that `grow` has made.

Each step runs in a process of its own: `load` the files into memory, `derive` all facts, `check` by shapes and checks,
`export` N-Quads, `query` (every published query with its defaults). What is given is processor time, of the process
and those that it started, in seconds: other work on the machine counts less than on the clock. Prints a table in
Markdown with the exponent of each step, the slope of a least-squares line through the logarithms of triples and
seconds, and whether that is worse than n log n over these sizes, with a tolerance of 0.1 for noise. `--only` picks
steps, `--skip check:DIR` leaves one out.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from territoires.engine.embedded import EmbeddedEngine
from territoires.export import export_to
from territoires.formats import format_named
from territoires.graph import KnowledgeGraph, load
from territoires.guard import admit
from territoires.queries import load_queries
from territoires.root import find_root
from territoires.rules import derive
from territoires.validation import validate

TOLERANCE: Final = 0.1

Point = tuple[int, float]
"""Triples and seconds."""


class _Nowhere(io.RawIOBase):
    """Counts what it is given, and forgets it."""

    def writable(self) -> bool:
        return True

    def write(self, content: object, /) -> int:
        return len(bytes(content))  # type: ignore[call-overload]


def _ask_all(graph: KnowledgeGraph) -> None:
    engine, csv = EmbeddedEngine(graph), format_named("csv")
    turtle = format_named("turtle")
    for query in load_queries(graph.root).values():
        engine.run(admit(query.text), csv if query.kind == "bindings" else turtle)


_STEPS: Final[Mapping[str, Callable[[KnowledgeGraph], object]]] = {
    "load": lambda graph: load(graph.root),
    "derive": lambda graph: derive(graph.root, limit=3600),
    "check": validate,
    "export": lambda graph: export_to(io.BufferedWriter(_Nowhere()), graph, format_named("nquads")),
    "query": _ask_all,
}


def exponent(points: list[Point]) -> float:
    """Return the slope of the least-squares line through the logarithms."""
    xs, ys = ([math.log(point[axis]) for point in points] for axis in (0, 1))
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    steps = [(x - middle_x, y - middle_y) for x, y in zip(xs, ys, strict=True)]
    return sum(x * y for x, y in steps) / sum(x * x for x, _ in steps)


def table(measured: Mapping[str, list[Point]]) -> str:
    """Return a table in Markdown with a line for each step, and the verdict."""
    sizes = sorted({size for points in measured.values() for size, _ in points})
    head = ["step", *(f"{size:,} triples" for size in sizes), "exponent", "n log n", "verdict"]
    lines = [head, ["---"] * len(head)]
    for step, points in measured.items():
        seconds = dict(points)
        cells = [f"{seconds[size]:.1f}" if size in seconds else "–" for size in sizes]
        if len(points) < 2:
            lines.append([step, *cells, "–", "–", "too few"])
            continue
        found, most = exponent(points), exponent([(size, size * math.log(size)) for size, _ in points])
        verdict = "within" if found <= most + TOLERANCE else "worse"
        lines.append([step, *cells, f"{found:.2f}", f"{most:.2f}", verdict])
    worse = [line[0] for line in lines if line[-1] == "worse"]
    verdict = f"Worse than n log n: {', '.join(worse)}." if worse else "Nothing measured is worse than n log n."
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{verdict}\n"


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _measure(step: str, folder: Path) -> None:
    graph = load(find_root(folder))
    triples = sum(1 for _ in graph.triples())
    before, clock = _processor(), time.perf_counter()
    _STEPS[step](graph)
    said = {"triples": triples, "seconds": _processor() - before, "clock": time.perf_counter() - clock}
    said["memory"] = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    click.echo(json.dumps(said))


def main() -> None:
    """Measure, or be one of the measuring processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--only", action="append", choices=[*_STEPS])
    parser.add_argument("--skip", action="append", default=[], metavar="STEP:DIR")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _measure(options.step, options.folders[0])
        return
    measured: dict[str, list[Point]] = {}
    for folder in options.folders:
        for step in options.only or _STEPS:
            if f"{step}:{folder}" in options.skip:
                continue
            command = [sys.executable, "-m", "tests.bench.cost", str(folder), "--step", step]
            said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            click.echo(f"{folder.name} {step} {said}", err=True)
            measured.setdefault(step, []).append((said["triples"], said["seconds"]))
    click.echo(table(measured))


if __name__ == "__main__":
    main()
