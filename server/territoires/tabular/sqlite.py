"""All tables in one SQLite file, the same bytes for the same rows and the same SQLite."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from territoires.tabular.declared import SEPARATOR, Table, references
from territoires.tabular.rows import Book, Cell

_TYPES: Final = {"integer": "INTEGER", "gYear": "INTEGER", "boolean": "INTEGER", "decimal": "NUMERIC", "double": "REAL"}
_APPLICATION: Final = 0x5469_4E64
"""`TiNd`: tells programs what the file is (SQLite file format §1.3)."""


def write_sqlite(file: BinaryIO, book: Book, about: Mapping[str, str]) -> None:
    """Write every table, with primary and foreign keys, and `about` in a table of that name.

    Columns that are lists hold their values with `|` between them; names of tables have `_` for `-`.
    """
    with TemporaryDirectory(prefix="territoires-") as folder:
        path = Path(folder, "tables.sqlite")
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            # The page size and the encoding are stated: another build of SQLite may have other defaults.
            for setting in ("page_size = 4096", "encoding = 'UTF-8'", f"application_id = {_APPLICATION}"):
                database.execute(f"PRAGMA {setting}")
            database.execute("BEGIN")
            database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
            database.executemany("INSERT INTO about VALUES (?, ?)", sorted(about.items()))
            for table in book.tables.values():
                database.execute(_schema(table, book.tables))
                marks = ", ".join("?" * len(table.columns))
                rows = ([_stored(cell) for cell in row] for row in book.rows(table.name))
                database.executemany(f"INSERT INTO {_name(table.name)} VALUES ({marks})", rows)  # noqa: S608  (quoted)
            database.execute("COMMIT")
        file.write(path.read_bytes())


def _schema(table: Table, tables: Mapping[str, Table]) -> str:
    lines = [f"{_name(column.name)} {_type(column.datatype, column.is_list)}" for column in table.columns]
    lines.append(f"PRIMARY KEY ({', '.join(map(_name, table.key))})")
    for column, other, key in references(tables, table):
        lines.append(f"FOREIGN KEY ({_name(column)}) REFERENCES {_name(other.name)} ({_name(key)})")
    inside = ",\n  ".join(lines)
    return f"CREATE TABLE {_name(table.name)} (\n  {inside}\n) WITHOUT ROWID"


def _type(datatype: str, is_list: bool) -> str:  # noqa: FBT001  (a column has both)
    return "TEXT" if is_list else _TYPES.get(datatype, "TEXT")


def _name(name: str) -> str:
    escaped = name.replace("-", "_").replace('"', '""')
    return f'"{escaped}"'


def _stored(cell: Cell) -> str | int | float | None:
    if isinstance(cell, tuple):
        return SEPARATOR.join(map(str, cell))
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return cell.isoformat() if isinstance(cell, dt.date) else cell
