"""Reads the history from the graph, the last change first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from territoires.answers import Row, select
from territoires.engine import Engine
from territoires.errors import NotFoundError, Text
from territoires.history.patches import change_iri
from territoires.namespaces import CHANGES, expand

_TITLE: Final = 120
"""Characters of a message that stand for it."""
_TELLS: Final = f"""
SELECT ?number ?time ?agent ?name ?message ?removed ?added ?before ?after {{
  GRAPH <{CHANGES}> {{
    VALUES ?change {{ %s }}
    ?change a ti:Change ; dct:identifier ?number ; prov:endedAtTime ?time ; prov:wasAssociatedWith ?agent ;
      ti:quadsRemoved ?removed ; ti:quadsAdded ?added ; ti:digestBefore ?before ; ti:digestAfter ?after .
    OPTIONAL {{ ?agent foaf:name ?name }}
    OPTIONAL {{ ?change dct:description ?message }}
  }}
}} ORDER BY DESC(?number)"""
"""Within GRAPH, VALUES is looked at first; before it, Oxigraph reads all changes."""
_TOUCHING: Final = f"""
SELECT ?number {{ GRAPH <{CHANGES}> {{ ?change schema:targetCollection %s ; a ti:Change ; dct:identifier ?number }} }}
ORDER BY DESC(?number) LIMIT %d OFFSET %d"""
_TOUCHED: Final = f"""
SELECT ?number ?property ?thing {{
  GRAPH <{CHANGES}> {{
    VALUES ?change {{ %s }}
    ?change dct:identifier ?number ; ?property ?thing
    FILTER(?property IN (schema:targetCollection, schema:object))
  }}
}} ORDER BY ?thing"""
_COUNT: Final = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{CHANGES}> {{ ?change a ti:Change %s }} }}"
_GRAPHS: Final = (
    f"SELECT DISTINCT ?graph {{ GRAPH <{CHANGES}> {{ ?change schema:targetCollection ?graph }} }} ORDER BY ?graph"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change as the graph tells of it."""

    number: int
    time: dt.datetime
    """In UTC."""
    agent: str
    """Name of who made it."""
    message: str
    """May be empty."""
    removed: int
    """Quads."""
    added: int
    before: str
    """Digest of the sources before it, as hexadecimal digits."""
    after: str
    graphs: tuple[str, ...]
    """IRIs of the named graphs that it touched."""
    entities: tuple[str, ...]
    """IRIs of the things of which it says something else, not more than some."""

    @property
    def iri(self) -> str:
        """IRI of the change."""
        return change_iri(self.number)

    @property
    def title(self) -> str:
        """The first line of the message, cut where it is long; may be empty."""
        line = self.message.partition("\n")[0]
        return line if len(line) <= _TITLE else f"{line[: _TITLE - 1].rstrip()}…"


def list_changes(engine: Engine, *, graph: str | None = None, limit: int, first: int = 0) -> list[Change]:
    """Return changes, the last first.

    Args:
        engine: what answers.
        graph: IRI of a named graph, for the changes that touched it; None for all.
        limit: the most that are returned.
        first: how many are passed over.

    Raises:
        QueryError: if the engine cannot answer.
    """
    if graph:
        rows = select(engine, _TOUCHING % (ox.NamedNode(graph), limit, first))
        return _read(engine, [_number(row, "number") for row in rows])
    last = count_changes(engine) - first  # They have no gaps: sorting many would take a while.
    return _read(engine, range(last, max(0, last - limit), -1))


def find_change(engine: Engine, number: int) -> Change:
    """Return change `number`.

    Raises:
        NotFoundError: if there is none.
        QueryError: if the engine cannot answer.
    """
    found = _read(engine, [number])
    if found:
        return found[0]
    last = count_changes(engine)
    raise NotFoundError(
        Text(f"there is no change {number}", f"il n'y a pas de modification {number}"),
        hint=Text(f"they are numbered 1 to {last}", f"elles sont numérotées de 1 à {last}")
        if last
        else Text("nothing was changed yet", "rien n'a encore été modifié"),
    )


def count_changes(engine: Engine, graph: str | None = None) -> int:
    """Return how many changes there are, or how many touched the named graph with the IRI `graph`."""
    touching = f"; schema:targetCollection {ox.NamedNode(graph)}" if graph else ""
    [row] = select(engine, _COUNT % touching)
    return _number(row, "n")


def changed_graphs(engine: Engine) -> tuple[str, ...]:
    """Return the IRIs of the named graphs that some change touched, sorted."""
    return tuple(row["graph"].value for row in select(engine, _GRAPHS))


def _read(engine: Engine, numbers: Iterable[int]) -> list[Change]:
    named = " ".join(f"<{change_iri(number)}>" for number in numbers)
    rows = select(engine, _TELLS % named).rows if named else ()
    things: dict[tuple[int, str], list[str]] = {}
    for row in select(engine, _TOUCHED % named) if rows else ():
        things.setdefault((_number(row, "number"), row["property"].value), []).append(row["thing"].value)
    return [_change(row, things) for row in rows]


def _change(row: Row, things: Mapping[tuple[int, str], list[str]]) -> Change:
    number = _number(row, "number")
    return Change(
        number=number,
        time=dt.datetime.fromisoformat(row["time"].value).astimezone(dt.UTC),
        agent=row["name"].value if "name" in row else row["agent"].value,
        message=row["message"].value if "message" in row else "",
        removed=_number(row, "removed"),
        added=_number(row, "added"),
        before=row["before"].value,
        after=row["after"].value,
        graphs=tuple(things.get((number, expand("schema:targetCollection")), ())),
        entities=tuple(things.get((number, expand("schema:object")), ())),
    )


def _number(row: Row, name: str) -> int:
    return int(row[name].value)
