"""Measures `territoires enrich` on many rows: `python -m tests.bench.enrich [ROWS]`, a million by default.

The rows are communes drawn by chance, as a table of firms has them: a name, a code (every tenth without its zero, every
fiftieth unknown), a figure. Prints rows a second without the loading of the graph, the same for a loop that only reads
and writes the file with Python's csv, and the highest resident memory.
"""

from __future__ import annotations

import csv
import io
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from territoires.engine.embedded import EmbeddedEngine
from territoires.enrich import Matcher, enrich, opened, recognise
from territoires.enrich.process import sampled
from territoires.graph import load
from territoires.root import find_root
from territoires.search import Index, gather


def _written(file: Path, index: Index, rows: int) -> None:
    chance = random.Random(1)  # noqa: S311  (no secret)
    communes = [entry for entry in index.entries if entry.kind == "commune"]
    with file.open("w", encoding="cp1252", errors="replace", newline="") as text:
        table = csv.writer(text, delimiter=";")
        table.writerow(("Entreprise", "Commune", "Code INSEE", "Effectif"))
        for number in range(rows):
            commune = chance.choice(communes)
            code = commune.key.lstrip("0") if number % 10 == 0 else commune.key
            code = "99999" if number % 50 == 0 else code
            name = commune.label.fr.encode("cp1252", "ignore").decode("cp1252")
            table.writerow((f"Société {number}", name, code, chance.randrange(500)))


def main() -> None:
    """Measure, and print what was found."""
    count = int((sys.argv[1:2] or ["1000000"])[0])
    engine = EmbeddedEngine(load(find_root()))
    matcher = Matcher(engine, Index(gather(engine)))
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        _written(source, matcher.index, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        with source.open("rb") as file, opened(file, "in.csv") as table, target.open("wb") as output:
            sample, rows = sampled(table)
            columns = recognise("in.csv", table.heads, sample, matcher.index, {})
            report = enrich(table, rows, columns, matcher, output, "csv", delimiter=";")
        seconds = time.perf_counter() - started
        started = time.perf_counter()
        with (
            source.open(encoding="cp1252", newline="") as text,
            io.TextIOWrapper(target.open("wb"), newline="") as copy,
        ):
            csv.writer(copy, delimiter=";").writerows(csv.reader(text, delimiter=";"))
        copied = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(
        f"{report.rows:,} rows ({dict(report.how)}, {dict(report.problems)}) in {seconds:.1f} s: "
        f"{report.rows / seconds:,.0f} a second, {seconds / copied:.1f} times what csv needs to copy them; "
        f"{after // 1024} MiB at most, {(after - before) // 1024} MiB more than with the graph and the index alone\n"
    )


if __name__ == "__main__":
    main()
