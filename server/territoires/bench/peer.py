"""What a server is to the comparison."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from territoires.bench.processes import Running


@dataclass(frozen=True, slots=True)
class Given:
    """What all servers serve."""

    dump: Path
    """N-Quads."""
    root: Path | None
    """The graph folder that the dump was made of, for ours; None: they get the dump as well."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that can be compared."""

    name: str
    found: Callable[[], str | None]
    """Returns the program, or None where it is not installed."""
    prepare: Callable[[Given, Path], None]
    """Loads what is given into a folder.

    Raises:
        DataError, OSError, CalledProcessError: if it cannot.
    """
    start: Callable[[Given, Path], AbstractContextManager[Running]]
    """Context manager that serves what was loaded: given, folder -> `Running`.

    Raises:
        DataError, OSError: if it does not start.
    """
    remedy: str = ""
    """How it is installed."""
    version: Callable[[], str] = lambda: ""
    """Returns its version; empty where it does not say."""


def beside(program: str) -> str | None:
    """Return a program of this Python environment, else one on the path."""
    own = Path(sysconfig.get_path("scripts"), program)
    return str(own) if own.exists() else shutil.which(program)


def nothing(_given: Given, _folder: Path) -> None:
    """Load nothing beforehand: it is loaded at the start."""


def timed(peer: Peer, given: Given, folder: Path) -> float:
    """Load what is given; return the seconds that it took.

    Raises:
        DataError, OSError, CalledProcessError: if it cannot be loaded.
    """
    folder.mkdir()
    started = time.perf_counter()
    peer.prepare(given, folder)
    return time.perf_counter() - started


def said(*command: str) -> str:
    """Return what a program prints of itself; nothing where it cannot be run."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout + ended.stderr
