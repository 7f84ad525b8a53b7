"""Makes changes in a graph folder that a test may break, without judging them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from territoires.commit.filing import edited_files
from territoires.edits import Edit
from territoires.graph import graph_files, load
from territoires.history import Record, Signature, last_number, record
from territoires.namespaces import BASE
from territoires.root import Root

MORNING = dt.datetime(2026, 11, 1, 9, 30, tzinfo=dt.UTC)


def quad(subject: str, predicate: str, value: str | ox.NamedNode, graph: str) -> ox.Quad:
    """Return a quad; subject and graph are below the base, the predicate is whole, a text is French."""
    object_ = ox.Literal(value, language="fr") if isinstance(value, str) else value
    return ox.Quad(ox.NamedNode(BASE + subject), ox.NamedNode(predicate), object_, ox.NamedNode(f"{BASE}graph/{graph}"))


def make_change(root: Root, edit: Edit, message: str = "", *, agent: str = "curation", day: int = 0) -> Record:
    """Write `edit` and what tells of it, `day` days after the first of November."""
    return make_changes(root, [(edit, message)], agent=agent, day=day)[0]


def make_changes(
    root: Root, edits: Iterable[tuple[Edit, str]], *, agent: str = "curation", day: int = 0
) -> list[Record]:
    """Write edits, each with its message, a day apart."""
    graph, made = load(root), []
    for later, (edit, message) in enumerate(edits):
        signature = Signature(agent, message, MORNING + dt.timedelta(days=day + later))
        number = last_number(graph) + 1
        told = record(graph, edit, signature, before=f"{number - 1:064x}", after=f"{number:064x}")
        write(root, {**edited_files(root, graph_files(root), edit.then(told.edit)), **told.files})
        graph.store.extend(told.edit.added)
        made.append(told)
    return made


def write(root: Root, contents: Mapping[str, bytes | None]) -> None:
    """Give files their contents; None deletes."""
    for name, content in contents.items():
        file = root.path / name
        if content is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
