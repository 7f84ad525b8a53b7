"""Keys near one that is not there: of another phase, without its zero, in other letters, or spelt almost so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

import pyoxigraph as ox

from territoires.answers import select
from territoires.engine import Engine
from territoires.namespaces import BASE

_MOST: Final = 5
_COMPARED: Final = 2_000
"""Keys of a kind that are compared letter by letter; kinds with more are looked up only."""
_LONGEST: Final = 100
_KIND: Final = re.compile(r"[a-z]+")
_TERRITORY: Final = re.compile(r"(?:territory/)?(?:[0-9]+/)?(?:ti-?)?([0-9]{3,4})")
_SPACES: Final = re.compile(r"[\s_]+")
_ANY_OF: Final = "SELECT DISTINCT ?s { VALUES ?s { %s } ?s ?p ?o }"
_OF_KIND: Final = 'SELECT DISTINCT ?s { ?s a ?class FILTER(STRSTARTS(STR(?s), "%s")) } LIMIT %d'


def suggest(engine: Engine, key: str) -> tuple[str, ...]:
    """Return the IRIs below `id/` of the things whose key is near `key`, at most five, the likeliest first.

    Args:
        engine: what answers.
        key: a path such as `territory/ti-7614` that names nothing.
    """
    if len(key) > _LONGEST:
        return ()
    guesses = [iri for guess in dict.fromkeys(_guesses(key)) if (iri := _node(guess)) is not None]
    there = {row["s"].value for row in select(engine, _ANY_OF % " ".join(map(str, guesses)))} if guesses else set()
    found = [guess.value for guess in guesses if guess.value in there]
    return tuple(dict.fromkeys([*found, *(_near(engine, key) if not found else ())]))[:_MOST]


def _guesses(key: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", key.strip("/")).encode("ascii", "ignore").decode()
    yield from (key, plain, plain.lower(), _SPACES.sub("-", plain.lower().strip()))
    kind, _, rest = plain.lower().partition("/")
    last = rest.rpartition("/")[2]
    if match := _TERRITORY.fullmatch(plain.lower()):
        for phase in ("2", "1"):
            yield f"territory/{phase}/ti-{match[1]:0>4}"
    if kind and last:
        yield f"{kind}/{last}"
        yield f"{kind}/{last.upper()}"  # Corse: 2A, 2B.
        yield f"{kind}/0{last}"
        yield f"{kind.removesuffix('s')}/{last}"
        for phase in ("2", "1"):
            yield f"{kind}/{phase}/{last}"
    while "/" in rest:
        rest = rest.rpartition("/")[0]
        yield f"{kind}/{rest}"


def _near(engine: Engine, key: str) -> list[str]:
    kind = key.partition("/")[0].lower()
    if not _KIND.fullmatch(kind):
        return []
    start = f"{BASE}id/{kind}/"
    keys = [row["s"].value.removeprefix(start) for row in select(engine, _OF_KIND % (start, _COMPARED + 1))]
    if len(keys) > _COMPARED:
        return []
    return [start + near for near in get_close_matches(key.partition("/")[2].lower(), sorted(keys), _MOST, 0.7)]


def _node(path: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(f"{BASE}id/{path}")
    except ValueError:
        return None
