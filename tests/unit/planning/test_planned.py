"""The engine in front: it asks another text of the version that was counted, and never makes an answer worse."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from territoires.engine import Opened
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.holding import DatasetChangedError, Served, held
from territoires.engine.layers import innermost
from territoires.engine.pool import hold
from territoires.errors import (
    OverloadedError,
    QueryEvaluationError,
    QueryMemoryError,
    QuerySyntaxError,
    QueryTimeoutError,
    TerritoiresError,
    Text,
)
from territoires.formats import Format, format_named
from territoires.guard import Query, admit
from territoires.planning import PlannedEngine, Rewriting, Statistics, planned, rewrite

JSON = format_named("json")
EX = "http://example.org/"
QUERY = admit(
    f"PREFIX ex: <{EX}> SELECT ?n (COUNT(?p) AS ?c) {{ ?p a ex:Place ; ex:number ?n ; ex:within ?d }} GROUP BY ?n"
)
"""A type that follows, and large patterns: it pays to write it anew."""
LATER = 3_600.0


class _Asked:
    """An engine with versions that notes what it is asked, and fails as it is told."""

    address = "somewhere"
    ready = True

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.inner_engine = engine
        self.texts: list[str] = []
        self.fails: Mapping[str, Exception] = {}
        self.current = "1"

    @property
    def version(self) -> str:
        return self.seen().version

    @property
    def graphs(self) -> tuple[str, ...]:
        return self.seen().graphs

    def seen(self) -> Served:
        return (held.get() or {}).get(self.address) or Served(self.current, ())

    def counts(self) -> Mapping[str, float]:
        return {"queries": 1.0}

    def run(self, query: Query, format_: Format) -> bytes:
        with self.open(query, format_).file as file:
            return file.read()

    def open(self, query: Query, format_: Format) -> Opened:
        self.texts.append(query.text)
        if self.version != self.current:
            raise DatasetChangedError
        if error := self.fails.get(query.text):
            raise error
        return self.inner_engine.open(query, format_)


@pytest.fixture
def asked(engine: EmbeddedEngine) -> _Asked:
    return _Asked(engine)


@pytest.fixture
def counted(asked: _Asked) -> PlannedEngine:
    """Return an engine that has counted; what that took is forgotten."""
    front = PlannedEngine(asked, LATER)
    front.count()
    asked.texts.clear()
    return front


def other_text(asked: _Asked, front: PlannedEngine) -> str:
    """Return what is asked in place of `QUERY`."""
    front.run(QUERY, JSON)
    [text] = asked.texts
    asked.texts.clear()
    assert text != QUERY.text
    return text


def test_until_it_has_counted_a_query_is_asked_as_it_is(asked: _Asked) -> None:
    PlannedEngine(asked, LATER).run(QUERY, JSON)
    assert asked.texts == [QUERY.text]


def test_then_another_text_is_asked_and_the_answer_is_the_same(
    asked: _Asked, counted: PlannedEngine, engine: EmbeddedEngine
) -> None:
    assert sorted(counted.run(QUERY, JSON)) == sorted(engine.run(QUERY, JSON))
    assert asked.texts != [QUERY.text]
    opened = counted.open(QUERY, JSON)
    assert opened.rows == 7
    opened.file.close()


@pytest.mark.parametrize(
    "query",
    [
        replace(QUERY, has_dataset=True),
        replace(QUERY, volatile=True),
        replace(QUERY, kind="boolean"),
        replace(QUERY, text=QUERY.text + " " * 10_000),
        admit(f"SELECT ?p {{ <{EX}place/1> <{EX}region> ?p }}"),
        admit(f"SELECT ?p {{ <{EX}place/1> <{EX}number> ?p }}"),
    ],
)
def test_what_is_not_about_the_default_graph_or_is_small_is_asked_as_it_is(
    asked: _Asked, counted: PlannedEngine, query: Query
) -> None:
    counted.run(query, JSON)
    assert asked.texts == [query.text]


def test_graphs_of_the_request_are_another_dataset(asked: _Asked, counted: PlannedEngine) -> None:
    for query in (replace(QUERY, default_graphs=()), replace(QUERY, named_graphs=())):
        counted.run(query, JSON)
    assert asked.texts == [QUERY.text] * 2


def test_another_version_is_not_asked_what_was_found_for_this_one(asked: _Asked, counted: PlannedEngine) -> None:
    asked.current = "2"
    counted.run(QUERY, JSON)
    assert asked.texts == [QUERY.text]


def test_a_version_that_comes_meanwhile_is_asked_the_text_itself(asked: _Asked, counted: PlannedEngine) -> None:
    other = other_text(asked, counted)
    asked.fails = {other: DatasetChangedError()}
    counted.run(QUERY, JSON)
    assert asked.texts == [other, QUERY.text]


def test_whoever_holds_a_version_is_told_that_it_is_gone(asked: _Asked, counted: PlannedEngine) -> None:
    with hold(counted):
        asked.current = "2"
        with pytest.raises(DatasetChangedError):
            counted.run(QUERY, JSON)


@pytest.mark.parametrize("error", [QuerySyntaxError, QueryEvaluationError, QueryMemoryError])
def test_after_an_error_the_text_itself_is_asked_then_and_later(
    asked: _Asked, counted: PlannedEngine, error: type[TerritoiresError]
) -> None:
    other = other_text(asked, counted)
    asked.fails = {other: error(Text("no", "non"))}
    counted.run(QUERY, JSON)
    counted.run(QUERY, JSON)
    assert asked.texts == [other, QUERY.text, QUERY.text]


def test_after_all_the_time_was_taken_the_text_itself_is_asked_the_next_time(
    asked: _Asked, counted: PlannedEngine
) -> None:
    other = other_text(asked, counted)
    asked.fails = {other: QueryTimeoutError(Text("late", "tard"))}
    with pytest.raises(QueryTimeoutError):
        counted.run(QUERY, JSON)
    counted.run(QUERY, JSON)
    assert asked.texts == [other, QUERY.text]


def test_the_place_of_an_error_is_that_of_the_user_s_text(counted: PlannedEngine) -> None:
    text = QUERY.text.replace("GROUP BY ?n", "GROUP BY")
    with pytest.raises(QuerySyntaxError) as caught:
        counted.run(replace(QUERY, text=text), JSON)
    assert caught.value.place
    assert caught.value.place.column == len(text) + 1


def test_it_counts_in_a_thread_once_for_a_version(asked: _Asked) -> None:
    front = PlannedEngine(asked, 0.0)
    front.run(QUERY, JSON)
    for thread in threading.enumerate():
        if thread.name == "planner":
            thread.join(60)
    before = len(asked.texts)
    front.run(QUERY, JSON)
    assert asked.texts[before:] != [QUERY.text]
    assert len(asked.texts) == before + 1


def test_what_cannot_be_counted_is_told_and_tried_again_later(
    asked: _Asked, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OverloadedError(Text("busy", "occupé"))

    monkeypatch.setattr(planned, "measure", fail)
    front = PlannedEngine(asked, 0.0)
    front.run(QUERY, JSON)
    until = time.monotonic() + 60
    while not caplog.records and time.monotonic() < until:
        time.sleep(0.01)
    assert "could not be counted: busy" in caplog.text


def test_few_texts_are_remembered(asked: _Asked, counted: PlannedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "_KEPT", 3)
    found: list[str] = []

    def noted(text: str, statistics: Statistics) -> Rewriting:
        found.append(text)
        return rewrite(text, statistics)

    monkeypatch.setattr(planned, "rewrite", noted)
    queries = [replace(QUERY, text=f"{QUERY.text} # {number}") for number in range(4)]
    for query in [*queries, queries[3], queries[0]]:
        counted.run(query, JSON)
    assert found == [query.text for query in [*queries, queries[0]]]


def test_it_passes_on_what_it_does_not_do(asked: _Asked, engine: EmbeddedEngine) -> None:
    front = PlannedEngine(asked, LATER)
    assert (front.address, front.version, front.graphs, front.ready) == ("somewhere", "1", (), True)
    assert front.counts() == {"queries": 1.0}
    assert innermost(PlannedEngine(front)) is asked
    assert PlannedEngine(engine).seen() == Served("1", ())
