"""Files say what an edit leaves, and no other file is touched."""

from tests.changing import quad
from tests.unit.conftest import MakeRoot

from territoires.edits import Edit
from territoires.graph import load
from territoires.history import sources_digest
from territoires.history.applying import contents_with
from territoires.namespaces import BASE, PREFIXES

LABEL = PREFIXES["rdfs"] + "label"
HEAD = f"@base <{BASE}> .\n@prefix rdfs: <{PREFIXES['rdfs']}> .\n@prefix dcat: <{PREFIXES['dcat']}> .\n"
ALBI, ALBY, CASTRES = (quad("id/x", LABEL, name, "towns") for name in ("Albi", "Alby", "Castres"))
FILES = {
    "data/catalogue.ttl": HEAD + "<graph/towns> a dcat:Dataset .\n",
    "data/towns/a.ttl": HEAD + '# The first.\n<id/x> rdfs:label "Albi"@fr .\n',
    "data/towns/b.ttl": HEAD + '<id/y> rdfs:label "Gaillac"@fr . # not in the layout of the project\n',
}


def test_a_fact_changes_where_its_subject_stands_and_comments_stay(make_root: MakeRoot) -> None:
    graph = load(make_root(FILES))
    contents = contents_with(graph, Edit(frozenset({ALBI}), frozenset({ALBY, CASTRES})))
    assert contents.keys() == {"data/towns/a.ttl"}
    assert (
        contents["data/towns/a.ttl"]
        == (
            f"@base <{BASE}> .\n@prefix rdfs: <{PREFIXES['rdfs']}> .\n\n# The first.\n"
            '<id/x>\n    rdfs:label\n        "Alby"@fr ,\n        "Castres"@fr .\n'
        ).encode()
    )


def test_a_graph_comes_as_a_file_and_goes_with_it(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    new = Edit(added=frozenset({quad("id/r", LABEL, "Occitanie", "facts/regions")}))
    contents = contents_with(load(root), new)
    assert contents.keys() == {"data/facts/regions.ttl"}
    content = contents["data/facts/regions.ttl"]
    assert content
    (root.data / "facts").mkdir()
    (root.data / "facts/regions.ttl").write_bytes(content)
    assert contents_with(load(root), new.inverse) == {"data/facts/regions.ttl": None}


def test_the_digest_is_of_the_sources_alone(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    before = sources_digest(root)
    for name in ("derived", "changes"):
        (root.data / f"{name}.ttl").write_text(HEAD, encoding="utf-8")
    assert sources_digest(root) == before
    assert sources_digest(root, {"data/changes.ttl": b"x"}) == before
    changed = sources_digest(root, {"data/towns/b.ttl": b"", "data/towns/c.ttl": HEAD.encode()})
    assert changed != before
    assert sources_digest(root, {"data/towns/b.ttl": None}) not in {before, changed}
    (root.data / "towns/b.ttl").write_bytes(b"")
    (root.data / "towns/c.ttl").write_text(HEAD, encoding="utf-8")
    assert sources_digest(root) == changed
