"""Real SPARQL servers for the length of a test, empty at first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from territoires.bench.others import VIRTUOSO
from territoires.bench.peer import beside
from territoires.bench.processes import free_port, running


@dataclass(frozen=True)
class Remote:
    """A server that takes queries and graphs."""

    engine: str
    credentials: str
    pid: int


@contextmanager
def oxigraph(folder: Path) -> Iterator[Remote]:
    """Run Oxigraph's server in memory; its default graph is not the union."""
    program = beside("oxigraph")
    if not program:
        pytest.skip("oxigraph is not installed: pip install oxigraph")
    port = free_port()
    url = f"http://127.0.0.1:{port}/query"
    with running("oxigraph", (program, "serve", "--bind", f"127.0.0.1:{port}"), url, cwd=folder) as server:
        yield Remote(url, "", server.pid)


@contextmanager
def virtuoso(folder: Path, **parameters: str) -> Iterator[Remote]:
    """Run Debian's Virtuoso; its default graph is the union, with a triple as often as graphs hold it."""
    if not shutil.which("virtuoso-t"):
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource-7")
    sql, http = free_port(), free_port()
    text = VIRTUOSO.format(sql=sql, http=http, folder=folder).replace("170000", "20000").replace("130000", "15000")
    for name, value in parameters.items():
        text = "\n".join(f"{name} = {value}" if line.startswith(f"{name} =") else line for line in text.splitlines())
    (folder / "virtuoso.ini").write_text(text, encoding="utf-8")
    url = f"http://127.0.0.1:{http}/sparql"
    command = ("virtuoso-t", "+foreground", "+configfile", "virtuoso.ini")
    with running("virtuoso", command, url, cwd=folder) as server:
        yield Remote(url, "dba:dba", server.pid)
