"""Graphs of another size are valid and the same for one seed; exponents are those of known curves."""

import math
import shutil
from pathlib import Path

import pytest
from tests.bench.cost import exponent, table
from tests.bench.grow import grow

from territoires.graph import load
from territoires.root import Root, find_root
from territoires.stamp import write_stamp
from territoires.validation import Report, validate

SIZES = (400_000, 1_000_000, 3_000_000)


@pytest.fixture(scope="module")
def base(root: Root, small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Root:
    folder = tmp_path_factory.mktemp("base") / "graph"
    shutil.copytree(small_data, folder)
    shutil.copytree(root.path / "rules", folder / "rules")
    copy = find_root(folder)
    graph = load(copy)
    write_stamp(graph, validate(graph))
    return copy


def triples(root: Root) -> int:
    return sum(1 for _ in load(root).triples())


def judged(root: Root) -> Report:
    return validate(load(root))


def test_a_graph_that_has_grown_is_valid_and_holds_more_of_each_kind(base: Root, tmp_path: Path) -> None:
    wanted = 2 * triples(base) + triples(base) // 2
    grown = grow(base, tmp_path / "grown", triples=wanted)
    report = judged(grown)
    assert report.violations == ()
    for kind in ("commune", "territory", "intercommunality", "point"):
        counts = [sum(1 for quad in load(root).store if f"/id/{kind}/" in str(quad.subject)) for root in (base, grown)]
        assert counts[1] > 1.5 * counts[0], kind


def test_the_same_seed_gives_the_same_bytes(base: Root, tmp_path: Path) -> None:
    wanted = 2 * triples(base)
    digests = [
        grow(base, tmp_path / str(number), triples=wanted, seed=seed, derived=False).digest()
        for number, seed in enumerate((1, 1, 2))
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_that_power(power: float) -> None:
    assert exponent([(size, 3 * size**power) for size in SIZES]) == pytest.approx(power)


def test_the_table_says_what_grows_too_fast() -> None:
    good = [(size, size * math.log(size)) for size in SIZES]
    bad = [(size, float(size**1.5)) for size in SIZES]
    assert "Nothing measured is worse" in table({"good": good})
    assert "Worse than n log n: bad." in table({"good": good, "bad": bad})
