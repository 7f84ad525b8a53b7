"""Each answer in each format: what is chosen (RFC 9110 §12.5.1) and that every format says the same."""

from __future__ import annotations

import csv
import io
from http.client import HTTPConnection
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from tests.protocol.conftest import BROWSER, FORM, JSON, PROBLEM, Answer, Client

from territoires.formats import format_named

XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
TURTLE = "text/turtle"
RESULTS = {"json": JSON, "xml": XML, "csv": CSV, "tsv": TSV}
GRAPHS = {
    "turtle": TURTLE,
    "jsonld": "application/ld+json",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "trig": "application/trig",
    "nquads": "application/n-quads",
}
SUFFIXES = {"srj": JSON, "srx": XML, "ttl": TURTLE, "nt": GRAPHS["ntriples"], "rdf": GRAPHS["rdfxml"]}

XSD = "http://www.w3.org/2001/XMLSchema#"
SR = "{http://www.w3.org/2005/sparql-results#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

SELECT = r"""
SELECT ?iri ?plain ?tagged ?typed ?none ?blank {
  VALUES (?iri ?plain ?tagged ?typed) {
    (<http://example.org/é?a=1&b=2#c> "a, \"b\"\n\tc\\d < & > '" "été"@fr "2023-11-09"^^<http://www.w3.org/2001/XMLSchema#date>)
    (<http://example.org/2> "" "😀"@en 7)
  }
  OPTIONAL { <http://example.org/2> <http://example.org/none> ?none }
  BIND(BNODE() AS ?blank)
}"""
NAMES = ["iri", "plain", "tagged", "typed", "none", "blank"]
PLAIN = 'a, "b"\n\tc\\d < & > \''
TERMS = [
    [
        ox.NamedNode("http://example.org/é?a=1&b=2#c"),
        ox.Literal(PLAIN),
        ox.Literal("été", language="fr"),
        ox.Literal("2023-11-09", datatype=ox.NamedNode(f"{XSD}date")),
        None,
    ],
    [
        ox.NamedNode("http://example.org/2"),
        ox.Literal(""),
        ox.Literal("😀", language="en"),
        ox.Literal(7),
        None,
    ],
]
CONSTRUCT = r"""
CONSTRUCT {
  <http://example.org/é> <http://example.org/p> "a \"b\"\n\tc\\d < & >", "été"@fr, 7, 1.5, true, [ <http://example.org/q> _:x ] .
  <http://example.org/a%20b?c=1&d=2#e> a <http://example.org/T> .
} {}"""  # noqa: E501
CONSTRUCTED = rdflib.Graph().parse(
    format="turtle",
    data=r"""
    <http://example.org/é> <http://example.org/p> "a \"b\"\n\tc\\d < & >", "été"@fr, 7, 1.5, true, [ <http://example.org/q> _:x ] .
    <http://example.org/a%20b?c=1&d=2#e> a <http://example.org/T> .
    """,  # noqa: E501
)
EMPTY_SELECT = "SELECT ?s { ?s <http://example.org/none> ?o }"
EMPTY_CONSTRUCT = "CONSTRUCT { ?s ?p ?o } { ?s <http://example.org/none> ?o . ?s ?p ?o }"


def results(answer: Answer, media_type: str) -> list[list[object]]:
    assert (answer.status, answer.media_type) == (200, media_type), answer.text
    format_ = ox.QueryResultsFormat.from_media_type(media_type)
    assert format_
    found = ox.parse_query_results(answer.body, format=format_)
    assert isinstance(found, ox.QuerySolutions)
    assert [variable.value for variable in found.variables] == NAMES
    return [list(row) for row in found]


def graph_of(answer: Answer, media_type: str) -> rdflib.Graph:
    """Read an RDF answer with pyoxigraph and hand its triples to rdflib."""
    assert (answer.status, answer.media_type) == (200, media_type), answer.text
    format_ = ox.RdfFormat.from_media_type(media_type)
    assert format_
    quads = list(ox.parse(answer.body, format=format_))
    assert all(quad.graph_name == ox.DefaultGraph() for quad in quads)
    lines = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    assert lines is not None
    return rdflib.Graph().parse(data=lines.decode(), format="nt")


