"""RDF files -> named graphs in an Oxigraph store.

One source is one named graph, and queries without `GRAPH` see the RDF merge of all. Oxigraph's own "default graph as
union" would count a triple twice when two sources state it, so the merge is made at load: large graphs stand for
themselves, and what the small ones add to them is copied, once, into the store's default graph. Where queries are
answered for others the merge has a store of its own besides (`load_both`): one graph is searched faster than several.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from territoires.errors import DataError, NotFoundError, Place, RootError, Text
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root
from territoires.turtle import file_format, subject_lines, syntax_error

if TYPE_CHECKING:
    import rdflib

_GRAPH_NAME: Final = re.compile(r"[\w.~/-]+")
_LARGE: Final = 1_000_000
"""From this many bytes of Turtle a graph stands for itself in the merge instead of being copied."""

_DIGEST: Final = 64
"""Characters of the digest with which a version starts."""

DefaultGraphs = tuple[ox.NamedNode | ox.BlankNode | ox.DefaultGraph, ...]


@dataclass(frozen=True, slots=True)
class KnowledgeGraph:
    """The loaded dataset; treat the store as read-only."""

    store: ox.Store
    root: Root
    version: str
    """SHA-256 of the Turtle files the graph was loaded from: changes with the dataset, and only with it."""
    files: Mapping[str, Sequence[Path]]
    """Turtle files of each named graph."""
    default_graphs: DefaultGraphs
    """Graphs that share no triple and together are the RDF merge of all: what a query without `FROM` sees."""
    merged: ox.Store | None = None
    """The merge once more, as the default graph of a store of its own: for queries that name no graph at all."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs, sorted."""
        return tuple(sorted(self.files))

    def triples(self, subject: ox.NamedNode | None = None) -> Iterator[ox.Triple]:
        """Yield every triple of the merge once, or those about `subject`."""
        for graph in self.default_graphs:
            for quad in self.store.quads_for_pattern(subject, None, None, graph):
                yield quad.triple

    def as_rdflib(self) -> rdflib.Dataset:
        """Return a live rdflib view on the same store (through oxrdflib), for use from Python.

        Its default graph is the union of all; a SPARQL query through it may count a triple of two sources twice.
        """
        import rdflib  # noqa: PLC0415  (a quarter of a second that nothing else here needs to pay)
        from oxrdflib import OxigraphStore  # noqa: PLC0415

        dataset = rdflib.Dataset(store=OxigraphStore(store=self.store), default_union=True)
        for prefix, iri in PREFIXES.items():
            dataset.bind(prefix, iri, override=True, replace=True)
        return dataset


def graph_files(root: Root, *, without: Path | None = None) -> dict[str, list[Path]]:
    """Return the Turtle files of each named graph, but for the file `without`.

    A file below data/ is the graph `graph/` + its path without suffix, unless the catalogue (data/catalogue.ttl)
    declares a folder above it: then the folder is one graph in several files. All of ontology/ is one graph.
    """
    catalogue = root.data / "catalogue.ttl"
    declared = subject_lines(catalogue.read_text(encoding="utf-8")) if catalogue.exists() else {}
    files: dict[str, list[Path]] = {}
    for file in root.turtle_files():
        if file != without:
            files.setdefault(_graph_of(root, file, declared), []).append(file)
    return files


def _graph_of(root: Root, file: Path, declared: Container[str]) -> str:
    if file.is_relative_to(root.ontology):
        return f"{BASE}graph/ontology"
    path = file.relative_to(root.data).with_suffix("")
    if not _GRAPH_NAME.fullmatch(path.as_posix()):
        raise DataError(
            Text("this file name cannot be part of an IRI", "ce nom de fichier ne peut faire partie d'un IRI"),
            place=Place(file),
            hint=Text(
                "rename it with letters, digits, - _ and .",
                "renommez-le avec des lettres, des chiffres, - _ et .",
            ),
        )
    names = [f"{BASE}graph/{place.as_posix()}" for place in (*path.parents, path)]
    return next((name for name in names if name in declared), names[-1])


