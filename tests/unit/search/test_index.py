"""People find what they mean, however they write it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import territoires
from territoires.errors import Text
from territoires.graph import KnowledgeGraph
from territoires.search import SCORES, Entry, Index, gather

MEANT = {
    "albi": "commune/81004",
    "ALBI": "commune/81004",
    "Albi (Tarn)": "commune/81004",
    "albi 81": "commune/81004",
    "81004": "commune/81004",
    "218100048": "commune/81004",
    "albigeois": "territory/2/ti-7614",
    "tarn nord": "territory/2/ti-7614",
    "ti-7614": "territory/2/ti-7614",
    "ti 7614": "territory/2/ti-7614",
    "C2A": "intercommunality/248100737",
    "ca albigeois": "intercommunality/248100737",
    "communauté d'agglomération de l'Albigeois": "intercommunality/248100737",
    "248100737": "intercommunality/248100737",
    "tarn": "department/81",
    "2a": "department/2A",
    "occitanie": "region/76",
    "ocitanie": "region/76",
    "ile de france": "region/11",
    "paris": "commune/75056",
    "l hay les roses": "commune/94038",
    "L'Haÿ-les-Roses": "commune/94038",
    "lhay les roses": "commune/94038",
    "hay les roses": "commune/94038",
    "saint denis 93": "commune/93066",
    "st denis reunion": "commune/97411",
    "93059": "commune/93066",
    "st etienne": "commune/42218",
    "ste foy les lyon": "commune/69202",
    "valence drome": "commune/26362",
    "montpelier": "commune/34172",
    "marseile": "commune/13055",
    "toulose": "commune/31555",
    "lyom": "commune/69123",
    "strasbourgh": "commune/67482",
    "chalons sur saone": "commune/71076",
    "chalon s/saone": "commune/71076",
    "villefranche de rouergue": "commune/12300",
    "vilefranche de rouergue": "commune/12300",
    "rouergue villefranche": "commune/12300",
    "clermont-ferand": "commune/63113",
    "aix en provence": "commune/13001",
    "puy en velay": "commune/43157",
    "ca puy en velay": "intercommunality/200073419",
    "boulogne-billancour": "commune/92012",
    "charleville mezieres": "commune/08105",
    "delga": "official/carole-delga",
    "dge": "organisation/dge",
    "cc faucigny glieres": "intercommunality/200000172",
}
"""What people type, and what they mean by it: codes from the code officiel géographique and ANCT's list."""


@pytest.fixture(scope="module")
def index(graph: KnowledgeGraph) -> Index:
    return Index(gather(territoires.EmbeddedEngine(graph)))


@pytest.mark.slow
@pytest.mark.parametrize("text", MEANT)
def test_what_people_mean_stands_first(index: Index, text: str) -> None:
    assert index.find(text)[0].entry.iri.endswith(f"/id/{MEANT[text]}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("albi", "territory/2/ti-7614"),
        ("saint denis", "commune/93066"),
        ("vienne", "commune/38544"),
        ("le puy", "commune/43157"),
        ("aix provence", "commune/13001"),
        ("renes", "commune/35238"),
        ("villefr", "commune/69264"),
        ("810", "commune/81004"),
        ("76", "region/76"),
        ("ti-7602", "territory/1/ti-7602"),
    ],
)
def test_what_people_may_mean_is_found_too(index: Index, text: str, also: str) -> None:
    assert any(hit.entry.iri.endswith(f"/id/{also}") for hit in index.find(text, 10))


@pytest.mark.slow
def test_everything_with_a_name_can_be_found(index: Index) -> None:
    kinds = {entry.kind for entry in index.entries}
    assert {"commune", "intercommunality", "territory", "department", "region", "official", "funder", "post"} <= kinds
    assert sum(entry.kind == "commune" for entry in index.entries) == 34_969
    assert sum(entry.kind == "territory" for entry in index.entries) == 183 + 149


