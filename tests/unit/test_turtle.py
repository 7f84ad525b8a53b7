"""Turtle written here reads back the same, and subjects are found in Turtle from any hand."""

import io
import random
import string
from collections.abc import Sequence
from difflib import ndiff
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import assert_says

from territoires.errors import TurtleError
from territoires.namespaces import BASE, PREFIXES, expand
from territoires.turtle import parse, serialize, subject_key, subject_lines, write

S, P = ox.NamedNode(f"{BASE}id/s"), ox.NamedNode(f"{BASE}def#p")
XSD = [ox.NamedNode(expand(f"xsd:{name}")) for name in ("string", "integer", "decimal", "boolean", "double", "gYear")]

characters = st.text(st.characters(exclude_categories=["Cs"]))
languages = st.sampled_from(["fr", "en", "en-GB", "zh-Hant-TW", "de-CH-1996"])
iris = st.one_of(
    st.builds(
        lambda namespace, local: ox.NamedNode(namespace + local),
        st.sampled_from([BASE, f"{BASE}id/x/", *PREFIXES.values(), "http://example.org/", "urn:x:"]),
        st.text(string.ascii_letters + string.digits + "-_~%é漢", min_size=1).map(
            lambda text: text.replace("%", "%20")
        ),
    ),
    st.sampled_from([ox.NamedNode(iri) for iri in PREFIXES.values()]),
    st.sampled_from([ox.NamedNode(BASE + tail) for tail in ("", "#f", "?q", "id/a.b", "id/a:b", "def#1", "def#a.b")]),
)
literals = st.one_of(
    st.builds(ox.Literal, characters),
    st.builds(lambda text, language: ox.Literal(text, language=language), characters, languages),
    st.builds(
        lambda text, datatype: ox.Literal(text, datatype=datatype),
        st.one_of(characters, st.from_regex(r"\A[+-]?[0-9]{0,3}\.?[0-9]{0,3}\Z"), st.sampled_from(["true", "false"])),
        st.one_of(st.sampled_from(XSD), iris),
    ),
)
blanks = st.from_regex(r"\A[a-z][a-z0-9]{0,8}\Z").map(ox.BlankNode)
triples = st.builds(ox.Triple, st.one_of(iris, blanks), iris, st.one_of(iris, blanks, literals))


def reread(text: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri="http://elsewhere/")}


def says(object_: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(S, P, object_)


@given(st.lists(literals, max_size=8))
def test_any_literal_reads_back_the_same(objects: list[ox.Literal]) -> None:
    stated = {says(literal) for literal in objects}
    assert reread(serialize(stated)) == stated


@given(st.lists(triples, max_size=12))
def test_any_statements_read_back_the_same(stated: list[ox.Triple]) -> None:
    assert reread(serialize(stated)) == set(stated)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"',
        '""',
        '"""',
        "\\",
        "\\u0041",
        "a\nb",
        "a\r\nb",
        "\t",
        "\x00",
        "\x08\x0c\x1f\x7f",
        "\x85\u2028",
        "😀",
        "a. b # c",
    ],
)
def test_characters_with_a_meaning_in_turtle_read_back_the_same(text: str) -> None:
    assert reread(serialize([says(ox.Literal(text))])) == {says(ox.Literal(text))}


# RFC 3986 §5.2: a reference with a colon in its first segment, with // or with dot segments names something else.
@pytest.mark.parametrize("tail", ["a:b", "/a", "//a/b", "../a", "./a", "a/../b"])
def test_an_iri_that_has_no_relative_form_is_written_whole(tail: str) -> None:
    triple = ox.Triple(ox.NamedNode(BASE + tail), P, ox.NamedNode(BASE + tail))
    assert reread(serialize([triple])) == {triple}


@given(st.lists(triples, max_size=12), st.randoms())
def test_the_order_of_the_statements_does_not_matter(stated: list[ox.Triple], shuffle: random.Random) -> None:
    before = serialize(stated)
    again = [*stated, *stated]
    shuffle.shuffle(again)
    assert serialize(again) == before


