"""Answers in a folder, for the next start: one file each, below a folder for each version of the dataset."""

from __future__ import annotations

import hashlib
import io
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from territoires.engine import Opened
from territoires.files import alone_in, replacing

_PRIVATE: Final = 0o700
_LARGE: Final = 1_000_000
"""Bytes up to which an answer is sent from memory."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole answer in memory."""

    content: bytes
    rows: int | None
    """Solutions of a SELECT; None for other answers."""

    def opened(self) -> Opened:
        """Return it as a file: on disk when it is large, so that who reads slowly holds none of it in memory."""
        if len(self.content) <= _LARGE:
            return Opened(io.BytesIO(self.content), self.rows)
        file = TemporaryFile()  # noqa: SIM115  (its reader closes it)
        file.write(self.content)
        file.seek(0)
        return Opened(file, self.rows)


class Stored:
    """The answers in `folder`, which the processes of several servers of one graph folder may share.

    Each file begins with a digest of what it answers and of its content: one that was cut, changed or moved is none.

    Args:
        folder: where they are.
        program: version of the program that writes answers: another one may write them otherwise.
    """

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        writers = f"{program} {version_of('pyoxigraph')}"
        self._program = hashlib.sha256(writers.encode()).hexdigest()[:8]

    def read(self, version: str, name: str) -> Kept | None:
        """Return the answer called `name` over a version of the dataset; None when there is none that is whole."""
        try:
            content = self._place(version, name).read_bytes()
        except OSError:
            return None
        digest, _, body = content.partition(b"\n")
        if digest != _digest(version, name, body):
            return None
        rows, _, answer = body.partition(b"\n")
        return Kept(answer, int(rows) if rows else None)

    def write(self, version: str, name: str, kept: Kept) -> None:
        """Write an answer, whole or not at all.

        Raises:
            DataError, OSError: if that cannot be.
        """
        rows = "" if kept.rows is None else str(kept.rows)
        body = rows.encode() + b"\n" + kept.content
        with replacing(self._place(version, name)) as file:
            file.write(_digest(version, name, body) + b"\n" + body)

    def alone(self) -> AbstractContextManager[bool]:
        """Give whether no other process writes here, for the length of the block.

        Raises:
            OSError: if nobody can write here.
        """
        self.folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        return alone_in(self.folder)

    def drop_others(self, version: str) -> None:
        """Remove what is of other versions of the dataset, or of another program."""
        for other in self.folder.glob("*-*/"):
            if other.name != self._version(version):
                shutil.rmtree(other, ignore_errors=True)

    def _place(self, version: str, name: str) -> Path:
        return self.folder / self._version(version) / name

    def _version(self, version: str) -> str:
        return f"{version[:32]}-{self._program}"


def _digest(version: str, name: str, body: bytes) -> bytes:
    return hashlib.sha256(f"{version} {name}\n".encode() + body).hexdigest().encode()
