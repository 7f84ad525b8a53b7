"""What each client makes of the endpoint, in one shape: its own API or command in, plain strings out."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas as pd
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

COMUNICA: Final = "COMUNICA"
"""Environment variable: a folder in which `npm install @comunica/query-sparql` was run."""
JENA: Final = "JENA_HOME"
"""Environment variable that Apache Jena's scripts use: the folder with `bin/rsparql`."""

Row = tuple[str | None, ...]
Triple = tuple[str, str, str]


class Client(Protocol):
    """One client on one endpoint."""

    def select(self, query: str) -> list[Row]:
        """Return the rows, in their order, as plain strings; None where unbound."""

    def ask(self, query: str) -> bool:
        """Return the answer to an ASK."""

    def construct(self, query: str) -> set[Triple]:
        """Return the triples as plain strings."""

    def error(self, query: str) -> str:
        """Return what the user of this client reads when the query fails."""


class WithSPARQLWrapper:
    """SPARQLWrapper: JSON for tables, Turtle for graphs; its errors hold the body of the answer."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def _run(self, query: str, format_: str) -> Any:  # noqa: ANN401  (its results have no type)
        wrapper = SPARQLWrapper(self._endpoint)
        wrapper.setQuery(query)
        wrapper.setReturnFormat(format_)
        if wrapper.isSparqlUpdateRequest():
            wrapper.setMethod(POST)  # It warns otherwise.
        return wrapper.query().convert()

    def select(self, query: str) -> list[Row]:
        return _json_rows(self._run(query, JSON))

    def ask(self, query: str) -> bool:
        return bool(self._run(query, JSON)["boolean"])

    def construct(self, query: str) -> set[Triple]:
        return _triples(rdflib.Graph().parse(data=self._run(query, TURTLE), format="turtle"))

    def error(self, query: str) -> str:
        with pytest.raises((SPARQLWrapperException, HTTPError)) as caught:
            self._run(query, JSON)
        return str(caught.value)


class WithRdflib:
    """rdflib's SPARQLStore: XML for tables, RDF/XML for graphs."""

    def __init__(self, endpoint: str) -> None:
        self._graph = rdflib.Graph(SPARQLStore(endpoint))

    def select(self, query: str) -> list[Row]:
        rows: Any = self._graph.query(query)
        return [tuple(None if term is None else str(term) for term in row) for row in rows]

    def ask(self, query: str) -> bool:
        return bool(self._graph.query(query).askAnswer)

    def construct(self, query: str) -> set[Triple]:
        found = self._graph.query(query).graph
        assert found is not None
        return _triples(found)

    def error(self, query: str) -> str:
        # It reads 400 as ValueError and drops what the server said.
        with pytest.raises((ValueError, HTTPError)) as caught:
            self._graph.query(query)
        return str(caught.value)


class WithPandas:
    """pandas reads CSV from the address of a query; N-Triples are a table of three columns to it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def _url(self, query: str, format_: str) -> str:
        return f"{self._endpoint}?{urlencode({'query': query, 'format': format_})}"

    def select(self, query: str) -> list[Row]:
        table = pd.read_csv(self._url(query, "csv"), dtype=str, keep_default_na=False)
        return [tuple(value or None for value in row) for row in table.itertuples(index=False)]

    def ask(self, query: str) -> bool:
        return bool(pd.read_csv(self._url(query, "csv"), header=None).iloc[0, 0])

    def construct(self, query: str) -> set[Triple]:
        table = pd.read_csv(self._url(query, "ntriples"), sep=" ", header=None, usecols=[0, 1, 2])
        return {(row[0].strip("<>"), row[1].strip("<>"), row[2].strip("<>")) for row in table.itertuples(index=False)}

    def error(self, query: str) -> str:
        with pytest.raises(HTTPError) as caught:
            pd.read_csv(self._url(query, "csv"))
        return caught.value.read().decode()


class WithPyoxigraph:
    """pyoxigraph reads what the standard library fetched."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def _fetch(self, query: str, accept: str) -> bytes:
        headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
        with urlopen(Request(self._endpoint, query.encode(), headers), timeout=60) as answer:  # noqa: S310  (ours)
            content: bytes = answer.read()
        return content

    def select(self, query: str) -> list[Row]:
        format_ = ox.QueryResultsFormat.TSV
        results = ox.parse_query_results(self._fetch(query, format_.media_type), format=format_)
        assert isinstance(results, ox.QuerySolutions)
        return [tuple(None if term is None else _plain(term) for term in row) for row in results]

    def ask(self, query: str) -> bool:
        format_ = ox.QueryResultsFormat.XML
        answer = ox.parse_query_results(self._fetch(query, format_.media_type), format=format_)
        assert isinstance(answer, ox.QueryBoolean)
        return bool(answer)

    def construct(self, query: str) -> set[Triple]:
        format_ = ox.RdfFormat.N_TRIPLES
        quads = ox.parse(self._fetch(query, format_.media_type), format=format_)
        return {(_plain(quad.subject), _plain(quad.predicate), _plain(quad.object)) for quad in quads}

    def error(self, query: str) -> str:
        with pytest.raises(HTTPError) as caught:
            self._fetch(query, "application/sparql-results+json")
        return caught.value.read().decode()


