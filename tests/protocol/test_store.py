"""A real server on a graph on disk answers as one that has loaded it, and refuses what it must not serve."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.conftest import answers_health, running_server
from tests.protocol.conftest import Client

from territoires.generations import build
from territoires.graph import load
from territoires.root import Root, find_root
from territoires.stamp import write_stamp
from territoires.validation import validate

Run = Callable[..., CompletedProcess[str]]

_QUERIES = (
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/territoires-industrie/graph/derived> { ?s ?p ?o }",
    (
        "PREFIX ti: <https://w3id.org/territoires-industrie/def#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        "SELECT ?t ?l { ?t a ti:Territory ; rdfs:label ?l } ORDER BY ?t ?l"
    ),
)


@pytest.fixture(scope="module")
def folder(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("disk") / "graph"
    shutil.copytree(small_data, target)
    graph = load(find_root(target))
    write_stamp(graph, validate(graph))
    return target


@pytest.fixture(scope="module")
def on_disk(folder: Path) -> Iterator[Client]:
    store = str(folder.parent / "store")
    build(find_root(folder), Path(store), say=lambda _: None)
    with running_server(["--root", str(folder)], TERRITOIRES_STORE=store) as url:
        yield Client(url)


@pytest.mark.parametrize("query", _QUERIES)
def test_the_answers_are_those_of_a_server_in_memory(on_disk: Client, client: Client, query: str) -> None:
    found = on_disk.rows(query)
    assert found
    assert found == client.rows(query)


def test_pages_and_search_work(on_disk: Client) -> None:
    assert answers_health(on_disk.base)["status"] == "ok"
    for path in ("/", "/territories", "/doc/territory/2/ti-7614", "/quality"):
        assert on_disk.get(path, Accept="text/html").status == 200, path


@pytest.mark.usefixtures("on_disk")
def test_a_query_that_runs_too_long_is_stopped_and_others_go_on(folder: Path) -> None:
    store = str(folder.parent / "store")
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with running_server(["--root", str(folder)], serve=["--store", store], TERRITOIRES_QUERY_TIMEOUT="2") as url:
        stopped = Client(url).query(heavy)
        assert stopped.status == 504
        assert Client(url).rows("SELECT ?s { ?s ?p ?o } LIMIT 1")


def test_commands_build_refuse_and_build_again(small: Root, territoires_command: Run, tmp_path: Path) -> None:
    store = tmp_path / "store"
    options = ("--root", small.path)
    missing = territoires_command(*options, "serve", "--store", store)
    assert missing.returncode == 1
    assert f"territoires build --store {store}" in missing.stderr
    built = territoires_command(*options, "build", "--store", store, "--progress")
    assert built.returncode == 0, built.stderr
    assert built.stderr == ""  # a pipe
    (small.data / "links-ign.ttl").unlink()
    stale = territoires_command(*options, "serve", "--store", store)
    assert stale.returncode == 1
    assert "other files" in stale.stderr
    again = territoires_command(*options, "build", "--store", store)
    assert again.returncode == 0, again.stderr
    assert "derived.ttl" in again.stdout  # whose inputs have changed
    assert len([*store.glob("*/manifest.json")]) == 1


def test_a_file_has_no_store(territoires_command: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.ttl"
    file.write_text("<urn:s> <urn:p> 1 .", encoding="utf-8")
    done = territoires_command("serve", "--data", file, "--store", tmp_path)
    assert done.returncode == 2
    assert "--store" in done.stderr
