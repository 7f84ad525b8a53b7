"""The tests of the W3C about writing graphs over HTTP, on a real server, in terms of what it takes.

Here a graph is a file, named below the base, and holds no blank node: names of graphs are translated, and blank nodes
are named, alike in what is sent and in what is expected.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pyoxigraph as ox
import pytest
from tests.conformance.suite import Case, Request, cases
from tests.conftest import shared
from tests.protocol.conftest import BASE
from tests.protocol.writing import Writing, writable

FOLDER = {
    "ontology/o.ttl": f"<{BASE}def#Thing> <http://www.w3.org/2000/01/rdf-schema#label> 'thing'@en .\n",
    "shapes/none.ttl": "",
    "data/one.ttl": f"<{BASE}id/thing/1> a <{BASE}def#Thing> .\n",
}
CANNOT = {
    "put_get_default": "the default graph is the merge of all graphs, and is not written",
    "post_get_new_graph": "a new graph is named by who sends it, for it becomes a file of that name",
}
_ASKED = re.compile(r"http://(?:kasei.us|example.org|example)/[^>\s]*")

# rdflib 7 warns of a class that its own Turtle reader uses.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writing]:
    with writable(tmp_path_factory.mktemp("w3c"), FOLDER, tmp_path_factory.mktemp("kept")) as found:
        yield found


def suite(feature: str) -> list[Case]:
    named = os.environ.get("W3C_SPARQL_TESTS")
    return [*cases(Path(named) if named else shared("w3c/sparql11"), feature)]


def ours(path: str) -> str:
    """Return the address here of a graph of the suite."""
    parts = urlsplit(path)
    name = dict(parse_qsl(parts.query)).get("graph") or parts.path
    slug = re.sub(r"[^a-z0-9]+", "-", name.removeprefix("http://www.example")).strip("-")
    return f"/graphs?graph={quote(f'{BASE}graph/{slug}', safe='')}" if parts.query else f"/graph/{slug}"


def named(document: bytes) -> set[ox.Triple]:
    """Return the triples of a Turtle document, blank nodes named by what is said of them."""
    dataset = ox.Dataset(ox.parse(document, format=ox.RdfFormat.TURTLE, base_iri=BASE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)

    def term(node: object) -> object:
        return ox.NamedNode(f"{BASE}id/blank/{node.value}") if isinstance(node, ox.BlankNode) else node

    return {ox.Triple(term(q.subject), q.predicate, term(q.object)) for q in dataset}  # type: ignore[arg-type]


def body_of(request: Request) -> str:
    if not request.body or "turtle" not in request.headers.get("content-type", ""):
        return (request.body or b"").decode()
    return (ox.serialize(named(request.body), format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def test_graph_store_protocol(writing: Writing) -> None:
    found = {case.name: case for case in suite("graph-store-protocol")}
    assert len(found) > 10
    assert CANNOT.keys() <= found.keys()
    for name in sorted(found.keys() - CANNOT.keys()):
        for request in found[name].requests:
            path, headers = ours(request.path), {key.title(): value for key, value in request.headers.items()}
            headers["Authorization"] = f"Bearer {writing.tokens['all']}"
            answer = writing.client.send(request.method, path, headers=headers, body=body_of(request).encode() or None)
            assert request.expects(answer.status), (name, request.method, path, answer.status, answer.text)
            if request.content:
                assert {q.triple for q in ox.parse(answer.body, format=ox.RdfFormat.TURTLE)} == named(request.content)
        for path in {ours(request.path) for request in found[name].requests}:
            writing.send("DELETE", path)


@pytest.mark.parametrize(
    "name",
    [
        "bad_update_get",
        "bad_multiple_updates",
        "bad_update_wrong_media_type",
        "bad_update_missing_form_type",
        "bad_update_non_utf8",
        "bad_update_syntax",
        "bad_update_dataset_conflict",
        "update_base_uri",
    ],
)
def test_the_update_operation(writing: Writing, name: str) -> None:
    """The others of the suite clear all graphs: of a folder these are also the ontology and what the program writes."""
    [case] = [case for case in suite("protocol") if case.name == name]
    for request in case.requests:
        is_query = request.headers.get("content-type") == "application/sparql-query"
        path = request.path.replace("/sparql/", "/sparql" if is_query else "/update", 1)
        headers = {key.title(): value for key, value in request.headers.items()}
        headers["Authorization"] = f"Bearer {writing.tokens['all']}"
        body = request.body
        if body and b"\0" not in body:
            body = body.replace(b"<http://example.org/protocol-base-test/>", f"<{BASE}graph/base-test>".encode())
        answer = writing.client.send(request.method, path, headers=headers, body=body)
        assert request.expects(answer.status), (request.method, path, answer.status, answer.text)
        if isinstance(request.boolean, bool):
            assert answer.json["boolean"] == request.boolean
