"""Groups that are understood are read as they are written; whatever is not is left alone."""

from __future__ import annotations

import pytest

from territoires.planning.patterns import Run
from territoires.planning.reading import read

PROLOGUE = "PREFIX ex: <http://example.org/> PREFIX : <http://example.org/other/> "


def only(text: str) -> Run:
    [run] = read(PROLOGUE + text)
    return run


@pytest.mark.parametrize(
    ("group", "patterns"),
    [
        ("?a ex:p ?b", ["?a ex:p ?b"]),
        ("?a ex:p ?b . ?b a ex:C .", ["?a ex:p ?b", "?b a ex:C"]),
        ("?a ex:p ?b, 1 ; :q 'x'@fr ;", ["?a ex:p ?b", "?a ex:p 1", "?a :q 'x'@fr"]),
        ("?a ex:p ?b ; FILTER(?b > 1)", ["?a ex:p ?b"]),
        ("?a ex:p 'x'^^ex:t FILTER NOT EXISTS { ?a ex:q [] } ?a ex:r ?c", ["?a ex:p 'x'^^ex:t", "?a ex:r ?c"]),
        ("$a ex:p true . ?a ex:q 1.5", ["?a ex:p true", "?a ex:q 1.5"]),
        ("?a ex:p/^ex:q/<http://example.org/r> ?b", ["?a ex:p/^ex:q/<http://example.org/r> ?b"]),
        ("?a ?p ?b", ["?a ?p ?b"]),
        ("?a ex:p ?b # ?a ex:no ?c\n ; ex:q ?d", ["?a ex:p ?b", "?a ex:q ?d"]),
        ("VALUES ?a { ex:a } ?a ex:p ?b", ["?a ex:p ?b"]),
    ],
)
def test_patterns_are_read_as_they_are_written(group: str, patterns: list[str]) -> None:
    assert [pattern.text for pattern in only(f"SELECT ?a {{ {group} }}").patterns] == patterns


def test_names_are_expanded() -> None:
    [pattern, other] = only("SELECT ?a { ?a :p ex:o ; a <http://example.org/C> }").patterns
    assert pattern.plain == "http://example.org/other/p"
    assert pattern.object.value == "http://example.org/o"
    assert other.class_ == "http://example.org/C"


def test_a_place_is_that_of_the_text() -> None:
    text = PROLOGUE + "SELECT ?a { ?a ex:p ?b . FILTER(?b > 1) ?a ex:q ?c . OPTIONAL { ?c ex:r ?d } }"
    [run] = read(text)
    assert [text[span.start : span.end] for span in run.spans] == ["?a ex:p ?b .", "?a ex:q ?c ."]


def test_data_and_filters_are_known() -> None:
    run = only("SELECT ?a { VALUES (?a $b) { (1 2) (UNDEF 3) } ?a ex:p ?b VALUES ?c { 1 2 3 } FILTER REGEX($b, 'x') }")
    assert [(sorted(data.variables), data.rows) for data in run.values] == [(["?a", "?b"], 2), (["?c"], 3)]
    assert run.early == (0, 1)
    assert [condition.variables for condition in run.filters] == [{"?b"}]


def test_the_group_of_a_sub_select_is_one_of_its_own() -> None:
    runs = read(
        PROLOGUE + "SELECT ?a { { SELECT ?a { ?a ex:p ?b . ?b ex:q ?c } GROUP BY ?a } OPTIONAL { ?a ex:r ?d } }"
    )
    assert [len(run.patterns) for run in runs] == [2]


