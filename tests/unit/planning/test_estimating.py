"""The engine's planner as it is played: what it takes first, and what that costs with true sizes."""

from __future__ import annotations

import pytest

from territoires.planning import Statistics
from territoires.planning.estimating import MOST_HASHED, Element, Plan, Planner
from territoires.planning.patterns import Values
from territoires.planning.reading import read
from territoires.planning.statistics import Predicate

PROLOGUE = "PREFIX ex: <http://example.org/> "


def plan(statistics: Statistics, group: str, *, whole: tuple[int, ...] = (), loose: tuple[int, ...] = ()) -> Plan:
    [run] = read(f"{PROLOGUE}SELECT ?p {{ {group} }}")
    elements = [Element(pattern, n in whole, n in loose) for n, pattern in enumerate(run.patterns)]
    return Planner(statistics, run.filters).plan([*map(Element, run.values), *elements])


def steps(found: Plan) -> list[str]:
    return [
        f"{step.how}: {'VALUES' if isinstance(step.element.part, Values) else step.element.part.text}"
        for step in found.steps
    ]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("?p ex:name ?n ; a ex:Place", ["scan: ?p a ex:Place", "look-up: ?p ex:name ?n"]),
        ("?p ex:name ?n ; ex:number ?k", ["scan: ?p ex:name ?n", "look-up: ?p ex:number ?k"]),
        ("?p ex:name ?n VALUES ?p { ex:a }", ["scan: VALUES", "look-up: ?p ex:name ?n"]),
        ("?p ex:name ?n . ?q ex:number ?k", ["scan: ?p ex:name ?n", "product: ?q ex:number ?k"]),
        (
            "?p ex:name ?n . ?p ex:within ?d . ?d ex:region ex:r",
            ["scan: ?d ex:region ex:r", "look-up: ?p ex:within ?d", "look-up: ?p ex:name ?n"],
        ),
        ("?p ex:within/ex:region ?r . ?p a ex:Place", ["scan: ?p a ex:Place", "look-up: ?p ex:within/ex:region ?r"]),
        ("?p ?k ?o . ?p a ex:Place", ["scan: ?p a ex:Place", "look-up: ?p ?k ?o"]),
    ],
)
def test_it_starts_with_what_it_takes_for_small(statistics: Statistics, group: str, expected: list[str]) -> None:
    assert steps(plan(statistics, group)) == expected


def test_what_is_compared_by_a_filter_is_not_taken_for_small(statistics: Statistics) -> None:
    found = plan(statistics, "?p ex:name ?n ; a ex:Place", loose=(1,))
    assert steps(found) == ["scan: ?p ex:name ?n", "look-up: ?p a ex:Place"]


def test_what_stands_in_a_sub_select_is_joined_by_a_hash_table(statistics: Statistics) -> None:
    found = plan(statistics, "?p ex:name ?n ; ex:number ?k", whole=(1,))
    assert steps(found) == ["scan: ?p ex:name ?n", "hash: ?p ex:number ?k"]


def test_rows_are_those_of_the_dataset(statistics: Statistics) -> None:
    rows = [round(step.rows) for step in plan(statistics, "?p a ex:Place ; ex:within ?d . ?d ex:region ?r").steps]
    assert rows == [5_000, 5_000, 5_000]
    rows = [round(step.rows) for step in plan(statistics, "?d ex:region ?r . ?p ex:within ?d").steps]
    assert rows == [10, 5_000]


def test_a_condition_counts_once_its_variables_are_bound(statistics: Statistics) -> None:
    rows = [round(step.rows) for step in plan(statistics, "?p a ex:Place ; ex:name ?n FILTER(CONTAINS(?n, 'x'))").steps]
    assert rows == [5_000, 500]


def test_no_table_is_larger_than_memory_allows(statistics: Statistics) -> None:
    rows = 2 * MOST_HASHED
    huge = {f"http://example.org/{name}": Predicate(rows, rows, rows) for name in ("name", "number")}
    found = plan(Statistics("1", huge, {}), "?p ex:name ?n ; ex:number ?k", whole=(1,))
    assert found.microseconds == float("inf")


def test_what_has_no_triple_costs_nothing(statistics: Statistics) -> None:
    assert plan(statistics, "?p ex:other ?n ; ex:another ?k").microseconds == 0