# SELECT.


@pytest.mark.parametrize("media_type", [JSON, XML, TSV])
def test_select_gives_the_same_terms_in_every_format_that_keeps_them(client: Client, media_type: str) -> None:
    rows = results(client.query(SELECT, Accept=media_type), media_type)
    assert [row[:-1] for row in rows] == TERMS
    assert len({row[-1] for row in rows}) == 2
    assert all(isinstance(row[-1], ox.BlankNode) for row in rows)


def test_select_as_json_has_the_members_of_the_recommendation(client: Client) -> None:
    document = client.query(SELECT, {"format": "json"}).json
    assert document["head"]["vars"] == NAMES
    first, second = document["results"]["bindings"]
    assert set(first) == {"iri", "plain", "tagged", "typed", "blank"}, "an unbound variable has no member"
    assert first["iri"] == {"type": "uri", "value": "http://example.org/é?a=1&b=2#c"}
    assert first["plain"] == {"type": "literal", "value": PLAIN}
    assert first["tagged"] == {"type": "literal", "value": "été", "xml:lang": "fr"}
    assert first["typed"] == {"type": "literal", "value": "2023-11-09", "datatype": f"{XSD}date"}
    assert first["blank"]["type"] == "bnode"
    assert second["plain"] == {"type": "literal", "value": ""}


def test_select_as_xml_has_the_elements_of_the_recommendation(client: Client) -> None:
    document = ET.fromstring(client.query(SELECT, {"format": "xml"}).body)  # noqa: S314  (our own server)
    assert document.tag == f"{SR}sparql"
    assert [element.get("name") for element in document.findall(f"{SR}head/{SR}variable")] == NAMES
    first, _ = document.findall(f"{SR}results/{SR}result")
    bound = {binding.get("name"): binding[0] for binding in first}
    assert {name: term.tag.removeprefix(SR) for name, term in bound.items()} == {
        "iri": "uri",
        "plain": "literal",
        "tagged": "literal",
        "typed": "literal",
        "blank": "bnode",
    }
    assert bound["plain"].text == PLAIN
    assert (bound["tagged"].text, bound["tagged"].get(XML_LANG)) == ("été", "fr")
    assert bound["typed"].get("datatype") == f"{XSD}date"


def test_select_as_csv_gives_plain_values_and_crlf(client: Client) -> None:
    answer = client.query(SELECT, {"format": "csv"})
    assert answer.headers["Content-Type"].replace(" ", "").lower() == "text/csv;charset=utf-8"
    heading, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert heading == NAMES
    assert [row[:-1] for row in rows] == [
        ["http://example.org/é?a=1&b=2#c", PLAIN, "été", "2023-11-09", ""],
        ["http://example.org/2", "", "😀", "7", ""],
    ]
    assert answer.body.startswith(b"iri,plain,tagged,typed,none,blank\r\n")
    assert answer.body.endswith(b"\r\n")


def test_select_as_tsv_gives_turtle_terms(client: Client) -> None:
    answer = client.query(SELECT, {"format": "tsv"})
    heading, first, second = answer.text.removesuffix("\n").split("\n")
    assert heading.split("\t") == [f"?{name}" for name in NAMES]
    assert first.split("\t")[:-1] == [
        "<http://example.org/é?a=1&b=2#c>",
        r'"a, \"b\"\n\tc\\d < & > ' + "'\"",
        '"été"@fr',
        f'"2023-11-09"^^<{XSD}date>',
        "",
    ]
    assert second.split("\t")[3:5] == ["7", ""]


