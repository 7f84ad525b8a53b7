"""The Turtle files of a graph folder after an edit: the blocks of the subjects that it touches are written anew.

A file in the project's layout is cut at its empty lines, so that one fact in fifteen megabytes costs milliseconds; any
other file is read whole and arranged, with its comments.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.edits import Edit
from territoires.errors import ConflictError, DataError, Text
from territoires.layout import arrange, read_layout
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root

_GRAPHS: Final = f"{BASE}graph/"
_NAME: Final = re.compile(r"[a-z0-9]+(?:[/-][a-z0-9]+)*")
"""The part of a graph's IRI after `graph/`, as the shapes of the catalogue take it."""
_MOST: Final = 200
_EMPTY_LINE: Final = "\n\n"
_PREFIX: Final = re.compile(r"^@prefix (\w+): ", re.MULTILINE)
_USED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|(\w+):')
"""Strings and IRIs, which may hold anything, and prefixes."""


@dataclass(slots=True)
class _About:
    """What an edit says of one subject."""

    removed: set[ox.Triple] = field(default_factory=set)
    added: set[ox.Triple] = field(default_factory=set)


_Parts = dict[str, _About]
"""By the text that opens the block of each subject."""


def edited_files(root: Root, files: Mapping[str, Sequence[Path]], edit: Edit) -> dict[str, bytes | None]:
    """Return the new contents of the files that `edit` changes, by path below `root`; None for those that go.

    Args:
        root: the graph folder.
        files: the Turtle files of each named graph before the edit.
        edit: what changes; a graph that is new gets a file named after it.

    Raises:
        DataError: for a new graph whose IRI is no place for a file.
        ConflictError: if the files do not say what the edit removes.
    """
    written: dict[str, bytes | None] = {}
    for name in sorted(edit.graphs):
        parts = _parts(edit.within(name))
        for file in files.get(name, ()):
            rest, changed, content = _rewrite(file, parts, is_last=file == files[name][-1])
            parts = rest
            if changed:
                written[root.relative(file).as_posix()] = content
        if not parts:
            continue
        new = new_file(name)
        _ensure_own_file(root, files, name, new)
        if files.get(name) or (root.path / new).exists() or any(about.removed for about in parts.values()):
            raise ConflictError(
                Text(f"the files of <{name}> do not say what is removed", f"les fichiers de <{name}> ne le disent pas"),
                hint=Text("read the graph again", "relisez le graphe"),
            )
        text = turtle.serialize(triple for about in parts.values() for triple in about.added)
        written[new] = text.encode()
    return written


def _ensure_own_file(root: Root, files: Mapping[str, Sequence[Path]], graph: str, name: str) -> None:
    """Refuse a graph whose file would lie in the folder of another: it would be a part of that."""
    for above in PurePosixPath(name).parents:
        other = _GRAPHS + above.relative_to("data").as_posix() if above.name and above.as_posix() != "data" else ""
        if any(file.is_relative_to(root.path / above) for file in files.get(other, ())):
            raise DataError(
                Text(f"<{graph}> would be a part of <{other}>", f"<{graph}> ferait partie de <{other}>"),
                hint=Text("name it otherwise, or write that graph", "nommez-le autrement, ou écrivez ce graphe-là"),
            )


def new_file(graph: str) -> str:
    """Return the path below the graph folder of the file for a graph that is not there yet.

    Raises:
        DataError: if its IRI is not `graph/` and a path of small letters, digits and hyphens below the base.
    """
    name = graph.removeprefix(_GRAPHS)
    if name == graph or len(name) > _MOST or not _NAME.fullmatch(name):
        raise DataError(
            Text(f"<{graph[:_MOST]}> cannot be a graph here", f"<{graph[:_MOST]}> ne peut être un graphe ici"),
            hint=Text(
                f"name it {_GRAPHS} and small letters, digits, - and /",
                f"nommez-le {_GRAPHS} suivi de minuscules, chiffres, - et /",
            ),
        )
    return f"data/{name}.ttl"


def _parts(edit: Edit) -> _Parts:
    parts: _Parts = {}
    for quads, kind in ((edit.removed, "removed"), (edit.added, "added")):
        for quad in quads:
            getattr(parts.setdefault(_opening([quad.triple]), _About()), kind).add(quad.triple)
    return parts


def _opening(triples: Iterable[ox.Triple]) -> str:
    return turtle.block(triples, set()).partition("\n")[0]


def _rewrite(file: Path, parts: _Parts, *, is_last: bool) -> tuple[_Parts, bool, bytes | None]:
    """Return what of `parts` is for other files, whether this one changes, and its new content."""
    text = file.read_text(encoding="utf-8")
    page = _Page.cut(text)
    mine = _mine(page, text, parts, is_last=is_last)
    if not mine:
        return parts, False, None
    rest = {opening: about for opening, about in parts.items() if opening not in mine}
    new, left = page.edited(mine) if page else _arranged(text, file, mine)
    for opening, triples in left.items():
        rest[opening] = _About(removed=triples)
    return rest, True, new.encode() if new is not None else None


