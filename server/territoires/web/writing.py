"""The graphs, written: SPARQL 1.1 Graph Store HTTP Protocol §5.3 to §5.7, and SPARQL 1.1 Protocol §2.2 at `/update`.

Nobody may write unless the server was given a file of tokens. What is asked for is judged by the writer of the pool:
the data stay valid, or stay as they are.
"""

from __future__ import annotations

from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, abort, g, json, request
from werkzeug.exceptions import LengthRequired

from territoires.commit.asking import Action, Asked, changed_meanwhile
from territoires.credentials import Token
from territoires.engine.layers import innermost
from territoires.engine.pool import PooledEngine
from territoires.errors import (
    ConflictError,
    NotAcceptableError,
    OverloadedError,
    RequestError,
    TerritoiresError,
    Text,
    UnsupportedMediaTypeError,
    WriteRefusedError,
)
from territoires.formats import GRAPH_FORMATS
from territoires.history.patches import change_iri
from territoires.namespaces import BASE
from territoires.negotiation import choose, media_types
from territoires.updates import read_graph
from territoires.web.arguments import check_codings, check_iri, decoded, pairs_in, refuse_unknown
from territoires.web.delivery import entity_tags
from territoires.web.graphs import named
from territoires.web.incoming import CHANGES, forget_body
from territoires.web.site import site

blueprint = Blueprint("writing", __name__)

_ACTIONS: Final[dict[str, Action]] = {"PUT": "put", "POST": "post", "DELETE": "delete", "PATCH": "update"}
_UPDATE: Final = "application/sparql-update"
_FORM: Final = "application/x-www-form-urlencoded"
_PARTS: Final = "multipart/form-data"
_PARAMETERS: Final = frozenset({"update", "using-graph-uri", "using-named-graph-uri", "message", "lang"})
_KNOWN: Final = frozenset({"graph", "default", "message", "lang", "at"})
_LONGEST: Final = 1_000
"""Characters of a message."""
_OUTCOME: Final = "application/json"


def authorise() -> None:
    """Check the token of a request that would write, before its body is read.

    Raises:
        WriteRefusedError: if this server only reads.
        UnauthorizedError, ForbiddenError, TooManyFailuresError: see `Verifier.verify`.
        LengthRequired: if it is not said how long the body is.
    """
    if request.endpoint not in CHANGES:
        return
    try:
        g.token = _token()
        if request.method != "DELETE" and request.content_length is None:
            abort(411)  # A body without a length that breaks off cannot be told from a whole one.
    except (TerritoiresError, LengthRequired):
        forget_body()
        raise


def _token() -> Token:
    verifier = site().verifier
    if verifier is None or not isinstance(innermost(site().engine), PooledEngine):
        raise WriteRefusedError(
            Text("the graphs of this server are read-only", "les graphes de ce serveur sont en lecture seule"),
            hint=Text(
                "propose the change to whoever keeps the files of the graph",
                "proposez la modification à qui tient les fichiers du graphe",
            ),
        )
    graph = None if request.endpoint == "writing.update" else _graph()
    return verifier.verify(request.headers.get("Authorization"), graph, client=request.remote_addr or "")


@blueprint.route("/graph/<path:source>", methods=[*_ACTIONS])
def direct(source: str) -> Response:  # noqa: ARG001  (part of the address)
    """Replace, extend, delete or update the graph that has this address."""
    return _write()


@blueprint.route("/graphs", methods=[*_ACTIONS])
def indirect() -> Response:
    """Do the same with the graph that the query string names."""
    return _write()


@blueprint.post("/update")
def update() -> Response:
    """Run an update of any graphs for which the token is (SPARQL 1.1 Protocol §2.2)."""
    check_codings()
    values: dict[str, list[str]] = {}
    pairs = pairs_in(request.query_string)
    if request.mimetype == _FORM:
        pairs += pairs_in(request.get_data())
    elif request.mimetype == _UPDATE:
        values["update"] = [decoded(request.get_data())]
    else:
        raise _unreadable((_UPDATE, _FORM))
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    refuse_unknown(values, _PARAMETERS)
    if len(values.get("update", ())) != 1:
        raise RequestError(
            Text("exactly one update is needed", "il faut une mise à jour, et une seule"),
            hint=Text(f"known: {', '.join(sorted(_PARAMETERS))}", f"connus : {', '.join(sorted(_PARAMETERS))}"),
        )
    using, using_named = (tuple(values.get(name, ())) for name in ("using-graph-uri", "using-named-graph-uri"))
    for iri in (*using, *using_named):
        check_iri("using-graph-uri", iri)
    [text] = values["update"]
    return _ask("update", content=text.encode(), using=using, using_named=using_named)


