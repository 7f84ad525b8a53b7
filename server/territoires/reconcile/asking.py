"""What clients send, read and bounded: batches of queries (§4), queries for data extension (§6.2)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from territoires.errors import RequestError, Text
from territoires.reconcile.properties import PROPERTIES, SCHEMA
from territoires.reconcile.types import TYPES
from territoires.search import KINDS, fold

MOST_QUERIES: Final = 50
"""Queries of one batch: some ten milliseconds each where nothing but likeness helps."""
MOST_CANDIDATES: Final = 50
_LARGEST: Final = 1_000_000
"""A limit past it is none: NaN and infinity, which Python reads from JSON, are not either."""
_USUAL: Final = 10
_LONGEST: Final = 200
"""Characters of a text when it is taken apart: some characters stand for eighteen."""
_MOST_VALUES: Final = 10
_MOST_IDS: Final = 200


def _called(names: Mapping[str, Text]) -> dict[str, str]:
    """Return what people write for each name: itself, its IRI, its labels; folded."""
    return {
        fold(word).whole: name for name, label in names.items() for word in (label.en, label.fr, SCHEMA + name, name)
    }


_TYPES: Final = _called({name: KINDS[kind] for name, kind in TYPES.items()})
_PROPERTIES: Final = _called({name: one.label for name, one in PROPERTIES.items()})


def type_called(text: str) -> str | None:
    """Return the type that people call so, or None."""
    return _TYPES.get(fold(text).whole)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A property that candidates should have, with one of these values."""

    property: str
    values: tuple[str, ...]
    """Texts, numbers as text, or identifiers of things."""


@dataclass(frozen=True, slots=True)
class Query:
    """One thing to find."""

    text: str
    kinds: frozenset[str] | None = None
    """Kinds in IRIs; None: any."""
    limit: int = _USUAL
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """Properties to fetch for things."""

    ids: tuple[str, ...]
    properties: tuple[str, ...]
    limits: Mapping[str, int]
    """Name of a property -> most values of it; without an entry, as many as are given at all."""


def read_queries(text: str) -> dict[str, Query]:
    """Return the queries of a batch by their keys.

    Raises:
        RequestError: if it is not such a batch, or too much; the key of the query is named.
    """
    batch = _object(_parse(text, "queries"), "queries")
    if len(batch) > MOST_QUERIES:
        raise RequestError(
            Text(
                f"queries holds {len(batch)} queries, more than {MOST_QUERIES}",
                f"queries contient {len(batch)} requêtes, plus de {MOST_QUERIES}",
            ),
            hint=Text("send them in several batches", "envoyez-les en plusieurs lots"),
        )
    return {key: _query(value, f"queries.{key[:40]}") for key, value in batch.items()}


def read_extension(text: str) -> Extension:
    """Return what is to be fetched.

    Raises:
        RequestError: if it is no such query, or too much.
    """
    asked = _object(_parse(text, "extend"), "extend")
    ids = _list(asked.get("ids"), "extend.ids", _MOST_IDS)
    properties, limits = [], dict[str, int]()
    for number, one in enumerate(_list(asked.get("properties"), "extend.properties", len(PROPERTIES))):
        where = f"extend.properties[{number}]"
        settings = _object(one, where)
        name = _known(settings.get("id"), PROPERTIES, f"{where}.id")
        properties.append(name)
        # OpenRefine sends what stands in the field, as text, perhaps none.
        limit = _object(settings.get("settings", {}), f"{where}.settings").get("limit") or 0
        number_ = int(limit) if isinstance(limit, int | str) and str(limit).isascii() and str(limit).isdigit() else None
        if number_ is None:
            raise _wrong(f"{where}.settings.limit", Text("a whole number", "un entier"))
        if number_:
            limits[name] = number_
    return Extension(tuple(_text(one, f"extend.ids[{n}]") for n, one in enumerate(ids)), tuple(properties), limits)


