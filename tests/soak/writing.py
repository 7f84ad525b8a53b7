"""Change a small graph over HTTP, under readers of a real server: `python -m tests.soak.writing --changes 1000`."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from tests.protocol.conftest import BASE
from tests.protocol.writing import FILES, UPDATE, Writing, supervisor_below, writable
from tests.soak.publishing import size_of

READERS: Final = 4
# Both graphs are changed by each update: a mixture of two versions would show.
_QUERY: Final = f"""SELECT ?a ?b {{
    GRAPH <{BASE}graph/things> {{ ?s <{BASE}def#name> ?a }} GRAPH <{BASE}graph/others> {{ ?t <{BASE}def#name> ?b }}
}}"""


def main() -> int:
    """Print the figures; return 1 if an answer was wrong or refused."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: python -m tests.soak.writing --changes 100")
    parser.add_argument("--changes", type=int, default=1_000)
    changes = parser.parse_args().changes
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as kept,
        writable(Path(folder).resolve(), FILES, Path(kept)) as writing,
    ):
        return _run(writing, changes)


def _run(writing: Writing, changes: int) -> int:
    bad: list[object] = []
    counts, seconds = [0] * READERS, list[float]()
    stop = threading.Event()

    def read(number: int) -> None:
        while not stop.is_set():
            answer = writing.client.query(_QUERY, Accept="text/csv")
            counts[number] += 1
            if answer.status != 200 or len({*answer.rows[0]}) != 1:
                bad.append((answer.status, answer.text))

    change(writing, 0)
    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    first = size_of(supervisor_below(writing.process))
    for number in range(1, changes + 1):
        start = time.perf_counter()
        change(writing, number)
        seconds.append(time.perf_counter() - start)
        if number == max(1, changes // 10):
            first = size_of(supervisor_below(writing.process))
    stop.set()
    for reader in readers:
        reader.join()
    last = size_of(supervisor_below(writing.process))
    disk = sum(file.stat().st_size for file in writing.folder.rglob("*") if file.is_file())
    sys.stdout.write(
        f"changes     {changes}, median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s\n"
        f"answers     {sum(counts)}, wrong or refused {len(bad)}\n"
        f"supervisor  {first} -> {last} (MB, open files, processes)\n"
        f"disk        {disk / changes:.0f} bytes a change, the history with its patches\n"
    )
    return 1 if bad else 0


def change(writing: Writing, number: int) -> None:
    """Give the things of both graphs the same new name."""
    rename = f"DELETE {{ ?s ti:name ?n }} INSERT {{ ?s ti:name '{number}' }} WHERE {{ ?s ti:name ?n }}"
    text = " ; ".join(f"WITH <{BASE}graph/{graph}> {rename}" for graph in ("things", "others"))
    answer = writing.send("POST", "/update", text, Content_Type=UPDATE)
    assert answer.status == 200, answer.text


if __name__ == "__main__":
    sys.exit(main())
