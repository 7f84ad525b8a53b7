"""Lets the engine's parser look at each operation of an update, and says where one is wrong."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from territoires.engine.syntax import syntax_error
from territoires.errors import Text
from territoires.guard import Query
from territoires.updates import complaints
from territoires.updates.operations import Update

_FAILS: Final = "DROP GRAPH <urn:x-territoires:none> ;\n"
"""Stands before what is parsed and must not run: in an empty store it fails, and with it all that follows."""
_NAME: Final = Text("the update", "la mise à jour")


def check(update: Update) -> None:
    """Parse the operations of `update` one by one: the engine takes no `PREFIX` between two of them.

    Raises:
        QuerySyntaxError: where one is wrong; line and column are those of the user's text.
    """
    try:
        _as_update(Query(update.prologue, "graph", base_iri=update.base_iri))
    except SyntaxError as error:
        raise complaints.wrong_iri() from error
    for operation in update.operations:
        before = update.text[: operation.start]
        column = len(before) - before.rfind("\n") - 1
        # Blanks in place of what comes first, so that places are those of the whole text.
        lines = operation.prologue + _FAILS
        written = "\n" * before.count("\n") + " " * column + operation.text
        query = Query(lines + written, "graph", base_iri=update.base_iri, declared=lines.count("\n"))
        try:
            _as_update(query)
        except SyntaxError as error:
            raise syntax_error(query, error, _as_update, _NAME) from error


def _as_update(query: Query) -> None:
    try:
        ox.Store().update(query.text, base_iri=query.base_iri)
    except (OSError, RuntimeError):
        return  # It parsed.
