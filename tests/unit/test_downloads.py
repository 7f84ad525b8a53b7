"""Sizes of downloads are those of the very bytes, and nobody waits for them."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from tests.unit.conftest import MakeRoot

from territoires.catalogue.statistics import graph_query
from territoires.downloads import Sizes
from territoires.engine import Opened
from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import OverloadedError, Text
from territoires.formats import Format, format_named
from territoires.graph import load
from territoires.guard import Query
from territoires.namespaces import BASE

ONE, TWO = f"{BASE}graph/one", f"{BASE}graph/two"
DATA = {"data/one.ttl": '<a> <p> 1 , "é\\n" . <b> <p> 1 .', "data/two.ttl": "<a> <p> 1 ."}


class Failing(EmbeddedEngine):
    """An engine that is too busy for one of its graphs."""

    def open(self, query: Query, format_: Format) -> Opened:
        """Refuse, or answer."""
        if query.default_graphs == (TWO,):
            raise OverloadedError(Text("busy", "occupé"))
        return Opened(BytesIO(self.run(query, format_)), None)


def measured(sizes: Sizes) -> tuple[dict[str, int], int | None]:
    deadline = time.monotonic() + 20
    while not sizes.known()[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    known, dump = sizes.known()
    return dict(known), dump


@pytest.fixture
def engine(make_root: MakeRoot) -> EmbeddedEngine:
    return EmbeddedEngine(load(make_root(DATA)))


def test_the_sizes_are_those_of_what_is_sent(engine: EmbeddedEngine) -> None:
    sizes, dump = measured(Sizes(engine))
    assert sizes == {name: len(engine.run(graph_query(name), format_named("turtle"))) for name in (ONE, TWO)}
    quads = [
        line.removesuffix(b" .") + f" <{name}> .\n".encode()
        for name in (ONE, TWO)
        for line in engine.run(graph_query(name), format_named("ntriples")).splitlines()
    ]
    assert dump == len(b"".join(quads))


def test_what_cannot_be_measured_is_not_said(make_root: MakeRoot) -> None:
    sizes, dump = measured(Sizes(Failing(load(make_root(DATA)))))
    assert (set(sizes), dump) == ({ONE}, None)
