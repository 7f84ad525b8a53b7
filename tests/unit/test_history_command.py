"""`territoires history` tells what was changed, `revert` undoes it through the door of changes."""

import json

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from tests.changing import MORNING, make_change, quad
from tests.unit.conftest import MakeRoot

from territoires.cli import history as command
from territoires.commit import door
from territoires.edits import Edit
from territoires.errors import ConflictError, NotFoundError
from territoires.graph import load
from territoires.history import Signature, read_patch
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root

LABEL = PREFIXES["rdfs"] + "label"
ALBI, ALBY = (quad("id/x", LABEL, name, "towns") for name in ("Albi", "Alby"))
REGION = quad("id/r", LABEL, "Occitanie", "regions")


@pytest.fixture
def root(make_root: MakeRoot) -> Root:
    root = make_root({"data/towns.ttl": f'@base <{BASE}> .\n<id/x> <{LABEL}> "Albi"@fr .\n'})
    make_change(root, Edit(frozenset({ALBI}), frozenset({ALBY})), "Spelling [b]\n\nAs printed.", agent="Zoé")
    make_change(root, Edit(added=frozenset({REGION})), day=1)
    return root


def run(root: Root, *arguments: str) -> str:
    result = CliRunner().invoke(command.history, arguments, obj=root, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_changes_are_listed_last_first(root: Root) -> None:
    _, second, first = run(root).splitlines()
    assert second.split() == ["2", "2026-11-02", "09:30", "curation", "regions", "0", "1"]
    assert first.split() == ["1", "2026-11-01", "09:30", "Zoé", "Spelling", "[b]", "towns", "1", "1"]
    assert len(run(root, "--limit", "1").splitlines()) == 2


def test_changes_of_one_graph_are_listed(root: Root) -> None:
    assert [one["number"] for one in json.loads(run(root, "--graph", "towns", "--format", "json"))] == [1]
    with pytest.raises(NotFoundError) as caught:
        run(root, "--graph", "nowhere")
    assert caught.value.hint
    assert "towns" in caught.value.hint.en


def test_one_change_is_told_by_entity(root: Root) -> None:
    assert run(root, "1").splitlines() == [
        "change 1",
        "2026-11-01 09:30:00 UTC, Zoé",
        "    Spelling [b]",
        "    ",
        "    As printed.",
        "",
        "towns",
        "~ Alby (id/x)",
        '    ~ rdfs:label "Albi"@fr → "Alby"@fr',
    ]


def test_one_change_is_given_to_programs(root: Root) -> None:
    told = json.loads(run(root, "1", "--format", "json"))
    assert (told["removedQuads"], told["addedQuads"]) == ([str(ALBI)], [str(ALBY)])
    assert (told["iri"], told["agent"], told["removed"], told["added"]) == (f"{BASE}id/change/1", "Zoé", 1, 1)
    assert read_patch(run(root, "1", "--format", "patch").encode()).added == {ALBY}


def test_a_patch_is_that_of_one_change(root: Root) -> None:
    assert CliRunner().invoke(command.history, ["--format", "patch"], obj=root).exit_code == 2


def test_nothing_was_changed_yet(make_root: MakeRoot) -> None:
    assert run(make_root({"data/x.ttl": f"<{BASE}id/x> <{LABEL}> 1 ."})) == "no change\n"


def test_a_change_is_undone_through_the_door_by_a_change(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "zoe")
    result = CliRunner().invoke(command.revert, ["1"], obj=root, catch_exceptions=False)
    assert result.stdout == "change 3 undoes change 1\n"
    graph = load(root)
    assert ALBI in graph.store
    assert ALBY not in graph.store
    told = json.loads(run(root, "3", "--format", "json"))
    assert (told["message"], told["agent"]) == ("Revert of change 1", "zoe")
    assert told["before"] != told["after"]
    result = CliRunner().invoke(command.revert, ["3", "--message", "No"], obj=root, catch_exceptions=False)
    assert ALBY in load(root).store
    assert json.loads(run(root, "--limit", "1", "--format", "json"))[0]["message"] == "No"
    # Undone twice, the sources are what they were.
    again = json.loads(run(root, "4", "--format", "json"))
    assert (again["before"], again["after"]) == (told["after"], told["before"])


def test_what_cannot_be_undone_leaves_everything(root: Root) -> None:
    make_change(root, Edit(frozenset({ALBY}), frozenset({ALBI})))
    before = root.digest()
    with pytest.raises(ConflictError):
        CliRunner().invoke(command.revert, ["1"], obj=root, catch_exceptions=False)
    assert root.digest() == before
    assert {one for one in load(root).store if one.graph_name == ox.NamedNode(f"{BASE}graph/towns")} == {ALBI}


def test_the_first_change_through_the_door_begins_the_history(make_root: MakeRoot) -> None:
    root = make_root({"data/towns.ttl": f'@base <{BASE}> .\n<id/x> <{LABEL}> "Albi"@fr .\n'})
    edit = Edit(frozenset({ALBI}), frozenset({ALBY}))
    done = door.change(load(root), edit, signature=Signature("zoe", "Spelling", MORNING))
    assert done.number == 1
    told = json.loads(run(root, "1", "--format", "json"))
    assert (told["agent"], told["message"], told["removedQuads"]) == ("zoe", "Spelling", [str(ALBI)])
    assert door.change(load(root), edit.inverse, signature=Signature("zoe", "", MORNING)).number == 2
