"""Measures how costs grow with the graph: `python -m tests.bench.cost DIR DIR DIR`, folders that `grow` has made.

Each step runs in a process of its own: `load` the files into memory, `derive` all facts, `check` by shapes and checks,
`export` N-Quads, `query` (every published query with its defaults); `build` the store on disk, and from there
`disk-export` and `disk-query`, for sizes that do not go into memory. What is given is processor time, of the process
and those that it started, in seconds: other work on the machine counts less than on the clock.

With `--output FILE` each measurement is a line of JSON there as soon as it is made, and what stands there already, of
the same data, is not made again: a run that was cut goes on. `--repeat` makes several of each, `--memory` ends a step
that takes more megabytes and says so, `--only` picks steps, `--skip check:DIR` leaves one out, `--table` measures
nothing. Prints a table in Markdown (the least of the repeats, and the most) with the exponent of each step, the slope
of a least-squares line through the logarithms of triples and least seconds, and whether that is worse than n log n
over these sizes, with a tolerance of 0.1 for noise.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import click
from tests.bench.steps import STEPS

from territoires.root import find_root

TOLERANCE: Final = 0.1

Point = tuple[int, float]
"""Triples and seconds."""


def exponent(points: list[Point]) -> float:
    """Return the slope of the least-squares line through the logarithms."""
    xs, ys = ([math.log(point[axis]) for point in points] for axis in (0, 1))
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    steps = [(x - middle_x, y - middle_y) for x, y in zip(xs, ys, strict=True)]
    return sum(x * y for x, y in steps) / sum(x * x for x, _ in steps)


def table(measured: Mapping[str, list[Point]]) -> str:
    """Return a table in Markdown with a line for each step, and the verdict.

    Args:
        measured: the points of each step; several of one size are repeats.
    """
    sizes = sorted({size for points in measured.values() for size, _ in points})
    head = ["step", *(f"{size:,} triples" for size in sizes), "exponent", "n log n", "verdict"]
    lines = [head, ["---"] * len(head)]
    for step, points in measured.items():
        seconds = defaultdict(list)
        for size, value in points:
            seconds[size].append(value)
        cells = [_spread(seconds[size]) if size in seconds else "–" for size in sizes]
        least = [(size, min(values)) for size, values in sorted(seconds.items())]
        if len(least) < 2:
            lines.append([step, *cells, "–", "–", "too few"])
            continue
        found, most = exponent(least), exponent([(size, size * math.log(size)) for size, _ in least])
        verdict = "within" if found <= most + TOLERANCE else "worse"
        lines.append([step, *cells, f"{found:.2f}", f"{most:.2f}", verdict])
    worse = [line[0] for line in lines if line[-1] == "worse"]
    verdict = f"Worse than n log n: {', '.join(worse)}." if worse else "Nothing measured is worse than n log n."
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{verdict}\n"


def _spread(values: list[float]) -> str:
    least, most = f"{min(values):.1f}", f"{max(values):.1f}"
    return least if least == most else f"{least} to {most}"


def points(lines: Iterable[Mapping[str, Any]]) -> dict[str, list[Point]]:
    """Return what was measured of each step, in the order of the steps."""
    found: dict[str, list[Point]] = {step: [] for step in STEPS}
    for line in lines:
        if "seconds" in line:
            found[line["step"]].append((line["triples"], line["seconds"]))
    return {step: values for step, values in found.items() if values}


def failures(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what could not be measured, and why."""
    return [f"- {line['step']} of {line['folder']}: {line['failed']}" for line in lines if "failed" in line]


def heaviest(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the highest resident memory of each step at each size, in words."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for line in lines:
        if "memory" in line:
            sizes = found[line["step"]]
            sizes[line["triples"]] = max(line["memory"], sizes.get(line["triples"], 0))
    return [
        f"- {step}: " + ", ".join(f"{most} MB ({size:,})" for size, most in sorted(sizes.items()))
        for step, sizes in found.items()
    ]


def read(file: Path | None) -> list[dict[str, Any]]:
    """Return the lines of a file of measurements; a last one that was cut is left out."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file and file.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _measure(folder: Path, step: str, stores: Path, memory: int | None) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.steps", step, str(folder), str(stores), str(memory or 0)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    if ended.returncode == 0:
        found: dict[str, Any] = json.loads(ended.stdout)
        return found
    reason = next(reversed(ended.stderr.strip().splitlines()), f"ended with {ended.returncode}")
    return {"failed": f"more than {memory} MB ({reason})" if memory else reason}


def _keep(line: Mapping[str, Any], file: Path) -> None:
    """Add a line to a file, below one that was cut."""
    cut = file.exists() and not file.read_bytes().endswith(b"\n")
    with file.open("a", encoding="utf-8") as written:
        written.write("\n" * cut + json.dumps(line) + "\n")


def main() -> None:
    """Measure what is not yet measured, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--only", action="append", choices=[*STEPS])
    parser.add_argument("--skip", action="append", default=[], metavar="STEP:DIR")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--memory", type=int, metavar="MB")
    parser.add_argument("--output", type=Path, metavar="FILE")
    parser.add_argument("--stores", type=Path, default=Path("stores"), help="Folder for what `build` makes.")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    lines = read(options.output)
    versions = {} if options.table else {folder: find_root(folder).digest() for folder in options.folders}
    # Repeats in turns, so that what else the machine does hits all sizes.
    for turn in range(options.repeat):
        for folder, version in versions.items():
            for step in options.only or STEPS:
                known = [line for line in lines if (line["version"], line["step"]) == (version, step)]
                if f"{step}:{folder}" in options.skip or len(known) > turn or any("failed" in line for line in known):
                    continue
                said = _measure(folder, step, options.stores, options.memory)
                line = {"folder": folder.name, "version": version, "step": step, **said}
                lines.append(line)
                click.echo(json.dumps(line), err=True)
                if options.output:
                    _keep(line, options.output)
    click.echo(table(points(lines)))
    click.echo("Highest resident memory of one process:\n\n" + "\n".join(heaviest(lines)) + "\n")
    if failed := failures(lines):
        click.echo("Not measured:\n\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
