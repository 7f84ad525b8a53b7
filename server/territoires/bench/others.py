"""How each other server is given the dump, and started on it; the default graph is the merge of all named graphs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from territoires.bench.peer import Given, Peer, beside, nothing, said
from territoires.bench.processes import Running, free_port, running


def _load_oxigraph(given: Given, folder: Path) -> None:
    program = beside("oxigraph") or "oxigraph"
    for command in (("load", "--location", "db", "--file", str(given.dump)), ("optimize", "--location", "db")):
        subprocess.run([program, *command], cwd=folder, check=True, capture_output=True)


@contextmanager
def _oxigraph(_given: Given, folder: Path) -> Iterator[Running]:
    port = free_port()
    options = ("--location", "db", "--bind", f"127.0.0.1:{port}", "--union-default-graph")
    command = (beside("oxigraph") or "oxigraph", "serve-read-only", *options)
    with running("oxigraph", command, f"http://127.0.0.1:{port}/query", cwd=folder) as server:
        yield server


@contextmanager
def _rdflib_endpoint(given: Given, folder: Path) -> Iterator[Running]:
    port = free_port()
    options = ("--store", "Oxigraph", "--host", "127.0.0.1", "--port", str(port), str(given.dump))
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
def _virtuoso(_given: Given, folder: Path) -> Iterator[Running]:
    _, http = _configured(folder)
    command = ("virtuoso-t", "+foreground", "+configfile", "virtuoso.ini")
    with running("virtuoso", command, f"http://127.0.0.1:{http}/sparql", cwd=folder) as server:
        yield server


def _load_virtuoso(given: Given, folder: Path) -> None:
    shutil.copy(given.dump, folder / "dump.nq")
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


def _version(pattern: str, *command: str) -> str:
    found = re.search(pattern, said(*command))
    return found[1] if found else ""


def _of_package(program: str, package: str) -> str:
    """Return the version of a package in the environment that a program is of."""
    place = beside(program)
    if not place:
        return ""
    python = str(Path(place).with_name("python"))
    return said(python, "-c", f"import importlib.metadata as m; print(m.version({package!r}))").strip()


OTHERS: Final = (
    Peer(
        "oxigraph",
        lambda: beside("oxigraph"),
        _load_oxigraph,
        _oxigraph,
        "pip install oxigraph",
        lambda: _version(r"oxigraph (\S+)", beside("oxigraph") or "oxigraph", "--version"),
    ),
    Peer(
        "virtuoso",
        _both("virtuoso-t", "isql-vt"),
        _load_virtuoso,
        _virtuoso,
        "apt-get install virtuoso-opensource-7",
        lambda: _version(r"Version ([\d.]+)", "virtuoso-t", "--version"),
    ),
    Peer(
        "rdflib-endpoint",
        lambda: beside("rdflib-endpoint"),
        nothing,
        _rdflib_endpoint,
        "pip install rdflib-endpoint uvicorn oxrdflib",  # It has neither of the two by itself.
        lambda: _of_package("rdflib-endpoint", "rdflib-endpoint"),
    ),
)
