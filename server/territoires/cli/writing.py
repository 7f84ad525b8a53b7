"""How commands change the graph folder: several files as one, judged where they say something new."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from territoires.cli.main import language, messages, working, write
from territoires.commit.door import commit
from territoires.commit.journal import write_unjudged
from territoires.editions import replaced
from territoires.errors import TerritoiresError, Text
from territoires.files import write_whole
from territoires.root import Root

_REFUSED = Text(
    "Nothing was written. With --no-check it is written unjudged; `territoires check` then says all that is wrong.",
    "Rien n'est écrit. Avec --no-check, c'est écrit sans être jugé ; `territoires check` dit alors tout ce qui cloche.",
)
_UNJUDGED = Text(
    "written unjudged: run `territoires build`, then `territoires check --stamp`",
    "écrit sans être jugé : lancez `territoires build`, puis `territoires check --stamp`",
)


def write_sources(root: Root, files: Mapping[Path, str], *, check: bool) -> None:
    """Write Turtle `files` as one and say of each whether it has changed; those outside `root` are simply written.

    Args:
        root: the graph folder.
        files: texts by file.
        check: whether the change goes through the gate, which derives and judges what it can affect.

    Raises:
        TerritoiresError: if the change is refused or cannot be written; then the folder is as it was.
    """
    inside = {file: text for file, text in files.items() if _is_source(root, file)}
    changed = {_name(root, file): text.encode() for file, text in inside.items() if _differs(file, text)}
    if changed and check:
        try:
            with working(Text("judging what changes", "jugement de ce qui change")) as progress:
                commit(root, changed, progress=progress)
        except TerritoiresError:
            messages.print(_REFUSED.in_(language()), markup=False)
            raise
    elif changed:
        write_unjudged(root.path, {**changed, **replaced(root, changed)})
        messages.print(_UNJUDGED.in_(language()), markup=False)
    for file, text in files.items():
        if file in inside:
            say_written(file, changed=_name(root, file) in changed)
        else:
            write(file, text)


def say_written(file: Path, *, changed: bool) -> None:
    """Say whether a file has changed."""
    outcome = Text("written", "écrit") if changed else Text("unchanged", "inchangé")
    click.echo(f"{file}: {outcome.in_(language())}")


def write_as_one(root: Root, files: Mapping[Path, str]) -> None:
    """Write `files` as one where they stand below `root`, unjudged; the others one by one."""
    inside = {file: text for file, text in files.items() if file.resolve().is_relative_to(root.path)}
    if inside:
        write_unjudged(root.path, {_name(root, file): text.encode() for file, text in inside.items()})
    for file, text in files.items():
        if file not in inside:
            write_whole(file, text)


def _is_source(root: Root, file: Path) -> bool:
    """Return whether `file` is, or would be, Turtle that is loaded."""
    folders = (root.data, root.ontology)
    return file.suffix == ".ttl" and any(file.resolve().is_relative_to(folder) for folder in folders)


def _name(root: Root, file: Path) -> str:
    return file.resolve().relative_to(root.path).as_posix()


def _differs(file: Path, text: str) -> bool:
    return not file.exists() or file.read_bytes() != text.encode()
