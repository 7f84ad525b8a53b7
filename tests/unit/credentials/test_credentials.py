"""Tokens are shown once, kept hashed, limited to graphs and in time, and expensive to guess."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from territoires.credentials import Hashed, Verifier, create, hashing, read, revoke, tokens_file
from territoires.errors import (
    DataError,
    ForbiddenError,
    NotFoundError,
    RequestError,
    TooManyFailuresError,
    UnauthorizedError,
)
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.settings import TOKENS

GRAPH = f"{BASE}graph/communique-occitanie-2023-11-09"
DAY = timedelta(days=1)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "tokens.json"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the secrets that are hashed from now on."""
    seen: list[str] = []
    derive = hashing._derive  # noqa: SLF001

    def noting(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
        seen.append(secret)
        return derive(secret, salt, n, r, p)

    monkeypatch.setattr(hashing, "_derive", noting)
    return seen


def test_a_token_is_good_for_its_graphs_and_no_other(file: Path) -> None:
    header = "Bearer " + create(file, "anna", ["communique-*", "urn:x:[ab]"], DAY)
    verifier = Verifier(file)
    assert verifier.verify(header, GRAPH).name == "anna"
    assert verifier.verify(header.replace("Bearer", "bearer"), "urn:x:a").name == "anna"
    for other in (f"{BASE}graph/catalogue", "urn:x:c", "communique"):
        with pytest.raises(ForbiddenError, match="anna"):
            verifier.verify(header, other)


def test_the_file_is_its_owners_alone_and_does_not_hold_the_secret(file: Path) -> None:
    made = create(file, "anna", ["*"], DAY)
    create(file, "bela", ["*"], DAY)
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert made.partition(".")[2] not in text
    secrets = [entry["secret"] for entry in json.loads(text).values()]
    assert all(secret.keys() == {"salt", "key", "n", "r", "p"} for secret in secrets)
    assert secrets[0]["salt"] != secrets[1]["salt"]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.skipif(os.name != "posix", reason="there are no such modes")
def test_a_file_that_others_read_is_refused(file: Path) -> None:
    create(file, "anna", ["*"], DAY)
    file.chmod(0o640)
    with pytest.raises(DataError, match="chmod 600"):
        read(file)


@pytest.mark.parametrize("text", ["[]", "{", '{"a": {}}', '{"a": {"graphs": [], "expires": "x", "secret": {}}}'])
def test_a_file_that_is_no_such_file_is_refused_by_name(file: Path, text: str) -> None:
    create(file, "anna", ["*"], DAY)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"tokens\.json"):
        read(file)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Basic YTpi",
        "Bearer anna",
        "Bearer anna.x",
        f"Bearer ańna.{'x' * 43}",
        f"Bearer anna.{'x' * 43} ,",
    ],
)
def test_what_is_no_token_is_refused(file: Path, header: str | None, hashed: list[str]) -> None:
    with pytest.raises(UnauthorizedError) as caught:
        Verifier(file).verify(header, GRAPH)
    assert caught.value.challenge.startswith('Bearer realm="territoires"')
    assert ("invalid_token" in caught.value.challenge) == (header is not None)  # RFC 6750 §3.1
    assert hashed == []


def test_a_wrong_secret_and_an_unknown_name_are_refused_alike(file: Path, hashed: list[str]) -> None:
    made = create(file, "anna", ["*"], DAY)
    hashed.clear()
    said = set()
    for name in ("anna", "nobody"):
        with pytest.raises(UnauthorizedError) as caught:
            Verifier(file).verify(f"Bearer {name}.{'x' * 43}", GRAPH)
        said.add(str(caught.value))
    assert len(said) == 1
    assert hashed == ["x" * 43] * 2  # Both take the same time.
    with pytest.raises(UnauthorizedError):
        Verifier(file).verify("Bearer " + made.replace("anna", "nobody"), GRAPH)


def test_a_token_is_refused_from_its_end_on(file: Path) -> None:
    header = "Bearer " + create(file, "anna", ["*"], timedelta(seconds=-1))
    with pytest.raises(UnauthorizedError, match="expired"):
        Verifier(file).verify(header, GRAPH)


