"""Tables as CSV (RFC 4180, UTF-8) with the metadata of CSV on the Web beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import BinaryIO, Final

from territoires.csvw import Described, group
from territoires.formulas import harmless
from territoires.namespaces import BASE
from territoires.tabular.declared import SEPARATOR, Table, references
from territoires.tabular.rows import Cell, Row

METADATA: Final = "csv-metadata.json"
"""Where readers look for it beside a CSV file (CSV on the Web §5.3)."""


def write_csv(file: BinaryIO, table: Table, rows: list[Row]) -> None:
    """Write a head line and the rows; a text that a spreadsheet would run gets an apostrophe in front."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([written(cell) for cell in row] for row in rows)
    text.detach()


def written(cell: Cell) -> str:
    """Return a cell as text: a list with `|` between its values, nothing as the empty text."""
    if isinstance(cell, tuple):
        return harmless(SEPARATOR.join(map(str, cell)))
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return harmless(cell) if isinstance(cell, str) else str(cell)


def describe(tables: Mapping[str, Table], version: str, licence: str | None) -> bytes:
    """Return the CSVW metadata of all tables, each in `<name>.csv` beside it."""
    about = {"dc:title": "Territoires d'industrie", "dc:source": f"{BASE}dataset", "dc:identifier": version}
    if licence:
        about["dc:license"] = licence
    return group(
        (
            Described(
                url=f"{table.name}.csv",
                title=table.title,
                columns=[column.described() for column in table.columns],
                key=table.key,
                references=[(column, f"{other.name}.csv", key) for column, other, key in references(tables, table)],
            )
            for table in tables.values()
        ),
        **about,
    )
