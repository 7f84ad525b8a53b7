"""Things as nested objects: JSON-LD 1.1 Framing of one class by a frame of `ontology/frames/`.

Frames say just what they hold: `@explicit` is on, nodes are embedded wherever they occur (`@embed: @always`), and
nothing stands for what is missing (`@omitDefault`). A frame is a tree of keys of `ontology/context.jsonld`: `{}` for
values as they are, `{"@embed": "@never"}` for the names of things, and more keys for a nested object. So what a frame
needs is one CONSTRUCT, and each object is written by itself; that the answer is the one of a framing library is tested.
`source` is in no statement: it is the graph that says what the thing is. `title`, in both languages, is for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from territoires.answers import select
from territoires.engine import Engine
from territoires.errors import DataError, Place, Text
from territoires.files import read_text
from territoires.formats import format_named
from territoires.guard import admit
from territoires.jsonld import Context
from territoires.jsonld_stream import Compactor
from territoires.namespaces import PREFIXES
from territoires.root import Root

MEDIA_TYPE: Final = "application/ld+json"
OPTIONS: Final = {"explicit": True, "embed": "@always", "omitDefault": True, "requireAll": False}
"""What a framing library is told to do the same."""
_TYPE: Final = PREFIXES["rdf"] + "type"
_SOURCE: Final = PREFIXES["dct"] + "source"
_SLICE: Final = 4_000
_NAMED: Final = {"@embed": "@never"}

Frame = Mapping[str, Any]


def load_frames(root: Root) -> dict[str, Frame]:
    """Return the frames of `root` by name, sorted; none where a file is served in place of its data.

    Raises:
        DataError: if one is not JSON, or names no class.
    """
    files = [] if root.dataset else sorted((root.ontology / "frames").glob("*.jsonld"))
    return {file.stem: _read(file) for file in files}


def _read(file: Path) -> Frame:
    try:
        frame: Frame = json.loads(read_text(file))
        if not isinstance(frame["type"], str) or not {"en", "fr"} <= frame["title"].keys():
            raise TypeError("type, title")  # noqa: TRY301  (said like the others)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            Text(f"this frame is wrong: {error}", f"ce cadre est incorrect : {error}"),
            place=Place(file),
            hint=Text(
                'give "type", the class, and the keys to show', 'donnez "type", la classe, et les clés à montrer'
            ),
        ) from error
    return frame


class Framer:
    """Frames the things of one class.

    Args:
        frame: the tree of keys.
        context: what the keys mean.
    """

    def __init__(self, frame: Frame, context: Context) -> None:
        self._compactor = Compactor(context)
        self._context = context
        self._class = self._compactor.iri(context.get(frame["type"], frame["type"]))
        self._frame = self._expanded(frame)
        self._made: dict[tuple[str, int], dict[str, Any]] = {}

    def query(self, first: str = "", end: str | None = None) -> str:
        """Return the CONSTRUCT of all that the frame shows of the things from `first` on, before `end`."""
        bounds = [f'STR(?root) >= "{first}"', *([f'STR(?root) < "{end}"'] if end else [])] if first else []
        narrow = f"FILTER({' && '.join(bounds)})" if bounds else ""
        start = f"?root a <{self._class}> . {narrow}"
        patterns = [
            f"GRAPH ?o {{ {start} }} BIND(?root AS ?s) BIND(<{_SOURCE}> AS ?p)",
            *self._patterns(self._frame, start),
        ]
        return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ {' } UNION { '.join(patterns)} }} }}"

    def write(self, file: BinaryIO, engine: Engine) -> None:
        """Write a document with an object per line, sorted by name; some thousands are in memory at a time.

        Raises:
            QueryError: if the engine cannot answer.
        """
        head = json.dumps(self._context, ensure_ascii=False, sort_keys=True)
        file.write(f'{{"@context": {head},\n"@graph": ['.encode())
        before = b"\n"
        for node in self.nodes(engine):
            file.write(before + json.dumps(node, ensure_ascii=False).encode())
            before = b",\n"
        file.write(b"\n]}\n")

    def nodes(self, engine: Engine, first: str = "", end: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the objects, sorted by name; those from the IRI `first` on and before `end` only, if given."""
        found = select(engine, f"SELECT DISTINCT ?root {{ ?root a <{self._class}> FILTER(ISIRI(?root)) }}")
        names = (row["root"].value for row in found)
        roots = sorted(name for name in names if name >= first and (end is None or name < end))
        slices = [roots[at : at + _SLICE] for at in range(0, len(roots), _SLICE)]
        for part, after in zip_longest(slices, slices[1:]):
            self._made.clear()
            said = self._said(engine, self.query(part[0], after[0] if after else end))
            for name in part:
                yield self._node(ox.NamedNode(name), self._frame, said)

    def _said(self, engine: Engine, query: str) -> dict[Any, list[ox.Triple]]:
        said: dict[Any, list[ox.Triple]] = {}
        content = engine.run(admit(query), format_named("ntriples"))
        for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES):
            said.setdefault(quad.subject, []).append(quad.triple)
        return said

    def _node(self, subject: object, frame: Frame, said: Mapping[Any, list[ox.Triple]]) -> dict[str, Any]:
        about: dict[str, list[ox.Triple]] = {}
        for one in sorted(said.get(subject, ()), key=str):
            about.setdefault(one.predicate.value, []).append(one)
        node = self._compactor.node(subject, about.get(_TYPE, ()))
        for property_, below in frame.items():
            nested = bool(below) and below != _NAMED
            for one in about.get(property_, ()):
                if nested and isinstance(one.object, ox.NamedNode):
                    self._compactor.embed(node, property_, self._nested(one.object, below, said))
                else:
                    self._compactor.state(node, property_, one.object)
        return node

    def _nested(self, subject: ox.NamedNode, frame: Frame, said: Mapping[Any, list[ox.Triple]]) -> dict[str, Any]:
        """Return the object of a thing that others share, such as a region: made once."""
        key = (subject.value, id(frame))
        if key not in self._made:
            self._made[key] = self._node(subject, frame, said)
        return self._made[key]

    def _expanded(self, frame: Frame) -> dict[str, Any]:
        """Return the tree with IRIs for keys."""
        tree = {key: below for key, below in frame.items() if not key.startswith("@") and key not in {"title", "type"}}
        return {
            self._compactor.iri(key): below if not below or below == _NAMED else self._expanded(below)
            for key, below in tree.items()
        }

    def _patterns(self, frame: Frame, start: str, path: str = "") -> Iterator[str]:
        """Yield what finds the statements about the things at the end of `path`, then those about what they lead to."""
        shown = ", ".join(f"<{property_}>" for property_ in (_TYPE, *frame) if property_ != _SOURCE)
        there = f"?root {path} ?s" if path else "BIND(?root AS ?s)"
        stop = ". " if path else ""
        yield f"{start} {there} {stop}?s ?p ?o FILTER(?p IN ({shown}))"
        for property_, below in frame.items():
            if below and below != _NAMED:
                yield from self._patterns(below, start, f"{path}/<{property_}>" if path else f"<{property_}>")
