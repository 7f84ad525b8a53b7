"""A list replaced by its new edition: the old as of a day, datetime negotiation and TimeMaps (RFC 7089)."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from tests.conftest import running_server
from tests.protocol.conftest import BASE, BROWSER, PROBLEM, Answer, Client

from territoires.commit.door import commit
from territoires.editions import dated
from territoires.graph import load
from territoires.root import find_root
from territoires.stamp import write_stamp
from territoires.validation import validate

NAME = "anct-2024-07-04"
IRI = f"{BASE}graph/{NAME}"
PATH = f"/graph/{NAME}"
LIST = f"data/{NAME}/phase-2.ttl"
FIRST, SECOND = "2024-07-04", "2026-01-15"
MOMENT = {FIRST: "Thu, 04 Jul 2024 00:00:00 GMT", SECOND: "Thu, 15 Jan 2026 00:00:00 GMT"}
LEFT = f"<{BASE}id/territory/2/ti-7614> <{BASE}def#includes> <{BASE}id/intercommunality/200066124> .".encode()
FORMATS = ("ttl", "jsonld", "nt", "rdf", "trig", "nq")


class Link(NamedTuple):
    """A link of a header or of a TimeMap."""

    target: str
    rel: frozenset[str]
    datetime: str | None


@pytest.fixture(scope="module")
def folder(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a graph folder in which ANCT's list was replaced by one that a member has left."""
    target = tmp_path_factory.mktemp("replaced") / "graph"
    shutil.copytree(small_data, target)
    root = find_root(target)
    old = (target / LIST).read_bytes()
    new = old.replace(b"        <id/intercommunality/200066124> ,\n", b"", 1)
    assert new != old
    commit(root, {LIST: new, "data/catalogue.ttl": dated(root, IRI, dt.date.fromisoformat(SECOND))})
    graph = load(root)
    write_stamp(graph, validate(graph))
    return target


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    with running_server(["--root", str(folder)]) as url:
        yield Client(url)


def links(text: str) -> list[Link]:
    found = []
    for target, rest in re.findall(r'<([^>]*)>((?:\s*;\s*\w+="[^"]*")*)', text):
        values = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        found.append(Link(target, frozenset(values["rel"].split()), values.get("datetime")))
    return found


def linked(answer: Answer, rel: str) -> list[Link]:
    said = [link for value in answer.headers.get_all("Link") or [] for link in links(value)]
    return [link for link in said if rel in link.rel]


def path_of(link: Link) -> str:
    parts = urlsplit(link.target)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def triples(answer: Answer) -> set[ox.Triple]:
    format_ = ox.RdfFormat.from_media_type(answer.media_type)
    assert (answer.status, bool(format_)) == (200, True), answer.text
    return {quad.triple for quad in ox.parse(answer.body, format=format_, base_iri=BASE)}


@pytest.mark.parametrize(
    ("day", "since"), [(FIRST, FIRST), ("2026-01-14", FIRST), (SECOND, SECOND), ("2040-01-01", SECOND)]
)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_day_gives_what_was_in_force_in_every_format(
    client: Client, small_data: Path, suffix: str, day: str, since: str
) -> None:
    answer = client.get(f"{PATH}.{suffix}", {"at": day})
    assert answer.headers["Memento-Datetime"] == MOMENT[since]
    assert answer.headers["Content-Location"].endswith(f"{PATH}.{suffix}?at={since}")
    expected = {
        quad.triple
        for file in (small_data / f"data/{NAME}").glob("*.ttl")
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=BASE)
    }
    [left] = (quad.triple for quad in ox.parse(LEFT, format=ox.RdfFormat.N_TRIPLES))
    assert triples(answer) == (expected if since == FIRST else expected - {left})
    assert triples(client.get(PATH, {"at": day, "format": suffix})) == triples(answer)


def test_without_a_day_the_present_edition_is_served_and_says_where_others_are(client: Client) -> None:
    answer = client.get(PATH, Accept="application/n-triples")
    assert LEFT not in answer.body
    assert "Memento-Datetime" not in answer.headers
    assert "accept-datetime" in answer.listed("Vary")
    [original] = linked(answer, "timegate")
    assert (path_of(original), "original" in original.rel) == (PATH, True)
    assert [path_of(link) for link in linked(answer, "timemap")] == [f"/timemap{PATH}"]
    assert [(path_of(link), link.datetime) for link in linked(answer, "memento")] == [
        (f"{PATH}?at={day}", MOMENT[day]) for day in (FIRST, SECOND)
    ]


