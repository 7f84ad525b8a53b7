"""Writes docs/reference/conformance.md from a run: `python -m tests.conformance.report`.

The folder of the suite is named by W3C_SPARQL_TESTS.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.conformance.known import EXPLAINED
from tests.conformance.running import Outcome, run
from tests.conformance.suite import FEATURES

from territoires.files import write_whole
from territoires.root import find_root

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "reference" / "conformance.md"
_HEAD = """# Conformance to SPARQL 1.1

Written by `W3C_SPARQL_TESTS=… python -m tests.conformance.report` from running the W3C's test suite
(github.com/w3c/rdf-tests, `sparql/sparql11`) over HTTP against this server; `tests/conformance` compares this page with
a run of its own.

| feature | tests | passed |
|---|---|---|
"""
_UNCLAIMED = """
## What is not claimed

- **Writing over HTTP** (the update operation of the protocol, writes of the Graph Store Protocol): of a sequence of the
  Graph Store tests, the reads are run and the writes are made from outside. The tests of the update language run on
  `territoires.updates`, without HTTP.
- **Federated query**: `SERVICE` is refused with 403, because it would let anyone make this server call another.
- **Entailment regimes**: answers follow simple entailment; what is wanted of what follows from the ontology is derived
  by rules.
"""


def results(suite: Path) -> dict[str, list[Outcome]]:
    """Run every claimed feature; return the outcomes of each."""
    root = find_root(CHECKOUT)
    return {feature: run(suite, feature, root) for feature in FEATURES}


def page(outcomes: Mapping[str, list[Outcome]]) -> str:
    """Return the page: a table of features, and each failure with its explanation."""
    rows = [
        f"| {FEATURES[feature]} | {len(found)} | {sum(outcome.passed for outcome in found)} |"
        for feature, found in outcomes.items()
    ]
    every = [outcome for found in outcomes.values() for outcome in found]
    passed = sum(outcome.passed for outcome in every)
    rows.append(f"| **all** | **{len(every)}** | **{passed}** ({passed / len(every):.1%}) |")
    failures = [
        f"- `{outcome.key}` ({outcome.title}): {EXPLAINED.get(outcome.key, 'not explained yet')}"
        for outcome in every
        if not outcome.passed
    ]
    return _HEAD + "\n".join(rows) + "\n\n## Failures\n\n" + "\n".join(failures) + "\n" + _UNCLAIMED


def main() -> None:
    """Run the suite and write the page."""
    named = os.environ.get("W3C_SPARQL_TESTS")
    if not named or not (Path(named) / "manifest-all.ttl").exists():
        sys.exit("W3C_SPARQL_TESTS must name the folder sparql/sparql11 of github.com/w3c/rdf-tests")
    write_whole(PAGE, page(results(Path(named))))


if __name__ == "__main__":
    main()
