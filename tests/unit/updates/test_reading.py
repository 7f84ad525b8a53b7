"""Bodies of writes: what is read, and what is refused with which remedy."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from territoires.errors import BodySyntaxError, QueryTooLargeError, UnsupportedMediaTypeError
from territoires.settings import Settings
from territoires.updates import read_graph

NAME, BASE = "https://example.org/graph/x", "https://example.org/x/"
TRIPLE = (ox.NamedNode(f"{BASE}s"), ox.NamedNode("https://example.org/p"), ox.Literal("Été"))
QUADS = {ox.Quad(*TRIPLE, ox.NamedNode(NAME))}
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="https://example.org/"'
XML = f'<rdf:RDF {RDF}><rdf:Description rdf:about="s"><e:p>Été</e:p></rdf:Description></rdf:RDF>'


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/turtle", '@prefix e: <https://example.org/> . <s> e:p "Été" .'),
        ("text/turtle; charset=UTF-8", '<s> <../p> "\\u00C9té" .'),
        ('TEXT/TURTLE;charset="utf-8"', '\ufeff<s> <../p> "Été" .'),
        ("application/n-triples", f'<{BASE}s> <https://example.org/p> "Été" .'),
        ("application/n-quads", f'<{BASE}s> <https://example.org/p> "Été" .'),
        ("application/trig", '{ <s> <../p> "Été" }'),
        ("application/rdf+xml", XML),
        ("application/ld+json", '{"@id": "s", "https://example.org/p": "Été"}'),
        ("application/ld+json", '{"@context": {"p": "https://example.org/p"}, "@graph": [{"@id": "s", "p": "Été"}]}'),
    ],
)
def test_each_syntax_is_read(media_type: str, text: str) -> None:
    assert read_graph(text.encode(), media_type, NAME, BASE) == QUADS


@pytest.mark.parametrize("media_type", [None, "", "turtle", "text/html", "application/x-www-form-urlencoded", "*/*"])
def test_another_type_is_refused_and_those_taken_are_named(media_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        read_graph(b"<a:a> <a:b> <a:c> .", media_type, NAME, BASE)
    assert caught.value.hint
    assert "text/turtle" in caught.value.hint.fr


def test_another_charset_is_refused() -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        read_graph("<a:a> <a:b> 'é' .".encode("latin-1"), "text/turtle; charset=iso-8859-1", NAME, BASE)


@pytest.mark.parametrize(
    ("media_type", "text", "place", "said"),
    [
        ("text/turtle", "@prefix a: <a:> .\n<a> a:b c:d .", "2:9", "prefix c:"),
        ("text/turtle", "<a> <b> <c> <d> .", "1:13", "dot"),
        ("application/n-quads", "<a:a> <a:b> <a:c> <a:d> .", "", "named graphs"),
        ("application/trig", "<a:g> { <a:a> <a:b> <a:c> }", "", "named graphs"),
        ("application/ld+json", '{"@id": "a:g", "@graph": [{"@id": "a:a", "a:b": 1}]}', "", "named graphs"),
        ("application/ld+json", '{"@id": "a:a",\n "a:b" 1}', "2:8", "JSON-LD"),
        ("application/ld+json", '{"@context": "http://127.0.0.1/c", "@id": "a:a", "b": 1}', "", "context"),
        ("application/ld+json", '{"@context": {"@import": "http://127.0.0.1/c"}, "b": 1}', "", "context"),
        ("application/ld+json", '{"@context": {"b": {"@id": "a:b", "@context": "c"}}, "b": {"b": 1}}', "", "context"),
        ("application/ld+json", '{"a:b":' * 5_000 + "1" + "}" * 5_000, "1:449", "64"),
        ("text/turtle", "<a:a> <a:b> " + "<<( <a:a> <a:b> " * 30_000 + "1" + " )>>" * 30_000 + " .", "1:1037", "64"),
        ("application/rdf+xml", f'<!DOCTYPE r [<!ENTITY e "x">]>{XML}', "1:1", "document type"),
        (
            "application/rdf+xml",
            f'<?xml version="1.0"?>\n<!doctype r SYSTEM "file:///etc/passwd">{XML}',
            "2:1",
            "document",
        ),
        ("application/rdf+xml", XML.replace("Été", "&lol;"), "", "lol"),
        ("application/rdf+xml", XML.replace("</e:p>", "</e:q>"), "", "RDF/XML"),
    ],
)
def test_what_does_not_parse_is_refused_with_its_place(media_type: str, text: str, place: str, said: str) -> None:
    with pytest.raises(BodySyntaxError) as caught:
        read_graph(text.encode(), media_type, NAME, BASE)
    assert str(caught.value.place or "") == place
    assert said in caught.value.detail.en
    assert caught.value.hint


def test_deep_triples_in_rdf_xml_do_not_end_the_process() -> None:
    inner = '<rdf:Description rdf:about="a:a"><e:p rdf:parseType="Triple">'
    text = XML.replace("Été", inner * 30_000 + "</e:p></rdf:Description>" * 30_000).replace(
        "RDF ", 'RDF rdf:version="1.2" '
    )
    with pytest.raises(BodySyntaxError):
        read_graph(text.encode(), "application/rdf+xml", NAME, BASE)


def test_strings_and_iris_do_not_count_as_nesting() -> None:
    text = "<a:a> <a:b> " + ", ".join(f'"<<{number} [[ {{{{", <a:{number}>' for number in range(200)) + " ."
    assert len(read_graph(text.encode(), "text/turtle", NAME, BASE)) == 400
    listed = ", ".join(f'"[[[{number}"' for number in range(200))
    assert len(read_graph(f'{{"@id": "a:a", "a:b": [{listed}]}}'.encode(), "application/ld+json", NAME, BASE)) == 200


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/turtle", "_:x <a:b> _:y . _:y <a:b> 1 ."),
        ("application/n-triples", "_:x <a:b> _:y . \n_:y <a:b> '1' .".replace("'", '"')),
        ("application/ld+json", '{"@id": "_:x", "a:b": {"@id": "_:y", "a:b": 1}}'),
        (
            "application/rdf+xml",
            XML.replace('rdf:about="s"', 'rdf:nodeID="x"').replace(
                "<e:p>Été</e:p>", '<e:p rdf:nodeID="y"/><e:q rdf:nodeID="y"/>'
            ),
        ),
    ],
)
def test_blank_nodes_are_kept_apart(media_type: str, text: str) -> None:
    labels = []
    for _ in range(2):
        quads = read_graph(text.encode(), media_type, NAME, BASE)
        assert len(quads) == 2
        labels.append(
            {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, ox.BlankNode)}
        )
    assert [len(one) for one in labels] == [2, 2]
    assert not labels[0] & labels[1]
    assert not {ox.BlankNode("x"), ox.BlankNode("y")} & (labels[0] | labels[1])


def test_an_empty_document_is_an_empty_graph() -> None:
    assert read_graph(b"", "text/turtle", NAME, BASE) == frozenset()


def test_too_many_triples_are_refused() -> None:
    with pytest.raises(QueryTooLargeError):
        read_graph(b"<a:a> <a:b> 1, 2, 3 .", "text/turtle", NAME, BASE, Settings(max_changed_quads=2))
