"""The files that people load elsewhere: which there are, and how each is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from territoires import csvw
from territoires.answers import select
from territoires.engine import Engine
from territoires.errors import NotFoundError, Text
from territoires.files import replacing
from territoires.jsonld import Context, load_context
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.tabular import comma, framed, geojson, parquet, sqlite
from territoires.tabular.declared import Table, load_tables
from territoires.tabular.framed import Framer, load_frames
from territoires.tabular.rows import Book

INDEX: Final = "index.json"
"""What lists the others in a folder, with the size and digest of each."""
DATABASE: Final = "territoires.sqlite"
_LICENCE: Final = f"SELECT ?licence {{ <{BASE}dataset> dct:license ?licence }} ORDER BY ?licence LIMIT 1"


class Material:
    """What exports are made of; what several need is worked out once."""

    def __init__(self, root: Root, engine: Engine) -> None:
        self.root = root
        self.engine = engine
        self.book = Book(engine, load_tables(root))
        self.context: Context = load_context(root)
        found = select(engine, _LICENCE)
        self.licence = next((row["licence"].value for row in found), None)

    @property
    def about(self) -> dict[str, str]:
        """What a file says of itself."""
        known = {"dataset": f"{BASE}dataset", "version": self.engine.version, "licence": self.licence}
        return {name: value for name, value in known.items() if value}


@dataclass(frozen=True, slots=True)
class Export:
    """One file."""

    name: str
    media_type: str
    title: Text
    write: Callable[[BinaryIO, Material], None]


def find_exports(root: Root) -> dict[str, Export]:
    """Return the exports of `root` by name, sorted; Parquet only where pyarrow is installed.

    Raises:
        DataError: if a table or a frame is not declared well.
    """
    tables = load_tables(root)
    found = [*_framed(root), *_maps(tables)]
    for table in tables.values():
        found.append(Export(f"{table.name}.csv", "text/csv; charset=utf-8", table.title, partial(_csv, table.name)))
        if parquet.available():
            write = partial(_parquet, table.name)
            found.append(Export(f"{table.name}.parquet", "application/vnd.apache.parquet", table.title, write))
    if tables:
        title = Text("What the columns of the CSV files mean", "Ce que signifient les colonnes des fichiers CSV")
        found.append(Export(comma.METADATA, csvw.MEDIA_TYPE, title, _metadata))
        title = Text("All tables, with their keys", "Tous les tableaux, avec leurs clés")
        found.append(Export(DATABASE, "application/vnd.sqlite3", title, _sqlite))
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}


def pick(exports: Mapping[str, Export], name: str) -> Export:
    """Return the export called `name`.

    Raises:
        NotFoundError: if there is none; the hint names those there are.
    """
    if name in exports:
        return exports[name]
    names = ", ".join(exports) or "–"
    raise NotFoundError(
        Text(f"there is no export {name!r}", f"il n'y a pas d'export {name!r}"),
        hint=Text(f"one of: {names}", f"au choix : {names}"),
    )


def write_all(folder: Path, exports: Mapping[str, Export], material: Material) -> Iterator[Export]:
    """Write each export into `folder` and yield it; in the end, the index.

    Raises:
        DataError: if the folder cannot be written, or the graph does not fit a table.
        QueryError: if the engine cannot answer.
    """
    listed = []
    for export in exports.values():
        with replacing(folder / export.name) as file:
            export.write(file, material)
        with (folder / export.name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        listed.append(
            {
                "name": export.name,
                "title": {"en": export.title.en, "fr": export.title.fr},
                "mediaType": export.media_type,
                "bytes": (folder / export.name).stat().st_size,
                "sha256": digest,
            }
        )
        yield export
    with replacing(folder / INDEX) as file:
        content = {**material.about, "exports": listed}
        file.write((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def _framed(root: Root) -> Iterator[Export]:
    for name, frame in load_frames(root).items():

        def write(file: BinaryIO, material: Material, frame: framed.Frame = frame) -> None:
            Framer(frame, material.context).write(file, material.engine)

        yield Export(f"{name}.jsonld", framed.MEDIA_TYPE, Text(**frame["title"]), write)


def _maps(tables: Mapping[str, Table]) -> Iterator[Export]:
    if tables.keys() >= {"territories", "members", "communes"}:
        for name, write in (("territories", geojson.write_territories), ("members", geojson.write_members)):
            yield Export(f"{name}.geojson", geojson.MEDIA_TYPE, tables[name].title, partial(_map, write))


def _map(write: Callable[[BinaryIO, Book], None], file: BinaryIO, material: Material) -> None:
    write(file, material.book)


def _csv(name: str, file: BinaryIO, material: Material) -> None:
    comma.write_csv(file, material.book.tables[name], material.book.rows(name))


def _parquet(name: str, file: BinaryIO, material: Material) -> None:
    parquet.write_parquet(file, material.book.tables[name], material.book.rows(name))


def _metadata(file: BinaryIO, material: Material) -> None:
    file.write(comma.describe(material.book.tables, material.engine.version, material.licence))


def _sqlite(file: BinaryIO, material: Material) -> None:
    sqlite.write_sqlite(file, material.book, material.about)