@pytest.mark.parametrize(("name", "media_type"), RESULTS.items())
def test_select_without_rows_is_answered_in_every_format(client: Client, name: str, media_type: str) -> None:
    answer = client.query(EMPTY_SELECT, {"format": name})
    format_ = ox.QueryResultsFormat.from_media_type(media_type)
    assert format_
    if name == "csv":
        assert answer.body == b"s\r\n"
        return
    found = ox.parse_query_results(answer.body, format=format_)
    assert isinstance(found, ox.QuerySolutions)
    assert ([variable.value for variable in found.variables], list(found)) == (["s"], [])


@pytest.mark.parametrize("escape", [r"\r", r"a\r\nb", r"\u0085", r"\u2028", r"]]>", r"\u0001", r"\uFFFE"])
def test_select_as_xml_keeps_every_character_or_says_that_it_cannot(client: Client, escape: str) -> None:
    text = f'SELECT ("{escape}" AS ?x) {{}}'
    answer = client.query(text, {"format": "xml"})
    if answer.media_type == PROBLEM:
        assert 400 <= answer.status < 500
        return
    literal = ET.fromstring(answer.body).find(f".//{SR}literal")  # noqa: S314
    assert literal is not None
    assert literal.text == client.query(text).json["results"]["bindings"][0]["x"]["value"]


# ASK.


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(("pattern", "truth"), [("{}", True), ("{ FILTER(false) }", False)])
def test_ask_gives_the_same_boolean_in_every_format(client: Client, name: str, pattern: str, *, truth: bool) -> None:
    answer = client.query(f"ASK {pattern}", {"format": name})
    assert (answer.status, answer.media_type) == (200, RESULTS[name])
    match name:
        case "json":
            assert answer.json["boolean"] is truth
            assert "head" in answer.json
        case "xml":
            document = ET.fromstring(answer.body)  # noqa: S314
            assert document.findtext(f"{SR}boolean") == str(truth).lower()
            assert document.find(f"{SR}head") is not None
        case _:
            assert answer.text.strip() == str(truth).lower()


# CONSTRUCT and DESCRIBE.


@pytest.mark.parametrize("media_type", GRAPHS.values())
def test_construct_gives_the_same_graph_in_every_format(client: Client, media_type: str) -> None:
    assert isomorphic(graph_of(client.query(CONSTRUCT, Accept=media_type), media_type), CONSTRUCTED)


# rdflib 7 warns of the class that its own JSON-LD reader uses.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("name", "reader"), [("turtle", "turtle"), ("ntriples", "nt"), ("rdfxml", "xml"), ("jsonld", "json-ld")])  # fmt: skip  # noqa: E501
def test_rdflib_reads_the_same_graph(client: Client, name: str, reader: str) -> None:
    answer = client.query(CONSTRUCT, {"format": name})
    assert isomorphic(rdflib.Graph().parse(data=answer.text, format=reader), CONSTRUCTED)


@pytest.mark.parametrize("media_type", GRAPHS.values())
def test_describe_gives_what_is_said_of_a_thing(client: Client, media_type: str) -> None:
    [[territory]] = client.rows(
        "SELECT ?t { ?t a <https://w3id.org/territoires-industrie/def#Territory> } ORDER BY ?t LIMIT 1"
    )
    described = graph_of(client.query(f"DESCRIBE <{territory}>", Accept=media_type), media_type)
    said = client.rows(f"SELECT ?p ?o {{ <{territory}> ?p ?o }}")
    found = {(str(p), str(o)) for p, o in described.predicate_objects(rdflib.URIRef(territory))}
    assert {(p, o) for p, o in said} <= found
    assert found


@pytest.mark.parametrize(("name", "media_type"), GRAPHS.items())
def test_an_empty_graph_is_answered_in_every_format(client: Client, name: str, media_type: str) -> None:
    assert len(graph_of(client.query(EMPTY_CONSTRUCT, {"format": name}), media_type)) == 0


@pytest.mark.parametrize("predicate", ["http://example.org/1", "http://example.org/", "urn:x:1"])
def test_rdf_xml_says_so_when_it_cannot_write_a_predicate(client: Client, predicate: str) -> None:
    """RDF/XML has no name for these (RDF 1.1 XML Syntax §1): a problem, not a document that nobody can read."""
    answer = client.query(f'CONSTRUCT {{ <urn:s> <{predicate}> "o" }} {{}}', {"format": "rdfxml"})
    assert (answer.media_type, 400 <= answer.status < 500) == (PROBLEM, True), answer.text


