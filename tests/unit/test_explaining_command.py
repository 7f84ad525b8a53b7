"""`territoires explain` tells what is asked in place of a query."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from tests.unit.conftest import MakeRoot

Run = Callable[..., subprocess.CompletedProcess[str]]
TURTLE = "@prefix ti: <https://w3id.org/territoires-industrie/def#> .\n" + "\n".join(
    f"<urn:x:{n}> a ti:Place ; ti:name 'place {n}' ; ti:number {n % 7} ." for n in range(4_000)
)
QUERY = "SELECT ?n (COUNT(?p) AS ?c)\n{ ?p a ti:Place ; ti:number ?n ; ti:name ?name }\nGROUP BY ?n"


@pytest.fixture
def explain(make_root: MakeRoot, territoires_command: Run) -> Run:
    """Return a function that explains over a graph of some size."""
    root = make_root({"data/places.ttl": TURTLE})
    return lambda *arguments, **environment: territoires_command(
        "--root", root.path, "explain", *arguments, **environment
    )


def test_it_says_what_was_done_and_what_is_asked(explain: Run) -> None:
    done = explain(QUERY)
    assert done.returncode == 0, done.stderr
    said, _, asked = done.stdout.partition("\n\n")
    assert said.startswith("group with the patterns at line 2\n  as written: ≈ ")
    assert "left out: ?p a ti:Place — in this dataset it follows from ?p ti:number ?n" in said
    assert asked.startswith("SELECT ?n (COUNT(?p) AS ?c)\n{ ?p ti:number ?n")
    assert "ti:Place" not in asked


def test_it_speaks_french(explain: Run) -> None:
    done = explain("SELECT * { ?s ?p ?o }", LC_ALL="fr_FR.UTF-8")
    assert done.stdout == "posée telle quelle : une requête de cette forme n'est pas réécrite, à cause de SELECT *\n"


def test_what_is_no_query_is_refused_with_its_place(explain: Run) -> None:
    done = explain("SELECT ?s { ?s ?p }")
    assert done.returncode == 1
    assert "1:19" in done.stderr
