"""Rows in an order that people chose."""

import pyoxigraph as ox
import pytest

from territoires.answers import Answer
from territoires.tables import counted, ordered, total

XSD = "http://www.w3.org/2001/XMLSchema#"


def number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))


ANSWER = Answer(
    ("place", "placeLabel", "size"),
    (
        {"place": ox.NamedNode("http://x/1"), "placeLabel": ox.Literal("Étampes"), "size": number(9)},
        {"place": ox.NamedNode("http://x/2"), "placeLabel": ox.Literal("Les Andelys")},
        {"place": ox.NamedNode("http://x/3"), "placeLabel": ox.Literal("Zicavo"), "size": number(100)},
    ),
)


@pytest.mark.parametrize(
    ("column", "descending", "places"),
    [
        ("place", False, ["2", "1", "3"]),
        ("place", True, ["3", "1", "2"]),
        ("size", False, ["1", "3", "2"]),
        ("size", True, ["3", "1", "2"]),
        ("nothing", True, ["1", "2", "3"]),
    ],
)
def test_numbers_go_by_size_and_names_without_accents(column: str, descending: bool, places: list[str]) -> None:  # noqa: FBT001
    rows = ordered(ANSWER, column, descending=descending)
    assert [row["place"].value[-1] for row in rows] == places
    assert rows.variables == ANSWER.variables


def test_a_column_is_added_up() -> None:
    assert (total(ANSWER, "size"), total(ANSWER, "nothing")) == (109, 0)


def test_what_stands_in_a_column_is_counted_most_first() -> None:
    rows = Answer(("a",), tuple({"a": ox.Literal(text)} if text else {} for text in ("x", "y", "", "y")))
    assert counted(rows, "a") == [("y", 2), ("x", 1)]
