"""The W3C suite passes, but for what is explained; the page says what a run says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.conformance import report
from tests.conformance.known import EXPLAINED
from tests.conformance.running import Outcome
from tests.conformance.suite import FEATURES
from tests.conftest import shared


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    named = os.environ.get("W3C_SPARQL_TESTS")
    return report.results(Path(named) if named else shared("w3c/sparql11"))


# rdflib 7 warns of a class that its own Turtle reader uses.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_passes_but_for_what_is_explained(outcomes: dict[str, list[Outcome]], feature: str) -> None:
    found = outcomes[feature]
    assert found
    failed = {outcome.key: outcome.reason for outcome in found if not outcome.passed}
    names = {outcome.key for outcome in found}
    assert failed.keys() == EXPLAINED.keys() & names, failed


def test_every_explanation_is_of_a_test_that_fails(outcomes: dict[str, list[Outcome]]) -> None:
    failed = {outcome.key for found in outcomes.values() for outcome in found if not outcome.passed}
    assert failed == set(EXPLAINED)


def test_the_page_says_what_a_run_says(outcomes: dict[str, list[Outcome]]) -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page(outcomes)
