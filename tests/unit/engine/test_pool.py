"""Queries run in processes that are killed, crash and come back, and none of it is silent."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.conftest import running_processes

from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.pool import Pool, PooledEngine
from territoires.engine.wire import connect, pack_query, send
from territoires.errors import (
    OverloadedError,
    QueryEvaluationError,
    QueryMemoryError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    TerritoiresError,
    TurtleError,
)
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format, format_named
from territoires.graph import load
from territoires.guard import Query, admit
from territoires.root import Root, find_root
from territoires.settings import Settings

JSON, NTRIPLES = format_named("json"), format_named("ntriples")
LIGHT = admit("ASK { <urn:s1> <urn:p> 1 }")
HEAVY = admit("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
ALL = admit("SELECT * { ?s ?p ?o } ORDER BY ?o")
EVERYTHING = admit("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")
# The guard would refuse these two; the worker must not depend on it.
NESTED = Query("ASK " + "{" * 200_000 + "}" * 200_000, "boolean")
DOUBLING = admit(
    "SELECT (STRLEN(?x30) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{number}, ?x{number}) AS ?x{number + 1})" for number in range(30))
    + " }"
)
LIMITS = Settings(query_timeout=20, query_workers=3, query_queue=20, max_result_bytes=1_000_000)
LONG_ENOUGH = Settings(query_timeout=20, query_workers=1, query_queue=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Root:
    """Return a graph folder with enough triples for a cross product without end."""
    path = tmp_path_factory.mktemp("pool")
    for name in ("ontology", "data", "shapes", "queries"):
        (path / name).mkdir()
    lines = [f"<urn:s{number}> <urn:p> {number} ." for number in range(3_000)]
    (path / "data/numbers.ttl").write_text("\n".join(lines), encoding="utf-8")
    return find_root(path)


@pytest.fixture(scope="module")
def pool(folder: Root) -> Iterator[Pool]:
    """Return a pool that tests may hurt but not close."""
    with Pool(folder, LIMITS) as pool:
        yield pool


@pytest.fixture(scope="module")
def engine(pool: Pool) -> PooledEngine:
    """Return the engine on that pool."""
    return pool.engine


@pytest.fixture(scope="module")
def embedded(folder: Root) -> EmbeddedEngine:
    """Return the same graph in this process."""
    return EmbeddedEngine(load(folder))


def processes(address: str) -> set[int]:
    """Return the supervisors of the pool at `address` and their workers."""
    found = running_processes()
    ours = {pid for pid, (_, args) in found.items() if address in args}
    return ours | {pid for pid, (parent, _) in found.items() if parent in ours}


def supervisor_of(address: str) -> int:
    """Return the process that the others come from."""
    ours, found = processes(address), running_processes()
    (pid,) = {pid for pid in ours if found[pid][0] not in ours}
    return pid


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it does not come true"
        time.sleep(0.02)


def outcome(engine: PooledEngine, query: Query) -> bytes | TerritoiresError:
    try:
        return engine.run(query, JSON)
    except TerritoiresError as error:
        return error


@contextlib.contextmanager
def running(engine: PooledEngine, query: Query, count: int = 1) -> Iterator[list["Future[bytes | TerritoiresError]"]]:
    """Run `query` so many times beside the block, which begins when they have had time to start."""
    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(outcome, engine, query) for _ in range(count)]
        time.sleep(0.5)
        yield futures


def test_it_is_the_graph_that_was_loaded(engine: PooledEngine, embedded: EmbeddedEngine) -> None:
    assert (engine.version, engine.graphs) == (embedded.version, embedded.graphs)
    assert engine.ready


@pytest.mark.parametrize("size", [3, 3_000])
@pytest.mark.parametrize("format_", [*RESULT_FORMATS, *GRAPH_FORMATS], ids=lambda format_: format_.name)
def test_answers_are_those_of_the_engine_inside(
    engine: PooledEngine, embedded: EmbeddedEngine, format_: Format, size: int
) -> None:
    # The large ones come as a file.
    text = "CONSTRUCT { ?s ?p ?o } {{ " if format_ in GRAPH_FORMATS else "SELECT * { "
    closing = " }" * text.count("{{")
    query = admit(f"{text.replace('{{', '{ {')}SELECT * {{ ?s ?p ?o }} ORDER BY ?o LIMIT {size}{closing} }}")
    assert engine.run(query, format_) == embedded.run(query, format_)


def test_a_file_with_a_large_answer_is_gone_once_read(engine: PooledEngine) -> None:
    folder = Path(engine.address).parent
    opened = engine.open(ALL, JSON)
    with opened.file as file:
        assert len(file.read()) > 100_000
    assert {path.name for path in folder.iterdir()} == {"socket", "version.json"}


def test_an_error_in_the_query_is_that_of_the_engine_inside(engine: PooledEngine, embedded: EmbeddedEngine) -> None:
    query = admit("SELECT * {\n  ?s ?p ?o ?x }")
    raised = []
    for either in (engine, embedded):
        with pytest.raises(QuerySyntaxError) as caught:
            either.run(query, JSON)
        raised.append(caught.value)
    assert raised[0].place == raised[1].place
    assert raised[0].in_("fr") == raised[1].in_("fr")


def test_a_query_past_its_time_is_stopped_and_says_so(folder: Root) -> None:
    with Pool(folder, Settings(query_timeout=1, query_workers=1)) as pool:
        start = time.monotonic()
        with pytest.raises(QueryTimeoutError) as caught:
            pool.engine.run(HEAVY, JSON)
        assert 1 <= time.monotonic() - start < 1.9  # The kernel would end it after 2 s.
        assert b"true" in pool.engine.run(LIGHT, JSON)
    for language in ("en", "fr"):
        assert re.search(r"\b1 s\b.*\n  → .*TERRITOIRES_QUERY_TIMEOUT", caught.value.in_(language))


def test_a_crash_of_native_code_costs_only_the_query(engine: PooledEngine) -> None:
    for _ in range(3):
        with pytest.raises(QueryEvaluationError, match="crashed"):
            engine.run(NESTED, JSON)
    assert b"true" in engine.run(LIGHT, JSON)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit")
def test_a_query_past_its_memory_is_stopped_and_says_so(folder: Root) -> None:
    with Pool(folder, Settings(query_timeout=30, query_workers=1, query_memory=50)) as pool:
        with pytest.raises(QueryMemoryError) as caught:
            pool.engine.run(DOUBLING, JSON)
        for language in ("en", "fr"):
            assert re.search(r"\b50 m.*\n  → .*TERRITOIRES_QUERY_MEMORY", caught.value.in_(language))
        assert b"true" in pool.engine.run(LIGHT, JSON)


@pytest.mark.parametrize("query", [admit("SELECT * { ?a ?b ?c . ?d ?e ?f }"), EVERYTHING], ids=["rows", "graph"])
def test_an_answer_past_the_limit_is_refused_whole(folder: Root, query: Query) -> None:
    limited = EmbeddedEngine(load(folder), max_result_bytes=50_000)
    for format_ in GRAPH_FORMATS if query.kind == "graph" else RESULT_FORMATS:
        with pytest.raises(ResultTooLargeError) as caught:
            limited.run(query, format_)
        for language in ("en", "fr"):
            assert re.search(r"50000.*\n  → .*LIMIT .* OFFSET.*territoires export", caught.value.in_(language))


def test_an_answer_of_exactly_the_limit_is_sent(folder: Root, embedded: EmbeddedEngine) -> None:
    whole = embedded.run(ALL, JSON)
    assert EmbeddedEngine(embedded.graph, max_result_bytes=len(whole)).run(ALL, JSON) == whole
    with pytest.raises(ResultTooLargeError):
        EmbeddedEngine(embedded.graph, max_result_bytes=len(whole) - 1).run(ALL, JSON)


def test_an_endless_answer_is_refused_at_the_limit_and_not_at_the_deadline(engine: PooledEngine) -> None:
    with pytest.raises(ResultTooLargeError):
        engine.run(admit("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"), JSON)


def test_light_queries_stay_quick_while_ten_heavy_ones_run(folder: Root) -> None:
    settings = Settings(query_timeout=30, query_workers=3, query_queue=20)
    with Pool(folder, settings) as pool, ThreadPoolExecutor(10) as threads:
        for _ in range(10):
            threads.submit(outcome, pool.engine, HEAVY)
        time.sleep(0.3)
        seconds = []
        for _ in range(21):
            start = time.monotonic()
            assert b"true" in pool.engine.run(LIGHT, JSON)
            seconds.append(time.monotonic() - start)
            time.sleep(0.05)
        assert sorted(seconds)[10] < 0.2
        assert max(seconds) < 2
        pool.close()


def test_a_full_queue_refuses_at_once_and_serves_the_others(folder: Root) -> None:
    settings = Settings(query_timeout=2, query_workers=1, query_queue=1)
    with Pool(folder, settings) as pool, running(pool.engine, HEAVY), running(pool.engine, LIGHT) as waiting:
        start = time.monotonic()
        with pytest.raises(OverloadedError) as caught:
            pool.engine.run(LIGHT, JSON)
        assert time.monotonic() - start < 1
        assert "1 " in caught.value.detail.fr
        assert b"true" in bytes(waiting[0].result())  # type: ignore[arg-type]


def test_a_query_whose_turn_does_not_come_is_told_so(folder: Root) -> None:
    settings = Settings(query_timeout=1, query_workers=2, query_queue=20)
    with Pool(folder, settings) as pool, running(pool.engine, HEAVY, 6) as futures:
        results = [future.result() for future in futures]
    kinds = {type(result) for result in results}
    assert kinds == {QueryTimeoutError, OverloadedError}


def test_a_query_that_nobody_waits_for_is_ended(folder: Root) -> None:
    with Pool(folder, LONG_ENOUGH) as pool:
        with connect(pool.address, 5) as channel:
            send(channel, {"ask": "query"}, pack_query(HEAVY, JSON))
            time.sleep(0.2)
        assert b"true" in pool.engine.run(LIGHT, JSON)


def test_a_worker_that_is_killed_is_replaced(folder: Root) -> None:
    with Pool(folder, LONG_ENOUGH) as pool, running(pool.engine, HEAVY) as lost:
        supervisor = supervisor_of(pool.address)
        for pid in processes(pool.address) - {supervisor}:
            os.kill(pid, signal.SIGKILL)
        assert isinstance(lost[0].result(), OverloadedError)
        assert b"true" in pool.engine.run(LIGHT, JSON)
        assert supervisor_of(pool.address) == supervisor


def test_a_supervisor_that_is_killed_is_replaced_and_its_queries_start_again(folder: Root) -> None:
    settings = Settings(query_timeout=3, query_workers=1)
    with Pool(folder, settings) as pool, running(pool.engine, HEAVY) as again:
        before = processes(pool.address)
        os.kill(supervisor_of(pool.address), signal.SIGKILL)
        assert isinstance(again[0].result(), QueryTimeoutError)
        assert b"true" in pool.engine.run(LIGHT, JSON)
        wait_until(lambda: not before & running_processes().keys())


def test_data_that_changed_meanwhile_are_not_served_unchecked(folder: Root, tmp_path: Path) -> None:
    shutil.copytree(folder.path, tmp_path / "copy")
    settings = Settings(query_timeout=1, query_workers=1)
    with Pool(find_root(tmp_path / "copy"), settings) as pool:
        (tmp_path / "copy/data/more.ttl").write_text("<urn:s1> <urn:p> 2 .", encoding="utf-8")
        os.kill(supervisor_of(pool.address), signal.SIGKILL)
        with pytest.raises(OverloadedError):
            pool.engine.run(LIGHT, JSON)
        assert not pool.engine.ready


def test_closing_ends_every_process_and_removes_the_folder(folder: Root) -> None:
    pool = Pool(folder, LIMITS)
    with running(pool.engine, HEAVY, 5) as lost:
        assert len(processes(pool.address)) >= 4
        pool.close()
    assert all(isinstance(future.result(), TerritoiresError) for future in lost)
    wait_until(lambda: not processes(pool.address))
    assert not Path(pool.address).parent.exists()


OWNER = """
import sys, time
from pathlib import Path
from territoires import Settings, find_root
from territoires.engine.pool import Pool
print(Pool(find_root(Path(sys.argv[1])), Settings()).address, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_owner_that_dies_leaves_no_process(folder: Root, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, folder.path], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        address = owner.stdout.readline().strip()
        assert processes(address)
        owner.send_signal(number)
    wait_until(lambda: not processes(address))
    shutil.rmtree(Path(address).parent, ignore_errors=True)


def test_data_that_do_not_load_are_reported_to_who_starts_the_pool(folder: Root, tmp_path: Path) -> None:
    shutil.copytree(folder.path, tmp_path / "copy")
    (tmp_path / "copy/data/bad.ttl").write_text("<urn:s1>\n <urn:p> .", encoding="utf-8")
    with pytest.raises(TurtleError) as caught:
        Pool(find_root(tmp_path / "copy"), LIMITS)
    assert caught.value.place
    assert caught.value.place.line == 2


def test_without_fork_each_worker_loads_the_graph(folder: Root, embedded: EmbeddedEngine) -> None:
    with Pool(folder, Settings(query_timeout=5, query_workers=1, query_queue=3), fork=False) as pool:
        assert pool.engine.run(ALL, JSON) == embedded.run(ALL, JSON)
        with pytest.raises(QueryEvaluationError, match="crashed"):
            pool.engine.run(NESTED, JSON)
        assert b"true" in pool.engine.run(LIGHT, JSON)
        with pytest.raises(QueryTimeoutError):
            pool.engine.run(HEAVY, JSON)
        assert b"true" in pool.engine.run(LIGHT, JSON)
        before = processes(pool.address)
        assert len(before) >= 3  # the second worker loads already, so that a crash costs no time
    wait_until(lambda: not before & running_processes().keys())


def test_a_worker_opens_no_connection_even_without_the_guard(engine: PooledEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(QueryEvaluationError):
            engine.run(Query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", "bindings"), JSON)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_many_threads_get_their_own_answers(engine: PooledEngine) -> None:
    def ask(number: int) -> bytes:
        return engine.run(admit(f"SELECT ?s {{ ?s ?p {number} }}"), format_named("csv"))

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(ask, range(300)))
    assert answers == [f"s\r\nurn:s{number}\r\n".encode() for number in range(300)]
    assert threading.active_count() < 12