@pytest.mark.parametrize(
    "group",
    [
        "?a ex:p ?b OPTIONAL { ?b ex:q ?c }",
        "?a ex:p ?b MINUS { ?b ex:q ?c }",
        "?a ex:p ?b BIND(STR(?b) AS ?c)",
        "?a ex:p ?b FILTER EXISTS { ?b ex:q ?c }",
    ],
)
def test_what_stands_before_something_that_is_not_joined_is_read(group: str) -> None:
    assert [pattern.text for pattern in only(f"SELECT ?a {{ {group} }}").patterns] == ["?a ex:p ?b"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?a ex:p ?b . ?b ex:q ?c }",
        "SELECT DISTINCT * { ?a ex:p ?b . ?b ex:q ?c }",
        "ASK { ?a ex:p ?b . ?b ex:q ?c }",
        "DESCRIBE ?a { ?a ex:p ?b . ?b ex:q ?c }",
        "CONSTRUCT WHERE { ?a ex:p ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?c } LIMIT 10",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?c } OFFSET 10",
        "SELECT ?a { ?a ex:p ?b { SELECT ?b { ?b ex:q ?c } LIMIT 1 } } ORDER BY ?a LIMIT 2",
        "SELECT REDUCED ?a { ?a ex:p ?b . ?b ex:q ?c }",
        "SELECT (SAMPLE(?b) AS ?x) { ?a ex:p ?b . ?b ex:q ?c } GROUP BY ?a",
        "SELECT (GROUP_CONCAT(?b) AS ?x) { ?a ex:p ?b . ?b ex:q ?c } GROUP BY ?a",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?c FILTER(?c < NOW()) }",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?c } VALUES ?a { ex:a }",
        "SELECT ?a FROM ex:g { ?a ex:p ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a ex:p ?b . GRAPH ?g { ?b ex:q ?c } }",
        "SELECT ?a { ?a ex:p ?b . SERVICE ex:s { ?b ex:q ?c } }",
        "BASE <http://example.org/> SELECT ?a { ?a ex:p ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a <p> ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a <http://example.org/\\u0070> ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a ex:p\\-q ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a unknown:p ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a ex:p _:b . _:b ex:q ?c }",
        "SELECT ?a { ?a ex:p [ ex:q ?c ] }",
        "SELECT ?a { ?a ex:p (1 2) }",
        "SELECT ?a { ?a ex:p ?a . ?a ex:q ?c }",
        "SELECT ?a { ?a ex:p* ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a ex:p|ex:r ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a !ex:p ?b . ?b ex:q ?c }",
        "SELECT ?a { ?a (ex:p/ex:q) ?b . ?b ex:q ?c }",
        "SELECT ?a { << ?a ex:p ?b >> ex:q ?c . ?a ex:p ?b }",
        "SELECT ?a { ?a ex:p ?b {| ex:q ?c |} . ?a ex:r ?d }",
        "SELECT ?a { ?a ex:p -1 . ?a ex:q ?c }",
        "SELECT ?a { ?a ex:p ?b OPTIONAL { ?b ex:q ?c } ?b ex:r ?d }",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?d { ?b ex:q ?c } UNION { ?b ex:r ?c } }",
        "SELECT ?a { OPTIONAL { ?a ex:p ?b . ?b ex:q ?c } }",
        "SELECT ?a { { ?a ex:p ?b . ?b ex:q ?c } UNION { ?a ex:r ?b } }",
        "SELECT ?a { FILTER EXISTS { ?a ex:p ?b . ?b ex:q ?c } }",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?c",
        "SELECT ?a { ?a ex:p ?b . ?b ex:q ?c } }",
        "SELECT ?a { ?a ex:p }",
        "",
        "SELECT",
        "PREFIX",
    ],
)
def test_what_is_not_understood_or_depends_on_order_is_left_alone(text: str) -> None:
    assert read(PROLOGUE + text) == ()


def test_any_beginning_of_a_query_is_read_or_left_alone() -> None:
    text = (
        PROLOGUE + "SELECT ?a (COUNT(*) AS ?n) { VALUES (?a) { (1) } ?a ex:p/ex:q 'x'@fr, 1 ; a ex:C FILTER(?a > 1) }"
    )
    for end in range(len(text)):
        read(text[:end])


@pytest.mark.parametrize("part", ["?a ex:p ?b .", "FILTER(?b > 1)", "VALUES ?a { ex:a }"])
def test_a_group_of_very_many_parts_is_left_alone(part: str) -> None:
    assert read(f"{PROLOGUE}SELECT ?a {{ ?a ex:q ?c . {part * 15} }}")
    assert not read(f"{PROLOGUE}SELECT ?a {{ ?a ex:q ?c . {part * 17} }}")
