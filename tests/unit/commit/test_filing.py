"""The files after an edit are those that writing the graph anew would give."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires import turtle
from territoires.commit.filing import edited_files, new_file
from territoires.edits import Edit
from territoires.errors import ConflictError, DataError
from territoires.layout import formatted
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root, find_root

GRAPH = f"{BASE}graph/source"
_subjects = st.sampled_from(
    [ox.NamedNode(iri) for iri in (f"{BASE}id/a/1", f"{BASE}id/a/2", f"{BASE}id/b/1", f"{PREFIXES['ti']}x", "urn:x:1")]
)
_predicates = st.sampled_from(
    [ox.NamedNode(PREFIXES[p] + "p") for p in ("ti", "dct", "rdfs")] + [ox.NamedNode(PREFIXES["rdf"] + "type")]
)
_texts = st.text(alphabet="ab\"'\\\n #.;<>@:é", max_size=8)
_objects = st.one_of(
    _subjects,
    _texts.map(ox.Literal),
    _texts.map(lambda text: ox.Literal(text, language="fr")),
    st.integers(0, 9).map(ox.Literal),
    st.sampled_from(['"""', "\n\n", "a .\n\n<id/a/1>\n    ti:p 1", "xsd:p"]).map(ox.Literal),
    st.just(ox.Literal("2024-01-01", datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))),
)
_triples = st.frozensets(st.builds(ox.Triple, _subjects, _predicates, _objects), min_size=1, max_size=12)


def _quads(triples: frozenset[ox.Triple]) -> set[ox.Quad]:
    return {ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(GRAPH)) for t in triples}


def _folder(texts: dict[str, str]) -> tuple[Root, dict[str, tuple[Path, ...]], tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory()
    root = Root(Path(folder.name))
    root.data.mkdir()
    files = tuple(root.data / name for name in sorted(texts))
    for file in files:
        file.write_text(texts[file.name], encoding="utf-8")
    return root, {GRAPH: files}, folder


@given(_triples, _triples)
def test_a_file_is_what_writing_it_anew_would_give(before: frozenset[ox.Triple], after: frozenset[ox.Triple]) -> None:
    root, files, folder = _folder({"source.ttl": turtle.serialize(before, header="Kept by hand.")})
    with folder:
        edit = Edit.between(_quads(before), _quads(after))
        expected = {"data/source.ttl": turtle.serialize(after, header="Kept by hand.").encode()} if edit else {}
        assert edited_files(root, files, edit) == expected


@given(_triples, _triples, _triples)
def test_a_graph_in_two_files_says_what_it_should(
    one: frozenset[ox.Triple], two: frozenset[ox.Triple], after: frozenset[ox.Triple]
) -> None:
    two -= one
    texts = {"one.ttl": turtle.serialize(one), "two.ttl": turtle.serialize(two, header="Second.")}
    root, files, folder = _folder(texts)
    with folder:
        written = edited_files(root, files, Edit.between(_quads(one | two), _quads(after)))
        for name, content in written.items():
            (root.path / name).write_bytes(content or b"")
        parsed = {file: {*turtle.parse(file)} for file in files[GRAPH]}
        assert set().union(*parsed.values()) == after
        assert all(formatted(text, file) == text for file in files[GRAPH] if (text := file.read_text(encoding="utf-8")))


def test_a_hand_written_file_keeps_its_comments() -> None:
    text = (
        '# Top.\n@base <%s> .\n@prefix ti: <%s> .\n\n# About it.\n<id/a/2> ti:p """long""" , 1 .\n\n<id/a/1> ti:p 2 .\n'
    )
    root, files, folder = _folder({"source.ttl": text % (BASE, PREFIXES["ti"])})
    with folder:
        triple = ox.Quad(
            ox.NamedNode(f"{BASE}id/a/1"), ox.NamedNode(PREFIXES["ti"] + "p"), ox.Literal(3), ox.NamedNode(GRAPH)
        )
        [(name, content)] = edited_files(root, files, Edit(added=frozenset({triple}))).items()
        assert name == "data/source.ttl"
        assert content
        lines = content.decode().splitlines()
        assert lines[0] == "# Top."
        assert lines.index("# About it.") < lines.index("<id/a/2>") < lines.index("<id/a/1>")
        assert lines[-2:] == ["        2 ,", "        3 ."]


def test_what_is_not_there_cannot_be_removed() -> None:
    root, files, folder = _folder({"source.ttl": turtle.serialize([])})
    with folder:
        triple = ox.Quad(
            ox.NamedNode(f"{BASE}id/a/1"), ox.NamedNode(PREFIXES["ti"] + "p"), ox.Literal(3), ox.NamedNode(GRAPH)
        )
        with pytest.raises(ConflictError):
            edited_files(root, files, Edit(removed=frozenset({triple})))


def test_a_new_graph_gets_a_file_named_after_it() -> None:
    root, _, folder = _folder({})
    with folder:
        triple = ox.Quad(
            ox.NamedNode(f"{BASE}id/a/1"), ox.NamedNode(PREFIXES["ti"] + "p"), ox.Literal(3), ox.NamedNode(GRAPH)
        )
        assert edited_files(root, {}, Edit(added=frozenset({triple}))) == {
            "data/source.ttl": turtle.serialize([triple.triple]).encode()
        }


@pytest.mark.parametrize("name", ["../x", "a/../b", "", "A", "a b", ".hidden", "a//b", "/a", "a/", "x" * 300, "a.ttl"])
def test_a_graph_is_no_way_out_of_the_folder(name: str) -> None:
    with pytest.raises(DataError):
        new_file(f"{BASE}graph/{name}")
    with pytest.raises(DataError):
        new_file(f"https://example.org/{name}")


def test_a_graph_cannot_be_a_part_of_another() -> None:
    root, _, folder = _folder({})
    with folder:
        triple = ox.Triple(ox.NamedNode(f"{BASE}id/a/1"), ox.NamedNode(PREFIXES["ti"] + "p"), ox.Literal(3))
        quad = ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(f"{BASE}graph/list/extra"))
        files = {f"{BASE}graph/list": (root.data / "list" / "one.ttl",)}
        with pytest.raises(DataError):
            edited_files(root, files, Edit(added=frozenset({quad})))


def test_one_fact_of_a_large_shipped_file_is_one_line() -> None:
    root = find_root()
    file = root.data / "cog-2026" / "departments.ttl"
    old = file.read_text(encoding="utf-8")
    graph = ox.NamedNode(f"{BASE}graph/cog-2026")
    tarn, label = ox.NamedNode(f"{BASE}id/department/81"), ox.NamedNode(PREFIXES["rdfs"] + "label")
    edit = Edit(
        frozenset({ox.Quad(tarn, label, ox.Literal("Tarn", language="fr"), graph)}),
        frozenset({ox.Quad(tarn, label, ox.Literal("Le Tarn", language="fr"), graph)}),
    )
    files = {graph.value: tuple(sorted((root.data / "cog-2026").glob("*.ttl")))}
    written = edited_files(root, files, edit)
    assert [*written] == ["data/cog-2026/departments.ttl"]
    new = (written["data/cog-2026/departments.ttl"] or b"").decode()
    differing = [(a, b) for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b]
    assert differing == [('    rdfs:label "Tarn"@fr ;', '    rdfs:label "Le Tarn"@fr ;')]
