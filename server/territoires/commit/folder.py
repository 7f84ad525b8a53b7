"""A graph folder as it is, and as it would be with some files changed: digests without reading a file twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from territoires.root import Root, combined, content_digest

Files = Mapping[str, bytes | None]
"""New contents by path below the folder; None for a file that goes."""


class Folder:
    """The digests of the files of a graph folder, which nobody else changes meanwhile."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._own = {root.relative(file): content_digest(file.read_bytes()) for file in root.turtle_files()}

    def digest(self, written: Files | None = None, *, without: tuple[str, ...] = ()) -> str:
        """Return what `Root.digest` would be with the files `written`, and `without` some."""
        return combined((path, own) for path, own in self._parts(written or {}) if path.as_posix() not in without)

    def inputs(self, written: Files, derived: str) -> str:
        """Return what `rules.inputs_digest` would be with the files `written`."""
        rules = [(self._root.relative(file), content_digest(file.read_bytes())) for file in self._root.rule_files()]
        sources = [(path, own) for path, own in self._parts(written) if path.as_posix() != derived]
        return combined([*sources, *rules])

    def _parts(self, written: Files) -> list[tuple[Path, bytes]]:
        """Return the files in the order of `Root.turtle_files`."""
        own = dict(self._own)
        for name, content in written.items():
            path = PurePosixPath(name)
            if path.suffix != ".ttl" or path.parts[0] not in {"ontology", "data"}:
                continue
            if content is None:
                own.pop(Path(name), None)
            else:
                own[Path(name)] = content_digest(content)
        return sorted(own.items(), key=lambda part: (part[0].parts[0] != "ontology", part[0]))
