"""The one way into the graph folder: stage, derive, judge what the change can affect, write as one.

A change comes as an edit of a graph that is loaded already (`change`), or as new contents of files (`commit`). Either
is judged as quads, and written as files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

import pyoxigraph as ox

from territoires import rules, stamp, turtle
from territoires.changes import changes_of
from territoires.commit.asking import changed_meanwhile
from territoires.commit.filing import edited_files
from territoires.commit.folder import Files, Folder
from territoires.commit.journal import STAGE, locked, recover_locked, write_all
from territoires.editions import replaced
from territoires.edits import Edit
from territoires.engine.delta import MOST, Delta
from territoires.engine.delta import change as applied
from territoires.errors import DataError, Place, Text, WriteRefusedError
from territoires.graph import KnowledgeGraph, graph_files, load
from territoires.history import Record, Signature, record
from territoires.namespaces import BASE, CHANGES, DERIVED
from territoires.root import FOLDERS, Root
from territoires.validation import Progress, Report, validate

_CATALOGUE: Final = "data/catalogue.ttl"


@dataclass(frozen=True, slots=True)
class Commit:
    """A change that was accepted and written."""

    before: str
    """Version of the dataset before (`Root.digest`)."""
    after: str
    edit: Edit
    """All that changed, with what follows."""
    graphs: tuple[str, ...]
    """IRIs of the named graphs that there are now."""
    report: Report
    """What was found on the entities that the change can affect: warnings, no violation."""
    number: int | None = None
    """Of the change in the history, if it is told there."""
    is_delta: bool = False
    """Whether `delta` publishes it; else the files have to be loaded."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""

    @property
    def delta(self) -> Delta:
        """What publishes it."""
        return Delta(self.after, self.graphs, tuple(self.edit.removed), tuple(self.edit.added))


def change(
    graph: KnowledgeGraph,
    edit: Edit,
    *,
    after: KnowledgeGraph | None = None,
    signature: Signature | None = None,
    expected: str | None = None,
    progress: Progress = lambda _: None,
) -> Commit:
    """Make `edit` of a loaded graph, in its folder, or leave everything as it was.

    Args:
        graph: the graph as it is loaded; its store is of no use afterwards.
        edit: what changes in the sources.
        after: the graph with `edit` done in its store, where whoever made the edit has it.
        signature: who makes it and why, for the history; None keeps it out of that.
        expected: version of the dataset that the change was made for; None for whatever it is.
        progress: told what is being done, for a terminal.

    Raises:
        ConflictError: if the data are not those that were expected, or the folder holds others than were loaded.
        RuleError: if a rule fails.
        InvalidDataError: if a shape is violated.
        DataError: for a graph that cannot be written.
    """
    root = graph.root
    _refuse_computed(edit)
    with locked(root.path):
        recover_locked(root.path)
        work = _Work(root, signature, progress)
        _ensure(work.before, expected)
        _ensure(graph.version, work.before)
        files = edited_files(root, graph.files, edit)
        work.mark("files")
        if not _is_quick(graph, edit, files):
            return _commit(root, files, work)
        return replace(work.finish(after or applied(graph, edit), edit, files), is_delta=True)


def commit(
    root: Root,
    files: Files,
    *,
    signature: Signature | None = None,
    expected: str | None = None,
    progress: Progress = lambda _: None,
    publish: Callable[[Commit], None] = lambda _: None,
) -> Commit:
    """Change Turtle files of `root` as one, or leave everything as it was.

    The data before are taken to be valid, as their stamp says: only what the change can affect is judged.

    Args:
        root: the graph folder.
        files: new contents by path below it (`data/x.ttl`); None deletes.
        signature: who makes it and why, for the history; None keeps it out of that.
        expected: digest of the data that the change was made for; None for whatever they are.
        progress: told what is being done, for a terminal.
        publish: called when all is written, still under the lock of the writers.

    Raises:
        ConflictError: if the data are not those that were expected.
        TurtleError: if a file does not parse.
        RuleError: if a rule fails.
        InvalidDataError: if a shape is violated.
        DataError: for a path that holds no data, or that cannot be written.
    """
    for name in files:
        _ensure_data(name)
    with locked(root.path):
        recover_locked(root.path)
        work = _Work(root, signature, progress)
        _ensure(work.before, expected)
        done = _commit(root, files, work)
        publish(done)
    return done


def _commit(root: Root, files: Files, work: _Work) -> Commit:
    with _staged(root, files) as stage:
        before = _quads(root, graph_files(root), files)
        after = _quads(stage, graph_files(stage), files)
        work.mark("parse")
        graph = load(stage)
        work.mark("load")
        return work.finish(graph, Edit.between(before, after), files)


def _is_quick(graph: KnowledgeGraph, edit: Edit, files: Files) -> bool:
    """Return whether the loaded graph can be changed in memory as loading the files anew would change it."""
    content = files.get(_CATALOGUE)
    if content is not None:
        old = (graph.root.path / _CATALOGUE).read_text(encoding="utf-8")
        if turtle.subject_lines(old).keys() != turtle.subject_lines(content.decode()).keys():
            return False  # Which folders are one graph may have changed.
    return len(edit.removed) + len(edit.added) <= MOST


