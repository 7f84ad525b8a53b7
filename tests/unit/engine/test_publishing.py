"""A new version is swapped in under readers: each answer is of one version whole, and none is refused."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.unit.engine.test_pool import HEAVY, processes, running, wait_until

from territoires import graph as graphs
from territoires.engine.delta import MOST, Delta, apply, unpack
from territoires.engine.holding import DatasetChangedError
from territoires.engine.pool import Pool, PooledEngine, hold
from territoires.errors import DataError
from territoires.formats import format_named
from territoires.graph import graph_files, load, load_both
from territoires.guard import admit
from territoires.namespaces import BASE
from territoires.root import find_root
from territoires.settings import Settings

JSON = format_named("json")
LIMITS = Settings(query_timeout=20, query_workers=2, query_queue=20)
VALUE = admit("SELECT ?o { ?s <urn:value> ?o }")
PAIR = admit("SELECT ?o { GRAPH ?g { ?s <urn:value> ?o } }")


def write(path: Path, number: int) -> str:
    (path / "data/value.ttl").write_text(f"<urn:s> <urn:value> {number} .\n", encoding="utf-8")
    return find_root(path).digest()


def quad(number: int) -> ox.Quad:
    value = ox.Literal(number)
    return ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:value"), value, ox.NamedNode(f"{BASE}graph/value"))


def delta(path: Path, old: int, new: int) -> Delta:
    version = write(path, new)
    return Delta(version, tuple(sorted(graph_files(find_root(path)))), (quad(old),), (quad(new),))


def value(engine: PooledEngine, query: object = VALUE) -> int:
    (row,) = json.loads(engine.run(VALUE if query is VALUE else PAIR, JSON))["results"]["bindings"]
    return int(row["o"]["value"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ontology", "data", "shapes", "queries"):
        (tmp_path / name).mkdir()
    lines = [f"<urn:n{number}> <urn:p> {number} ." for number in range(3_000)]
    (tmp_path / "data/numbers.ttl").write_text("\n".join(lines), encoding="utf-8")
    write(tmp_path, 0)
    return tmp_path


@pytest.fixture
def pool(folder: Path) -> Iterator[Pool]:
    with Pool(find_root(folder), LIMITS) as pool:
        yield pool


def test_who_asks_after_a_publish_sees_it_in_every_process(pool: Pool, folder: Path) -> None:
    other = PooledEngine.connect(pool.address, LIMITS)
    assert value(other) == 0
    pool.engine.publish(delta(folder, 0, 1))
    assert [engine.version for engine in (pool.engine, other)] == [find_root(folder).digest()] * 2
    assert [value(engine, query) for engine in (pool.engine, other) for query in (VALUE, PAIR)] == [1] * 4


def test_a_running_query_ends_on_the_old_version(pool: Pool, folder: Path) -> None:
    with running(pool.engine, HEAVY) as (heavy,):
        pool.engine.publish(delta(folder, 0, 1))
        assert value(pool.engine) == 1
        assert not heavy.done()


def test_what_is_held_is_not_mixed_with_another_version(pool: Pool, folder: Path) -> None:
    with hold(pool.engine):
        before = pool.engine.version
        assert value(pool.engine) == 0
        pool.engine.publish(delta(folder, 0, 1))
        assert pool.engine.version == before
        with pytest.raises(DatasetChangedError):
            pool.engine.run(VALUE, JSON)
    assert value(pool.engine) == 1


def test_a_supervisor_that_ends_comes_back_with_what_was_published(pool: Pool, folder: Path) -> None:
    pool.engine.publish(delta(folder, 0, 1))
    pool._process.kill()  # noqa: SLF001
    assert value(pool.engine) == 1


def test_a_reload_takes_the_files_as_they_are(pool: Pool, folder: Path) -> None:
    (folder / "data/more.ttl").write_text("<urn:s> <urn:more> 1 .", encoding="utf-8")
    version = write(folder, 7)
    pool.engine.reload()
    assert pool.engine.version == version
    assert value(pool.engine) == 7
    assert f"{BASE}graph/more" in pool.engine.graphs


def test_where_workers_are_not_forked_a_change_needs_a_reload(folder: Path) -> None:
    with Pool(find_root(folder), LIMITS, fork=False) as pool, pytest.raises(DataError, match="loaded again"):
        pool.engine.publish(delta(folder, 0, 1))


def test_a_delta_survives_its_journey() -> None:
    sent = Delta("v", ("urn:g",), (quad(1),), (quad(2), quad(3)))
    assert unpack(sent.pack()) == sent


def test_the_default_graph_stays_the_merge_of_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "_LARGE", 10_000)  # `numbers` stands for itself.
    shared = "<urn:n1> <urn:p> 1 ."
    changes = {"data/a.ttl": shared, "data/b.ttl": shared + "<urn:x> <urn:p> 2 .", "data/numbers.ttl": shared}
    before = load_both(find_root(folder))
    old = set(before.store)
    for name, text in changes.items():
        (folder / name).write_text(text, encoding="utf-8")
    # `numbers` is kept large, as it was for the store that is changed.
    monkeypatch.setattr(graphs, "_LARGE", 10)
    wanted = load(find_root(folder))
    named = [{one for one in store if one.graph_name != ox.DefaultGraph()} for store in (old, set(wanted.store))]
    change = Delta(wanted.version, wanted.graphs, tuple(named[0] - named[1]), tuple(named[1] - named[0]))
    after = apply(before, change)
    assert (after.version, after.graphs) == (wanted.version, wanted.graphs)
    assert {one for one in after.store if one.graph_name != ox.DefaultGraph()} == named[1]
    triples = list(after.triples())
    assert len(triples) == len(set(triples))
    assert set(triples) == set(wanted.triples())
    assert after.merged is not None
    assert {one.triple for one in after.merged} == set(triples)


def test_two_graphs_that_stand_for_themselves_never_share_a_triple(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "_LARGE", 1)
    before = load(find_root(folder))
    old = set(before.store)
    triple = next(iter(before.store.quads_for_pattern(None, ox.NamedNode("urn:p"), None))).triple
    shared = ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(f"{BASE}graph/value"))
    with pytest.raises(DataError, match="loaded again"):
        apply(before, Delta("v", before.graphs, (), (shared,)))
    assert set(before.store) == old


def test_a_large_change_needs_a_reload(folder: Path) -> None:
    before = load(find_root(folder))
    old = set(before.store)
    with pytest.raises(DataError, match="loaded again"):
        apply(before, Delta("v", before.graphs, (), tuple(quad(number) for number in range(MOST + 1))))
    assert set(before.store) == old


def test_readers_never_notice(pool: Pool, folder: Path) -> None:
    """Each version's number is known by its digest: an answer is checked against the version that it claims."""
    numbers = {pool.engine.version: 0}
    wrong: list[object] = []
    read, stop = [0], threading.Event()

    def reading() -> None:
        while not stop.is_set():
            try:
                with hold(pool.engine):
                    version = pool.engine.version
                    found = (value(pool.engine), value(pool.engine, PAIR))
            except DatasetChangedError:
                continue
            except Exception as error:  # noqa: BLE001  (all that a reader could notice)
                wrong.append(error)
                continue
            read[0] += 1
            if set(found) != {numbers[version]}:
                wrong.append((version, found))

    threads = [threading.Thread(target=reading) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 101):
        change = delta(folder, number - 1, number)
        numbers[change.version] = number
        pool.engine.publish(change)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert read[0] > 0
    wait_until(lambda: len(processes(pool.address)) == 1 + LIMITS.query_workers + 1)