def test_a_revoked_token_is_refused_at_once_and_one_made_again_is_another(file: Path) -> None:
    header = "Bearer " + create(file, "anna", ["*"], DAY)
    verifier = Verifier(file)
    verifier.verify(header, GRAPH)
    revoke(file, "anna")
    with pytest.raises(UnauthorizedError):
        verifier.verify(header, GRAPH)
    again = "Bearer " + create(file, "anna", ["*"], DAY)
    assert verifier.verify(again, GRAPH).name == "anna"
    with pytest.raises(UnauthorizedError):
        verifier.verify(header, GRAPH)
    with pytest.raises(NotFoundError, match="one of: anna"):
        revoke(file, "bela")


def test_a_good_token_is_hashed_once_and_not_kept(file: Path, hashed: list[str]) -> None:
    made = create(file, "anna", ["*"], DAY)
    verifier = Verifier(file)
    hashed.clear()
    for _ in range(5):
        verifier.verify(f"Bearer {made}", GRAPH)
    assert len(hashed) == 1
    assert made.partition(".")[2] not in repr(vars(verifier))


def test_a_client_that_fails_often_is_refused_and_others_are_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (f"Bearer {create(file, name, ['*'], DAY)}" for name in ("anna", "bela"))
    verifier = Verifier(file)
    verifier.verify(first, GRAPH, client="a")
    for _ in range(10):
        with pytest.raises(UnauthorizedError):
            verifier.verify("Bearer x", GRAPH, client="a")
    for header in ("Bearer x", second):
        with pytest.raises(TooManyFailuresError):
            verifier.verify(header, GRAPH, client="a")
    assert verifier.verify(first, GRAPH, client="a").name == "anna"
    assert verifier.verify(second, GRAPH, client="b").name == "bela"
    now = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with pytest.raises(UnauthorizedError):
        verifier.verify("Bearer x", GRAPH, client="a")


def test_what_is_remembered_is_bounded(file: Path) -> None:
    verifier = Verifier(file)
    for number in range(1_500):
        with pytest.raises(UnauthorizedError):
            verifier.verify("Bearer x", GRAPH, client=str(number))
    assert len(verifier._failed) == 1_024  # noqa: SLF001


@pytest.mark.parametrize("name", ["", "Anna", "a.b", "a b", "-a", "é", "a" * 41])
def test_a_wrong_name_is_refused(file: Path, name: str) -> None:
    with pytest.raises(RequestError, match="no name"):
        create(file, name, ["*"], DAY)
    assert not file.exists()


def test_a_hash_fits_its_secret_alone() -> None:
    one, other = Hashed.of("secret"), Hashed.of("secret")
    assert one != other
    assert [one.fits(text) for text in ("secret", "Secret", "")] == [True, False, False]


def test_the_file_is_not_in_the_graph_folder(tmp_path: Path) -> None:
    root = Root(tmp_path / "root")
    assert tokens_file(root, {}) is None
    assert tokens_file(root, {TOKENS: str(tmp_path / "tokens")}) == tmp_path / "tokens"
    with pytest.raises(RequestError, match=TOKENS):
        tokens_file(root, {TOKENS: str(tmp_path / "root/data/../tokens")})


def test_the_command_makes_lists_and_revokes(territoires_command: Run, file: Path) -> None:
    def run(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = territoires_command("token", *words, **{TOKENS: str(file)})
        assert done.returncode == code, done.stderr
        return done

    made = run("create", "anna", "--graph", "communique-*", "--graph", "x", "--expires", "90d").stdout.strip()
    assert Verifier(file).verify(f"Bearer {made}", GRAPH).name == "anna"
    name, _, graphs = run("list").stdout.strip().split("\t")
    assert (name, graphs) == ("anna", "communique-* x")
    assert "already" in run("create", "anna", "--graph", "x", "--expires", "1d", code=1).stderr
    assert "90d" in run("create", "bela", "--graph", "x", "--expires", "soon", code=2).stderr
    run("revoke", "anna")
    assert run("list").stdout == ""


def test_the_command_says_what_to_set(territoires_command: Run) -> None:
    done = territoires_command("token", "list", **{TOKENS: "", "LC_ALL": "fr_FR.UTF-8"})
    assert done.returncode == 1
    assert f"{TOKENS} n'est pas défini" in done.stderr
