"""Which place was asked for, and whether it is in a territory."""

import pytest

from territoires.errors import Text
from territoires.search import Entry, Hint, Index, before, hint, look_up, may_be_postal, now


def entry(kind: str, key: str, label: str, inhabitants: int = 0, within: Entry | None = None) -> Entry:
    code = key.rpartition("/")[2]
    return Entry(kind, key, Text(label, label), codes=(code,), inhabitants=inhabitants, within=within)


EARLIER = entry("territory", "1/ti-7602", "Bassin d'Alès", 120_000)
LATER = entry("territory", "2/ti-7601", "Alès", 130_000)
GARD = entry("department", "30", "Gard", 760_000)
ALES = entry("commune", "30007", "Alès", 41_000, GARD)
ALES.territories = (LATER, EARLIER)
PARIS = entry("department", "75", "Paris", 2_100_000)
INDEX = Index(
    [
        EARLIER,
        LATER,
        ALES,
        GARD,
        PARIS,
        entry("commune", "75056", "Paris", 2_100_000, PARIS),
        entry("department", "86", "Vienne", 440_000),
        entry("commune", "38544", "Vienne", 31_000),
        entry("commune", "93066", "Saint-Denis", 149_000),
        entry("commune", "97411", "Saint-Denis", 156_000),
        entry("commune", "30189", "Nîmes", 150_000, GARD),
    ]
)


@pytest.mark.parametrize(
    ("text", "key"), [("ales", "30007"), ("30007", "30007"), ("Paris", "75056"), ("75112", "75056"), ("gard", None)]
)
def test_one_place_is_the_answer(text: str, key: str | None) -> None:
    answer = look_up(INDEX, text, 10).answer
    assert (answer.key if answer else None) == key


@pytest.mark.parametrize(("text", "keys"), [("saint denis", ["97411", "93066"]), ("vienne", ["86", "38544"])])
def test_several_of_one_name_are_to_be_chosen_from(text: str, keys: list[str]) -> None:
    finding = look_up(INDEX, text, 10)
    assert finding.answer is None
    assert [choice.key for choice in finding.choices] == keys
    assert finding.others == []


def test_what_else_was_found_is_told_apart_from_the_answer() -> None:
    assert {hit.entry.key for hit in look_up(INDEX, "ales", 10).others} == {"2/ti-7601", "1/ti-7602"}


def test_the_only_near_miss_is_a_guess() -> None:
    finding = look_up(INDEX, "nimmes", 10)
    assert finding.answer is not None
    assert (finding.answer.key, finding.guessed) == ("30189", True)
    assert not look_up(INDEX, "nîmes", 10).guessed


def test_one_of_several_near_misses_is_no_answer() -> None:
    finding = look_up(INDEX, "vienn", 10)
    assert (finding.answer, finding.one, finding.guessed) == (None, None, False)


@pytest.mark.parametrize(
    ("text", "key", "guessed"),
    [
        ("ville d'Alès", "30007", False),
        ("Grand Alès", "30007", True),
        ("mairie de Nîmes", "30189", False),
        ("département du Gard", "30", False),
        ("département de Vienne", "86", False),
        ("territoire d'industrie Alès", "2/ti-7601", False),
        ("ti-7602", "1/ti-7602", False),
        ("commune 30007", "30007", False),
    ],
)
def test_words_before_a_name_do_not_hide_it(text: str, key: str, guessed: bool) -> None:  # noqa: FBT001  (of a table)
    finding = look_up(INDEX, text, 10)
    found = finding.answer or finding.one
    assert (found.key if found else None, finding.guessed) == (key, guessed)


@pytest.mark.parametrize(
    ("code", "expected"), [("81100", True), ("13001", True), ("13017", False), ("69009", True), ("81004", False)]
)
def test_some_insee_codes_may_be_meant_as_postal_codes(code: str, expected: bool) -> None:  # noqa: FBT001  (of a table)
    assert may_be_postal(code) == expected


def test_a_code_that_may_be_postal_is_answered_with_the_largest_communes_around() -> None:
    index = Index(
        [GARD, ALES, entry("commune", "30100", "Code", 100, GARD), entry("commune", "30189", "Nîmes", 150_000)]
    )
    finding = look_up(index, "30100", 10)
    assert finding.answer is not None
    assert [place.key for place in (finding.answer, *finding.around)] == ["30100", "30189", "30007"]


def test_what_may_be_a_postal_code_leads_to_its_department() -> None:
    finding = look_up(INDEX, "30000", 10)
    assert finding.hint == Hint("postal", "30")
    assert [hit.entry.key for hit in finding.hits] == ["30", "30189", "30007"]


def test_phases_are_told_apart() -> None:
    assert (now(ALES), before(ALES), now(GARD), before(GARD)) == ([LATER], [EARLIER], [], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("75101", Hint("arrondissement", "75056")),
        ("75120", Hint("arrondissement", "75056")),
        ("75121", Hint("postal", "75")),
        ("69381", Hint("arrondissement", "69123")),
        ("69389", Hint("arrondissement", "69123")),
        ("13201", Hint("arrondissement", "13055")),
        ("13216", Hint("arrondissement", "13055")),
        ("Paris 1er", Hint("arrondissement", "75056")),
        ("lyon 3e arrondissement", Hint("arrondissement", "69123")),
        ("Marseille 16", Hint("arrondissement", "13055")),
        ("lyon 10", None),
        ("81000", Hint("postal", "81")),
        ("20000", Hint("postal", "2A")),
        ("20200", Hint("postal", "2B")),
        ("97400", Hint("postal", "974")),
        ("albi", None),
        ("8100", None),
        ("٨١٠٠٠", None),
        ("", None),
    ],
)
def test_codes_of_other_kinds_are_known(text: str, expected: Hint | None) -> None:
    assert hint(text) == expected
