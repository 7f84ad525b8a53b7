"""The query page answers without a script: questions with fields, tables, charts, maps, and mistakes in their place."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.conftest import assets
from tests.protocol.conftest import BROWSER, Answer, Client

REGIONS = "/queries/territories-by-region"
DEPARTMENTS = "/queries/territories-by-department"


def page(client: Client, path: str, *parameters: tuple[str, str], language: str = "en") -> Answer:
    return client.get(path, parameters, Accept=BROWSER, Accept_Language=language)


def hrefs(answer: Answer) -> list[str]:
    return [link["href"] or "" for link in answer.page.tags("a")]


@pytest.mark.parametrize(("language", "heading"), [("en", "Ask the data"), ("fr", "Poser une question aux données")])
def test_without_a_query_every_published_question_is_a_link(client: Client, language: str, heading: str) -> None:
    answer = page(client, "/sparql", language=language)
    assert (answer.status, answer.headers["Content-Language"]) == (200, language)
    assert answer.page.texts["h1"] == [heading]
    links = [href for href in hrefs(answer) if href.startswith("/queries/") and "." not in href]
    assert len(links) == len(set(links)) >= 32
    assert len(answer.page.tags("textarea")) == 1


def test_every_question_is_answered_on_its_page(client: Client) -> None:
    for href in hrefs(page(client, "/sparql")):
        if href.startswith("/queries/") and "." not in href:
            answer = page(client, href)
            assert answer.status == 200, href
            assert len(answer.page.tags("h1")) == 1


def test_a_question_has_its_fields_and_answers_for_their_values(client: Client) -> None:
    answer = page(client, "/queries/territories-of-a-department", ("department", "id/department/48"))
    assert [item.get("name") for item in answer.page.tags("select")] == ["department", "language"]
    chosen = [item["value"] for item in answer.page.tags("option") if "selected" in item]
    assert chosen == ["48", "en"]
    assert "id/department/48>" in answer.page.texts["textarea"][0]
    assert any("Nord Lozère" in cell for line in answer.page.tables[0].lines for cell in line)
    assert answer.headers["ETag"]


def test_a_value_that_does_not_fit_is_said_beside_the_fields(client: Client) -> None:
    answer = page(client, "/queries/is-my-commune-in-a-territory", ("commune", "'><b>"))
    assert answer.status == 400
    assert "INSEE code" in answer.page.texts["main"][0]
    assert "b" not in answer.page.texts
    assert [item["value"] for item in answer.page.tags("input") if item.get("name") == "commune"] == ["'><b>"]
    long = page(client, "/queries/is-my-commune-in-a-territory", ("commune", "a" * 5000))
    assert long.status == 400


def test_an_unknown_question_is_not_found(client: Client) -> None:
    assert page(client, "/queries/nothing").status == 404


def test_labels_and_numbers_are_shown_as_a_chart(client: Client) -> None:
    answer = page(client, REGIONS, ("view", "chart"))
    (chart,) = [svg for svg in answer.page.tags("svg") if svg.get("class") == "bars"]
    assert (chart["role"], chart["aria-label"]) == ("img", "Territories of phase 2 by region")
    assert "Occitanie" in answer.page.texts["text"]


def test_departments_are_shown_as_a_map_and_regions_are_not(client: Client) -> None:
    assets()
    answer = page(client, DEPARTMENTS, ("view", "map"), language="fr")
    links = [href for href in hrefs(answer) if href.startswith("/doc/department/")]
    assert {f"/doc/department/{code}" for code in ("81", "2A", "971")} <= set(links)
    assert len(answer.page.tags("path")) == 96
    assert "Tarn\N{NO-BREAK SPACE}: 3" in answer.page.texts["title"]
    assert not any("view=map" in href for href in hrefs(page(client, REGIONS)))


def test_another_view_is_the_table(client: Client) -> None:
    assert page(client, REGIONS, ("view", "map")).page.tables
    assert page(client, REGIONS, ("view", "<b>")).page.tables


def test_raw_is_what_a_program_gets(client: Client) -> None:
    answer = page(client, REGIONS, ("view", "raw"))
    query = answer.page.texts["textarea"][0]
    assert answer.page.texts["pre"] == [client.query(query, Accept="text/tab-separated-values").text]


def test_the_links_of_an_answer_lead_to_it_again(client: Client) -> None:
    answer = client.query("SELECT ?a { VALUES ?a { 1 2 } }", Accept=BROWSER)
    links = [
        href for href in hrefs(answer) if href.startswith("/sparql?") and "query" in parse_qs(urlsplit(href).query)
    ]
    formats = {parse_qs(urlsplit(href).query).get("format", [""])[0] for href in links}
    assert formats >= {"csv", "tsv", "json", "xml", ""}
    for href in links:
        assert client.get(href, Accept=BROWSER).status == 200


def test_long_answers_are_shown_in_part_and_say_so(client: Client) -> None:
    answer = client.query("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 700", Accept=BROWSER, Accept_Language="en")
    assert len(answer.page.tables[0].lines) == 501
    assert "first 500" in answer.page.texts["main"][0]
    assert len(client.query("CONSTRUCT WHERE { ?s ?p ?o }", Accept=BROWSER).body) < 300_000


def test_a_mistake_is_marked_in_its_line(client: Client) -> None:
    answer = client.query("SELECT *\nWHERE {\n  ?s ?p ti:x\n}", Accept=BROWSER, Accept_Language="en")
    assert answer.status == 400
    lines = answer.page.texts["pre"][0].split("\n")
    place = next(number for number, line in enumerate(lines) if line.endswith("ti:x"))
    assert lines[place + 1].index("^") == lines[place].index("ti:x")
    (area,) = answer.page.tags("textarea")
    assert (area["data-line"], area["data-column"]) == ("3", "9")


def test_the_editor_is_told_the_prefixes_and_terms(client: Client) -> None:
    answer = client.get("/sparql/vocabulary.json", Accept_Language="fr")
    content = json.loads(answer.body)
    assert content["prefixes"]["ti"].endswith("/def#")
    territory = next(term for term in content["terms"] if term["name"] == "ti:Territory")
    assert (territory["kind"], territory["label"], territory["uses"]) == ("class", "Territoire d'industrie", 332)
    assert answer.headers["ETag"]


def test_the_editor_is_one_file_of_this_site_and_the_policy_stays_strict(client: Client) -> None:
    assets()
    answer = page(client, "/sparql")
    (script,) = [script for script in answer.page.tags("script") if "vendor" in (script["src"] or "")]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    file = client.get(script["src"] or "", Accept_Encoding="gzip")
    assert file.status == 200
    assert file.media_type == "text/javascript"
