"""What people paste is understood, or refused with the forms that are; nothing is guessed."""

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from territoires.errors import NotFoundError, RequestError, TerritoiresError
from territoires.lookup import SCHEMES, understand
from territoires.lookup.forms import LONGEST, passes_luhn
from territoires.namespaces import BASE

ITEM = "http://www.wikidata.org/entity/Q12772"


@pytest.mark.parametrize(
    "text",
    [
        "Q12772",
        "q12772",
        " wd:Q12772 ",
        ITEM,
        "https://www.wikidata.org/wiki/Q12772",
        "https://m.wikidata.org/wiki/Q12772#P36",
        "https://www.wikidata.org/wiki/Special:EntityData/Q12772.json",
        "http://wikidata.org/entity/Q12772/",
    ],
)
def test_an_item_of_wikidata_in_any_form(text: str) -> None:
    assert understand("wikidata", text).targets == (ITEM,)
    assert understand("id", text).targets == (ITEM,)


@pytest.mark.parametrize("text", ["200066124", "200 066 124", "200\N{NO-BREAK SPACE}066\N{NARROW NO-BREAK SPACE}124"])
def test_a_siren_with_spaces(text: str) -> None:
    asked = understand("siren", text)
    assert (asked.property, asked.code) == ("ti:siren", "200066124")


def test_a_siret_leads_to_its_unit_only_when_it_is_called_one() -> None:
    assert understand("siret", "200 066 124 00013").code == "200066124"
    with pytest.raises(RequestError) as caught:
        understand("siren", "200 066 124 00013")
    assert caught.value.hint
    assert "siret=20006612400013" in caught.value.hint.fr


@pytest.mark.parametrize(("text", "code"), [("81004", "81004"), ("2a004", "2A004"), ("2b", "2B"), ("971", "971")])
def test_an_insee_code(text: str, code: str) -> None:
    asked = understand("insee", text)
    assert (asked.property, asked.code, asked.kind) == ("igeo:codeINSEE", code, None)


@pytest.mark.parametrize("text", ["1", "1004"])
@pytest.mark.parametrize("scheme", ["insee", "id"])
def test_a_lost_zero_is_said_not_guessed(scheme: str, text: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        understand(scheme, text)
    assert caught.value.suggestions == (f"lookup?insee=0{text}",)
    assert caught.value.hint
    assert f"insee=0{text}" in caught.value.hint.en


@pytest.mark.parametrize(
    "text", ["http://id.insee.fr/geo/commune/81004", "https://id.insee.fr/geo/commune/81004/", "fr:commune:81004"]
)
def test_communes_are_known_by_the_form_of_what_others_call_them(text: str) -> None:
    asked = understand("id", text)
    assert (asked.property, asked.code, asked.kind) == ("igeo:codeINSEE", "81004", "commune")


@pytest.mark.parametrize(
    ("scheme", "text", "target"),
    [
        ("zone", "fr:epci:200066124", "https://www.data.gouv.fr/api/1/spatial/zone/fr:epci:200066124/"),
        (
            "iri",
            "http://www.data.gouv.fr/api/1/spatial/zone/fr:region:76",
            "https://www.data.gouv.fr/api/1/spatial/zone/fr:region:76/",
        ),
        ("ign", "departement/81", "http://data.ign.fr/id/geofla/departement/81"),
        ("iri", "https://data.ign.fr/id/geofla/departement/2a/", "http://data.ign.fr/id/geofla/departement/2A"),
        ("insee", "https://id.insee.fr/geo/departement/81", "http://id.insee.fr/geo/departement/81"),
    ],
)
def test_iris_of_others_with_https_or_http_with_or_without_a_slash(scheme: str, text: str, target: str) -> None:
    assert target in understand(scheme, text).targets


@pytest.mark.parametrize(
    "path",
    [
        "id/commune/81004",
        "id/commune/81004/",
        "doc/commune/81004",
        "doc/commune/81004.html",
        "doc/commune/81004.ttl?lang=fr",
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_our_own_iris_and_documents(path: str, scheme: str) -> None:
    assert understand("iri", f"{scheme}://w3id.org/territoires-industrie/{path}").ours == f"{BASE}id/commune/81004"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_not_understood_is_refused_with_the_known_forms(scheme: str) -> None:
    for text in ("", "é", "81 OR 1=1", "http://a b", "Q0", "fr:epci", "x" * (LONGEST + 1)):
        with pytest.raises(RequestError) as caught:
            understand(scheme, text)
        assert caught.value.hint
        assert SCHEMES[scheme].example in caught.value.hint.en
        assert SCHEMES[scheme].forms.fr in caught.value.hint.fr


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_example_of_a_scheme_is_understood(scheme: str) -> None:
    assert understand(scheme, SCHEMES[scheme].example)


@given(st.sampled_from(sorted(SCHEMES)), st.text(max_size=80) | st.from_regex(r"https?://[ -~é]*", fullmatch=True))
@example("iri", "http:///")
@example("iri", "https://w3id.org/territoires-industrie/id/%20%3E")
def test_whatever_is_pasted_is_understood_or_an_error_of_ours(scheme: str, text: str) -> None:
    try:
        asked = understand(scheme, text)
    except TerritoiresError:
        return
    assert [asked.property is not None, bool(asked.targets), asked.ours is not None].count(True) == 1
    for target in asked.targets:
        assert ox.NamedNode(target)


def test_luhn() -> None:
    assert passes_luhn("200066124")
    assert not passes_luhn("200066125")
