"""Says where a query stops being SPARQL 1.1.

The engine's parser names a place some way behind the first wrong token, because it reads a whole word ahead. Parsing
once more with the tokens far apart tells which one it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pyoxigraph as ox

from territoires.errors import Place, QuerySyntaxError, Text
from territoires.guard import Query
from territoires.tokens import tokens

_POSITION: Final = re.compile(r"error at (\d+):(\d+): ")
_QUERY: Final = Text("the query", "la requête")
_APART: Final = " " * 16
"""Longer than any word that the parser looks for."""


def as_query(query: Query) -> None:
    """Let the engine parse a query.

    Raises:
        SyntaxError: where it is none.
    """
    ox.Store().query(query.text, base_iri=query.base_iri)


def syntax_error(
    query: Query, error: SyntaxError, parse: Callable[[Query], None] = as_query, name: Text = _QUERY
) -> QuerySyntaxError:
    """Return the engine's complaint about `query` as an error with the place in the user's own text.

    Args:
        query: what was asked; lines that are not the user's stand first and are `declared`.
        error: the complaint.
        parse: raises it again for the same text, however its tokens are spaced.
        name: what `query` is called.
    """
    written = query.text.split("\n", query.declared)[query.declared]
    position = _first_wrong(query, written, parse)
    if position is None:
        reason = re.sub(r"^error at \S+: ", "", str(error))
        return QuerySyntaxError(
            Text(f"{name.en} is not SPARQL 1.1: {reason}", f"{name.fr} n'est pas du SPARQL 1.1 : {reason}"),
            hint=Text("correct what it names", "corrigez ce qui est nommé"),
        )
    before, after = written[:position], written[position:]
    piece = next((match.group()[:40] for match in tokens(after)), "")
    near = Text(f" at “{piece}”", f" à « {piece} »") if piece else Text(" at its end", " à la fin")
    return QuerySyntaxError(
        Text(f"{name.en} is not SPARQL 1.1{near.en}", f"{name.fr} n'est pas du SPARQL 1.1{near.fr}"),
        place=Place(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"), piece=piece or None),
        hint=Text(
            "check braces, dots and quotes before this place",
            "vérifiez accolades, points et guillemets avant cet endroit",
        ),
    )


def check(query: Query) -> None:
    """Parse `query` as SPARQL 1.1 and evaluate nothing: other engines take more, or less, than that.

    Raises:
        QuerySyntaxError: as `syntax_error` says it.
    """
    # A brace too many, on a line of its own and out of reach of the read-ahead: the parser always fails, so nothing is
    # planned, and it comes to that line only if what stands before it is right.
    closed = f"{query.text}\n{4 * _APART}\n}}"
    try:
        ox.Store().query(closed, base_iri=query.base_iri)
    except SyntaxError as error:
        found = _POSITION.match(str(error))
        if found is None or int(found[1]) <= closed.count("\n"):
            raise syntax_error(query, error) from error


def _first_wrong(query: Query, written: str, parse: Callable[[Query], None]) -> int | None:
    """Return where the first token of `written` that cannot stand there starts; None if unknown."""
    matches = [*tokens(written)]
    starts: list[int] = []
    prologue = query.text[: len(query.text) - len(written)]
    parts, length = [prologue], len(prologue.encode())
    for match, following in pairwise([*matches, None]):
        assert match is not None  # noqa: S101  (None stands last)
        starts.append(length)
        glued = following is not None and match.lastgroup == "operator" and following.start() == match.end()
        parts.append(match.group() + ("" if glued else _APART))
        length += len(parts[-1].encode())
    try:
        parse(replace(query, text="".join(parts)))
    except SyntaxError as error:
        found = _POSITION.match(str(error))
        if found is None:
            return None
        lines = "".join(parts).encode().split(b"\n")
        place = sum(len(line) + 1 for line in lines[: int(found[1]) - 1]) + int(found[2]) - 1
        if place >= length:
            return len(written)
        index = max((index for index, start in enumerate(starts) if start <= place), default=0)
        return matches[index].start() if matches else len(written)
    except (RuntimeError, ValueError):
        return None
    return None
