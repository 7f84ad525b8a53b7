"""One folded form for every way to write a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.search import fold
from territoires.search.folding import LIGHT

LETTERS = "abcdefghijklmnopqrstuvwxyzàâäéèêëîïôöùûüÿçœæ"
WORDS = st.text(st.sampled_from(LETTERS + LETTERS.upper()), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("L'Haÿ-les-Roses", "lhay les roses"),
        ("L’Haÿ-les-Roses", "L'HAŸ LES ROSES"),
        ("Œuilly", "oeuilly"),
        ("Saint-Étienne", "st etienne"),
        ("Sainte-Foy-lès-Lyon", "Ste Foy les Lyon"),
        ("Châlons-sur-Marne", "chalons s/marne"),
        ("La Ferté-sous-Jouarre", "la ferte s/s jouarre"),
        ("Communauté de communes Faucigny - Glières", "CC Faucigny-Glières"),
        ("communauté d'agglomération de l'Albigeois", "CA de l'Albigeois"),
        ("Communauté d’agglomération de l’Albigeois", "CA de l'Albigeois"),
        ("Communauté urbaine d'Arras", "CU d'Arras"),
        ("E\u0301pinal", "Épinal"),
        ("ti-7614", "TI 7614"),
    ],
)
def test_two_ways_to_write_a_name_are_one(one: str, other: str) -> None:
    assert fold(one).whole == fold(other).whole


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Les Mées", "mees"),
        ("L'Haÿ-les-Roses", "hayroses"),
        ("CA de l'Albigeois", "albigeois"),
        ("Communauté de communes du Val d'Orne", "valorne"),
        ("La", "la"),
        ("", ""),
    ],
)
def test_articles_and_legal_forms_can_be_left_out_where_something_is_left(name: str, bare: str) -> None:
    assert fold(name).bare == bare


@pytest.mark.parametrize(("one", "other"), [("Sainte-Marie", "Saint-Marie"), ("Le Mans", "Mans"), ("Aix", "Ax")])
def test_other_names_stay_others(one: str, other: str) -> None:
    assert fold(one).whole != fold(other).whole


@given(words=st.lists(WORDS, max_size=5))
def test_case_and_what_stands_between_words_do_not_count(words: list[str]) -> None:
    folded = fold(" ".join(words))
    assert folded == fold("-".join(words).upper()) == fold("' ".join(words).lower())


@given(text=st.text(max_size=50))
def test_any_text_folds_to_words_that_stay_as_they_are(text: str) -> None:
    folded = fold(text)
    assert all(word and word == word.strip() for word in folded.words)
    assert set(folded.telling) <= set(folded.words)
    assert not set(folded.telling) & LIGHT or set(folded.words) <= LIGHT


@given(words=st.lists(WORDS, max_size=5))
def test_what_is_folded_stays_as_it_is(words: list[str]) -> None:
    folded = fold(" ".join(words))
    assert fold(" ".join(folded.words)) == folded
