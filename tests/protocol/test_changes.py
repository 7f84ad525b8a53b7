"""The history over HTTP: pages, a feed, RDF and patches of changes made in a copy of the graph."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from tests.changing import make_changes, quad
from tests.conftest import running_server
from tests.protocol.conftest import BASE, BROWSER, PROBLEM, Answer, Client

from territoires.edits import Edit
from territoires.graph import load
from territoires.history import edit_that_undoes, read_patch
from territoires.namespaces import CHANGES, expand
from territoires.root import find_root
from territoires.rules import derive, derived_file
from territoires.stamp import write_stamp
from territoires.validation import validate

DELGA = "id/official/carole-delga"
COMMUNIQUE = "communique-occitanie-2023-11-09"
OTHER_NAME = expand("skos:altLabel")
SHORT, LONG = (quad(DELGA, OTHER_NAME, name, COMMUNIQUE) for name in ("C. Delga", "Mme Delga"))
WHY = "Nom <b>abrégé</b> & repris\n\nVu dans la presse."
NAMED, RENAMED = Edit(added=frozenset({SHORT})), Edit(frozenset({SHORT}), frozenset({LONG}))
FIGURE = "id/figure/money-envisaged-phase-2"
COUNT = 23
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def changed(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Return a client of a server over a valid copy of the small graph in which changes were made."""
    folder = tmp_path_factory.mktemp("changed") / "graph"
    shutil.copytree(small_data, folder)
    root = find_root(folder)
    many = (quad(FIGURE, OTHER_NAME, f"Argent {number}", "facts/tribune-2023-11") for number in range(4, COUNT))
    make_changes(root, [(NAMED, WHY), (RENAMED, "")])
    make_changes(root, [(edit_that_undoes(root, load(root), 2), "Annulation")], day=2)
    make_changes(root, [(Edit(added=frozenset({one})), f"Nom {n}") for n, one in enumerate(many, 4)], day=3)
    large = [quad(f"id/note/{n}", expand("rdfs:label"), "x" * 100, "notes") for n in range(3_000)]
    make_changes(root, [(Edit(added=frozenset(large)), "Beaucoup")], day=30)
    (root.data / "notes.ttl").unlink()  # The catalogue does not know it: only the history is looked at.
    derived_file(root).write_text(derive(root), encoding="utf-8")
    graph = load(root)
    report = validate(graph)
    assert report.conforms, report.violations
    write_stamp(graph, report)
    (root.path / "changes/000005.rdfp").unlink()
    with running_server(["--root", str(folder)]) as url:
        yield Client(url)


def page(client: Client, path: str, language: str = "en") -> Answer:
    answer = client.get(path, Accept=BROWSER, Accept_Language=language)
    assert (answer.status, answer.media_type) == (200, "text/html"), answer.text
    assert answer.headers["Content-Language"] == language
    return answer


def hrefs(answer: Answer) -> set[str | None]:
    return {link.get("href") for link in answer.page.tags("a")}


def relations(answer: Answer) -> dict[str, str]:
    found = {}
    for value in answer.headers.get_all("Link") or []:
        target, _, rest = value.partition("; ")
        if "type=" not in rest:
            found[rest.removeprefix('rel="').rstrip('"')] = target.strip("<>")
    return found


def told_in(answer: Answer, format_: ox.RdfFormat) -> set[str]:
    """Return the IRIs of the changes that RDF describes."""
    return {
        quad.subject.value
        for quad in ox.parse(answer.body, format=format_, base_iri=BASE)
        if quad.object == ox.NamedNode(expand("ti:Change")) and isinstance(quad.subject, ox.NamedNode)
    }


def test_changes_are_listed_last_first_in_pages(changed: Client) -> None:
    first = page(changed, "/changes")
    titles = [text.strip() for text in first.page.texts["h2"]]
    assert titles == ["Beaucoup", *(f"Nom {n}" for n in range(COUNT - 1, 3, -1))][:20]
    assert relations(first)["next"].endswith("/changes?page=2")
    second = page(changed, "/changes?page=2")
    assert [text.strip() for text in second.page.texts["h2"]] == [
        "Annulation",
        "Change 2",
        "Nom <b>abrégé</b> & repris",
    ]
    assert "/doc/official/carole-delga" in hrefs(second)
    assert relations(second)["previous"].endswith("/changes")
    assert "Nom &lt;b&gt;" in second.text


