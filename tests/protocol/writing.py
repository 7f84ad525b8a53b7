"""A real server whose graphs may be written, on a folder of a few files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import running_processes, running_server
from tests.protocol.conftest import BASE, Answer, Client

UPDATE = "application/sparql-update"
TURTLE = "text/turtle"
THINGS = "/graph/things"
SHAPE = f"""
@base <{BASE}> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ti: <{BASE}def#> .
<shapes/Thing> a sh:NodeShape ; sh:targetClass ti:Thing ; sh:property <shapes/Thing#name> .
<shapes/Thing#name> a sh:PropertyShape ; sh:path ti:name ; sh:minCount 1 ; sh:maxCount 1 ;
  sh:message "A thing has one name."@en , "Une chose a un nom."@fr .
"""
RULE = f"""PREFIX ti: <{BASE}def#>
# About: ?thing
CONSTRUCT {{ ?thing ti:nameOf ?name }} WHERE {{ ?thing a ti:Thing ; ti:name ?name }}
"""
FILES = {
    "ontology/o.ttl": f"<{BASE}def#Thing> <http://www.w3.org/2000/01/rdf-schema#label> 'thing'@en .\n",
    "shapes/Thing.ttl": SHAPE,
    "rules/01-name.rq": RULE,
    "data/things.ttl": f"# Kept by hand.\n<{BASE}id/thing/1> a <{BASE}def#Thing> ; <{BASE}def#name> 'one' .\n",
    "data/others.ttl": f"<{BASE}id/thing/9> a <{BASE}def#Thing> ; <{BASE}def#name> 'nine' .\n",
}


@dataclass
class Writing:
    """A server whose graphs may be written."""

    client: Client
    folder: Path
    tokens: dict[str, str]
    process: int
    """The server."""

    def send(self, method: str, path: str, body: str = "", whose: str | None = "all", **headers: str) -> Answer:
        """Send a change."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if whose:
            named["Authorization"] = f"Bearer {self.tokens.get(whose, whose)}"
        return self.client.send(method, path, headers=named, body=body.encode())

    def names(self, graph: str = "things") -> set[str]:
        """Return the names of things that a graph states, as new readers see it."""
        rows = self.client.rows(f"SELECT ?n {{ GRAPH <{BASE}graph/{graph}> {{ ?s <{BASE}def#name> ?n }} }}")
        return {name for [name] in rows}

    def text(self, name: str = "things") -> str:
        """Return what the file of a graph says."""
        return (self.folder / f"data/{name}.ttl").read_text(encoding="utf-8")


def supervisor_below(process: int) -> int:
    """Return the process that the server's engine is."""
    while True:
        for pid, (parent, arguments) in running_processes().items():
            if parent == process and "territoires.engine.supervisor" in arguments:
                return pid
        time.sleep(0.05)


def command(folder: Path, *arguments: str, **environment: str) -> str:
    """Return what a command of the program prints."""
    full = [sys.executable, "-m", "territoires", "--root", str(folder), *arguments]
    return subprocess.run(full, check=True, capture_output=True, text=True, env={**os.environ, **environment}).stdout


@contextmanager
def writable(folder: Path, files: Mapping[str, str], kept: Path) -> Iterator[Writing]:
    """Serve `folder`, with `files` in it, to who has one of two tokens: for all graphs, and for `others` alone."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "queries").mkdir(exist_ok=True)
    command(folder, "build")
    command(folder, "check", "--stamp")
    file = str(kept / "tokens.json")
    tokens = {}
    for name, pattern in (("all", "*"), ("others", "others")):
        said = command(folder, "token", "create", name, "--graph", pattern, "--expires", "1d", TERRITOIRES_TOKENS=file)
        tokens[name] = said.split()[-1]
    with running_server(["--root", str(folder)], TERRITOIRES_TOKENS=file) as url:
        port = url.rpartition(":")[2]
        named = {pid: parent for pid, (parent, words) in running_processes().items() if f"--port {port}" in words}
        [server] = [pid for pid, parent in named.items() if parent not in named]
        yield Writing(Client(url, timeout=60), folder, tokens, server)
