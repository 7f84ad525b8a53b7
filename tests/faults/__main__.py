"""Kills a process with SIGKILL at every system call of a commit, at random times, and cuts its journal at every byte.

Each process is forked and dies of a real `kill -9`. Afterwards the folder is recovered and read: every file must be of
the old version, or every file of the new one.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from territoires.commit.journal import JOURNAL, locked, recover, recover_locked, write_all

FILES: Final = 12
CALLS: Final = ("open", "write", "fsync", "close", "replace", "unlink", "chmod")
RANDOM: Final = 60

Work = Callable[[Path], None]
Table = Counter[tuple[str, str]]


def content(version: str) -> dict[str, bytes | None]:
    """Return the files of a version: all changed, one that comes and one that goes."""
    files: dict[str, bytes | None] = {f"data/{number}.ttl": f"{version} {number}\n".encode() for number in range(FILES)}
    files["data/only-old.ttl"] = b"old\n" if version == "old" else None
    files["ontology/only-new.ttl"] = b"new\n" if version == "new" else None
    return files


def prepare(folder: Path) -> None:
    """Make `folder` hold the old version."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in content("old").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            (folder / name).write_bytes(text)


def state(folder: Path) -> str:
    """Return which version `folder` holds: old, new or mixed; `dirty` if anything else is left there."""
    held = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    held.pop(".territoires-lock", None)
    for version in ("old", "new"):
        if held == {name: text for name, text in content(version).items() if text is not None}:
            return version
    return "dirty" if any("territoires" in name for name in held) else "mixed"


def change(folder: Path) -> None:
    """Commit the new version."""
    with locked(folder):
        recover_locked(folder)
        write_all(folder, content("new"))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(at: int, when: str, seen: list[str]) -> None:
    """Make this process die before, in the middle of, or after its system call number `at`; note those made."""

    def armed(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  (those of the system call)
            seen.append("journal" if name == "replace" and str(arguments[1]).endswith(JOURNAL) else name)
            if len(seen) - 1 != at:
                return real(*arguments, **options)
            if when == "amid":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            try:
                if when == "after":
                    real(*arguments, **options)
            finally:
                _die()
            return None

        return call

    for name in CALLS:
        setattr(os, name, armed(name, getattr(os, name)))


def killed(folder: Path, work: Work, at: int, when: str) -> None:
    """Do `work` in a process that is killed at its system call number `at`."""
    child = os.fork()
    if child == 0:
        _arm(at, when, [])
        work(folder)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), (at, when, status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def calls(folder: Path, work: Work) -> list[str]:
    """Return the system calls that `work` makes, as a process of its own that nobody kills."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        seen: list[str] = []
        real = os.write
        _arm(-1, "", seen)
        work(folder)
        real(writing, " ".join(seen).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.read().split()


def at_every_call(folder: Path, before: Work, work: Work, name: str) -> Table:
    """Kill `work` at each of its calls, recover, and count what is found."""
    found: Table = Counter()
    before(folder)
    made = calls(folder, work)
    for at, call in enumerate(made):
        for when in ("before", "amid", "after") if call == "write" else ("before", "after"):
            before(folder)
            killed(folder, work, at, when)
            recover(folder)
            found[f"{name}: {when} {call}", state(folder)] += 1
    return found


def journalled(folder: Path) -> None:
    """Leave `folder` as a process does that dies right after its journal has appeared."""
    prepare(folder)
    killed(folder, change, journalled_at(folder), "after")


def journalled_at(folder: Path, known: list[int] = []) -> int:  # noqa: B006  (kept from call to call)
    """Return the number of the call by which the journal appears."""
    if not known:
        known.append(calls(folder, change).index("journal"))
        prepare(folder)
    return known[0]


def cut_journals(folder: Path) -> Table:
    """Cut the journal at every byte."""
    found: Table = Counter()
    journalled(folder)
    length = (folder / JOURNAL).stat().st_size
    for size in range(length + 1):
        journalled(folder)
        os.truncate(folder / JOURNAL, size)
        recover(folder)
        found["journal cut" if size < length else "journal whole", state(folder)] += 1
    return found


def at_random_times(folder: Path, seed: int) -> Table:
    """Kill at random times."""
    found: Table = Counter()
    chance = random.Random(seed)  # noqa: S311  (nothing to guess)
    prepare(folder)
    start = time.perf_counter()
    change(folder)
    usual = time.perf_counter() - start
    for _ in range(RANDOM):
        prepare(folder)
        child = os.fork()
        if child == 0:
            change(folder)
            os._exit(0)
        time.sleep(chance.uniform(0, usual * 1.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        recover(folder)
        found["at a random time", state(folder)] += 1
    return found


def main() -> int:
    """Print the table; return 1 if a folder was neither old nor new."""
    # What a process has written outlives its death: only a power cut asks for more.
    os.fsync = lambda fd: None  # noqa: ARG005
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "graph")
        found = at_every_call(folder, prepare, change, "commit")
        found += at_every_call(folder, journalled, recover, "recovery")
        found += cut_journals(folder)
        found += at_random_times(folder, seed=8)
    states = ("old", "new", "mixed", "dirty")
    print("| point | tried |", " | ".join(states), "|\n|---|---|---|---|---|---|")  # noqa: T201
    for point in dict.fromkeys(point for point, _ in found):
        counts = [found[point, one] for one in states]
        print(f"| {point} | {sum(counts)} |", " | ".join(map(str, counts)), "|")  # noqa: T201
    bad = sum(count for (_, one), count in found.items() if one in {"mixed", "dirty"})
    print(f"\n{found.total()} points, {bad} neither old nor new")  # noqa: T201
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
