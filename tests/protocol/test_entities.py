"""Linked data over HTTP: things lead to documents, documents are pages or RDF, pages say everything with its source."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from tests.conftest import running_server
from tests.protocol.conftest import BASE, BROWSER, PROBLEM, Answer, Client

KEY = "territory/2/ti-7614"
FORMATS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
KINDS = {
    "territory/2/ti-7614": "Tarn Nord",
    "territory/1/ti-7602": "Bassin d'Alès",
    "region/76": "Occitanie",
    "department/81": "Tarn",
    "intercommunality/248100737": "CA de l'Albigeois (C2A)",
    "commune/81004": "Albi",
    "axis/2/skills": "Compétences",
    "measure/envelope-2024": "Enveloppe nationale 2024",
    "funder/etat": "État",
    "official/carole-delga": "Carole Delga",
    "source/anct-2024-07-04": "ANCT, listes des Territoires d'industrie au 4 juillet 2024",
    "organisation/france-industrie": "France Industrie",
    "post/prefet-region-occitanie": "Préfet de la région Occitanie",
    "tenure/delga-presidence-region-occitanie": "Carole Delga, présidente de la Région Occitanie",
    "announcement/occitanie-2023-11-09": "Les quinze lauréats d'Occitanie",
    "statement/delga-2023-11-09": "Position de la présidente de Région sur le programme",
    "steering/occitanie": "Copilotage régional en Occitanie",
    "figure/money-phase-1": "Argent mobilisé en phase 1 par l'État, les opérateurs et les régions",
    "phase/2": "Phase 2 (2023-2027)",
    "programme/territoires-industrie": "Territoires d'industrie",
    "status/new": "nouveau",
    "coverage/2/ti-7614/department/81": "Tarn Nord – Tarn",
}


def page(client: Client, path: str, language: str = "fr") -> Answer:
    answer = client.get(path, Accept=BROWSER, Accept_Language=language)
    assert (answer.status, answer.media_type) == (200, "text/html"), answer.text
    assert answer.headers["Content-Language"] == language
    return answer


def links(answer: Answer) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in answer.headers.get_all("Link") or []:
        target, relation = re.fullmatch(r'<([^>]+)>; rel="(\w+)".*', value).groups()  # type: ignore[union-attr]
        found.setdefault(relation, []).append(target)
    return found


# Things lead to documents.


@pytest.mark.parametrize("accept", ["text/turtle", BROWSER, "*/*", "application/ld+json", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_thing_leads_to_its_document(client: Client, method: str, accept: str) -> None:
    answer = client.send(method, f"/id/{KEY}", headers={"Accept": accept})
    assert (answer.status, answer.headers["Location"]) == (303, f"/doc/{KEY}")
    assert "accept" in answer.listed("Vary")
    assert links(answer) == {"describedby": [f"{client.base}/doc/{KEY}"]}


def test_what_the_client_chose_goes_along(client: Client) -> None:
    assert client.get(f"/id/{KEY}.ttl").headers["Location"] == f"/doc/{KEY}.ttl"
    assert client.get(f"/id/{KEY}?lang=en&other=1").headers["Location"] == f"/doc/{KEY}?lang=en"
    assert client.get(f"/id/{KEY}/").headers["Location"] == f"/doc/{KEY}"
    answer = client.get(f"/doc/{KEY}/", Accept=BROWSER)
    assert (answer.status, answer.headers["Location"]) == (301, f"/doc/{KEY}")


# Documents are RDF.


@pytest.mark.parametrize(("suffix", "media_type"), FORMATS.items())
def test_every_format_by_accept_by_parameter_and_by_suffix(client: Client, suffix: str, media_type: str) -> None:
    answers = [
        client.get(f"/doc/{KEY}", Accept=media_type),
        client.get(f"/doc/{KEY}", {"format": suffix}, Accept=BROWSER),
        client.get(f"/doc/{KEY}.{suffix}", Accept="image/png"),
    ]
    format_ = ox.RdfFormat.from_media_type(media_type)
    assert format_
    for answer in answers:
        assert (answer.status, answer.media_type) == (200, media_type)
        quads = list(ox.parse(answer.body, format=format_))
        [status] = [quad for quad in quads if quad.predicate.value.endswith("#computedStatus")]
        assert status.subject == ox.NamedNode(f"{BASE}id/{KEY}")
        assert status.object == ox.NamedNode(f"{BASE}id/status/new")
        kept = ox.NamedNode(f"{BASE}graph/derived") if suffix in {"trig", "nq"} else ox.DefaultGraph()
        assert status.graph_name == kept
        assert answer.headers["Content-Location"] == f"{client.base}/doc/{KEY}.{suffix}"
        assert links(answer)["describes"] == [f"{BASE}id/{KEY}"]
        assert f"{client.base}/doc/{KEY}.html" in links(answer)["alternate"]


def test_nothing_is_cut_in_silence(client: Client) -> None:
    answer = client.get("/doc/region/76.nt")
    following = links(answer).get("next")
    lines = set(answer.text.splitlines())
    number = 1
    while following:
        number += 1
        assert following == [f"{client.base}/doc/region/76.nt?page={number}"]
        answer = client.get(following[0].removeprefix(client.base))
        assert links(answer)["prev"]
        lines |= set(answer.text.splitlines())
        following = links(answer).get("next")
    for target, name in (("region/76", "inRegion"), ("region/76", "countedUnder")):
        [[count]] = client.rows(f"SELECT (COUNT(*) AS ?n) {{ ?s <{BASE}def#{name}> <{BASE}id/{target}> }}")
        assert sum(f"<{BASE}def#{name}> <{BASE}id/{target}> ." in line for line in lines) == int(count)


def test_a_document_has_a_tag_and_head_is_as_get(client: Client) -> None:
    for accept in (BROWSER, "text/turtle"):
        got = client.get(f"/doc/{KEY}", Accept=accept)
        head = client.send("HEAD", f"/doc/{KEY}", headers={"Accept": accept})
        assert (head.status, head.body, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
        assert {"accept", "accept-language", "accept-encoding"} <= got.listed("Vary")
        again = client.get(f"/doc/{KEY}", Accept=accept, If_None_Match=got.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
    assert client.get(f"/doc/{KEY}", Accept="image/png").status == 406


# What is not there.


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("territory/ti-7614", "territory/2/ti-7614"),
        ("territory/1/ti-7614", "territory/2/ti-7614"),
        ("Territory/2/TI-7614", "territory/2/ti-7614"),
        ("department/1", "department/01"),
        ("territory/1/ti-7614.ttl", "territory/2/ti-7614"),
    ],
)
@pytest.mark.parametrize("place", ["id", "doc"])
def test_an_unknown_thing_is_not_found_and_near_ones_are_named(client: Client, place: str, key: str, near: str) -> None:
    answer = client.get(f"/{place}/{key}", Accept="application/json")
    assert (answer.status, answer.media_type) == (404, PROBLEM)
    assert answer.json["suggestions"][0] == f"{client.base}/doc/{near}"
    assert near in answer.json["hint"]
    shown = client.get(f"/{place}/{key}", Accept=BROWSER)
    assert (shown.status, shown.media_type) == (404, "text/html")
    assert f"{client.base}/doc/{near}" in [link["href"] for link in shown.page.tags("a")]


HOSTILE = [
    "x" * 5000,
    "territory/../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "region/76%00",
    "region/76%0d%0aX:y",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "region/76%3E%20%3Fp%20%3Fo%20%7D%20%23",
    quote("région/76"),
    "%ff%fe",
    "region/" + "a/" * 90 + "b",
    ".ttl",
    "region/76.exe",
    "region/76.ttl.ttl",
]


@pytest.mark.parametrize("key", HOSTILE)
@pytest.mark.parametrize("place", ["id", "doc"])
def test_hostile_keys_are_not_found(client: Client, place: str, key: str) -> None:
    for accept in (BROWSER, "text/turtle"):
        answer = client.get(f"/{place}/{key}", Accept=accept)
        assert answer.status == 404, answer.text
        assert answer.media_type == PROBLEM or "<script>alert" not in answer.text
        assert len(answer.body) < 8000


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=-1", "page=99999999999", "page=%C2%B2", "page=7", "format=pdf"]
)
def test_a_page_or_format_that_is_not_there(client: Client, query: str) -> None:
    assert client.get(f"/doc/{KEY}?{query}", Accept="text/turtle").status == 404


@pytest.mark.parametrize(
    "query", ["links=", "links=x", "links=ti:none", "facts=ti:coversCommune&page=9", "links=a%20b"]
)
def test_a_list_that_is_not_there(client: Client, query: str) -> None:
    assert client.get(f"/doc/{KEY}?{query}", Accept=BROWSER).status == 404


# Pages.


@pytest.mark.parametrize(("key", "name"), KINDS.items(), ids=KINDS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_has_a_page(client: Client, key: str, name: str, language: str) -> None:
    answer = page(client, f"/doc/{key}", language)
    shown = answer.page
    [heading] = shown.texts["h1"]
    assert language == "en" or heading == name
    levels = [int(tag[1]) for tag, _ in shown.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(table.caption for table in shown.tables)
    assert not re.search(r"""\sstyle=|\son\w+=["']""", answer.text), "the policy for content forbids it"
    alternates = {link["type"]: link["href"] for link in shown.tags("link") if "type" in link and "title" in link}
    assert alternates == {media: f"{client.base}/doc/{key}.{suffix}" for suffix, media in FORMATS.items()}
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text)
    assert json.loads(data)["@id"] == f"{BASE}id/{key}"
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = {str(link["href"])[1:] for link in shown.tags("a") if str(link.get("href")).startswith("#")}
    assert anchors <= set(ids), "every number leads to its source"


