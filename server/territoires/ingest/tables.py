"""Reads CSV and JSON tables strictly: a changed layout is refused by name, never guessed at."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from territoires.errors import Place, TableError, Text
from territoires.ingest.decoding import delimiter_of, read_decoded
from territoires.ingest.headers import check_header


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table, with the line it starts at."""

    values: Mapping[str, str]
    place: Place

    def __getitem__(self, column: str) -> str:
        """Return the text of `column`, without surrounding blanks."""
        return self.values[column].strip()

    def refuse(self, column: str, problem: Text, hint: Text) -> TableError:
        """Return the error that says what is wrong in `column` of this row."""
        value = self.values[column]
        return TableError(
            Text(
                f"column {column}, value {value!r}: {problem.en}", f"colonne {column}, valeur {value!r} : {problem.fr}"
            ),
            place=self.place,
            hint=hint,
        )


Note = Callable[[Text], None]
"""What is told how a table was read."""


def ignore(_text: Text) -> None:
    """Tell nobody."""


def read_csv(file: Path, columns: tuple[str, ...], note: Note = ignore) -> Iterator[Row]:
    """Yield the rows of a CSV file whose header is exactly `columns`; `decoding` says what is read and how it is told.

    Args:
        file: comma or semicolon separated, UTF-8 or French in Windows-1252.
        columns: the header.
        note: is told the encoding and the delimiter.

    Raises:
        DataError: if the encoding is another one.
        TableError: if the header differs, a row has another number of cells, or there is no row.
    """
    text, encoding = read_decoded(file)
    delimiter = delimiter_of(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        check_header(file, tuple(next(reader, ())), columns, delimiter)
        read = f"{file.name}: {encoding}, «{delimiter}»"
        note(Text(f"read as {read}", f"lu comme {read}"))
        count, start = 0, reader.line_num + 1
        for cells in reader:
            # A row that holds a line end in quotes ends further down than it starts.
            place, start = Place(file, start), reader.line_num + 1
            if not cells:
                continue
            if len(cells) != len(columns):
                raise TableError(
                    Text(
                        f"this row has {len(cells)} cells, the header {len(columns)}",
                        f"cette ligne a {len(cells)} cellules, l'en-tête {len(columns)}",
                    ),
                    place=place,
                    hint=Text(
                        f"quote cells that hold a {delimiter}",
                        f"mettez entre guillemets les cellules qui contiennent {delimiter}",
                    ),
                )
            count += 1
            yield Row(dict(zip(columns, cells, strict=True)), place)
    except csv.Error as error:
        raise TableError(
            Text(f"not a CSV file: {error}", f"ce n'est pas un fichier CSV : {error}"),
            place=Place(file, reader.line_num),
            hint=Text("check the quotes of this row", "vérifiez les guillemets de cette ligne"),
        ) from error
    if not count:
        raise TableError(
            Text("the table has no row", "le tableau n'a aucune ligne"),
            place=Place(file),
            hint=Text("give the whole file", "donnez le fichier entier"),
        )


def restore_zeros(
    rows: Iterable[Row], column: str, known: Callable[[Row, str], bool], note: Note = ignore
) -> Iterator[Row]:
    """Yield `rows` with the leading zero that a spreadsheet took from codes in `column`.

    A code of digits that is not known gets its zero back if it is known then; two zeros are never lost, since no
    official code starts with two.

    Args:
        rows: rows of a table.
        column: the column with the codes.
        known: whether a code is one, in this row.
        note: is told once, after the last row, how many codes were restored and which came first.
    """
    first, count = "", 0
    for row in rows:
        code = row[column]
        if code.isascii() and code.isdecimal() and not known(row, code) and known(row, f"0{code}"):
            first, count = first or f"{row.place}: {code} → 0{code}", count + 1
            yield Row({**row.values, column: f"0{code}"}, row.place)
        else:
            yield row
    if count:
        note(
            Text(
                f"{column}: lost leading zero restored in {count} rows, first {first}",
                f"{column} : zéro initial perdu rétabli dans {count} lignes, la première {first}",
            )
        )


def read_records(file: Path, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the objects of a JSON array, each of which has at least `keys`.

    Raises:
        TableError: if the file is missing, is not such an array, or an object lacks a key.
    """
    try:
        records = json.loads(file.read_bytes())
    except OSError as error:
        raise TableError(
            Text("there is no such file to read", "il n'y a pas de tel fichier à lire"),
            place=Place(file),
            hint=Text("give the folder of the unpacked package", "donnez le dossier du paquet décompressé"),
        ) from error
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        raise TableError(
            Text(f"not JSON: {error}", f"ce n'est pas du JSON : {error}"),
            place=Place(file, line, column),
            hint=Text("download the package again", "téléchargez à nouveau le paquet"),
        ) from error
    if not isinstance(records, list) or not records:
        raise TableError(
            Text("not a JSON array with objects", "ce n'est pas un tableau JSON d'objets"),
            place=Place(file),
            hint=Text("download the package again", "téléchargez à nouveau le paquet"),
        )
    for number, record in enumerate(records, 1):
        missing = [key for key in keys if key not in record] if isinstance(record, dict) else list(keys)
        if missing:
            names = ", ".join(missing)
            raise TableError(
                Text(f"object {number} has no {names}", f"l'objet {number} n'a pas de {names}"),
                place=Place(file),
                hint=Text("the layout has changed: adapt the importer", "le format a changé : adaptez l'importeur"),
            )
    return records
