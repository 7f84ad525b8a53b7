"""What has changed in the Turtle of a graph folder since a revision of its git repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import pyoxigraph as ox

from territoires import turtle
from territoires.edits import Edit
from territoires.errors import Place, RequestError, Text
from territoires.namespaces import BASE
from territoires.root import Root

_GRAPHS: Final = f"{BASE}graph/"
_COMMENTS: Final = re.compile(rb"\A(?:#[^\r\n]*[\r\n]+)*")


@dataclass(frozen=True, slots=True)
class Changes:
    """What says something else than before."""

    triples: frozenset[ox.Triple] = frozenset()
    """Those added or removed; one that moved from a graph to another has not changed."""
    graphs: frozenset[str] = frozenset()
    """IRIs of the named graphs in which a triple came or went, or of which one speaks; some may not exist."""

    @property
    def entities(self) -> frozenset[str]:
        """IRIs of the subjects of the triples."""
        return frozenset(one.subject.value for one in self.triples if isinstance(one.subject, ox.NamedNode))

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        return bool(self.triples or self.graphs)


def changed_since(root: Root, revision: str) -> Changes:
    """Return what has changed in the Turtle of ontology/ and data/ since `revision`.

    Raises:
        RequestError: if the folder is in no git repository, the revision is unknown, or the shapes have changed.
        TurtleError: if a present file does not parse.
    """
    if _changed_files(root, revision, "shapes"):
        raise RequestError(
            Text(f"the shapes have changed since {revision}", f"les formes ont changé depuis {revision}"),
            place=Place(root.shapes),
            hint=Text("judge the whole graph: `territoires check`", "jugez tout le graphe : `territoires check`"),
        )
    names = [name for name in _changed_files(root, revision, "ontology", "data") if name.endswith(".ttl")]
    files = ((name, root.path / name) for name in names)
    return changed_between(
        root,
        (
            (
                name,
                git(root, "show", f"{revision}:./{name}", missing_is_empty=True),
                file.read_bytes() if file.exists() else b"",
            )
            for name, file in files
        ),
    )


def changed_between(root: Root, files: Iterable[tuple[str, bytes, bytes]]) -> Changes:
    """Return what has changed in Turtle files of `root`.

    Args:
        root: the graph folder after the change.
        files: path below it, content before and after; empty where there is no file.

    Raises:
        TurtleError: if a new content does not parse.
    """
    before: set[ox.Triple] = set()
    after: set[ox.Triple] = set()
    graphs: set[str] = set()
    for name, was, is_ in files:
        if is_ and _below_comments(is_) == _below_comments(was):
            continue  # Only the digest at the top of the derived graph, which takes a second to compare.
        old = {quad.triple for quad in ox.parse(was, format=ox.RdfFormat.TURTLE, base_iri=BASE)}
        try:
            new = {quad.triple for quad in ox.parse(is_, format=ox.RdfFormat.TURTLE, base_iri=BASE)}
        except SyntaxError as error:
            raise turtle.syntax_error(root.path / name, error) from error
        if old != new:
            graphs.update(_graphs_that_may_hold(name))
        before |= old
        after |= new
    changes = Changes(frozenset(before ^ after))
    for file in root.turtle_files():
        names = _graphs_that_may_hold(root.relative(file).as_posix())
        if names & changes.entities:  # What the catalogue says of a folder makes it one graph or several.
            graphs |= names
    return Changes(changes.triples, frozenset(graphs))


def changes_of(edit: Edit) -> Changes:
    """Return what has changed with `edit`, which counts as a change of the graphs that it speaks of, too."""
    triples = {quad.triple for quad in edit.removed} ^ {quad.triple for quad in edit.added}
    changes = Changes(frozenset(triples), edit.graphs)
    spoken_of = {iri for iri in changes.entities if iri.startswith(_GRAPHS)}
    return Changes(changes.triples, edit.graphs | spoken_of)


def _below_comments(turtle_: bytes) -> bytes:
    """Return a Turtle document without the lines of comment that it starts with."""
    return _COMMENTS.sub(b"", turtle_, count=1)


def _graphs_that_may_hold(name: str) -> set[str]:
    """Return the graph of a file, and those that it would be part of if the catalogue declared a folder above it."""
    top, *parts = PurePosixPath(name).with_suffix("").parts
    if top == "ontology":
        return {_GRAPHS + top}
    return {_GRAPHS + "/".join(parts[:count]) for count in range(1, len(parts) + 1)}


def _changed_files(root: Root, revision: str, *folders: str) -> list[str]:
    tracked = git(root, "diff", "--name-only", "--relative", "--no-renames", revision, "--", *folders)
    new = git(root, "ls-files", "--others", "--exclude-standard", "--", *folders)
    return sorted({name for name in (tracked + new).decode().splitlines() if not name.endswith(".json")})


def git(root: Root, *arguments: str, missing_is_empty: bool = False) -> bytes:
    """Return what `git` with `arguments` prints, run in the folder of `root`.

    Raises:
        RequestError: if it fails, or there is no git.
    """
    command: Iterable[str] = ("git", "-C", str(root.path), "-c", "core.quotePath=false", *arguments)
    try:
        done = subprocess.run([*command], capture_output=True, check=False)  # noqa: S603  (fixed words, no shell)
    except OSError as error:
        raise _nogit(root, str(error)) from error
    if done.returncode == 0:
        return done.stdout
    if missing_is_empty:
        return b""
    raise _nogit(root, done.stderr.decode(errors="replace").strip().splitlines()[0])


def _nogit(root: Root, reason: str) -> RequestError:
    return RequestError(
        Text(f"git cannot tell what changed: {reason}", f"git ne peut dire ce qui a changé : {reason}"),
        place=Place(root.path),
        hint=Text(
            "give a revision of the repository that holds this folder, or judge everything: `territoires check`",
            "donnez une révision du dépôt qui contient ce dossier, ou jugez tout : `territoires check`",
        ),
    )