def test_every_link_of_a_page_leads_somewhere(client: Client) -> None:
    for key in (KEY, "region/76", "official/carole-delga"):
        targets = {str(link["href"]) for link in page(client, f"/doc/{key}").page.tags("a")}
        for target in sorted(target for target in targets if target.startswith(("/doc/", "/id/", "/graph/"))):
            assert client.get(target, Accept=BROWSER).status == 200, target


def test_a_page_for_people_is_small(client: Client) -> None:
    for key in KINDS:
        coded = client.get(f"/doc/{key}", Accept=BROWSER, Accept_Encoding="gzip")
        assert len(coded.body) < 50_000, key


def tables(answer: Answer) -> dict[str, list[list[str]]]:
    """Tables of a page by the first words of their captions."""
    return {table.caption: table.lines[1:] for table in answer.page.tables}


def table(answer: Answer, words: str) -> list[list[str]]:
    [found] = [lines for caption, lines in tables(answer).items() if words in caption]
    return found


def test_the_page_of_a_territory(client: Client) -> None:
    answer = page(client, f"/doc/{KEY}", "en")
    assert {line[0] for line in table(answer, "make up a territory")} == {
        "CA de l'Albigeois (C2A)",
        "CA Gaillac-Graulhet",
        "CC Carmausin-Ségala",
    }
    assert "none of its communes was in a territory of phase 1" in answer.text
    assert "Also called: Albigeois" in re.sub(r"\s+", " ", answer.text)
    assert [line[:3] for line in table(answer, "In which departments")] == [["Tarn", "81", "yes"]]
    statuses = table(answer, "new or renewed")
    assert len(statuses) == 3
    assert {line[0] for line in statuses} == {"new"}
    assert "Pierre-André Durand" in [line[3] for line in table(answer, "Who steers a territory")]
    facts = table(answer, "What the sources state")
    assert any(
        "Press release “Fifteen laureates in Occitanie”, November 2023, 9 November 2023" in " ".join(line)
        for line in facts
    )


