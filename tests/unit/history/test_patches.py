"""RDF Patch: what is written is read again, and nothing else is."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.edits import Edit
from territoires.errors import DataError
from territoires.history import patch_name, read_patch, write_patch
from territoires.namespaces import BASE

_text = st.text(st.characters(exclude_categories=["Cs"]))
_iris = st.sampled_from("abcé").map(lambda name: ox.NamedNode(f"https://example.org/{name}"))
_literals = st.one_of(
    _text.map(ox.Literal),
    _text.map(lambda text: ox.Literal(text, language="fr")),
    st.integers().map(ox.Literal),
    _text.map(lambda text: ox.Literal(text, datatype=ox.NamedNode("https://example.org/type"))),
)
_nodes = st.one_of(_iris, st.sampled_from("xy").map(ox.BlankNode))
_triples = st.builds(ox.Triple, _nodes, _iris, st.one_of(_nodes, _literals))
_quads = st.builds(ox.Quad, _nodes, _iris, st.one_of(_nodes, _literals, _triples), _iris)


@given(st.frozensets(_quads), st.frozensets(_quads), st.integers(1, 10_000))
def test_what_is_written_is_read_again(removed: frozenset[ox.Quad], added: frozenset[ox.Quad], number: int) -> None:
    edit = Edit(removed - added, added - removed)
    content = write_patch(edit, number)
    assert read_patch(content) == edit
    assert write_patch(read_patch(content), number) == content


def test_a_patch_reads_as_the_specification_says() -> None:
    s, p, g = (ox.NamedNode(f"https://example.org/{name}") for name in "spg")
    edit = Edit(frozenset({ox.Quad(s, p, ox.Literal("old"), g)}), frozenset({ox.Quad(s, p, ox.Literal("new\n"), g)}))
    assert write_patch(edit, 2).decode() == (
        f"H id <{BASE}id/change/2> .\n"
        f"H prev <{BASE}id/change/1> .\n"
        "TX .\n"
        'D <https://example.org/s> <https://example.org/p> "old" <https://example.org/g> .\n'
        'A <https://example.org/s> <https://example.org/p> "new\\n" <https://example.org/g> .\n'
        "TC .\n"
    )
    assert patch_name(2) == "changes/000002.rdfp"


def test_the_first_has_none_before_it() -> None:
    assert b"H prev" not in write_patch(Edit(), 1)


Q = b'<a:s> <a:p> "o" <a:g> .'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"TX .\n", 2),
        (b"TX .\nA " + Q + b"\n", 3),
        (b"A " + Q + b"\n", 1),
        (b"TX .\nTA .\n", 2),
        (b"TX .\nTC .\nA " + Q, 3),
        (b"TX .\nTC .\nTX .\nTC .\n", 3),
        (b"TX .\nH id <a:b> .\nTC .", 2),
        (b"H id .\nTX .\nTC .", 1),
        (b"H id <a b> .\nTX .\nTC .", 1),
        (b"H who <a:b> .\nTX .\nTC .", 1),
        (b'TX .\nPA "x" <a:b> .\nTC .', 2),
        (b"TX .\nA <a:s> <a:p> <a:o> .\nTC .", 2),
        (b"TX .\nA <a:s> <a:p> <a:o> <a:g>\nTC .", 2),
        (b"TX .\nA " + Q + b" " + Q + b"\nTC .", 2),
        (b"TX .\nA \nTC .", 2),
        (b"TX .\nA x\nTC .", 2),
        (b"TX .\nA " + Q + b"\nA " + Q + b"\nTC .", 3),
        (b"TX .\nA " + Q + b"\nD " + Q + b"\nTC .", None),
        (b"TX .\n\xff\nTC .", 2),
    ],
)
def test_what_is_no_patch_is_refused_with_its_line(content: bytes, line: int | None) -> None:
    with pytest.raises(DataError) as caught:
        read_patch(content, Path("changes/000007.rdfp"))
    assert caught.value.place
    assert caught.value.place.file == Path("changes/000007.rdfp")
    assert caught.value.place.line == line
    assert caught.value.hint


def test_lines_of_other_systems_and_comments_are_read() -> None:
    assert read_patch(b"# x\r\nTX .\r\n\r\nA " + Q + b"\r\nTC .\r\n").added
