"""Search, the home page and the table of territories, as browsers and programs get them."""

from __future__ import annotations

import html
import json
import re

import pytest
from tests.protocol.conftest import BASE, BROWSER, Client


def heading(page: str) -> str:
    """Return the text of the one first heading."""
    [inner] = re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner)).split())


def test_the_home_page_asks_one_question_and_shows_live_figures(client: Client) -> None:
    answer = client.get("/", Accept=BROWSER, Accept_Language="fr")
    assert (answer.status, answer.media_type, answer.headers["Content-Language"]) == (200, "text/html", "fr")
    assert heading(answer.text) == "Votre commune est-elle dans un Territoire d'industrie ?"
    assert {"name": "q", "type": "search"}.items() <= {
        key: value for tag in answer.page.tags("input") for key, value in tag.items()
    }.items()
    figures = re.findall(r"<li><a href=\"(/sparql\?query=[^\"]*)\"><strong>([^<]*)</strong>", answer.text)
    assert [figure for _, figure in figures][:2] == ["183", "149"]
    for target, _ in figures:
        assert client.get(target.replace("&amp;", "&"), Accept="text/csv").status == 200
    assert len(answer.page.tables) <= 1, "beside the one that says what the map shows"


@pytest.mark.parametrize(("language", "title"), [("fr", "Votre commune"), ("en", "Is your commune")])
def test_the_home_page_has_both_languages(client: Client, language: str, title: str) -> None:
    answer = client.get("/", {"lang": language}, Accept_Language="de")
    assert answer.headers["Content-Language"] == language
    assert heading(answer.text).startswith(title)


def test_the_old_address_of_the_question_leads_to_the_search(client: Client) -> None:
    answer = client.get("/", {"commune": "Saint-Étienne", "lang": "en"})
    assert answer.status == 302
    assert answer.headers["Location"] == "/search?q=Saint-%C3%89tienne&lang=en"


@pytest.mark.parametrize("text", ["albi", "ALBI", "81004", "Albi (Tarn)"])
def test_a_commune_in_a_territory_is_told_so_with_what_that_opens(client: Client, text: str) -> None:
    answer = client.get("/search", {"q": text, "lang": "fr"}, Accept=BROWSER)
    assert answer.status == 200
    assert heading(answer.text) == "Oui Albi est dans un Territoire d'industrie : Tarn Nord"
    assert "Albi est dans un Territoire d'industrie : Tarn Nord" in " ".join(answer.page.texts["title"][0].split())
    assert 'rel="canonical" href="/search?q=81004' in answer.text
    words = " ".join(answer.text.split())
    for said in (
        "CA de l&#39;Albigeois (C2A)",
        "Foncier",
        "100 000 000 € (montant national, prévu, année 2024)",
        "financement : État",
        "52 000 000 €, prévu, 2025 :",
        "Mesures nationales, telles que cette source les énonce :",
        "(9 novembre 2023)",
        "Ce qui a été prévu et dépensé ensuite",
        "Aucune source réunie ici ne nomme les personnes du binôme",
        "Préfet de la région",
    ):
        assert said in words
    assert '/graph/communique-occitanie-2023-11-09?lang=fr"' in words
    assert words.count("Binômes locaux : un élu et un industriel") == 1, "two sources say the same: told once"
    assert re.findall(r"<h3>([^<]*)</h3>", words)[-3:] == ["National", "Régional", "Local"]


def test_a_commune_in_none_is_told_so_with_the_nearest(client: Client) -> None:
    answer = client.get("/search", {"q": "toulouse", "lang": "en"}, Accept=BROWSER)
    assert heading(answer.text) == "No Toulouse is not in a Territoire d'industrie"
    [table] = answer.page.tables
    distances = [int(line[-1]) for line in table.lines[1:]]
    assert len(distances) == 3
    assert distances == sorted(distances)
    assert 'href="/territories?department=31&amp;lang=en"' in answer.text


def test_a_commune_of_phase_1_alone_is_told_so(client: Client) -> None:
    rows = client.rows(
        f"PREFIX ti: <{BASE}def#> PREFIX igeo: <http://rdf.insee.fr/def/geo#> SELECT ?code ?name {{"
        f" ?t ti:phase <{BASE}id/phase/1> ; ti:coversCommune ?c . ?c igeo:codeINSEE ?code . ?t"
        f" <http://www.w3.org/2000/01/rdf-schema#label> ?name FILTER NOT EXISTS {{"
        f" ?t2 ti:phase <{BASE}id/phase/2> ; ti:coversCommune ?c }} }} ORDER BY ?code LIMIT 1"
    )
    [[code, name]] = rows
    answer = client.get("/search", {"q": code, "lang": "fr"}, Accept=BROWSER)
    assert heading(answer.text).startswith("Non ")
    assert "Elle était dans un territoire en phase 1 (2018-2022)" in answer.text
    assert name in answer.text.replace("&#39;", "'")


