"""A query that is written anew has the same answer: generated queries over generated data, every way to write them."""

from __future__ import annotations

from random import Random

import pyoxigraph as ox
import pytest
from tests.unit.planning.variants import answer, counted, variants

from territoires.planning import rewrite
from territoires.root import Root

EX = "http://example.org/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SEEDS = range(60)
QUERIES = 40
PREDICATES = [f"p{n}" for n in range(4)]
CLASSES = ["A", "B", "C"]
VARIABLES = ["?a", "?b", "?c", "?d"]


def _node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


def _data(random: Random, *, blank: bool) -> ox.Store:
    """Return few things, so that joins meet, with some predicates that only instances of a class have."""
    store = ox.Store()
    things = [_node(f"t{n}") for n in range(8)] + [ox.BlankNode(f"b{n}") for n in range(2 if blank else 0)]
    values = [ox.Literal(n) for n in range(4)] + [ox.Literal(word) for word in ("one", "two")]
    for name in PREDICATES:
        for _ in range(random.randint(0, 14)):
            target = random.choice(things if name in {"p0", "p1"} else [*things[:3], *values])
            store.add(ox.Quad(random.choice(things), _node(name), target))
    for thing in things:
        for name in CLASSES:
            if random.random() < 0.25:
                store.add(ox.Quad(thing, TYPE, _node(name)))
    for name in random.sample(PREDICATES, 2):
        for quad in [*store.quads_for_pattern(None, _node(name), None, None)]:
            store.add(ox.Quad(quad.subject, TYPE, _node("A")))
            if not isinstance(quad.object, ox.Literal):
                store.add(ox.Quad(quad.object, TYPE, _node("B")))
    return store


def _pattern(random: Random) -> str:
    subject = random.choice([*VARIABLES[:3]] * 4 + ["ex:t1"])
    if random.random() < 0.35:
        return f"{subject} {random.choice(['a', 'rdf:type'])} ex:{random.choice(CLASSES)}"
    verb = random.choice(
        [f"ex:{name}" for name in PREDICATES] * 4 + [f"<{EX}p0>", "ex:p0/ex:p1", "^ex:p1", "ex:p0/^ex:p2", "?p"]
    )
    target = random.choice([name for name in VARIABLES if name != subject] * 5 + ["ex:t2", "1", '"one"'])
    return f"{subject} {verb} {target}"


def _block(random: Random, least: int = 2) -> str:
    """Return patterns, some in the short form for a common subject, with filters and data between them."""
    pieces: list[str] = []
    for _ in range(random.randint(least, 5)):
        subject, rest = (text := _pattern(random)).split(" ", 1)
        if (
            pieces
            and pieces[-1].startswith(f"{subject} ")
            and not pieces[-1].endswith((")", "}"))
            and random.random() < 0.6
        ):
            pieces[-1] += f" ; {rest}"
        else:
            pieces.append(text)
        if random.random() < 0.2:
            name = random.choice(VARIABLES)
            pieces[-1] += " " + random.choice(
                [
                    f"FILTER(STR({name}) > 'http://example.org/t3')",
                    f"FILTER({name} != ex:t1)",
                    f"FILTER NOT EXISTS {{ {_pattern(random)} }}",
                    f"FILTER(BOUND({name}))",
                    f"VALUES {name} {{ ex:t1 ex:t2 ex:t3 }}",
                    f"VALUES ({name} ?v) {{ (ex:t1 1) (UNDEF 2) (ex:t4 UNDEF) }}",
                ]
            )
    return " . ".join(pieces)


def _after(random: Random) -> str:
    return random.choice(
        [""] * 6
        + [
            f"OPTIONAL {{ {_block(random, 1)} }}",
            f"MINUS {{ {_block(random, 1)} }}",
            "BIND(STR(?a) AS ?e)",
            f"OPTIONAL {{ {_pattern(random)} }} {_pattern(random)}",
            f"{{ {_block(random, 1)} }} UNION {{ {_pattern(random)} }}",
            f"{{ SELECT ?a ?b {{ {_block(random)} }} }}",
            f"{{ SELECT ?a (COUNT(*) AS ?n) {{ {_block(random)} }} GROUP BY ?a }} {_pattern(random)}",
        ]
    )


def _query(random: Random, *, blank: bool) -> tuple[str, bool]:
    """Return a query, and whether its answer has an order that leaves nothing open: blank nodes have none."""
    where = f"{{ {_block(random)} {_after(random)} }}"
    prologue = f"PREFIX ex: <{EX}> PREFIX rdf: <{TYPE.value.removesuffix('type')}> "
    form = random.randrange(6)
    if form == 0:
        return f"{prologue}CONSTRUCT {{ ?a ex:q ?b . ?c a ex:A }} WHERE {where}", False
    if form == 1:
        return f"{prologue}SELECT ?a (COUNT(*) AS ?n) (COUNT(DISTINCT ?b) AS ?m) WHERE {where} GROUP BY ?a", False
    columns = " ".join(VARIABLES)
    order = f"ORDER BY {' '.join(f'STR({name}) DATATYPE({name})' for name in VARIABLES)}"
    if form == 2 and not blank:
        return f"{prologue}SELECT {columns} {where} {order} LIMIT {random.randint(1, 5)}", True
    if form == 3:
        return f"{prologue}SELECT DISTINCT {columns} {where}", False
    return f"{prologue}SELECT {columns} {where}", False


@pytest.mark.parametrize("seed", SEEDS)
def test_every_way_to_write_a_query_has_the_same_answer(root: Root, seed: int) -> None:
    random = Random(seed)  # noqa: S311  (the same queries in each run)
    store, blank = _data(random, blank=bool(seed % 2)), bool(seed % 2)
    statistics = counted(store, root)
    others = 0
    for _ in range(QUERIES):
        text, ordered = _query(random, blank=blank)
        expected = answer(store, text, ordered=ordered)
        for other in {*variants(text, statistics)} - {text}:
            others += 1
            assert answer(store, other, ordered=ordered) == expected, f"{text}\n{other}"
        rewritten = rewrite(text, statistics, saves=0).text
        assert answer(store, rewritten, ordered=ordered) == expected, f"{text}\n{rewritten}"
    assert others > 3 * QUERIES, "most queries have other ways to be written"


def test_types_that_follow_are_left_out_in_many_of_them(root: Root) -> None:
    left_out = 0
    for seed in SEEDS:
        random = Random(seed)  # noqa: S311  (the same queries in each run)
        statistics = counted(_data(random, blank=False), root)
        for _ in range(QUERIES):
            text, _ = _query(random, blank=False)
            left_out += any(choice.dropped for choice in rewrite(text, statistics, saves=0).choices)
    assert left_out > 100