@given(st.lists(triples, max_size=12))
def test_what_is_written_subject_by_subject_is_the_same(stated: list[ox.Triple]) -> None:
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)
    write(file, sorted(stated, key=lambda triple: subject_key(triple.subject)))
    assert file.getvalue().decode() == "before" + serialize(stated)


def test_a_document_has_one_block_per_subject_and_one_line_per_object() -> None:
    label = ox.NamedNode(expand("rdfs:label"))
    stated = [
        ox.Triple(S, P, ox.Literal("2")),
        ox.Triple(S, P, ox.Literal("1")),
        ox.Triple(S, label, ox.Literal("Tarn", language="fr")),
        ox.Triple(S, ox.NamedNode(expand("dct:identifier")), ox.Literal("81")),
        ox.Triple(S, ox.NamedNode(expand("rdf:type")), ox.NamedNode(expand("ti:Territory"))),
        ox.Triple(ox.NamedNode(f"{BASE}id/a"), P, ox.Literal("7", datatype=XSD[1])),
    ]
    assert (
        serialize(stated, header="Written\nby hand.")
        == f"""\
# Written
# by hand.
@base <{BASE}> .
@prefix ti: <{BASE}def#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dct: <http://purl.org/dc/terms/> .

<id/a>
    ti:p 7 .

<id/s>
    a ti:Territory ;
    rdfs:label "Tarn"@fr ;
    dct:identifier "81" ;
    ti:p
        "1" ,
        "2" .
"""
    )


def test_only_prefixes_in_use_are_declared() -> None:
    assert serialize([]).count("@prefix") == 0
    assert serialize([says(ox.Literal("1", datatype=XSD[5]))]).count("@prefix") == 2


def test_a_one_fact_change_is_a_one_line_diff() -> None:
    values = [ox.Literal(str(number)) for number in range(9)]
    before = serialize(says(value) for value in values)
    without = serialize(says(value) for value in values if value.value != "4")
    changed = [line for line in ndiff(before.splitlines(), without.splitlines()) if line[0] in "+-"]
    assert changed == ['-         "4" ,']


@given(st.lists(triples, max_size=12))
def test_each_subject_is_found_on_its_line_of_what_is_written_here(stated: list[ox.Triple]) -> None:
    text = serialize(stated, header="A header with <iri> .")
    lines = text.split("\n")
    found = subject_lines(text)
    assert set(found) == {triple.subject.value for triple in stated if isinstance(triple.subject, ox.NamedNode)}
    head = "\n".join(line for line in lines if line.startswith("@"))
    for iri, line in found.items():
        (alone,) = reread(f"{head}\n{lines[line - 1]} <p> <o> .")
        assert alone.subject == ox.NamedNode(iri)


EX = "@prefix ex: <http://example.org/> .\n"


def ex(**lines: int) -> dict[str, int]:
    return {f"http://example.org/{name}": line for name, line in lines.items()}


