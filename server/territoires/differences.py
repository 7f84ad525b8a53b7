"""What a new text would change in a Turtle file, by entity, for people to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import Text
from territoires.namespaces import BASE

SHOWN: Final = 40
"""Lines of the difference that are shown."""

Entities = dict[str, set[ox.Triple]]


def difference(file: Path, text: str) -> Iterator[Text | str]:
    """Yield how `text`, which is Turtle, differs from what `file` says: counts, then the first lines of a diff.

    The diff is in unified form (+, -), with the entity in place of line numbers.

    Raises:
        TurtleError: if `file` is there and does not parse.
    """
    before = _entities(turtle.parse(file)) if file.exists() else {}
    after = _entities(quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE))
    added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    other = len(changed) - added - removed
    yield Text(
        f"{file}: {added} entities added, {removed} removed, {other} changed",
        f"{file} : {added} entités ajoutées, {removed} retirées, {other} modifiées",
    )
    lines = (line for name in changed for line in _diff(name, before.get(name, set()), after.get(name, set())))
    yield from islice(lines, SHOWN)
    if next(lines, None) is not None:
        yield Text("… and more", "… et d'autres")


def _entities(triples: Iterable[ox.Triple]) -> Entities:
    entities: Entities = {}
    for triple in triples:
        entities.setdefault(str(triple.subject), set()).add(triple)
    return entities


def _diff(name: str, before: set[ox.Triple], after: set[ox.Triple]) -> Iterator[str]:
    yield f"@@ {name.removeprefix(f'<{BASE}').removesuffix('>')} @@"
    yield from (line for line in difflib.ndiff(_lines(before), _lines(after)) if line[0] in "+-")


def _lines(triples: set[ox.Triple]) -> list[str]:
    """Return the lines of an entity's block, without those that end it with another sign in another place."""
    body = turtle.serialize(triples).partition("\n\n")[2] if triples else ""
    return [line.removesuffix(" ;").removesuffix(" .").removesuffix(" ,") for line in body.splitlines()]
