"""Measures what people wait for: `python -m tests.bench.timing load 5`, or `start`, or `check`.

`load` fills the store in a new process, without the start of Python; `start` runs `territoires serve` until it has
answered a first query, with `--root DIR` on another graph folder, with `--store DIR` from disk; `check` runs
`territoires check --since HEAD` on a copy of the graph folder after one fact was changed in it. Prints the least and
the median of the wall clock, and of the processor time of all processes to their end, in seconds, and the highest
resident memory of one. On a machine that does other things trust the least. Python has its bytecode: a first run that
writes it is not counted.
"""

from __future__ import annotations

import argparse
import functools
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import quote
from urllib.request import urlopen

from territoires.root import FOLDERS, Root, find_root

_LOAD: Final = """
import time, territoires
started = time.perf_counter()
graph = territoires.load(territoires.find_root())
print(time.perf_counter() - started)
"""
_QUERY: Final = quote("ASK { ?territory a <https://w3id.org/territoires-industrie/def#Territory> }")
_COMMAND: Final = (sys.executable, "-m", "territoires")


def _load(_: Path) -> float:
    return float(subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True).stdout)


def _start(_: Path, *, root: Path, store: Path | None) -> float:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    started = time.perf_counter()
    command = [*_COMMAND, "--root", str(root), "serve", "--no-log", "--port", str(port)]
    command += ["--store", str(store)] if store else []
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            while server.poll() is None:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/sparql?query={_QUERY}", timeout=10) as answer:
                        answer.read()
                        return time.perf_counter() - started
                except OSError:
                    time.sleep(0.01)
        finally:
            server.terminate()
    raise SystemExit("the server ended")


def _check(folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(
        [*_COMMAND, "--root", str(folder), "check", "--since", "HEAD"], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def _changed_copy(root: Root, folder: Path) -> None:
    """Copy the graph folder into a repository of its own, then change one fact of a source."""
    for name in (one for one in FOLDERS if (root.path / one).is_dir()):
        shutil.copytree(root.path / name, folder / name)
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org")
    for arguments in (("init",), ("add", "--all"), ("commit", "--message", "before")):
        subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)
    file = folder / "data/anct-2024-07-04/phase-2.ttl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('rdfs:label "Grand Auch', 'rdfs:label "Le Grand Auch', 1), encoding="utf-8")
    subprocess.run([*_COMMAND, "--root", str(folder), "build"], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Measure what the command line names, as often as it says (default: 5 times)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="load", choices=["load", "start", "check"])
    parser.add_argument("count", nargs="?", type=int, default=5)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    name, count = options.name, options.count
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    measures: dict[str, Callable[[Path], float]] = {
        "load": _load,
        "start": functools.partial(_start, root=find_root(options.root).path, store=options.store),
        "check": _check,
    }
    measure = measures[name]
    with tempfile.TemporaryDirectory() as folder:
        if measure is _check:
            _changed_copy(find_root(), Path(folder))
        measure(Path(folder))
        walls, works = [], []
        for _ in range(count):
            before = _work()
            walls.append(measure(Path(folder)))
            works.append(_work() - before)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    wall, work = (f"{min(times):.2f} least, {median(times):.2f} median" for times in (walls, works))
    sys.stdout.write(f"{name}, {count} times: {wall} s; processor {work} s; {memory} MiB at most\n")


def _work() -> float:
    """Return the processor time of the children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