def test_the_list_is_in_both_languages(changed: Client) -> None:
    assert page(changed, "/changes", "fr").page.texts["h1"] == ["Modifications des données"]
    assert page(changed, "/changes?lang=en", "en").page.texts["h1"] == ["Changes of the data"]


def test_changes_of_one_source_are_listed(changed: Client) -> None:
    found = page(changed, f"/changes?graph={COMMUNIQUE}")
    assert len(found.page.texts["h2"]) == 3
    options = {one.get("value") for one in found.page.tags("option")}
    assert options == {"", COMMUNIQUE, "facts/tribune-2023-11", "notes"}
    none = page(changed, "/changes?graph=anct-2024-07-04")
    assert "No change has touched this source" in none.text


@pytest.mark.parametrize(
    "path",
    [
        "/changes?page=3", "/changes?page=0", "/changes?page=x", "/changes?graph=nowhere", "/changes/99", "/changes/0",
        "/changes/01", "/changes/x", "/changes/9999999999999999", "/changes/99.rdfp", "/changes/x.rdfp", "/changes.xyz",
        "/id/change/99", "/doc/change/99", "/changes/5.rdfp",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(changed: Client, path: str) -> None:
    answer = changed.get(path, Accept="application/json")
    assert (answer.status, answer.media_type) == (404, PROBLEM), answer.text
    assert changed.get(path, Accept=BROWSER).status == 404


@pytest.mark.parametrize("path", ["/changes", "/changes.jsonld", "/changes.ttl", "/changes.nq"])
def test_programs_get_rdf_of_the_same_page(changed: Client, path: str) -> None:
    answer = changed.get(path, [("page", "2")], Accept="application/ld+json")
    formats = {".ttl": ox.RdfFormat.TURTLE, ".nq": ox.RdfFormat.N_QUADS}
    format_ = formats.get(Path(path).suffix, ox.RdfFormat.JSON_LD)
    assert told_in(answer, format_) == {f"{BASE}id/change/{n}" for n in (1, 2, 3)}


def test_json_ld_is_compacted_with_agent_and_message(changed: Client) -> None:
    nodes = {one["id"]: one for one in json.loads(changed.get("/changes.jsonld?page=2").body)["graph"]}
    change = nodes["id/change/1"]
    assert change["endedAtTime"] == "2026-11-01T09:30:00Z"
    assert nodes[change["wasAssociatedWith"]]["foaf:name"] == "curation"
    assert change["object"] == [DELGA]


def test_one_change_is_shown_in_words(changed: Client) -> None:
    shown = page(changed, "/changes/2")
    assert shown.page.texts["h1"] == ["Change 2"]
    assert "Carole Delga" in shown.page.texts["h3"][0]
    assert "C. Delga" in shown.page.texts["del"][0]
    assert "Mme Delga" in shown.page.texts["ins"][0]
    assert "other name" in shown.page.texts["dt"]
    assert {"/changes/1", "/changes/3", "/changes/2.rdfp", "/doc/official/carole-delga"} <= hrefs(shown)
    first = page(changed, "/changes/1", "fr")
    assert "Vu dans la presse." in first.text
    assert "<b>abrégé" not in first.text
    assert "autre nom" in first.page.texts["dt"]


def test_what_is_too_long_or_missing_is_said(changed: Client) -> None:
    assert "too long for a page" in page(changed, f"/changes/{COUNT}").text
    assert "which this server does not have" in page(changed, "/changes/5").text


def test_the_thing_leads_to_its_page_or_rdf(changed: Client) -> None:
    for path in ("/id/change/2", "/doc/change/2"):
        answer = changed.get(path, Accept=BROWSER)
        assert (answer.status, answer.headers["Location"]) == (303, "/changes/2")
        assert "accept" in answer.listed("Vary")
    for path in ("/id/change/2", "/changes/2"):
        answer = changed.get(path, Accept="text/turtle")
        assert (answer.status, answer.headers["Location"]) == (303, "/doc/change/2")
    assert f"{BASE}id/change/2" in told_in(changed.get("/doc/change/2.nt"), ox.RdfFormat.N_TRIPLES)
    assert changed.get("/id/change/2?lang=en", Accept=BROWSER).headers["Location"] == "/changes/2?lang=en"


def test_a_patch_is_what_was_done(changed: Client) -> None:
    answer = changed.get("/changes/2.rdfp")
    assert (answer.status, answer.media_type) == (200, "application/rdf-patch")
    assert read_patch(answer.body) == RENAMED
    assert read_patch(changed.get("/changes/3.rdfp").body) == RENAMED.inverse
    again = changed.get("/changes/2.rdfp", If_None_Match=answer.headers["ETag"])
    assert again.status == 304


def test_the_feed_is_atom_in_pages(changed: Client) -> None:
    answer = changed.get("/changes.atom?page=2&lang=en")
    assert (answer.status, answer.media_type) == (200, "application/atom+xml")
    feed = ET.fromstring(answer.text)  # noqa: S314  (our own answer)
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id") == f"{BASE}changes"
    assert feed.findtext(f"{ATOM}updated") == "2026-11-03T09:30:00Z"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    home = changed.base
    assert links == {
        "alternate": f"{home}/changes?lang=en",
        "self": f"{home}/changes.atom?page=2&lang=en",
        "first": f"{home}/changes.atom?lang=en",
        "last": f"{home}/changes.atom?page=2&lang=en",
        "previous": f"{home}/changes.atom?lang=en",
    }
    entries = feed.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [f"{BASE}id/change/{n}" for n in (3, 2, 1)]
    oldest = entries[-1]
    assert oldest.findtext(f"{ATOM}title") == "Change 1 – Nom <b>abrégé</b> & repris"
    assert oldest.findtext(f"{ATOM}author/{ATOM}name") == "curation"
    assert (oldest.findtext(f"{ATOM}summary") or "").startswith(WHY)
    for entry in entries:
        assert entry.findtext(f"{ATOM}updated")
        for link in entry.findall(f"{ATOM}link"):
            address = str(link.get("href")).removeprefix(home)
            accept = str(link.get("type"))
            assert changed.get(address, Accept=accept).media_type == accept


def test_what_was_changed_says_so_on_its_page(changed: Client) -> None:
    shown = page(changed, "/doc/official/carole-delga")
    assert {"/doc/change/1", "/doc/change/2", "/doc/change/3"} <= hrefs(shown)
    assert "Changed on this site" in shown.page.texts["h2"]
    assert "Changed on this site" in page(changed, f"/graph/{COMMUNIQUE}").page.texts["h2"]
    assert "Changed on this site" not in page(changed, "/doc/official/pierre-andre-durand").page.texts["h2"]


def test_the_published_query_lists_the_last_ones(changed: Client) -> None:
    rows = changed.get("/queries/latest-changes.csv?most=2").rows
    assert [row[0] for row in rows] == [f"{BASE}id/change/{n}" for n in (COUNT, COUNT - 1)]
    assert len(changed.get("/queries/latest-changes.csv").rows) == 20


def test_the_graph_of_the_history_is_served_and_described(changed: Client) -> None:
    answer = changed.get("/graph/changes.nt")
    assert len(told_in(answer, ox.RdfFormat.N_TRIPLES)) == COUNT
    assert CHANGES in changed.get("/catalog.nt").text


def test_nothing_was_changed_yet(client: Client) -> None:
    assert "Nothing was changed yet" in page(client, "/changes").text
    assert "Rien n'a encore été modifié" in page(client, "/changes", "fr").text.replace("&#39;", "'")
    feed = ET.fromstring(client.get("/changes.atom").text)  # noqa: S314  (our own answer)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated")
    assert client.get("/changes.jsonld").status == 200
    assert client.get("/changes/1", Accept=BROWSER).status == 404
    assert client.get("/queries/latest-changes.csv").rows == []


def test_links_lead_to_the_history(client: Client) -> None:
    assert "/changes" in hrefs(page(client, "/"))
    assert "/changes.atom" in hrefs(page(client, "/data"))
    assert "/changes<" in client.get("/sitemap-pages.xml").text
