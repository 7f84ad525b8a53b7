"""What has changed in the Turtle of a graph folder since a revision of its git repository."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import Place, RequestError, Text
from territoires.namespaces import BASE
from territoires.root import Root


def changed_since(root: Root, revision: str) -> frozenset[ox.Triple]:
    """Return the triples of ontology/ and data/ that were added or removed since `revision`.

    A triple that moved from one file to another has not changed.

    Raises:
        RequestError: if the folder is in no git repository, the revision is unknown, or the shapes have changed.
        TurtleError: if a present file does not parse.
    """
    if _changed_files(root, revision, "shapes"):
        raise RequestError(
            Text(f"the shapes have changed since {revision}", f"les formes ont changé depuis {revision}"),
            place=Place(root.shapes),
            hint=Text("judge the whole graph: `territoires check`", "jugez tout le graphe : `territoires check`"),
        )
    before: set[ox.Triple] = set()
    after: set[ox.Triple] = set()
    for name in _changed_files(root, revision, "ontology", "data"):
        if not name.endswith(".ttl"):
            continue
        old = _git(root, "show", f"{revision}:./{name}", missing_is_empty=True)
        before.update(quad.triple for quad in ox.parse(old, format=ox.RdfFormat.TURTLE, base_iri=BASE))
        if (root.path / name).exists():
            after.update(turtle.parse(root.path / name))
    return frozenset(before ^ after)


def _changed_files(root: Root, revision: str, *folders: str) -> list[str]:
    tracked = _git(root, "diff", "--name-only", "--relative", "--no-renames", revision, "--", *folders)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "--", *folders)
    return sorted({name for name in (tracked + new).decode().splitlines() if not name.endswith(".json")})


def _git(root: Root, *arguments: str, missing_is_empty: bool = False) -> bytes:
    command: Iterable[str] = ("git", "-C", str(root.path), "-c", "core.quotePath=false", *arguments)
    try:
        done = subprocess.run([*command], capture_output=True, check=False)  # noqa: S603  (fixed words, no shell)
    except OSError as error:
        raise _no_git(root, str(error)) from error
    if done.returncode == 0:
        return done.stdout
    if missing_is_empty:
        return b""
    raise _no_git(root, done.stderr.decode(errors="replace").strip().splitlines()[0])


def _no_git(root: Root, reason: str) -> RequestError:
    return RequestError(
        Text(f"git cannot tell what changed: {reason}", f"git ne peut dire ce qui a changé : {reason}"),
        place=Place(root.path),
        hint=Text(
            "give a revision of the repository that holds this folder, or judge everything: `territoires check`",
            "donnez une révision du dépôt qui contient ce dossier, ou jugez tout : `territoires check`",
        ),
    )
