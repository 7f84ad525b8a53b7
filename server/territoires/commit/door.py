"""Stages a change of the graph folder, derives, judges what it can affect, writes it as one, and publishes it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from territoires.changes import changed_between
from territoires.commit.journal import STAGE, locked, recover_locked, write_all
from territoires.editions import replaced
from territoires.errors import ConflictError, DataError, Place, Text
from territoires.graph import load
from territoires.root import FOLDERS, Root
from territoires.rules import derive, derived_file, ensure_fresh
from territoires.validation import Progress, Report, validate


@dataclass(frozen=True, slots=True)
class Commit:
    """A change that was accepted and written."""

    before: str
    """Digest of the data before (`Root.digest`)."""
    after: str
    report: Report
    """What was found on the entities that the change can affect: warnings, no violation."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""


def commit(
    root: Root,
    files: Mapping[str, bytes | None],
    *,
    expected: str | None = None,
    progress: Progress = lambda _: None,
    publish: Callable[[Commit], None] = lambda _: None,
) -> Commit:
    """Change Turtle files of `root` as one, or leave everything as it was.

    The data before are taken to be valid, as their stamp says: only what the change can affect is judged.

    Args:
        root: the graph folder.
        files: new contents by path below it (`data/x.ttl`); None deletes.
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
        before = root.digest()
        if expected is not None and expected != before:
            raise ConflictError(
                Text("the data have changed meanwhile", "les données ont changé entre-temps"),
                hint=Text("read them again, and change what they say now", "relisez-les, puis refaites la correction"),
            )
        written = dict(files)
        kept = replaced(root, files)
        with _staged(root, files) as stage:
            report, seconds = _judge(root, stage, written, progress)
            after = stage.digest()
        start = time.perf_counter()
        write_all(root.path, {**written, **kept})
        seconds["write"] = time.perf_counter() - start
        done = Commit(before, after, report, seconds)
        publish(done)
    return done


def _judge(
    root: Root, stage: Root, files: dict[str, bytes | None], progress: Progress
) -> tuple[Report, dict[str, float]]:
    """Derive and judge in `stage`; add the derived graph to `files`; return the report and the seconds of each step."""
    marks = [time.perf_counter()]
    pairs = [(name, _content(root.path / name), content or b"") for name, content in files.items()]
    changes = changed_between(stage, pairs)  # First, for a file that does not parse is the cheapest to refuse.
    marks.append(time.perf_counter())
    if stage.rule_files():
        progress(Text("deriving", "dérivation"))
        name = derived_file(stage).relative_to(stage.path).as_posix()
        derived = derive(stage).encode()
        old = _content(root.path / name)
        _replace(stage.path / name, derived)
        if derived != old:
            files[name] = derived
        changes = changed_between(stage, [*pairs, (name, old, derived)])
        ensure_fresh(stage)
    marks.append(time.perf_counter())
    graph = load(stage)
    marks.append(time.perf_counter())
    report = validate(graph, changes=changes, progress=progress)
    report.raise_for_violations()
    marks.append(time.perf_counter())
    steps = ("parse", "derive", "load", "judge")
    return report, {step: end - start for step, (start, end) in zip(steps, pairwise(marks), strict=True)}


@contextmanager
def _staged(root: Root, files: Mapping[str, bytes | None]) -> Iterator[Root]:
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


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


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
