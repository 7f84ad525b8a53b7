"""Tables as people have them, read row by row: CSV in any French flavour, XLSX, Parquet."""

from __future__ import annotations

import codecs
import csv
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from territoires.errors import Place, TableError, Text
from territoires.files import bad_byte
from territoires.ingest.decoding import FRENCH

DELIMITERS: Final = ";,\t|"
_PIECE: Final = 1 << 20
_MOST_ENTRIES: Final = 2_000
_MOST_UNPACKED: Final = 2_000_000_000
"""Bytes that a workbook of a million rows unpacks to, with room."""
_MOST_STRINGS: Final = 200_000_000
"""Bytes of the one part of a workbook that is held in memory."""
_LONGEST_CELL: Final = 131_072
_MOST_COLUMNS: Final = 1_000
_XLSX: Final = b"PK\x03\x04"
_PARQUET: Final = b"PAR1"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_SAVE: Final = Text("save it as CSV UTF-8 or as XLSX", "enregistrez-le en CSV UTF-8 ou en XLSX")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table may ask of whoever reads it."""

    rows: int | None = None
    seconds: float | None = None
    unpacked: int = _MOST_UNPACKED
    """Bytes of a workbook when it is unpacked."""
    parquet: bool = True
    """Whether Parquet is read: its parser is native code, which strangers' bytes should not reach."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a line of heads."""

    name: str
    heads: list[str]
    rows: Iterator[tuple[int, list[str]]]
    """Number of the line or row, counted from 1 with the heads, and its cells: as many as there are heads."""
    described: Text
    """How it was read."""
    delimiter: str | None
    """Of a CSV file."""
    read: Callable[[], int]
    """Returns how many of the bytes have been read, for a progress bar."""


@contextmanager
def opened(file: BinaryIO, name: str, limits: Limits | None = None) -> Iterator[Table]:
    """Open a table for the length of the block.

    Args:
        file: its bytes, seekable.
        name: what errors call it.
        limits: what it may ask; default: no bound on rows and time.

    Raises:
        TableError, DataError: if it is none of the formats, is damaged, or is past a limit; while it is read, too.
    """
    limits = limits or Limits()
    start = file.read(4)
    file.seek(0)
    if start == _XLSX:
        yield _bounded(_xlsx(file, name, limits), limits)
    elif start == _PARQUET and limits.parquet:
        yield _bounded(_parquet(file, name), limits)
    elif start in {_OLD_EXCEL, _PARQUET}:
        kind = Text("an old or encrypted Excel file", "un fichier Excel ancien ou chiffré")
        kind = Text("Parquet", "du Parquet") if start == _PARQUET else kind
        raise TableError(Text(f"this is {kind.en}", f"c'est {kind.fr}"), place=Place(Path(name)), hint=_SAVE)
    else:
        yield _bounded(_csv(file, name), limits)


def _bounded(table: Table, limits: Limits) -> Table:
    """Return the table with rows of as many cells as it has heads, refused past the limits."""

    def rows() -> Iterator[tuple[int, list[str]]]:
        width, until = len(table.heads), time.monotonic() + (limits.seconds or 0)
        for count, (number, cells) in enumerate(table.rows, 1):
            if not any(cells):
                cells = [""] * width  # noqa: PLW2901  (a row without content, such as “;;;” in a wider table)
            if len(cells) != width:
                raise _ragged(table, number, len(cells))
            if limits.rows and count > limits.rows:
                raise TableError(
                    Text(f"more than {limits.rows} rows", f"plus de {limits.rows} lignes"),
                    place=Place(Path(table.name), number),
                    hint=Text(
                        "send it in parts, or use the command `territoires enrich`",
                        "envoyez-le en plusieurs parties, ou utilisez la commande `territoires enrich`",
                    ),
                )
            if limits.seconds and time.monotonic() > until:
                raise TableError(
                    Text(
                        f"reading took more than {limits.seconds:.0f} s",
                        f"la lecture a pris plus de {limits.seconds:.0f} s",
                    ),
                    place=Place(Path(table.name), number),
                    hint=Text("send it in parts, as CSV", "envoyez-le en plusieurs parties, en CSV"),
                )
            yield number, cells

    if not table.heads or not any(table.heads):
        raise TableError(
            Text(
                "the first line, which names the columns, is empty",
                "la première ligne, qui nomme les colonnes, est vide",
            ),
            place=Place(Path(table.name), 1),
            hint=Text(
                "put the heads of the columns in the first line", "mettez les titres des colonnes en première ligne"
            ),
        )
    if len(table.heads) > _MOST_COLUMNS:
        raise TableError(
            Text(f"more than {_MOST_COLUMNS} columns", f"plus de {_MOST_COLUMNS} colonnes"),
            place=Place(Path(table.name), 1),
        )
    return Table(table.name, table.heads, rows(), table.described, table.delimiter, table.read)