@pytest.mark.parametrize(
    ("moment", "since"),
    [
        ("Wed, 14 Jan 2026 23:59:59 GMT", FIRST),
        (MOMENT[SECOND], SECOND),
        ("Fri, 01 Jan 2100 00:00:00 GMT", SECOND),
        ("Mon, 01 Jan 1990 00:00:00 GMT", FIRST),  # before the first: the first (§4.5.3)
    ],
)
def test_the_address_is_its_own_timegate(client: Client, moment: str, since: str) -> None:
    answer = client.get(PATH, {"format": "nt"}, Accept_Datetime=moment)
    assert answer.status == 302
    assert "Memento-Datetime" not in answer.headers
    assert "accept-datetime" in answer.listed("Vary")
    assert linked(answer, "original")
    parts = urlsplit(answer.headers["Location"])
    led = client.get(f"{parts.path}?{parts.query}", Accept_Datetime="Mon, 01 Jan 1990 00:00:00 GMT")
    assert (led.status, led.media_type) == (200, "application/n-triples")
    assert led.headers["Memento-Datetime"] == MOMENT[since]
    assert (LEFT in led.body) == (since == FIRST)


def test_kept_answers_do_not_hide_the_timegate(client: Client) -> None:
    for _ in range(3):
        assert client.get(PATH, Accept="text/turtle").status == 200
        assert client.get(PATH, Accept="text/turtle", Accept_Datetime=MOMENT[FIRST]).status == 302


def test_a_memento_names_those_around_it(client: Client) -> None:
    old, new = (client.get(f"{PATH}.nt", {"at": day}) for day in (FIRST, SECOND))
    assert {link.rel: path_of(link) for link in linked(old, "memento")} == {
        frozenset({"first", "memento"}): f"{PATH}?at={FIRST}",
        frozenset({"last", "next", "memento"}): f"{PATH}?at={SECOND}",
    }
    assert {link.rel: path_of(link) for link in linked(new, "memento")} == {
        frozenset({"first", "prev", "memento"}): f"{PATH}?at={FIRST}",
        frozenset({"last", "memento"}): f"{PATH}?at={SECOND}",
    }


def test_the_timemap_lists_them_as_links_and_as_json(client: Client) -> None:
    answer = client.get(f"/timemap{PATH}")
    assert answer.media_type == "application/link-format"
    assert [(path_of(link), link.datetime) for link in links(answer.text) if "memento" in link.rel] == [
        (f"{PATH}?at={day}", MOMENT[day]) for day in (FIRST, SECOND)
    ]
    assert {rel for link in links(answer.text) for rel in link.rel} >= {"original", "timegate", "self", "first", "last"}
    for described in (
        client.get(f"/timemap{PATH}", Accept="application/json"),
        client.get(f"/timemap{PATH}", {"format": "json"}),
    ):
        assert [one["uri"].rpartition("=")[2] for one in described.json["mementos"]["list"]] == [FIRST, SECOND]
        assert urlsplit(described.json["timegate_uri"]).path == PATH
    assert client.get(f"/timemap{PATH}", Accept="image/png").status == 406


@pytest.mark.parametrize(
    ("path", "status", "hint"),
    [
        (f"{PATH}?at=2024-01-01", 404, FIRST),
        (f"{PATH}.ttl?at=2024-07-03", 404, FIRST),
        ("/graph/derived?at=2026-01-15", 404, "dct:issued"),
        ("/timemap/graph/derived", 404, "dct:issued"),
        ("/timemap/graph/none", 404, ""),
        (f"/timemap{PATH}.ttl", 404, ""),
        (f"{PATH}?at=2024", 400, "2024-01-01"),
        (f"{PATH}?at=", 400, "2024-01-01"),
        (f"{PATH}?at={FIRST}&at={SECOND}", 400, ""),
        (f"{PATH}?at=../../catalogue", 400, ""),
        (f"{PATH}/{FIRST}", 404, ""),
        (f"/graph/../editions/{NAME}/{FIRST}.ttl", 404, ""),
        (f"/graphs?default&at={FIRST}", 400, ""),
        (f"/timemap{PATH}?format=xml", 406, "link-format"),
    ],
)
def test_what_is_not_there_is_a_problem_with_a_hint(client: Client, path: str, status: int, hint: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.media_type) == (status, PROBLEM)
    assert hint in answer.json["hint"] if hint else True


