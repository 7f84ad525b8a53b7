"""Changes are told of in the graph, and can be undone where nothing touched the same since."""

import pyoxigraph as ox
import pytest
from tests.changing import MORNING, make_change, quad
from tests.unit.conftest import MakeRoot

from territoires.edits import Edit
from territoires.errors import ConflictError, DataError, NotFoundError
from territoires.graph import load
from territoires.history import Signature, edit_that_undoes, last_number, read_patch, record
from territoires.history.recording import MOST_ENTITIES, touched
from territoires.namespaces import BASE, CHANGES, PREFIXES, expand
from territoires.root import Root

LABEL = PREFIXES["rdfs"] + "label"
ALBI, ALBY, CASTRES = (quad("id/x", LABEL, name, "towns") for name in ("Albi", "Alby", "Castres"))
HERE = Edit(added=frozenset({ALBI}))
RENAMED = Edit(frozenset({ALBI}), frozenset({ALBY}))


@pytest.fixture
def root(make_root: MakeRoot) -> Root:
    return make_root({"data/towns.ttl": f'@base <{BASE}> .\n<id/y> <{LABEL}> "Gaillac"@fr .\n'})


def changed(root: Root) -> set[ox.Quad]:
    """Return all that is said beside the history."""
    return {one for one in load(root).store if one.graph_name == ALBI.graph_name}


def said(root: Root, number: int) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    subject = ox.NamedNode(f"{BASE}id/change/{number}")
    for one in load(root).store.quads_for_pattern(subject, None, None, ox.NamedNode(CHANGES)):
        assert isinstance(one.object, ox.NamedNode | ox.Literal)
        found.setdefault(one.predicate.value, set()).add(one.object.value)
    return found


def test_a_change_is_an_activity_with_all_that_is_known_of_it(root: Root) -> None:
    make_change(root, HERE, "A town\nwas missing")
    second = make_change(root, RENAMED, agent="Zoé", day=1)
    assert second.number == 2
    assert {one.graph_name for one in second.edit.added} == {ox.NamedNode(CHANGES)}
    assert said(root, 1)[expand("dct:description")] == {"A town\nwas missing"}
    assert said(root, 2) == {
        expand("rdf:type"): {expand("ti:Change"), expand("prov:Activity")},
        expand("rdfs:label"): {"Change 2", "Modification 2"},
        expand("dct:identifier"): {"2"},
        expand("prov:endedAtTime"): {"2026-11-02T09:30:00Z"},
        expand("prov:wasAssociatedWith"): {f"{BASE}id/agent/{Signature('Zoé', '', MORNING).slug}"},
        expand("prov:wasInformedBy"): {f"{BASE}id/change/1"},
        expand("prov:generated"): {f"{BASE}changes/2.rdfp"},
        expand("schema:targetCollection"): {f"{BASE}graph/towns"},
        expand("schema:object"): {f"{BASE}id/x"},
        expand("ti:quadsAdded"): {"1"},
        expand("ti:quadsRemoved"): {"1"},
        expand("ti:digestBefore"): {f"{1:064x}"},
        expand("ti:digestAfter"): {f"{2:064x}"},
    }
    assert read_patch((root.path / "changes/000002.rdfp").read_bytes()) == RENAMED


def test_the_dataset_has_the_history_for_a_part_from_the_first_change_on(root: Root) -> None:
    part = f"<{BASE}dataset> <{expand('dct:hasPart')}> <{CHANGES}>"
    assert not any(part in str(one) for one in make_change(root, HERE).edit.added)
    (root.path / "changes/000001.rdfp").unlink()
    (root.data / "changes.ttl").unlink()
    (root.data / "catalogue.ttl").write_text(f"<dataset> a <{expand('dcat:Dataset')}> .", encoding="utf-8")
    assert any(part in str(one) for one in make_change(root, RENAMED).edit.added)
    assert not any(part in str(one) for one in make_change(root, RENAMED.inverse).edit.added)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 8, 9, 31, 32, 33, 1_000])
def test_the_last_number_is_found_among_any_number_of_changes(root: Root, count: int) -> None:
    graph = load(root)
    type_, change = ox.NamedNode(expand("rdf:type")), ox.NamedNode(expand("ti:Change"))
    graph.store.extend(
        ox.Quad(ox.NamedNode(f"{BASE}id/change/{number}"), type_, change, ox.NamedNode(CHANGES))
        for number in range(1, count + 1)
    )
    assert last_number(graph) == count
    assert record(graph, HERE, Signature("a", "", MORNING), before="", after="").number == count + 1


def test_the_things_with_most_facts_are_named_and_no_more_than_some() -> None:
    few = [quad(f"id/few/{number:03}", LABEL, "x", "towns") for number in range(2 * MOST_ENTITIES)]
    many = [quad("id/many", LABEL, str(number), "towns") for number in range(3)]
    found = touched(Edit(added=frozenset(few + many)))
    assert found[:2] == [ox.NamedNode(f"{BASE}id/many"), ox.NamedNode(f"{BASE}id/few/000")]
    assert len(found) == MOST_ENTITIES


def test_a_change_is_undone_and_done_again(root: Root) -> None:
    before = changed(root)
    make_change(root, HERE)
    make_change(root, RENAMED)
    after = changed(root)
    make_change(root, edit_that_undoes(root, load(root), 2))
    assert changed(root) == before | {ALBI}
    make_change(root, edit_that_undoes(root, load(root), 3))
    assert changed(root) == after
    assert last_number(load(root)) == 4


def test_a_change_that_later_ones_built_on_is_undone_once_they_are(root: Root) -> None:
    make_change(root, HERE)
    make_change(root, Edit(added=frozenset({CASTRES})))
    make_change(root, RENAMED)
    with pytest.raises(ConflictError) as caught:
        edit_that_undoes(root, load(root), 1)
    assert "(3)" in caught.value.detail.en
    assert "(3)" in caught.value.detail.fr
    assert caught.value.hint
    assert "revert 3" in caught.value.hint.en
    make_change(root, edit_that_undoes(root, load(root), 3))
    assert edit_that_undoes(root, load(root), 1) == HERE.inverse


def test_what_was_edited_by_hand_since_is_not_undone_by_half(root: Root) -> None:
    make_change(root, HERE)
    make_change(root, RENAMED)
    file = root.data / "towns.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace("Alby", "Albi-sur-Tarn"), encoding="utf-8")
    with pytest.raises(ConflictError, match="outside the history"):
        edit_that_undoes(root, load(root), 2)


def test_a_change_that_was_undone_is_not_undone_again(root: Root) -> None:
    make_change(root, HERE)
    make_change(root, edit_that_undoes(root, load(root), 1))
    with pytest.raises(ConflictError, match=r"\(2\)"):
        edit_that_undoes(root, load(root), 1)


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_a_change_that_never_was_is_not_found(root: Root, number: int) -> None:
    with pytest.raises(NotFoundError):
        edit_that_undoes(root, load(root), number)
    make_change(root, HERE)
    with pytest.raises(NotFoundError, match=str(number)):
        edit_that_undoes(root, load(root), number)


def test_a_missing_patch_is_named(root: Root) -> None:
    make_change(root, HERE)
    (root.path / "changes/000001.rdfp").unlink()
    with pytest.raises(DataError, match="000001"):
        edit_that_undoes(root, load(root), 1)
