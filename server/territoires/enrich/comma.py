"""CSV in any French flavour, in pieces: the delimiter of its first line, UTF-8 or Windows-1252 (decision 21)."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from territoires.enrich.table import SAVE, Table
from territoires.errors import Place, TableError, Text
from territoires.files import bad_byte
from territoires.ingest.decoding import FRENCH

DELIMITERS: Final = ";,\t|"
_STATED: Final = re.compile(r"sep=([;,\t|])\r?\n", re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""
_PIECE: Final = 1 << 20
_LONGEST_CELL: Final = 131_072


def read_csv(file: BinaryIO, name: str) -> Table:
    """Open a CSV file; one column where its first line has no delimiter.

    Raises:
        TableError, DataError: if it is no CSV or in another encoding; while it is read, too.
    """
    encoding = _encoding(file, name)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    first = text.readline(_PIECE)
    stated = _STATED.fullmatch(first)
    if stated is None:
        text.seek(0)
    delimiter = stated[1] if stated else max(DELIMITERS, key=first.count) if any(map(first.count, DELIMITERS)) else ";"
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        before = 1 if stated else 0
        start = reader.line_num + 1
        try:
            for cells in reader:
                number, start = start, reader.line_num + 1
                if cells:
                    yield number + before, cells
        except csv.Error as error:
            raise _not_csv(name, reader.line_num, error) from error
        finally:
            with contextlib.suppress(ValueError):  # whoever opened the file may have closed it
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
            raise TableError(Text("this is UTF-16", "ceci est de l'UTF-16"), place=Place(Path(name), 1), hint=SAVE)
        if (control := piece.find(b"\0")) >= 0:
            problem = Text("is a control character", "est un caractère de contrôle")
            raise bad_byte(Path(name), piece, control, problem, SAVE)
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
                hint=SAVE,
            )
        read += len(piece)
    if utf_8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf_8 = False
    return "utf-8-sig" if utf_8 else "cp1252"
