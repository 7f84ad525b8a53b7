"""What the tutorial and the page on loading say is what happens: each block runs, and prints what is printed."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.docs.table_pages import PAGE, page

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import KnowledgeGraph
from territoires.root import Root
from territoires.tabular.exports import Material, find_exports, write_all

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```(sh|python|text)\n(.*?)```", re.DOTALL)


@pytest.fixture
def material(root: Root, graph: KnowledgeGraph) -> Material:
    """Return what the exports of the shipped graph are made of."""
    return Material(root, EmbeddedEngine(graph))


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, material: Material) -> None:
    """Run the blocks of a page in `folder`, one after the other.

    Of `export --all` what the page reads is written, from `material`; that the command writes the same is tested
    with the command.
    """
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    said = io.StringIO()
    content = (DOCS / name).read_text(encoding="utf-8")
    for kind, text in BLOCK.findall(content):
        if kind == "text":
            assert [line.rstrip() for line in said.getvalue().splitlines()] == text.splitlines()
            continue
        said = io.StringIO()
        if kind == "python":
            with contextlib.redirect_stdout(said):
                exec(compile(text, name, "exec"), names)  # noqa: S102  (the page's own code)
            continue
        for line in text.splitlines():
            command, *arguments = shlex.split(line)
            assert command == "territoires"
            if arguments == ["export", "--all", "--output", "exports"]:
                exports = find_exports(material.root)
                read = {one: exports[one] for one in set(re.findall(r'"exports/([^"]+)"', content))}
                assert len(list(write_all(Path("exports"), read, material))) > 3
                continue
            subprocess.run([sys.executable, "-m", "territoires", *arguments], check=True, env={**os.environ})
    if database := names.get("database"):
        database.close()


@pytest.mark.slow
def test_the_tutorial_joins_and_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, material: Material) -> None:
    shutil.copy(DOCS / "tutorial/salaries-fictifs.csv", tmp_path)
    run("tutorial/join-your-data.md", tmp_path, monkeypatch, material)
    made = Image.open(tmp_path / "join-your-data.webp")
    with made, Image.open(DOCS / "images/join-your-data.webp") as shown:
        assert made.size == shown.size
        assert len(made.convert("RGB").getcolors(1 << 20) or []) > 10


@pytest.mark.slow
def test_what_the_page_on_loading_runs_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, material: Material
) -> None:
    run("how-to/load-elsewhere.md", tmp_path, monkeypatch, material)


def test_the_reference_of_the_tables_is_that_of_their_headings(root: Root) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(root), "python -m tests.docs.table_pages"
