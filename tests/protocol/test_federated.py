"""Federated queries are text for other engines: two parse them, and run them against stand-ins for the endpoints."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery
from tests.protocol.conftest import BROWSER, PROBLEM, Client

CHECKOUT = Path(__file__).parents[2]
FILES = sorted((CHECKOUT / "queries/federated").glob("*.rq"))
NAMES = [file.stem for file in FILES]
BLOCKS = re.findall(
    r"```python\n(.*?)```", (CHECKOUT / "docs/how-to/federate.md").read_text(encoding="utf-8"), re.DOTALL
)
TRIPLES = """
PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX igeo: <http://rdf.insee.fr/def/geo#> PREFIX x: <http://id.insee.fr/geo/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
wd:Q12517 wdt:P2586 "32" ; wdt:P2046 6257 . wd:Q12772 wdt:P2586 "81" ; wdt:P2046 5758 .
x:gers a igeo:Departement ; igeo:codeINSEE "32"^^xsd:token ; igeo:nom "Gers" .
x:tarn a igeo:Departement ; igeo:codeINSEE "81"^^xsd:token ; igeo:nom "Tarn" .
x:a a igeo:Arrondissement ; igeo:codeINSEE "321" ; igeo:nom "Auch" ; igeo:subdivisionDe x:gers .
x:b a igeo:Arrondissement ; igeo:codeINSEE "329" ; igeo:nom "Old" ; igeo:subdivisionDe x:gers .
x:end igeo:suppression x:b .
x:c a igeo:Arrondissement ; igeo:codeINSEE "811" ; igeo:nom "Albi" ; igeo:subdivisionDe x:tarn .
"""
WANTED = {
    "wikidata-area-of-departments": {("Gers", "6257")},
    "insee-arrondissements-of-a-territory": {("Gers", "321")},
    "datagouv-zones-of-a-territory": {
        (name, f"https://www.data.gouv.fr/api/1/spatial/zone/fr:epci:{siren}/datasets/")
        for name, siren in [
            ("CA Gaillac-Graulhet", "200066124"),
            ("CA de l'Albigeois (C2A)", "248100737"),
            ("CC Carmausin-Ségala", "200040905"),
        ]
    },
}
COLUMNS = {
    "wikidata-area-of-departments": ("departmentLabel", "area"),
    "insee-arrondissements-of-a-territory": ("departmentLabel", "code"),
    "datagouv-zones-of-a-territory": ("memberLabel", "datasets"),
}
OXIGRAPH = """
import json, sys, pyoxigraph as ox
rows = ox.Store().query(sys.stdin.read())
print(json.dumps([[row[name].value for name in sys.argv[1:]] for row in rows]))
"""


@pytest.fixture(scope="module")
def outside() -> Iterator[str]:
    """Stand for Wikidata's and INSEE's endpoints and data.gouv.fr's API; give the address."""
    store = ox.Store()
    store.load(TRIPLES.encode(), format=ox.RdfFormat.TURTLE)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(parse_qs(urlsplit(self.path).query).get("query", [""])[0])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(parse_qs(body)["query"][0] if "form" in self.headers["Content-Type"] else body)

        def _answer(self, query: str) -> None:
            kind, content = "application/json", json.dumps([{"title": f"About {self.path}"}]).encode()
            if query:
                found = store.query(query)
                assert isinstance(found, ox.QuerySolutions)
                kind = "application/sparql-results+json"
                content = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401  (as the base class has it)
            """Stay quiet."""

    with _serving(Handler) as url:
        yield url


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(timeout=10)


def moved(text: str, outside: str) -> str:
    """Ask the stand-in where a text asks other hosts."""
    for host in ("https://query.wikidata.org", "https://rdf.insee.fr"):
        text = text.replace(f"SERVICE <{host}", f"SERVICE <{outside}")
    return text


def test_there_is_one_for_each_of_the_three() -> None:
    assert {name.partition("-")[0] for name in NAMES} == {"wikidata", "insee", "datagouv"}
    assert WANTED.keys() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_parse_the_text_that_is_served(client: Client, name: str) -> None:
    answer = client.get(f"/queries/federated/{name}.rq")
    assert (answer.status, answer.media_type) == (200, "application/sparql-query")
    assert f"SERVICE <{client.base}/sparql>" in answer.text
    assert prepareQuery(answer.text)
    assert ox.Store().query(answer.text.replace("SERVICE <", "SERVICE SILENT <").replace(client.base, "http://127.0.0.1:9")
                            .replace("https://query.wikidata.org", "http://127.0.0.1:9")
                            .replace("https://rdf.insee.fr", "http://127.0.0.1:9"))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "engine"), [*((name, "oxigraph") for name in NAMES), ("datagouv-zones-of-a-territory", "rdflib")]
)
def test_it_joins_this_server_with_another(client: Client, outside: str, name: str, engine: str) -> None:
    """Of rdflib one SERVICE is asked: it sends the text of the first to each (its issue 3069)."""
    text = moved(client.get(f"/queries/federated/{name}.rq").text, outside)
    columns = COLUMNS[name]
    if engine == "rdflib":
        rows = {tuple(str(getattr(row, column)) for column in columns) for row in rdflib.Graph().query(text)}
    else:
        rows = {tuple(row) for row in json.loads(run(OXIGRAPH, *columns, text=text))}
    assert rows == WANTED[name]


def run(code: str, *arguments: str, text: str = "") -> str:
    """Run Python in a process of its own: Oxigraph may hold the interpreter while it waits for an endpoint."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_of_the_guide_run(client: Client, outside: str) -> None:
    assert len(BLOCKS) == 2
    said = ""
    for block in BLOCKS:
        code = block.replace("https://w3id.org/territoires-industrie/", f"{client.base}/")
        code = code.replace(".decode()", f'.decode().replace("https://query.wikidata.org", "{outside}")')
        code = code.replace("row.datasets)", f'row.datasets.replace("https://www.data.gouv.fr", "{outside}"))')
        said += run(code)
    assert "Gers 6257" in said
    assert "CA Gaillac-Graulhet About /api/1/spatial/zone/fr:epci:200066124/datasets/" in said


def test_this_server_does_not_run_them(client: Client) -> None:
    answer = client.query(client.get(f"/queries/federated/{NAMES[0]}.rq").text, Accept=PROBLEM)
    assert (answer.status, answer.json["code"]) == (403, "query-refused")


@pytest.mark.parametrize(("language", "word"), [("fr", "Avec Wikidata"), ("en", "With Wikidata")])
def test_the_page_of_the_data_lists_them(client: Client, language: str, word: str) -> None:
    answer = client.get("/data", Accept=BROWSER, Accept_Language=language)
    links = [link.get("href") for link in answer.page.tags("a")]
    assert {f"/queries/federated/{name}.rq" for name in NAMES} <= set(links)
    assert word in answer.text


def test_one_that_is_not_there_is_said(client: Client) -> None:
    answer = client.get("/queries/federated/no.rq", Accept=PROBLEM)
    assert (answer.status, answer.json["code"]) == (404, "not-found")