def _ragged(table: Table, number: int, width: int) -> TableError:
    return TableError(
        Text(
            f"this row has {width} cells, the heads are {len(table.heads)}",
            f"cette ligne a {width} cellules, il y a {len(table.heads)} titres",
        ),
        place=Place(Path(table.name), number, min(width, len(table.heads)) + 1),
        hint=Text(
            "quote cells that hold the delimiter or a line end",
            "mettez entre guillemets les cellules qui contiennent le séparateur ou un saut de ligne",
        ),
    )


def _csv(file: BinaryIO, name: str) -> Table:
    encoding = _encoding(file, name)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    first = text.readline(_PIECE)
    delimiter = max(DELIMITERS, key=first.count) if any(map(first.count, DELIMITERS)) else ";"
    text.seek(0)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        start = reader.line_num + 1
        try:
            for cells in reader:
                number, start = start, reader.line_num + 1
                if cells:
                    yield number, cells
        except csv.Error as error:
            raise _not_csv(name, reader.line_num, error) from error
        finally:
            text.detach()

    try:
        heads = [head.strip() for head in next(reader, [])]
    except csv.Error as error:
        raise _not_csv(name, 1, error) from error
    said = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}[encoding]
    shown = {"\t": "⇥"}.get(delimiter, delimiter)
    return Table(
        name, heads, rows(), Text(f"CSV, {said}, “{shown}”", f"CSV, {said}, « {shown} »"), delimiter, file.tell
    )


def _not_csv(name: str, line: int, error: csv.Error) -> TableError:
    return TableError(
        Text(f"not a CSV file: {error}", f"ce n'est pas un fichier CSV : {error}"),
        place=Place(Path(name), line),
        hint=Text("check the quotes of this row", "vérifiez les guillemets de cette ligne"),
    )


def _encoding(file: BinaryIO, name: str) -> str:
    """Return `utf-8-sig` or `cp1252`, as decision 21 tells them apart, in pieces.

    Raises:
        DataError: if it is neither, or holds control characters, with the byte and line.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    read, utf_8, french = 0, True, True
    while piece := file.read(_PIECE):
        if read == 0 and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise TableError(Text("this is UTF-16", "ceci est de l'UTF-16"), place=Place(Path(name), 1), hint=_SAVE)
        if (control := piece.find(b"\0")) >= 0:
            problem = Text("is a control character", "est un caractère de contrôle")
            raise bad_byte(Path(name), piece, control, problem, _SAVE)
        if utf_8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                utf_8 = False
        # Bytes of Windows-1252 that stand for no French character say that it is something else.
        french = french and all(one.isascii() or one in FRENCH for one in set(piece.decode("cp1252", "replace")))
        if not utf_8 and not french:
            raise TableError(
                Text(
                    f"neither UTF-8 nor French in Windows-1252 (after byte {read})",
                    f"ni de l'UTF-8, ni du français en Windows-1252 (après l'octet {read})",
                ),
                place=Place(Path(name)),
                hint=_SAVE,
            )
        read += len(piece)
    if utf_8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf_8 = False
    return "utf-8-sig" if utf_8 else "cp1252"


def _xlsx(file: BinaryIO, name: str, limits: Limits) -> Table:
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

    said = Text(f"XLSX, sheet “{sheet.title}”", f"XLSX, feuille « {sheet.title} »")
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
    return TableError(
        Text(f"this workbook cannot be read: {error}", f"ce classeur est illisible : {error}"),
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


def _parquet(file: BinaryIO, name: str) -> Table:
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
        raise TableError(
            Text(f"Parquet: {error}", f"Parquet : {error}"), place=Place(Path(name)), hint=_SAVE
        ) from error
    heads = list(parquet.schema_arrow.names)

    def rows() -> Iterator[tuple[int, list[str]]]:
        number = 1
        for batch in parquet.iter_batches(batch_size=10_000):
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield number, [_shown(cell) for cell in cells]

    return Table(name, heads, rows(), Text("Parquet", "Parquet"), None, file.tell)
