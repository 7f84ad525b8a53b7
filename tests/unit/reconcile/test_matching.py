"""What is matched without asking, and what is left to the person: on things made up, and on the shipped graph."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench.reconcile import by_hand, by_rule, measured

from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import RequestError, Text
from territoires.graph import KnowledgeGraph
from territoires.reconcile import Candidate, Query, properties_of, read_extension, read_queries, reconcile
from territoires.reconcile.asking import MOST_QUERIES
from territoires.reconcile.properties import SCHEMA
from territoires.search import Entry, Index, gather

REGION = Entry("region", "76", Text("Occitanie", "Occitanie"), codes=("76",))
TARN = Entry("department", "81", Text("Tarn", "Tarn"), codes=("81",), within=REGION)
AISNE = Entry("department", "02", Text("Aisne", "Aisne"), codes=("02",))
AIN = Entry("department", "01", Text("Ain", "Ain"), codes=("01",))
CASTRES = Entry(
    "commune", "81065", Text("Castres", "Castres"), codes=("81065", "218100659"), inhabitants=41_000, within=TARN
)
OTHER = Entry("commune", "02142", Text("Castres", "Castres"), codes=("02142",), inhabitants=200, within=AISNE)
ALBI = Entry(
    "commune", "81004", Text("Albi", "Albi"), codes=("81004",), former=("81999",), inhabitants=49_000, within=TARN
)
MAZAMET = Entry("commune", "81163", Text("Mazamet", "Mazamet"), codes=("81163",), within=TARN)
GROUP = Entry(
    "intercommunality", "248100737", Text("CA de l'Albigeois", "CA de l'Albigeois"), codes=("248100737",), within=TARN
)
ONE = Entry("territory", "1/ti-7602", Text("Bassin d'Alès", "Bassin d'Alès"), codes=("ti-7602",), within=REGION)
TWO = Entry("territory", "2/ti-7602", Text("Ariège", "Ariège"), codes=("ti-7602",), within=REGION)


@pytest.fixture(scope="module")
def few() -> Index:
    """Return an index of some things."""
    return Index([REGION, TARN, AISNE, AIN, CASTRES, OTHER, ALBI, MAZAMET, GROUP, ONE, TWO])


def found(index: Index, **query: object) -> list[Candidate]:
    return reconcile(index, read_queries(json.dumps({"q": query}))["q"])


def sure(index: Index, **query: object) -> Entry | None:
    return next((one.entry for one in found(index, **query) if one.sure), None)


def test_namesakes_are_never_chosen_but_told_apart_by_a_property(few: Index) -> None:
    assert {one.entry.key for one in found(few, query="Castres", type="Commune")} == {"81065", "02142"}
    assert sure(few, query="Castres", type="Commune") is None
    for tarn in ("81", "Tarn", " tarn", "department/81", {"id": "department/81", "name": "Tarn"}, 81):
        assert sure(few, query="Castres", properties=[{"pid": "inDepartment", "v": tarn}]) is CASTRES
    for aisne in ("02", "2", ["Aisne"]):
        assert sure(few, query="Castres", properties=[{"pid": "inDepartment", "v": aisne}]) is OTHER
    assert sure(few, query="Castres", properties=[{"pid": "inRegion", "v": "Occitanie"}]) is CASTRES
    assert sure(few, query="Castres", properties=[{"pid": "inDepartment", "v": "Ain"}]) is None


@pytest.mark.parametrize(
    "text", ["81004", " 81004 ", "commune/81004", ALBI.iri, "albi", "ALBI", "Ville d'Albi", "81999"]
)
def test_a_code_an_identifier_or_the_whole_name_is_sure(few: Index, text: str) -> None:
    assert sure(few, query=text) is ALBI


def test_an_exact_code_has_the_whole_score(few: Index) -> None:
    [one] = found(few, query="81004")
    assert (one.score, one.match) == (100, "code")
    [other] = found(few, properties=[{"pid": "codeINSEE", "v": "81004"}])
    assert (other.entry, other.score, other.sure) == (ALBI, 100, True)


def test_what_people_made_up_or_left_empty_tells_nothing(few: Index) -> None:
    assert sure(few, query="Albi", type="Commune", properties=[{"pid": "note", "v": "x"}]) is ALBI
    assert sure(few, query="Albi", type="Ville") is ALBI
    for nothing in ("", " ", "-", "n/a", "?", "x" * 600, "Nulle part"):
        assert sure(few, query="Albi", properties=[{"pid": "inDepartment", "v": nothing}]) is ALBI
    assert found(few, query="a" * 501) == []


@pytest.mark.parametrize("pid", ["département", "Department", "inDepartment", f"{SCHEMA}inDepartment"])
@pytest.mark.parametrize("type_", ["commune", "Commune", f"{SCHEMA}Commune"])
def test_types_and_properties_are_known_by_their_labels_and_iris(few: Index, pid: str, type_: str) -> None:
    assert sure(few, query="Castres", type=type_, properties=[{"pid": pid, "v": "81"}]) is CASTRES


@pytest.mark.parametrize(
    "value",
    ["081", "81.0", "Tarn (81)", "81 - Tarn", "81 – Tarn", "département du Tarn", "dépt. Tarn", "FR-81", "TARN"],
)
def test_departments_are_written_in_many_ways(few: Index, value: str) -> None:
    assert sure(few, query="Castres", type="Commune", properties=[{"pid": "inDepartment", "v": value}]) is CASTRES


def test_codes_without_their_zero_are_likely_and_sure_in_their_department() -> None:
    place = Entry("commune", "01004", Text("Ambérieu-en-Bugey", "Ambérieu-en-Bugey"), codes=("01004",), within=AIN)
    index = Index([AIN, place, Entry("commune", "10042", Text("X", "X"), codes=("10042",))])
    [first, *_] = found(index, query="1004", type="Commune")
    assert (first.entry, first.score) == (place, 90)
    assert sure(index, query="Ambérieu en Bugey", properties=[{"pid": "codeINSEE", "v": "1004"}]) is place
    assert sure(index, query="01004 Ambérieu-en-Bugey") is place


def test_a_territory_is_of_one_phase(few: Index) -> None:
    assert sure(few, query="ti-7602", type="Territory") is None
    assert sure(few, query="ti-7602", properties=[{"pid": "phase", "v": "2"}]) is TWO
    assert sure(few, query="ti-7602", properties=[{"pid": "phase", "v": {"id": "phase/1"}}]) is ONE


def test_a_misspelt_name_is_sure_where_the_department_speaks_for_it(few: Index) -> None:
    [one] = found(few, query="Mazammet", type="Commune", properties=[{"pid": "inDepartment", "v": "81"}])
    assert (one.entry, one.sure, one.properties) == (MAZAMET, True, {"inDepartment": True})
    assert 70 < one.score < 90
    assert sure(few, query="Mazammet") is None  # of whatever type
    assert sure(few, query="Mzt", type="Commune", properties=[{"pid": "inDepartment", "v": "81"}]) is None
    assert sure(few, query="Mazammet", type="Commune", properties=[{"pid": "inDepartment", "v": "02"}]) is None


def test_a_property_that_is_not_so_takes_from_the_score(few: Index) -> None:
    properties = [{"pid": "inDepartment", "v": "02"}]
    scores = {one.entry.key: one.score for one in found(few, query="Castres", properties=properties)}
    assert scores == {"02142": 100, "81065": 70}


@pytest.mark.parametrize(
    "text",
    [
        "Communauté d'agglomération de l'Albigeois",
        "CA Albigeois",
        "Com. d'agglo de l'Albigeois",
        "agglo de l'Albigeois",
    ],
)
def test_legal_forms_are_written_in_many_ways(few: Index, text: str) -> None:
    assert sure(few, query=text, type="Intercommunality") is GROUP


@given(st.text(max_size=60), st.sampled_from([None, "Commune", "Territory"]))
def test_any_text_has_candidates_with_scores_and_at_most_one_sure(text: str, type_: str | None) -> None:
    index = Index([CASTRES, OTHER, ALBI, ONE, TWO])
    candidates = reconcile(index, Query(text, frozenset({type_.lower()}) if type_ else None))
    assert all(0 <= one.score <= 100 for one in candidates)
    assert sum(one.sure for one in candidates) <= 1
    assert len({one.entry.iri for one in candidates}) == len(candidates)


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ("{", "queries"),
        ("[" * 100_000, "queries"),
        ("[]", "queries"),
        ('{"q": 1}', "queries.q"),
        ('{"q": {}}', "queries.q"),
        ('{"q": {"query": 1}}', "queries.q.query"),
        ('{"q": {"query": "a", "limit": 0}}', "queries.q.limit"),
        ('{"q": {"query": "a", "properties": {}}}', "queries.q.properties"),
        ('{"q": {"query": "a", "properties": [{"pid": 1, "v": 1}]}}', "queries.q.properties[0].pid"),
        ('{"q": {"query": "a", "properties": [{"pid": "siren", "v": {}}]}}', "queries.q.properties[0].v.id"),
        (json.dumps({str(n): {"query": "a"} for n in range(MOST_QUERIES + 1)}), "queries"),
    ],
    ids=lambda sent: sent[:40],
)
def test_what_is_no_batch_is_refused_by_its_place(sent: str, where: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_queries(sent)
    for language in ("en", "fr"):
        assert f"{where} " in caught.value.in_(language)


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"properties": []}, "extend.ids"),
        ({"ids": [1], "properties": []}, "extend.ids[0]"),
        ({"ids": ["a"] * 201, "properties": []}, "extend.ids"),
        ({"ids": [], "properties": [{"id": "x"}]}, "extend.properties[0].id"),
        (
            {"ids": [], "properties": [{"id": "siren", "settings": {"limit": "many"}}]},
            "extend.properties[0].settings.limit",
        ),
    ],
    ids=str,
)
def test_what_is_no_extension_is_refused_by_its_place(sent: object, where: str) -> None:
    with pytest.raises(RequestError, match=where.replace("[", r"\[")):
        read_extension(json.dumps(sent))


def test_each_type_has_the_properties_of_its_kind() -> None:
    assert {"codeINSEE", "inDepartment", "territory"} <= set(properties_of("commune"))
    assert "codeINSEE" not in properties_of("territory")
    assert set(properties_of(None)) > set(properties_of("commune"))


@pytest.mark.slow
def test_what_people_write_is_matched_rightly(graph: KnowledgeGraph) -> None:
    entries = gather(EmbeddedEngine(graph))
    index = Index(entries)
    hand, _ = measured(index, by_hand())
    rule, _ = measured(index, by_rule(entries, seed=2))
    assert (hand.all, rule.all) == (350, 900)
    assert hand.precision >= 0.97
    assert hand.recall >= 0.8
    assert rule.precision >= 0.97
    assert rule.recall >= 0.9
