"""Answers are kept under what a query says and the version they are of, and evaluated once for all who wait."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from territoires.engine import Opened
from territoires.engine.holding import DatasetChangedError, Served, held, holding, is_versioned
from territoires.engine.keeping import KeepingEngine, Source, beneath, name_of
from territoires.engine.pool import hold
from territoires.engine.stored import Kept, Stored
from territoires.errors import OverloadedError, QuerySyntaxError, TerritoiresError, Text
from territoires.formats import Format, format_named
from territoires.guard import Query, admit

JSON, CSV = format_named("json"), format_named("csv")
ASK = admit("ASK { ?s ?p ?o }")


class Inner:
    """Answers each query with its number; its dataset changes when a test says so."""

    address = "inner"

    def __init__(self) -> None:
        self.now = "1"
        self.asked = 0
        self.size = 0
        self.meanwhile: Callable[[], None] = lambda: None
        self.error: TerritoiresError | None = None

    def seen(self) -> Served:
        """Return the version that is held, else that of now."""
        return (held.get() or {}).get(self.address) or Served(self.now, (self.now,))

    @property
    def version(self) -> str:
        """Return its digest."""
        return self.seen().version

    @property
    def graphs(self) -> tuple[str, ...]:
        """Return a graph for each version."""
        return self.seen().graphs

    @property
    def ready(self) -> bool:
        """Return that it is."""
        return True

    def counts(self) -> Mapping[str, float]:
        """Return how often it was asked."""
        return {"asked": self.asked}

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the next number."""
        return self.open(query, format_).file.read()

    def open(self, query: Query, format_: Format) -> Opened:  # noqa: ARG002
        """Return the next number, about the version that is held."""
        assert self.address in (held.get() or {}) or query.volatile or not query.digest
        self.asked += 1
        content = f"{self.version} {self.asked}".ljust(self.size).encode()
        self.meanwhile()
        if self.version != self.now:
            raise DatasetChangedError
        if self.error:
            raise self.error
        return Opened(io.BytesIO(content), 7)


class Asking:
    """A keeping engine on an inner one, and where its answers came from."""

    def __init__(self, capacity: int = 80_000, stored: Stored | None = None) -> None:
        self.inner = Inner()
        self.told: list[Source] = []
        self.engine = KeepingEngine(self.inner, capacity, stored, self.told.append)

    def __call__(self, query: Query | str = ASK, format_: Format = JSON) -> str:
        """Return the answer as text."""
        asked = admit(query) if isinstance(query, str) else query
        return self.engine.run(asked, format_).decode().strip()


def test_what_means_the_same_has_the_same_answer() -> None:
    ask = Asking()
    texts = ["ASK{?s ?p '#  x'}", "  ASK{?s\n\t?p # why\r\n '#  x'}#", "ASK{?s ?p '#  x'}\n"]
    assert [ask(text) for text in texts] == ["1 1"] * 3
    opened = ask.engine.open(admit(texts[0]), JSON)
    assert (opened.file.read(), opened.rows) == (b"1 1", 7)
    assert ask.told == ["engine", "memory", "memory", "memory"]


@pytest.mark.parametrize(
    "other",
    [
        admit("ASK { ?s ?p '#  x' }"),
        replace(ASK, default_graphs=("urn:a",)),
        replace(ASK, named_graphs=("urn:a",)),
        replace(ASK, default_graphs=()),
        admit("ASK { ?s ?p ?o }", prefixes=True),
    ],
    ids=str,
)
def test_what_means_something_else_has_an_answer_of_its_own(other: Query) -> None:
    ask = Asking()
    assert [ask(), ask(other), ask(ASK, CSV), ask(other), ask()] == ["1 1", "1 2", "1 3", "1 2", "1 1"]


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        ("ASK { <urn:a> ?p <http://example.org/a/..b> }", True),
        ("ASK { <urn:a> ?p <http://example.org/b#c> }", False),
        ("ASK { ?s ?p <a> }", True),
        ("ASK { ?s ?p <> }", True),
        ("ASK { ?s ?p <//example.org/a> }", True),
        ("BASE <a> ASK { ?s ?p ?o }", True),
        ("ASK { ?s ?p ?o FILTER(?o = Iri('a')) }", True),
        ("ASK { ?s ?p ?o FILTER(?o = uri('a')) }", True),
        ("ASK { ?s ?p '<a>' }", False),
    ],
)
def test_the_base_iri_is_part_of_the_question_where_it_matters(text: str, *, matters: bool) -> None:
    names = {name_of(replace(admit(text), base_iri=base), JSON) for base in (None, "http://a/", "http://b/")}
    assert len(names) == (3 if matters else 1)