def _mine(page: _Page | None, text: str, parts: _Parts, *, is_last: bool) -> _Parts:
    """Return what of an edit belongs into a file: subjects that it describes, and new ones of the kinds it has."""
    if page:
        known: Collection[str] = page.index
    else:
        known = {_opening([quad.triple]) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE)}
    kinds = {_kind(opening) for opening in known}
    return {
        opening: about
        for opening, about in parts.items()
        if opening in known or (about.added and not about.removed and (is_last or _kind(opening) in kinds))
    }


def _kind(opening: str) -> str:
    return opening.rpartition("/")[0]


def _arranged(text: str, file: Path, parts: _Parts) -> tuple[str | None, dict[str, set[ox.Triple]]]:
    """Return the whole document with `parts` changed, None when nothing is left; and what it does not state."""
    triples = {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=BASE)}
    left = {opening: about.removed - triples for opening, about in parts.items() if about.removed - triples}
    for about in parts.values():
        triples = (triples - about.removed) | about.added
    return arrange(triples, read_layout(text, file)) if triples else None, left


@dataclass(slots=True)
class _Page:
    """A document in the project's layout, without comments below its head."""

    comments: list[str]
    prefixes: set[str]
    head: str
    blocks: list[str]
    index: dict[str, int]
    """Place of the block that each line opens."""

    @classmethod
    def cut(cls, text: str) -> _Page | None:
        """Return the parts of `text`; None unless its layout is certain."""
        head, _, body = text.partition(_EMPTY_LINE)
        comments = [line for line in head.splitlines() if line.startswith("#")]
        prefixes = {*_PREFIX.findall(head)}
        blocks = body.removesuffix("\n").split(_EMPTY_LINE)
        index = {block.partition("\n")[0]: number for number, block in enumerate(blocks)}
        # Without long strings no literal holds a line end, so that lines are what they look like.
        is_plain = '"""' not in text and "'''" not in text and "\n#" not in body and not body.startswith("#")
        is_ours = turtle.head(prefixes, comments) == head + _EMPTY_LINE and len(index) == len(blocks)
        return cls(comments, prefixes, head, blocks, index) if is_plain and is_ours and body.endswith(" .\n") else None

    def edited(self, parts: _Parts) -> tuple[str | None, dict[str, set[ox.Triple]]]:
        """Return the document with `parts` changed, None when nothing is left; and what it does not state."""
        left: dict[str, set[ox.Triple]] = {}
        before: set[str] = set()
        used: set[str] = set()
        blocks: list[str | None] = [*self.blocks]
        new: list[str] = []
        for opening, about in parts.items():
            number = self.index.get(opening)
            old = set() if number is None else {*self._read(self.blocks[number])}
            if about.removed - old:
                left[opening] = about.removed - old
            triples = (old - about.removed) | about.added
            block = turtle.block(triples, used).removesuffix("\n") if triples else None
            if number is None:
                new += [block] if block else []
            else:
                before.update(_used(self.blocks[number]))
                blocks[number] = block
        whole = [*self._inserted(blocks, new)]
        if not whole:
            return None, left
        body = _EMPTY_LINE.join(whole) + "\n"
        gone = {prefix for prefix in (before & self.prefixes) - used if prefix not in _used(body)}
        return turtle.head((self.prefixes | used) - gone, self.comments) + body, left

    def _read(self, block: str) -> Iterator[ox.Triple]:
        document = f"{self.head}\n\n{block}\n"
        return (quad.triple for quad in ox.parse(document, format=ox.RdfFormat.TURTLE, base_iri=BASE))

    def _inserted(self, blocks: Sequence[str | None], new: Sequence[str]) -> Iterator[str]:
        """Yield the blocks that stay, and the new ones at their places in a sorted file, else at the end."""
        if not new:
            yield from (block for block in blocks if block is not None)
            return
        keys = [_key(opening) for opening in self.index]
        inserted: dict[int, list[str]] = {}
        for block in sorted(new, key=lambda block: _key(block.partition("\n")[0])):
            key = _key(block.partition("\n")[0])
            inserted.setdefault(bisect(keys, key) if keys == sorted(keys) else len(keys), []).append(block)
        for number, kept in enumerate([*blocks, None]):
            yield from inserted.get(number, ())
            if kept is not None:
                yield kept


def _used(text: str) -> Iterator[str]:
    return (match[1] for match in _USED.finditer(text) if match[1])


def _key(opening: str) -> str:
    """Return what `turtle.subject_key` says of the subject that is written so."""
    if opening.startswith("<"):
        reference = opening[1:-1]
        return reference if ":" in reference else BASE + reference
    prefix, _, local = opening.partition(":")
    return opening if prefix == "_" else PREFIXES[prefix] + local
