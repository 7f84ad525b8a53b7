"""Two texts share a digest only where they ask the same: judged by what the engine answers to each."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from territoires.errors import QueryError
from territoires.guard import Query, Scan, admit
from territoires.settings import Settings

BLANKS = st.sampled_from([" ", "\n", "\t", "\r\n", "  ", " # '\"<>{} comment\n", "#\n", "#a\r"])
_QUERIES = [
    "PREFIX ex: <http://example.org/> SELECT * { VALUES ?x { 1 -1 .5 'a  b' '''# c''' <a#b> ex:a\\#b } }",
    "PREFIX ex: <http://example.org/#> SELECT (('# a' = \"# a\" || 1-1 = 0) AS ?x) ('a b'@en AS ?y) {}",
    "SELECT ?x { { BIND(1 - -1 AS ?x) } UNION { BIND(2-1 AS ?x) } # one\n FILTER(?x<2||?x>1) } ORDER BY ?x",
    "ASK { ?s <http://example.org/p>/<q>* ?o . FILTER(?o != '#' && !(?s = <urn:a>)) }",
]


def answer(text: str) -> str:
    """Return what the engine says to a text: the answer, or that it is none."""
    try:
        found = ox.Store().query(text, base_iri="http://base.example/")
    except (SyntaxError, ValueError, RuntimeError):
        return "error"
    assert not isinstance(found, ox.QueryTriples)
    content = found.serialize(format=ox.QueryResultsFormat.JSON)
    assert content
    return json.dumps(json.loads(content), sort_keys=True)


def admitted(text: str) -> Query:
    try:
        return admit(text)
    except QueryError:
        assume(condition=False)
        raise


def normal(text: str) -> str:
    scan = Scan(text, Settings(), set())
    scan.read()
    return scan.normal


@st.composite
def spaced(draw: st.DrawFn) -> tuple[str, str]:
    """Return a text, and one with other blanks somewhere: more, fewer or none, between tokens or within them."""
    whole = draw(st.sampled_from(_QUERIES))
    places = draw(st.lists(st.tuples(st.integers(0, len(whole)), st.one_of(BLANKS, st.just(""))), max_size=4))
    text = whole
    for at, blank in sorted(places, reverse=True):
        text = text[:at] + blank + text[at:].removeprefix(draw(st.sampled_from(["", " "])))
    return whole, text


@given(spaced())
def test_the_same_digest_is_the_same_answer(pair: tuple[str, str]) -> None:
    one, two = pair
    if admitted(one).digest == admitted(two).digest:
        assert answer(one) == answer(two)


@given(spaced())
@example(("", "SELECT*{VALUES ?x{-1 - 1 '# a  b'}}#x"))
def test_the_normal_form_is_itself_a_query_that_answers_the_same(pair: tuple[str, str]) -> None:
    _, text = pair
    query = admitted(text)
    assert answer(normal(text)) == answer(text)
    assert admit(normal(text)).digest == query.digest


@pytest.mark.parametrize("text", _QUERIES)
def test_the_texts_above_are_answered(text: str) -> None:
    assert answer(text) != "error"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\\"'\r\n"), max_size=20))
@example("a  b")
@example("# no comment")
@example(" <a b> ")
def test_what_stands_within_a_string_is_left_as_it_is(text: str) -> None:
    layouts = [f"SELECT({quote}{text}{quote}AS?x){{}}" for quote in ("'", '"', "'''", '"""')]
    digests = {admit(f"SELECT ('{text}' AS ?x) {{}}").digest, admit(f"SELECT  ('{text}'\n# c\nAS ?x) {{ }}").digest}
    assert all(f"{text}" in normal(layout) for layout in layouts)
    assert len(digests) == 2  # a blank between two tokens that touched is left as it is
    changed = admit(f"SELECT ('{text} ' AS ?x) {{}}").digest
    assert changed not in digests


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ASK { ?s ?p 'a b' }", "ASK { ?s ?p 'a  b' }"),
        ("ASK { ?s ?p 'a#b' }", "ASK { ?s ?p 'a' }"),
        ("ASK { ?s ?p '''a\nb''' }", "ASK { ?s ?p '''a b''' }"),
        ("ASK { ?s ?p <a#b> }", "ASK { ?s ?p <a#c> }"),
        ("ASK { ?s ?p -1 }", "ASK { ?s ?p - 1 }"),
        ("ASK { ?s ?p 'x'@en }", "ASK { ?s ?p 'x'@fr }"),
        ("PREFIX a: <urn:a:> ASK { ?s ?p a:b }", "PREFIX a: <urn:b:> ASK { ?s ?p a:b }"),
        ("PREFIX a: <urn:a:> ASK { ?s ?p a:b\\#c }", "PREFIX a: <urn:a:> ASK { ?s ?p a:b\\#d }"),
    ],
)
def test_what_differs_has_another_digest(one: str, two: str) -> None:
    assert admit(one).digest != admit(two).digest


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ASK { ?s ?p ?o }", "ASK  {\n  ?s ?p ?o # why\n}\n# end"),
        ("ASK { ?s ?p ?o }", "#+ title = 'x'\nASK { ?s ?p ?o }"),
        ("ASK { ?s ?p <a#b> }", "ASK { ?s ?p\t<a#b> }"),
    ],
)
def test_what_is_laid_out_otherwise_has_the_same(one: str, two: str) -> None:
    assert admit(one).digest == admit(two).digest
