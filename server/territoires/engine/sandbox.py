"""What a worker process cannot do, whatever the query: the wall behind the guard.

Each limit is set where the platform has it. On Linux all of them hold; macOS does not enforce the memory limit, and
Windows has none: there, only the supervisor stops a query.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator

if sys.platform != "win32":
    import resource

_PR_SET_PDEATHSIG = 1


def confine(memory: int) -> None:
    """Give up, for good, what evaluating queries does not need.

    Args:
        memory: address space that may be taken beyond what is in use now, in bytes.
    """
    if sys.platform == "win32":
        return
    _limit(resource.RLIMIT_CORE, 0)
    end_with_parent()
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  (a path object is no clearer)
            used = int(file.read().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, used + memory)


@contextlib.contextmanager
def evaluating(seconds: float, files: int = 0) -> Iterator[None]:
    """Open no file and no socket during the block, and let the kernel end the process after `seconds`.

    A store on disk may still have to open some `files`: RocksDB opens the first 16 of each index only at its start.

    The timer is the second deadline: it works when the supervisor does not, and no handler can be swallowed.
    """
    if sys.platform == "win32":
        yield
        return
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(_next_file() + files, limits[0]) if files else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, limits[1]))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def _next_file() -> int:
    """Return a number above those of all open files; without /proc, one that most processes stay below."""
    try:
        return max(map(int, os.listdir("/proc/self/fd"))) + 1  # noqa: PTH208  (names alone)
    except OSError:
        return 1_024


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def end_with_parent() -> None:
    """Let the kernel end this process when its parent is gone, however that ended; on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
