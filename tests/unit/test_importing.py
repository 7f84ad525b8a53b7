"""Importers change the graph folder through the door, as one, and ask on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import shared
from tests.unit.conftest import MakeRoot

from territoires.editions import editions
from territoires.ingest.anct import read_anct
from territoires.namespaces import BASE
from territoires.root import Root

Run = Callable[..., subprocess.CompletedProcess[str]]
LIST = "data/anct-2024-07-04/phase-2.ttl"
GRAPH = f"{BASE}graph/anct-2024-07-04"
SAID = "1 territory renamed, 1 member left"
IMPORT = ("import", "anct-groupements", "--phase", "2")


@pytest.fixture
def replacement(small: Root, tmp_path: Path) -> Path:
    """Return ANCT's list of two regions, which the graph holds, with one territory renamed and one a member less."""
    lines = shared("facts/liste-ti-grpt-phase2.csv").read_text(encoding="utf-8-sig").splitlines()
    ours = [line for line in lines if line.startswith(("id_ti", "ti-75", "ti-76"))]
    file = tmp_path / "liste.csv"
    file.write_text("\n".join(ours) + "\n", encoding="utf-8")
    text = read_anct(file, 2, [*(small.data / "cog-2026").glob("*.ttl")])
    (small.path / LIST).write_text(text, encoding="utf-8")
    renamed = [line.replace(",Agenais,", ",Grand Agenais,") for line in ours]
    file.write_text("\n".join(line for line in renamed if ",200066124," not in line) + "\n", encoding="utf-8")
    return file


def files(root: Root) -> dict[str, bytes]:
    """Return all that the folder holds, but for the lock."""
    found = (file for file in root.path.rglob("*") if file.is_file() and file.name != ".territoires-lock")
    return {file.relative_to(root.path).as_posix(): file.read_bytes() for file in found}


def on_a_terminal(root: Root, typed: bytes, *arguments: str | Path) -> tuple[int, str]:
    """Run the command on a terminal of its own, on which `typed` is typed; return its status and all that it shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "territoires", "--root", root.path, *arguments]
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, typed)
        shown = b""
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
        except OSError:  # How Linux says that the other end is closed.
            pass
    os.close(ours)
    return process.returncode, shown.decode()


def test_a_list_is_judged_and_written(territoires_command: Run, small: Root, replacement: Path) -> None:
    before = files(small)
    done = territoires_command("--root", small.path, *IMPORT, replacement)
    assert (done.returncode, done.stdout) == (0, f"{small.path / LIST}: written\n"), done.stderr
    after = files(small)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {LIST}


def test_a_new_edition_keeps_the_one_that_it_replaces(territoires_command: Run, small: Root, replacement: Path) -> None:
    old = (small.path / LIST).read_bytes()
    options = ("--root", small.path, *IMPORT, "--issued", "2026-01-15", replacement)
    done = territoires_command(*options)
    assert done.returncode == 0, done.stderr
    assert "that of 2024-07-04 is kept" in done.stderr
    first, second = editions(small, GRAPH)
    assert (str(first.since), str(second.since)) == ("2024-07-04", "2026-01-15")
    assert (small.path / LIST).read_bytes() != old
    again = territoires_command(*options)
    assert again.stdout.count(": unchanged\n") == 2
    earlier = territoires_command(*options[:-2], "2025-01-15", replacement)
    assert (earlier.returncode, "2026-01-15" in earlier.stderr) == (1, True)
    queried = ("query", "--graph", "anct-2024-07-04", "--format", "csv", "--at")
    text = "SELECT (COUNT(?m) AS ?n) { <https://w3id.org/territoires-industrie/id/territory/2/ti-7614> ti:includes ?m }"
    for day, number in (("2026-01-14", "3"), ("2026-01-15", "2")):
        found = territoires_command("--root", small.path, *queried, day, text)
        assert found.stdout.split() == ["n", number], found.stderr
    exported = territoires_command(
        "--root", small.path, "export", "--format", "turtle", "--graph", "anct-2024-07-04", "--at", "2025-01-01"
    )
    assert '"Tarn Nord"' in exported.stdout
    assert "200066124" in exported.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("export", "--format", "turtle", "--at", "2025-01-01"),
        ("query", "ASK {}", "--at", "2025-01-01"),
        ("query", "ASK {}", "--graph", "anct-2024-07-04"),
    ],
)
def test_a_day_goes_with_a_graph(territoires_command: Run, small: Root, options: tuple[str, ...]) -> None:
    assert territoires_command("--root", small.path, *options).returncode == 2


def test_only_a_dated_graph_has_a_new_edition(territoires_command: Run, small: Root, replacement: Path) -> None:
    before = files(small)
    options = ("--issued", "2026-01-15", "--source", "other", replacement)
    done = territoires_command("--root", small.path, *IMPORT, *options)
    assert (done.returncode, "no dated graph" in done.stderr) == (1, True)
    assert files(small) == before


def test_what_is_refused_leaves_everything_and_can_be_written_unjudged(
    territoires_command: Run, small: Root, replacement: Path
) -> None:
    broken = small.data / "broken.ttl"
    broken.write_text("<a> <b>", encoding="utf-8")
    before = files(small)
    done = territoires_command("--root", small.path, *IMPORT, replacement)
    assert done.returncode == 1
    assert "broken.ttl" in done.stderr
    assert "--no-check" in done.stderr
    assert files(small) == before
    forced = territoires_command("--root", small.path, *IMPORT, "--no-check", replacement)
    assert (forced.returncode, forced.stdout) == (0, f"{small.path / LIST}: written\n")
    assert "territoires check" in forced.stderr
    assert not [*small.path.rglob(".*territoires-new")]


def test_a_first_import_goes_into_an_empty_folder(territoires_command: Run, make_root: MakeRoot) -> None:
    root = make_root({"data/cog-2026/regions.ttl": "", "shapes/x.ttl": ""})
    done = territoires_command("--root", root.path, "import", "links", "insee")
    assert (done.returncode, done.stdout) == (0, f"{root.data / 'links-insee.ttl'}: written\n"), done.stderr


def test_a_dry_run_in_a_pipe_says_what_changes_and_writes_nothing(
    territoires_command: Run, small: Root, replacement: Path
) -> None:
    before = files(small)
    done = territoires_command("--root", small.path, *IMPORT, "--dry-run", replacement)
    assert f"{small.path / LIST}: {SAID}\n" in done.stdout
    assert "write this?" not in done.stdout
    assert files(small) == before


@pytest.mark.parametrize(
    ("typed", "options", "status", "written"),
    [
        (b"n\n", (), 130, False),
        (b"n\n", ("--dry-run",), 0, False),
        (b"y\n", (), 0, True),
        (b"y\n", ("--dry-run",), 0, True),
        (b"", ("--yes",), 0, True),
        (b"", ("--yes", "--dry-run"), 0, False),
    ],
)
def test_a_terminal_is_told_in_words_and_asked(
    small: Root, replacement: Path, typed: bytes, options: tuple[str, ...], status: int, *, written: bool
) -> None:
    before = files(small)
    code, shown = on_a_terminal(small, typed, *IMPORT, *options, replacement)
    assert code == status, shown
    assert (SAID in shown) == ("--yes" not in options or "--dry-run" in options)
    assert ("write this?" in shown) == ("--yes" not in options)
    assert (files(small) != before) == written
