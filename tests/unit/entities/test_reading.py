"""An entity as people see it: names, facts with their graphs, links in; of many, the first and how many."""

from dataclasses import replace

import pyoxigraph as ox
import pytest
from tests.unit.conftest import MakeRoot

import territoires
from territoires.entities import PAGE, Entity, Fact, Named, describe, exists, listing
from territoires.errors import NotFoundError
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import BASE

TARN_NORD = f"{BASE}id/territory/2/ti-7614"
ANCT, RELEASE, TARN, DERIVED = (
    f"{BASE}graph/{name}"
    for name in ("anct-2024-07-04", "communique-occitanie-2023-11-09", "facts/prefecture-tarn-2023-11-26", "derived")
)


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> territoires.Engine:
    return territoires.EmbeddedEngine(graph)


@pytest.fixture(scope="module")
def tarn_nord(engine: territoires.Engine) -> Entity:
    return describe(engine, TARN_NORD, "fr")


def test_each_fact_names_the_graphs_that_state_it(tarn_nord: Entity) -> None:
    status = tarn_nord.first("ti:status")
    assert status == Fact(ox.NamedNode(f"{BASE}id/status/new"), "nouveau", (RELEASE, TARN))
    computed = tarn_nord.first("ti:computedStatus")
    assert computed
    assert computed.graphs == (DERIVED,)
    assert tarn_nord.texts("ti:filedUnder") == ["Occitanie"]


def test_names_are_in_the_language_of_the_reader(engine: territoires.Engine, tarn_nord: Entity) -> None:
    assert tarn_nord.label == "Tarn Nord"
    assert [name.text for name in tarn_nord.other_names] == ["Albigeois"]
    assert [(one.label, one.iri) for one in tarn_nord.types] == [("Territoire d'industrie", f"{BASE}def#Territory")]
    envelope = describe(engine, f"{BASE}id/measure/envelope-2024", "en")
    assert envelope.label == "National envelope for 2024"
    funded = envelope.get("ti:fundedBy")
    assert funded
    assert (funded.label, funded.facts[0].label) == ("funded or provided by", "French State")
    assert not [name for name in envelope.other_names if name.text == "Enveloppe nationale 2024"], "a translation"


def test_of_many_values_there_are_the_first_and_their_number(tarn_nord: Entity) -> None:
    communes = tarn_nord.get("ti:coversCommune")
    assert communes
    assert communes.is_cut
    assert communes.count == 103
    assert 0 < len(communes.facts) < 20
    assert communes.facts[0].label == "Albi"


def test_links_in_are_counted_and_named_from_here(engine: territoires.Engine) -> None:
    region = describe(engine, f"{BASE}id/region/76", "fr")
    links = {one.iri: one for one in region.links}
    in_region = links[f"{BASE}def#inRegion"]
    assert in_region.count == 4446 + 13, "communes (INSEE, COG 2026) and departments"
    assert len(in_region.subjects) < 20
    assert links[f"{BASE}def#filedUnder"].count == 14 + 9, "phases 2 and 1"
    assert in_region.label == "région de", "as the inverse property is called"


def test_the_graphs_are_told_with_document_day_and_place(tarn_nord: Entity) -> None:
    origins = {origin.graph: origin for origin in tarn_nord.origins}
    assert set(origins) == {ANCT, RELEASE, TARN, DERIVED}
    assert origins[ANCT].date == "2024-07-04"
    assert origins[ANCT].locators == ("liste-ti-grpt, phase 2, id_ti ti-7614",)
    assert origins[RELEASE].source == Named(
        f"{BASE}id/source/communique-occitanie-2023-11-09",
        "Communiqué de presse « Quinze lauréats en Occitanie », novembre 2023",
    )
    assert origins[DERIVED].source is None
    assert tarn_nord.origins[-1].graph == DERIVED, "what is computed comes last"
    assert sorted(tarn_nord.numbers.values()) == [1, 2, 3, 4]


def test_what_tells_of_it_leaves_the_plumbing_out(tarn_nord: Entity) -> None:
    labels = [one.label for one in tarn_nord.telling]
    assert {"statut", "statut calculé", "rattaché à", "identifiant"} <= set(labels)
    assert not {"est de type", "endroit dans la source", "couvre la commune"} & set(labels)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("coverage/2/ti-7614/region/76", "Tarn Nord – Occitanie"),
        ("point/81004", "Albi – point"),
    ],
)
def test_what_only_ties_others_is_named_after_them(engine: territoires.Engine, key: str, label: str) -> None:
    assert describe(engine, f"{BASE}id/{key}", "fr").label == label


def test_a_listing_has_pages(engine: territoires.Engine) -> None:
    region = f"{BASE}id/region/76"
    first = listing(engine, region, "ti:inRegion", 1, "fr", links=True)
    last = listing(engine, region, "ti:inRegion", first.pages, "fr", links=True)
    assert len(first.items) == PAGE
    assert (first.pages - 1) * PAGE + len(last.items) == first.count
    assert not set(first.items) & set(last.items)
    communes = listing(engine, TARN_NORD, f"{BASE}def#coversCommune", 2, "fr", links=False)
    assert (communes.count, communes.page, len(communes.items)) == (103, 2, 3)


@pytest.mark.parametrize(
    ("name", "page"), [("ti:inRegion", 0), ("ti:inRegion", 46), ("ti:nothing", 1), ("none:x", 1), ("a b", 1), ("", 1)]
)
def test_a_page_that_is_not_there_is_not_found(engine: territoires.Engine, name: str, page: int) -> None:
    with pytest.raises(NotFoundError):
        listing(engine, f"{BASE}id/region/76", name, page, "fr", links=True)


def test_what_nothing_is_said_of_does_not_exist(engine: territoires.Engine) -> None:
    assert exists(engine, TARN_NORD)
    assert not exists(engine, f"{BASE}id/territory/3/ti-7614")


def test_any_rdf_is_described(make_root: MakeRoot) -> None:
    root = make_root({})
    file = root.path / "any.ttl"
    file.write_text(
        '<http://e/a> <http://e/p> "x", 1, _:b . <http://e/b> <http://e/q> <http://e/a> .', encoding="utf-8"
    )
    found = describe(territoires.EmbeddedEngine(load(replace(root, dataset=file))), "http://e/a", "en")
    [one] = found.properties
    assert (found.label, one.label, one.count) == ("a", "http://e/p", 3)
    assert all(fact.graphs == () for fact in one.facts)
    assert found.links[0].subjects == (Named("http://e/b", None),)
    assert found.origins == ()
