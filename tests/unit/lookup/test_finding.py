"""Identifiers of others lead to the thing that the sources say they name."""

import csv

import pytest
from tests.conftest import shared

from territoires import EmbeddedEngine, Engine
from territoires.errors import NotFoundError, RequestError
from territoires.graph import KnowledgeGraph
from territoires.lookup import Found, brief, find, kind_named, understand
from territoires.namespaces import BASE

KINDS = {"region": "region", "departement": "department"}


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> Engine:
    return EmbeddedEngine(graph)


def found(engine: Engine, scheme: str, text: str, kind: str | None = None) -> Found:
    return find(engine, understand(scheme, text), kind)


def iris(found: Found) -> list[str]:
    return [thing.iri.removeprefix(f"{BASE}id/") for thing in found.things]


def test_every_item_of_the_table_leads_to_its_place(engine: Engine) -> None:
    with shared("facts/wikidata-insee.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["qid"]]
    assert len(rows) == 118
    for row in rows:
        place = f"{KINDS[row['niveau']]}/{row['code_insee']}"
        assert place in iris(found(engine, "wikidata", row["qid"])), row


def test_every_dated_iri_of_insee_leads_to_its_place(engine: Engine) -> None:
    with shared("facts/insee-uri.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert iris(found(engine, "iri", row["uri"])) == [f"{KINDS[row['niveau']]}/{row['code_insee']}"]


@pytest.mark.parametrize(
    ("scheme", "text", "place"),
    [
        ("insee", "81004", "commune/81004"),
        ("insee", "2A004", "commune/2A004"),
        ("insee", "200066124", "intercommunality/200066124"),
        ("siren", "200 066 124", "intercommunality/200066124"),
        ("siren", "217500016", "commune/75056"),
        ("siren", "320252489", "funder/bpifrance"),
        ("zone", "fr:commune:81004", "commune/81004"),
        ("zone", "fr:epci:200066124", "intercommunality/200066124"),
        ("zone", "fr:departement:81", "department/81"),
        ("zone", "fr:region:76", "region/76"),
        ("ign", "departement/2A", "department/2A"),
        ("insee", "http://id.insee.fr/geo/region/76", "region/76"),
        ("wikidata", "Q2939880", "official/carole-delga"),
        ("iri", f"{BASE}id/territory/2/ti-7614", "territory/2/ti-7614"),
    ],
)
def test_one_thing(engine: Engine, scheme: str, text: str, place: str) -> None:
    assert iris(found(engine, scheme, text)) == [place]


def test_a_code_of_a_region_and_a_department_is_a_choice(engine: Engine) -> None:
    assert set(iris(found(engine, "insee", "76"))) == {"region/76", "department/76"}
    assert iris(found(engine, "insee", "76", "region")) == ["region/76"]


def test_an_item_of_a_region_and_its_only_department_is_a_choice(engine: Engine) -> None:
    assert set(iris(found(engine, "wikidata", "Q17070"))) == {"region/04", "department/974"}
    assert iris(found(engine, "wikidata", "Q17070", kind_named("département"))) == ["department/974"]


def test_an_identifier_of_anct_is_a_choice_between_phases(engine: Engine) -> None:
    two = found(engine, "anct", "ti-7602")
    assert {thing.label.fr for thing in two.things} == {"Bassin d'Alès", "Ariège"}
    assert {triple.subject.value for triple in brief(engine, two.things)} == {thing.iri for thing in two.things}  # type: ignore[union-attr]


def test_the_very_thing_comes_before_what_the_item_only_describes(engine: Engine) -> None:
    one = found(engine, "wikidata", "Q18678265")
    assert iris(one) == ["region/76"]
    assert [thing.iri for thing in one.near] == [f"{BASE}id/organisation/region-occitanie"]
    assert iris(found(engine, "wikidata", "Q18678265", "organisation")) == ["organisation/region-occitanie"]


@pytest.mark.parametrize(("scheme", "text"), [("insee", "01340"), ("zone", "fr:commune:01340")])
def test_a_merged_commune_leads_to_the_one_it_is_in(engine: Engine, scheme: str, text: str) -> None:
    one = found(engine, scheme, text)
    assert iris(one) == ["commune/01015"]
    assert one.merged
    assert not found(engine, "insee", "01015").merged


@pytest.mark.parametrize(
    ("scheme", "text", "word"),
    [
        ("siren", "200066125", "Luhn"),
        ("siren", "552100554", "known forms"),
        ("insee", "81000", "postal code"),
        ("wikidata", "Q1", "known forms"),
        ("ign", "departement/971", "known forms"),
        ("zone", "fr:epci:000000000", "known forms"),
        ("iri", "http://id.insee.fr/geo/departement/00000000-0000-0000-0000-000000000000", "known forms"),
        ("iri", f"{BASE}id/commune/00000", "known forms"),
        ("iri", f"{BASE}id/%20%3E", "known forms"),
    ],
)
def test_what_is_not_there_says_what_to_do(engine: Engine, scheme: str, text: str, word: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        found(engine, scheme, text)
    assert caught.value.hint
    assert word in caught.value.hint.en
    assert caught.value.detail.en != caught.value.detail.fr


def test_a_type_that_is_none_is_refused() -> None:
    assert kind_named("EPCI") == "intercommunality"
    assert kind_named("") is None
    with pytest.raises(RequestError, match="no type"):
        kind_named("canton")
