"""Makes changes in a graph folder that a test may break, without judging them."""

from __future__ import annotations

import datetime as dt

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.graph import load
from territoires.history import Record, Signature, last_number, record
from territoires.history.applying import contents_with
from territoires.namespaces import BASE
from territoires.root import Root

MORNING = dt.datetime(2026, 11, 1, 9, 30, tzinfo=dt.UTC)


def quad(subject: str, predicate: str, value: str | ox.NamedNode, graph: str) -> ox.Quad:
    """Return a quad; subject and graph are below the base, the predicate is whole, a text is French."""
    object_ = ox.Literal(value, language="fr") if isinstance(value, str) else value
    return ox.Quad(ox.NamedNode(BASE + subject), ox.NamedNode(predicate), object_, ox.NamedNode(f"{BASE}graph/{graph}"))


def make_change(root: Root, edit: Edit, message: str = "", *, agent: str = "curation", day: int = 0) -> Record:
    """Write `edit` and what tells of it, `day` days after the first of November."""
    graph = load(root)
    signature = Signature(agent, message, MORNING + dt.timedelta(days=day))
    number = last_number(graph) + 1
    made = record(graph, edit, signature, before=f"{number - 1:064x}", after=f"{number:064x}")
    for name, content in {**contents_with(graph, edit.then(made.edit)), **made.files}.items():
        file = root.path / name
        if content is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return made
