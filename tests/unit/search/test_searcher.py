"""The index is built once per dataset version, and a search waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from territoires.engine import Engine
from territoires.errors import OverloadedError, Text
from territoires.search import Index, Searcher


class Asked:
    """An engine that answers nothing but counts how often it is asked for."""

    version = "1"

    def __init__(self, answer: Callable[[], bytes]) -> None:
        self.answer = answer
        self.asked = 0

    def run(self, *_: object) -> bytes:
        """Count, and answer."""
        self.asked += 1
        return self.answer()


def searcher(engine: Asked) -> Searcher:
    given: Engine = engine  # type: ignore[assignment]  # of the protocol only what is called
    return Searcher(given)


def test_the_index_is_built_once_and_again_for_another_dataset() -> None:
    engine = Asked(lambda: b"a\n")
    search = searcher(engine)
    first, asked = search.index(), engine.asked
    assert search.index() is first
    assert engine.asked == asked > 0
    engine.version = "2"
    assert search.index() is not first


def test_searches_at_the_same_time_build_it_once() -> None:
    engine = Asked(lambda: b"a\n")
    search = searcher(engine)
    found: list[Index] = []
    threads = [threading.Thread(target=lambda: found.append(search.index())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(index) for index in found}) == 1


def test_what_fails_beforehand_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> bytes:
        raise OverloadedError(Text("too much to do", "trop à faire"))

    engine = Asked(refuse)
    search = searcher(engine)
    search.prepare(after=0)
    for thread in threading.enumerate():
        if thread.name == "search index":
            thread.join()
    assert "too much to do" in caplog.text
    with pytest.raises(OverloadedError):
        search.index()
    engine.answer = lambda: b"a\n"
    assert len(search.index()) == 0
