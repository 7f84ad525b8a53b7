"""Graphs of another size are valid and the same for one seed; exponents are those of known curves."""

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.bench.cost import exponent, failures, heaviest, main, points, read, table
from tests.bench.grow import grow
from tests.conftest import CHECKOUT

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


def test_the_table_takes_the_least_of_repeats_and_shows_the_most() -> None:
    said = table({"step": [(1_000, 1.0), (1_000, 9.0), (10_000, 10.0)]})
    assert "| step | 1.0 to 9.0 | 10.0 | 1.00 | 1.12 | within |" in said


def test_a_run_that_was_cut_goes_on_where_it_stopped(
    base: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(CHECKOUT)
    file = tmp_path / "cost.jsonl"
    command = ["cost", str(base.path), "--only", "load", "--only", "disk-query", "--output", str(file)]
    monkeypatch.setattr("sys.argv", [*command, "--stores", str(tmp_path / "stores")])
    main()
    first = file.read_text(encoding="utf-8").splitlines()
    assert [line["step"] for line in read(file)] == ["load", "disk-query"]
    assert read(file)[0]["triples"] == read(file)[1]["triples"] == triples(base)
    file.write_text(f"{first[0]}\n{first[1][:20]}", encoding="utf-8")
    main()
    again = file.read_text(encoding="utf-8").splitlines()
    assert again[0] == first[0]
    assert [line["step"] for line in read(file)] == ["load", "disk-query"]
    assert "| disk-query |" in capsys.readouterr().out


def test_what_needs_too_much_memory_is_told(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"folder": "a", "step": "check", "failed": "more than 10 MB (MemoryError)"},
        {"folder": "a", "step": "load", "triples": 10, "seconds": 1.0, "memory": 5},
        {"folder": "a", "step": "load", "triples": 10, "seconds": 2.0, "memory": 7},
    ]
    assert failures(lines) == ["- check of a: more than 10 MB (MemoryError)"]
    assert points(lines) == {"load": [(10, 1.0), (10, 2.0)]}
    assert heaviest(lines) == ["- load: 7 MB (10)"]
    assert read(tmp_path / "none") == []
