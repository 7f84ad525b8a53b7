"""Writing files so that nothing is ever half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` whole when the block ends, and vanishes when it fails.

    The file is flushed to disk before the rename, so that a power cut leaves the old or the new content.

    Raises:
        OSError: if the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
