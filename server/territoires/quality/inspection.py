"""Runs every check over a graph folder, and says what they found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from territoires.errors import Text
from territoires.namespaces import compact
from territoires.quality.checks import Check, Finding, Outcome
from territoires.quality.foops import FOOPS
from territoires.quality.house import HOUSE
from territoires.quality.lov import LOV
from territoires.quality.naming import NAMING
from territoires.quality.ontology import read_ontology
from territoires.quality.structure import STRUCTURE
from territoires.root import Root

CHECKS: Final[tuple[Check, ...]] = (*sorted((*STRUCTURE, *NAMING), key=lambda check: check.id), *FOOPS, *LOV, *HOUSE)
"""Every check, in the order of the report: OOPS!, FOOPS!, LOV, this project's."""


def inspect(root: Root) -> tuple[Outcome, ...]:
    """Run every check over ontology/ of `root` (and the IRIs of data/ and shapes/).

    Raises:
        TurtleError: where a file does not parse.
        DataError: if the list of external terms is malformed.
    """
    ontology = read_ontology(root)
    return tuple(Outcome(check, tuple(check.run(ontology))) for check in CHECKS)


def describe(finding: Finding) -> Text:
    """Return a finding as a line for people: place, term, message."""
    place = f"{finding.place}: " if finding.place else ""
    term = f"{compact(finding.term)} " if finding.term else ""
    return Text(f"{place}{term}{finding.message.en}", f"{place}{term}{finding.message.fr}")


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as JSON, with texts in both languages."""
    document: dict[str, Any] = {
        "passed": not any(outcome.findings for outcome in outcomes),
        "checks": [
            {
                "id": outcome.check.id,
                "title": outcome.check.title._asdict(),
                "definition": outcome.check.run.__doc__,
                "passed": not outcome.findings,
                "findings": [
                    {
                        "term": finding.term,
                        "message": finding.message._asdict(),
                        "file": finding.place and str(finding.place.file),
                        "line": finding.place and finding.place.line,
                    }
                    for finding in outcome.findings
                ],
            }
            for outcome in outcomes
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
