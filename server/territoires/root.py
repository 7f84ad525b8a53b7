"""Finds the graph folder: ontology/, data/, shapes/, rules/ and queries/ side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from territoires.errors import Place, RootError, Text

REQUIRED = ("ontology", "data", "shapes")
FOLDERS = (*REQUIRED, "rules", "queries", "changes", "editions")
"""All that a graph folder may have."""
_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]
_INSTALLED = _PACKAGE / "_root"


@dataclass(frozen=True, slots=True)
class Root:
    """A graph folder; its parts need not exist yet except ontology/, data/ and shapes/."""

    path: Path
    dataset: Path | None = None
    """One RDF file that is served in place of ontology/ and data/."""
    union: bool = True
    """Whether a query without `FROM` sees the merge of all graphs, or the file's own default graph."""

    @property
    def ontology(self) -> Path:
        """Folder of the vocabulary: Turtle and the JSON-LD context."""
        return self.path / "ontology"

    @property
    def data(self) -> Path:
        """Folder of the sources: one Turtle file or one folder per named graph."""
        return self.path / "data"

    @property
    def shapes(self) -> Path:
        """Folder of the SHACL shapes."""
        return self.path / "shapes"

    @property
    def queries(self) -> Path:
        """Folder of the published queries."""
        return self.path / "queries"

    def turtle_files(self) -> tuple[Path, ...]:
        """Return the RDF files that become the graph, sorted, ontology first."""
        if self.dataset:
            return (self.dataset,)
        return (*sorted(self.ontology.rglob("*.ttl")), *sorted(self.data.rglob("*.ttl")))

    def shape_files(self) -> tuple[Path, ...]:
        """Return the Turtle files of the shapes, sorted."""
        return tuple(sorted(self.shapes.rglob("*.ttl")))

    def check_files(self) -> tuple[Path, ...]:
        """Return the queries that judge the named graphs beside the shapes, sorted."""
        return tuple(sorted((self.shapes / "dataset").glob("*.rq")))

    def rule_files(self) -> tuple[Path, ...]:
        """Return the derivation rules, in the order in which they run."""
        return tuple(sorted((self.path / "rules").glob("*.rq")))

    def relative(self, file: Path) -> Path:
        """Return `file` as seen from the root when it lies below it."""
        return file.relative_to(self.path) if file.is_relative_to(self.path) else file

    def digest(self, *files: Path) -> str:
        """Return the SHA-256 of names and contents of `files` (default: all Turtle of the graph), as hex."""
        return combined(
            (self.relative(file), content_digest(file.read_bytes())) for file in files or self.turtle_files()
        )


def content_digest(content: bytes) -> bytes:
    """Return the digest of one file."""
    return hashlib.sha256(content).digest()


def combined(parts: Iterable[tuple[Path, bytes]]) -> str:
    """Return the digest of several files by their paths below the graph folder and their own digests, as hex."""
    total = hashlib.sha256()
    for path, digest in parts:
        total.update(path.as_posix().encode() + b"\0" + digest)
    return total.hexdigest()


def find_root(path: Path | None = None) -> Root:
    """Return the graph folder: `path`, else this checkout, else the copy in the installed wheel.

    Raises:
        RootError: if a required folder is missing.
    """
    root = Root((path or _default()).resolve())
    missing = [name for name in REQUIRED if not (root.path / name).is_dir()]
    if missing:
        names = ", ".join(f"{name}/" for name in missing)
        raise RootError(
            Text(f"this folder has no {names}", f"ce dossier n'a pas de {names}"),
            place=Place(root.path),
            hint=Text(
                "point --root at a folder with ontology/, data/ and shapes/",
                "donnez à --root un dossier qui contient ontology/, data/ et shapes/",
            ),
        )
    return root


def _default() -> Path:
    return _CHECKOUT if (_CHECKOUT / "ontology").is_dir() else _INSTALLED
