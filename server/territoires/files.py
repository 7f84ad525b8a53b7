"""Writing files so that nothing is ever half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from territoires.errors import DataError, Place, Text

try:
    import fcntl
except ImportError:  # Windows: two processes may then do the same work, and the first that ends is used
    fcntl = None  # type: ignore[assignment]


def read_text(path: Path) -> str:
    """Return the content of a UTF-8 text file.

    Raises:
        DataError: if it is not UTF-8, with the line.
    """
    content = path.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        problem = Text("is not UTF-8", "n'est pas de l'UTF-8")
        hint = Text("save the file as UTF-8", "enregistrez le fichier en UTF-8")
        raise bad_byte(path, content, error.start, problem, hint) from error


def bad_byte(path: Path, content: bytes, at: int, problem: Text, hint: Text) -> DataError:
    """Return the error that says what is wrong with byte `at` (from 0) of a file with this content, and its line."""
    return DataError(
        Text(f"byte {at} {problem.en}", f"l'octet {at} {problem.fr}"),
        place=Place(path, content.count(b"\n", 0, at) + 1),
        hint=hint,
    )


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` whole when the block ends, and vanishes when it fails.

    The file is flushed to disk before the rename, so that a power cut leaves the old or the new content.

    Raises:
        DataError: if the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise DataError(
            Text(f"this cannot be written: {error.strerror}", f"impossible d'écrire ici : {error.strerror}"),
            place=Place(path),
            hint=Text("choose a folder that you may write", "choisissez un dossier où vous pouvez écrire"),
        ) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> bool:
    """Replace `path` by `text` (UTF-8) in one step; return False, touching nothing, when it already says that."""
    content = text.encode()
    if path.exists() and path.read_bytes() == content:
        return False
    with replacing(path) as file:
        file.write(content)
    return True


@contextmanager
def alone_in(place: Path) -> Iterator[bool]:
    """Give whether no other process writes in the folder; the system ends the claim of a process that ends."""
    with (place / ".lock").open("wb") as file:
        if fcntl:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
        yield True


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
