"""What was done to a query is said in words, with the numbers that decided."""

from __future__ import annotations

import pytest

from territoires.errors import Language
from territoires.guard import admit
from territoires.planning import Statistics, rewrite
from territoires.planning.explaining import explain

PROLOGUE = "PREFIX ex: <http://example.org/>\n"


def said(text: str, statistics: Statistics, language: Language = "en") -> list[str]:
    query = admit(PROLOGUE + text, prefixes=True)
    return [line.in_(language) for line in explain(rewrite(query.text, statistics), query)]


def test_what_is_left_out_and_read_whole_is_said(statistics: Statistics) -> None:
    lines = said(
        "SELECT ?n (COUNT(?p) AS ?c)\n{ ?p a ex:Place ; ex:number ?n ; ex:within ?d }\nGROUP BY ?n", statistics
    )
    assert lines[0] == "group with the patterns at line 3"
    assert "         5,000  scan       ?p a ex:Place" in lines
    assert "  left out: ?p a ex:Place — in this dataset it follows from ?p ex:number ?n" in lines
    assert any(line.startswith("  read whole: ") for line in lines)


def test_what_is_compared_by_a_filter_is_said(statistics: Statistics) -> None:
    lines = said("SELECT ?n { ?p a ex:Place ; ex:name ?n FILTER(CONTAINS(?n, 'place 12')) }", statistics)
    assert any(line.startswith("  compared by a filter: ?p a ex:Place") for line in lines)
    assert lines[-1] == "  written first: ?p ex:name ?n"


def test_that_nothing_was_done_is_said(statistics: Statistics) -> None:
    assert said("SELECT ?n { ex:a ex:name ?n }", statistics)[-1] == (
        "  nothing else is clearly better (by a quarter, and by two milliseconds)"
    )


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("SELECT * { ?p ex:name ?n }", "SELECT *"),
        ("ASK { ?p ex:name ?n }", "ASK"),
        ("SELECT ?n { GRAPH ?g { ?p ex:name ?n } }", "GRAPH"),
        ("SELECT ?n { ?p ex:name ?n } LIMIT 3 OFFSET 2", "LIMIT, OFFSET without ORDER BY"),
        ("SELECT (SAMPLE(?n) AS ?one) { ?p ex:name ?n }", "SAMPLE"),
    ],
)
def test_it_is_said_because_of_which_words_a_query_stays(statistics: Statistics, text: str, because: str) -> None:
    assert said(text, statistics) == [
        f"asked as it is written: this form of query is not written anew, because of {because}"
    ]


def test_it_speaks_french(statistics: Statistics) -> None:
    lines = said("SELECT ?n { VALUES ?p { ex:a } ?p a ex:Place ; ex:name ?n }", statistics, "fr")
    assert lines[0] == "groupe dont les motifs sont à la ligne 2"
    assert lines[1].startswith("  telle quelle : ≈ 0,0 ms")
    assert "             1  parcours   VALUES ?p" in lines
    assert lines[-1] == "  rien d'autre n'est nettement mieux (d'un quart, et de deux millisecondes)"
