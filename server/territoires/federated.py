"""Queries that join this endpoint with others: `queries/federated/*.rq`, published as text for the engine of the user.

This server never runs them: it refuses SERVICE. They are read with the headings of any published query.
"""

from __future__ import annotations

from typing import Final

from territoires.errors import NotFoundError, Text
from territoires.namespaces import BASE
from territoires.queries import PublishedQuery, read_query
from territoires.root import Root

ENDPOINT: Final = f"{BASE}sparql"
"""How the files name our endpoint."""


def load_federated(root: Root) -> dict[str, PublishedQuery]:
    """Return the federated queries of `root` by name, sorted; none where the graph folder has none.

    Raises:
        DataError: if a heading is missing or wrong.
    """
    return {file.stem: read_query(file, served=False) for file in sorted((root.queries / "federated").glob("*.rq"))}


def text_for(query: PublishedQuery, endpoint: str) -> str:
    """Return the SPARQL of `query`, asking our part of the endpoint at this address."""
    return query.text.replace(f"<{ENDPOINT}>", f"<{endpoint}>")


def unknown(name: str) -> NotFoundError:
    """Return what to raise where no federated query is called `name`."""
    return NotFoundError(
        Text(f"there is no federated query {name!r}", f"il n'y a pas de requête fédérée {name!r}"),
        hint=Text("/data lists them", "/data en donne la liste"),
    )
