"""Look-ups over HTTP: 303 to the thing, 300 where there are several, 404 with the remedy."""

from __future__ import annotations

from urllib.parse import quote

import pyoxigraph as ox
import pytest
from tests.protocol.conftest import BASE, BROWSER, PROBLEM, Client

PATHS = {
    "siren=200%20066%20124": "/id/intercommunality/200066124",
    "siret=20006612400013": "/id/intercommunality/200066124",
    "insee=81004": "/id/commune/81004",
    "insee=2a": "/id/department/2A",
    "wikidata=wd:Q12772": "/id/department/81",
    "zone=fr:epci:200066124": "/id/intercommunality/200066124",
    "ign=http://data.ign.fr/id/geofla/departement/81": "/id/department/81",
    "iri=https://id.insee.fr/geo/commune/81004/": "/id/commune/81004",
    f"iri={quote(BASE + 'doc/territory/2/ti-7614.ttl', safe='')}": "/id/territory/2/ti-7614",
    "iri=https://w3id.org/territoires-industrie/def%23Territory": "/def#Territory",
    "id=fr:departement:81": "/id/department/81",
    "insee=76&type=department": "/id/department/76",
    "insee=76&type=région": "/id/region/76",
}

FORMER = f"""PREFIX ti: <{BASE}def#> PREFIX igeo: <http://rdf.insee.fr/def/geo#>
SELECT ?former ?now {{ ?commune ti:formerCode ?former ; igeo:codeINSEE ?now }} ORDER BY ?former LIMIT 1"""


@pytest.mark.parametrize(("asked", "place"), PATHS.items())
def test_one_thing_is_answered_303_with_its_address(client: Client, asked: str, place: str) -> None:
    answer = client.get(f"/lookup?{quote(asked, safe='=&:/%')}")
    assert (answer.status, answer.headers["Location"]) == (303, place)
    assert answer.text.splitlines()[0] == BASE + place.removeprefix("/")
    assert {"accept", "accept-language"} <= answer.listed("Vary")


def test_an_address_of_this_server_is_one_of_ours(client: Client) -> None:
    answer = client.get("/lookup", {"iri": f"{client.base}/doc/commune/81004.html"})
    assert (answer.status, answer.headers["Location"]) == (303, "/id/commune/81004")


def test_format_and_language_go_along_to_the_document(client: Client) -> None:
    place = client.get("/lookup?wikidata=Q12772&format=ttl&lang=en").headers["Location"]
    place = client.get(place).headers["Location"]
    answer = client.get(place, Accept=BROWSER)
    assert (answer.status, answer.media_type) == (200, "text/turtle")
    subjects = {str(triple.subject) for triple in ox.parse(answer.body, format=ox.RdfFormat.TURTLE)}
    assert f"<{BASE}id/department/81>" in subjects


def test_a_merged_commune_is_said_to_be_one(client: Client) -> None:
    (former, now), *_ = client.rows(FORMER)
    answer = client.get(f"/lookup?insee={former}", Accept_Language="fr")
    assert (answer.status, answer.headers["Location"]) == (303, f"/id/commune/{now}")
    link = f'<{BASE}id/commune/{now}>; rel="successor-version"; anchor="http://id.insee.fr/geo/commune/{former}"'
    assert link in answer.headers.get_all("Link")  # type: ignore[operator]  # it has one
    assert f"{former} est le code d'une ancienne commune" in answer.text


