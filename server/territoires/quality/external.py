"""Terms of other vocabularies that this graph may use: `ontology/external-terms.toml`, each checked to exist.

One table per namespace, with `document` (where its terms are defined), `checked` (a date), `against` (what they were
looked up in) and `terms` (their local names).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from territoires.errors import DataError, Place, Text
from territoires.root import Root

NAME: Final = "external-terms.toml"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of one vocabulary that were looked up."""

    namespace: str
    document: str
    checked: date
    against: str
    terms: frozenset[str]
    """Local names."""


@dataclass(frozen=True, slots=True)
class ExternalTerms:
    """All vocabularies of the list, by namespace."""

    vocabularies: Mapping[str, Vocabulary]

    def namespace_of(self, iri: str) -> str | None:
        """Return the listed namespace that `iri` is a name in, the longest where several fit."""
        fitting = [namespace for namespace in self.vocabularies if iri.startswith(namespace) and iri != namespace]
        return max(fitting, key=len, default=None)

    def __contains__(self, iri: str) -> bool:
        namespace = self.namespace_of(iri)
        return namespace is not None and iri.removeprefix(namespace) in self.vocabularies[namespace].terms


def read_external_terms(root: Root) -> ExternalTerms:
    """Return the list of `root`; an empty one when there is no such file.

    Raises:
        DataError: if the file is not TOML, or a table lacks a key or has one of another type.
    """
    file = root.ontology / NAME
    if not file.exists():
        return ExternalTerms({})
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _refusal(root, Text(f"this is not TOML: {error}", f"ce n'est pas du TOML : {error}")) from error
    return ExternalTerms({namespace: _vocabulary(root, namespace, table) for namespace, table in tables.items()})


def _vocabulary(root: Root, namespace: str, table: Any) -> Vocabulary:  # noqa: ANN401  (TOML as read)
    match table:
        case {"document": str(document), "checked": date() as checked, "against": str(against), "terms": list(terms)}:
            return Vocabulary(namespace, document, checked, against, frozenset(map(str, terms)))
    raise _refusal(
        root,
        Text(
            f"[{namespace}] needs document, checked (a date), against and terms (a list)",
            f"[{namespace}] doit avoir document, checked (une date), against et terms (une liste)",
        ),
    )


def _refusal(root: Root, detail: Text) -> DataError:
    return DataError(
        detail,
        place=Place(root.relative(root.ontology / NAME)),
        hint=Text("write it like the other tables of the file", "écrivez-le comme les autres tables du fichier"),
    )
