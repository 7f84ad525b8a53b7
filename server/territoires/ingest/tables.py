"""Reads CSV and JSON tables strictly: a changed layout is refused by name, never guessed at."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from territoires.errors import Place, TableError, Text
from territoires.files import read_text


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


def read_csv(file: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of a comma-separated UTF-8 file whose header is exactly `columns`.

    Raises:
        DataError: if the file is not UTF-8.
        TableError: if the header differs, a row has another number of cells, or there is no row.
    """
    text = read_text(file).removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(next(reader, ()))
        _check_header(file, header, columns)
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
                        "quote cells that hold a comma",
                        "mettez entre guillemets les cellules qui contiennent une virgule",
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


def _check_header(file: Path, header: tuple[str, ...], columns: tuple[str, ...]) -> None:
    if header == columns:
        return
    wanted = ",".join(columns)
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    en, fr = "the header has changed", "l'en-tête a changé"
    if missing:
        en, fr = f"{en}: no column {', '.join(missing)}", f"{fr} : pas de colonne {', '.join(missing)}"
    if unknown:
        en, fr = f"{en}; unknown: {', '.join(unknown)}", f"{fr} ; inconnu : {', '.join(unknown)}"
    if not missing and not unknown:
        en, fr = f"{en}: columns in another order or repeated", f"{fr} : colonnes dans un autre ordre ou répétées"
    raise TableError(
        Text(en, fr),
        place=Place(file, 1),
        hint=Text(f"the first line must be: {wanted}", f"la première ligne doit être : {wanted}"),
    )


def read_records(file: Path, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the objects of a JSON array, each of which has at least `keys`.

    Raises:
        TableError: if the file is missing, is not such an array, or an object lacks a key.
    """
    try:
        records = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise TableError(
            Text("there is no such file", "ce fichier n'existe pas"),
            place=Place(file),
            hint=Text("give the folder of the unpacked package", "donnez le dossier du paquet décompressé"),
        ) from error
    except ValueError as error:
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
