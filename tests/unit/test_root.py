"""The graph folder is found and digested by what it holds."""

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.conftest import MakeRoot, assert_says

from territoires.errors import RootError
from territoires.root import Root, find_root

FILES = {
    "ontology/terms.ttl": "<a> <b> <c> .\n",
    "data/b.ttl": "<d> <e> <f> .\n",
    "data/a/part.ttl": "<g> <h> <i> .\n",
    "data/notes.txt": "not Turtle",
    "shapes/Shape.ttl": "<j> <k> <l> .\n",
    "shapes/checked.json": "{}",
}


def test_without_a_path_the_root_is_this_checkout() -> None:
    assert find_root().path == Path(__file__).resolve().parents[2]


def test_the_path_may_be_relative(make_root: MakeRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_root({})
    monkeypatch.chdir(root.path.parent)
    assert find_root(Path(root.path.name)) == root


@pytest.mark.parametrize("missing", ["ontology", "data", "shapes"])
def test_a_folder_without_a_required_part_is_refused_by_name(make_root: MakeRoot, missing: str) -> None:
    root = make_root({})
    (root.path / missing).rmdir()
    with pytest.raises(RootError) as caught:
        find_root(root.path)
    assert_says(caught.value, str(root.path), f"{missing}/", "--root")


def test_a_file_is_not_a_required_folder(make_root: MakeRoot) -> None:
    root = make_root({})
    root.data.rmdir()
    root.data.touch()
    with pytest.raises(RootError):
        find_root(root.path)


def test_a_folder_that_is_not_there_lacks_every_part(tmp_path: Path) -> None:
    with pytest.raises(RootError) as caught:
        find_root(tmp_path / "nowhere")
    assert_says(caught.value, str(tmp_path / "nowhere"), "ontology/, data/, shapes/")


def test_published_queries_are_optional(make_root: MakeRoot) -> None:
    root = make_root({})
    root.queries.rmdir()
    assert find_root(root.path) == root


def test_turtle_files_are_sorted_with_the_ontology_first(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    names = [root.relative(file).as_posix() for file in root.turtle_files()]
    assert names == ["ontology/terms.ttl", "data/a/part.ttl", "data/b.ttl"]


def test_shape_files_are_turtle_only(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    assert root.shape_files() == (root.shapes / "Shape.ttl",)


def test_a_file_elsewhere_keeps_its_whole_name(make_root: MakeRoot) -> None:
    root = make_root({})
    assert root.relative(root.data / "a.ttl") == Path("data/a.ttl")
    assert root.relative(Path("/elsewhere/a.ttl")) == Path("/elsewhere/a.ttl")


def test_the_digest_is_hex_sha_256(make_root: MakeRoot) -> None:
    digest = make_root(FILES).digest()
    assert len(digest) == 64
    assert int(digest, 16) >= 0


def test_the_digest_does_not_depend_on_place_or_time(make_root: MakeRoot, tmp_path: Path) -> None:
    root = make_root(FILES)
    copy = Root(Path(shutil.copytree(root.path, tmp_path / "elsewhere")))
    os.utime(copy.data / "b.ttl", (0, 0))
    assert copy.digest() == root.digest()


def test_the_digest_does_not_look_at_other_files(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    before = root.digest()
    (root.data / "notes.txt").write_text("changed", encoding="utf-8")
    (root.shapes / "Shape.ttl").write_text("changed", encoding="utf-8")
    assert root.digest() == before


@pytest.mark.parametrize(
    "change",
    [
        {"data/b.ttl": "<d> <e> <g> .\n"},
        {"data/b.ttl": "<d> <e> <f> .\n\n"},
        {"ontology/terms.ttl": ""},
        {"data/new.ttl": ""},
        {"data/b.ttl": "<d> <e> <f> .\n<g> <h> <i> .\n", "data/a/part.ttl": ""},
    ],
    ids=["fact", "blank line", "ontology", "empty file", "fact in another file"],
)
def test_any_change_of_the_turtle_changes_the_digest(make_root: MakeRoot, change: dict[str, str]) -> None:
    before = make_root(FILES).digest()
    assert make_root(change).digest() != before


def test_a_renamed_file_changes_the_digest(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    before = root.digest()
    (root.data / "b.ttl").rename(root.data / "c.ttl")
    assert root.digest() != before


def test_the_digest_of_given_files_looks_at_them_only(make_root: MakeRoot) -> None:
    root = make_root(FILES)
    before = root.digest(root.data / "b.ttl")
    (root.ontology / "terms.ttl").unlink()
    assert root.digest(root.data / "b.ttl") == before != root.digest()
