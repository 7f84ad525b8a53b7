"""Which text is chosen: what true sizes call for, and the user's own wherever nothing is clearly better."""

from __future__ import annotations

import pytest

from territoires.planning import Statistics, rewrite
from territoires.planning.rewriting import Rewriting

PROLOGUE = "PREFIX ex: <http://example.org/> "


def rewritten(text: str, statistics: Statistics) -> Rewriting:
    return rewrite(PROLOGUE + text, statistics)


def test_a_type_that_follows_is_left_out(statistics: Statistics) -> None:
    text = "SELECT ?n (COUNT(?p) AS ?c) { ?p a ex:Place ; ex:number ?n ; ex:within ?d } GROUP BY ?n"
    rewriting = rewritten(text, statistics)
    [choice] = rewriting.choices
    assert [(drop.pattern.text, drop.because.text) for drop in choice.dropped] == [("?p a ex:Place", "?p ex:number ?n")]
    assert "ex:Place" not in rewriting.text


def test_a_type_that_does_not_follow_stays(statistics: Statistics) -> None:
    [choice] = rewritten("SELECT ?p { ?p a ex:Place ; ex:name ?n . ?p ex:other ?d }", statistics).choices
    assert not choice.dropped


def test_a_large_class_is_compared_after_a_filter_that_keeps_few(statistics: Statistics) -> None:
    text = "SELECT ?n { ?p a ex:Place ; ex:name ?n FILTER(CONTAINS(?n, 'place 12')) }"
    assert rewritten(text, statistics).text == (
        PROLOGUE + "SELECT ?n { ?p ex:name ?n . ?p a ?planned45_1 . FILTER(SAMETERM(?planned45_1, ex:Place)) "
        "FILTER(CONTAINS(?n, 'place 12')) }"
    )


def test_new_variables_are_none_of_the_query(statistics: Statistics) -> None:
    text = "SELECT ?planned { ?p a ex:Place ; ex:name ?planned FILTER(CONTAINS(?planned, 'place 12')) }"
    assert "?planned_" in rewritten(text, statistics).text


def test_what_is_large_on_both_sides_is_read_whole(statistics: Statistics) -> None:
    text = "SELECT ?n ?d { ?p ex:name ?n ; ex:within ?d ; ex:number ?k }"
    assert "{ SELECT " in rewritten(text, statistics).text


def test_the_smallest_is_written_first(statistics: Statistics) -> None:
    text = "SELECT ?n ?r { ?d ex:name ?n . ?d ex:region ?r . FILTER(?n != '') }"
    [choice] = rewritten(text, statistics).choices
    assert choice.chosen.steps[0].element.part == choice.run.patterns[1]
    assert rewritten(text, statistics).text.endswith("{ ?d ex:region ?r . ?d ex:name ?n . FILTER(?n != '') }")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?n { <http://example.org/place/1> ex:within ?d . ?d ex:name ?n }",
        "SELECT ?n { VALUES ?p { <http://example.org/place/1> } ?p a ex:Place ; ex:name ?n ; ex:number ?k }",
        "SELECT ?r { ?d a ex:District ; ex:region ?r }",
        "SELECT ?p { ?p ex:name ?n }",
        "SELECT ?n { ?p ex:other ?o ; ex:name ?n ; ex:within ?d }",
        "SELECT ?n { ?p a ex:Place ; ex:name ?n } LIMIT 10",
    ],
)
def test_what_is_small_or_needs_no_help_stays_as_it_is(statistics: Statistics, text: str) -> None:
    rewriting = rewritten(text, statistics)
    assert not rewriting.pays
    assert rewriting.text == PROLOGUE + text


def test_only_the_patterns_change(statistics: Statistics) -> None:
    text = (
        "# who\nSELECT ?n (COUNT(?p) AS ?c) # how many\nWHERE {\n  ?p a ex:Place .\n  FILTER(?n > 1) # not all\n"
        "  ?p ex:number ?n ; ex:within ?d .\n  OPTIONAL { ?d ex:region ?r }\n} GROUP BY ?n ORDER BY ?n LIMIT 3"
    )
    written = rewritten(text, statistics).text
    before, after = text.split("  ?p a ex:Place .")
    assert written.startswith(PROLOGUE + before)
    assert written.endswith(after.replace("?p ex:number ?n ; ex:within ?d .", ""))


def test_a_run_of_many_patterns_is_not_searched(statistics: Statistics) -> None:
    patterns = " . ".join(f"?p ex:name ?n{n}" for n in range(11))
    assert not rewritten(f"SELECT ?p {{ ?p a ex:Place ; ex:within ?d . {patterns} }}", statistics).pays
