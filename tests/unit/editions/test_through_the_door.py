"""Every way through the door keeps the edition that it replaces, and a revert takes it back."""

import pyoxigraph as ox

from territoires.commit.door import change
from territoires.editions import editions
from territoires.edits import Edit
from territoires.graph import load
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root

GRAPH = f"{BASE}graph/anct-2024-07-04"
LIST = ox.NamedNode(GRAPH)
CATALOGUE = ox.NamedNode(f"{BASE}graph/catalogue")


def issued(day: str) -> ox.Quad:
    date = ox.Literal(day, datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
    source = ox.NamedNode(f"{BASE}id/source/anct-2024-07-04")
    return ox.Quad(source, ox.NamedNode(PREFIXES["dct"] + "issued"), date, CATALOGUE)


def test_an_edit_keeps_the_edition_that_it_replaces_and_its_inverse_takes_it_back(small: Root) -> None:
    left = ox.Quad(
        ox.NamedNode(f"{BASE}id/territory/2/ti-7614"),
        ox.NamedNode(PREFIXES["ti"] + "includes"),
        ox.NamedNode(f"{BASE}id/intercommunality/200066124"),
        LIST,
    )
    assert left in load(small).store
    edit = Edit(frozenset({left, issued("2024-07-04")}), frozenset({issued("2026-01-15")}))
    change(load(small), edit)
    graph = load(small)
    assert left not in graph.store
    assert LIST in {*graph.store.named_graphs()}
    assert not [name for name in graph.graphs if "editions" in name or name.startswith(f"{GRAPH}/")]
    old, new = editions(small, GRAPH)
    assert (str(old.since), str(old.until), str(new.since)) == ("2024-07-04", "2026-01-15", "2026-01-15")
    assert left.triple in {quad.triple for quad in ox.parse(path=str(old.files[0]))}
    change(graph, edit.inverse)
    assert left in load(small).store
    [only] = editions(small, GRAPH)
    assert str(only.since) == "2024-07-04"
    assert not [*(small.path / "editions").rglob("*.ttl")]