@pytest.mark.parametrize("escape", [r"a\rb", r"\u0001"])
def test_rdf_xml_keeps_every_character_or_says_that_it_cannot(client: Client, escape: str) -> None:
    text = f'CONSTRUCT {{ <urn:s> <urn:x:p> "{escape}" }} {{}}'
    answer = client.query(text, {"format": "rdfxml"})
    if answer.media_type == PROBLEM:
        assert 400 <= answer.status < 500
        return
    lines = client.query(text, {"format": "ntriples"})
    assert isomorphic(rdflib.Graph().parse(data=answer.text, format="xml"), graph_of(lines, GRAPHS["ntriples"]))


# What is chosen.


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("application/json", JSON),
        ("application/xml", XML),
        ("text/xml", XML),
        ("TEXT/CSV", CSV),
        ("text/csv; charset=utf-8", CSV),
        (f"{CSV};q=0.2, {TSV};q=0.9", TSV),
        (f"{CSV};q=0.8,{XML}", XML),
        (f"{CSV}; q=0.5, */*; q=0.1", CSV),
        (f"{CSV};q=0.001, {XML};q=0", CSV),
        (f"{JSON};q=0, */*", XML),
        (f"application/*;q=0, {TSV};q=0.1", TSV),
        (f"application/*;q=0.9, {JSON};q=0.1, text/*;q=0.5", XML),
        (f"image/png, {XML};q=0.1", XML),
        ("text/html;q=0, */*", JSON),
        (f"text/html;q=0.5, {JSON}", JSON),
        (f"{JSON}, text/html;q=0.5", JSON),
        ("application/json, text/html;q=0.5", JSON),
        ("application/xml, text/html;q=0.5", XML),
    ],
)
def test_select_is_written_as_what_the_client_wants_most(client: Client, accept: str, media_type: str) -> None:
    answer = client.query(SELECT, Accept=accept)
    assert (answer.status, answer.media_type) == (200, media_type)
    assert "accept" in answer.listed("Vary")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", TURTLE),
        ("text/*", TURTLE),
        ("application/*", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("application/xml", "application/rdf+xml"),
        (f"{TURTLE};q=0, */*", "application/ld+json"),
        (f"{TURTLE};q=0.4, application/trig;q=0.6", "application/trig"),
        (f"{JSON}, application/n-quads;q=0.1", "application/n-quads"),
        ("application/rdf+xml, text/html;q=0.9", "application/rdf+xml"),
        ("application/json, text/html;q=0.5", "application/ld+json"),
    ],
)
def test_construct_is_written_as_what_the_client_wants_most(client: Client, accept: str, media_type: str) -> None:
    answer = client.query(CONSTRUCT, Accept=accept)
    assert (answer.status, answer.media_type) == (200, media_type)


@pytest.mark.parametrize(("text", "media_type"), [(SELECT, JSON), ("ASK {}", JSON), (CONSTRUCT, TURTLE)])
def test_without_accept_the_server_chooses(client: Client, text: str, media_type: str) -> None:
    assert client.query(text).media_type == media_type


@pytest.mark.parametrize("text", [SELECT, "ASK {}", CONSTRUCT])
def test_a_browser_gets_a_page(client: Client, text: str) -> None:
    answer = client.query(text, Accept=BROWSER)
    assert (answer.status, answer.media_type) == (200, "text/html")


def test_several_accept_lines_are_one_list(client: Client) -> None:
    connection = HTTPConnection(client.base.removeprefix("http://"), timeout=30)
    connection.putrequest("GET", f"/sparql?query={quote('ASK {}')}")
    connection.putheader("Accept", "image/png")
    connection.putheader("Accept", CSV)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    assert (response.status, response.headers.get_content_type()) == (200, CSV)


