"""The stamp of the last full check: lets a server start at once on data that were proven valid before.

`shapes/checked.json` names the digests of the data and of the shapes they were judged by; it is committed, and CI
judges the data again. Any change of either voids it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from territoires.engine import failures
from territoires.errors import Text
from territoires.files import write_whole
from territoires.graph import KnowledgeGraph, load, same_files
from territoires.root import Root
from territoires.rules import ensure_fresh

if TYPE_CHECKING:
    from territoires.validation import Report


def stamp_file(root: Root) -> Path:
    """Return where the stamp of `root` stands."""
    return root.shapes / "checked.json"


def is_stamped(root: Root, version: str | None = None) -> bool:
    """Return whether exactly these data passed a full check by exactly these shapes.

    Args:
        root: the graph folder.
        version: digest of its data where that is known; default: of the files as they are now.
    """
    try:
        stamp = json.loads(stamp_file(root).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(stamp, dict) and stamp == {
        **_digests(root, version or root.digest()),
        "triples": stamp.get("triples"),
    }


def write_stamp(graph: KnowledgeGraph, report: Report) -> None:
    """Write the stamp of a check that found no violation.

    Raises:
        InvalidDataError: if `report` has violations.
    """
    report.raise_for_violations()
    text = json.dumps({**_digests(graph.root, graph.version), "triples": report.triples}, indent=2) + "\n"
    write_whole(stamp_file(graph.root), text)


def ensure_valid(root: Root, *, version: str | None = None, progress: Callable[[Text], None] = lambda _: None) -> None:
    """Return when the data of `root` are known to be valid: by their stamp, else by a full check now.

    Args:
        root: the graph folder.
        version: version of the data that were loaded from it, to be served; default: of the files as they are now.
        progress: told what is being done, for a terminal.

    Raises:
        TurtleError: if a file does not parse.
        InvalidDataError: if a shape is violated.
        DataError: if the files are not those that were loaded any more.
    """
    if not root.dataset and is_stamped(root, version):
        return
    from territoires.validation import validate  # noqa: PLC0415  (rdflib, which valid data are served without)

    graph = load(root)
    if version and not same_files(version, graph.version):
        raise failures.other_version()
    if not root.dataset:
        ensure_fresh(root)
    validate(graph, progress=progress).raise_for_violations()


def _digests(root: Root, data: str) -> dict[str, str]:
    return {
        "data": data,
        "shapes": root.digest(*root.shape_files(), *root.check_files()),
        "rules": root.digest(*root.rule_files()) if root.rule_files() else "",
    }
