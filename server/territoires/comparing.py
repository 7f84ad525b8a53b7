"""Two states of a graph and how they differ, by entity: files, folders, git revisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from territoires.changes import git
from territoires.errors import DataError, NotFoundError, Place, RequestError, Text
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root
from territoires.turtle import file_format, syntax_error

Side = Mapping[str, bytes]
"""Content of each RDF file, by its name in a graph folder."""

_LABEL = ox.NamedNode(PREFIXES["rdfs"] + "label")


@dataclass(frozen=True, slots=True)
class Fact:
    """A property of an entity; where one value took the place of another, both."""

    predicate: ox.NamedNode
    before: object | None
    after: object | None


@dataclass(frozen=True, slots=True)
class Entity:
    """What differs about one subject."""

    subject: ox.NamedNode | ox.BlankNode | ox.Triple
    label: str | None
    kind: Literal["added", "removed", "changed"]
    facts: tuple[Fact, ...]


def read_side(name: str, root: Root, fetch: Callable[[str], bytes]) -> Side:
    """Return the files that `name` stands for.

    Args:
        name: a file; a folder; the address of a server; a git revision of `root`, or of a file: `HEAD:data/x.ttl`.
        root: the graph folder, whose repository knows the revisions.
        fetch: returns what stands at an address.

    Raises:
        NotFoundError: if it is none of these.
    """
    if name.startswith(("http://", "https://")):
        return {"dump.nq": fetch(f"{name.rstrip('/')}/dump.nq")}
    path = Path(name)
    if path.is_file():
        return {name: path.read_bytes()}
    if path.is_dir():
        whole = Root(path)
        files = whole.turtle_files() if whole.data.is_dir() else sorted(path.rglob("*.ttl"))
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    try:
        return _revision(name, root)
    except RequestError as error:
        raise NotFoundError(
            Text(f"{name!r} is no file, folder or git revision", f"{name!r} n'est ni fichier, ni dossier, ni révision"),
            hint=Text("such as data/x.ttl, HEAD, HEAD~3:data/x.ttl", "par exemple data/x.ttl, HEAD, HEAD~3:data/x.ttl"),
        ) from error


def _revision(name: str, root: Root) -> Side:
    revision, colon, path = name.partition(":")
    if colon:
        return {path: git(root, "show", "--end-of-options", f"{revision}:./{path}")}
    listed = git(root, "ls-tree", "-r", "--name-only", "--end-of-options", revision, "ontology", "data").decode()
    names = [file for file in listed.splitlines() if file.endswith(".ttl")]
    return {file: git(root, "show", "--end-of-options", f"{revision}:./{file}") for file in names}


def compare(before: Side, after: Side) -> list[Entity]:
    """Return what `after` says otherwise than `before`, sorted by subject; files with the same bytes are not read.

    Blank nodes are compared by their labels. Named graphs are merged on each side.

    Raises:
        TurtleError: where a file does not parse.
    """
    same = {name for name, content in before.items() if after.get(name) == content}
    old, new = _triples(before, same), _triples(after, same)
    return [*entities(old, new)]


def entities(old: set[ox.Triple], new: set[ox.Triple]) -> Iterator[Entity]:
    """Yield what differs between two sets of triples, by subject."""
    touched = {str(triple.subject): triple.subject for triple in old ^ new}
    about: dict[str, tuple[list[ox.Triple], list[ox.Triple]]] = {key: ([], []) for key in touched}
    stays: set[str] = set()
    labels: dict[str, str] = {}
    for side, (triples, others) in enumerate(((old, new), (new, old))):
        for triple in triples:
            key = str(triple.subject)
            if key not in touched:
                continue
            if triple in others:
                stays.add(key)
            else:
                about[key][side].append(triple)
            if triple.predicate == _LABEL and isinstance(triple.object, ox.Literal):
                labels[key] = triple.object.value
    for key in sorted(touched):
        removed, added = about[key]
        kind: Literal["added", "removed", "changed"] = "changed"
        if key not in stays and not (removed and added):
            kind = "added" if added else "removed"
        yield Entity(touched[key], labels.get(key), kind, tuple(_facts(removed, added)))


def _facts(removed: list[ox.Triple], added: list[ox.Triple]) -> Iterator[Fact]:
    for predicate in sorted({triple.predicate for triple in (*removed, *added)}, key=str):
        old = sorted((triple.object for triple in removed if triple.predicate == predicate), key=str)
        new = sorted((triple.object for triple in added if triple.predicate == predicate), key=str)
        if len(old) == len(new) == 1:
            yield Fact(predicate, old[0], new[0])
        else:
            yield from (Fact(predicate, value, None) for value in old)
            yield from (Fact(predicate, None, value) for value in new)


def _triples(side: Side, without: set[str]) -> set[ox.Triple]:
    found: set[ox.Triple] = set()
    for name in side.keys() - without:
        file = Path(name)
        try:
            found.update(quad.triple for quad in ox.parse(side[name], format=file_format(file), base_iri=BASE))
        except SyntaxError as error:
            raise syntax_error(file, error) from error
        except ValueError as error:
            raise DataError(Text(str(error), str(error)), place=Place(file)) from error
    return found
