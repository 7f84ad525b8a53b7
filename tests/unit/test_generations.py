"""Generations on disk: what is served is whole, of the present files, and stays while somebody serves it."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.unit.conftest import MakeRoot, assert_says

from territoires.engine.delta import Delta
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.pool import Pool
from territoires.errors import DataError, Text
from territoires.formats import format_named
from territoires.generations import Generation, build, find
from territoires.graph import load
from territoires.guard import admit
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.settings import Settings

CSV = format_named("csv")
ALL = admit("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o")
GRAPHS = admit("SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o")
VALUE = admit("SELECT ?o { <urn:s> <urn:value> ?o }")
LIMITS = Settings(query_timeout=20, query_workers=1)


def quiet(_: Text) -> None:
    pass


def made(root: Root, store: Path) -> Generation:
    return build(root, store, say=quiet)


def write(root: Root, value: int) -> None:
    (root.data / "value.ttl").write_text(f"<urn:s> <urn:value> {value} .\n", encoding="utf-8")


@pytest.fixture
def root(make_root: MakeRoot) -> Root:
    # Larger than what is copied into the merge, with a triple that the small files state too.
    lines = "\n".join(f'<urn:n{number}> <urn:p> "{"x" * 200}{number}" .' for number in range(5_000))
    shared = "<urn:s> <urn:both> 1 .\n"
    return make_root(
        {
            "data/large.ttl": shared + lines,
            "data/value.ttl": "<urn:s> <urn:value> 0 .\n",
            "data/one.ttl": shared,
            "data/two.ttl": "<urn:s> <urn:both> 1 ; <urn:two> 01 .\n",
        }
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_generation_answers_as_the_graph_in_memory(root: Root, store: Path) -> None:
    generation = made(root, store)
    on_disk, in_memory = EmbeddedEngine(generation.open()), EmbeddedEngine(load(root))
    assert (on_disk.version, on_disk.graphs) == (in_memory.version, in_memory.graphs)
    for query in (ALL, GRAPHS):
        assert on_disk.run(query, CSV) == in_memory.run(query, CSV)
    assert generation.triples == 5_000 + 3  # what two files state counts once


def test_the_current_generation_is_that_of_the_last_build_and_the_old_one_goes(root: Root, store: Path) -> None:
    old = made(root, store)
    write(root, 1)
    new = made(root, store)
    assert find(root, store) == new
    assert EmbeddedEngine(new.open()).run(VALUE, CSV).split() == [b"o", b"1"]
    assert not old.folder.exists()


def test_building_the_same_files_again_leaves_the_generation_alone(root: Root, store: Path) -> None:
    before = (made(root, store).folder / "manifest.json").stat()
    after = (made(root, store).folder / "manifest.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_generation_of_other_files_is_refused(root: Root, store: Path) -> None:
    generation = made(root, store)
    write(root, 1)
    with pytest.raises(DataError) as caught:
        find(root, store)
    assert_says(caught.value, str(generation.folder))
    assert f"territoires build --store {store}" in str(caught.value)


def test_files_that_were_only_touched_are_the_same(root: Root, store: Path) -> None:
    generation = made(root, store)
    write(root, 0)
    assert find(root, store) == generation


def test_no_generation_is_an_error_with_its_remedy(root: Root, store: Path) -> None:
    with pytest.raises(DataError) as caught:
        find(root, store)
    assert_says(caught.value, str(store))
    assert f"territoires build --store {store}" in str(caught.value)


@pytest.mark.parametrize("harm", ["no manifest", "cut manifest", "a table gone", "a table cut", "other pyoxigraph"])
def test_a_broken_generation_is_refused_and_built_again(root: Root, store: Path, harm: str) -> None:
    folder = made(root, store).folder
    manifest, table = (
        folder / "manifest.json",
        max((folder / "store").glob("*.sst"), key=lambda one: one.stat().st_size),
    )
    if harm == "no manifest":
        manifest.unlink()
    elif harm == "cut manifest":
        manifest.write_bytes(manifest.read_bytes()[:100])
    elif harm == "a table gone":
        table.unlink()
    elif harm == "a table cut":
        table.write_bytes(table.read_bytes()[:-1])
    else:
        manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"pyoxigraph": "0.1"}), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        find(root, store)
    assert_says(caught.value, str(folder))
    assert EmbeddedEngine(made(root, store).open()).run(VALUE, CSV).split() == [b"o", b"0"]


def test_a_build_that_is_killed_leaves_the_old_generation(root: Root, store: Path) -> None:
    old = made(root, store)
    write(root, 1)
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from territoires.generations import build; from territoires.root import find_root\n"
        "build(find_root(Path(sys.argv[1])), Path(sys.argv[2]), "
        "say=lambda _: os.kill(os.getpid(), signal.SIGKILL))"  # when all is loaded, before it is whole
    )
    done = subprocess.run([sys.executable, "-c", code, str(root.path), str(store)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [*store.glob(".part-*")]
    assert (store / "current").read_text().strip() == old.version
    assert EmbeddedEngine(find(root, store, old.version).open()).run(VALUE, CSV).split() == [b"o", b"0"]
    assert find(root, store, old.version) == old
    new = made(root, store)
    assert not [*store.glob(".part-*")]
    assert EmbeddedEngine(new.open()).run(VALUE, CSV).split() == [b"o", b"1"]


def test_two_builds_at_once_are_refused(root: Root, store: Path) -> None:
    errors: list[BaseException | None] = []
    with ThreadPoolExecutor(1) as other:  # An error of this thread would hold the frames that hold the store open.
        build(root, store, say=quiet, done=lambda _: errors.append(other.submit(made, root, store).exception()))
    assert len(errors) == len(root.turtle_files())
    for error in errors:
        assert isinstance(error, DataError)
        assert_says(error, str(store))
    assert find(root, store)


def test_files_that_change_while_they_are_loaded_are_an_error(root: Root, store: Path) -> None:
    with pytest.raises(DataError) as caught:
        build(root, store, say=quiet, done=lambda _: write(root, 1))
    assert_says(caught.value, str(root.path))
    assert not (store / "current").exists()


def test_a_server_keeps_its_generation_and_a_reload_builds_and_serves_the_next(root: Root, store: Path) -> None:
    old = made(root, store)
    with Pool(root, LIMITS, store=store) as pool:
        assert pool.engine.version == old.version
        write(root, 1)
        new = made(root, store)
        assert old.folder.exists()  # because it is served
        assert pool.engine.run(VALUE, CSV).split() == [b"o", b"0"]
        write(root, 2)
        pool.engine.reload()
        assert pool.engine.run(VALUE, CSV).split() == [b"o", b"2"]
        assert pool.engine.version == root.digest()
        assert not new.folder.exists()  # which nobody served
    made(root, store)
    assert not old.folder.exists()


def test_a_change_is_not_published_into_a_generation(root: Root, store: Path) -> None:
    made(root, store)
    with Pool(root, LIMITS, store=store) as pool:
        before = pool.engine.version
        quad = ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:value"), ox.Literal(1), ox.NamedNode(f"{BASE}graph/v"))
        with pytest.raises(DataError):
            pool.engine.publish(Delta("x" * 64, pool.engine.graphs, added=(quad,)))
        assert pool.engine.version == before
        assert pool.engine.run(VALUE, CSV).split() == [b"o", b"0"]


@pytest.mark.parametrize("fork", [True, False])
def test_a_pool_serves_a_generation_with_and_without_fork(root: Root, store: Path, fork: bool) -> None:  # noqa: FBT001
    generation = made(root, store)
    with Pool(root, LIMITS, store=store, fork=fork) as pool:
        assert pool.engine.version == generation.version
        assert pool.engine.run(ALL, CSV) == EmbeddedEngine(load(root)).run(ALL, CSV)
