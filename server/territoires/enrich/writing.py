"""Tables written row by row: CSV, XLSX or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Literal

from territoires.errors import Place, TableError, Text

Format = Literal["csv", "xlsx", "parquet"]
_BATCH: Final = 20_000
_MOST_XLSX: Final = 1_048_575
"""Rows of a sheet below its heads."""


def format_of(file: Path) -> Format:
    """Return the format that the suffix of a file names.

    Raises:
        TableError: if it is another one.
    """
    match file.suffix.lower():
        case ".csv" | ".txt" | ".tsv":
            return "csv"
        case ".xlsx":
            return "xlsx"
        case ".parquet":
            return "parquet"
    raise TableError(
        Text(f"tables are not written as {file.suffix!r}", f"les tableaux ne s'écrivent pas en {file.suffix!r}"),
        place=Place(file),
        hint=Text("end the name with .csv, .xlsx or .parquet", "terminez le nom par .csv, .xlsx ou .parquet"),
    )


Write = Callable[[Sequence[str]], None]


@contextmanager
def writer(file: BinaryIO, format_: Format, heads: Sequence[str], delimiter: str = ",") -> Iterator[Write]:
    """Give a function that writes a row, for the length of the block; the heads are written.

    Args:
        file: where to write.
        format_: CSV is UTF-8 with a byte order mark, by which spreadsheets know it.
        heads: names of the columns.
        delimiter: of CSV.
    """
    match format_:
        case "csv":
            context = _csv(file, heads, delimiter)
        case "xlsx":
            context = _xlsx(file, heads)
        case "parquet":
            context = _parquet(file, heads)
    with context as write:
        yield write


@contextmanager
def _csv(file: BinaryIO, heads: Sequence[str], delimiter: str) -> Iterator[Write]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
    rows = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    rows.writerow(heads)
    try:
        yield rows.writerow
        text.flush()
    finally:
        text.detach()


@contextmanager
def _xlsx(file: BinaryIO, heads: Sequence[str]) -> Iterator[Write]:
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Territoires d'industrie")
    sheet.append([*heads])
    count = 0

    def write(row: Sequence[str]) -> None:
        nonlocal count
        count += 1
        if count > _MOST_XLSX:
            raise TableError(
                Text(f"a sheet holds {_MOST_XLSX:,} rows at most", f"une feuille a au plus {_MOST_XLSX:,} lignes"),
                hint=Text("write CSV", "écrivez en CSV"),
            )
        sheet.append([*row])

    yield write
    book.save(file)


@contextmanager
def _parquet(file: BinaryIO, heads: Sequence[str]) -> Iterator[Write]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet  # noqa: PLC0415

    names = [*dict.fromkeys(heads)]
    if len(names) != len(heads):
        raise TableError(
            Text("two columns have the same name", "deux colonnes ont le même nom"),
            hint=Text("rename one, or write CSV", "renommez-en une, ou écrivez en CSV"),
        )
    schema = pa.schema([(name, pa.string()) for name in names])
    rows: list[Sequence[str]] = []
    with pyarrow.parquet.ParquetWriter(file, schema) as written:

        def flush() -> None:
            if rows:
                columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
                written.write_table(pa.Table.from_arrays(columns, schema=schema))
                rows.clear()

        def write(row: Sequence[str]) -> None:
            rows.append([*row])
            if len(rows) >= _BATCH:
                flush()

        yield write
        flush()
