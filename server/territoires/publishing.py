"""Brings a remote server to what the graph folder holds, by the SPARQL 1.1 Graph Store HTTP Protocol.

Only graphs whose digest differs travel. Before one is touched its digest is taken out of what the server says of
itself, and put in once the graph is there whole: whoever begins again after a break goes on where it was.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import pyoxigraph as ox

from territoires.engine import published
from territoires.engine.credentials import CREDENTIALS, Credentials
from territoires.engine.dialects import dialect_of
from territoires.engine.endpoint import Endpoint, LostError, NotReachedError, SaidNoError, TooLateError
from territoires.engine.published import MERGED, PUBLISHED, Published
from territoires.errors import FetchError, RequestError, Text
from territoires.graph import KnowledgeGraph

_PIECE: Final = 20_000
"""Triples that travel at once: servers bound the size of a request."""
_SECONDS: Final = 300.0
"""Longest time for one piece."""
_MOST_SAID: Final = 20_000_000
_SENT_AS: Final = "text/turtle"
"""N-Triples are Turtle, which every server reads."""
_JSON: Final = "application/sparql-results+json"

_T = TypeVar("_T")
Say = Callable[[str, int, int], None]
"""Told of each graph as its turn comes: its IRI, its place among those to be sent or deleted, and their number."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was changed on the server."""

    sent: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int


class GraphStore:
    """A remote server, seen by who publishes to it."""

    def __init__(self, engine: str, store: str | None, credentials: Credentials) -> None:
        """Take the address of its queries and that of its graphs; None: where servers of its kind have it."""
        self._engine = Endpoint(engine, credentials, 1)
        self._store = store

    def published(self) -> Published:
        """Return what is there.

        Raises:
            FetchError: if it does not answer.
            RequestError: if its graph store is neither named nor known.
        """
        fields = [("query", published.ALL)]
        reply = _sent(self._engine.url, lambda until: self._engine.ask(fields, _JSON, until, _MOST_SAID))
        self._store = self._store or _store_of(self._engine.url, dialect_of(reply.headers).graph_store)
        with reply.body as body:
            known = published.read(body.read())
        # Whoever asks for a password does so now, and not when a large body is under way.
        self._send("GET", PUBLISHED, missing=True)
        return known or Published("")

    def put(self, name: str, triples: Iterator[ox.Triple], *, whole: bool = False) -> None:
        """Replace a graph (§5.3), in pieces (§5.5) unless it must travel `whole`: labels of blank nodes hold in one.

        Raises:
            FetchError: if the server does not take it.
        """
        method = "PUT"
        while (piece := list(islice(triples, None if whole else _PIECE))) or method == "PUT":
            self._send(method, name, ox.serialize(piece, format=ox.RdfFormat.N_TRIPLES) or b"")
            method = "POST"

    def write(self, state: Published) -> None:
        """Let the server say that it holds `state`."""
        self._send("PUT", PUBLISHED, state.to_ntriples())

    def delete(self, name: str) -> None:
        """Delete a graph (§5.4), if it is there."""
        self._send("DELETE", name, missing=True)

    def _send(self, method: str, name: str, body: bytes = b"", *, missing: bool = False) -> None:
        url = f"{self._store}{'&' if '?' in (self._store or '') else '?'}graph={quote(name, safe='')}"
        type_ = _SENT_AS if method in {"PUT", "POST"} else ""

        def send(until: float) -> None:
            try:
                answer = self._engine.send(method, url, until=until, limit=_MOST_SAID, body=body, type_=type_)
                answer.body.close()
            except SaidNoError as error:
                if not (missing and error.status == HTTPStatus.NOT_FOUND):
                    raise

        _sent(url, send)


def publish(graph: KnowledgeGraph, store: GraphStore, say: Say = lambda _name, _place, _of: None) -> Done:
    """Bring the server to what `graph` holds, which must be valid.

    Args:
        graph: the loaded graph folder.
        store: the server.
        say: told of the progress.

    Raises:
        FetchError: if the server does not take something; to do it again goes on there.
    """
    there = store.published()
    merge = tuple(MERGED if isinstance(one, ox.DefaultGraph) else one.value for one in graph.default_graphs)
    digests = {**{name: graph.root.digest(*files) for name, files in graph.files.items()}, MERGED: _digest(graph)}
    wanted = Published(graph.version, digests, tuple(sorted(merge)))
    changed = [name for name, digest in digests.items() if there.digests.get(name) != digest]
    gone = sorted(there.digests.keys() - digests.keys())
    if there == wanted:
        return Done((), (), len(digests))
    kept = {name: digest for name, digest in there.digests.items() if name not in changed}
    # No dataset has this version: what fronts keep of answers meanwhile is dropped at the end.
    state = dataclasses.replace(wanted, version=f"{wanted.version}-partial-{time.time_ns():x}", digests=kept)
    store.write(state)
    for place, name in enumerate([*changed, *gone], 1):
        say(name, place, len(changed) + len(gone))
        if name in digests:
            store.put(name, _triples(graph, name), whole=_has_blank_nodes(graph, name))
            kept[name] = digests[name]
        else:
            store.delete(name)
            del kept[name]
        store.write(state)
    store.write(wanted)
    return Done(tuple(changed), tuple(gone), len(digests) - len(changed))


def _triples(graph: KnowledgeGraph, name: str) -> Iterator[ox.Triple]:
    node = ox.DefaultGraph() if name == MERGED else ox.NamedNode(name)
    return (quad.triple for quad in graph.store.quads_for_pattern(None, None, None, node))


def _has_blank_nodes(graph: KnowledgeGraph, name: str) -> bool:
    return any(
        isinstance(term, ox.BlankNode) for triple in _triples(graph, name) for term in (triple.subject, triple.object)
    )


def _digest(graph: KnowledgeGraph) -> str:
    """Return the digest of what is in the merge and in none of the graphs that stand for themselves."""
    total = hashlib.sha256()
    if _has_blank_nodes(graph, MERGED):  # their labels are new at each load: the files say whether it is the same
        total.update(f"{graph.root.digest()} {graph.default_graphs}".encode())
        return total.hexdigest()
    for line in sorted(str(triple) for triple in _triples(graph, MERGED)):
        total.update(line.encode() + b"\n")
    return total.hexdigest()


def _store_of(engine: str, path: str | None) -> str:
    if path:
        return urlunsplit(urlsplit(engine)._replace(path=path, query="", fragment=""))
    raise RequestError(
        Text(f"where {engine} takes graphs is not known", f"on ne sait où {engine} prend les graphes"),
        hint=Text(
            "name its Graph Store Protocol address by --graph-store",
            "donnez l'adresse de son Graph Store Protocol par --graph-store",
        ),
    )


def _sent(url: str, send: Callable[[float], _T]) -> _T:
    try:
        return send(time.monotonic() + _SECONDS)
    except (NotReachedError, LostError, TooLateError, SaidNoError) as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        denied = isinstance(error, SaidNoError) and error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        hint = (
            Text(f"set {CREDENTIALS}=user:password", f"définissez {CREDENTIALS}=nom:mot-de-passe")
            if denied
            else Text("publish again: it goes on where it was", "publiez de nouveau : la suite reprend là")
        )
        raise FetchError(Text(f"{url}: {said}", f"{url} : {said}"), hint=hint) from error
