"""Rewrites a Turtle file in the project's layout, with its comments and the order of its subjects.

Within a subject everything is sorted, as `turtle.serialize` does. Subjects stay in the order of the file: in a file
kept by hand it means something, and generated files are sorted already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import DataError, Place, Text
from territoires.namespaces import BASE


@dataclass(slots=True)
class Layout:
    """What a Turtle file has beside its triples."""

    top: list[str] = field(default_factory=list)
    """Lines of comment at the top."""
    order: dict[str, list[str]] = field(default_factory=dict)
    """Subjects (see `turtle.subject_key`) in their order, each with the lines of comment above it."""
    end: list[str] = field(default_factory=list)
    """Lines of comment at the end."""


def read_layout(text: str, file: Path) -> Layout:
    """Return the layout of the Turtle document `text`, which parses.

    Raises:
        DataError: for a comment within a statement or behind one, which has no place in the layout, with its line,
            or above a second description of a subject, which would lose it.
    """
    layout = Layout()
    statements = [*turtle.statements(text)]
    for number, statement in enumerate(statements):
        line = statement.line - statement.before.count("\n")
        behind, _, _ = statement.before.partition("\n")
        if number and "#" in behind:
            raise _homeless(file, line)
        if statement.comment:
            raise _homeless(file, statement.comment)
        comments = _comments(statement.before)
        if statement.is_directive or number == 0:
            layout.top += comments
            comments = []
        if statement.subject:
            if statement.subject in layout.order and any(comments):
                raise _twice(file, statement.line)
            layout.order.setdefault(statement.subject, []).extend(comments)
        elif not statement.is_directive:
            layout.end += comments
    layout.top = [line for line in layout.top if line]
    return layout


def arrange(triples: Iterable[ox.Triple], layout: Layout) -> str:
    """Return `triples` as Turtle in the order and with the comments of `layout`.

    A new subject goes to its place in a sorted file, else to the end. A subject of which nothing is said any more goes
    with the comment above it.
    """
    blocks: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        blocks.setdefault(turtle.subject_key(triple.subject), []).append(triple)
    known = [key for key in layout.order if key in blocks]
    keys = sorted(blocks) if known == sorted(known) else known + sorted(blocks.keys() - layout.order.keys())
    used: set[str] = set()
    parts = []
    for key in keys:
        above = "".join(f"{line}\n" for line in layout.order.get(key, ()))
        parts.append(above + turtle.block(blocks[key], used))
    if layout.end:
        parts.append("\n".join(layout.end).rstrip("\n") + "\n")
    return turtle.head(used, layout.top) + "\n".join(parts)


def formatted(text: str, file: Path) -> str:
    """Return the Turtle document `text` in the project's layout: the same triples, every comment.

    Args:
        text: content of a file.
        file: its name, for errors.

    Raises:
        TurtleError: if it does not parse.
        DataError: for a comment or a blank node that the layout has no place for, with its line.
    """
    try:
        quads = [*ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE)]
    except SyntaxError as error:
        raise turtle.syntax_error(file, error) from error
    _refuse_anonymous(quads, text, file)
    triples = [quad.triple for quad in quads]
    top = takewhile(lambda line: line.startswith("#"), text.splitlines())
    if arrange(triples, Layout([*top])) == text:  # What importers wrote: spares a large file the reading of its tokens.
        return text
    return arrange(triples, read_layout(text, file))


def _comments(skipped: str) -> list[str]:
    """Return the lines of comment, with one empty line where there was one or more after a comment."""
    lines: list[str] = []
    for written in map(str.strip, skipped.strip(" \t").splitlines()):
        if written or (lines and lines[-1]):
            lines.append(written)
    return lines


def _homeless(file: Path, line: int) -> DataError:
    return DataError(
        Text("a comment within or behind a statement", "un commentaire dans un énoncé ou derrière lui"),
        place=Place(file, line),
        hint=Text("put it on a line of its own above the subject", "mettez-le sur sa propre ligne au-dessus du sujet"),
    )


def _twice(file: Path, line: int) -> DataError:
    return DataError(
        Text(
            "a subject is described a second time below a comment",
            "un sujet est décrit une seconde fois sous un commentaire",
        ),
        place=Place(file, line),
        hint=Text("join its two descriptions under one comment", "réunissez ses deux descriptions sous un commentaire"),
    )


def _refuse_anonymous(quads: Iterable[ox.Quad], text: str, file: Path) -> None:
    nodes = {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, ox.BlankNode)}
    if all(f"_:{node.value}" in text for node in nodes):
        return
    # The line of the first bracket is that of the node, or a string holds one before it.
    line = next((number for number, line in enumerate(text.splitlines(), 1) if re.search(r"[\[(]|<<", line)), None)
    raise DataError(
        Text("a blank node without a label", "un nœud anonyme sans étiquette"),
        place=Place(file, line),
        hint=Text("give it an IRI", "donnez-lui un IRI"),
    )