def test_what_is_never_the_same_is_asked_each_time() -> None:
    ask = Asking()
    assert [ask("SELECT (RAND() AS ?x) {}") for _ in range(2)] == ["1 1", "1 2"]
    assert [ask(Query("ASK {}", "boolean")) for _ in range(2)] == ["1 3", "1 4"]  # nobody has admitted it


def test_another_version_has_other_answers() -> None:
    ask = Asking()
    assert ask() == "1 1"
    ask.inner.now = "2"
    assert [ask(), ask()] == ["2 2"] * 2
    ask.inner.now = "1"
    assert ask() == "1 3"


def test_an_answer_is_of_the_version_that_is_held_or_none() -> None:
    ask = Asking()
    assert is_versioned(ask.engine)
    with hold(ask.engine):
        assert ask() == "1 1"
        ask.inner.now = "2"
        assert (ask(), ask.engine.version, ask.engine.graphs) == ("1 1", "1", ("1",))
        with pytest.raises(DatasetChangedError):
            ask("ASK {}")
    assert ask() == "2 3"


def test_who_holds_nothing_is_answered_about_the_new_version() -> None:
    ask = Asking()

    def publish() -> None:
        ask.inner.now, ask.inner.meanwhile = "2", lambda: None

    ask.inner.meanwhile = publish
    assert [ask(), ask()] == ["2 2"] * 2


def test_an_error_is_not_kept() -> None:
    ask = Asking()
    ask.inner.error = OverloadedError(Text("no", "non"))
    with pytest.raises(OverloadedError):
        ask()
    ask.inner.error = None
    assert [ask(), ask()] == ["1 2"] * 2


def test_an_answer_larger_than_an_eighth_is_passed_on_and_not_kept() -> None:
    ask = Asking(capacity=800)
    ask.inner.size = 101
    assert [ask() for _ in range(2)] == ["1 1", "1 2"]
    ask.inner.size = 100
    assert [ask() for _ in range(2)] == ["1 3", "1 3"]


def test_the_memory_is_bounded_by_bytes() -> None:
    ask = Asking(capacity=16_000)
    ask.inner.size = 1_500  # and as much again as it takes beside: eight at a time
    for number in range(9):
        ask(f"ASK {{ ?s ?p {number} }}")
    assert ask("ASK { ?s ?p 8 }") == "1 9"
    assert ask("ASK { ?s ?p 0 }") == "1 10"


def test_a_large_answer_is_read_from_a_file_by_who_may_be_slow() -> None:
    ask = Asking(capacity=80_000_000)
    ask.inner.size = 2_000_000
    for _ in range(2):
        with ask.engine.open(ASK, JSON).file as file:
            assert not isinstance(file, io.BytesIO)
            assert file.read().strip() == b"1 1"


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def herd(ask: Asking, texts: list[str]) -> list[str]:
    """Ask all at once: none is answered before all the others wait, or are being evaluated."""
    gate = threading.Event()
    ask.inner.meanwhile = lambda: None if gate.wait(30) else pytest.fail("nobody opened")

    def one(text: str) -> str:
        try:
            return ask(text)
        except (TerritoiresError, DatasetChangedError) as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(texts)) as threads:
        answers = [threads.submit(one, text) for text in texts]
        wait_until(lambda: ask.engine._waiting + ask.inner.asked >= len(texts))  # noqa: SLF001
        gate.set()
        return [answer.result() for answer in answers]


