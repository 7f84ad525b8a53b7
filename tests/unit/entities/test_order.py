"""What is told first of an entity, and what is told once."""

import pyoxigraph as ox

from territoires.entities import Fact, Property, in_order
from territoires.namespaces import BASE, expand

OCCITANIE, CORSE = (ox.NamedNode(f"{BASE}id/region/{code}") for code in ("76", "94"))
NUMBERS = {"one": 1, "two": 2}


def line(name: str, *facts: tuple[ox.NamedNode, str]) -> Property:
    return Property(expand(name), name, len(facts), tuple(Fact(value, None, (graph,)) for value, graph in facts))


def test_what_agrees_is_one_line_with_all_sources() -> None:
    told = in_order(
        [line("ti:filedUnder", (OCCITANIE, "two")), line("ti:countedUnder", (OCCITANIE, "one"))], NUMBERS, "fr"
    )
    assert [(one.label, one.facts) for one in told] == [("région", (Fact(OCCITANIE, None, ("one", "two")),))]


def test_what_differs_stays_apart() -> None:
    lines = [line("ti:declaredRegion", (CORSE, "one")), line("ti:filedUnder", (OCCITANIE, "two"))]
    assert [one.label for one in in_order(lines, NUMBERS, "en")] == ["ti:filedUnder", "ti:declaredRegion"]


def test_the_important_comes_first_and_identifiers_last() -> None:
    names = ("dct:identifier", "ti:seatCommune", "foaf:page", "ti:status", "ti:phase")
    told = in_order([line(name, (CORSE, "one")) for name in names], NUMBERS, "en")
    assert [one.label for one in told] == ["ti:phase", "ti:status", "ti:seatCommune", "foaf:page", "dct:identifier"]