def _query(value: object, where: str) -> Query:
    asked = _object(value, where)
    types = asked.get("type") or []
    names = [types] if isinstance(types, str) else _list(types, f"{where}.type", len(TYPES))
    limit = asked.get("limit", _USUAL)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 1 <= limit <= _LARGEST:
        raise _wrong(f"{where}.limit", Text("a number from 1", "un nombre à partir de 1"))
    constraints = [
        _constraint(one, f"{where}.properties[{number}]")
        for number, one in enumerate(_list(asked.get("properties", []), f"{where}.properties", _MOST_VALUES))
    ]
    if "query" not in asked and not constraints:
        raise _wrong(where, Text("an object with query or properties", "un objet avec query ou properties"))
    text = asked.get("query", "")
    if not isinstance(text, str):
        raise _wrong(f"{where}.query", Text("a text", "un texte"))
    return Query(
        # One cell too long must not cost its neighbours their answers: nothing is called so.
        text=text if _is_short(text) else "",
        kinds=frozenset(TYPES[name] for one in names if (name := _type(one, f"{where}.type"))) or None,
        limit=min(int(limit), MOST_CANDIDATES),
        constraints=tuple(one for one in constraints if one),
    )


def _type(value: object, where: str) -> str | None:
    """Return a type; one that people made up restricts nothing."""
    return type_called(_text(value, where))


def _constraint(value: object, where: str) -> Constraint | None:
    """Return a constraint; None for a property that people made up, or without a value: it tells nothing."""
    asked = _object(value, where)
    name = _PROPERTIES.get(fold(_text(asked.get("pid"), f"{where}.pid")).whole)
    given = asked.get("v")
    several = _list(given, f"{where}.v", _MOST_VALUES) if isinstance(given, list) else [given]
    values = tuple(_filled(_value(one, f"{where}.v") for one in several))
    return Constraint(name, values) if name and values else None


def _filled(values: Iterable[str]) -> list[str]:
    """Return the values that say something."""
    return [value for value in values if _is_short(value) and fold(value).words]


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST and (text.isascii() or len(unicodedata.normalize("NFKD", text)) <= 2 * _LONGEST)


def _value(value: object, where: str) -> str:
    if isinstance(value, Mapping):
        return _text(value.get("id"), f"{where}.id")
    if isinstance(value, bool | int | float):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).lower()
    if isinstance(value, str):
        return value
    raise _wrong(where, Text("a text, a number or an object with id", "un texte, un nombre ou un objet avec id"))


def _parse(text: str, name: str) -> object:
    try:
        content: object = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()  # halves of characters (\ud800) could not be answered
    except (ValueError, RecursionError) as error:
        where = f"{error.lineno}:{error.colno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else ""
        raise _wrong(
            name, Text(f"JSON that can be read {where}".strip(), f"du JSON lisible {where}".strip())
        ) from error
    return content


def _object(value: object, where: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise _wrong(where, Text("an object", "un objet"))


def _list(value: object, where: str, most: int) -> Sequence[Any]:
    if isinstance(value, list) and len(value) <= most:
        return value
    raise _wrong(where, Text(f"a list of at most {most}", f"une liste d'au plus {most}"))


def _text(value: object, where: str) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST:
        return value
    raise _wrong(where, Text(f"a text of at most {_LONGEST} characters", f"un texte d'au plus {_LONGEST} caractères"))


def _known(value: object, known: Mapping[str, object], where: str) -> str:
    if isinstance(value, str) and value in known:
        return value
    names = ", ".join(known)
    raise _wrong(where, Text(f"one of: {names}", f"l'un de : {names}"))


def _wrong(where: str, expected: Text) -> RequestError:
    return RequestError(
        Text(f"{where} is not as the protocol has it", f"{where} n'est pas conforme au protocole"),
        hint=Text(f"{where} must be {expected.en}", f"{where} doit être {expected.fr}"),
    )