def test_who_joined_and_who_left(client: Client) -> None:
    answer = page(client, "/doc/territory/2/ti-7605", "en")
    assert [line[:2] for line in table(answer, "joined and left")] == [
        ["left", "CC Piège Lauragais Malepère"],
        ["left", "CC des Terres du Lauragais"],
    ]


def test_a_region_has_its_territories_and_apart_those_that_touch_it(client: Client) -> None:
    answer = page(client, "/doc/region/76", "en")
    counted = table(answer, "counted under a region")
    assert len(counted) == 15
    assert [line[0] for line in counted if "declared" in line] == ["Lacq – Pau – Tarbes"]
    touching = table(answer, "wherever they are filed")
    assert len(touching) == 16
    assert {line[0] for line in touching} - {line[0] for line in counted} == {"Vaucluse"}
    assert "Phase 2 counts 15 territories here" in answer.text


def test_a_commune_says_yes_or_no(client: Client) -> None:
    yes = page(client, "/doc/commune/81004")
    assert '<p class="answer yes">' in yes.text
    assert table(yes, "Cette commune est-elle")[0][1] == "Tarn Nord"
    no = page(client, "/doc/commune/31555")
    assert '<p class="answer no">' in no.text


def test_every_table_leads_to_its_query_and_its_csv(client: Client) -> None:
    answer = page(client, f"/doc/{KEY}")
    ways = [str(link["href"]) for link in answer.page.tags("a") if "format=csv" in str(link["href"])]
    assert len(ways) == len(answer.page.tables) - 1, "all but that of the facts"
    for way in ways:
        got = client.get(way)
        assert (got.status, got.media_type) == (200, "text/csv")
        assert got.rows