def find_graph(graph: KnowledgeGraph, name: str) -> ox.NamedNode:
    """Return the named graph called `name`: its IRI, its path below the base, or its name such as `anct-2024-07-04`.

    Raises:
        NotFoundError: if there is none; the hint names those there are.
    """
    for candidate in (name, BASE + name, f"{BASE}graph/{name}"):
        if candidate in graph.graphs:
            return ox.NamedNode(candidate)
    names = ", ".join(iri.removeprefix(f"{BASE}graph/") for iri in graph.graphs)
    raise NotFoundError(
        Text(f"there is no graph {name!r}", f"il n'y a pas de graphe {name!r}"),
        hint=Text(f"one of: {names}", f"au choix : {names}"),
    )


def load(
    root: Root,
    *,
    without: Path | None = None,
    store: ox.Store | None = None,
    done: Callable[[Path], None] = lambda _: None,
) -> KnowledgeGraph:
    """Load every Turtle file of `root` into memory, but for the file `without`; or its one `dataset` file.

    Args:
        root: the graph folder.
        without: a file to leave out.
        store: an empty store on disk to load into; not for a `dataset`.
        done: told of each file that is loaded.

    Raises:
        TurtleError: where a file does not parse.
        RootError: if there is nothing to load.
    """
    if root.dataset:
        return _load_dataset(root, root.dataset)
    files = graph_files(root, without=without)
    if not files:
        raise RootError(
            Text("there is no Turtle file to load", "il n'y a aucun fichier Turtle à charger"),
            place=Place(root.path),
            hint=Text("put sources below data/ as .ttl", "mettez les sources sous data/ en .ttl"),
        )
    sizes = {name: sum(file.stat().st_size for file in parts) for name, parts in files.items()}
    bulk = store is not None
    store = ox.Store() if store is None else store
    large: list[ox.NamedNode] = []
    with ThreadPoolExecutor(1) as helper:  # pyoxigraph and hashlib work without the interpreter's lock
        version = helper.submit(root.digest)
        looked: list[Future[None]] = []
        for name in sorted(files, key=lambda name: (-sizes[name], name)):
            graph = ox.NamedNode(name)
            for file in files[name]:
                # A bulk load makes files of its own: many small ones would be open at once.
                _load_file(store, file, graph, bulk=bulk and file.stat().st_size >= _LARGE)
                done(file)
            if sizes[name] >= _LARGE:
                looked.append(helper.submit(_take_if_apart, store, graph, large))
        for one in looked:
            one.result()
    return KnowledgeGraph(store, root, version.result(), files, _merge(store, files, large))


def load_both(root: Root) -> KnowledgeGraph:
    """Load the dataset, and its merge into a store of its own, both at once; a `dataset` file has no such store.

    Raises:
        TurtleError: where a file does not parse.
        RootError: if there is nothing to load.
    """
    if root.dataset:
        return load(root)
    with ThreadPoolExecutor(1) as helper:
        merged = ox.Store()
        copied = helper.submit(load_merge, root, merged)
        graph = load(root)
        copied.result()
    return replace(graph, merged=merged)


def load_merge(root: Root, store: ox.Store, *, bulk: bool = False) -> None:
    """Load all files of `root` into the default graph of an empty store: what several files say is there once.

    Args:
        root: the graph folder.
        store: in memory, or on disk.
        bulk: load large files as RocksDB likes it.

    Raises:
        TurtleError: where a file does not parse.
    """
    for file in root.turtle_files():
        _load_file(store, file, ox.DefaultGraph(), bulk=bulk and file.stat().st_size >= _LARGE)


def load_only(root: Root, names: Iterable[str]) -> KnowledgeGraph:
    """Load the named graphs with the IRIs `names`, as far as there are any, and nothing else; its version is empty.

    Raises:
        TurtleError: where a file does not parse.
    """
    if root.dataset:
        return load(root)
    wanted = {*names}
    files = {name: parts for name, parts in graph_files(root).items() if name in wanted}
    store = ox.Store()
    for name, parts in files.items():
        for file in parts:
            _load_file(store, file, ox.NamedNode(name))
    return KnowledgeGraph(store, root, "", files, _merge(store, files, ()))


