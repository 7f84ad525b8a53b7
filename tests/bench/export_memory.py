"""Measures the export of the whole graph in one format: `python -m tests.bench.export_memory jsonld`.

Prints the resident memory of the process once the graph is loaded, its highest while the export is written to
/dev/null, and the seconds that took. Linux only.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from territoires.export import export_to
from territoires.formats import GRAPH_FORMATS, format_named
from territoires.graph import load
from territoires.root import find_root

_STATUS = Path("/proc/self/status")


def main() -> None:
    """Measure the export in the format that the command line names, by default JSON-LD."""
    format_ = format_named(next(iter(sys.argv[1:]), "jsonld"), GRAPH_FORMATS)
    graph = load(find_root())
    before = _mebibytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # Forget the highest memory so far (proc(5)).
    started = time.perf_counter()
    with Path("/dev/null").open("wb") as file:
        export_to(file, graph, format_)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{format_.name}: {before} MiB loaded, {_mebibytes('VmHWM')} MiB at most, {seconds:.1f} s\n")


def _mebibytes(entry: str) -> int:
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{entry}:")) // 1024


if __name__ == "__main__":
    main()
