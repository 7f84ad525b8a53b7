"""What a check found, for programs and for people (SHACL §3.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import rdflib

from territoires.errors import InvalidDataError, Place, Text, Violation
from territoires.namespaces import compact

_SHOWN: Final = 20
_MOST: Final = 1_000
"""Violations that an error carries."""


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result."""

    focus_node: str
    path: str | None
    value: str | None
    message: Text
    severity: str
    """`Violation`, `Warning` or `Info`."""
    constraint: str
    """The constraint component, such as `MinCount`."""
    shape: str
    place: Place | None
    """File and line of the statement block of the focus node, where there is one."""


@dataclass(frozen=True)
class Report:
    """Outcome of a check of the whole graph."""

    conforms: bool
    """True without a violation; warnings are allowed."""
    results: tuple[Result, ...]
    triples: int
    """How many triples were judged."""
    graph: rdflib.Graph
    """The W3C validation report."""

    @cached_property
    def violations(self) -> tuple[Result, ...]:
        """The results that keep the data from being served."""
        return tuple(result for result in self.results if result.severity == "Violation")

    def as_turtle(self) -> str:
        """Return the W3C validation report as Turtle."""
        return self.graph.serialize(format="turtle")

    def as_json(self) -> str:
        """Return the report as JSON, with places and messages in both languages."""
        document: dict[str, Any] = {
            "conforms": self.conforms,
            "triples": self.triples,
            "results": [
                {
                    "focusNode": result.focus_node,
                    "path": result.path,
                    "value": result.value,
                    "message": result.message._asdict(),
                    "severity": result.severity,
                    "constraint": result.constraint,
                    "shape": result.shape,
                    "file": result.place and str(result.place.file),
                    "line": result.place and result.place.line,
                }
                for result in self.results
            ],
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def raise_for_violations(self) -> None:
        """Raise the violations as one error.

        Raises:
            InvalidDataError: if the graph does not conform; the first violations stand in the message.
        """
        if self.conforms:
            return
        count = len(self.violations)
        first = self.violations[0]
        lines = [describe(result) for result in self.violations[:_SHOWN]]
        more = (
            Text(f"\n  … and {count - _SHOWN} more", f"\n  … et {count - _SHOWN} de plus")
            if count > _SHOWN
            else Text("", "")
        )
        raise InvalidDataError(
            Text(
                f"{count} violation{'s'[: count > 1]} of the shapes:\n  "
                + "\n  ".join(line.en for line in lines)
                + more.en,
                f"{count} violation{'s'[: count > 1]} des formes :\n  "
                + "\n  ".join(line.fr for line in lines)
                + more.fr,
            ),
            place=first.place,
            hint=Text(
                "mend the data, then run `territoires check`", "corrigez les données, puis lancez `territoires check`"
            ),
            violations=tuple(
                Violation(
                    one.focus_node,
                    one.path,
                    one.value,
                    one.message,
                    one.shape,
                    one.constraint,
                    str(one.place) if one.place else None,
                )
                for one in self.violations[:_MOST]
            ),
            report=self.graph.serialize(format="nt") if count <= _MOST else "",
        )


def describe(result: Result) -> Text:
    """Return one result as a line for people: place, entity, message, offending value."""
    place = f"{result.place}: " if result.place else ""
    subject = compact(result.focus_node)
    path = f" {compact(result.path)}" if result.path else ""
    value = f" ({compact(result.value)})" if result.value and result.value != result.focus_node else ""
    return Text(
        f"{place}{subject}{path}: {result.message.en}{value}",
        f"{place}{subject}{path} : {result.message.fr}{value}",
    )