class WithCurl:
    """curl, compressed, by a form."""

    def __init__(self, endpoint: str) -> None:
        self._command = [_program("curl"), "--silent", "--show-error", "--compressed", endpoint]

    def _run(self, query: str, accept: str, *options: str) -> subprocess.CompletedProcess[str]:
        return _run([*self._command, "--header", f"Accept: {accept}", "--data-urlencode", f"query={query}", *options])

    def select(self, query: str) -> list[Row]:
        text = self._run(query, "text/csv", "--fail").stdout
        return [tuple(value or None for value in row) for row in csv.reader(io.StringIO(text, newline=""))][1:]

    def ask(self, query: str) -> bool:
        return bool(json.loads(self._run(query, "application/json", "--fail").stdout)["boolean"])

    def construct(self, query: str) -> set[Triple]:
        return _triples(rdflib.Graph().parse(data=self._run(query, "text/turtle", "--fail").stdout, format="turtle"))

    def error(self, query: str) -> str:
        done = self._run(query, "*/*", "--fail-with-body")
        assert done.returncode == 22
        return done.stdout


class WithRoqet:
    """roqet of Rasqal, as a protocol client: it asks for XML, and knows tables only."""

    def __init__(self, endpoint: str) -> None:
        self._command = [_program("roqet"), "-p", endpoint, "-r", "csv", "-e"]

    def select(self, query: str) -> list[Row]:
        text = _run([*self._command, query]).stdout
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        order = [header.index(name) for name in sorted(header, key=lambda name: query.index(f"?{name}"))]
        return [tuple(row[index] or None for index in order) for row in rows]

    def ask(self, query: str) -> bool:
        pytest.skip(f"roqet reads no boolean from an endpoint: {query}")

    def construct(self, query: str) -> set[Triple]:
        pytest.skip(f"roqet reads no graph from an endpoint: {query}")

    def error(self, query: str) -> str:
        done = _run([*self._command, query])
        assert done.returncode or not done.stdout
        return done.stderr


class WithComunica:
    """Comunica's command for one SPARQL endpoint."""

    def __init__(self, endpoint: str) -> None:
        script = _optional(COMUNICA, "node_modules/@comunica/query-sparql/bin/query.js")
        self._command = [_program("node"), script, f"sparql@{endpoint}"]

    def _run(self, query: str, media_type: str) -> subprocess.CompletedProcess[str]:
        return _run([*self._command, query, "-t", media_type])

    def select(self, query: str) -> list[Row]:
        return _json_rows(json.loads(self._run(query, "application/sparql-results+json").stdout))

    def ask(self, query: str) -> bool:
        return bool(json.loads(self._run(query, "application/sparql-results+json").stdout)["boolean"])

    def construct(self, query: str) -> set[Triple]:
        return _triples(rdflib.Graph().parse(data=self._run(query, "application/n-triples").stdout, format="nt"))

    def error(self, query: str) -> str:
        done = self._run(query, "application/sparql-results+json")
        assert done.returncode
        return done.stderr


class WithJena:
    """Apache Jena's rsparql."""

    def __init__(self, endpoint: str) -> None:
        self._command = [_optional(JENA, "bin/rsparql"), "--service", endpoint]

    def _run(self, query: str, *options: str) -> subprocess.CompletedProcess[str]:
        return _run([*self._command, *options, query])

    def select(self, query: str) -> list[Row]:
        return _json_rows(json.loads(self._run(query, "--results", "json").stdout))

    def ask(self, query: str) -> bool:
        return bool(json.loads(self._run(query, "--results", "json").stdout)["boolean"])

    def construct(self, query: str) -> set[Triple]:
        return _triples(rdflib.Graph().parse(data=self._run(query, "--results", "nt").stdout, format="nt"))

    def error(self, query: str) -> str:
        done = self._run(query)
        assert done.returncode
        return done.stderr


CLIENTS: Final[dict[str, Callable[[str], Client]]] = {
    "SPARQLWrapper": WithSPARQLWrapper,
    "rdflib": WithRdflib,
    "pandas": WithPandas,
    "pyoxigraph": WithPyoxigraph,
    "curl": WithCurl,
    "roqet": WithRoqet,
    "Comunica": WithComunica,
    "Jena": WithJena,
}


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def _optional(variable: str, file: str) -> str:
    folder = os.environ.get(variable)
    if not folder or not Path(folder, file).exists():
        pytest.skip(f"{variable} names no folder with {file}")
    return str(Path(folder, file))


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _json_rows(answer: dict[str, Any]) -> list[Row]:
    names = answer["head"]["vars"]
    return [
        tuple(row[name]["value"] if name in row else None for name in names) for row in answer["results"]["bindings"]
    ]


def _triples(graph: rdflib.Graph) -> set[Triple]:
    return {(str(subject), str(predicate), str(object_)) for subject, predicate, object_ in graph}


def _plain(term: object) -> str:
    return str(getattr(term, "value", term))
