"""The ontology at its address: RDF for programs, a page for people, the same statements in both."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from tests.conftest import CHECKOUT, running_server
from tests.protocol.conftest import BASE, BROWSER, Answer, Client

FORMATS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}


def triples(answer: Answer) -> set[ox.Triple]:
    format_ = ox.RdfFormat.from_media_type(answer.media_type)
    assert answer.status == 200, answer.text
    assert format_
    return {quad.triple for quad in ox.parse(answer.body, format=format_)}


def written() -> set[ox.Triple]:
    files = (CHECKOUT / "ontology").glob("*.ttl")
    return {quad.triple for file in files for quad in ox.parse(path=file)}


@pytest.mark.parametrize("address", ["/def", "/def/1.0.0"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_holds_the_whole_ontology(client: Client, address: str, suffix: str) -> None:
    by_suffix = client.get(f"{address}.{suffix}", Accept=BROWSER)
    by_accept = client.get(address, Accept=FORMATS[suffix])
    assert by_suffix.media_type == by_accept.media_type == FORMATS[suffix]
    assert triples(by_suffix) == triples(by_accept) == written()
    assert by_accept.headers["Content-Location"] == f"/def.{suffix}"


def test_programs_get_rdf_and_browsers_a_page(client: Client) -> None:
    assert client.get("/def").media_type == "text/turtle"
    assert client.get("/def", Accept="*/*").media_type == "text/turtle"
    page = client.get("/def", Accept=BROWSER)
    assert (page.media_type, page.headers["Content-Location"]) == ("text/html", "/def.html")
    assert client.get("/def.html", Accept="text/turtle").media_type == "text/html"
    assert client.get("/def", {"format": "nt"}, Accept=BROWSER).media_type == "application/n-triples"


def test_the_answer_leads_to_its_other_formats_and_its_licence(client: Client) -> None:
    links = ", ".join(client.get("/def").headers.get_all("Link") or [])
    for suffix, media_type in FORMATS.items():
        assert f'</def.{suffix}>; rel="alternate"; type="{media_type}"' in links
    assert 'licence-ouverte-open-licence>; rel="license"' in links
    page = client.get("/def", Accept=BROWSER).page
    alternates = {link["href"]: link["type"] for link in page.tags("link") if link.get("rel") == "alternate"}
    assert {f"/def.{suffix}": media_type for suffix, media_type in FORMATS.items()}.items() <= alternates.items()


@pytest.mark.parametrize("path", ["/def/2.0.0", "/def/1.0", "/def/1.0.0ttl", "/def/1.0.0.pdf", "/def.pdf", "/def/x%00"])
def test_another_version_or_format_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status == 404
    assert answer.json["hint"]


def test_a_client_that_takes_neither_is_told_what_there_is(client: Client) -> None:
    assert client.get("/def", Accept="image/png").status == 406


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_shows_every_term_under_its_fragment(client: Client, language: str) -> None:
    answer = client.get("/def", {"lang": language}, Accept=BROWSER)
    assert answer.headers["Content-Language"] == language
    ids = [attributes["id"] for _, attributes in answer.page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    namespace = f"{BASE}def#"
    defined = {
        triple.subject.value.removeprefix(namespace)
        for triple in written()
        if isinstance(triple.subject, ox.NamedNode)
        and triple.subject.value.startswith(namespace)
        and triple.predicate.value.endswith("#type")
    }
    assert len(defined) > 100
    assert defined <= set(ids)
    fragments = [link["href"] for link in answer.page.tags("a") if (link.get("href") or "").startswith("#")]
    assert {fragment[1:] for fragment in fragments if fragment} <= set(ids)


def test_the_page_speaks_the_language_of_the_reader(client: Client) -> None:
    labels = {"fr": "mesure de soutien", "en": "support measure"}
    for language, label in labels.items():
        page = client.get("/def", Accept=BROWSER, Accept_Language=language).page
        assert any(heading.startswith(label) for heading in page.texts["h3"])


def test_a_term_shows_its_example_and_its_uses(client: Client) -> None:
    text = client.get("/def", {"lang": "en"}, Accept=BROWSER).text
    territory = text.partition('id="Territory"')[2].partition("</section>")[0]
    assert 'href="/doc/territory/2/ti-7614?lang=en">Tarn Nord' in territory
    assert ">332 things</a>" in territory
    assert ">Feature<" in territory.replace("geo:", "")
    includes = text.partition('id="includes"')[2].partition("</section>")[0]
    assert "1,229 statements" in includes
    assert 'href="#includedIn"' in includes
    assert "symmetric" in text.partition('id="overlaps"')[2].partition("</section>")[0]


def test_the_page_is_light(client: Client) -> None:
    answer = client.get("/def", Accept=BROWSER, Accept_Encoding="gzip")
    assert len(answer.body) < 50_000


def test_a_dataset_without_ontology_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("file") / "one.trig"
    file.write_text("<urn:g> { <urn:a> <urn:p> 1 }", encoding="utf-8")
    with running_server([], serve=["--data", str(file), "--no-check"]) as url:
        other = Client(url)
        assert other.get("/def", Accept=BROWSER).status == 404
        for path in ("/quality", "/data", "/about", "/sitemap.xml", "/sitemap-pages.xml", "/robots.txt"):
            answer = other.get(path, Accept=BROWSER)
            assert answer.status == 200, path
            assert not re.search(r"\b767\D[0-9]{3}\b", answer.text)  # the statements of the graph folder
        quality = other.get("/quality", {"lang": "en"}).text
        assert "No record of a check of this version." in quality
        assert "/graphs?graph=urn:g&amp;format=ttl" in other.get("/data").text.replace("%3A", ":")
        assert other.get("/graphs?graph=urn:g&format=ttl").status == 200
