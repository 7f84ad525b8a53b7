"""Rows of the declared tables, as values of Python in an order that depends on nothing but the graph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from territoires.answers import Term, select
from territoires.engine import Engine
from territoires.errors import DataError, Text
from territoires.namespaces import BASE
from territoires.tabular.declared import Table, TableColumn

Value = str | int | float | bool | Decimal | dt.date
Cell = Value | tuple[Value, ...] | None
"""A value, the sorted values of a list, or nothing."""
Row = tuple[Cell, ...]

_NOTHING: Final[Collection[Value]] = frozenset()


class Book:
    """The rows of each table, worked out once."""

    def __init__(self, engine: Engine, tables: Mapping[str, Table]) -> None:
        self.engine = engine
        self.tables = tables
        self._rows: dict[str, list[Row]] = {}

    def rows(self, name: str) -> list[Row]:
        """Return the rows of the table called `name`, sorted by key.

        Raises:
            DataError: if two solutions do not agree on a cell, a key is empty, or a value is not of its datatype.
            QueryError: if the engine cannot answer.
        """
        if name not in self._rows:
            self._rows[name] = _rows(self.engine, self.tables[name])
        return self._rows[name]

    def records(self, name: str) -> list[dict[str, Cell]]:
        """Return the same rows, each as cells by the name of the column."""
        names = [column.name for column in self.tables[name].columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows(name)]


def _rows(engine: Engine, table: Table) -> list[Row]:
    columns = {column.name: column for column in table.columns}
    found: dict[tuple[Cell, ...], dict[str, set[Value]]] = {}
    for solution in select(engine, table.query):
        cells = {name: _value(table, columns[name], term) for name, term in solution.items() if name in columns}
        row = found.setdefault(tuple(cells.get(name) for name in table.key), {})
        for name, cell in cells.items():
            row.setdefault(name, set()).add(cell)
    rows = [
        tuple(_cell(table, column, key, row.get(column.name, _NOTHING)) for column in table.columns)
        for key, row in found.items()
    ]
    places = [table.place(name) for name in table.key]
    return sorted(rows, key=lambda row: [str(row[place]) for place in places])


def _cell(table: Table, column: TableColumn, key: tuple[Cell, ...], values: Collection[Value]) -> Cell:
    if column.is_list:
        return tuple(sorted(values, key=str)) or None
    if len(values) > 1 or (column.name in table.key and not values):
        shown = ", ".join(sorted(map(str, values))) or "–"
        row = "/".join(map(str, key))
        raise DataError(
            Text(
                f"table {table.name}, row {row}, column {column.name} has not one value: {shown}",
                f"tableau {table.name}, ligne {row} : la colonne {column.name} n'a pas une valeur : {shown}",
            ),
            hint=Text(
                f"declare it list = true in queries/tables/{table.name}.rq, or change the query",
                f"déclarez-la list = true dans queries/tables/{table.name}.rq, ou changez la requête",
            ),
        )
    return next(iter(values), None)


def _value(table: Table, column: TableColumn, term: Term) -> Value:
    text = term.value
    if column.below is not None:
        return text.removeprefix(BASE).removeprefix(column.below)
    try:
        return _READERS[column.datatype](text)
    except (ValueError, InvalidOperation) as error:
        raise DataError(
            Text(
                f"table {table.name}, column {column.name}: {text!r} is no {column.datatype}",
                f"tableau {table.name}, colonne {column.name} : {text!r} n'est pas du type {column.datatype}",
            ),
            hint=Text("change its datatype, or the query", "changez son datatype, ou la requête"),
        ) from error


def _boolean(text: str) -> bool:
    return {"true": True, "1": True}.get(text, False)


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "string": str,
    "anyURI": str,
    "integer": int,
    "gYear": int,
    "decimal": Decimal,
    "double": float,
    "boolean": _boolean,
    "date": dt.date.fromisoformat,
}
