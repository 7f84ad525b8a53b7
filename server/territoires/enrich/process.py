"""A table in, the same table with columns more out, and a report of what happened to every row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from territoires import csvw
from territoires.csvw import Column
from territoires.enrich.columns import KINDS, Columns
from territoires.enrich.matching import Match, Matcher
from territoires.enrich.table import Table
from territoires.enrich.writing import Format, writer
from territoires.errors import Place, TableError, Text
from territoires.formulas import harmless

SAMPLE: Final = 500
"""Rows by which columns are recognised."""
_EXAMPLES: Final = 5
_PROGRESS: Final = 5_000
_MANY: Final = Text(
    "several values stand between “ | ”, in the order of the identifiers",
    "plusieurs valeurs sont séparées par « | », dans l'ordre des identifiants",
)

COLUMNS: Final = (
    Column(
        "ti_lieu_code", Text("code of the place", "code du lieu"), Text("INSEE code or SIREN", "code INSEE ou SIREN")
    ),
    Column("ti_lieu", Text("place that was recognised", "lieu reconnu"), Text("its official name", "son nom officiel")),
    Column("ti_territoire", Text("identifier of the territory", "identifiant du territoire"), _MANY),
    Column("ti_nom", Text("Territoire d'industrie", "Territoire d'industrie"), Text("its name", "son nom")),
    Column("ti_phase", Text("phase", "phase"), Text("1: 2018-2022, 2: 2023-2027", "1 : 2018-2022, 2 : 2023-2027")),
    Column(
        "ti_statut",
        Text("status", "statut"),
        Text("new or renewed, computed from the communes", "nouveau ou renouvelé, calculé d'après les communes"),
    ),
    Column("ti_region", Text("region of the territory", "région du territoire"), Text("its name", "son nom")),
    Column("ti_iri", Text("address of the territory", "adresse du territoire"), _MANY, "string"),
    Column(
        "ti_correspondance",
        Text("how the place was recognised", "comment le lieu a été reconnu"),
        Text(
            "code, code restauré (a zero was lost), ancien code, arrondissement, nom, nom et département; else empty",
            "code, code restauré (un zéro perdu), ancien code, arrondissement, nom, nom et département ; sinon vide",
        ),
    ),
    Column(
        "ti_remarque",
        Text("remark", "remarque"),
        Text("why not, or what is special", "pourquoi non, ou ce qui est particulier"),
    ),
)
"""What is added behind the columns of the table."""


@dataclass(slots=True)
class Report:
    """What happened to the rows of a table."""

    described: Text
    """How the table was read."""
    columns: dict[str, str]
    """Head of a column that was used -> its kind."""
    notes: list[Text]
    rows: int = 0
    placed: int = 0
    """Rows whose place was recognised."""
    inside: int = 0
    """Rows whose place is in a territory."""
    how: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Way or problem -> some rows, by number in the file, with the remark."""
    neutralised: int = 0
    """Cells before which `'` was put, since a spreadsheet would take them for formulas."""

    def count(self, number: int, match: Match, cells: tuple[str, ...]) -> None:
        """Count one row."""
        self.rows += 1
        name = match.how or match.problem
        (self.how if match.entry else self.problems)[name] += 1
        self.placed += match.entry is not None
        self.inside += bool(cells[2])
        if match.remark:
            kept = self.examples.setdefault(name, [])
            if len(kept) < _EXAMPLES:
                kept.append((number, match.remark))

    def lines(self) -> Iterator[Text]:
        """Yield what people should know, a line each."""
        yield Text(f"read as {self.described.en}", f"lu comme {self.described.fr}")
        for head, kind in self.columns.items():
            yield Text(f"“{head}”: {KINDS[kind].en}", f"« {head} » : {KINDS[kind].fr}")
        yield from self.notes
        yield Text(
            f"{self.rows} rows: {self.placed} places recognised, {self.inside} of them in a Territoire d'industrie",
            f"{self.rows} lignes : {self.placed} lieux reconnus, dont {self.inside} dans un Territoire d'industrie",
        )
        for name, number in chain(self.how.items(), self.problems.items()):
            yield Text(f"  {name}: {number}", f"  {name} : {number}")
            for row, remark in self.examples.get(name, ()):
                yield Text(f"    row {row}: {remark}", f"    ligne {row} : {remark}")
        if self.neutralised:
            yield Text(
                f"{self.neutralised} cells that a spreadsheet would take for formulas have an apostrophe before them",
                f"{self.neutralised} cellules qu'un tableur prendrait pour des formules ont une apostrophe devant",
            )

    def to_json(self) -> str:
        """Return the report for programs."""
        content = {
            "read": self.described.en,
            "columns": self.columns,
            "rows": self.rows,
            "placed": self.placed,
            "inside": self.inside,
            "how": self.how,
            "problems": self.problems,
            "examples": {name: [[row, text] for row, text in rows] for name, rows in self.examples.items()},
            "neutralised": self.neutralised,
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def sampled(table: Table) -> tuple[list[list[str]], Iterator[tuple[int, list[str]]]]:
    """Return some rows by which columns are recognised, and all rows.

    Raises:
        TableError: if the table has no row, or is damaged.
    """
    first = list(islice(table.rows, SAMPLE))
    if not first:
        raise TableError(
            Text("the table has no row below its heads", "le tableau n'a aucune ligne sous ses titres"),
            place=Place(Path(table.name)),
            hint=Text("give the whole file", "donnez le fichier entier"),
        )
    return [cells for _, cells in first], chain(first, table.rows)


def enrich(  # noqa: PLR0913  (what a run is made of)
    table: Table,
    rows: Iterator[tuple[int, list[str]]],
    columns: Columns,
    matcher: Matcher,
    output: BinaryIO,
    format_: Format,
    *,
    delimiter: str = ",",
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Write every row of a table with `COLUMNS` behind it, and return what happened: one row out for each row in.

    Args:
        table: the heads.
        rows: all rows.
        columns: what the columns hold.
        matcher: finds places.
        output: where to write.
        format_: in what format.
        delimiter: of CSV.
        progress: is told now and then how many bytes have been read.

    Raises:
        TableError: if the table is damaged or past a limit, or has one of our columns already.
    """
    heads = [*table.heads, *(column.name for column in COLUMNS)]
    if twice := {column.name for column in COLUMNS} & {*table.heads}:
        raise TableError(
            Text(f"the table has the column {min(twice)} already", f"le tableau a déjà la colonne {min(twice)}"),
            place=Place(Path(table.name), 1, table.heads.index(min(twice)) + 1),
            hint=Text("remove the columns of an earlier run", "retirez les colonnes d'un passage précédent"),
        )
    used = {table.heads[position]: kind for kind, position in columns.used()}
    report = Report(table.described, used, columns.notes)
    with writer(output, format_, [harmless(head) for head in heads], delimiter) as write:
        for number, cells in rows:
            match, added = matcher.row(columns, cells)
            kept = [harmless(cell) for cell in cells]
            report.neutralised += sum(map(str.__ne__, kept, cells)) if kept != cells else 0
            write([*kept, *map(harmless, added)])
            report.count(number, match, added)
            if report.rows % _PROGRESS == 0:
                progress(table.read())
    return report


def metadata(name: str, heads: list[str], delimiter: str) -> bytes:
    """Return what says what the columns of a CSV file that was written mean (W3C Tabular Metadata)."""
    own = [Column(head or f"_col.{number}", Text(head, head)) for number, head in enumerate(heads, 1)]
    return csvw.metadata(name, [*own, *COLUMNS], dialect={"delimiter": delimiter, "encoding": "utf-8", "header": True})
