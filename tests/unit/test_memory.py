"""What is worked out of a dataset is worked out once per version, by one thread, and a failure is not kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from territoires.engine import Engine
from territoires.errors import QueryEvaluationError, Text
from territoires.memory import Remembered


class Versioned:
    """Stands for an engine of which only the version is read."""

    version = "1"


def test_it_is_made_once_for_each_version() -> None:
    engine = Versioned()
    made: list[Any] = []

    def make(asked: Engine) -> int:
        made.append(asked)
        return len(made)

    remembered = Remembered(cast("Engine", engine), make)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: remembered.get(), range(50))) == {1}
    engine.version = "2"
    assert (remembered.get(), remembered.get()) == (2, 2)
    assert made == [engine, engine]


def test_a_failure_is_not_kept() -> None:
    tries = iter((False, True))

    def make(_: Engine) -> str:
        if not next(tries):
            raise QueryEvaluationError(Text("no", "non"))
        return "yes"

    remembered = Remembered(cast("Engine", Versioned()), make)
    with pytest.raises(QueryEvaluationError):
        remembered.get()
    assert remembered.get() == "yes"