@pytest.mark.parametrize("asked", ["insee=76", "id=76"])
def test_a_shared_code_is_a_choice_as_json(client: Client, asked: str) -> None:
    answer = client.get(f"/lookup?{asked}", Accept="application/json")
    assert (answer.status, answer.media_type) == (300, "application/json")
    assert {(one["kind"], one["label"], one["iri"], one["url"]) for one in answer.json["choices"]} == {
        ("region", "Occitanie", f"{BASE}id/region/76", f"{client.base}/id/region/76"),
        ("department", "Seine-Maritime", f"{BASE}id/department/76", f"{client.base}/id/department/76"),
    }
    assert len([link for link in answer.headers.get_all("Link") or [] if 'rel="alternate"' in link]) == 2


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
        ("application/ld+json", None),
    ],
)
def test_a_shared_item_is_a_choice_as_rdf(client: Client, accept: str, format_: ox.RdfFormat | None) -> None:
    answer = client.get("/lookup?wikidata=Q17070", Accept=accept)
    assert (answer.status, answer.media_type) == (300, accept)
    if format_:
        subjects = {str(quad.subject) for quad in ox.parse(answer.body, format=format_)}
        assert subjects == {f"<{BASE}id/region/04>", f"<{BASE}id/department/974>"}
    else:
        assert "department/974" in answer.text
    tag = answer.headers["ETag"]
    assert client.get("/lookup?wikidata=Q17070", Accept=accept, If_None_Match=tag).status == 304


@pytest.mark.parametrize(("language", "word"), [("fr", "Choisissez"), ("en", "Choose")])
def test_a_choice_is_a_page_for_people(client: Client, language: str, word: str) -> None:
    answer = client.get("/lookup?insee=76", Accept=BROWSER, Accept_Language=language)
    assert (answer.status, answer.media_type, answer.headers["Content-Language"]) == (300, "text/html", language)
    assert word in answer.text
    links = {link.get("href") for link in answer.page.tags("a")}
    assert {"/id/region/76", "/id/department/76", "/lookup?insee=76&type=region"} <= links


def test_a_choice_in_no_format_of_ours_is_refused(client: Client) -> None:
    assert client.get("/lookup?insee=76", Accept="image/png").status == 406
    assert client.get("/lookup?insee=76&format=csv").status == 404


@pytest.mark.parametrize(
    ("asked", "status", "hint"),
    [
        ("insee=1004", 404, "insee=01004"),
        ("insee=81000", 404, "postal code"),
        ("siren=200066125", 404, "Luhn"),
        ("iri=http://example.org/x", 404, "known forms"),
        ("siren=20006612400013", 400, "siret="),
        ("zone=fr", 400, "known forms"),
        ("insee=81004&siren=200066124", 400, "one at a time"),
        ("insee=81004&insee=81004", 400, "one at a time"),
        ("insee=81004&region=76", 400, "one of: siren"),
        ("insee=76&type=canton", 400, "one of: commune"),
        ("", 400, "?insee=81004"),
    ],
)
def test_what_cannot_be_answered_says_what_to_do(client: Client, asked: str, status: int, hint: str) -> None:
    answer = client.get(f"/lookup?{asked}", Accept=PROBLEM)
    assert (answer.status, answer.media_type) == (status, PROBLEM)
    assert hint in answer.json["hint"]
    french = client.get(f"/lookup?{asked}", Accept=PROBLEM, Accept_Language="fr").json
    assert french["hint"] != answer.json["hint"]


@pytest.mark.parametrize(("language", "head"), [("fr", "Rechercher un identifiant"), ("en", "Look up an identifier")])
def test_the_form_names_every_scheme_and_its_examples_lead_somewhere(client: Client, language: str, head: str) -> None:
    answer = client.get("/lookup", Accept=BROWSER, Accept_Language=language)
    assert (answer.status, answer.media_type, answer.headers["Content-Language"]) == (200, "text/html", language)
    assert head in answer.page.texts["h1"]
    links = [link["href"] or "" for link in answer.page.tags("a")]
    examples = [link for link in links if link.startswith("/lookup?") and "lang=" not in link]
    assert len(examples) == 9
    for link in examples:
        assert client.get(link).status in {300, 303}, link


def test_the_page_of_the_data_leads_to_look_ups(client: Client) -> None:
    links = {link.get("href") for link in client.get("/data", Accept=BROWSER).page.tags("a")}
    assert "/lookup" in links


def test_a_type_that_is_given_twice_is_refused(client: Client) -> None:
    answer = client.get("/lookup?insee=76&type=region&type=department", Accept="application/json")
    assert (answer.status, answer.json["code"]) == (400, "request")
