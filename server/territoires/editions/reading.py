"""Reads editions: into a store of their own, or written in another syntax."""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

import pyoxigraph as ox

from territoires import turtle
from territoires.editions.model import Edition, Facts, editions, in_force, series, since, stated
from territoires.errors import NotFoundError, Text
from territoires.formats import Format
from territoires.graph import KnowledgeGraph, graph_files, load_files
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root

_MOST: Final = 8
"""Converted files that are kept."""


def load_edition(root: Root, name: str, day: dt.date) -> KnowledgeGraph:
    """Load one graph as it was in force on `day`, and nothing else.

    Args:
        root: the graph folder.
        name: IRI of the graph, its path below the base, or its name such as `anct-2024-07-04`.
        day: the day.

    Raises:
        NotFoundError: if there is no such graph, or no edition of it was in force then.
        TurtleError: if a file of it does not parse.
    """
    known = graph_files(root) if not root.dataset else {}
    iri = next((one for one in (name, BASE + name, f"{BASE}graph/{name}") if one in known), None)
    if iri is None:
        names = ", ".join(sorted(one.removeprefix(f"{BASE}graph/") for one in known))
        raise NotFoundError(
            Text(f"there is no graph {name!r}", f"il n'y a pas de graphe {name!r}"),
            hint=Text(f"one of: {names}", f"au choix : {names}"),
        )
    edition = in_force(editions(root, iri), day)
    store = load_files(edition.files)
    graph = ox.NamedNode(iri)
    store.extend([ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in store])
    return KnowledgeGraph(store, root, root.digest(*edition.files), {iri: edition.files}, (ox.DefaultGraph(),))


def said_then(edition: Edition) -> Facts | None:
    """Return what the catalogue said of a replaced edition; None where that is not kept."""
    file = edition.about
    return stated(file.read_bytes(), file) if file and file.exists() else None


class Archive:
    """The replaced editions of a graph folder, for a server: converts one at a time, and keeps the last ones on disk.

    What that takes is bounded by the files that the curators wrote: a client only chooses among them.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self._lock = Lock()
        self._folder: Path | None = None
        self._known: OrderedDict[tuple[object, ...], Path] = OrderedDict()

    def series(self, graph: str, facts: Facts) -> tuple[Edition, ...]:
        """Return the editions of `graph`, the last of which is served; none where the catalogue gives no date.

        Args:
            graph: IRI of a named graph.
            facts: what the catalogue that is served states.
        """
        return series(self._root, graph, since(graph, facts))

    def open(self, edition: Edition, format_: Format) -> BinaryIO:
        """Return a replaced edition in a format of graphs, at its start; the caller closes it.

        Raises:
            TurtleError: if its file does not parse.
        """
        [file] = edition.files
        if format_.rdf == ox.RdfFormat.TURTLE:
            return file.open("rb")
        state = file.stat()
        key = (file, state.st_mtime_ns, state.st_size, format_.suffix)
        with self._lock:
            if key not in self._known:
                self._known[key] = self._convert(turtle.parse(file), format_)
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                _, oldest = self._known.popitem(last=False)
                oldest.unlink(missing_ok=True)
            return self._known[key].open("rb")

    def _convert(self, triples: Iterable[ox.Triple], format_: Format) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="territoires-editions-"))
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as output:
            target = Path(output.name)
            try:
                ox.serialize(triples, output=output, format=format_.rdf, prefixes=PREFIXES)
            except BaseException:
                target.unlink()
                raise
        return target