def test_what_many_ask_at_once_is_evaluated_once() -> None:
    ask = Asking()
    assert herd(ask, ["ASK {}"] * 50) == ["1 1"] * 50
    assert sorted(ask.told) == ["engine"] + ["shared"] * 49
    assert ask("ASK {}") == "1 1"


def test_many_share_an_error_and_the_next_one_asks_again() -> None:
    ask = Asking()
    ask.inner.error = OverloadedError(Text("no", "non"))
    assert herd(ask, ["ASK {}"] * 20) == ["OverloadedError"] * 20
    assert ask.inner.asked == 1
    ask.inner.error = None
    assert ask("ASK {}") == "1 2"


def test_an_error_with_a_line_is_told_to_those_who_wrote_that_line() -> None:
    ask = Asking()
    ask.inner.error = QuerySyntaxError(Text("no", "non"))
    assert herd(ask, ["ASK {}", "ASK\n{}"]) == ["QuerySyntaxError"] * 2
    assert ask.inner.asked == 2


def test_what_is_too_large_to_be_shared_is_evaluated_by_each() -> None:
    ask = Asking(capacity=80)
    ask.inner.size = 100
    assert sorted(herd(ask, ["ASK {}"] * 5)) == [f"1 {number}" for number in range(1, 6)]


def test_who_waits_while_the_version_changes_is_answered_about_the_new_one() -> None:
    ask = Asking()
    gate = threading.Event()

    def publish() -> None:
        if ask.inner.asked == 1:
            assert gate.wait(30)
            ask.inner.now = "2"

    ask.inner.meanwhile = publish
    with ThreadPoolExecutor(10) as threads:
        answers = [threads.submit(ask) for _ in range(10)]
        wait_until(lambda: ask.engine._waiting == 9)  # noqa: SLF001
        gate.set()
        assert {answer.result() for answer in answers} == {"2 2"}


def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("territoires.engine.keeping.MOST_WAITING", 2)
    ask = Asking()
    assert len(herd(ask, ["ASK {}"] * 6)) == 6
    assert ask.inner.asked == 4
    assert ask.engine._waiting == 0  # noqa: SLF001


def test_the_lock_is_free_while_something_is_evaluated() -> None:
    ask = Asking()

    def ask_another() -> None:
        ask.inner.meanwhile = lambda: None
        assert ask("ASK { ?other ?p ?o }") == "1 2"

    ask.inner.meanwhile = ask_another
    assert ask() == "1 1"
    assert ask.inner.asked == 2


def test_what_lies_in_the_folder_is_not_evaluated(tmp_path: Path) -> None:
    stored = Stored(tmp_path, "1.0")
    stored.write("1", name_of(ASK, JSON), Kept(b"from before", 3))
    ask = Asking(stored=stored)
    opened = ask.engine.open(ASK, JSON)
    assert (opened.file.read(), opened.rows) == (b"from before", 3)
    assert (ask(), ask(ASK, CSV)) == ("from before", "1 1")
    ask.inner.now = "2"
    assert ask() == "2 2"
    assert ask.told == ["folder", "memory", "engine", "engine"]


def test_what_is_beneath_is_held_with_it() -> None:
    ask = Asking()
    assert beneath(ask.engine) is ask.inner
    assert beneath(ask.inner) is ask.inner
    with holding(ask.engine.address, ask.engine.seen()):
        ask.inner.now = "2"
        assert ask.inner.version == "1"
    assert (ask.engine.ready, ask.engine.counts()) == (True, {"asked": 0})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    ask = Asking()
    pids: list[int] = []

    def fork() -> None:
        ask.inner.meanwhile = lambda: None
        with ask.engine._lock:  # noqa: SLF001
            pid = os.fork()
            if not pid:
                os._exit(0 if ask() == "1 2" else 1)
        pids.append(pid)

    ask.inner.meanwhile = fork
    assert ask() == "1 1"
    until = time.monotonic() + 30
    while (ended := os.waitpid(pids[0], os.WNOHANG)) == (0, 0):
        if time.monotonic() > until:
            os.kill(pids[0], signal.SIGKILL)
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(ended[1]) == 0
