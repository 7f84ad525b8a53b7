"""Answers of published queries are made one at a time, where a worker stays free, and lie in the folder then."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.engine.test_keeping import Inner

from territoires.engine import Opened
from territoires.engine.keeping import KeepingEngine, name_of
from territoires.engine.stored import Kept, Stored
from territoires.errors import DataError, OverloadedError, QueryTimeoutError, Text
from territoires.formats import Format, format_named
from territoires.guard import Query, admit
from territoires.queries import PublishedQuery
from territoires.settings import Settings
from territoires.warming import Warmer

JSON = format_named("json")
FOUR = Settings(query_workers=4)
NAMED = Text("name", "nom")


def published(name: str, text: str) -> PublishedQuery:
    return PublishedQuery(name, NAMED, NAMED, "theme", text, kind=admit(text).kind)


ROWS, YES, GRAPH = (
    published("rows", "SELECT * { ?s ?p ?o }"),
    published("yes", "ASK { ?s ?p ?o }"),
    published("graph", "CONSTRUCT WHERE { ?s ?p ?o }"),
)


class Pool(Inner):
    """Counts as a pool does, and fails where a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = self.busy = 0
        self.fails: dict[str, Exception] = {}

    def counts(self) -> Mapping[str, float]:
        """Return how many queries wait, and how many workers answer."""
        return {"waiting": self.waiting, "workers_busy": self.busy}

    def open(self, query: Query, format_: Format) -> Opened:
        """Answer, or fail."""
        if query.text in self.fails:
            raise self.fails[query.text]
        return super().open(query, format_)


class Warming:
    """A warmer over a pool."""

    def __init__(self, folder: Path, *queries: PublishedQuery, settings: Settings = FOUR) -> None:
        self.pool = Pool()
        self.stored = Stored(folder, "1.0")
        self.engine = KeepingEngine(self.pool, 8_000_000, self.stored)
        self.warmer = Warmer(self.engine, self.stored, queries, settings)

    def kept(self, query: PublishedQuery, format_: str = "json", version: str = "1") -> bytes | None:
        """Return what lies in the folder."""
        found = self.stored.read(version, name_of(admit(query.text), format_named(format_)))
        return found.content if found else None


def test_the_answers_are_made_in_the_formats_that_are_asked_for(tmp_path: Path) -> None:
    warming = Warming(tmp_path, ROWS, YES, GRAPH)
    assert warming.warmer.warm()
    wanted = [(ROWS, "json"), (ROWS, "csv"), (YES, "json"), (GRAPH, "turtle"), (GRAPH, "jsonld")]
    assert [warming.kept(*one) for one in wanted] == [f"1 {number}".encode() for number in range(1, 6)]
    assert warming.pool.asked == 5
    assert warming.kept(ROWS, "xml") is None


def test_a_query_that_takes_a_language_is_asked_in_both(tmp_path: Path, root: object) -> None:
    from territoires.queries import load_queries  # noqa: PLC0415
    from territoires.root import Root  # noqa: PLC0415

    assert isinstance(root, Root)
    query = load_queries(root)["territories-by-region"]
    asked = list(Warming(tmp_path, query).warmer.asked())
    texts = {query.in_language("en"), query.in_language("fr")}
    assert {one.query.text for one in asked} <= texts
    assert len(asked) == 2 * len(texts)


def test_a_second_start_makes_only_what_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "territoires.warming")
    assert Warming(tmp_path, ROWS).warmer.warm()
    again = Warming(tmp_path, ROWS, YES)
    assert again.warmer.warm()
    assert again.pool.asked == 1
    last = Warming(tmp_path, ROWS, YES)
    assert last.warmer.warm()
    assert last.pool.asked == 0
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if " are to be made" in line] == [
        f"published queries: {there} of {total} answers are in {tmp_path}, {total - there} are to be made"
        for there, total in ((0, 2), (2, 3), (3, 3))
    ]
    assert sum(" answers made in " in line for line in said) == 2


def test_what_a_visitor_has_had_evaluated_is_not_evaluated_again(tmp_path: Path) -> None:
    warming = Warming(tmp_path, YES)
    warming.engine.run(admit(YES.text), JSON)
    warming.pool.busy = 4
    assert warming.warmer.warm()
    assert (warming.kept(YES), warming.pool.asked) == (b"1 1", 1)


@pytest.mark.parametrize(
    ("workers", "busy", "waiting", "has_room"),
    [(4, 0, 0, True), (4, 2, 0, True), (4, 3, 0, False), (4, 0, 1, False), (2, 1, 0, False), (1, 0, 0, False)],
)
def test_the_last_free_worker_is_for_visitors(
    tmp_path: Path, workers: int, busy: int, waiting: int, *, has_room: bool
) -> None:
    warming = Warming(tmp_path, YES, settings=Settings(query_workers=workers))
    warming.pool.busy, warming.pool.waiting = busy, waiting
    assert len(warming.warmer._make_some("1", list(warming.warmer.asked()), 1)) == (not has_room)  # noqa: SLF001
    assert warming.pool.asked == has_room


def test_other_versions_go_and_a_version_that_goes_is_given_up(tmp_path: Path) -> None:
    warming = Warming(tmp_path, YES, GRAPH)
    assert warming.warmer.warm()

    def publish() -> None:
        warming.pool.now = "3"

    warming.pool.now, warming.pool.meanwhile = "2", publish
    assert not warming.warmer.warm()
    assert warming.kept(YES) is None
    warming.pool.meanwhile = lambda: None
    assert warming.warmer.warm()
    assert warming.kept(YES, version="3")


def test_what_fails_is_told_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    warming = Warming(tmp_path, ROWS, YES, GRAPH)
    warming.pool.fails = {
        ROWS.text: QueryTimeoutError(Text("too long", "trop long")),
        GRAPH.text: OverloadedError(Text("full", "plein")),
    }
    left = warming.warmer._make_some("1", list(warming.warmer.asked()), 5)  # noqa: SLF001
    assert (warming.kept(ROWS), warming.kept(YES)) == (None, b"1 1")
    assert [one.title for one in left] == ["graph", "graph"]  # there may be room later
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert ["rows is not answered beforehand" in line for line in told] == [True] * 2


def test_an_answer_that_memory_does_not_keep_is_not_kept_on_disk(tmp_path: Path) -> None:
    warming = Warming(tmp_path, YES)
    warming.pool.size = 1_000_001
    assert warming.warmer.warm()
    assert warming.kept(YES) is None


def test_one_process_writes(tmp_path: Path) -> None:
    warming = Warming(tmp_path, YES)
    with Stored(tmp_path, "1.0").alone():
        assert not warming.warmer.warm()
    assert warming.pool.asked == 0
    assert warming.warmer.warm()


def test_a_file_that_was_cut_is_made_again(tmp_path: Path) -> None:
    warming = Warming(tmp_path, YES)
    assert warming.warmer.warm()
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock")
    file.write_bytes(file.read_bytes()[:-1])
    again = Warming(tmp_path, YES)
    assert again.warmer.warm()
    assert (again.kept(YES), again.pool.asked) == (b"1 1", 1)


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    warming = Warming(tmp_path / "file/answers", YES)
    with pytest.raises((OSError, DataError)):
        warming.warmer.warm()
    assert warming.engine.run(admit(YES.text), JSON) == b"1 1"
    assert Kept(b"", None).opened().file.read() == b""
    assert not caplog.records
