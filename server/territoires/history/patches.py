"""RDF Patch: the quads of a change as text (https://afs.github.io/rdf-delta/rdf-patch.html).

One line is one quad in the terms of N-Quads, `D` before what goes and `A` before what comes, each in order. The patch
and the one before it are named by the IRIs of their changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.errors import DataError, Place, Text
from territoires.namespaces import BASE
from territoires.root import Root

MEDIA_TYPE: Final = "application/rdf-patch"
SUFFIX: Final = "rdfp"
FOLDER: Final = "changes"
"""Where patches stand below the graph folder."""
_HEADERS: Final = frozenset({"id", "prev"})


def change_iri(number: int) -> str:
    """Return the IRI of change `number`."""
    return f"{BASE}id/change/{number}"


def patch_name(number: int) -> str:
    """Return the path of the patch of change `number` below the graph folder, with `/`."""
    return f"{FOLDER}/{number:06d}.{SUFFIX}"


def patch_file(root: Root, number: int) -> Path:
    """Return the file of the patch of change `number`.

    Raises:
        DataError: if it is not there.
    """
    file = root.path / patch_name(number)
    if file.is_file():
        return file
    raise DataError(
        Text(f"the patch of change {number} is missing", f"le patch de la modification {number} manque"),
        place=Place(file),
        hint=Text("bring the file back from the repository", "reprenez ce fichier du dépôt"),
    )


def load_patch(root: Root, number: int) -> Edit:
    """Return what change `number` did.

    Raises:
        DataError: if its patch is missing or wrong.
    """
    file = patch_file(root, number)
    return read_patch(file.read_bytes(), file)


def write_patch(edit: Edit, number: int) -> bytes:
    """Return `edit` as the patch of change `number`: UTF-8, sorted, one transaction."""
    lines = [f"H id <{change_iri(number)}> ."]
    if number > 1:
        lines.append(f"H prev <{change_iri(number - 1)}> .")
    lines.append("TX .")
    lines += [f"D {line}" for line in sorted(_lines(edit.removed))]
    lines += [f"A {line}" for line in sorted(_lines(edit.added))]
    lines.append("TC .")
    return "".join(f"{line}\n" for line in lines).encode()


def read_patch(content: bytes, file: Path | None = None) -> Edit:
    """Return what a patch changes.

    Args:
        content: the patch, of one transaction that is committed.
        file: its name, for errors.

    Raises:
        DataError: if it is not such a patch, with the line.
    """
    quads: dict[str, set[ox.Quad]] = {"A": set(), "D": set()}
    expected = "H"
    line = 0
    for line, raw in enumerate(_text(content, file).split("\n"), 1):
        written = raw.removesuffix("\r")
        code, _, rest = written.partition(" ")
        place = Place(file, line, piece=written[:80])
        if not written or written.startswith("#"):
            continue
        if code == "H" and expected == "H":
            _check_header(rest, place)
        elif code == "TX" and rest == "." and expected == "H":
            expected = "A"
        elif code in quads and expected == "A":
            _take(quads[code], rest, place)
        elif code == "TC" and rest == "." and expected == "A":
            expected = ""
        else:
            raise _wrong(place, Text("this line has no place here", "cette ligne n'a pas sa place ici"))
    if expected:
        raise _wrong(Place(file, line), Text("the transaction is not committed", "la transaction n'est pas validée"))
    if both := quads["A"] & quads["D"]:
        shown = str(min(both, key=str))[:80]
        raise _wrong(Place(file, piece=shown), Text(f"{shown} goes and comes", f"{shown} est retiré et ajouté"))
    return Edit(frozenset(quads["D"]), frozenset(quads["A"]))


def _lines(quads: Iterable[ox.Quad]) -> Iterator[str]:
    """Yield N-Quads; a literal holds no line feed there, but may hold what other programs take for a line end."""
    text = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").decode()
    return (line for line in text.split("\n") if line)


def _text(content: bytes, file: Path | None) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _wrong(Place(file, line), Text("is not UTF-8", "n'est pas de l'UTF-8")) from error


def _check_header(rest: str, place: Place) -> None:
    name, _, value = rest.partition(" ")
    try:
        ox.NamedNode(value.removeprefix("<").removesuffix("> ."))
    except ValueError:
        name = ""
    if name not in _HEADERS or not (value.startswith("<") and value.endswith("> .")):
        raise _wrong(
            place, Text("a header is `H id` or `H prev`, and an IRI", "un en-tête est `H id` ou `H prev`, et un IRI")
        )


def _take(quads: set[ox.Quad], rest: str, place: Place) -> None:
    try:
        [quad] = ox.parse(rest, format=ox.RdfFormat.N_QUADS)
    except (SyntaxError, ValueError) as error:
        raise _wrong(place, Text("this is not one quad", "ce n'est pas un quad")) from error
    if not isinstance(quad.graph_name, ox.NamedNode):
        raise _wrong(place, Text("this quad names no graph", "ce quad ne nomme pas de graphe"))
    if quad in quads:
        raise _wrong(place, Text("this quad stands here twice", "ce quad figure deux fois"))
    quads.add(quad)


def _wrong(place: Place, detail: Text) -> DataError:
    return DataError(
        detail,
        place=place,
        hint=Text(
            "take the patch again from where it was published, or from the repository",
            "reprenez ce patch là où il est publié, ou dans le dépôt",
        ),
    )
