"""Rules run in strata, in their own processes, with a time limit, and their output is fresh or refused."""

from pathlib import Path

import pytest

from territoires.errors import InvalidDataError, RuleError
from territoires.graph import load
from territoires.root import Root, find_root
from territoires.rules import Timing, derive, derived_file, ensure_fresh, load_rules

PREFIX = "PREFIX ex: <http://example.org/>\n"


@pytest.fixture
def tiny(tmp_path: Path) -> Root:
    for name in ("ontology", "data", "shapes", "rules"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "one.ttl").write_text(
        "@prefix ex: <http://example.org/> . ex:a ex:next ex:b . ex:b ex:next ex:c .", encoding="utf-8"
    )
    return find_root(tmp_path)


def rule(root: Root, name: str, text: str) -> None:
    (root.path / "rules" / f"{name}.rq").write_text(PREFIX + text, encoding="utf-8")


def test_a_rule_sees_lower_strata_and_not_its_own(tiny: Root) -> None:
    rule(tiny, "01-hop", "CONSTRUCT { ?x ex:hop ?y } WHERE { ?x ex:next ?y }")
    rule(tiny, "01-same", "CONSTRUCT { ?x ex:same ?y } WHERE { ?x ex:hop ?y }")
    rule(tiny, "02-two", "CONSTRUCT { ?x ex:two ?z } WHERE { ?x ex:hop/ex:hop ?z }")
    derived = derive(tiny)
    assert "example.org/two" in derived
    assert "example.org/same" not in derived


def test_what_a_source_states_is_not_derived_again(tiny: Root) -> None:
    rule(tiny, "01-copy", "CONSTRUCT { ?x ex:next ?y } WHERE { ?x ex:next ?y }")
    assert "example.org/next" not in derive(tiny)


def test_rules_run_in_order_and_tell_how_long(tiny: Root) -> None:
    rule(tiny, "02-b", "CONSTRUCT { ?x ex:b ?y } WHERE { ?x ex:next ?y }")
    rule(tiny, "01-a", "CONSTRUCT { ?x ex:a ?y } WHERE { ?x ex:next ?y }")
    timings: list[Timing] = []
    derive(tiny, done=timings.append)
    assert [(timing.rule, timing.triples) for timing in timings] == [("01-a.rq", 2), ("02-b.rq", 2)]


def test_deriving_twice_gives_the_same_bytes(tiny: Root) -> None:
    rule(tiny, "01-a", "CONSTRUCT { ?x ex:a ?y } WHERE { ?x ex:next ?y }")
    first = derive(tiny)
    derived_file(tiny).write_text(first, encoding="utf-8")
    assert derive(tiny) == first


def test_a_rule_that_takes_too_long_is_stopped(tiny: Root) -> None:
    numbers = " ".join(str(number) for number in range(60))
    values = " ".join(f"VALUES ?v{i} {{ {numbers} }}" for i in range(8))
    rule(tiny, "01-slow", f"CONSTRUCT {{ ex:x ex:y ?n }} WHERE {{ SELECT (COUNT(*) AS ?n) WHERE {{ {values} }} }}")
    with pytest.raises(RuleError, match=r"rules/01-slow\.rq: this rule failed: took more than 0\.5 s"):
        derive(tiny, limit=0.5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CONSTRUCT { ?x ex:a } WHERE { ?x ex:next ?y }", "SPARQL"),
        ("SELECT ?x WHERE { ?x ex:next ?y }", "CONSTRUCT"),
        ("CONSTRUCT { ?x ex:a ?y } WHERE { SERVICE <http://example.org/> { ?x ex:next ?y } }", "SERVICE"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_by_name(tiny: Root, text: str, reason: str) -> None:
    rule(tiny, "01-wrong", text)
    with pytest.raises(RuleError, match=reason) as caught:
        derive(tiny)
    assert "rules/01-wrong.rq" in str(caught.value)


def test_a_misnamed_rule_is_refused(tiny: Root) -> None:
    rule(tiny, "first", "CONSTRUCT { ?x ex:a ?y } WHERE { ?x ex:next ?y }")
    with pytest.raises(RuleError, match="NN-name"):
        load_rules(tiny)


def test_changed_sources_or_rules_make_the_derived_graph_stale(tiny: Root) -> None:
    rule(tiny, "01-a", "CONSTRUCT { ?x ex:a ?y } WHERE { ?x ex:next ?y }")
    with pytest.raises(InvalidDataError, match="older"):
        ensure_fresh(tiny)
    derived_file(tiny).write_text(derive(tiny), encoding="utf-8")
    ensure_fresh(tiny)
    rule(tiny, "02-b", "CONSTRUCT { ?x ex:b ?y } WHERE { ?x ex:a ?y }")
    with pytest.raises(InvalidDataError, match="territoires build"):
        ensure_fresh(tiny)


def test_a_root_without_rules_is_always_fresh(tiny: Root) -> None:
    ensure_fresh(tiny)
    assert len(load(tiny).store) > 0
