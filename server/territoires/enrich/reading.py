"""Tables as people have them, read row by row and within limits: CSV in any French flavour, XLSX, Parquet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from territoires.enrich.comma import read_csv
from territoires.enrich.table import SAVE, Limits, Table
from territoires.enrich.workbook import read_parquet, read_xlsx
from territoires.errors import Place, TableError, Text

_MOST_COLUMNS: Final = 1_000
_XLSX: Final = b"PK\x03\x04"
_PARQUET: Final = b"PAR1"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


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
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start == _XLSX:
        yield _bounded(read_xlsx(file, name, limits), limits)
    elif start == _PARQUET and limits.parquet:
        yield _bounded(read_parquet(file, name), limits)
    elif start in {_OLD_EXCEL, _PARQUET}:
        kind = Text("an old or encrypted Excel file", "un fichier Excel ancien ou chiffré")
        kind = Text("Parquet", "du Parquet") if start == _PARQUET else kind
        raise TableError(Text(f"this is {kind.en}", f"c'est {kind.fr}"), place=Place(Path(name)), hint=SAVE)
    else:
        yield _bounded(read_csv(file, name), limits)


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
    hint = Text(
        "quote cells that hold the delimiter or a line end",
        "mettez entre guillemets les cellules qui contiennent le séparateur ou un saut de ligne",
    )
    if len(table.heads) == 1 < width:
        hint = Text(
            "delete the title above the table: the first line must be the heads of the columns",
            "supprimez le titre au-dessus du tableau : la première ligne doit être celle des titres de colonnes",
        )
    return TableError(
        Text(
            f"this row has {width} cells, the heads are {len(table.heads)}",
            f"cette ligne a {width} cellules, il y a {len(table.heads)} titres",
        ),
        place=Place(Path(table.name), number, min(width, len(table.heads)) + 1),
        hint=hint,
    )