def test_long_lists_have_pages(client: Client) -> None:
    first = page(client, f"/doc/{KEY}?facts=ti:coversCommune", "en")
    assert "page 1 of 2" in first.text or len(first.page.tags("li")) <= 100
    assert "Albi" in first.text
    assert [tag for tag in first.page.tags("meta") if tag.get("name") == "robots"]
    back = page(client, "/doc/phase/2?links=ti:phase&page=2&lang=en", "en")
    assert "183" in back.text
    assert [link["href"] for link in back.page.tags("a") if link.get("rel") == "prev"] == [
        "/doc/phase/2?links=ti%3Aphase&lang=en"
    ]


def test_a_graph_has_a_page_for_browsers(client: Client) -> None:
    answer = page(client, "/graph/communique-occitanie-2023-11-09", "en")
    assert "Occitanie press release of 9 November 2023" in answer.text
    assert ["Territoire d'industrie", "15"] in table(answer, "of each kind")
    assert ["§ 3, nouveaux", "Tarn Nord"] in table(answer, "where in it")
    assert "The document states no licence." in answer.text
    sources = page(client, "/doc/source/communique-occitanie-2023-11-09", "en")
    for words in ("of each kind", "where in it"):
        assert table(sources, words) == table(answer, words)
    assert client.get("/graph/communique-occitanie-2023-11-09").media_type == "text/turtle"
    assert client.get("/graph/communique-occitanie-2023-11-09?format=nt", Accept=BROWSER).media_type == FORMATS["nt"]
    assert client.get("/graph/none", Accept=BROWSER).status == 404


def test_what_a_graph_and_the_dataset_name_is_there(client: Client) -> None:
    for path in ("/dataset", "/shapes", "/graph/catalogue", "/graph/communique-occitanie-2023-11-09"):
        targets = {str(link["href"]) for link in page(client, path).page.tags("a")}
        for target in sorted(targets):
            if target.startswith(("/doc/", "/graph/", "/dataset", "/shapes")):
                assert client.get(target, Accept=BROWSER).status == 200, target
    assert client.get("/dataset.ttl").media_type == client.get("/dataset").media_type == "text/turtle"
    assert client.get("/dataset.exe").status == 404
    assert "facts/tribune-2023-11" in page(client, "/dataset?facts=dct:hasPart").text


def test_another_graph_is_served_just_as_well(tmp_path: Path) -> None:
    file = tmp_path / "any.trig"
    lines = (
        f"<{BASE}id/thing/a> <http://e/p> 1 . <http://e/g> {{ <{BASE}id/thing/a> <http://e/q> <{BASE}id/thing/b> . }}",
        f'<{BASE}id/thing/b> <http://www.w3.org/2000/01/rdf-schema#label> "</script><script>alert(1)</script>" .',
        f"<{BASE}graph/x> {{ <{BASE}id/thing/c> <http://e/q> _:b . }}",
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    with running_server([], serve=["--data", str(file), "--no-check"]) as url:
        client = Client(url)
        for key in ("a", "b", "c"):
            shown = page(client, f"/doc/thing/{key}")
            assert "<script>alert" not in shown.text
            for suffix in FORMATS:
                assert client.get(f"/doc/thing/{key}.{suffix}").status == 200
        assert page(client, "/graph/x").page.texts["h1"] == ["x"]
        assert client.get("/dataset").status == 404
        assert "<http://e/g>" in client.get("/doc/thing/a.nq").text
