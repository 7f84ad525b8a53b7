"""What a change writes beside its own files so that the edition which it replaces is kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox

from territoires import turtle
from territoires.editions.model import CATALOGUE, SOURCE, kept_files, kept_folder, numbered, since, stated
from territoires.errors import DataError, Place, Text
from territoires.graph import graph_files
from territoires.namespaces import BASE, expand
from territoires.root import Root

_ISSUED = re.compile(rb'(\bdct:issued\s+")[^"]*(")')


def replaced(root: Root, files: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """Return what a change of `root` writes, beside `files`, to keep the editions which it replaces.

    A graph gets a new edition when the catalogue dates it later than before. Another content under the same date is a
    correction. A date that goes back takes the edition of that day back into force: what was kept from that day on
    goes (None), for the graph itself is that now.

    Args:
        root: the graph folder before the change.
        files: new contents by path below it; None deletes.

    Raises:
        TurtleError: if the catalogue, before or after, does not parse.
    """
    new, file = files.get(CATALOGUE), root.path / CATALOGUE
    if new is None or not file.exists() or file.read_bytes() == new:
        return {}
    was = file.read_bytes()
    before, after = stated(was, file), stated(new, file)
    kept: dict[str, bytes | None] = {}
    for graph, parts in graph_files(root).items():
        folder, old, now = kept_folder(graph), since(graph, before), since(graph, after)
        if folder is None or old is None or now is None or old == now:
            continue
        if now > old:
            name = f"{folder}/{numbered(old)}"
            kept[f"{name}.ttl"] = _content(parts)
            sources = {term.value for term in before(graph, SOURCE) if isinstance(term, ox.NamedNode)}
            kept[f"{name}.about.ttl"] = _about({graph, *sources}, was, old, now)
        else:
            gone = [path for day, path in kept_files(root, graph) if day >= now]
            gone += [about for path in gone if (about := path.with_suffix(".about.ttl")).exists()]
            kept.update((root.relative(path).as_posix(), None) for path in gone)
    return kept


def dated(root: Root, graph: str, day: dt.date) -> bytes:
    """Return the catalogue of `root` with `day` as the date of issue of the source of `graph`, and nothing else new.

    Raises:
        DataError: if the graph has not one source with one such date there, written as `dct:issued "…"`.
    """
    file = root.path / CATALOGUE
    content = file.read_bytes() if file.exists() else b""
    sources = [term.value for term in stated(content, file)(graph, SOURCE) if isinstance(term, ox.NamedNode)]
    statements = [*turtle.statements(content.decode())]
    lines = content.splitlines(keepends=True)
    for one, following in pairwise(statements):
        if [one.subject] == sources:
            start = one.line - 1
            block = b"".join(lines[start : following.line - 1])
            new = b"".join(lines[:start]) + _ISSUED.sub(rb"\g<1>%s\2" % numbered(day).encode(), block, count=1)
            new += b"".join(lines[following.line - 1 :])
            if _issued(new, sources[0]) == [numbered(day)]:
                return new
    raise DataError(
        Text(f"the date of the source of <{graph}> is not found", f"la date de la source de <{graph}> est introuvable"),
        place=Place(file),
        hint=Text(
            'give the graph one dct:source, and that source one dct:issued "YYYY-MM-DD"^^xsd:date',
            'donnez au graphe une dct:source, et à celle-ci un dct:issued "AAAA-MM-JJ"^^xsd:date',
        ),
    )


def _issued(content: bytes, source: str) -> list[str]:
    found = stated(content, Path(CATALOGUE))(source, expand("dct:issued"))
    return [term.value for term in found if isinstance(term, ox.Literal)]


def _content(files: Sequence[Path]) -> bytes:
    """Return one Turtle document with what `files` say: the file as it is where there is one."""
    if len(files) == 1:
        return files[0].read_bytes()
    triples = (
        quad.triple
        for file in files
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=BASE, rename_blank_nodes=True)
    )
    return turtle.serialize(triples).encode()


def _about(subjects: set[str], catalogue: bytes, old: dt.date, now: dt.date) -> bytes:
    """Return what the catalogue said of a graph and its sources."""
    triples = (
        quad.triple
        for quad in ox.parse(catalogue, format=ox.RdfFormat.TURTLE, base_iri=BASE)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value in subjects
    )
    header = f"What the catalogue said of the edition in force from {numbered(old)} until {numbered(now)}."
    return turtle.serialize(triples, header=header).encode()
