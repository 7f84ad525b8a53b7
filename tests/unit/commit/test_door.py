"""The door takes valid changes whole, and refuses others leaving everything as it was."""

import threading
from pathlib import Path

import pytest

from territoires.commit.door import Commit, commit
from territoires.errors import ConflictError, DataError, InvalidDataError, TurtleError
from territoires.graph import load
from territoires.root import Root
from territoires.rules import derive, derived_file, ensure_fresh
from territoires.validation import validate


def contents(root: Root) -> dict[Path, bytes]:
    """Return all that the folder holds, but for the lock."""
    return {f: f.read_bytes() for f in root.path.rglob("*") if f.is_file() and f.name != ".territoires-lock"}


@pytest.fixture
def ready(small: Root) -> Root:
    derived_file(small).write_text(derive(small), encoding="utf-8")
    return small


def catalogue(root: Root) -> bytes:
    return (root.data / "catalogue.ttl").read_bytes()


def test_a_valid_change_is_written_with_what_follows_and_published(ready: Root) -> None:
    published: list[Commit] = []
    new = catalogue(ready).replace(b"graphe de connaissances", b"graphe des connaissances", 1)
    assert new != catalogue(ready)
    before, had = ready.digest(), {*validate(load(ready)).violations}
    done = commit(ready, {"data/catalogue.ttl": new}, expected=before, publish=published.append)
    assert catalogue(ready) == new
    assert (done.before, done.after) == (before, ready.digest())
    assert published == [done]
    ensure_fresh(ready)
    # The small graph has violations from the start, for it is cut out of the whole: none has come.
    assert {*validate(load(ready)).violations} == had
    assert not [*ready.path.glob(".territoires-s*")]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"data/x.ttl": b"<a> <b>"}, TurtleError),
        ({"data/catalogue.ttl": None}, InvalidDataError),
        ({"data/x.ttl": b"<id/x> <p> 1 ."}, InvalidDataError),  # a graph that no catalogue tells of
        ({"data/../shapes/x.ttl": b""}, DataError),
        ({"shapes/x.ttl": b""}, DataError),
        ({"data/derived.ttl": b""}, DataError),
        ({"/data/x.ttl": b""}, DataError),
    ],
)
def test_what_is_not_valid_leaves_everything_as_it_was(
    ready: Root, files: dict[str, bytes | None], error: type[DataError]
) -> None:
    before = contents(ready)
    with pytest.raises(error):
        commit(ready, files)
    assert contents(ready) == before


def test_a_change_made_for_other_data_is_refused(ready: Root) -> None:
    before = contents(ready)
    with pytest.raises(ConflictError):
        commit(ready, {"data/catalogue.ttl": catalogue(ready) + b"# x\n"}, expected="0" * 64)
    assert contents(ready) == before


def test_of_writers_that_expect_the_same_data_one_wins(ready: Root) -> None:
    expected = ready.digest()
    outcomes: list[str] = []

    def write(number: int) -> None:
        try:
            commit(ready, {"data/catalogue.ttl": catalogue(ready) + f"# {number}\n".encode()}, expected=expected)
            outcomes.append("written")
        except ConflictError:
            outcomes.append("refused")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "written"]
