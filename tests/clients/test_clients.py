"""The clients that people use get tables, booleans, graphs, errors and large answers whole.

Comunica and Jena are used where they are: see `adapters.COMUNICA` and `adapters.JENA`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.clients.adapters import CLIENTS, Client
from tests.conftest import running_server

pytestmark = [
    pytest.mark.clients,
    # SPARQLWrapper and rdflib leave connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

LARGE = 20_000
ODD = 'l\'été, « 25 % » & <b> "x"'
DATA = f"""\
@prefix e: <http://example.org/> .
e:a e:name "Tarn"@fr ; e:number 81 ; e:knows e:b .
e:b e:name '''{ODD}''' .
"""
E = "PREFIX e: <http://example.org/> "
SELECT = E + "SELECT ?thing ?name ?number { ?thing e:name ?name OPTIONAL { ?thing e:number ?number } } ORDER BY ?thing"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server whose data this file made up."""
    file = tmp_path_factory.mktemp("clients") / "data.ttl"
    rows = (f"e:row{number} e:value {number} .\n" for number in range(LARGE))
    file.write_text(DATA + "".join(rows), encoding="utf-8")
    with running_server([], serve=["--data", str(file), "--no-check"]) as url:
        yield f"{url}/sparql"


@pytest.fixture(params=[*CLIENTS])
def client(request: pytest.FixtureRequest, endpoint: str) -> Client:
    """Return each client in turn; skip the test where it is not installed."""
    return CLIENTS[request.param](endpoint)


def test_a_table_keeps_order_characters_and_what_is_unbound(client: Client) -> None:
    assert client.select(SELECT) == [
        ("http://example.org/a", "Tarn", "81"),
        ("http://example.org/b", ODD, None),
    ]


def test_a_question_is_answered_by_yes_or_no(client: Client) -> None:
    assert client.ask(E + "ASK { e:a e:knows e:b }") is True
    assert client.ask(E + "ASK { e:b e:knows e:a }") is False


def test_a_graph_comes_whole(client: Client) -> None:
    assert client.construct(E + "CONSTRUCT { ?b e:known ?a } WHERE { ?a e:knows ?b }") == {
        ("http://example.org/b", "http://example.org/known", "http://example.org/a")
    }


def test_an_error_reaches_the_user(client: Client) -> None:
    assert client.error(E + "SELECT * { ?s ?p ?o } LIMIT nonsense")


def test_an_update_is_an_error_too(client: Client) -> None:
    assert client.error(E + "INSERT DATA { e:a e:name 1 }")


def test_a_large_table_is_whole(client: Client) -> None:
    rows = client.select(E + "SELECT ?value { ?row e:value ?value } ORDER BY ?value")
    assert rows == [(str(number),) for number in range(LARGE)]
