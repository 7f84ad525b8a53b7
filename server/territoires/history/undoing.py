"""Undoes a change, where nothing has touched what it touched since."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.errors import ConflictError, NotFoundError, Text
from territoires.graph import KnowledgeGraph
from territoires.history.patches import load_patch
from territoires.history.recording import last_number
from territoires.root import Root

_NAMED: Final = 10
"""Later changes that an error names."""


def edit_that_undoes(root: Root, graph: KnowledgeGraph, number: int) -> Edit:
    """Return what undoes change `number`: its inverse.

    Args:
        root: the graph folder.
        graph: the dataset as it is now.
        number: which change.

    Raises:
        NotFoundError: if there is no such change.
        ConflictError: if what it put there is not there any more, or what it took away is there again, since either
            would leave a state that nobody wanted; the error names the later changes that touched the same quads.
        DataError: if a patch is missing or wrong.
    """
    last = last_number(graph)
    if not 1 <= number <= last:
        raise NotFoundError(
            Text(f"there is no change {number}", f"il n'y a pas de modification {number}"),
            hint=Text(f"the last is {last}", f"la dernière est la {last}")
            if last
            else Text("nothing was changed yet", "rien n'a encore été modifié"),
        )
    edit = load_patch(root, number)
    gone = {quad for quad in edit.added if quad not in graph.store}
    back = {quad for quad in edit.removed if quad in graph.store}
    if gone or back:
        raise _conflict(root, number, last, gone | back)
    return edit.inverse


def _conflict(root: Root, number: int, last: int, quads: set[ox.Quad]) -> ConflictError:
    first = min(quads, key=str)
    later = [*islice(_that_touch(root, range(number + 1, last + 1), quads), _NAMED + 1)]
    names = ", ".join(map(str, later[:_NAMED])) + (", …" if len(later) > _NAMED else "")
    shown = str(first) if len(str(first)) <= 200 else f"{str(first)[:200]}…"  # noqa: PLR2004
    if not later:
        return ConflictError(
            Text(
                f"change {number} cannot be undone: its files were edited since, outside the history: {shown}",
                f"la modification {number} ne peut être annulée : ses fichiers ont été édités depuis, hors de "
                f"l'historique : {shown}",
            ),
            hint=Text(
                f"see what it did with `territoires history {number}`, and correct the data by hand",
                f"voyez ce qu'elle a fait par `territoires history {number}`, et corrigez les données à la main",
            ),
        )
    return ConflictError(
        Text(
            f"change {number} cannot be undone: later ones touched the same facts ({names}): {shown}",
            f"la modification {number} ne peut être annulée : de plus récentes ont touché les mêmes faits ({names}) : "
            f"{shown}",
        ),
        hint=Text(
            f"undo these first, the last one first: `territoires revert {max(later)}`; or make a new change",
            f"annulez d'abord celles-ci, la dernière en premier : `territoires revert {max(later)}` ; "
            "ou faites une nouvelle modification",
        ),
    )


def _that_touch(root: Root, numbers: range, quads: set[ox.Quad]) -> Iterator[int]:
    for number in numbers:
        edit = load_patch(root, number)
        if not quads.isdisjoint(edit.removed) or not quads.isdisjoint(edit.added):
            yield number
