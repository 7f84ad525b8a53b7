"""Changes several files of a folder as one: after any crash the folder holds the old or the new version whole.

New contents are written beside their files and flushed; then a journal that names them appears by a rename, which is
the instant of the change; then they are renamed over their files, and the journal goes. Whoever finds a whole journal
ends what it says; without one, what waits beside the files is old and goes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from territoires.errors import DataError, Place, Text
from territoires.root import FOLDERS

if sys.platform != "win32":
    import fcntl

JOURNAL: Final = ".territoires-journal"
_LOCK: Final = ".territoires-lock"
STAGE: Final = ".territoires-stage-"
"""Start of the name of folders in which changes are judged; the next writer removes those of the killed."""
_NEW: Final = ".territoires-new"
"""Suffix of what waits: no suffix of RDF, so that nobody loads it."""

Entries = dict[str, bool]
"""Path of each file below the folder -> whether it is written (else deleted)."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the writers of `folder`, after waiting for it.

    Raises:
        DataError: if the folder cannot be written.
    """
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_all(folder: Path, files: Mapping[str, bytes | None]) -> None:
    """Write (or delete, for None) all `files` of `folder`, or none; the caller holds the lock and has recovered.

    Args:
        folder: a graph folder.
        files: new contents by path below it, with `/`.

    Raises:
        DataError: if something cannot be written; then nothing has changed.
    """
    try:
        for name, content in files.items():
            if content is not None:
                _prepare(folder / name, content)
        _write_journal(folder, {name: content is not None for name, content in files.items()})
    except OSError as error:
        _discard(folder)
        raise _unwritable(folder, error) from error
    _finish(folder, {name: content is not None for name, content in files.items()})


def write_unjudged(folder: Path, files: Mapping[str, bytes | None]) -> None:
    """Write all `files` of `folder`, or none, after waiting for other writers; nobody asks what is in them.

    Raises:
        DataError: if something cannot be written; then nothing has changed.
    """
    with locked(folder):
        recover_locked(folder)
        write_all(folder, files)


def recover(folder: Path) -> None:
    """End or undo what a crash has left; wait for a writer that is at work. Does nothing else, and is quick.

    Raises:
        DataError: if there is something to end or undo in a folder that cannot be written.
    """
    if not (folder / JOURNAL).exists() and next(_waiting(folder), None) is None:
        return
    with locked(folder):
        recover_locked(folder)


def recover_locked(folder: Path) -> None:
    """Do what `recover` does, for who holds the lock."""
    try:
        entries = _read_journal(folder)
        if entries is None:
            _discard(folder)
        else:
            _finish(folder, entries)
            _discard(folder)
        for stage in folder.glob(f"{STAGE}*"):
            shutil.rmtree(stage)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _prepare(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    _write_flushed(_beside(file), content)
    if file.exists():
        _beside(file).chmod(file.stat().st_mode & 0o777)
    _flush_folder(file.parent)


def _write_journal(folder: Path, entries: Entries) -> None:
    body = json.dumps(entries).encode() + b"\n"
    part = folder / (JOURNAL + _NEW)
    _write_flushed(part, body + hashlib.sha256(body).hexdigest().encode() + b"\n")
    os.replace(part, folder / JOURNAL)  # noqa: PTH105  (named calls are what the fault injection counts)
    _flush_folder(folder)


def _read_journal(folder: Path) -> Entries | None:
    """Return what the journal says, or None where there is none that is whole."""
    try:
        content = (folder / JOURNAL).read_bytes()
    except FileNotFoundError:
        return None
    body, newline, rest = content.partition(b"\n")
    if rest != hashlib.sha256(body + newline).hexdigest().encode() + b"\n":
        return None
    entries: Entries = json.loads(body)
    return entries


def _finish(folder: Path, entries: Entries) -> None:
    for name, written in entries.items():
        file = folder / name
        if not written:
            file.unlink(missing_ok=True)
        elif _beside(file).exists():
            os.replace(_beside(file), file)  # noqa: PTH105
    for parent in {(folder / name).parent for name in entries}:
        _flush_folder(parent)
    os.unlink(folder / JOURNAL)  # noqa: PTH108
    _flush_folder(folder)


def _discard(folder: Path) -> None:
    """Remove a journal, and what waits beside files."""
    (folder / JOURNAL).unlink(missing_ok=True)
    _flush_folder(folder)
    for left in [*_waiting(folder)]:
        left.unlink(missing_ok=True)


def _waiting(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f".*{_NEW}")
    for name in FOLDERS:
        yield from (folder / name).rglob(f".*{_NEW}")


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}{_NEW}")


def _write_flushed(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(folder: Path, error: OSError) -> DataError:
    return DataError(
        Text(f"this cannot be written: {error.strerror}", f"impossible d'écrire ici : {error.strerror}"),
        place=Place(folder),
        hint=Text("make room, or choose a folder that you may write", "faites de la place, ou changez de dossier"),
    )
