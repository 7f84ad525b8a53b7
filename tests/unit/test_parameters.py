"""Parameters take what people write, typed, and nothing that could leave its place in the SPARQL."""

import re

import pyoxigraph as ox
import pytest
from hypothesis import given as hypothesised
from hypothesis import strategies as st

from territoires.errors import RequestError, Text
from territoires.namespaces import BASE
from territoires.parameters import LONGEST, Parameter, filled, given, iri_pattern, read_parameter

LABEL = {"en": "a thing", "fr": "une chose"}
KINDS = {"territory": "[0-9]/ti-[0-9]{4}", "region": "[0-9]{2}", "graph": "[a-z/-]+"}
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
HOSTILE = st.one_of(
    ANY,
    st.text(st.sampled_from("\"\\<>{}?#\n\r\t'u0022 VALUES76"), max_size=30),
    st.sampled_from(
        ["\\u0022", '" } ?s ?p ?o {', "76> } #", "VALUES ?n { 5 }", 'VALUES ?r { "x" }', "\\U0000003E", "%22"]
    ),
)


def of(line: str, pattern: object) -> Parameter:
    return read_parameter("p", {"label": LABEL, "pattern": pattern}, f"SELECT * {{ VALUES ?p {{ {line} }} }}")


THING = of(f"<{BASE}id/region/76>", KINDS)
TEXT = of('"albi"', "(?s).*")
NUMBER = read_parameter("p", {"label": LABEL}, "SELECT * { VALUES ?p { 10 } }")


@pytest.mark.parametrize(
    ("value", "iri"),
    [
        ("84", "id/region/84"),
        ("region/84", "id/region/84"),
        ("id/region/84", "id/region/84"),
        (f"{BASE}id/region/84", "id/region/84"),
        ("territory/2/ti-7614", "id/territory/2/ti-7614"),
        ("id/territory/2/ti-7614", "id/territory/2/ti-7614"),
        ("graph/facts/a-b", "graph/facts/a-b"),
        (f"{BASE}graph/facts/a-b", "graph/facts/a-b"),
    ],
)
def test_a_thing_is_named_by_its_key_its_kind_and_key_or_its_iri(value: str, iri: str) -> None:
    assert THING.read(value) == BASE + iri
    assert THING.term(value) == f"<{BASE}{iri}>"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "7",
        "2/ti-7614",
        "territory/84",
        "region/",
        "commune/81004",
        "id/84",
        "id/graph/a",
        f"{BASE}84",
        f"{BASE}region/84",
        f"{BASE}{BASE}id/region/84",
        "http://w3id.org/territoires-industrie/id/region/84",
        "https://w3idXorg/territoires-industrie/id/region/84",
        "84\n",
        " 84",
        "８４",
    ],
)
def test_another_way_to_name_a_thing_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(RequestError) as caught:
        THING.read(value)
    assert caught.value.in_("en").endswith("for example 76")
    assert caught.value.in_("fr").endswith("par exemple 76")


@pytest.mark.parametrize(("iri", "short"), [("id/region/84", "84"), ("id/territory/2/ti-7614", "territory/2/ti-7614")])
def test_a_thing_is_shortened_to_what_names_it_again(iri: str, short: str) -> None:
    assert THING.shortened(BASE + iri) == short
    assert THING.read(short) == BASE + iri
    assert (THING.example, TEXT.example, NUMBER.example) == ("76", "albi", "10")


def test_a_number_is_a_number_in_the_query() -> None:
    assert NUMBER.type == "integer"
    assert filled("VALUES ?p { 10 }", {"p": NUMBER.term("25")}) == "VALUES ?p { 25 }"
    for value in ("", "-1", "1.5", "1e3", "٣", "1" * 10, "1 UNION"):
        with pytest.raises(RequestError):
            NUMBER.read(value)


@pytest.mark.parametrize(
    ("pattern", "choices"),
    [
        ("fr|en", ("fr", "en")),
        ("(new|renewed)?", ("", "new", "renewed")),
        ("(1|2)?", ("", "1", "2")),
        ("[12]", ()),
        ("(a|b", ()),
        ("a", ()),
    ],
)
def test_words_with_bars_are_choices(pattern: str, choices: tuple[str, ...]) -> None:
    parameter = Parameter("p", Text("p", "p"), pattern, "")
    assert parameter.choices == choices
    if choices:
        with pytest.raises(RequestError, match=re.escape(", ".join(choice or "“”" for choice in choices))):
            parameter.read("zz")


def test_a_long_value_is_refused_before_its_pattern_is_tried() -> None:
    slow = of('"a"', "(a+)+b")  # some patterns take exponential time on long values
    assert len(TEXT.read("a" * LONGEST)) == LONGEST
    for parameter in (TEXT, slow, THING):
        with pytest.raises(RequestError) as caught:
            parameter.read("a" * (LONGEST + 1))
        assert str(LONGEST) in caught.value.in_("fr")


def test_a_value_given_twice_is_refused_by_name() -> None:
    assert given([("a", "1"), ("b", "1")]) == {"a": "1", "b": "1"}
    with pytest.raises(RequestError) as caught:
        given([("a", "1"), ("b", "1"), ("a", "1")])
    assert "a is given twice" in caught.value.in_("en")


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        (f"<{BASE}id/region/76>", f"{BASE}id/region/[0-9]+"),
        (f"<{BASE}id/region/76>", {"commune": "[0-9]{5}"}),
        (f"<{BASE}id/region/76>", {"region": "[0-9"}),
        ('"76"', {"region": "[0-9]{2}"}),
        ('"76"', "[0-9"),
        ('"76" "84"', "[0-9]{2}"),
    ],
)
def test_a_wrong_pattern_is_refused(line: str, pattern: object) -> None:
    with pytest.raises((TypeError, ValueError, re.error)):
        of(line, pattern)


SHAPE = 'SELECT ?t ?r ?n { VALUES ?t { "a" } VALUES ?r { <urn:r> } VALUES ?n { 1 } }'


def solution(text: str) -> list[str]:
    rows = ox.Store().query(text)
    assert isinstance(rows, ox.QuerySolutions)
    [row] = rows
    return [getattr(term, "value", "") for term in row]


@hypothesised(text=HOSTILE, thing=HOSTILE, number=HOSTILE)
def test_whatever_is_accepted_is_one_value_in_its_place(text: str, thing: str, number: str) -> None:
    keys = {"region": "(?s:.+)"}
    pattern = iri_pattern(keys, "region")
    lax = Parameter("r", Text("r", "r"), pattern, f"{BASE}id/region/76", "iri", tuple(keys.items()))
    terms, read = {"t": TEXT.term(text)}, [text, "urn:r", "1"]
    for position, name, parameter, value in ((1, "r", lax, thing), (2, "n", NUMBER, number)):
        try:
            terms[name], read[position] = parameter.term(value), parameter.read(value)
        except RequestError:
            continue
    answer = solution(filled(SHAPE, terms))
    assert answer[:2] == read[:2]
    assert int(answer[2]) == int(read[2])


@hypothesised(value=st.one_of(HOSTILE, st.from_regex(THING.pattern, fullmatch=True)))
def test_what_the_pattern_takes_is_what_is_read(value: str) -> None:
    if re.fullmatch(THING.pattern, value):
        iri = THING.read(value)
        assert re.fullmatch(THING.pattern, THING.shortened(iri))
        assert THING.read(THING.shortened(iri)) == iri
    else:
        with pytest.raises(RequestError):
            THING.read(value)
