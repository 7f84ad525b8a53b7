"""Plain queries are answered below Flask as Flask answers them; all others are left to it."""

import gzip
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from tests.unit.conftest import MakeRoot
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from territoires.engine import Opened
from territoires.engine.embedded import EmbeddedEngine
from territoires.formats import Format
from territoires.graph import load_both
from territoires.guard import Query
from territoires.settings import Settings
from territoires.web import create_app, direct

FILES = {
    "ontology/context.jsonld": '{"@context": {}}',
    "data/one.ttl": '<urn:s> <urn:p> "one" , "é" , "deux"@fr .\n' + "<urn:s> <urn:q> 1 .\n",
    "data/many.ttl": "".join(f'<urn:m> <urn:many> "{number:0500}" .\n' for number in range(3_000)),
}
SELECT = 'SELECT ?o { <urn:s> <urn:p> ?o FILTER(?o != "+ &%") } ORDER BY STR(?o)'


@dataclass(slots=True)
class Counting:
    """An engine that remembers what it was asked."""

    inner: EmbeddedEngine
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def open(self, query: Query, format_: Format) -> Opened:
        """Answer."""
        self.asked.append(query.text)
        return self.inner.open(query, format_)


@pytest.fixture
def engine(make_root: MakeRoot) -> Counting:
    return Counting(EmbeddedEngine(load_both(make_root(FILES))))


@pytest.fixture
def app(make_root: MakeRoot, engine: Counting) -> Flask:
    return create_app(make_root(FILES), engine, Settings(response_cache=0, max_query_length=2_000))  # type: ignore[arg-type]  # by its attributes


@pytest.fixture
def below(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that tells of each request whether it was taken for a plain query."""
    seen: list[bool] = []
    plain = direct._plain  # noqa: SLF001

    def watched(environ: dict[str, object]) -> object:
        found = plain(environ)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(direct, "_plain", watched)
    return seen


def get(app: Flask, query: str, accept: str, **headers: str) -> Response:
    given = {"Accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
    environ = EnvironBuilder("/sparql", query_string=query, headers=[*given.items()]).get_environ()
    return Response(*run_wsgi_app(app.wsgi_app, environ, buffered=True))


@pytest.mark.parametrize(
    ("text", "accept"),
    [
        (SELECT, "application/sparql-results+json"),
        (SELECT, "text/csv"),
        (SELECT, "text/tab-separated-values"),
        (SELECT, "application/sparql-results+xml"),
        ("ASK { ?s ?p 'é' }", "application/sparql-results+json"),
        ("ASK { ?s ?p ?o }", "text/csv"),
        ("CONSTRUCT { ?s <urn:r> ?o } WHERE { ?s <urn:p> ?o }", "text/turtle"),
        ("CONSTRUCT { ?s <urn:r> ?o } WHERE { ?s <urn:nothing> ?o }", "application/n-triples"),
        ("DESCRIBE <urn:s>", "application/rdf+xml"),
        ("DESCRIBE <relative>", "application/trig"),
        ("DESCRIBE <urn:s>", "application/ld+json"),
        ("SELECT ?o { <urn:m> ?p ?o }", "application/sparql-results+json"),
        ("SELECT (RAND() < 2 AS ?r) {}", "text/csv"),
        ("SELECT ?o { <urn:s> ?p ?o } LIMIT", "text/csv"),
        ("SELECT ?o FROM <urn:nowhere> { <urn:s> ?p ?o }", "text/csv"),
        ("INSERT DATA { <urn:s> <urn:p> 1 }", "text/csv"),
        ("SELECT ?o { SERVICE <urn:x> { ?s ?p ?o } }", "text/csv"),
        (f"SELECT ?o {{ ?s ?p ?o }} # {'x' * 2_000}", "text/csv"),
        ("SELECT ?o { ?s ?p ?o } LIMIT 1", "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv"),
    ],
)
@pytest.mark.parametrize("coding", ["", "gzip", "br", "gzip;q=0, identity;q=0"])
def test_what_is_answered_below_is_what_flask_answers(
    app: Flask, below: list[bool], text: str, accept: str, coding: str
) -> None:
    query = urlencode({"query": text})
    headers = {"Accept_Encoding": coding} if coding else {}
    plain, other = get(app, query, accept, **headers), get(app, query, accept, **headers, Authorization="x")
    assert below == [accept != "application/ld+json" and "q=0" not in coding, False]
    assert plain.status == other.status
    assert plain.get_data() == other.get_data()
    assert sorted(plain.headers) == sorted(other.headers)


@pytest.mark.parametrize(
    "query",
    [
        f"query={quote('ASK {}')}&query={quote('ASK {}')}",
        f"query={quote('ASK {}')}&format=csv",
        f"query={quote('ASK {}')}&unknown=1",
        "query=ASK%7B%7D%",
        "query=%FF",
        "query=",
        "",
        "update=CLEAR+ALL",
    ],
)
def test_what_is_more_or_less_than_a_query_is_left_to_flask(app: Flask, below: list[bool], query: str) -> None:
    plain, other = get(app, query, "text/csv"), get(app, query, "text/csv;q=1")
    assert below == [query == "query=%FF", False]
    assert (plain.status, plain.get_data()) == (other.status, other.get_data())


@pytest.mark.parametrize("host", ["Example.org", "localhost:80", "bad host", "[::1]:8000", "a:b"])
def test_a_host_that_is_written_otherwise_is_left_to_flask(app: Flask, below: list[bool], host: str) -> None:
    get(app, "query=ASK%7B%7D", "text/csv", Host=host)
    assert below == [False]


def test_a_blank_is_written_in_two_ways(app: Flask, below: list[bool]) -> None:
    answers = [
        get(app, f"query={text}", "text/csv").get_data(as_text=True)
        for text in (quote(SELECT), urlencode({"": SELECT})[1:])
    ]
    assert answers == ["o\r\ndeux\r\none\r\né\r\n"] * 2
    assert below == [True, True]


def test_an_error_of_the_evaluation_and_a_large_answer_are_not_asked_for_twice(app: Flask, engine: Counting) -> None:
    engine.asked.clear()
    failing, large = "SELECT ?o FROM <urn:nowhere> { <urn:s> ?p ?o }", "SELECT ?o { <urn:m> ?p ?o }"
    assert get(app, urlencode({"query": failing}), "text/csv").status_code == 400
    answer = get(app, urlencode({"query": large}), "text/csv", Accept_Encoding="gzip")
    assert len(gzip.decompress(answer.get_data())) > 1_000_000
    assert engine.asked == [failing, large]
