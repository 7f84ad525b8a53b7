"""This server, as it is shipped, and without what makes it fast."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import territoires
from territoires.bench.peer import Given, Peer, nothing
from territoires.bench.processes import Running, free_port, running
from territoires.errors import DataError, Text
from territoires.settings import Settings, variable

NO_CACHE: Final[Mapping[str, str]] = {one.name: "0" for one in fields(Settings) if "cache" in one.name}
"""What keeps no answers: every setting of a cache, by its name. One that is switched off otherwise is added here."""
_COMMAND: Final = (sys.executable, "-m", "territoires")
_STORE: Final = "store"


@dataclass(frozen=True, slots=True)
class _Ours:
    """One way to serve."""

    name: str
    limits: Mapping[str, str]
    on_disk: bool = False

    def prepare(self, given: Given, folder: Path) -> None:
        """Put the graph on disk."""
        command = (*_COMMAND, "--root", str(self._root(given)), "build", "--store", str(folder / _STORE))
        subprocess.run(command, check=True, capture_output=True)

    @contextmanager
    def start(self, given: Given, folder: Path) -> Iterator[Running]:
        """Serve, with as many processes of the HTTP front as the documentation advises on two cores."""
        port = free_port()
        if self.on_disk:
            served: tuple[str, ...] = ("--store", str(folder / _STORE))
        else:
            served = () if given.root else ("--data", str(given.dump), "--no-check")
        at = ("--root", str(given.root)) if given.root else ()
        command = (*_COMMAND, *at, "serve", *served, "--no-log", "--workers", "2", "--port", str(port))
        # The longest class must be answered by all; a limit costs nothing until it is reached.
        environ = {variable("query_timeout"): "60", **{variable(key): value for key, value in self.limits.items()}}
        endpoint = f"http://127.0.0.1:{port}/sparql"
        with running(self.name, command, endpoint, cwd=folder, environ=environ) as server:
            yield server

    def _root(self, given: Given) -> Path:
        if given.root is None:
            raise DataError(Text("--data FILE has no store on disk", "--data FICHIER n'a pas de base sur disque"))
        return given.root

    def peer(self) -> Peer:
        """Return it for the comparison."""
        prepare = self.prepare if self.on_disk else nothing
        return Peer(self.name, lambda: sys.executable, prepare, self.start, version=lambda: territoires.__version__)


OURS: Final = tuple(
    one.peer()
    for one in (
        _Ours("territoires", {}),
        _Ours("territoires, no cache", NO_CACHE),
        _Ours("territoires, from disk, no cache", NO_CACHE, on_disk=True),
    )
)
