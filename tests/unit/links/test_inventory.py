"""Which links there are, and what is wrong with them, without asking anybody."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable

import pytest

from territoires.graph import KnowledgeGraph, load
from territoires.links import Link, inventory, judge
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_every_shipped_link_is_typed_sourced_and_of_a_known_dataset(graph: KnowledgeGraph) -> None:
    links = inventory(graph)
    counts = Counter((link.dataset, link.graph.removeprefix(f"{BASE}graph/links-"), link.relation) for link in links)
    # docs/decisions/0009: 18 regions and 101 departments; 96 departments of IGN; 1,255 EPCI; Paris has no item.
    assert counts == {
        ("insee", "insee", "schema:sameAs"): 119,
        ("insee-dated", "mtes-2024", "schema:sameAs"): 119,
        ("ign", "ign", "schema:sameAs"): 96,
        ("datagouv", "datagouv", "schema:sameAs"): 119 + 1255,
        ("wikidata", "wikidata", "owl:sameAs"): 118 - 10,
        ("wikidata", "wikidata", "schema:sameAs"): 10,
        ("wikidata", "organisations", "owl:sameAs"): 3,
        ("wikidata", "organisations", "schema:sameAs"): 1,
    }


def test_the_shipped_links_are_right(graph: KnowledgeGraph) -> None:
    assert judge(graph, inventory(graph)).results == ()


def test_a_link_to_another_dataset_is_told_by_its_host() -> None:
    assert Link("a", "owl:sameAs", "https://dbpedia.org/resource/Tarn", "g").dataset == "dbpedia.org"


@pytest.mark.parametrize(
    ("file", "statement", "word"),
    [
        ("links-ign", "<id/department/81> schema:sameAs <http://data.ign.fr/id/geofla/departement/99> .", "code"),
        ("links-insee", "<id/region/76> schema:sameAs <http://id.insee.fr/geo/departement/76> .", "level"),
        ("links-wikidata", "<id/department/81> schema:sameAs wd:Q42 .", "twice"),
        ("links-wikidata", "<id/department/75> schema:sameAs wd:Q12772 .", "Something else"),
        ("links-wikidata", "<id/department/75> owl:sameAs wd:Q12772 .", "may not be the same"),
        ("links-wikidata", "<id/department/75> owl:sameAs <http://www.wikidata.org/wiki/Q90> .", "one Wikidata item"),
        ("catalogue", "<id/department/75> schema:sameAs <http://www.wikidata.org/entity/Q90> .", "without a source"),
    ],
)
def test_a_wrong_link_is_a_violation_with_a_place(small: Root, file: str, statement: str, word: str) -> None:
    path = small.data / f"{file}.ttl"
    namespaces = {name: PREFIXES[name] for name in ("owl", "schema", "wd")}
    lines = [f"PREFIX {name}: <{namespace}>" for name, namespace in namespaces.items()]
    with path.open("a", encoding="utf-8") as output:
        output.write("\n".join(["", *lines, statement, ""]))
    graph = load(small)
    told = [result for result in judge(graph, inventory(graph)).violations if word in result.message.en]
    assert told
    ours = [result for result in told if result.focus_node.startswith(BASE)]  # an item of Wikidata stands in no file
    assert all(result.place and result.place.file and result.place.line for result in ours)


def test_the_command_without_online_asks_nobody(territoires_command: Run) -> None:
    done = territoires_command("check", "links", http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert "1830 links, 0 violations" in done.stdout
    assert done.stderr == ""


def test_options_of_asking_need_online(territoires_command: Run) -> None:
    done = territoires_command("check", "links", "--sample", "3")
    assert done.returncode == 2
    assert "--online" in done.stderr


def test_a_wrong_link_ends_the_command_with_1(small: Root, territoires_command: Run) -> None:
    with (small.data / "links-ign.ttl").open("a", encoding="utf-8") as file:
        file.write("\n<id/department/75> <https://schema.org/sameAs> <http://data.ign.fr/id/geofla/departement/99> .\n")
    done = territoires_command("--root", small.path, "check", "links", LANG="fr_FR.UTF-8", LC_ALL="fr_FR.UTF-8")
    assert done.returncode == 1
    assert "n'est pas celui de la chose" in done.stdout