@pytest.mark.slow
def test_a_search_takes_no_longer_than_a_keystroke(index: Index) -> None:
    times = []
    for text in MEANT:
        started = time.process_time()
        index.find(text)
        times.append(time.process_time() - started)
    assert sorted(times)[len(times) // 2] < 0.030


def entry(key: str, label: str, inhabitants: int = 0, **more: object) -> Entry:
    return Entry("commune", key, Text(label, label), inhabitants=inhabitants, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def few() -> Index:
    tarn = Entry("department", "81", Text("Tarn", "Tarn"), codes=("81",))
    return Index(
        [
            tarn,
            entry("81004", "Albi", 51_000, codes=("81004",), within=tarn),
            entry("82001", "Albias", 3_000, codes=("82001",)),
            entry("1", "Mées", 400),
            entry("2", "Les Mées", 3_700),
            entry("3", "Tarnac", 300, former=("19999",)),
        ]
    )


def found(index: Index, text: str) -> list[tuple[str, str]]:
    return [(hit.entry.key, hit.match) for hit in index.find(text)]


def test_the_better_match_goes_before_the_larger_place(few: Index) -> None:
    assert found(few, "mées") == [("1", "exact"), ("2", "bare")]
    assert found(few, "les mees") == [("2", "exact"), ("1", "bare")]
    assert found(few, "albi") == [("81004", "exact"), ("82001", "prefix")]
    assert found(few, "tarn") == [("81", "exact"), ("3", "prefix")]


def test_codes_of_communes_that_are_gone_lead_to_the_one_there_is(few: Index) -> None:
    assert found(few, "19999") == [("3", "former")]


def test_a_place_tells_communes_apart_and_finds_nothing_alone(few: Index) -> None:
    assert found(few, "albi tarn") == found(few, "Albi (81)") == [("81004", "exact")]
    assert ("81004", "words") not in found(few, "tarn")


def test_groups_of_communes_do_not_hide_the_commune_that_begins_so() -> None:
    group = Entry("territory", "2/ti-3202", Text("Albert", "Albert – Amiens"), inhabitants=400_000)
    index = Index([group, entry("81004", "Albi", 51_000), entry("80016", "Albert-sur-Ancre", 10_000)])
    assert [key for key, _ in found(index, "alb")] == ["81004", "2/ti-3202", "80016"]


def test_near_misses_come_last(few: Index) -> None:
    [(key, match)] = found(few, "albbi")
    assert (key, match) == ("81004", "near")
    assert few.find("albbi")[0].score < min(score for name, score in SCORES.items() if name != "near")


def test_kinds_and_number_can_be_limited(few: Index) -> None:
    assert [hit.entry.key for hit in few.find("tarn", kinds=frozenset({"commune"}))] == ["3"]
    assert len(few.find("a", 1)) <= 1
    assert len(few.find("al", 1)) == 1


@pytest.mark.parametrize("text", ["", " ", "-", "'", "—", "\0"])
def test_nothing_asked_finds_nothing(few: Index, text: str) -> None:
    assert few.find(text) == []


@given(text=st.text(max_size=200))
def test_any_text_can_be_asked(few: Index, text: str) -> None:
    assert len(few.find(text)) <= len(few)


def test_codes_are_looked_up_exactly_and_say_what_they_are_codes_of() -> None:
    region = Entry("region", "76", Text("Occitanie", "Occitanie"), codes=("76",))
    department = Entry("department", "76", Text("Seine-Maritime", "Seine-Maritime"), codes=("76",))
    merged = Entry("commune", "49092", Text("Chemillé", "Chemillé"), codes=("49092",), former=("49355",))
    index = Index([region, department, merged])
    assert [(hit.entry.kind, hit.match) for hit in index.coded("76")] == [("region", "code"), ("department", "code")]
    assert [hit.entry.kind for hit in index.coded("76", frozenset({"department"}))] == ["department"]
    assert [(hit.entry.key, hit.match) for hit in index.coded(" 49355 ")] == [("49092", "former")]
    assert index.coded("7") == []
    assert index.coded("") == []


def test_names_are_looked_up_exactly_and_a_label_comes_before_another_name() -> None:
    town = entry("65286", "Lourdes", 13_000)
    named = Entry("organisation", "x", Text("Mairie", "Mairie"), names=("Ville de Lourdes", "Lourdes"))
    index = Index([named, town, entry("12345", "Lourdes-sur-Mer", 5)])
    assert [(hit.entry.key, hit.match) for hit in index.called(" lourdès ")] == [("65286", "exact"), ("x", "bare")]
    assert [hit.entry.key for hit in index.called("Lourdes", frozenset({"organisation"}))] == ["x"]
    assert index.called("Lourde") == []
    assert index.called("–") == []
