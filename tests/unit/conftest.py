"""Fixtures of the unit tests: graph folders written for one test, and a really small copy of the shipped one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pytest

from territoires.errors import TerritoiresError
from territoires.root import Root, find_root

MakeRoot = Callable[[Mapping[str, str]], Root]

hypothesis.settings.register_profile("unit", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("unit")

_COMMUNE = re.compile(r"<id/commune/([0-9AB]{5})>")
_KEY = re.compile(r"<id/[a-z]+/([0-9AB]{5})>")
_TERRITORY = re.compile(r"<id/territory/[12]/ti-([0-9]{2})[0-9]{2}>")
_REGIONS = {"75", "76"}


@pytest.fixture
def make_root(tmp_path: Path) -> MakeRoot:
    """Return a function that writes a graph folder with the given files and nothing else."""

    def make(files: Mapping[str, str]) -> Root:
        folder = tmp_path / "root"
        for name in ("ontology", "data", "shapes", "queries"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return find_root(folder)

    return make


@pytest.fixture(scope="session")
def small_data(root: Root, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a valid copy of the graph folder: two regions' territories, one commune per member, facts derived."""
    target = tmp_path_factory.mktemp("small")
    for name in ("ontology", "data", "shapes", "queries", "rules"):
        shutil.copytree(root.path / name, target / name, ignore=shutil.ignore_patterns("derived.ttl"))
    for file in target.glob("data/anct-*/*.ttl"):
        _keep(file, lambda block: not (match := _TERRITORY.match(block)) or match[1] in _REGIONS)
    needed, members = _mentioned(target)
    _keep(target / "data" / "cog-2026" / "communes.ttl", lambda block: _is_kept(block, needed, members))
    _keep(target / "data" / "points-dila.ttl", lambda block: _KEY.findall(block.partition("\n")[0])[0] in needed)
    command = [sys.executable, "-m", "territoires", "--root", str(target), "build"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    # Without its rules the copy counts as fresh whatever a test changes in it.
    shutil.rmtree(target / "rules")
    return target


def _keep(file: Path, wanted: Callable[[str], bool]) -> None:
    head, *blocks = file.read_text(encoding="utf-8").split("\n\n")
    file.write_text("\n\n".join([head, *filter(wanted, blocks)]), encoding="utf-8")


def _mentioned(folder: Path) -> tuple[set[str], set[str]]:
    """Return the codes of the communes that other files speak of, and the SIREN of the members of territories."""
    text = "".join(
        file.read_text(encoding="utf-8")
        for file in folder.glob("data/**/*.ttl")
        if file.name not in {"communes.ttl", "points-dila.ttl"}
    )
    lists = "".join(file.read_text(encoding="utf-8") for file in folder.glob("data/anct-*/*.ttl"))
    return set(_COMMUNE.findall(text)), set(re.findall(r"<id/intercommunality/([0-9]{9})>", lists))


def _is_kept(block: str, needed: set[str], members: set[str]) -> bool:
    """Return whether a commune is needed: by name, or as the first of its intercommunality."""
    code = _COMMUNE.findall(block)[0]
    groups = members.intersection(re.findall(r"<id/intercommunality/([0-9]{9})>", block))
    members -= groups
    if groups:
        needed.add(code)
    return code in needed


def assert_says(error: TerritoiresError, place: str, *words: str) -> None:
    """Assert that `error` names the place, every word and a remedy, in English and in French."""
    assert error.detail.en != error.detail.fr
    assert error.hint is not None
    for language in ("en", "fr"):
        message = error.in_(language)
        assert message.startswith(f"{place}: ")
        for word in words:
            assert word in message
        assert error.hint.in_(language).strip()
        assert f"\n  → {error.hint.in_(language)}" in message
