"""Publishing to a real server: what travels, what is left after a break, who may."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from tests.remotes import Remote, oxigraph, virtuoso
from tests.unit.conftest import MakeRoot

from territoires.engine.credentials import Credentials
from territoires.engine.published import MERGED
from territoires.errors import FetchError, RequestError
from territoires.graph import load
from territoires.namespaces import BASE
from territoires.publishing import Done, GraphStore, publish

A, B, C = (f"{BASE}graph/{name}" for name in "abc")
FILES = {
    "ontology/o.ttl": "<x:o> <x:p> 0 .",
    "data/a.ttl": "<x:a> <x:p> 1 .",
    "data/b.ttl": "<x:b> <x:p> [ <x:q> 2 ] .",
}
ONTOLOGY = f"{BASE}graph/ontology"


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as found:
        yield found


@pytest.fixture
def store(remote: Remote) -> GraphStore:
    found = GraphStore(remote.engine, None, Credentials(""))
    for name in found.published().digests:
        found.delete(name)
    found.delete("urn:x-territoires:published")
    return GraphStore(remote.engine, None, Credentials(""))


def holds(remote: Remote, pattern: str) -> bool:
    with urlopen(f"{remote.engine}?query={quote(f'ASK {{ {pattern} }}')}") as answer:  # noqa: S310  (our own address)
        return b"true" in answer.read()


def test_only_what_changed_travels_and_what_is_gone_is_deleted(
    make_root: MakeRoot, store: GraphStore, remote: Remote
) -> None:
    root = make_root(FILES)
    assert sorted(publish(load(root), store).sent) == sorted([A, B, ONTOLOGY, MERGED])
    assert publish(load(root), store) == Done((), (), 4)
    (root.data / "a.ttl").write_text("<x:a> <x:p> 3 .", encoding="utf-8")
    (root.data / "b.ttl").unlink()
    done = publish(load(root), store)
    assert (sorted(done.sent), done.deleted, done.unchanged) == (sorted([A, MERGED]), (B,), 1)
    assert holds(remote, f"GRAPH <{A}> {{ <x:a> <x:p> 3 }}")
    assert not holds(remote, f"GRAPH <{A}> {{ <x:a> <x:p> 1 }}")
    assert not holds(remote, f"GRAPH <{B}> {{ ?s ?p ?o }}")
    assert store.published().graphs == (A, ONTOLOGY)


def test_blank_nodes_stay_together_across_what_would_be_pieces(
    make_root: MakeRoot, store: GraphStore, remote: Remote
) -> None:
    many = " , ".join(f"[ <x:n> {n} ]" for n in range(11_000))
    publish(load(make_root({**FILES, "data/b.ttl": f"<x:b> <x:p> _:one , {many} . _:one <x:last> true ."})), store)
    assert holds(remote, f"GRAPH <{B}> {{ <x:b> <x:p> ?one . ?one <x:last> true }}")


def test_a_large_graph_travels_in_pieces(make_root: MakeRoot, store: GraphStore, remote: Remote) -> None:
    many = " , ".join(map(str, range(45_000)))
    publish(load(make_root({**FILES, "data/a.ttl": f"<x:a> <x:p> {many} ."})), store)
    for number in (0, 20_000, 44_999):
        assert holds(remote, f"GRAPH <{A}> {{ <x:a> <x:p> {number} }}")


def test_after_a_break_the_rest_travels_and_meanwhile_no_version_is_that_of_the_folder(
    make_root: MakeRoot, store: GraphStore
) -> None:
    graph = load(make_root(FILES))

    def stop(_name: str, place: int, _of: int) -> None:
        if place == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(graph, store, stop)
    left = store.published()
    assert left.version.startswith(f"{graph.version}-partial-")
    assert len(left.digests) == 2
    done = publish(graph, store)
    assert (len(done.sent), done.unchanged) == (2, 2)
    assert not set(done.sent) & set(left.digests)
    assert store.published().version == graph.version


def test_the_merge_is_published_once(make_root: MakeRoot, store: GraphStore) -> None:
    publish(load(make_root({**FILES, "data/c.ttl": FILES["data/a.ttl"]})), store)
    assert store.published().merge == (MERGED,)


def test_without_the_right_password_nothing_is_sent(make_root: MakeRoot, tmp_path: Path) -> None:
    graph = load(make_root(FILES))
    with virtuoso(tmp_path) as remote:
        for text in ("", "dba:wrong"):
            with pytest.raises(FetchError) as caught:
                publish(graph, GraphStore(remote.engine, None, Credentials(text)))
            assert caught.value.hint
            assert "TERRITOIRES_ENGINE_CREDENTIALS" in caught.value.hint.en


class _Guarded(BaseHTTPRequestHandler):
    seen: list[str | None] = []  # noqa: RUF012  (emptied by the test)

    def do_GET(self) -> None:
        header = self.headers["Authorization"]
        self.seen.append(header)
        self.send_response(200 if header == "Basic bWU6c2VjcmV0" else 401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


def test_a_password_is_sent_to_who_asks_for_it() -> None:
    from territoires.engine.endpoint import Endpoint  # noqa: PLC0415

    with HTTPServer(("127.0.0.1", 0), _Guarded) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        endpoint = Endpoint(url, Credentials("me:secret"), 1)
        for _ in range(2):
            answer = endpoint.send("GET", url, until=time.monotonic() + 10, limit=10)
            answer.body.close()
            assert answer.status == 200
        server.shutdown()
    assert _Guarded.seen == [None, "Basic bWU6c2VjcmV0", "Basic bWU6c2VjcmV0"]


def test_a_server_of_another_kind_needs_the_address_of_its_graphs() -> None:
    from territoires.publishing import _store_of  # noqa: PLC0415

    with pytest.raises(RequestError, match="takes graphs"):
        _store_of("http://localhost/ds/sparql", None)


def test_data_that_do_not_pass_their_check_are_not_published(
    make_root: MakeRoot, remote: Remote, territoires_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    shape = """@prefix sh: <http://www.w3.org/ns/shacl#> .
    <x:s> a sh:NodeShape ; sh:targetSubjectsOf <x:p> ; sh:property [ sh:path <x:p> ; sh:maxInclusive 0 ] ."""
    root = make_root({**FILES, "shapes/s.ttl": shape, "data/invalid.ttl": "<x:bad> <x:p> 9 ."})
    done = territoires_command("--root", root.path, "publish", "--engine", remote.engine)
    assert done.returncode == 1
    assert not holds(remote, "GRAPH ?g { <x:bad> ?p ?o }")