@pytest.mark.parametrize(
    ("name", "media_type", "text"),
    [(name, media_type, SELECT) for name, media_type in RESULTS.items()]
    + [(name, media_type, CONSTRUCT) for name, media_type in GRAPHS.items()]
    + [
        (name, media_type, SELECT if media_type in RESULTS.values() else CONSTRUCT)
        for name, media_type in SUFFIXES.items()
    ],
)
@pytest.mark.parametrize("accept", ["image/png", BROWSER])
def test_the_parameter_format_prevails_over_accept(
    client: Client, name: str, media_type: str, text: str, accept: str
) -> None:
    answer = client.query(text, {"format": name}, Accept=accept)
    assert (answer.status, answer.media_type) == (200, media_type)


def test_a_form_carries_the_format(client: Client) -> None:
    assert client.post(FORM, b"query=ASK+%7B%7D&format=xml").media_type == XML


@pytest.mark.parametrize(
    ("text", "format_", "offered"),
    [(SELECT, "turtle", RESULTS), ("ASK {}", "ttl", RESULTS), (CONSTRUCT, "csv", GRAPHS), (SELECT, "pdf", RESULTS)],
)
def test_a_format_that_cannot_hold_the_answer_is_refused_with_those_that_can(
    client: Client, text: str, format_: str, offered: dict[str, str]
) -> None:
    answer = client.query(text, {"format": format_})
    assert (answer.media_type, 400 <= answer.status < 500) == (PROBLEM, True)
    for name in offered:
        assert name in answer.json["hint"]


@pytest.mark.parametrize(
    ("text", "accept", "offered"),
    [
        (SELECT, "image/png", RESULTS),
        (SELECT, TURTLE, RESULTS),
        (SELECT, "*/*;q=0", RESULTS),
        (SELECT, f"{JSON};q=0", RESULTS),
        (SELECT, "text/csv;charset=iso-8859-1", RESULTS),
        ("ASK {}", "application/trig", RESULTS),
        (CONSTRUCT, JSON, GRAPHS),
        (CONSTRUCT, "video/*", GRAPHS),
    ],
)
def test_not_acceptable_lists_what_is_offered(client: Client, text: str, accept: str, offered: dict[str, str]) -> None:
    answer = client.query(text, Accept=accept)
    assert (answer.status, answer.media_type) == (406, PROBLEM)
    for media_type in offered.values():
        assert media_type in answer.json["hint"]
    assert "accept" in answer.listed("Vary")


# Triples within triples and base directions (RDF 1.2), which the engine knows.

WITHIN = 'SELECT (<<( <urn:a> <urn:b> "x" )>> AS ?x) ("y"@en--rtl AS ?y) {}'
SAID = 'CONSTRUCT { <urn:s> <urn:p> <<( <urn:a> <urn:b> "x"@en--rtl )>> , "y"@en--rtl } {}'


@pytest.mark.parametrize("accept", [JSON, "application/sparql-results+xml", "text/csv", BROWSER])
def test_a_triple_within_an_answer_is_shown(client: Client, accept: str) -> None:
    answer = client.query(WITHIN, Accept=accept)
    assert answer.status == 200
    assert "urn:b" in answer.text


@pytest.mark.parametrize("name", ["turtle", "ntriples", "trig", "nquads", "rdfxml"])
def test_a_triple_within_a_graph_and_a_direction_come_back(client: Client, name: str) -> None:
    answer = client.query(SAID, {"format": name})
    rtl = ox.Literal("x", language="en", direction=ox.BaseDirection.RTL)
    inner = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), rtl)
    found = {quad.object for quad in ox.parse(answer.body, format=format_named(name).rdf)}
    assert found == {inner, ox.Literal("y", language="en", direction=ox.BaseDirection.RTL)}


def test_a_format_that_cannot_hold_a_triple_within_a_triple_says_so(client: Client) -> None:
    answer = client.query(SAID, {"format": "jsonld"})
    assert (answer.status, answer.json["code"]) == (406, "not-acceptable")
