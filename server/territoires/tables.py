"""Tables in an order that people chose."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation

from territoires.answers import Answer, Row
from territoires.search import fold


def ordered(answer: Answer, column: str, *, descending: bool = False) -> Answer:
    """Return `answer` with its rows by what people see of `column`: numbers by size, names as they fold.

    Rows that have nothing there stand last; equal ones keep their order.
    """
    filled = [row for row in answer if _seen(row, column)]
    empty = [row for row in answer if not _seen(row, column)]
    filled.sort(key=lambda row: _place(_seen(row, column)), reverse=descending)
    return Answer(answer.variables, (*filled, *empty))


def total(answer: Answer, column: str) -> int:
    """Return the sum of a column of whole numbers."""
    return sum(int(row[column].value) for row in answer if column in row)


def counted(answer: Answer, column: str) -> list[tuple[str, int]]:
    """Return what people see in a column with the number of its rows, most first; empty cells do not count."""
    return Counter(seen for row in answer if (seen := _seen(row, column))).most_common()


def _seen(row: Row, column: str) -> str:
    term = row.get(f"{column}Label") or row.get(column)
    return "" if term is None else term.value


def _place(text: str) -> tuple[Decimal, tuple[str, ...]]:
    try:
        return Decimal(text), ()
    except InvalidOperation:
        return Decimal(0), fold(text).telling
