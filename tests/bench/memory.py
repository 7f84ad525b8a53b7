"""Measures what the query engine takes: `python -m tests.bench.memory [--root DIR] [--store DIR]`.

Starts the pool, says how long that took, and prints the proportional set size (PSS: shared pages are divided among
those that share them; Linux) of the supervisor with its workers, at rest and after each has read the whole graph.
"""

from __future__ import annotations

import argparse
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import click
from tests.conftest import running_processes

from territoires.engine.pool import Pool, PooledEngine
from territoires.formats import format_named
from territoires.guard import admit
from territoires.root import find_root
from territoires.settings import Settings

_SCANS: Final = {
    "the merge": "SELECT ?s {{ ?s ?p ?o FILTER(STRLEN(STR(?o)) > 1000000) }} # {}",
    "the named graphs": "SELECT ?s {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRLEN(STR(?o)) > 1000000) }} # {}",
}
_PSS: Final = re.compile(r"^Pss:\s+([0-9]+) kB", re.MULTILINE)


def _engine(address: str) -> dict[int, int]:
    """Return the megabytes of each process of the pool at `address`."""
    found = [pid for pid, (_, command) in running_processes().items() if address in command]
    sizes = {}
    for pid in found:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        match = _PSS.search(text)
        sizes[pid] = int(match[1]) // 1000 if match else 0
    return sizes


def _scan(engine: PooledEngine, workers: int, text: str) -> None:
    """Let all workers read all, and every text in it, at once, so that none does it twice."""
    queries = [admit(text.format(number)) for number in range(workers)]
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(lambda query: engine.run(query, format_named("csv")), queries))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    settings = Settings(query_timeout=600)
    started = time.perf_counter()
    with Pool(find_root(options.root), settings, store=options.store) as pool:
        pool.engine.run(admit("ASK { ?s a ?c }"), format_named("csv"))
        click.echo(f"first answer after {time.perf_counter() - started:.2f} s")
        time.sleep(1)
        _tell("at rest", pool.address)
        for what, text in _SCANS.items():
            started = time.perf_counter()
            _scan(pool.engine, settings.query_workers, text)
            _tell(f"{what} scanned by each worker in {time.perf_counter() - started:.1f} s", pool.address)


def _tell(when: str, address: str) -> None:
    sizes = _engine(address)
    click.echo(f"{when}: {sum(sizes.values())} MB in {len(sizes)} processes {sorted(sizes.values())}")


if __name__ == "__main__":
    main()
