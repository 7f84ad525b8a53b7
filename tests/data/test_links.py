"""The shipped links are those of the tables and of the official codes, and claim no more than they know."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.conftest import shared

from territoires.changes import Changes
from territoires.graph import load
from territoires.ingest.links import CODE_VOCABULARIES, code_links, read_insee_versions, read_wikidata
from territoires.ingest.organisations import read_organisations
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root
from territoires.validation import validate

Ask = Callable[[str], list[tuple[str | None, ...]]]
OVERSEAS = {("01", "971"), ("02", "972"), ("03", "973"), ("04", "974"), ("06", "976")}


def geography(root: Root) -> list[Path]:
    return sorted((root.data / "cog-2026").glob("*.ttl"))


def actors(root: Root) -> list[Path]:
    patterns = ("catalogue.ttl", "communique-*.ttl", "facts/*.ttl", "links-wikidata.ttl")
    return [file for pattern in patterns for file in root.data.glob(pattern)]


@pytest.mark.parametrize("name", CODE_VOCABULARIES)
def test_making_links_of_codes_again_gives_the_same_bytes(root: Root, name: str) -> None:
    assert code_links(name, geography(root)) == (root.data / f"links-{name}.ttl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "table", "read", "described"),
    [
        ("wikidata", "wikidata-insee.csv", read_wikidata, geography),
        ("mtes-2024", "insee-uri.csv", read_insee_versions, geography),
        ("organisations", "organisations.csv", read_organisations, actors),
    ],
)
def test_importing_a_table_of_links_again_gives_the_same_bytes(
    root: Root,
    name: str,
    table: str,
    read: Callable[[Path, list[Path]], str],
    described: Callable[[Root], list[Path]],
) -> None:
    text = read(shared(f"facts/{table}"), described(root))
    assert text == (root.data / f"links-{name}.ttl").read_text(encoding="utf-8")


def test_two_of_our_things_are_never_the_same_thing(ask: Ask) -> None:
    assert ask("SELECT ?item { ?thing owl:sameAs ?item } GROUP BY ?item HAVING(COUNT(?thing) > 1)") == []


def test_the_five_overseas_pairs_share_an_item_without_being_the_same_thing(ask: Ask) -> None:
    pairs = ask("""SELECT ?r ?d { ?region a ti:Region ; igeo:codeINSEE ?r ; schema:sameAs ?item .
        ?department a ti:Department ; igeo:codeINSEE ?d ; schema:sameAs ?item }""")
    assert set(pairs) == OVERSEAS


def test_paris_has_no_wikidata_item(ask: Ask) -> None:
    unlinked = ask("""SELECT ?code { ?d a ti:Department ; igeo:codeINSEE ?code
        FILTER NOT EXISTS { ?d owl:sameAs|schema:sameAs ?i FILTER(CONTAINS(STR(?i), "wikidata")) } }""")
    assert unlinked == [("75",)]


def test_the_siren_of_the_caisse_des_depots_is_not_its_direction_s(ask: Ask) -> None:
    assert ask('SELECT ?who { ?who ti:siren "180020026" }') == [(f"{BASE}id/organisation/caisse-des-depots",)]
    assert ask(f"SELECT ?s {{ <{BASE}id/funder/banque-des-territoires> ti:siren|owl:sameAs ?s }}") == []


def test_no_place_has_a_skos_mapping(ask: Ask) -> None:
    mapping = "skos:exactMatch|skos:closeMatch|skos:broadMatch|skos:narrowMatch|skos:relatedMatch"
    assert ask(f"SELECT ?p {{ ?p igeo:codeINSEE ?code ; {mapping} ?other }}") == []


def test_dated_iris_of_insee_stand_only_with_their_source(ask: Ask) -> None:
    graphs = ask("""SELECT DISTINCT ?g {
        GRAPH ?g { ?p schema:sameAs ?i FILTER(REGEX(STR(?i), "id.insee.fr/geo/[a-z]+/[0-9a-f]+-")) } }""")
    assert graphs == [(f"{BASE}graph/links-mtes-2024",)]


OWL_SAME, SAME = ox.NamedNode(PREFIXES["owl"] + "sameAs"), ox.NamedNode(PREFIXES["schema"] + "sameAs")


@pytest.mark.parametrize(
    ("place", "predicate", "target", "shape"),
    [
        ("department/81", OWL_SAME, "http://www.wikidata.org/wiki/Q12772", "Link#same"),
        ("department/971", OWL_SAME, "http://id.insee.fr/geo/departement/971", "Link#same"),
        ("department/971", OWL_SAME, "http://www.wikidata.org/entity/Q12772", "Link#one-thing"),
        ("department/81", SAME, "http://id.insee.fr/geo/commune/81004", "Link#page"),
        ("department/81", SAME, "http://data.ign.fr/id/geofla/departement/971", "Link#page"),
        (
            "region/76",
            ox.NamedNode(PREFIXES["skos"] + "exactMatch"),
            "http://www.wikidata.org/entity/Q1",
            "Link#mapping",
        ),
    ],
)
def test_a_link_that_leads_astray_is_a_violation(
    small: Root, place: str, predicate: ox.NamedNode, target: str, shape: str
) -> None:
    triple = ox.Triple(ox.NamedNode(f"{BASE}id/{place}"), predicate, ox.NamedNode(target))
    with (small.data / "links-ign.ttl").open("a", encoding="utf-8") as file:
        file.write(f"{triple} .\n")
    violations = validate(load(small), changes=Changes(frozenset({triple}))).violations
    assert shape in {result.shape.rpartition("/")[2] for result in violations}
