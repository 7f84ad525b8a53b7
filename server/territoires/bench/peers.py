"""How each server is given the same dump, and started on it; the default graph is the merge of all named graphs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from territoires.bench.processes import Running, free_port, running
from territoires.errors import DataError, Text
from territoires.settings import variable


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that can be compared."""

    name: str
    found: Callable[[], str | None]
    """Returns the program, or None where it is not installed."""
    prepare: Callable[[Path, Path], None]
    """Loads the dump into a folder."""
    start: Callable[[Path, Path], AbstractContextManager[Running]]
    """Context manager that serves what was loaded: dump, folder -> `Running`."""
    remedy: str
    """How it is installed."""


def installed(names: list[str]) -> list[Peer]:
    """Return the peers called so, or all that this machine has; ours come first.

    Raises:
        DataError: if one that was named is not installed or not known.
    """
    for name in names:
        peer = next((peer for peer in PEERS if peer.name == name), None)
        if peer is None or not peer.found():
            known = ", ".join(peer.name for peer in PEERS)
            remedy = peer.remedy if peer else known
            raise DataError(
                Text(f"the server {name!r} is not installed", f"le serveur {name!r} n'est pas installé"),
                hint=Text(remedy, remedy),
            )
    return [peer for peer in PEERS if (peer.name in names if names else peer.found())]


def timed(peer: Peer, dump: Path, folder: Path) -> float:
    """Load the dump; return the seconds that it took."""
    folder.mkdir()
    started = time.perf_counter()
    peer.prepare(dump, folder)
    return time.perf_counter() - started


def beside(program: str) -> str | None:
    """Return a program of this Python environment, else one on the path."""
    own = Path(sysconfig.get_path("scripts"), program)
    return str(own) if own.exists() else shutil.which(program)


def _ours(name: str, **limits: str) -> Callable[[Path, Path], AbstractContextManager[Running]]:
    @contextmanager
    def start(dump: Path, folder: Path) -> Iterator[Running]:
        port = free_port()
        options = ("--data", str(dump), "--no-check", "--no-log", "--workers", "2", "--port", str(port))
        command = (sys.executable, "-m", "territoires", "serve", *options)
        endpoint = f"http://127.0.0.1:{port}/sparql"
        environ = {variable("query_timeout"): "60", **{variable(key): value for key, value in limits.items()}}
        with running(name, command, endpoint, cwd=folder, environ=environ) as server:
            yield server

    return start


def _nothing(_dump: Path, _folder: Path) -> None:
    """Load nothing beforehand: it is loaded at the start."""


def _load_oxigraph(dump: Path, folder: Path) -> None:
    program = beside("oxigraph") or "oxigraph"
    for command in (("load", "--location", "db", "--file", str(dump)), ("optimize", "--location", "db")):
        subprocess.run([program, *command], cwd=folder, check=True, capture_output=True)


@contextmanager
def _oxigraph(_dump: Path, folder: Path) -> Iterator[Running]:
    port = free_port()
    options = ("--location", "db", "--bind", f"127.0.0.1:{port}", "--union-default-graph")
    command = (beside("oxigraph") or "oxigraph", "serve-read-only", *options)
    with running("oxigraph", command, f"http://127.0.0.1:{port}/query", cwd=folder) as server:
        yield server


@contextmanager
def _rdflib_endpoint(dump: Path, folder: Path) -> Iterator[Running]:
    port = free_port()
    options = ("--store", "Oxigraph", "--host", "127.0.0.1", "--port", str(port), str(dump))
    command = (beside("rdflib-endpoint") or "rdflib-endpoint", "serve", *options)
    with running("rdflib-endpoint", command, f"http://127.0.0.1:{port}/", cwd=folder) as server:
        yield server


VIRTUOSO: Final = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.errors
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxClientConnections = 64
CheckpointInterval = 0
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 64
MaxKeepAlives = 64
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryCostEstimationTime = 100000
MaxQueryExecutionTime = 60
"""
"""Buffers as Virtuoso's documentation has them for 2 GB of memory."""


def _configured(folder: Path) -> tuple[int, int]:
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(sql=sql, http=http, folder=folder), encoding="utf-8")
    return sql, http


@contextmanager
def _virtuoso(_dump: Path, folder: Path) -> Iterator[Running]:
    _, http = _configured(folder)
    command = ("virtuoso-t", "+foreground", "+configfile", "virtuoso.ini")
    with running("virtuoso", command, f"http://127.0.0.1:{http}/sparql", cwd=folder) as server:
        yield server


def _load_virtuoso(dump: Path, folder: Path) -> None:
    shutil.copy(dump, folder / "dump.nq")
    sql, http = _configured(folder)
    command = ("virtuoso-t", "+foreground", "+configfile", "virtuoso.ini")
    with running("virtuoso", command, f"http://127.0.0.1:{http}/sparql", cwd=folder):
        steps = f"ld_dir('{folder}', 'dump.nq', 'urn:x-bench:default'); rdf_loader_run(); checkpoint; shutdown;"
        program = shutil.which("isql-vt") or "isql"
        subprocess.run(
            [program, f"127.0.0.1:{sql}", "dba", "dba", f"exec={steps}"], cwd=folder, check=False, capture_output=True
        )


def _both(*programs: str) -> Callable[[], str | None]:
    return lambda: next(iter(programs), None) if all(map(shutil.which, programs)) else None


PEERS: Final = (
    Peer("territoires", lambda: sys.executable, _nothing, _ours("territoires"), ""),
    Peer(
        "territoires, nothing kept",
        lambda: sys.executable,
        _nothing,
        _ours("territoires, nothing kept", response_cache="0", answer_cache="0"),
        "",
    ),
    Peer("oxigraph", lambda: beside("oxigraph"), _load_oxigraph, _oxigraph, "pip install oxigraph"),
    Peer(
        "virtuoso",
        _both("virtuoso-t", "isql-vt"),
        _load_virtuoso,
        _virtuoso,
        "apt-get install virtuoso-opensource-7",
    ),
    Peer(
        "rdflib-endpoint",
        lambda: beside("rdflib-endpoint"),
        _nothing,
        _rdflib_endpoint,
        "pip install rdflib-endpoint uvicorn",
    ),
)
"""In the order of the tables. Those that keep what they loaded are started on it; the others load at each start."""
