"""Answers of other servers, written as we write them; one that is cut, or garbled, is none."""

from __future__ import annotations

import io
from typing import Final

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

    Args:
        reply: what the server sent, in JSON or in N-Triples.
        query: what was asked.
        format_: what it is written in.
        limit: most bytes of it.

    Raises:
        ResultTooLargeError: past `limit`, or where the server has cut it.
        QueryEvaluationError: if it is not what was asked for.
    """
    output = Bounded(limit)
    try:
        if query.kind == "graph":
            triples = [quad.triple for quad in ox.parse(reply.body, ox.RdfFormat.N_TRIPLES)]
            rows, content = None, write(triples, format_, output)
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
    # Virtuoso says so of rows; of a graph that it has cut it says nothing.
    if dialects.most_rows(reply.headers) is not None:
        raise too_large(limit)
    return Opened(io.BytesIO(content), rows)


def _results(content: bytes, query: Query) -> ox.QuerySolutions | ox.QueryBoolean:
    found = ox.parse_query_results(dialects.mended(content), format=ox.QueryResultsFormat.JSON)
    if query.kind == "boolean" and isinstance(found, ox.QuerySolutions):
        yes = any(row[_ASKED].value in {"1", "true"} for row in found)
        said = b'{"head":{},"boolean":%s}' % (b"true" if yes else b"false")
        found = ox.parse_query_results(said, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QuerySolutions | ox.QueryBoolean):
        return found
    raise ValueError("a graph")
