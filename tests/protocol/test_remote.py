"""The server in front of real SPARQL servers says what it says with its own engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.conftest import running_server
from tests.protocol.conftest import Client
from tests.remotes import Remote, oxigraph, virtuoso

import territoires
from territoires.engine.credentials import Credentials
from territoires.engine.remote import RemoteEngine
from territoires.errors import QueryError, TerritoiresError
from territoires.formats import Format, format_named, formats_for
from territoires.graph import KnowledgeGraph, load
from territoires.guard import admit
from territoires.publishing import GraphStore, publish
from territoires.queries import load_queries
from territoires.root import find_root
from territoires.settings import Settings

QUERIES = load_queries(find_root(None))
_NO_FUNCTION = "Virtuoso has no geof:distance"
_COST = "Virtuoso refuses it: it reckons that it would take too long"
VIRTUOSO_DIFFERS: dict[str, str] = {}


@dataclass(frozen=True)
class Pair:
    """The same graph in both engines."""

    name: str
    remote: Remote
    ours: territoires.Engine
    theirs: RemoteEngine


@pytest.fixture(scope="module")
def small_graph(small_data: Path) -> KnowledgeGraph:
    return load(find_root(small_data))


@pytest.fixture(scope="module", params=[oxigraph, virtuoso], ids=["oxigraph", "virtuoso"])
def pair(
    request: pytest.FixtureRequest, small_graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    start: Callable[[Path], AbstractContextManager[Remote]] = request.param
    folder = tmp_path_factory.mktemp(start.__name__)
    with start(folder) as remote:
        publish(small_graph, GraphStore(remote.engine, None, Credentials(remote.credentials)))
        engine = RemoteEngine.connect([remote.engine], Settings(query_timeout=60))
        yield Pair(start.__name__, remote, territoires.EmbeddedEngine(small_graph), engine)
        engine.close()


def said(content: bytes) -> Counter[frozenset[tuple[str, str]]] | bool:
    """Return an answer in JSON without the order of rows, of concatenated values, and the spelling of numbers."""
    found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(
        frozenset((name, _term(term)) for name, term in zip(names, row, strict=True) if term is not None)
        for row in found
    )


def _term(term: object) -> str:
    if not isinstance(term, ox.Literal):
        return str(term)
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", term.value):
        return f"{Decimal(term.value).normalize():f} {term.datatype.value}"
    return f"{', '.join(sorted(term.value.split(', ')))} {term.language} {term.datatype.value}"


def ask(engine: territoires.Engine, text: str, format_: str = "json") -> bytes:
    return engine.run(admit(text, prefixes=True), format_named(format_))


@pytest.mark.parametrize("name", QUERIES)
def test_published_queries_have_the_same_answers(pair: Pair, name: str) -> None:
    wanted = said(ask(pair.ours, QUERIES[name].text))
    try:
        found = said(ask(pair.theirs, QUERIES[name].text))
    except QueryError as error:
        found = str(error)
    known = VIRTUOSO_DIFFERS.get(name) if pair.name == "virtuoso" else None
    if known is None:
        assert found == wanted
    else:
        assert found != wanted, f"no more: {known}"