HAND_WRITTEN: dict[str, tuple[str, dict[str, int]]] = {
    "empty": ("", {}),
    "comments": (f"# it's <a> .\n{EX}# ex:z a ex:T .\nex:a a ex:T . # ex:y\n", ex(a=4)),
    "@prefix": (f"{EX}ex:a a ex:T .\nex:b a ex:T .\n\nex:c a ex:T .", ex(a=2, b=3, c=5)),
    "PREFIX": ("PREFIX ex: <http://example.org/>\nex:a a ex:T .", ex(a=2)),
    "prefix in small letters": ("prefix ex: <http://example.org/>\nex:a a ex:T .", ex(a=2)),
    "empty prefix": ("@prefix : <http://example.org/> .\n:a a :T .\n:b a :T .", ex(a=2, b=3)),
    "redefined": (f"{EX}ex:a a ex:T .\n@prefix ex: <urn:x:> .\nex:a a ex:T .", ex(a=2) | {"urn:x:a": 4}),
    "@base": ("@base <http://example.org/> .\n<a> a <T> .", ex(a=2)),
    "BASE": ("BASE <http://example.org/>\n<a> a <T> .", ex(a=2)),
    "relative": ("<id/a> a <T> .\n<#b> a <T> .\n<> a <T> .", {f"{BASE}id/a": 1, f"{BASE}#b": 2, BASE: 3}),
    "strings": (f'{EX}ex:a ex:p "a. <b> # c; \\" ." ; ex:q \'d. "\' .\nex:b a ex:T .', ex(a=2, b=3)),
    "long strings": (f'{EX}ex:a ex:p """x .\n"y" # z\n\\""" .""" .\nex:b a ex:T .', ex(a=2, b=5)),
    "long strings, single quotes": (f"{EX}ex:a ex:p '''x .\nit's''' .\nex:b a ex:T .", ex(a=2, b=4)),
    "languages": (f'{EX}ex:a ex:p "x"@fr.\nex:b ex:p "x"@en-GB .\nex:c a ex:T .', ex(a=2, b=3, c=4)),
    "datatypes": (f'{EX}ex:a ex:p "1"^^ex:T.\nex:b ex:p "1"^^<urn:T>.\nex:c a ex:T .', ex(a=2, b=3, c=4)),
    "numbers": (f"{EX}ex:a ex:p 1.5 , -.5 , 1.0e-3 , 7.\nex:b ex:p 8 .\nex:c a ex:T .", ex(a=2, b=3, c=4)),
    "booleans": (f"{EX}ex:a ex:p true.\nex:b ex:p false .", ex(a=2, b=3)),
    "lists": (f'{EX}ex:a ex:p ( ex:x "." [ ex:q ( ex:y ) ] ) .\nex:b a ex:T .', ex(a=2, b=3)),
    "anonymous": (f"{EX}[ ex:p ex:x ] ex:q ex:y .\n( ex:z ) ex:q 1 .\n[] a ex:T .\nex:a a ex:T .", ex(a=5)),
    "blank nodes": (f"{EX}_:a ex:p ex:x .\n_:b.c ex:p ex:y .\nex:a a ex:T .", ex(a=4)),
    "several lines": (f"{EX}ex:a\n  ex:p ex:x , ex:y ;\n  ex:q ex:z ;\n.\nex:b a ex:T .", ex(a=2, b=6)),
    "first of several": (f"{EX}ex:a a ex:T . ex:b a ex:T .\nex:a ex:p 1 .", ex(a=2, b=2)),
    "dots": (f"{EX}ex:a.b a ex:T .\nex:a\\.c a ex:T.\nex:d:e a ex:T .", ex(**{"a.b": 2, "a.c": 3, "d:e": 4})),
    "names": (f"{EX}ex:a%20b a ex:T .\nex:été a ex:T .\nex:1 a ex:T .", ex(**{"a%20b": 2, "été": 3, "1": 4})),
    "hash in an IRI": (f"{EX}<http://example.org/#x> a ex:T .", ex(**{"#x": 2})),
    "Windows line ends": (f"{EX}\r\nex:a a ex:T .\r\nex:b a ex:T .\r\n", ex(a=3, b=4)),
    "undeclared prefix": ("nope:a a nope:T .\n<urn:b> a nope:T .", {"urn:b": 2}),
    "does not parse": ('<urn:a> a <urn:T> .\n<urn:b> a "never closed .\n', {"urn:a": 1, "urn:b": 2}),
    # Subtle points of the grammar and of resolving IRIs.
    "relative prefix": ("@base <http://example.org/> .\n@prefix ex: <> .\nex:a a ex:T .", ex(a=3)),
    "relative base": ("@base <http://example.org/a/> .\n@base <../> .\n<b> a <T> .", ex(b=3)),
    "empty fragment": ("<def#> a <T> .", {f"{BASE}def#": 1}),
    "empty fragment, absolute": ("<https://example.org/ns#> a <T> .", {"https://example.org/ns#": 1}),
    "ends in base": (f"{EX}ex:database a ex:T .\n<b> a ex:T .", ex(database=2) | {f"{BASE}b": 3}),
    "dot in a prefix": ("@prefix e.x: <http://example.org/> .\ne.x:a a e.x:T .", ex(a=2)),
    "escape in an IRI": ("<http://example.org/\\u00E9> a <T> .", ex(é=1)),
    "comment ended by a carriage return": ("# a comment\r<http://example.org/a> a <T> .", ex(a=1)),
}


