"""The stamp of the last full check: lets a server start at once on data that were proven valid before.

`shapes/checked.json` names the digests of the data and of the shapes they were judged by; it is committed, and CI
judges the data again. Any change of either voids it.
"""

from __future__ import annotations

import json
from pathlib import Path

from territoires.files import write_whole
from territoires.graph import KnowledgeGraph, load
from territoires.root import Root
from territoires.rules import ensure_fresh
from territoires.validation import Progress, Report, validate


def stamp_file(root: Root) -> Path:
    """Return where the stamp of `root` stands."""
    return root.shapes / "checked.json"


def is_stamped(root: Root) -> bool:
    """Return whether exactly these data passed a full check by exactly these shapes."""
    try:
        stamp = json.loads(stamp_file(root).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(stamp, dict) and stamp == {**_digests(root), "triples": stamp.get("triples")}


def write_stamp(graph: KnowledgeGraph, report: Report) -> None:
    """Write the stamp of a check that found no violation.

    Raises:
        InvalidDataError: if `report` has violations.
    """
    report.raise_for_violations()
    text = json.dumps({**_digests(graph.root), "triples": report.triples}, indent=2) + "\n"
    write_whole(stamp_file(graph.root), text)


def ensure_valid(root: Root, *, progress: Progress = lambda _: None) -> None:
    """Return when the data of `root` are known to be valid: by their stamp, else by a full check now.

    Raises:
        TurtleError: if a file does not parse.
        InvalidDataError: if a shape is violated.
    """
    if root.dataset:
        validate(load(root), progress=progress).raise_for_violations()
    elif not is_stamped(root):
        graph = load(root)
        ensure_fresh(root)
        validate(graph, progress=progress).raise_for_violations()


def _digests(root: Root) -> dict[str, str]:
    return {
        "data": root.digest(),
        "shapes": root.digest(*root.shape_files(), *root.check_files()),
        "rules": root.digest(*root.rule_files()) if root.rule_files() else "",
    }