def test_an_arrondissement_is_answered_by_its_city(client: Client) -> None:
    answer = client.get("/search", {"q": "75101", "lang": "fr"}, Accept=BROWSER)
    assert heading(answer.text) == "Non Paris n'est pas dans un Territoire d'industrie"
    assert "« 75101 » désigne un arrondissement" in " ".join(answer.text.split())


def test_a_postal_code_is_met_with_kindness(client: Client) -> None:
    answer = client.get("/search", {"q": "81000", "lang": "fr"}, Accept=BROWSER)
    assert heading(answer.text) == "81000 n'est pas un code Insee"
    assert "Tarn" in answer.page.texts["li"][0]
    assert "Albi" in answer.page.texts["li"][1]


def test_an_insee_code_that_may_be_a_postal_code_says_so_first(client: Client) -> None:
    [[code, name]] = client.rows(
        f"PREFIX ti: <{BASE}def#> PREFIX igeo: <http://rdf.insee.fr/def/geo#> SELECT ?code ?name {{ ?c a ti:Commune ;"
        f" ti:inDepartment <{BASE}id/department/81> ; igeo:codeINSEE ?code ; igeo:nom ?name FILTER(STRENDS(?code, '0'))"
        " } ORDER BY ?code LIMIT 1"
    )
    answer = client.get("/search", {"q": code, "lang": "fr"}, Accept=BROWSER)
    assert heading(answer.text).startswith(f"{name} (code Insee {code}) : ")
    before, _, _ = html.unescape(answer.text).partition("<h1>")
    assert "Si c'est un code postal, cherchez le nom de la commune" in before
    assert 'href="/search?q=81004&lang=fr">Albi</a>' in before
    by_link = client.get("/search", {"q": f"commune {code}", "lang": "fr"}, Accept=BROWSER)
    assert name in heading(by_link.text)
    assert "code postal" not in by_link.text


@pytest.mark.parametrize(
    ("text", "title"),
    [("ti-7614", "Tarn Nord"), ("Région Occitanie", "Occitanie"), ("Tarn", "Tarn"), ("département du Tarn", "Tarn")],
)
def test_one_thing_that_is_no_commune_is_led_to(client: Client, text: str, title: str) -> None:
    answer = client.get("/search", {"q": text, "lang": "fr"}, Accept=BROWSER)
    assert heading(answer.text) == title
    if title == "Occitanie":
        assert 'href="/territories?region=76&amp;lang=fr">15 territoires</a>' in answer.text


def test_the_members_of_a_local_pair_are_named_where_a_source_names_them(client: Client) -> None:
    answer = client.get("/search", {"q": "Lourdes", "lang": "fr"}, Accept=BROWSER)
    assert "Gérard Trémège" in answer.text
    assert "Aucune source réunie ici" not in answer.text


def test_several_of_one_name_are_offered(client: Client) -> None:
    answer = client.get("/search", {"q": "76", "lang": "fr"}, Accept=BROWSER)
    assert heading(answer.text) == "Quel « 76 » ?"
    for place in ("department", "region"):
        assert f'href="/doc/{place}/76?lang=fr"' in answer.text


@pytest.mark.parametrize(
    ("text", "title"), [("toulose", "Vouliez-vous dire « Toulouse » ?"), ("qwxzvk", "Rien ne s'appelle « qwxzvk »")]
)
def test_what_is_not_found_is_helped(client: Client, text: str, title: str) -> None:
    answer = client.get("/search", {"q": text, "lang": "fr"}, Accept=BROWSER)
    assert (answer.status, heading(answer.text)) == (200, title)
    assert ("n'est pas dans un Territoire" in html.unescape(answer.text)) == (text == "toulose"), (
        "the only near miss is answered"
    )


def test_an_empty_search_explains_itself(client: Client) -> None:
    for parameters in ({}, {"q": ""}, {"q": "   "}):
        answer = client.get("/search", {**parameters, "lang": "en"}, Accept=BROWSER)
        assert heading(answer.text) == "Search"


def test_programs_get_json(client: Client) -> None:
    for answer in (
        client.get("/search", {"q": "albi"}, Accept="application/json"),
        client.get("/search", {"q": "albi", "format": "json"}, Accept=BROWSER),
    ):
        assert (answer.status, answer.media_type) == (200, "application/json")
        first = answer.json["hits"][0]
        assert first["iri"] == f"{BASE}id/commune/81004"
        assert (first["url"], first["answer"]) == ("/doc/commune/81004", "/search?q=81004")
        assert (first["kind"], first["label"], first["context"]) == ("commune", "Albi", "Tarn")
        assert first["inTerritory"] is True
        assert [(of["label"], of["phase"]) for of in first["territories"]] == [("Tarn Nord", 2)]
        scores = [hit["score"] for hit in answer.json["hits"]]
        assert scores == sorted(scores, reverse=True)


