"""The history as people see it once there is some: accessible, self-contained, no wider than its window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser.conftest import lacking
from tests.browser.driving import AXE, NARROW, WIDE, Browser, browsing, missing
from tests.changing import make_changes, quad
from tests.conftest import running_server

from territoires.edits import Edit
from territoires.graph import load
from territoires.namespaces import expand
from territoires.root import find_root
from territoires.rules import derive, derived_file
from territoires.stamp import write_stamp
from territoires.validation import validate

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def changed(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser, and a server over a valid graph in which changes were made."""
    if (what := missing()) or not AXE.exists():
        lacking(what or f"needs axe-core in {AXE.parent}: npm ci --ignore-scripts")
    folder = tmp_path_factory.mktemp("changed") / "graph"
    shutil.copytree(small_data, folder)
    root = find_root(folder)
    long, short = (
        quad("id/official/carole-delga", expand("skos:altLabel"), name, "communique-occitanie-2023-11-09")
        for name in ("MadameLaPrésidenteDeRégion" * 8, "C. Delga")
    )
    why = "Écrite-comme-dans-le-communiqué-" * 12
    make_changes(root, [(Edit(added=frozenset({long})), why), (Edit(frozenset({long}), frozenset({short})), "")])
    derived_file(root).write_text(derive(root), encoding="utf-8")
    graph = load(root)
    write_stamp(graph, validate(graph))
    with running_server(["--root", str(folder)]) as url, browsing(url) as browser:
        yield browser


@pytest.mark.parametrize("path", ["/changes", "/changes/1", "/changes/2", "/doc/official/carole-delga"])
def test_the_history_has_no_violation_and_fits(changed: Browser, path: str) -> None:
    for width, language, dark in ((NARROW, "fr", False), (WIDE, "en", True)):
        changed.look(width=width, dark=dark)
        changed.open(f"{path}?lang={language}")
        assert changed.strangers() == []
        assert changed.complaints() == []
        assert changed.violations() == []
        assert changed.overflow() <= 0
