"""Answers of other servers, written as we write them; one that is cut, or garbled, is none."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, Final

import pyoxigraph as ox

from territoires.engine import Opened, dialects
from territoires.engine.embedded import Bounded, too_large, write
from territoires.engine.endpoint import Reply
from territoires.engine.rows import count_rows
from territoires.errors import QueryEvaluationError, Text
from territoires.formats import Format
from territoires.guard import Query

_ASKED: Final = "__ASK_RETVAL"
"""The variable by which Virtuoso says yes or no."""
_SHOWN: Final = 200
"""Characters of what is wrong that people see."""


def whole(reply: Reply) -> bytes:
    """Return the body, and close it."""
    with reply.body as body:
        return body.read()


def converted(reply: Reply, query: Query, format_: Format, limit: int) -> Opened:
    """Return an answer in the format that was asked for; one that is cut, or garbled, does not parse.

    Raises:
        QueryEvaluationError: if it is not what was asked for.
    """
    output = Bounded(limit)
    try:
        if query.kind == "graph":
            rows, content = None, _graph(reply.body, format_, output)
        else:
            content = write(_results(whole(reply), query), format_, output)
            rows = count_rows(content, format_)
    except (SyntaxError, ValueError) as error:
        said = f"{reply.media_type}: {error}"[:_SHOWN]
        raise QueryEvaluationError(
            Text(f"the engine's answer cannot be read: {said}", f"la réponse du moteur est illisible : {said}")
        ) from error
    finally:
        reply.body.close()
    most = dialects.most_rows(reply.headers)
    if most is not None and (rows or 0) >= most:
        raise too_large(limit)
    return Opened(io.BytesIO(content), rows)


def _graph(body: IO[bytes], format_: Format, output: Bounded) -> bytes:
    triples: Iterable[ox.Triple] = (quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES))
    return write(triples, format_, output)


def _results(content: bytes, query: Query) -> ox.QuerySolutions | ox.QueryBoolean:
    found = ox.parse_query_results(dialects.mended(content), format=ox.QueryResultsFormat.JSON)
    if query.kind == "boolean" and isinstance(found, ox.QuerySolutions):
        yes = any(row[_ASKED].value in {"1", "true"} for row in found)
        said = b'{"head":{},"boolean":%s}' % (b"true" if yes else b"false")
        found = ox.parse_query_results(said, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QuerySolutions | ox.QueryBoolean):
        return found
    raise ValueError("a graph")