def _write() -> Response:
    action = _ACTIONS[request.method]
    refuse_unknown(request.args, _KNOWN)
    if "at" in request.args or "Accept-Datetime" in request.headers:
        raise RequestError(
            Text("an edition that was replaced does not change", "une édition remplacée ne change plus"),
            hint=Text("write the current graph, without a day", "écrivez le graphe actuel, sans jour"),
        )
    if action == "update":
        check_codings()
        if request.mimetype != _UPDATE:
            raise _unreadable((_UPDATE,))
    graph = _graph()
    content, content_type = request.get_data(), request.headers.get("Content-Type", "")
    if action == "post" and request.mimetype == _PARTS:
        content, content_type = _together(graph), "application/n-triples"
    return _ask(action, content=content, content_type=content_type, graph=graph)


def _together(graph: str) -> bytes:
    """Return the documents of a form as one (§5.5)."""
    quads = {
        quad
        for files in request.files.listvalues()
        for file in files
        for quad in read_graph(file.read(), file.content_type, graph, graph, site().settings)
    }
    return ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES) or b""


def _graph() -> str:
    """Return the IRI of the graph that is to be written.

    Raises:
        WriteRefusedError: for the default graph, which is the merge of all others.
    """
    if request.view_args and "source" in request.view_args:
        return f"{BASE}graph/{request.view_args['source']}"
    name = named()
    if name is None:
        raise WriteRefusedError(
            Text("the default graph is the merge of all graphs", "le graphe par défaut réunit tous les graphes"),
            hint=Text("write the named graph that states it", "écrivez dans le graphe nommé qui l'énonce"),
        )
    return name


def _ask(action: Action, **asked: Any) -> Response:  # noqa: ANN401  (fields of Asked)
    if choose(request.headers.get("Accept"), [(_OUTCOME, True), *media_types(GRAPH_FORMATS, None)]) is None:
        raise NotAcceptableError(
            Text("the outcome of a change is JSON", "le résultat d'une modification est en JSON"),
            hint=Text(f"accept {_OUTCOME}", f"acceptez {_OUTCOME}"),
        )
    engine, token = innermost(site().engine), g.token
    assert isinstance(engine, PooledEngine)  # noqa: S101  (for the type checker: see authorise)
    assert isinstance(token, Token)  # noqa: S101
    graph = asked.get("graph")
    is_new = graph is not None and graph not in engine.graphs
    change = Asked(
        action,
        token.name,
        token.graphs,
        base_iri=graph or request.base_url,
        expected=_expected(graph, is_new=is_new),
        message=_message(),
        **asked,
    )
    outcome = engine.change(change.pack())
    if outcome.get("again"):  # The files were changed beside the server, and are loaded now.
        outcome = engine.change(change.pack())
    if outcome.pop("again", False):
        raise OverloadedError(
            Text("the files were changed: they are being loaded", "les fichiers ont changé : ils sont rechargés"),
            hint=Text("send the change again in a few seconds", "renvoyez la modification dans quelques secondes"),
        )
    if outcome.get("change"):
        outcome["change"] = change_iri(outcome["change"])
    response = Response(json.dumps(outcome, ensure_ascii=False), content_type=_OUTCOME)
    response.status_code = 201 if is_new and outcome["added"] else 200
    response.headers["Cache-Control"] = "no-store"
    return response


def _expected(graph: str | None, *, is_new: bool) -> str | None:
    """Return the version of the dataset for which the preconditions hold, None without any (RFC 9110 §13).

    Raises:
        ConflictError: if they do not hold now.
    """
    match, none_match = request.if_match, request.if_none_match
    version = site().engine.version
    if "If-Match" not in request.headers and "If-None-Match" not in request.headers:
        return None
    tags = {version}
    if graph and not is_new:
        tags.update(*(entity_tags(format_.content_type, "graph", graph) for format_ in GRAPH_FORMATS))
    if "If-Match" in request.headers and not (
        (match.star_tag and not is_new) or any(match.is_strong(tag) for tag in tags)
    ):
        raise changed_meanwhile()
    if none_match.star_tag and not is_new:
        raise ConflictError(
            Text("there is such a graph already", "un tel graphe existe déjà"),
            hint=Text("leave If-None-Match out to replace it", "retirez If-None-Match pour le remplacer"),
        )
    if "If-None-Match" in request.headers and (
        (none_match.star_tag and not is_new) or any(none_match.contains_weak(tag) for tag in tags)
    ):
        raise changed_meanwhile()
    return version


def _message() -> str:
    message = request.args.get("message", "")
    if len(message) > _LONGEST:
        raise RequestError(
            Text(f"the message is longer than {_LONGEST} characters", f"le message dépasse {_LONGEST} caractères"),
            hint=Text("say why in a sentence or two", "dites pourquoi en une phrase ou deux"),
        )
    return message


def _unreadable(taken: tuple[str, ...]) -> UnsupportedMediaTypeError:
    other = request.mimetype or "(none)"
    return UnsupportedMediaTypeError(
        Text(f"a body of type {other} cannot be read", f"un corps de type {other} n'est pas lisible"),
        hint=Text(f"send {' or '.join(taken)}", f"envoyez {' ou '.join(taken)}"),
    )
