"""Tables that are declared as queries: `queries/tables/*.rq`, SPARQL with a TOML heading in lines that start with `#+`.

    #+ title = { en = "Members of the territories", fr = "Membres des territoires" }
    #+ key = ["territory", "siren"]
    #+ [columns]
    #+ territory = { en = "territory", fr = "territoire", below = "id/territory/" }
    #+ inhabitants = { en = "inhabitants", fr = "habitants", datatype = "integer", property = "ti:population" }
    #+ sources = { en = "graphs that state it", fr = "graphes qui l'énoncent", below = "graph/", list = true }
    SELECT ?territory ?siren ?inhabitants ?sources …

Solutions with the same key are one row, so that a query is a UNION of simple patterns: each gives some columns beside
the key. A column of `list = true` holds every value, any other at most one. `below` says that cells name things whose
IRI starts so below the base of the project, and are written without it. `row_of = "territories"` says that a cell is
the key of a row of that table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from territoires.csvw import Column, Datatype
from territoires.errors import DataError, Place, Text
from territoires.guard import Query, admit
from territoires.headings import read_headed
from territoires.namespaces import BASE, expand
from territoires.root import Root

SEPARATOR: Final = "|"
"""What stands between the values of a list, in files that have no lists."""
_DATATYPES: Final = get_args(Datatype)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: how a cell is read from the graph, and what it means."""

    name: str
    title: Text
    datatype: Datatype = "string"
    below: str | None = None
    """Beginning of the IRIs that it names, below the base; it is not in the cell."""
    is_list: bool = False
    row_of: str | None = None
    """The table whose rows it names by their key."""
    property_iri: str | None = None

    def described(self) -> Column:
        """Return what CSVW says of the column."""
        return Column(
            self.name,
            self.title,
            datatype=self.datatype,
            property_iri=self.property_iri,
            separator=SEPARATOR if self.is_list else None,
            value_url=None if self.below is None or self.is_list else f"{BASE}{self.below}{{+{self.name}}}",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the graph."""

    name: str
    title: Text
    key: tuple[str, ...]
    """Columns whose values together tell rows apart."""
    columns: tuple[TableColumn, ...]
    query: Query

    def place(self, column: str) -> int:
        """Return the number of a column, from 0."""
        return next(number for number, one in enumerate(self.columns) if one.name == column)


def load_tables(root: Root) -> dict[str, Table]:
    """Return the tables that `root` declares by name, sorted; none where a file is served in place of its data.

    Raises:
        DataError: if a heading or query is wrong.
    """
    files = [] if root.dataset else sorted((root.queries / "tables").glob("*.rq"))
    tables = {file.stem: read_table(file) for file in files}
    for file in files:
        for column in tables[file.stem].columns:
            if column.row_of and (
                column.is_list or len(tables[column.row_of].key if column.row_of in tables else ()) != 1
            ):
                raise _wrong(file, f"{column.name}: row_of = {column.row_of}")
    return tables


def read_table(file: Path) -> Table:
    """Read one `.rq` file.

    Raises:
        DataError: if its heading is not as this module describes.
        QueryError: if its SPARQL is refused.
    """
    try:
        heading, text = read_headed(file)
        columns = tuple(_column(name, facts) for name, facts in heading["columns"].items())
        table = Table(file.stem, Text(**heading["title"]), tuple(heading["key"]), columns, admit(text))
        singles = {column.name for column in columns if not column.is_list}
        if not table.key or not singles.issuperset(table.key):
            raise ValueError(f"key = {heading['key']}")  # noqa: TRY301  (said like the others)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _wrong(file, error) from error
    return table


def _wrong(file: Path, problem: object) -> DataError:
    return DataError(
        Text(f"the heading of this table is wrong: {problem}", f"l'en-tête de ce tableau est incorrect : {problem}"),
        place=Place(file),
        hint=Text(
            "give title (fr and en), key and columns in lines that start with #+",
            "donnez title (fr et en), key et columns dans des lignes qui commencent par #+",
        ),
    )


def references(tables: Mapping[str, Table], table: Table) -> list[tuple[str, Table, str]]:
    """Return the columns of `table` that name rows of a table, each with that table and its key."""
    return [
        (column.name, tables[column.row_of], tables[column.row_of].key[0]) for column in table.columns if column.row_of
    ]


def _column(name: str, facts: Mapping[str, Any]) -> TableColumn:
    datatype, property_ = facts.get("datatype", "string"), facts.get("property")
    if datatype not in _DATATYPES:
        raise ValueError(f"{name}: datatype = {datatype}")
    if unknown := facts.keys() - {"en", "fr", "datatype", "property", "below", "list", "row_of"}:
        raise ValueError(f"{name}: {', '.join(sorted(unknown))}")
    return TableColumn(
        name,
        Text(facts["en"], facts["fr"]),
        datatype,
        facts.get("below"),
        facts.get("list", False),
        facts.get("row_of"),
        expand(property_) if property_ else None,
    )
