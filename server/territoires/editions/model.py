"""Which edition of a graph was in force on a day: valid time, as the catalogue says it, not the time of a change.

The edition in force stands in data/ and is dated by the catalogue. Those that it replaced stand in
`editions/<path of the graph>/<day from which it was in force>.ttl`, which is never loaded: what is superseded cannot
look current in a query.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires.errors import NotFoundError, RequestError, Text
from territoires.graph import graph_files
from territoires.namespaces import BASE, expand
from territoires.root import Root
from territoires.turtle import syntax_error

FOLDER: Final = "editions"
CATALOGUE: Final = "data/catalogue.ttl"
SOURCE: Final = expand("dct:source")
_VALID: Final = expand("dct:valid")
_ISSUED: Final = expand("dct:issued")
_DATE: Final = expand("dct:date")
_KEPT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.ttl")
_STATED: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T.*|Z|[+-][0-9:]+)?)?)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Facts = Callable[[str, str], Iterable[object]]
"""What the catalogue states: IRI of a subject, IRI of a property -> terms."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A state of a graph that was in force for a time."""

    since: dt.date
    """First day on which it was in force."""
    until: dt.date | None
    """Day from which the next one was; None: it is in force."""
    files: tuple[Path, ...]
    """Turtle of it."""

    @property
    def last(self) -> dt.date | None:
        """Last day on which it was in force."""
        return self.until and self.until - dt.timedelta(days=1)

    @property
    def about(self) -> Path | None:
        """File with what the catalogue said of it when it was replaced; None while it is in force."""
        return self.files[0].with_suffix(".about.ttl") if self.until else None


def editions(root: Root, graph: str) -> tuple[Edition, ...]:
    """Return the editions of the named graph `graph`, in order; none where the catalogue gives no date for it.

    Raises:
        TurtleError: if the catalogue does not parse.
    """
    file = root.path / CATALOGUE
    if root.dataset or not file.exists():
        return ()
    return series(root, graph, since(graph, stated(file.read_bytes(), file)), graph_files(root).get(graph, ()))


def series(root: Root, graph: str, current: dt.date | None, files: Iterable[Path] = ()) -> tuple[Edition, ...]:
    """Return the editions of `graph`: those that are kept, then the one in force.

    Args:
        root: the graph folder.
        graph: IRI of a named graph.
        current: since when the present one is in force; None for not known.
        files: Turtle of the present one, where the caller needs it.
    """
    if current is None or root.dataset or kept_folder(graph) is None:
        return ()
    # One that would be later than the present one is left over from a change that did not end.
    kept = [(day, (file,)) for day, file in kept_files(root, graph) if day < current]
    known = [*kept, (current, tuple(files))]
    ends = [later for (_, _), (later, _) in pairwise(known)]
    return tuple(Edition(day, end, parts) for (day, parts), end in zip(known, [*ends, None], strict=True))


def in_force(known: Sequence[Edition], day: dt.date) -> Edition:
    """Return the edition that was in force on `day`: the one with the latest start that is not after it.

    Raises:
        NotFoundError: if there is none; the hint names the first day.
    """
    found = next((edition for edition in reversed(known) if edition.since <= day), None)
    if found:
        return found
    if not known:
        raise NotFoundError(
            Text("it is not known since when this graph is in force", "on ne sait pas depuis quand ce graphe vaut"),
            hint=Text(
                "the catalogue dates it by dct:valid, or dct:issued of its dct:source; ask without a day",
                "le catalogue le date par dct:valid, ou dct:issued de sa dct:source ; demandez-le sans jour",
            ),
        )
    first = known[0].since
    raise NotFoundError(
        Text(f"no edition that was in force on {day} is kept", f"aucune édition en vigueur le {day} n'est gardée"),
        hint=Text(f"the first is in force since {first}", f"la première est en vigueur depuis le {first}"),
    )


def since(graph: str, facts: Facts) -> dt.date | None:
    """Return the day since when `graph` is in force, as the catalogue says; None where it says nothing.

    That is `dct:valid` of the graph or of its source, else `dct:issued` or `dct:date` of the source: the latest where
    it has several. `dct:issued` of the graph itself is when it was published here, and says nothing of that.
    A month or a year stands for its first day.
    """
    sources = [term.value for term in facts(graph, SOURCE) if isinstance(term, ox.NamedNode)]
    for subjects, predicate in (([graph], _VALID), (sources, _VALID), (sources, _ISSUED), (sources, _DATE)):
        days = [day for one in subjects for term in facts(one, predicate) if (day := _day_of(term))]
        if days:
            return max(days)
    return None


def stated(content: bytes, file: Path) -> Facts:
    """Return what the catalogue `content` states.

    Raises:
        TurtleError: if it does not parse.
    """
    index: dict[tuple[str, str], list[object]] = {}
    try:
        for quad in ox.parse(content, format=ox.RdfFormat.TURTLE, base_iri=BASE):
            if isinstance(quad.subject, ox.NamedNode):
                index.setdefault((quad.subject.value, quad.predicate.value), []).append(quad.object)
    except SyntaxError as error:
        raise syntax_error(file, error) from error
    return lambda subject, predicate: index.get((subject, predicate), ())


def kept_files(root: Root, graph: str) -> list[tuple[dt.date, Path]]:
    """Return the files of the replaced editions of `graph`, each with the day since when it was in force, in order."""
    folder = kept_folder(graph)
    if folder is None or not (root.path / folder).is_dir():
        return []
    found = []
    for file in sorted((root.path / folder).iterdir()):
        match = _KEPT.fullmatch(file.name)
        day = _real_day(match[1]) if match else None
        if day and file.is_file():
            found.append((day, file))
    return found


def kept_folder(graph: str) -> str | None:
    """Return the folder of the replaced editions of `graph` below the root; None for a graph that is no file's."""
    path = graph.removeprefix(f"{BASE}graph/")
    return None if path == graph or {"", ".", ".."} & set(path.split("/")) else f"{FOLDER}/{path}"


def numbered(day: dt.date) -> str:
    """Return a day as it stands in addresses and names of files: `2024-01-01`."""
    return day.isoformat()


def parse_day(text: str) -> dt.date:
    """Return the day that `text` names, as in `2024-01-01`.

    Raises:
        RequestError: if it names none.
    """
    day = _real_day(text) if _DAY.fullmatch(text) else None
    if day is None:
        raise RequestError(
            Text(f"{text[:40]!r} is not a day", f"{text[:40]!r} n'est pas un jour"),
            hint=Text("write year, month and day: 2024-01-01", "écrivez année, mois et jour : 2024-01-01"),
        )
    return day


def _day_of(term: object) -> dt.date | None:
    match = _STATED.fullmatch(term.value) if isinstance(term, ox.Literal) else None
    return _real_day("-".join((match[1], match[2] or "01", match[3] or "01"))) if match else None


def _real_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