class _Work:
    """The steps that every change takes once it is known as quads and as files."""

    def __init__(self, root: Root, signature: Signature | None, progress: Progress) -> None:
        self._root = root
        self._signature = signature
        self._progress = progress
        self._last = time.perf_counter()
        self._seconds: dict[str, float] = {}
        self._folder = Folder(root)
        self.before = self._folder.digest()
        self.mark("digest")

    def mark(self, step: str) -> None:
        """Note how long a step took."""
        now = time.perf_counter()
        self._seconds[step] = now - self._last
        self._last = now

    def finish(self, graph: KnowledgeGraph, edit: Edit, files: Files) -> Commit:
        """Derive, judge and write.

        Args:
            graph: the graph with `edit` done, and the derived facts of before; its files are those to be rewritten.
            edit: what changes in the sources.
            files: the same as files.
        """
        written = dict(files)
        number = None
        if self._signature and edit:
            told = self._tell(graph, edit, self._signature, written)
            number, graph, edit = told.number, applied(graph, told.edit), edit.then(told.edit)
            written |= edited_files(graph.root, graph.files, told.edit) | told.files
        if graph.root.rule_files():
            self._progress(Text("deriving", "dérivation"))
            derived = rules.rederive(graph, edit)
            graph = applied(graph, derived)
            edit = edit.then(derived)
            written |= self._derived(graph, derived, written)
            self.mark("derive")
        report = validate(graph, changes=changes_of(edit), progress=self._progress)
        report.raise_for_violations()
        self.mark("judge")
        after = self._folder.digest(written)
        kept = replaced(self._root, files)
        write_all(self._root.path, {**written, **kept, **stamp.renewed(self._root, self.before, after)})
        self.mark("write")
        return Commit(self.before, after, edit, graph.graphs, report, number, seconds=self._seconds)

    def _tell(self, graph: KnowledgeGraph, edit: Edit, signature: Signature, written: Files) -> Record:
        """Return what the history says of the change."""
        computed = tuple(f"data/{name.removeprefix(f'{BASE}graph/')}.ttl" for name in (DERIVED, CHANGES))
        before, after = (self._folder.digest(files, without=computed) for files in ({}, written))
        return record(graph, edit, signature, before=before, after=after)

    def _derived(self, graph: KnowledgeGraph, edit: Edit, written: Files) -> dict[str, bytes | None]:
        """Return the file of derived facts with `edit` done, and the digest of what they were derived from now."""
        file = rules.derived_file(graph.root)
        name = graph.root.relative(file).as_posix()
        inputs = self._folder.inputs(written, name)
        old = file.read_bytes() if file.exists() else b""
        content = edited_files(graph.root, graph.files, edit).get(name, old)
        return {name: rules.with_inputs(content or b"", inputs)}


def _quads(root: Root, graphs: Mapping[str, list[Path]], files: Files) -> set[ox.Quad]:
    """Return what the graphs say that stand in `files`."""
    found: set[ox.Quad] = set()
    for name, parts in graphs.items():
        if any(root.relative(file).as_posix() in files for file in parts):
            graph = ox.NamedNode(name)
            found.update(
                ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                for file in parts
                for triple in turtle.parse(file)
            )
    return found


def _ensure(version: str, expected: str | None) -> None:
    if expected is not None and expected != version:
        raise changed_meanwhile()


def _refuse_computed(edit: Edit) -> None:
    for computed in edit.graphs & {DERIVED, CHANGES}:
        raise WriteRefusedError(
            Text(f"<{computed}> is written by the program", f"<{computed}> est écrit par le programme"),
            hint=Text("change what it tells of", "modifiez ce dont il rend compte"),
        )


@contextmanager
def _staged(root: Root, files: Files) -> Iterator[Root]:
    """Make a copy of the graph folder, of links where it can be, with `files` changed in it."""
    with tempfile.TemporaryDirectory(dir=root.path, prefix=STAGE) as temporary:
        stage = Root(Path(temporary))
        for name in FOLDERS:
            if (root.path / name).is_dir():
                shutil.copytree(root.path / name, stage.path / name, copy_function=_link)
        for name, content in files.items():
            _replace(stage.path / name, content)
        yield stage


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # A file system without hard links.
        shutil.copyfile(source, target)


def _replace(file: Path, content: bytes | None) -> None:
    """Give `file` its content without writing into what it may be a link to."""
    file.unlink(missing_ok=True)
    if content is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _ensure_data(name: str) -> None:
    path = PurePosixPath(name)
    is_below = len(path.parts) > 1 and path.parts[0] in {"data", "ontology"} and ".." not in path.parts
    if not is_below or path.suffix != ".ttl" or name == "data/derived.ttl":
        raise DataError(
            Text("only Turtle sources are changed here", "seules les sources en Turtle se changent ici"),
            place=Place(Path(name)),
            hint=Text(
                "name a .ttl below data/ or ontology/, other than data/derived.ttl",
                "nommez un .ttl sous data/ ou ontology/, autre que data/derived.ttl",
            ),
        )
