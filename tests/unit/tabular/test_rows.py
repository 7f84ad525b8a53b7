"""Tables are declared by queries; solutions with the same key are one row, and what does not fit is said."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.unit.conftest import MakeRoot
from tests.unit.tabular.conftest import DATA, TABLE

from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import DataError
from territoires.graph import load
from territoires.tabular.declared import load_tables
from territoires.tabular.exports import Material
from territoires.tabular.rows import Book


def test_solutions_with_one_key_are_one_row_of_typed_values(material: Material) -> None:
    assert material.book.rows("measures") == [
        ("a", "=1+1", Decimal("1.5"), dt.date(2024, 2, 29), 2024, ("1", "2"), None),
        ("b", 'b, "quoted"', None, None, None, None, "a"),
    ]
    assert material.book.records("measures")[1]["parent"] == "a"


@pytest.mark.parametrize(
    ("was", "is_", "word"),
    [
        ('key = ["measure"]', 'key = ["none"]', "none"),
        ('key = ["measure"]', 'key = ["phases"]', "phases"),
        ('"gYear"', '"gMonth"', "gMonth"),
        ('row_of = "measures"', 'row_of = "others"', "others"),
        ("list = true }", 'list = true, row_of = "measures" }', "phases"),
        ('property = "rdfs:label"', 'proprety = "rdfs:label"', "proprety"),
        ('#+ title = { en = "Measures",', "#+ title = {", "fr"),
    ],
)
def test_a_heading_that_is_wrong_is_named(make_root: MakeRoot, was: str, is_: str, word: str) -> None:
    assert was in TABLE
    root = make_root({"queries/tables/measures.rq": TABLE.replace(was, is_)})
    with pytest.raises(DataError, match=r"measures\.rq") as caught:
        load_tables(root)
    assert word in str(caught.value) or word == "fr"


def test_two_values_for_one_cell_are_an_error_that_names_it(make_root: MakeRoot) -> None:
    more = '<id/measure/b> rdfs:label "other" .'
    root = make_root({"data/money.ttl": DATA + more, "queries/tables/measures.rq": TABLE})
    with pytest.raises(DataError, match=r"measures.*row b.*name.*other"):
        Book(EmbeddedEngine(load(root)), load_tables(root)).rows("measures")


def test_a_row_without_its_key_is_an_error(make_root: MakeRoot) -> None:
    table = TABLE.replace("UNION { ?measure ti:fundedBy ?parent }", "UNION { ?x ti:fundedBy ?parent }")
    root = make_root({"data/money.ttl": DATA, "queries/tables/measures.rq": table})
    with pytest.raises(DataError, match="measure"):
        Book(EmbeddedEngine(load(root)), load_tables(root)).rows("measures")


def test_a_value_that_is_not_of_its_datatype_is_an_error(make_root: MakeRoot) -> None:
    root = make_root({"data/money.ttl": DATA, "queries/tables/measures.rq": TABLE.replace('"gYear"', '"date"')})
    with pytest.raises(DataError, match="'2024' is no date"):
        Book(EmbeddedEngine(load(root)), load_tables(root)).rows("measures")


def test_a_folder_without_tables_has_none(make_root: MakeRoot) -> None:
    assert load_tables(make_root({})) == {}
