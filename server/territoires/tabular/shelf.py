"""A folder where the exports of a dataset version lie ready: written once, beside the requests, and then only read."""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Final

import territoires
from territoires.engine import Engine
from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import hold
from territoires.errors import OverloadedError, TerritoiresError, Text
from territoires.files import alone_in
from territoires.root import Root
from territoires.tabular.exports import INDEX, Material, find_exports, write_all

_AGAIN: Final = 60
"""Seconds after which what failed is tried again."""
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """Exports that have been written."""

    folder: Path
    sizes: Mapping[str, int]
    """Bytes by name."""
    digests: Mapping[str, str]
    """SHA-256 by name, as hex."""


class Shelf:
    """The exports of whatever version the engine serves.

    Args:
        root: the graph folder that declares them.
        engine: what answers the queries.
        folder: where they lie, for one server alone: other versions are removed from it. Processes of that server
            share it, and one of them writes. None: a temporary folder of this process.
    """

    def __init__(self, root: Root, engine: Engine, folder: Path | None = None) -> None:
        self.exports = find_exports(root)
        self._root = root
        self._engine = engine
        self._folder = folder
        self._lock = Lock()
        self._ready: tuple[str, Ready] | None = None
        self._writing: Thread | None = None
        self._not_before = 0.0
        declared = (*(root.queries / "tables").glob("*.rq"), *root.ontology.rglob("*.jsonld"))
        parts = (territoires.__version__, root.digest(*sorted(declared)) if declared else "", *self.exports)
        self._program = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def ready(self) -> Ready:
        """Return the exports of the version that is served now.

        Raises:
            OverloadedError: as long as they are being written; who asks first starts that.
        """
        found = self.known(start=True)
        if found is None:
            raise OverloadedError(
                Text("the exports are being written", "les exports sont en cours d'écriture"),
                hint=Text("ask again in a minute", "redemandez dans une minute"),
            )
        return found

    def known(self, *, start: bool = False) -> Ready | None:
        """Return the exports if they are written; else None, and have them written if `start`."""
        with self._lock:
            name = self._name()
            if self._ready and self._ready[0] == name and self._ready[1].folder.is_dir():
                return self._ready[1]
            found = _read(self._place() / name) if self._folder else None
            if found:
                self._ready = (name, found)
            elif start and monotonic() >= self._not_before and not (self._writing and self._writing.is_alive()):
                self._writing = Thread(target=self._write, args=(self._place(), name), daemon=True)
                self._writing.start()
            return found

    def _name(self) -> str:
        return f"{self._engine.version[:32]}-{self._program}"

    def _place(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="territoires-exports-"))
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def _write(self, place: Path, name: str) -> None:
        """Write into a folder beside, then give it its name: nobody sees half of the exports."""
        try:
            with alone_in(place) as alone, hold(self._engine):
                if not alone or (place / name).is_dir() or name != self._name():
                    return
                for other in [*place.glob("*-*"), *place.glob(".new-*")]:
                    shutil.rmtree(other, ignore_errors=True)
                new = Path(tempfile.mkdtemp(prefix=".new-", dir=place))
                material = Material(self._root, self._engine)
                for _ in write_all(new, self.exports, material):
                    pass
                new.rename(place / name)
        except DatasetChangedError:
            return  # who asks next has those of the new version written
        except (OSError, TerritoiresError) as error:
            self._not_before = monotonic() + _AGAIN
            _log.warning("the exports cannot be written: %s", error)


def _read(folder: Path) -> Ready | None:
    if not (folder / INDEX).is_file():
        return None
    content = (folder / INDEX).read_bytes()
    listed = json.loads(content)["exports"]
    sizes = {one["name"]: one["bytes"] for one in listed} | {INDEX: len(content)}
    digests = {one["name"]: one["sha256"] for one in listed} | {INDEX: hashlib.sha256(content).hexdigest()}
    return Ready(folder, sizes, digests)