@pytest.mark.parametrize(("text", "found"), HAND_WRITTEN.values(), ids=HAND_WRITTEN)
def test_subjects_are_found_in_hand_written_turtle(text: str, found: dict[str, int]) -> None:
    assert subject_lines(text) == found


# RDF 1.1 Turtle §2.4, example 9.
EXAMPLE_9 = """\
# A triple with all absolute IRIs
<http://one.example/subject1> <http://one.example/predicate1> <http://one.example/object1> .

@base <http://one.example/> .
<subject2> <predicate2> <object2> .     # relative IRIs, e.g. http://one.example/subject2

BASE <http://one.example/>
<subject2> <predicate2> <object2> .     # relative IRIs, e.g. http://one.example/subject2

@prefix p: <http://two.example/> .
p:subject3 p:predicate3 p:object3 .     # prefixed name, e.g. http://two.example/subject3

PREFIX p: <http://two.example/>
p:subject3 p:predicate3 p:object3 .     # prefixed name, e.g. http://two.example/subject3

@prefix p: <path/> .                    # prefix p: now stands for http://one.example/path/
p:subject4 p:predicate4 p:object4 .     # prefixed name, e.g. http://one.example/path/subject4

@prefix : <http://another.example/> .    # empty prefix
:subject5 :predicate5 :object5 .        # prefixed name, e.g. http://another.example/subject5

:subject6 a :subject7 .                 # same as :subject6 rdf:type :subject7 .

<http://伝言.example/?user=أكرم&amp;channel=R%26D> a :subject8 . # a multi-script subject IRI .
"""


def test_subjects_are_found_in_the_example_of_the_specification() -> None:
    assert subject_lines(EXAMPLE_9) == {
        "http://one.example/subject1": 2,
        "http://one.example/subject2": 5,
        "http://two.example/subject3": 11,
        "http://one.example/path/subject4": 17,
        "http://another.example/subject5": 20,
        "http://another.example/subject6": 22,
        "http://伝言.example/?user=أكرم&amp;channel=R%26D": 24,
    }


def refused(folder: Path, content: bytes) -> TurtleError:
    (folder / "a.ttl").write_bytes(content)
    with pytest.raises(TurtleError) as caught:
        list(parse(folder / "a.ttl"))
    return caught.value


def test_a_file_is_parsed_below_the_base(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<id/s> <def#p> 'é' .", encoding="utf-8")
    assert list(parse(tmp_path / "a.ttl")) == [says(ox.Literal("é"))]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["<a> <b> <c> .", "<a> <b> .", "<d> <e> <f> ."], 2),
        (["<a> <b> <c> .", "<a> nope:b <c> ."], 2),
        (["<a> <b> <c>", "<d> <e> <f> ."], 2),
        (["<a> <b> <c> .", "", "<a b> <c> <d> ."], 3),
        (["<a> <b> <c> .", "<a> <b> 'c"], 2),
    ],
    ids=["no object", "undeclared prefix", "no dot", "blank in an IRI", "open string"],
)
def test_what_is_not_turtle_is_refused_with_file_line_and_column(
    tmp_path: Path, lines: Sequence[str], line: int
) -> None:
    error = refused(tmp_path, "\n".join(lines).encode())
    assert error.place is not None
    assert (error.place.file, error.place.line) == (tmp_path / "a.ttl", line)
    assert error.place.column is not None
    assert 1 <= error.place.column <= len(lines[line - 1]) + 1
    assert_says(error, str(error.place))


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "<a> <b> <c> .\n<a> <b> 'café' .".encode("latin-1"))
    assert error.place is not None
    assert_says(error, f"{tmp_path / 'a.ttl'}:2:{error.place.column}", "UTF-8")
