"""What files of a graph folder say once an edit is made, and the digest of its sources."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from territoires import turtle
from territoires.edits import Edit
from territoires.graph import KnowledgeGraph
from territoires.layout import Layout, arrange, read_layout
from territoires.namespaces import BASE, CHANGES, DERIVED
from territoires.root import Root


def contents_with(graph: KnowledgeGraph, edit: Edit) -> Mapping[str, bytes | None]:
    """Return new contents by path below the graph folder; None for a file of which nothing is left.

    Args:
        graph: the dataset before the edit, as loaded from its files.
        edit: what goes and comes.

    Raises:
        TurtleError, DataError: if a file cannot be kept in the project's layout.
    """
    contents: dict[str, bytes | None] = {}
    for name in sorted(edit.graphs):
        part = edit.within(name)
        files = [*graph.files.get(name, ())] or [graph.root.data / f"{name.removeprefix(f'{BASE}graph/')}.ttl"]
        said = {file: {*turtle.parse(file)} if file.exists() else set[ox.Triple]() for file in files}
        before = {file: {*triples} for file, triples in said.items()}
        subjects = {triple.subject: file for file, triples in said.items() for triple in triples}
        for quad in part.removed:
            for triples in said.values():
                triples.discard(quad.triple)
        for quad in part.added:
            said[subjects.get(quad.subject, files[-1])].add(quad.triple)
        touched = {quad.triple for quad in (*part.removed, *part.added)}
        for file, triples in said.items():
            if before[file] & touched != triples & touched:
                contents[graph.root.relative(file).as_posix()] = _text(file, triples)
    return contents


def _text(file: Path, triples: set[ox.Triple]) -> bytes | None:
    if not triples:
        return None
    layout = read_layout(file.read_text(encoding="utf-8"), file) if file.exists() else Layout()
    return arrange(triples, layout).encode()


def sources_digest(root: Root, contents: Mapping[str, bytes | None] | None = None) -> str:
    """Return the SHA-256 of the Turtle of a graph folder, without what is derived and what tells of changes, as hex.

    Args:
        root: the graph folder.
        contents: what files say instead, by path below the folder; None for a file that is not there.
    """
    apart = tuple(f"data/{name.removeprefix(f'{BASE}graph/')}." for name in (DERIVED, CHANGES))
    names = {root.relative(file).as_posix() for file in root.turtle_files()} | (contents or {}).keys()
    total = hashlib.sha256()
    for name in sorted(one for one in names if not one.startswith(apart)):
        content = contents[name] if contents and name in contents else (root.path / name).read_bytes()
        if content is not None:
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()
