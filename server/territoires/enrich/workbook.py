"""XLSX and Parquet: the first sheet of a workbook as people see its cells; what unpacks to too much is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from territoires.enrich.table import SAVE, Limits, Table
from territoires.errors import Place, TableError, Text

_MOST_ENTRIES: Final = 2_000
_MOST_STRINGS: Final = 200_000_000
"""Bytes of the one part of a workbook that is held in memory."""


def read_xlsx(file: BinaryIO, name: str, limits: Limits) -> Table:
    """Read the first sheet of a workbook, after its directory was found to be no bomb."""
    import openpyxl  # noqa: PLC0415  (a tenth of a second, for those who need it)

    _check_workbook(file, name, limits)
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be wrong
        lines = sheet.iter_rows(values_only=True)
        heads = [_shown(cell).strip() for cell in next(lines, ())]
    except (KeyError, ValueError, IndexError, OSError, SyntaxError, zipfile.BadZipFile) as error:
        raise _no_workbook(name, error) from error
    while heads and not heads[-1]:
        heads.pop()

    def rows() -> Iterator[tuple[int, list[str]]]:
        try:
            for number, cells in enumerate(lines, 2):
                shown = [_shown(cell) for cell in cells]
                # Rows end where their last cell is; blanks behind the heads are formatting.
                while len(shown) > len(heads) and not shown[-1]:
                    shown.pop()
                yield number, shown + [""] * (len(heads) - len(shown))
        except (KeyError, ValueError, OSError, SyntaxError, zipfile.BadZipFile) as error:
            raise _no_workbook(name, error) from error
        finally:
            book.close()

    count = len(book.sheetnames)
    said = Text(f"XLSX, sheet “{sheet.title}” (1 of {count})", f"XLSX, feuille « {sheet.title} » (1 sur {count})")
    return Table(name, heads, rows(), said, None, file.tell)


def _check_workbook(file: BinaryIO, name: str, limits: Limits) -> None:
    """Refuse what unpacks to very much, by its directory: nothing is unpacked yet."""
    try:
        with zipfile.ZipFile(file) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _no_workbook(name, error) from error
    unpacked = sum(entry.file_size for entry in entries)
    strings = sum(entry.file_size for entry in entries if not entry.filename.startswith("xl/worksheets/"))
    if len(entries) > _MOST_ENTRIES or unpacked > limits.unpacked or strings > min(_MOST_STRINGS, limits.unpacked):
        raise TableError(
            Text(
                f"this workbook unpacks to {unpacked:,} bytes in {len(entries):,} parts, which is too much",
                f"ce classeur fait {unpacked:,} octets une fois décompressé, en {len(entries):,} parties : c'est trop",
            ),
            place=Place(Path(name)),
            hint=Text("save the sheet as CSV", "enregistrez la feuille en CSV"),
        )


def _no_workbook(name: str, error: Exception) -> TableError:
    said = f": {error}" if isinstance(error, zipfile.BadZipFile) else ""
    return TableError(
        Text(f"this workbook cannot be read{said}", f"ce classeur est illisible{said}"),
        place=Place(Path(name)),
        hint=Text("save it again, or as CSV", "enregistrez-le de nouveau, ou en CSV"),
    )


def _shown(cell: Any) -> str:  # noqa: ANN401  (a cell holds anything)
    """Return a cell as people see it: whole numbers without a point, days as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004  (a double is exact so far)
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def read_parquet(file: BinaryIO, name: str) -> Table:
    """Open a Parquet file.

    Raises:
        TableError: if it is damaged, or `pyarrow` is not installed.
    """
    try:
        from pyarrow import ArrowException  # noqa: PLC0415
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError as error:
        raise TableError(
            Text("Parquet needs pyarrow, which is not installed", "Parquet demande pyarrow, qui n'est pas installé"),
            place=Place(Path(name)),
            hint=Text("pip install 'territoires[tables]'", "pip install 'territoires[tables]'"),
        ) from error
    try:
        parquet = ParquetFile(file)
    except ArrowException as error:
        raise TableError(Text(f"Parquet: {error}", f"Parquet : {error}"), place=Place(Path(name)), hint=SAVE) from error
    heads = list(parquet.schema_arrow.names)

    def rows() -> Iterator[tuple[int, list[str]]]:
        number = 1
        for batch in parquet.iter_batches(batch_size=10_000):
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield number, [_shown(cell) for cell in cells]

    return Table(name, heads, rows(), Text("Parquet", "Parquet"), None, file.tell)
