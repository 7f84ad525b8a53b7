"""Makes the changes that a server is asked for, in a process that is forked from the loaded graph for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

import pyoxigraph as ox

from territoires import rules, stamp, updates, validation
from territoires.commit.asking import Asked, changed_meanwhile, unpack
from territoires.commit.door import Commit, change
from territoires.commit.folder import Folder
from territoires.commit.journal import recover
from territoires.credentials import allows, not_for
from territoires.edits import Edit
from territoires.engine.wire import Header
from territoires.errors import ConflictError, DataError, NotFoundError, RequestError, Text
from territoires.graph import KnowledgeGraph, same_files
from territoires.history import Signature
from territoires.root import Root
from territoires.settings import Settings

_WARNINGS: Final = 20
"""Warnings that are told."""


class FolderWriter:
    """Makes changes of a graph folder (see `engine.writer.Writer`)."""

    def __init__(self, root: Root) -> None:
        """Read what judging takes, once for all the processes that are forked."""
        validation.prepare(root)
        rules.prepare(root)
        self._root = root
        self._settings = Settings.from_environment()

    def write(self, graph: KnowledgeGraph, body: bytes) -> tuple[Header, bytes]:
        """Make the change; see `Writer.write`."""
        asked = unpack(body)
        if asked.expected is not None and not same_files(asked.expected, graph.version):
            raise changed_meanwhile()
        if not same_files(graph.version, Folder(self._root).digest()):
            return self._outdated()
        after, edit = self._edit(graph, asked)
        if not edit:
            told = ["", "nothing matched: nothing has changed", "rien ne correspond : rien n'a changé"]
            return {"version": graph.version, "added": 0, "removed": 0, "graphs": [], "warnings": [told]}, b""
        _ensure_allowed(asked, edit)
        _ensure_named(edit)
        signature = Signature(asked.agent, asked.message, dt.datetime.now(dt.UTC))
        done = change(graph, edit, after=after, signature=signature)
        return _told(done, edit) | {"reload": not done.is_delta}, done.delta.pack() if done.is_delta else b""

    def settle(self) -> str:
        """Recover the folder; see `Writer.settle`."""
        recover(self._root.path)
        return Folder(self._root).digest()

    def is_valid(self) -> bool:
        """Return whether the stamp of the folder is of what it holds."""
        return stamp.is_stamped(self._root)

    def _outdated(self) -> tuple[Header, bytes]:
        """Answer when the files were changed beside the server: it loads them if they are known to be valid."""
        if not self.is_valid():
            raise ConflictError(
                Text("the files were changed beside this server", "les fichiers ont changé à côté de ce serveur"),
                hint=Text("start it again: it checks them first", "relancez-le : il les vérifie d'abord"),
            )
        return {"reload": True, "again": True}, b""

    def _edit(self, graph: KnowledgeGraph, asked: Asked) -> tuple[KnowledgeGraph | None, Edit]:
        """Return what is asked for, and the graph with it done where that is at hand."""
        if asked.action == "update":
            return self._update(graph, asked)
        assert asked.graph  # noqa: S101  (for the type checker: the view names one)
        old = {*graph.store.quads_for_pattern(None, None, None, ox.NamedNode(asked.graph))}
        if asked.action == "delete":
            if asked.graph not in graph.graphs:
                raise NotFoundError(
                    Text(f"there is no graph <{asked.graph}>", f"il n'y a pas de graphe <{asked.graph}>"),
                    hint=Text("/data lists the graphs", "/data liste les graphes"),
                )
            return None, Edit(removed=frozenset(old))
        new = updates.read_graph(
            asked.content, asked.content_type, asked.graph, asked.base_iri or asked.graph, self._settings
        )
        if not new:
            raise RequestError(
                Text("the document says nothing: it holds no triple", "le document ne dit rien : aucun triplet"),
                hint=Text(
                    "send the file as it is (curl --data-binary @FILE), or DELETE the graph",
                    "envoyez le fichier tel quel (curl --data-binary @FICHIER), ou supprimez le graphe par DELETE",
                ),
            )
        return None, Edit.between(old, new if asked.action == "put" else old | new)

    def _update(self, graph: KnowledgeGraph, asked: Asked) -> tuple[KnowledgeGraph, Edit]:
        update = replace(
            updates.admit_update(asked.content.decode(), self._settings, prefixes=True), base_iri=asked.base_iri
        )
        if asked.graph:
            # What names no graph is about the one that is patched (Graph Store HTTP Protocol §5.7).
            name = f"<{asked.graph}>"
            operations = tuple(replace(one, with_graph=one.with_graph or name) for one in update.operations)
            update = replace(update, operations=operations)
        after, edit = updates.evaluate(graph, update, using=asked.using, using_named=asked.using_named)
        if asked.graph and edit.graphs - {asked.graph}:
            raise RequestError(
                Text("a patch of one graph changes another", "une modification d'un graphe en change un autre"),
                hint=Text("send it to /update", "envoyez-la à /update"),
            )
        return after, edit


def _told(done: Commit, edit: Edit) -> Header:
    warnings = [[result.focus_node, *result.message] for result in done.report.results[:_WARNINGS]]
    return {
        "version": done.after,
        "change": done.number,
        "added": len(edit.added),
        "removed": len(edit.removed),
        "graphs": sorted(edit.graphs),
        "warnings": warnings,
        "seconds": {step: round(seconds, 3) for step, seconds in done.seconds.items()},
    }


def _ensure_allowed(asked: Asked, edit: Edit) -> None:
    """Refuse an update that turned out to change graphs for which the token is not."""
    for graph in sorted(edit.graphs):
        if not allows(asked.patterns, graph):
            raise not_for(asked.agent, asked.patterns, graph)


def _ensure_named(edit: Edit) -> None:
    """Refuse blank nodes: no later edit could name them, for each load gives them other labels."""
    for quad in sorted(edit.added, key=str):
        if any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object)):
            raise DataError(
                Text(f"a blank node: {quad.triple}", f"un nœud anonyme : {quad.triple}"),
                hint=Text("give it an IRI", "donnez-lui un IRI"),
            )
