"""Pages write numbers, days and links as their language does, and never run what a visitor sent."""

import pyoxigraph as ox
import pytest
from flask import Flask

from territoires.namespaces import BASE
from territoires.web import wording

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("path", "number", "day"),
    [("/?lang=fr", "51\u202f290", "1er juillet 2024"), ("/?lang=en", "51,290", "1 July 2024")],
)
def test_numbers_and_days(path: str, number: str, day: str) -> None:
    with Flask(__name__).test_request_context(path):
        assert (wording.number("51290"), wording.day("2024-07-01")) == (number, day)


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    with Flask(__name__).test_request_context("/?lang=fr"):
        assert wording.day("2024-01-01") == "1er janvier 2024"
        assert wording.day("2024-01-11") == "11 janvier 2024"


def test_dates_and_amounts_in_plain_strings_are_written_for_people() -> None:
    with Flask(__name__).test_request_context("/?lang=fr"):
        shown = [wording.shown(ox.Literal(text)) for text in ("2024-07-04", "100000000 EUR", "2024-07", "EUR")]
    assert shown == ["4 juillet 2024", "100\u202f000\u202f000\u00a0€", "2024-07", "EUR"]


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("Qui ? Quoi ; là !", "Qui\u202f? Quoi\u202f; là\u202f!"),
        ("ainsi : « oui »", "ainsi\u00a0: «\u00a0oui\u00a0»"),
        ("http://e/?a=1", "http://e/?a=1"),
    ],
)
def test_signs_keep_with_their_words_in_french_only(text: str, french: str) -> None:
    with Flask(__name__).test_request_context("/?lang=fr"):
        assert wording.spaced(text) == french
    with Flask(__name__).test_request_context("/?lang=en"):
        assert wording.spaced(text) == text


@pytest.mark.parametrize("text", ["1e999999999", "INF", "NaN", "x", "", "9" * 5000])
def test_what_is_no_plain_number_is_left_alone(text: str) -> None:
    with Flask(__name__).test_request_context("/"):
        assert wording.number(text) == text
        assert wording.cell({"n": ox.Literal(text, datatype=ox.NamedNode(XSD + "double"))}, "n") == text


@pytest.mark.parametrize(
    ("iri", "there"),
    [
        (BASE + "id/commune/81004", "/sub/doc/commune/81004?lang=en"),
        (BASE + "graph/anct-2024-07-04", "/sub/graph/anct-2024-07-04?lang=en"),
        (BASE + "def#Territory", "/sub/def?lang=en#Territory"),
        ("https://www.wikidata.org/", "https://www.wikidata.org/"),
    ],
)
def test_links_to_our_things_stay_here(iri: str, there: str) -> None:
    with Flask(__name__).test_request_context("/?lang=en", environ_overrides={"SCRIPT_NAME": "/sub"}):
        assert wording.href(iri) == there


def test_only_web_addresses_become_links() -> None:
    with Flask(__name__).test_request_context("/"):
        script = wording.cell({"x": ox.NamedNode("javascript:alert(1)")}, "x")
        page = wording.cell({"x": ox.NamedNode("https://example.org/?a&b"), "xLabel": ox.Literal("<b>")}, "x")
    assert script == '<span class="iri">javascript:alert(1)</span>'
    assert page == '<a href="https://example.org/?a&amp;b">&lt;b&gt;</a>'