def same_files(version: str, other: str) -> bool:
    """Return whether two versions were loaded from the same files; with blank nodes each load has a version."""
    return version[:_DIGEST] == other[:_DIGEST]


def _load_dataset(root: Root, file: Path) -> KnowledgeGraph:
    store = ox.Store()
    try:
        store.bulk_load(path=str(file), format=file_format(file), base_iri=BASE)
    except SyntaxError as error:
        raise syntax_error(file, error) from error
    names = [graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)]
    version = root.digest()
    if any(isinstance(term, ox.BlankNode) for quad in store for term in (quad.subject, quad.object)):
        # Blank nodes get new labels at each load: no answer may be taken for one of another load.
        version += secrets.token_hex(8)
    if root.union:
        store.extend([ox.Quad(quad.subject, quad.predicate, quad.object) for quad in store])
    return KnowledgeGraph(store, root, version, dict.fromkeys(names, (file,)), (ox.DefaultGraph(),))


def _take_if_apart(store: ox.Store, graph: ox.NamedNode, large: list[ox.NamedNode]) -> None:
    """Add `graph` to the graphs that stand for themselves in the merge, if it shares no triple with them."""
    if not any(_share_a_triple(store, graph, other) for other in large):
        large.append(graph)


def _share_a_triple(store: ox.Store, smaller: ox.NamedNode, larger: ox.NamedNode) -> bool:
    used = store.query(f"SELECT DISTINCT ?p {{ GRAPH {smaller} {{ ?s ?p ?o }} }}")
    predicates = [row["p"] for row in used] if isinstance(used, ox.QuerySolutions) else []
    common = " ".join(str(p) for p in predicates if any(store.quads_for_pattern(None, p, None, larger)))
    same = f"GRAPH {smaller} {{ ?s ?p ?o }} GRAPH {larger} {{ ?s ?p ?o }}"
    return bool(store.query(f"ASK {{ VALUES ?p {{ {common} }} {same} }}"))


def merge(store: ox.Store, names: Iterable[str], apart: Iterable[ox.NamedNode]) -> DefaultGraphs:
    """Make the default graph of a store the rest of the merge again; return the graphs that are the merge.

    Args:
        store: holds the named graphs.
        names: IRIs of all of them.
        apart: those that should stand for themselves; one that shares a triple with another is copied after all.
    """
    store.clear_graph(ox.DefaultGraph())
    large: list[ox.NamedNode] = []
    for graph in apart:
        _take_if_apart(store, graph, large)
    return _merge(store, names, large)


def _merge(store: ox.Store, names: Iterable[str], large: Sequence[ox.NamedNode]) -> DefaultGraphs:
    """Copy into the default graph what none of the graphs `large` holds; return the graphs that are the merge."""
    rest = " ".join(str(graph) for graph in map(ox.NamedNode, names) if graph not in large)
    new = " ".join(f"FILTER NOT EXISTS {{ GRAPH {graph} {{ ?s ?p ?o }} }}" for graph in large)
    where = f"VALUES ?g {{ {rest} }} GRAPH ?g {{ ?s ?p ?o }} {new}"
    store.update(f"INSERT {{ ?s ?p ?o }} WHERE {{ {where} }}")
    return (ox.DefaultGraph(), *large)


def load_files(files: Iterable[Path]) -> ox.Store:
    """Load Turtle files into the default graph of a new store.

    Raises:
        TurtleError: where a file does not parse.
    """
    store = ox.Store()
    for file in files:
        _load_file(store, file, ox.DefaultGraph())
    return store


def _load_file(store: ox.Store, file: Path, graph: ox.NamedNode | ox.DefaultGraph, *, bulk: bool = False) -> None:
    read = store.bulk_load if bulk else store.load
    try:
        read(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=BASE, to_graph=graph)
    except SyntaxError as error:
        raise syntax_error(file, error) from error
