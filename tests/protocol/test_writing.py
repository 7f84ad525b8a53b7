"""SPARQL 1.1 Graph Store HTTP Protocol, write side, and the update operation: a real server on a folder of files."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyoxigraph as ox
import pytest
from tests.protocol.conftest import BASE, PROBLEM, Answer
from tests.protocol.writing import FILES, THINGS, TURTLE, UPDATE, Writing, command, supervisor_below, writable


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writing]:
    with writable(tmp_path_factory.mktemp("writing"), FILES, tmp_path_factory.mktemp("kept")) as found:
        yield found


def thing(number: int, name: str) -> str:
    return f"<{BASE}id/thing/{number}> a <{BASE}def#Thing> ; <{BASE}def#name> '{name}' ."


@pytest.fixture(autouse=True)
def as_it_was(writing: Writing) -> None:
    """Give the graph its content back: that is a PUT, too."""
    answer = writing.send("PUT", THINGS, thing(1, "one"), Content_Type=TURTLE)
    assert answer.status == 200, answer.text
    assert writing.names() == {"one"}


def test_put_replaces_a_graph_in_the_store_and_in_its_file(writing: Writing) -> None:
    answer = writing.send("PUT", THINGS, thing(2, "two"), Content_Type=TURTLE)
    assert (answer.status, answer.json["added"], answer.json["removed"]) == (200, 2, 2)
    assert writing.names() == {"two"}
    assert "# Kept by hand." in writing.text()
    assert "one" not in writing.text()
    # What follows from it has changed with it.
    assert writing.client.rows(f"SELECT ?s {{ ?s <{BASE}def#nameOf> 'two' }}") == [[f"{BASE}id/thing/2"]]
    assert "two" in writing.text("derived")


def test_post_adds_to_a_graph(writing: Writing) -> None:
    assert writing.send("POST", f"/graphs?graph={BASE}graph/things", thing(2, "two"), Content_Type=TURTLE).status == 200
    assert writing.names() == {"one", "two"}


def test_patch_is_about_the_graph_of_its_address(writing: Writing) -> None:
    text = "DELETE { ?s ?p 'one' } INSERT { ?s ?p 'uno' } WHERE { ?s ?p 'one' }"
    assert writing.send("PATCH", THINGS, text, Content_Type=UPDATE).status == 200
    assert writing.names() == {"uno"}
    other = f"INSERT DATA {{ GRAPH <{BASE}graph/others> {{ {thing(8, 'eight')} }} }}"
    assert writing.send("PATCH", THINGS, other, Content_Type=UPDATE).status == 400
    assert writing.names("others") == {"nine"}


def test_an_update_changes_several_graphs_as_one(writing: Writing) -> None:
    text = f"""
        PREFIX ti: <{BASE}def#>
        WITH <{BASE}graph/things> DELETE {{ ?s ti:name ?n }} INSERT {{ ?s ti:name "uno" }} WHERE {{ ?s ti:name ?n }} ;
        INSERT DATA {{ GRAPH <{BASE}graph/others> {{ {thing(8, "eight")} }} }}
    """
    answer = writing.send("POST", "/update", text, Content_Type=UPDATE)
    assert (answer.status, answer.json["graphs"]) == (200, [f"{BASE}graph/others", f"{BASE}graph/things"])
    assert (writing.names(), writing.names("others")) == ({"uno"}, {"nine", "eight"})
    undo = f"DELETE DATA {{ GRAPH <{BASE}graph/others> {{ {thing(8, 'eight')} }} }}"
    assert writing.send("POST", "/update", undo, Content_Type=UPDATE).status == 200
    assert writing.names("others") == {"nine"}


def test_a_new_graph_is_created_and_deleted_with_its_file(writing: Writing) -> None:
    new = "/graph/new/one"
    assert writing.client.get(new).status == 404
    assert writing.send("DELETE", new).status == 404
    assert writing.send("PUT", new, thing(3, "three"), Content_Type=TURTLE).status == 201
    assert writing.names("new/one") == {"three"}
    assert "three" in writing.text("new/one")
    assert writing.send("DELETE", new).status == 200
    assert writing.client.get(new).status == 404
    assert not (writing.folder / "data/new/one.ttl").exists()


def test_what_breaks_a_shape_is_refused_with_the_report(writing: Writing) -> None:
    before = {file: file.read_bytes() for file in writing.folder.rglob("*.ttl")}
    broken = thing(1, "one") + thing(2, "two") + f"<{BASE}id/thing/2> <{BASE}def#name> 'deux' ."
    answer = writing.send("PUT", THINGS, broken, Content_Type=TURTLE, Accept_Language="fr")
    assert (answer.status, answer.media_type, answer.json["code"]) == (422, PROBLEM, "shacl")
    [violation] = answer.json["violations"]
    assert violation["focus_node"] == f"{BASE}id/thing/2"
    assert violation["message"] == "Une chose a un nom."
    report = writing.send("PUT", THINGS, broken, Content_Type=TURTLE, Accept="text/turtle")
    assert (report.status, report.media_type) == (422, "text/turtle")
    store = ox.Store()
    store.load(report.body, format=ox.RdfFormat.TURTLE)
    assert store.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> ASK { ?r sh:conforms false ; sh:result/sh:focusNode ?n }"
    )
    page = writing.send("PUT", THINGS, broken, Content_Type=TURTLE, Accept="text/html,*/*;q=0.1")
    assert (page.status, "Une chose a un nom." in page.text) == (422, True)
    assert {file: file.read_bytes() for file in writing.folder.rglob("*.ttl")} == before
    assert writing.names() == {"one"}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("PUT", THINGS, thing(1, "x"), {"Content-Type": "image/png"}, 415),
        ("PUT", THINGS, thing(1, "x"), {}, 415),
        ("PUT", THINGS, "<a> <b>", {"Content-Type": TURTLE}, 400),
        ("PUT", THINGS, thing(1, "x"), {"Content-Type": TURTLE, "Accept": "image/png"}, 406),
        ("PUT", THINGS, thing(1, "x"), {"Content-Type": TURTLE, "If-Match": '"another"'}, 412),
        ("PUT", THINGS, thing(1, "x"), {"Content-Type": TURTLE, "If-None-Match": "*"}, 412),
        ("PUT", "/graph/nothing", thing(1, "x"), {"Content-Type": TURTLE, "If-Match": "*"}, 412),
        ("PUT", "/graphs?default", thing(1, "x"), {"Content-Type": TURTLE}, 403),
        ("PUT", f"{THINGS}?at=2024-01-01", thing(1, "x"), {"Content-Type": TURTLE}, 400),
        ("PUT", f"{THINGS}?mesage=x", thing(1, "x"), {"Content-Type": TURTLE}, 400),
        ("PUT", THINGS, "# all is comment: <a> <b> <c> .", {"Content-Type": TURTLE}, 400),
        ("PUT", THINGS, "", {"Content-Type": TURTLE}, 400),
        ("PUT", "/graphs", thing(1, "x"), {"Content-Type": TURTLE}, 400),
        ("PUT", "/graphs?graph=http://example.org/g", thing(1, "x"), {"Content-Type": TURTLE}, 422),
        ("PUT", "/graph/derived", thing(1, "x"), {"Content-Type": TURTLE}, 403),
        ("PUT", "/graph/changes", thing(1, "x"), {"Content-Type": TURTLE}, 403),
        ("PUT", "/graph/a/../../x", thing(1, "x"), {"Content-Type": TURTLE}, 422),
        ("PUT", THINGS, "[] <urn:p> 1 .", {"Content-Type": TURTLE}, 422),
        ("PUT", THINGS, '{"@context": "http://example.org/c"}', {"Content-Type": "application/ld+json"}, 400),
        ("PUT", THINGS, "<!DOCTYPE a []><a/>", {"Content-Type": "application/rdf+xml"}, 400),
        ("PATCH", THINGS, "LOAD <http://127.0.0.1:9/>", {"Content-Type": UPDATE}, 403),
        ("PATCH", THINGS, "DELETE WHERE { ?s ?p", {"Content-Type": UPDATE}, 400),
        ("PATCH", THINGS, thing(1, "x"), {"Content-Type": TURTLE}, 415),
        ("POST", "/update", f"INSERT DATA {{ {thing(1, 'x')} }}", {"Content-Type": UPDATE}, 400),
        ("POST", "/update", "CLEAR GRAPH <urn:none>", {"Content-Type": UPDATE}, 400),
        ("POST", "/update", "SELECT * {}", {"Content-Type": UPDATE}, 400),
        (
            "POST",
            "/update",
            "update=CLEAR+SILENT+GRAPH+%3Curn:a%3E&quary=x",
            {"Content-Type": "application/x-www-form-urlencoded"},
            400,
        ),
        ("POST", "/update", "x", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(
    writing: Writing, method: str, path: str, body: str, headers: dict[str, str], status: int
) -> None:
    answer = writing.client.send(
        method, path, headers={**headers, "Authorization": f"Bearer {writing.tokens['all']}"}, body=body.encode()
    )
    assert (answer.status, answer.media_type) == (status, PROBLEM), answer.text
    assert answer.json["detail"]
    assert writing.names() == {"one"}


def test_a_body_that_may_break_off_unseen_is_refused(writing: Writing) -> None:
    """Of a chunked body nobody can tell whether it is whole (RFC 9110 §15.5.12)."""
    head = (
        f"PUT {THINGS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {writing.tokens['all']}\r\n"
        f"Content-Type: {TURTLE}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    said = writing.client.spoken(f"{head}5\r\n<urn:".encode(), half_close=True)
    assert said.startswith(b"HTTP/1.1 411")
    assert writing.names() == {"one"}


def test_a_change_of_the_files_beside_the_server_is_loaded_at_the_next_write(writing: Writing) -> None:
    made = writing.send("PUT", THINGS, thing(2, "two"), Content_Type=TURTLE).json["change"]
    command(writing.folder, "revert", made.rpartition("/")[2])
    answer = writing.send("POST", "/graph/others", thing(7, "seven"), Content_Type=TURTLE)
    assert answer.status == 200, answer.text
    assert (writing.names(), "seven" in writing.names("others")) == ({"one"}, True)
    undo = writing.send("PUT", "/graph/others", thing(9, "nine"), Content_Type=TURTLE)
    assert undo.status == 200


def test_without_a_good_token_nobody_writes(writing: Writing) -> None:
    body, kind = thing(1, "x"), {"Content_Type": TURTLE}
    none = writing.send("PUT", THINGS, body, None, **kind)
    assert (none.status, none.headers["WWW-Authenticate"]) == (401, 'Bearer realm="territoires"')
    wrong = writing.send("PUT", THINGS, body, "all.wrong", **kind)
    assert (wrong.status, "invalid_token" in wrong.headers["WWW-Authenticate"]) == (401, True)
    assert writing.send("PUT", THINGS, body, "others", **kind).status == 403
    text = f"INSERT DATA {{ GRAPH <{BASE}graph/things> {{ {thing(2, 'two')} }} }}"
    update = writing.send("POST", "/update", text, "others", Content_Type=UPDATE)
    assert (update.status, update.json["code"]) == (403, "forbidden")
    assert writing.send("POST", "/graph/others", thing(9, "nine"), "others", **kind).status == 200
    assert writing.names() == {"one"}


def test_a_change_is_told_in_the_history(writing: Writing) -> None:
    answer = writing.send("PUT", f"{THINGS}?message=Two+is+better", thing(2, "two"), Content_Type=TURTLE)
    change = answer.json["change"]
    [row] = writing.client.rows(
        "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX dct: <http://purl.org/dc/terms/> "
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
        f"SELECT ?why ?who {{ <{change}> dct:description ?why ; prov:wasAssociatedWith/foaf:name ?who }}"
    )
    assert row == ["Two is better", "all"]
    number = change.rpartition("/")[2]
    listed = json.loads(command(writing.folder, "history", number, "--format", "json"))
    assert listed["message"] == "Two is better"


def test_what_changes_nothing_is_no_change(writing: Writing) -> None:
    before = writing.client.rows(f"SELECT (COUNT(?c) AS ?n) {{ ?c a <{BASE}def#Change> }}")
    answer = writing.send("PUT", THINGS, thing(1, "one"), Content_Type=TURTLE)
    assert (answer.status, answer.json["added"], answer.json["removed"]) == (200, 0, 0)
    assert writing.client.rows(f"SELECT (COUNT(?c) AS ?n) {{ ?c a <{BASE}def#Change> }}") == before


def test_of_a_hundred_writers_with_if_match_none_loses_an_update(writing: Writing) -> None:
    """Each adds one to a number that all share, and tries again while others were quicker."""
    count = f"<{BASE}id/count>"

    def number(answer: Answer) -> int:
        [quad] = (q for q in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES) if q.subject.value.endswith("/count"))
        return int(quad.object.value)

    start = f"{thing(1, 'one')} {count} <{BASE}def#value> 0 ."
    assert writing.send("PUT", THINGS, start, Content_Type=TURTLE).status == 200
    statuses: list[int] = []

    def add(_: int) -> None:
        while True:
            answer = writing.client.get(THINGS, Accept="application/n-triples")
            body = f"{thing(1, 'one')} {count} <{BASE}def#value> {number(answer) + 1} ."
            written = writing.send("PUT", THINGS, body, Content_Type=TURTLE, If_Match=answer.headers["ETag"])
            statuses.append(written.status)
            if written.status == 200:
                return
            assert written.status in {412, 503}, written.text

    with ThreadPoolExecutor(20) as people:
        list(people.map(add, range(100)))
    assert number(writing.client.get(THINGS, Accept="application/n-triples")) == 100
    assert statuses.count(200) == 100
    assert 412 in statuses  # else nobody was in anybody's way


def test_whenever_the_engine_is_killed_a_change_is_made_whole_or_not_at_all(writing: Writing) -> None:
    """With the supervisor its writer dies, wherever it is; the next one ends or undoes what is left."""
    chance = random.Random(8)  # noqa: S311  (moments, not secrets)
    for number in range(12):
        name = f"name {number}"
        rename = f"DELETE {{ ?s ti:name ?n }} INSERT {{ ?s ti:name '{name}' }} WHERE {{ ?s ti:name ?n }}"
        both = " ; ".join(f"WITH <{BASE}graph/{graph}> {rename}" for graph in ("things", "others"))
        with ThreadPoolExecutor(1) as other:
            sent = other.submit(writing.send, "POST", "/update", both, Content_Type=UPDATE)
            time.sleep(chance.random())
            os.kill(supervisor_below(writing.process), signal.SIGKILL)
            answer = sent.result()
        assert answer.status in {200, 503}, answer.text
        # Kept answers are of the version before until the next engine is there, for which what is never kept waits.
        assert writing.client.query("SELECT (RAND() AS ?x) {}").status == 200
        seen = writing.names() | writing.names("others")
        assert (seen == {name}) or (answer.status == 503 and name not in seen), answer.text
        for graph in ("things", "others"):
            assert all(one in writing.text(graph) for one in writing.names(graph))
    assert writing.send("PUT", "/graph/others", thing(9, "nine"), Content_Type=TURTLE).status == 200


def test_files_and_server_hold_the_same_at_the_end(writing: Writing) -> None:
    """Whoever starts from the files sees what readers of the server see."""
    dump = {*ox.parse(writing.client.get("/dump.nq").body, format=ox.RdfFormat.N_QUADS)}
    command(writing.folder, "check")
    exported = command(writing.folder, "export", "--format", "nquads")
    assert {*ox.parse(exported.encode(), format=ox.RdfFormat.N_QUADS)} == dump
    stamp: dict[str, Any] = json.loads((writing.folder / "shapes/checked.json").read_bytes())
    assert stamp["changes"] > 0
