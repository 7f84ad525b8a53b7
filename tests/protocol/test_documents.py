"""The pages that document: quality, data, about; published answers; what crawlers ask for; the navigation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.protocol.conftest import BROWSER, Client

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import load
from territoires.root import find_root
from territoires.web import create_app

PAGES = ["/quality", "/data", "/api", "/about", "/problems"]
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_page_is_whole_in_both_languages(client: Client, path: str, language: str) -> None:
    answer = client.get(path, {"lang": language}, Accept=BROWSER)
    assert (answer.status, answer.headers["Content-Language"]) == (200, language)
    page = answer.page
    assert page.tags("html")[0]["lang"] == language
    assert len(page.tags("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert not any("style" in attributes for _, attributes in page.elements)
    kept = client.get(path, {"lang": language}, Accept=BROWSER, If_None_Match=answer.headers["ETag"])
    assert kept.status == 304 or path == "/data"


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_light(client: Client, path: str) -> None:
    assert len(client.get(path, Accept=BROWSER, Accept_Encoding="gzip").body) < 50_000


@pytest.mark.parametrize("path", PAGES)
def test_what_a_visitor_adds_changes_nothing(client: Client, path: str) -> None:
    answer = client.get(path, {"lang": "<script>", "x": "y" * 2000}, Accept=BROWSER)
    assert answer.status == 200
    assert "<script>" not in answer.text


# Quality.


def test_quality_tells_the_day_and_the_extent_of_the_check(client: Client) -> None:
    version = client.get("/health").json["version"]
    text = client.get("/quality", {"lang": "en"}).text
    assert "No error." in text
    assert version in text
    triples = client.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0][0]
    assert f"{int(triples):,} statements" in text
    assert re.search(r"as a whole on \d{1,2} \w+ 20\d\d", text)


def test_quality_tells_the_warnings_in_words(client: Client) -> None:
    text = client.get("/quality", {"lang": "fr"}).text
    for name in ("Alès", "Ardèche", "Hautes Terres d&#39;Oc", "Hérault"):
        assert name in text
    assert "n&#39;est pas imprimé avec son nom" in text


def test_quality_says_which_claims_hold(client: Client) -> None:
    tables = {table.caption: table for table in client.get("/quality", {"lang": "en"}).page.tables}
    claims = tables["Claims of the press release against the data"]
    assert ["intercommunalities in phase 2", "630", "629", "no"] in claims.lines
    assert ["laureates of phase 2", "183", "183", "yes"] in claims.lines
    assert {"Declared and covered departments", "Perimeters that changed", "Figures that were given"} < tables.keys()


def test_quality_counts_each_graph(client: Client) -> None:
    rows = client.rows("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    counted = next(
        table for table in client.get("/quality", {"lang": "en"}).page.tables if "statements in" in table.caption
    )
    assert sorted(int(line[1].replace(",", "")) for line in counted.lines[1:]) == sorted(int(n) for _, n in rows)


# Data.


def test_every_download_of_the_page_is_there(client: Client) -> None:
    page = client.get("/data", {"lang": "fr"}).page
    links = {link["href"] for link in page.tags("a") if link.get("href")}
    downloads = sorted(
        link
        for link in links
        if link and re.search(r"\.(ttl|jsonld|nt|rdf|trig|nq|csv)$", link) and "cog-2026" not in link
    )
    graphs = client.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    assert len(downloads) >= 6 * (len(graphs) - 1) + 8
    for link in downloads[::7]:
        path = link.removeprefix(client.base)
        assert client.send("HEAD", path).status == 200, path


def test_sizes_are_told_once_they_are_known(client: Client) -> None:
    for _ in range(200):
        table = next(table for table in client.get("/data", {"lang": "en"}).page.tables)
        sizes = [line[3] for line in table.lines[1:]]
        if any(size != "–" for size in sizes):
            break
    assert all(re.fullmatch(r"[\d.,]+\xa0[kM]B", size) for size in sizes)
    [catalogue] = [line for line in table.lines if line[0] == "This catalogue"]
    sent = len(client.get("/graph/catalogue.ttl").body)
    assert catalogue[3] == f"{round(sent / 1000)}\xa0kB"


def example(client: Client, name: str) -> str:
    match = re.search(rf'id="example-{name}">(.*?)</code>', client.get("/data").text, re.DOTALL)
    assert match
    return unescape(match[1])


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_the_examples_of_curl_answer(client: Client) -> None:
    assert run("bash", "-c", example(client, "curl")).splitlines()[0].split(",")[0] == "code"
    assert run("bash", "-c", example(client, "sparql")).startswith("class,things")


def test_the_examples_of_python_answer(client: Client) -> None:
    assert "Occitanie" in run(sys.executable, "-c", example(client, "python"))
    assert int(run(sys.executable, "-c", example(client, "rdflib"))) > 1000


def test_the_example_of_r_answers(client: Client) -> None:
    """Run it where there is R; elsewhere only its address is tried."""
    code = example(client, "r")
    if shutil.which("Rscript"):
        assert "Occitanie" in run("Rscript", "-e", code)
    match = re.search(r'read\.csv\("([^"]+)"', code)
    assert match
    assert "Occitanie" in client.get(match[1].removeprefix(client.base)).text


def test_the_citation_names_the_version(client: Client) -> None:
    text = client.get("/data", {"lang": "en"}).text
    version = client.get("/health").json["version"][:12]
    assert f"version = {{{version}}}" in text
    assert "title   = {Territoires d&#39;industrie: knowledge graph}" in text


# Published answers.


def test_a_published_query_has_a_short_address(client: Client) -> None:
    assert client.get("/queries/territories-by-region.csv").media_type == "text/csv"
    english = client.get("/queries/claims-of-the-press-release.csv", {"lang": "en"}).rows
    assert ["laureates of phase 2", "183", "183", "yes"] in english
    members = client.get("/queries/members-of-a-territory.json", {"territory": "id/territory/2/ti-7608"})
    assert len(members.json["results"]["bindings"]) == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/queries/nothing.csv", 404),
        ("/queries/sources.pdf", 404),
        ("/queries/..%2fpyproject.toml", 404),
        ("/queries/sources.csv?nothing=1", 400),
        ("/queries/members-of-a-territory.csv?territory=x", 400),
        ("/queries/members-of-a-territory.csv?territory=id/territory/2/ti-7608&territory=id/territory/2/ti-7609", 400),
        ("/queries/sources.csv?language=%22%20%7D", 400),
    ],
)
def test_a_wrong_address_of_an_answer_is_refused(client: Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status == status
    assert answer.media_type == "application/problem+json"


# Problems.


def test_the_type_of_a_problem_leads_to_what_it_means(client: Client) -> None:
    page = client.get("/problems", {"lang": "fr"}).page
    ids = {attributes.get("id") for _, attributes in page.elements}
    for path in ("/nowhere", "/graph/none", "/sparql?query=SELECT", "/queries/sources.csv?language=xx"):
        code = client.get(path, Accept="application/problem+json").json["type"].partition("/problems#")[2]
        assert code in ids, path


# About.


@pytest.mark.parametrize("address", ["mailto:errors@example.org", "https://example.org/issues"])
def test_about_shows_the_contact_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TERRITOIRES_CONTACT", address)
    for name in ("ontology", "data", "shapes"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/one.ttl").write_text("<id/thing/one> <p> 1 .", encoding="utf-8")
    root = find_root(tmp_path)
    app = create_app(root, EmbeddedEngine(load(root)))
    page = app.test_client().get("/about?lang=en").text
    assert f'<a href="{address}">{address.removeprefix("mailto:")}</a>' in page
    assert "names no address" not in page
    thing = app.test_client().get("/doc/thing/one?lang=en", headers={"Accept": "text/html"}).text
    [link] = re.findall(r'<a href="([^"]*)">Report an error on this page', thing)
    assert link.startswith(address)
    assert link.endswith("thing%2Fone"), "whoever reads the report sees what it is about"


def test_about_invents_no_contact(client: Client) -> None:
    assert "mailto:" not in client.get("/about").text
    assert "names no address" in client.get("/about", {"lang": "en"}).text


def test_about_has_the_anchors_that_footers_lead_to(client: Client) -> None:
    links = [link["href"] or "" for link in client.get("/quality").page.tags("a") if link.get("href")]
    ids = {attributes.get("id") for _, attributes in client.get("/about").page.elements}
    anchors = {link.partition("#")[2] for link in links if link.startswith("/about#")}
    assert anchors == {"contact", "privacy", "accessibility"}
    assert anchors <= ids


# Navigation.


@pytest.mark.parametrize(("path", "label"), [("/data", "Données"), ("/def.html", "Ontologie"), ("/quality", "Qualité")])
def test_the_navigation_says_where_one_is_and_leads_only_to_what_is_there(
    client: Client, path: str, label: str
) -> None:
    page = client.get(path, {"lang": "fr"}, Accept=BROWSER).page
    current = [number for number, link in enumerate(page.tags("a")) if link.get("aria-current")]
    assert [page.texts["a"][number] for number in current] == [label]
    names = [line.strip() for line in page.texts["nav"][0].splitlines() if line.strip()]
    order = ["Territoires", "Questions", "Données", "Ontologie", "Qualité", "À propos"]
    assert names == [name for name in order if name in names]
    assert len(names) >= 5
    for link in page.tags("a")[1 : 2 + len(names)]:
        if (link.get("href") or "").startswith("/"):
            assert client.get(link["href"] or "", Accept=BROWSER).status == 200


# What crawlers and browsers ask for.


def test_robots_may_read_pages_but_not_ask_everything(client: Client) -> None:
    text = client.get("/robots.txt").text
    assert f"Sitemap: {client.base}/sitemap.xml" in text
    assert "Disallow: /sparql?" in text
    assert "Disallow: /\n" not in text


def test_the_sitemap_leads_to_every_territory(client: Client) -> None:
    index = [node.text or "" for node in ET.fromstring(client.get("/sitemap.xml").text).iter(LOC)]  # noqa: S314
    assert f"{client.base}/sitemap-pages.xml" in index
    pages: list[str] = []
    for part in index:
        answer = client.get(part.removeprefix(client.base))
        assert (answer.status, answer.media_type) == (200, "application/xml")
        found = [node.text or "" for node in ET.fromstring(answer.text).iter(LOC)]  # noqa: S314
        assert len(found) <= 50_000
        pages += found
    assert len(pages) == len(set(pages))
    assert sum("/doc/territory/" in page for page in pages) == 332
    assert f"{client.base}/doc/commune/81004" in pages
    assert f"{client.base}/about" in pages


def test_a_part_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/sitemap-nothing-1.xml").status == 404


def test_the_icon_is_found_where_browsers_look(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status == 301
    assert client.get(answer.headers["Location"]).media_type == "image/svg+xml"


# Problems.


@pytest.mark.parametrize(
    ("path", "accept", "status", "said"),
    [
        ("/nowhere", BROWSER, 404, "Vérifiez l&#39;adresse"),
        ("/def/9", BROWSER, 404, "la version servie est 1.0.0"),
        ("/queries/sources.csv?nothing=1", BROWSER, 400, "changez ce que vous avez envoyé"),
    ],
)
def test_a_problem_page_says_what_to_do_next(client: Client, path: str, accept: str, status: int, said: str) -> None:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang=fr", Accept=accept)
    assert (answer.status, answer.media_type) == (status, "text/html")
    assert said in answer.text
    assert "Ce que vous pouvez faire" in answer.text