@pytest.mark.parametrize("moment", ["", "yesterday", "2024-01-01", "Mon, 99 Jan 99999 00:00:00 GMT", "0" * 3000])
def test_what_is_no_http_date_is_refused(client: Client, moment: str) -> None:
    assert client.get(PATH, Accept_Datetime=moment).status == 400
    assert client.get("/graph/derived.ttl", Accept_Datetime=moment).status == 200


def test_an_old_edition_has_a_tag_of_its_own(client: Client) -> None:
    tags = set()
    for day in (FIRST, SECOND):
        answer = client.get(f"{PATH}.ttl", {"at": day})
        tags.add(answer.headers["ETag"])
        again = client.get(f"{PATH}.ttl", {"at": day}, If_None_Match=answer.headers["ETag"])
        assert (again.status, again.headers["Memento-Datetime"]) == (304, MOMENT[day])
    assert len(tags) == 2
    head = client.send("HEAD", f"{PATH}.ttl?at={FIRST}")
    assert (head.status, head.body, head.headers["Memento-Datetime"]) == (200, b"", MOMENT[FIRST])


def test_the_indirect_name_takes_a_day_too(client: Client) -> None:
    answer = client.get("/graphs", {"graph": IRI, "at": FIRST, "format": "nt"})
    assert LEFT in answer.body


def test_queries_and_dumps_do_not_see_what_was_replaced(client: Client) -> None:
    pattern = LEFT.decode().removesuffix(" .")
    for where in (pattern, f"GRAPH ?g {{ {pattern} }}"):
        assert client.rows(f"SELECT (COUNT(*) AS ?n) {{ {where} }}") == [["0"]]
    assert LEFT.removesuffix(b" .") not in client.get("/dump.nq").body
    graphs = {name for [name] in client.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert IRI in graphs
    assert not {name for name in graphs if FIRST in name.removeprefix(IRI)}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("in force from 4 July 2024 to 14 January 2026", "The current one is here", "in force since 15 January"),
        ),
        ("fr", ("en vigueur du 4 juillet 2024 au 14 janvier 2026", "en vigueur est ici", "en vigueur depuis le 15")),
    ],
)
def test_browsers_get_a_page_that_says_when_it_was_in_force(
    client: Client, language: str, words: tuple[str, str, str]
) -> None:
    old, new = (client.get(PATH, {"at": day, "lang": language}, Accept=BROWSER) for day in (FIRST, SECOND))
    for answer in (old, new):
        assert (answer.status, answer.media_type, answer.headers["Content-Language"]) == (200, "text/html", language)
    assert old.headers["Memento-Datetime"] == MOMENT[FIRST]
    lead = " ".join(old.page.texts["main"][0].split()).replace("\N{NO-BREAK SPACE}", " ")
    assert words[0] in lead
    assert words[1] in lead
    assert {"href": f"{PATH}?lang={language}"} in old.page.tags("a")
    assert words[2] in " ".join(new.page.texts["main"][0].split())
    listed = [tag["href"] or "" for tag in client.get(PATH, Accept=BROWSER).page.tags("a")]
    assert f"{PATH}?at={FIRST}" in {f"{urlsplit(link).path}?{urlsplit(link).query}" for link in listed}


def test_pages_say_which_edition_of_the_lists_is_in_force(client: Client) -> None:
    for path in ("/?lang=en", "/about?lang=en", "/search?q=Auch&lang=en"):
        said = client.get(path, Accept=BROWSER).text
        assert "ANCT lists as of 15 January 2026" in said, path
        assert not re.search("ANCT('s|&#39;s| lists) as of 4 July 2024", said), path
    missing = client.get("/doc/none", Accept=BROWSER, Accept_Language="fr")
    assert (missing.status, "au 15 janvier 2026" in missing.text) == (404, True)
