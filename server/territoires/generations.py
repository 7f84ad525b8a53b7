"""The graph on disk: immutable generations, each a store that is written once and only read from then on.

`DIR/<digest>/` holds `store/` (RocksDB, by Oxigraph), `merged/` (the merge: see `graph.load_both`) and
`manifest.json`; `DIR/current` names the one to serve. A generation is made beside them and renamed when it is whole;
a server keeps a shared lock on the one that it serves.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from territoires.errors import DataError, Place, Text
from territoires.files import write_whole
from territoires.graph import KnowledgeGraph, load, load_merge
from territoires.root import Root

if sys.platform != "win32":
    import fcntl

_CURRENT: Final = "current"
_MANIFEST: Final = "manifest.json"
_STORE: Final = "store"
_MERGED: Final = "merged"
_STORES: Final = (_STORE, _MERGED)
_LOCK: Final = ".lock"
_PART: Final = ".part-"
"""Start of the name of what is being made, or removed; the next build removes those of the killed."""
_CHANGES: Final = ("LOG", "LOCK")
"""Files of RocksDB that opening it may change."""

_REMEDY: Final = Text("run `territoires build --store {}`", "lancez `territoires build --store {}`")


@dataclass(frozen=True, slots=True)
class Generation:
    """One version of the dataset on disk."""

    folder: Path
    root: Root
    version: str
    files: Mapping[str, tuple[str, ...]]
    """Turtle files of each named graph, below the graph folder."""
    default_graphs: tuple[str, ...]
    """Named graphs that stand for themselves in the merge, beside the store's default graph."""
    triples: int

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs, sorted."""
        return tuple(sorted(self.files))

    def open(self) -> KnowledgeGraph:
        """Open the store for reading, in the process that reads: its threads do not survive a fork.

        Raises:
            DataError: if the store is broken.
        """
        try:
            store, merged = (ox.Store.read_only(str(self.folder / name)) for name in _STORES)
        except (OSError, RuntimeError) as error:
            raise _broken(self.folder, str(error)) from error
        files = {name: tuple(self.root.path / file for file in parts) for name, parts in self.files.items()}
        apart = tuple(ox.NamedNode(name) for name in self.default_graphs)
        return KnowledgeGraph(store, self.root, self.version, files, (ox.DefaultGraph(), *apart), merged)

    def unopened(self) -> int:
        """Return how many files of the store this process, which has opened it, may still have to open."""
        tables = {file.resolve() for name in _STORES for file in (self.folder / name).glob("*.sst")}
        with contextlib.suppress(OSError):  # where there is no /proc, any may be
            tables -= {file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}
        return len(tables)

    def hold(self) -> None:
        """Keep the generation from being removed for as long as this process, or one forked from it, lives.

        Raises:
            DataError: if it was removed meanwhile.
        """
        try:
            handle = os.open(self.folder / _MANIFEST, os.O_RDONLY)
        except OSError as error:
            raise _broken(self.folder, str(error)) from error
        if sys.platform != "win32":  # There, files that are open cannot be removed.
            fcntl.flock(handle, fcntl.LOCK_SH)
        if not (self.folder / _MANIFEST).exists():
            raise _broken(self.folder, "removed")


def build(
    root: Root, directory: Path, *, done: Callable[[Path], None] = lambda _: None, say: Callable[[Text], None]
) -> Generation:
    """Make the generation of the present files in `directory`, if it is not there, and name it the current one.

    Args:
        root: the graph folder.
        directory: where generations lie.
        done: told of each file that is in the store.
        say: told what is being done.

    Raises:
        TurtleError: if a file does not parse.
        DataError: if another build is at work, the files change meanwhile, or something cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _alone(directory):
            for part in directory.glob(f"{_PART}*"):
                shutil.rmtree(part)
            version = root.digest()
            if not _is_whole(directory / version, root):
                _make(root, directory, version, done, say)
            write_whole(directory / _CURRENT, f"{version}\n")
            _remove_unused(directory, version)
            return _read(directory / version, root)
    except OSError as error:
        raise DataError(
            Text(f"this cannot be written: {error.strerror}", f"impossible d'écrire ici : {error.strerror}"),
            place=Place(directory),
            hint=Text("choose a folder that you may write", "choisissez un dossier où vous pouvez écrire"),
        ) from error


def find(root: Root, directory: Path, version: str | None = None) -> Generation:
    """Return the generation to serve; reads nothing of the graph, whatever its size.

    Args:
        root: the graph folder.
        directory: where generations lie.
        version: the one that was served before; None: the current one, which must be of the present files.

    Raises:
        DataError: if there is none, if it is broken, or of other files than those of `root`.
    """
    try:
        name = version or (directory / _CURRENT).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DataError(
            Text("there is no generation here to serve", "il n'y a ici aucune génération à servir"),
            place=Place(directory),
            hint=_remedy(directory),
        ) from error
    generation = _read(directory / name, root)
    if version is None and not _same_files(generation):
        raise DataError(
            Text(
                "this generation is of other files than those of the graph folder",
                "cette génération vient d'autres fichiers que ceux du dossier du graphe",
            ),
            place=Place(generation.folder),
            hint=_remedy(directory),
        )
    return generation


