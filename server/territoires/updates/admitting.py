"""Decides whether an update may run, before any native parser sees it, with the scanner and limits of queries."""

from __future__ import annotations

import re

import pyoxigraph as ox

from territoires import refusals
from territoires.guard import Scan
from territoires.namespaces import PREFIXES, sparql_prologue
from territoires.settings import Settings
from territoires.updates import complaints
from territoires.updates.operations import DEFAULT, Element, Update, operations


def admit_update(text: str, settings: Settings | None = None, *, prefixes: bool = False) -> Update:
    """Return the update, as its operations, if it stays within the limits and this server.

    Args:
        text: a SPARQL 1.1 Update; `PREFIX` and `BASE` may stand before each operation.
        settings: limits; the defaults when left out.
        prefixes: declare the project's prefixes for the user where the text does not.

    Raises:
        QueryTooLargeError: past the length, depth, operator or pattern limit.
        QueryRefusedError: for LOAD and SERVICE, which reach outside; SILENT changes nothing about that.
        QuerySyntaxError: where an operation is none. What stands between braces is parsed by `evaluate`.
    """
    limits = settings or Settings()
    scan = _Scan(text, limits, set(PREFIXES) if prefixes else set())
    scan.read()
    found, prologue = operations(scan.lowered(), scan.elements, sparql_prologue() if prefixes else "")
    return Update(text, found, prologue, max_changed_quads=limits.max_changed_quads)


def graphs_written(update: Update) -> frozenset[str] | None:
    """Return the IRIs of the named graphs that an update may change; None if that depends on the data.

    It is for refusing early; what an update does change is in its `Edit`.

    Raises:
        QuerySyntaxError: if a prefix or IRI is wrong.
    """
    names: set[str] = set()
    for operation in update.operations:
        written = operation.writes
        if written is None:
            return None
        constants = " ".join(name for name in written if name != DEFAULT)
        text = f"{operation.prologue} SELECT ?g {{ VALUES ?g {{ {constants} }} }}"
        try:
            found = ox.Store().query(text, base_iri=update.base_iri)
        except SyntaxError as error:
            raise complaints.wrong_iri() from error
        if isinstance(found, ox.QuerySolutions):
            names.update(row["g"].value for row in found)
    return frozenset(names)


class _Scan(Scan):
    """The scanner of queries, which also notes what stands outside of all brackets."""

    def __init__(self, text: str, limits: Settings, declared: set[str]) -> None:
        super().__init__(text, limits, declared)
        self._lowered = text
        self.elements: list[Element] = []
        self._opened: re.Match[str] | None = None

    @property
    def has_form(self) -> bool:
        """Always: an update may have no operation, so what stands in place of one is just misplaced."""
        return True

    def take(self, match: re.Match[str]) -> None:
        """Look at one token; see `Scan.take`."""
        before = self.depth
        super().take(match)
        if not before:
            self._opened = match if self.depth else None
            if not self.depth:
                self.elements.append(Element(match, match.end()))
        elif not self.depth and self._opened:
            self.elements.append(Element(self._opened, match.end()))

    def note_form(self, word: str, match: re.Match[str]) -> None:
        """Refuse LOAD."""
        if word == "LOAD":
            raise refusals.load(refusals.at(self._text, match))