def test_a_search_is_kept_by_caches_until_the_data_change(client: Client) -> None:
    first = client.get("/search", {"q": "albi", "format": "json"})
    again = client.get("/search", {"q": "albi", "format": "json"}, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert client.get("/search", {"q": "alb", "format": "json"}).headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"q": "a" * 201}, 400),
        ({"q": "albi", "limit": "0"}, 400),
        ({"q": "albi", "limit": "51"}, 400),
        ({"q": "albi", "limit": "1" * 5000}, 400),
        ({"q": "albi", "limit": "²"}, 400),
        ({"q": "albi", "format": "xml"}, 404),
    ],
)
def test_what_is_out_of_bounds_is_refused(client: Client, parameters: dict[str, str], status: int) -> None:
    assert client.get("/search", parameters).status == status


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '" onfocus="x',
        "{{ 7*7 }}",
        "\0",
        "\u202e",
        "🏭",
        "'; DROP",
        "%s %d",
        "a\r\nb",
        "ا",
        "-",
    ],
)
def test_hostile_text_is_text(client: Client, text: str) -> None:
    for form in ("html", "json"):
        answer = client.get("/search", {"q": text, "format": form})
        assert answer.status == 200
        assert "<script>alert" not in answer.text or form == "json"
        assert 'onfocus="x' not in answer.text or form == "json"
    json.loads(answer.body)


def test_a_search_takes_html_or_json(client: Client) -> None:
    assert client.get("/search", {"q": "albi"}, Accept="image/png").status == 406
    assert client.get("/search", {"q": "albi"}, Accept="*/*").media_type == "text/html"


def test_the_table_shows_the_territories_of_phase_2(client: Client) -> None:
    answer = client.get("/territories", {"lang": "fr"}, Accept=BROWSER)
    assert (answer.status, answer.headers["Content-Language"]) == (200, "fr")
    [table] = answer.page.tables
    assert len(table.lines) == 1 + 183
    assert table.lines[0][0] == "territoire"


def test_filters_can_be_combined_and_the_csv_has_the_same(client: Client) -> None:
    answer = client.get("/territories", {"region": "76", "status": "new", "lang": "en"}, Accept=BROWSER)
    names = {line[0] for line in answer.page.tables[0].lines[1:]}
    assert "Tarn Nord" in names
    [target] = re.findall(r'href="([^"]*)" download="territoires.csv">Download as CSV', answer.text)
    assert target.startswith("/queries/table-of-territories.csv?")
    assert {row[1] for row in client.get(target.replace("&amp;", "&")).rows} == names


def test_a_region_counts_what_a_source_declares_for_it(client: Client) -> None:
    answer = client.get("/territories", {"region": "76"}, Accept=BROWSER)
    assert len(answer.page.tables[0].lines) == 1 + 15


@pytest.mark.parametrize("sort", ["inhabitants", "-inhabitants"])
def test_columns_sort_both_ways(client: Client, sort: str) -> None:
    answer = client.get("/territories", {"sort": sort, "phase": "", "lang": "en"}, Accept=BROWSER)
    lines = answer.page.tables[0].lines
    assert len(lines) == 1 + 183 + 149
    numbers = [int(line[-1].replace(",", "")) for line in lines[1:]]
    assert numbers == sorted(numbers, reverse=sort.startswith("-"))
    direction = "descending" if sort.startswith("-") else "ascending"
    assert f'aria-sort="{direction}"' in answer.text


def test_no_territory_is_said_kindly(client: Client) -> None:
    answer = client.get("/territories", {"phase": "1", "status": "new", "lang": "en"}, Accept=BROWSER)
    assert (answer.status, answer.page.tables) == (200, [])
    assert "No territory passes all these filters" in answer.text


@pytest.mark.parametrize(
    "parameters",
    [
        {"sort": "x"},
        {"sort": "--phase"},
        {"region": "7"},
        {"department": "x' }"},
        {"status": "old"},
        {"phase": "3" * 999},
    ],
)
def test_filters_that_are_none_are_refused(client: Client, parameters: dict[str, str]) -> None:
    assert client.get("/territories", parameters).status == 400


def test_the_chart_counts_regions_as_the_filter_does(client: Client) -> None:
    answer = client.get("/territories", {"lang": "fr"}, Accept=BROWSER)
    assert "<title>Occitanie : 15</title>" in " ".join(answer.text.split())


def test_the_home_page_leads_to_the_territories_of_each_region(client: Client) -> None:
    answer = client.get("/", {"lang": "fr"}, Accept=BROWSER)
    assert re.search(
        r'href="/territories\?region=76&amp;phase=2&amp;lang=fr">Occitanie</a> <span[^>]*>15<', answer.text
    )
    assert 'hreflang="en" href="http' in answer.text