def _make(root: Root, directory: Path, version: str, done: Callable[[Path], None], say: Callable[[Text], None]) -> None:
    part, target = directory / f"{_PART}{version}", directory / version
    if target.exists():  # broken, or of another pyoxigraph
        _remove(target, must=True)
    part.mkdir()
    stats = _stats(root)
    store = ox.Store(str(part / _STORE))
    graph = load(root, store=store, done=done)
    say(Text("loading the merge", "chargement de la fusion"))
    merged = ox.Store(str(part / _MERGED))
    load_merge(root, merged, bulk=True)
    if graph.version != version or _stats(root) != stats:
        raise DataError(
            Text("the files changed while they were loaded", "les fichiers ont changé pendant leur chargement"),
            place=Place(root.path),
            hint=_remedy(directory),
        )
    say(Text("arranging the stores on disk", "rangement des données sur le disque"))
    for one in (store, merged):
        one.flush()
        one.optimize()
    counted = merged.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    manifest = {
        "version": version,
        "pyoxigraph": ox.__version__,
        "triples": int(next(counted)["n"].value) if isinstance(counted, ox.QuerySolutions) else 0,
        "graphs": {name: [root.relative(file).as_posix() for file in files] for name, files in graph.files.items()},
        "default_graphs": [one.value for one in graph.default_graphs if isinstance(one, ox.NamedNode)],
        "files": stats,
    }
    del counted, graph, store, merged, one  # closes them
    manifest["stores"] = {name: _sizes(part / name) for name in _STORES}
    write_whole(part / _MANIFEST, json.dumps(manifest, indent=1) + "\n")
    part.rename(target)
    _flush(directory)


def _read(folder: Path, root: Root) -> Generation:
    """Return the generation in `folder`.

    Raises:
        DataError: if it is not whole, or of another version of pyoxigraph.
    """
    try:
        said: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
        if said["pyoxigraph"] != ox.__version__:
            raise _broken(folder, f"pyoxigraph {said['pyoxigraph']}, {ox.__version__}")
        for name in _STORES:
            if said["stores"][name] != _sizes(folder / name):
                raise _broken(folder, f"{name}/")
        files = {str(name): tuple(map(str, parts)) for name, parts in said["graphs"].items()}
        apart = tuple(map(str, said["default_graphs"]))
        return Generation(folder, root, str(said["version"]), files, apart, int(said["triples"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(folder, f"{_MANIFEST}: {error}") from error


def _is_whole(folder: Path, root: Root) -> bool:
    try:
        return _read(folder, root).version == folder.name
    except DataError:
        return False


def _same_files(generation: Generation) -> bool:
    """Return whether the files are those of the generation: by size and time, else by their digest."""
    said = json.loads((generation.folder / _MANIFEST).read_bytes())["files"]
    root = generation.root
    return bool(said == _stats(root)) or root.digest() == generation.version


def _stats(root: Root) -> dict[str, list[int]]:
    """Return size and time of change of each Turtle file."""
    found = {root.relative(file).as_posix(): file.stat() for file in root.turtle_files()}
    return {name: [one.st_size, one.st_mtime_ns] for name, one in found.items()}


def _sizes(store: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in sorted(store.iterdir()) if not file.name.startswith(_CHANGES)}


def _remove_unused(directory: Path, version: str) -> None:
    for manifest in directory.glob(f"*/{_MANIFEST}"):
        if manifest.parent.name != version:
            _remove(manifest.parent, must=False)


def _remove(folder: Path, *, must: bool) -> None:
    """Remove a generation that no server uses.

    Raises:
        DataError: if one uses it, and it `must` go.
    """
    with contextlib.ExitStack() as stack:
        if sys.platform != "win32" and (folder / _MANIFEST).exists():
            handle = os.open(folder / _MANIFEST, os.O_RDONLY)
            stack.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if must:
                    raise DataError(
                        Text("a server uses this generation", "un serveur utilise cette génération"),
                        place=Place(folder),
                        hint=Text("stop it first", "arrêtez-le d'abord"),
                    ) from error
                return
        gone = folder.with_name(f"{_PART}{folder.name}")
        try:
            folder.rename(gone)
        except PermissionError:  # On Windows somebody reads it.
            return
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one build at a time work in `directory`.

    Raises:
        DataError: if another one does.
    """
    handle = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DataError(
            Text("another build is at work here", "une autre construction est en cours ici"),
            place=Place(directory),
            hint=Text("wait for its end", "attendez sa fin"),
        ) from error
    finally:
        os.close(handle)


def _flush(folder: Path) -> None:
    """Let a rename in `folder` survive a power cut."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _broken(folder: Path, why: str) -> DataError:
    return DataError(
        Text(
            f"this generation is not whole, or not of this version ({why})",
            f"cette génération n'est pas entière, ou pas de cette version ({why})",
        ),
        place=Place(folder),
        hint=_remedy(folder.parent),
    )


def _remedy(directory: Path) -> Text:
    return Text(_REMEDY.en.format(directory), _REMEDY.fr.format(directory))
