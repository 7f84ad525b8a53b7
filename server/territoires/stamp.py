"""The stamp of the last full check: lets a server start at once on data that were proven valid before.

`shapes/checked.json` names the digests of the data and of the shapes they were judged by, the day, and the warnings
that were found; it is committed, and CI judges the data again. Any change of data, shapes or rules voids it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from territoires.engine import failures
from territoires.errors import Text
from territoires.files import write_whole
from territoires.graph import KnowledgeGraph, load, same_files
from territoires.root import Root
from territoires.rules import ensure_fresh

if TYPE_CHECKING:
    from territoires.validation import Report

_EXAMPLES: Final = 20
"""Most things that a stamp names for one warning."""


@dataclass(frozen=True, slots=True)
class Warned:
    """What a check found in one shape without refusing the data."""

    message: Text
    severity: str
    """`Warning` or `Info`."""
    count: int
    things: tuple[tuple[str, str | None], ...]
    """The first of them: IRI of the thing, and the value that the shape speaks of."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of the last full check."""

    data: str
    """Digest of the data: the version of the dataset that was judged."""
    shapes: str
    rules: str
    triples: int
    day: dt.date
    """When these data were first found valid by these shapes."""
    warnings: tuple[Warned, ...]
    """As the full check found them."""
    changes: int = 0
    """Changes that were accepted since, each judged by what it can affect."""


def stamp_file(root: Root) -> Path:
    """Return where the stamp of `root` stands."""
    return root.shapes / "checked.json"


def read_stamp(root: Root) -> Stamp | None:
    """Return the stamp of `root`, of whatever data it is; None where there is none that can be read."""
    try:
        return _read(json.loads(stamp_file(root).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_stamped(root: Root, version: str | None = None) -> bool:
    """Return whether exactly these data passed a full check by exactly these shapes.

    Args:
        root: the graph folder.
        version: digest of its data where that is known; default: of the files as they are now.
    """
    stamp = read_stamp(root)
    return stamp is not None and stamp.data == (version or root.digest()) and judged_by(root, stamp)


def judged_by(root: Root, stamp: Stamp) -> bool:
    """Return whether `stamp` was made by the shapes and rules of `root`: the data are not looked at."""
    return (stamp.shapes, stamp.rules) == (_shapes(root), _rules(root))


def renewed(root: Root, before: str, after: str) -> dict[str, bytes]:
    """Return the stamp of data that an accepted change has made out of stamped ones, as a file; none out of others.

    Args:
        root: the graph folder.
        before: version of the data before the change.
        after: version with the change, which was judged by what it can affect (docs/decisions/0005).
    """
    stamp = read_stamp(root)
    if stamp is None or stamp.data != before or not judged_by(root, stamp):
        return {}
    new = dataclasses.replace(stamp, data=after, changes=stamp.changes + 1)
    return {stamp_file(root).relative_to(root.path).as_posix(): _written(new).encode()}


def _written(stamp: Stamp) -> str:
    return json.dumps(dataclasses.asdict(stamp), default=str, ensure_ascii=False, indent=2) + "\n"


def write_stamp(graph: KnowledgeGraph, report: Report, *, today: dt.date | None = None) -> None:
    """Write the stamp of a check that found no violation; the same check again leaves the day as it was.

    Raises:
        InvalidDataError: if `report` has violations.
    """
    report.raise_for_violations()
    day = today or dt.datetime.now(tz=dt.UTC).date()
    new = Stamp(
        data=graph.version,
        shapes=_shapes(graph.root),
        rules=_rules(graph.root),
        triples=report.triples,
        day=day,
        warnings=_warnings(report),
    )
    old = read_stamp(graph.root)
    if old and dataclasses.replace(old, day=new.day) == new:
        new = old
    write_whole(stamp_file(graph.root), _written(new))


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


def _read(stated: Any) -> Stamp:  # noqa: ANN401  (JSON has no type)
    """Return what a stamp says.

    Raises:
        KeyError, TypeError, ValueError: if it is none.
    """
    warnings = tuple(
        Warned(
            Text(*map(str, warned["message"])),
            str(warned["severity"]),
            int(warned["count"]),
            tuple((str(thing), None if value is None else str(value)) for thing, value in warned["things"]),
        )
        for warned in stated["warnings"]
    )
    digests = {name: str(stated[name]) for name in ("data", "shapes", "rules")}
    day = dt.date.fromisoformat(stated["day"])
    changes = int(stated.get("changes", 0))
    return Stamp(**digests, triples=int(stated["triples"]), day=day, warnings=warnings, changes=changes)


def _warnings(report: Report) -> tuple[Warned, ...]:
    """Return what was found, by shape, in the order of the report."""
    found: dict[tuple[Text, str], list[tuple[str, str | None]]] = {}
    for result in report.results:
        found.setdefault((result.message, result.severity), []).append((result.focus_node, result.value))
    return tuple(
        Warned(message, severity, len(things), tuple(things[:_EXAMPLES]))
        for (message, severity), things in found.items()
    )


def _shapes(root: Root) -> str:
    return root.digest(*root.shape_files(), *root.check_files())


def _rules(root: Root) -> str:
    return root.digest(*root.rule_files()) if root.rule_files() else ""
