"""Servers under test: started on a port of this machine, timed until they answer, weighed, and stopped."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from territoires.errors import DataError, Text

_PATIENCE: Final = 300.0
"""Seconds until a server must answer its first query."""
_GLANCE: Final = 0.1
"""Seconds between two looks at whether a server rests."""
_FIRST: Final = urlencode({"query": "ASK { ?s ?p ?o }"})


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers queries."""

    name: str
    endpoint: str
    """Address that takes `?query=`."""
    seconds: float
    """From its start to its first answer."""
    pid: int

    @property
    def mebibytes(self) -> float:
        """Memory that its processes take together; what they share counts once (PSS). 0 where Linux does not say."""
        return sum(_memory(pid) for pid in family(self.pid)) / 1024

    def settle(self, patience: float) -> bool:
        """Wait until its processes rest, for they may still work on what nobody waits for; return whether they do.

        Args:
            patience: seconds after which they are waited for no longer.
        """
        until, before = time.perf_counter() + patience, self._ticks()
        while time.perf_counter() < until:
            time.sleep(_GLANCE)
            now = self._ticks()
            if now - before <= 1:
                return True
            before = now
        return False

    def _ticks(self) -> int:
        """Return the processor time of its processes, in hundredths of a second. 0 where Linux does not say."""
        return sum(_worked(pid) for pid in family(self.pid))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    name: str, command: Sequence[str], endpoint: str, *, cwd: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run `command` for the length of the block, from its first answer at `endpoint` on.

    Raises:
        DataError: if it ends, or does not answer in five minutes.
    """
    log = cwd / "server.log"
    started = time.perf_counter()
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(environ or {})}, stdout=written, stderr=written
        ) as process,
    ):
        try:
            while not _answers(endpoint):
                if process.poll() is not None or time.perf_counter() - started > _PATIENCE:
                    raise DataError(Text(f"{name} does not answer: {_end(log)}", f"{name} ne répond pas : {_end(log)}"))
                time.sleep(0.02)
            yield Running(name, endpoint, time.perf_counter() - started, process.pid)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            process.kill()


def _end(log: Path) -> str:
    """Return the last words of a log."""
    return " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]) or "–"


def _answers(endpoint: str) -> bool:
    try:
        with urlopen(f"{endpoint}?{_FIRST}", timeout=10) as answer:  # noqa: S310  (our own address)
            return bool(answer.read())
    except HTTPError as error:
        error.close()
    except OSError:
        pass
    return False


def family(pid: int) -> list[int]:
    """Return the process and all that descend from it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for file in Path(f"/proc/{parent}/task").glob("*/children"):
                found += map(int, file.read_text().split())
    return found


def _memory(pid: int) -> int:
    """Return kibibytes of a process, its share of what it shares with others."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _worked(pid: int) -> int:
    """Return ticks of processor time, in user and system mode: fields 14 and 15 of proc(5)."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0
