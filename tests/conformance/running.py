"""Puts each test to a server over HTTP and says whether it passed."""

from __future__ import annotations

import contextlib
import re
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from email import message_from_string
from pathlib import Path
from textwrap import dedent
from urllib.parse import parse_qsl, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pyoxigraph as ox
import rdflib
from rdflib import RDF, Namespace
from tests.conformance import updating
from tests.conformance.compare import same_graph, same_rows
from tests.conformance.suite import BASE, MF, QT, Case, Request, cases
from tests.protocol.conftest import QUERY, Answer, Client
from werkzeug.serving import WSGIRequestHandler, make_server

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import BASE as OURS
from territoires.root import Root
from territoires.web import create_app

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
_ACCEPT = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ttl": "application/sparql-results+xml",
    ".rdf": "application/sparql-results+xml",
}
_FORMATS = {
    "boolean": re.compile(r"application/sparql-results\+(json|xml)"),
    "tabular": re.compile(r"application/sparql-results\+(json|xml)|text/(csv|tab-separated-values)"),
    "RDF": re.compile(r"text/turtle|application/(rdf\+xml|n-triples|ld\+json)"),
}


@dataclass(frozen=True)
class Outcome:
    """What came of one test."""

    feature: str
    name: str
    title: str
    passed: bool
    reason: str = ""

    @property
    def key(self) -> str:
        """Folder and name: some names are those of several tests."""
        return f"{self.feature}/{self.name}"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  (the name is werkzeug's)
        """Say nothing."""


class Server:
    """One HTTP port whose dataset can be changed between tests."""

    def __init__(self, root: Root, folder: Path) -> None:
        self._root = root
        self._folder = folder
        self._app: WSGIApplication | None = None
        self._server = make_server("127.0.0.1", 0, self, request_handler=_Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.client = Client(f"http://127.0.0.1:{self._server.server_port}")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the dataset of the moment."""
        assert self._app
        return self._app(environ, start_response)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def serve(self, quads: Iterable[ox.Quad]) -> None:
        """Serve `quads` from now on, each graph apart."""
        graph = self.load(quads)
        self._app = create_app(graph.root, EmbeddedEngine(graph))

    def load(self, quads: Iterable[ox.Quad]) -> KnowledgeGraph:
        """Return `quads` as a dataset file loads, each graph apart."""
        file = self._folder / "dataset.nq"
        file.write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
        return load(replace(self._root, dataset=file, union=False))


def run(suite: Path, feature: str, root: Root) -> list[Outcome]:
    """Run the tests of one folder of the suite that are about reading."""
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Server(root, Path(folder))) as server:
        return [_outcome(server, case) for case in cases(suite, feature) if _is_claimed(case)]


def _is_claimed(case: Case) -> bool:
    """Return whether the test is about reading: updates are not offered."""
    if case.kind == "ProtocolTest":
        return "update" not in case.name
    if case.kind == "GraphStoreProtocolTest":
        return any(request.method in {"GET", "HEAD"} and "$" not in request.path for request in case.requests)
    return True


def _outcome(server: Server, case: Case) -> Outcome:
    run_kind = {
        "QueryEvaluationTest": _evaluate,
        "CSVResultFormatTest": _evaluate,
        "PositiveSyntaxTest11": _parse,
        "NegativeSyntaxTest11": _parse,
        "ProtocolTest": _talk,
        "ServiceDescriptionTest": _describe,
        "GraphStoreProtocolTest": _read_graphs,
        "UpdateEvaluationTest": _update,
        "PositiveUpdateSyntaxTest11": _parse_update,
        "NegativeUpdateSyntaxTest11": _parse_update,
    }[case.kind]
    reason = run_kind(server, case)
    return Outcome(case.feature, case.name, case.title, not reason, reason)


def _serve_data(server: Server, case: Case) -> None:
    action = case.manifest.value(case.node, MF.action)
    quads: list[ox.Quad] = []
    for data in case.objects(action, QT.data):
        quads += updating.quads(case.file(data), str(data))
    for name, file in case.graph_data:
        quads += updating.quads(file, name, name)
    server.serve(quads)


def _evaluate(server: Server, case: Case) -> str:
    """Run a query test; return what is wrong."""
    action = case.manifest.value(case.node, MF.action)
    query, expected = case.manifest.value(action, QT.query), case.file(case.manifest.value(case.node, MF.result))
    _serve_data(server, case)
    text = case.file(query).read_text(encoding="utf-8")
    graph = bool(re.search(r"^\s*(CONSTRUCT|DESCRIBE)\b", text, re.IGNORECASE | re.MULTILINE))
    accept = "text/turtle" if graph else _ACCEPT[expected.suffix]
    # The suite means relative IRIs against the file of the query, which has no address on this server.
    answer = server.client.post(QUERY, f"BASE <{query}>\n{text}".encode(), Accept=accept)
    if answer.status != 200:
        return f"{answer.status}: {answer.text[:200]}"
    if graph:
        same = same_graph(answer.body, expected.read_bytes(), str(query))
    else:
        ordered = bool(re.search(r"ORDER\s+BY", text, re.IGNORECASE)) and expected.suffix not in {".ttl", ".rdf"}
        same = same_rows(answer.body, expected, ordered=ordered)
    return "" if same else "another answer"


def _update(server: Server, case: Case) -> str:
    return updating.evaluates(server.load, case)


def _parse_update(server: Server, case: Case) -> str:
    return updating.parses(server.load, case)


def _parse(server: Server, case: Case) -> str:
    if updating.is_update(case):  # Some are of the kind of queries.
        return _parse_update(server, case)
    server.serve(())
    text = case.file(case.manifest.value(case.node, MF.action)).read_text(encoding="utf-8")
    answer = server.client.post(QUERY, text.encode())
    expected = 200 if case.kind == "PositiveSyntaxTest11" else 400
    return "" if answer.status == expected else f"{answer.status}: {answer.text[:200]}"


def _talk(server: Server, case: Case) -> str:
    _serve_data(server, case)
    for request in case.requests:
        path = request.path.replace("/sparql/", "/sparql", 1)
        headers = {"Accept": "application/rdf+xml, */*;q=0.5" if request.format == "RDF" else "*/*", **request.headers}
        answer = server.client.send(request.method, path, headers=headers, body=request.body)
        if wrong := _judge(request, answer):
            return wrong
    return ""


def _judge(request: Request, answer: Answer) -> str:
    if not request.expects(answer.status):
        return f"{answer.status}: {answer.text[:200]}"
    if request.format and not _FORMATS[request.format].fullmatch(answer.media_type):
        return f"{answer.media_type} is not {request.format}"
    if isinstance(request.boolean, bool) and answer.json["boolean"] != request.boolean:
        return "another truth"
    return ""


def _describe(server: Server, case: Case) -> str:
    server.serve(())
    answer = server.client.get("/sparql", Accept="text/turtle")
    graph = rdflib.Graph().parse(data=answer.text, format="turtle")
    services = list(graph.subjects(RDF.type, SD.Service))
    match case.name:
        case "returns-rdf":
            return "" if len(graph) else "no triples"
        case "has-endpoint-triple":
            endpoint = rdflib.URIRef(f"{server.client.base}/sparql")
            return "" if (services[0], SD.endpoint, endpoint) in graph else "no endpoint"
        case _:
            return _schema(graph, services)


def _schema(graph: rdflib.Graph, services: list[rdflib.term.Node]) -> str:
    """Check cardinalities and types that the vocabulary of service descriptions asks for."""
    if len(services) != 1:
        return f"{len(services)} services"
    for predicate, class_ in (
        (SD.defaultDataset, SD.Dataset),
        (SD.defaultGraph, SD.Graph),
        (SD.namedGraph, SD.NamedGraph),
    ):
        for value in graph.objects(None, predicate):
            if (value, RDF.type, class_) not in graph:
                return f"{predicate} of another class"
    terms = {term for triple in graph for term in triple if str(term).startswith(str(SD))}
    unknown = terms - {SD[name] for name in _TERMS}
    return f"unknown terms {unknown}" if unknown else ""


_TERMS = (
    "Service", "Dataset", "Graph", "NamedGraph", "Language", "Function", "Aggregate", "Feature", "GraphCollection",
    "EntailmentRegime", "EntailmentProfile", "endpoint", "feature", "defaultEntailmentRegime", "entailmentRegime",
    "supportedEntailmentProfile", "defaultSupportedEntailmentProfile", "extensionFunction", "extensionAggregate",
    "languageExtension", "supportedLanguage", "propertyFeature", "defaultDataset", "availableGraphs", "resultFormat",
    "inputFormat", "defaultGraph", "namedGraph", "name", "graph", "SPARQL10Query", "SPARQL11Query", "SPARQL11Update",
    "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery",
)  # fmt: skip


def _read_graphs(server: Server, case: Case) -> str:
    """Play a sequence of the Graph Store Protocol: writes change the dataset from outside, reads go over HTTP."""
    state: dict[ox.NamedNode | ox.DefaultGraph, list[ox.Triple]] = {}
    for request in case.requests:
        if "$" in request.path or request.path == "/gsp":
            continue  # a new graph whose name the server chooses: a write
        path = _path_of(request.path)
        name = _name_of(path)
        if request.method in {"GET", "HEAD"}:
            server.serve(
                ox.Quad(triple.subject, triple.predicate, triple.object, graph)
                for graph, triples in state.items()
                for triple in triples
            )
            headers = {"Accept": "text/turtle", **request.headers}
            answer = server.client.send(request.method, path, headers=headers)
            if not request.expects(answer.status):
                return f"{request.method} {path}: {answer.status}"
            if request.content and not same_graph(answer.body, request.content, BASE):
                return f"{request.method} {path}: another graph"
        elif request.method == "DELETE":
            state.pop(name, None)
        else:
            kept = state.get(name, []) if request.method == "POST" else []
            state[name] = kept + _triples(request)
    return ""


def _path_of(path: str) -> str:
    """Return our address for one of the suite's, which stand below /gsp."""
    rest = path.removeprefix("/gsp")
    return f"/graphs{rest}" if rest.startswith("?") else f"/graph{rest}"


def _name_of(path: str) -> ox.NamedNode | ox.DefaultGraph:
    parameters = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
    if "default" in parameters:
        return ox.DefaultGraph()
    return ox.NamedNode(parameters.get("graph") or f"{OURS}{path[1:]}")


def _triples(request: Request) -> list[ox.Triple]:
    """Return what a write says: Turtle, or a form with Turtle in its parts."""
    body = dedent((request.body or b"").decode()).strip()
    type_ = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "text/turtle")
    message = message_from_string(f"Content-Type: {type_}\n\n{body}")
    parts = [str(part.get_payload()) for part in message.walk() if not part.is_multipart()]
    return [quad.triple for part in parts for quad in ox.parse(part, format=ox.RdfFormat.TURTLE, base_iri=BASE)]
