"""The engine inside this process: pyoxigraph over the store in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

import pyoxigraph as ox

from territoires import turtle
from territoires.engine import Opened, dataset
from territoires.engine.rows import count_rows
from territoires.engine.stack import on_deep_stack
from territoires.engine.syntax import syntax_error
from territoires.errors import NotAcceptableError, QueryEvaluationError, ResultTooLargeError, Text
from territoires.formats import Format, format_named
from territoires.graph import KnowledgeGraph
from territoires.guard import Query
from territoires.namespaces import PREFIXES
from territoires.settings import variable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_UNKNOWN_FUNCTION: Final = re.compile(r"The custom function <([^>]*)> is not supported")
_NO_RDF_12: Final = "does not support RDF 1.2"
_NO_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_QNAME: Final = re.compile(r"[^\W\d][\w.\u00b7-]*$")
_MOST_FUNCTIONS: Final = 64
_MOST_SORTED: Final = 20_000
"""Most triples of an answer in Turtle that are sorted: a third of a second's work."""

_Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_Functions = dict[ox.NamedNode, Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]]
_Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """Answers queries over a loaded graph."""

    graph: KnowledgeGraph
    max_result_bytes: int | None = None
    """A larger answer is refused whole; None: any size."""

    @property
    def version(self) -> str:
        """Digest of the dataset."""
        return self.graph.version

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs, sorted."""
        return self.graph.graphs

    @property
    def ready(self) -> bool:
        """Always: the graph is loaded."""
        return True

    def counts(self) -> Mapping[str, float]:
        """Nothing: it has no processes."""
        return {}

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the answer as a file in memory; see `Engine.open`."""
        content = self.run(query, format_)
        return Opened(io.BytesIO(content), count_rows(content, format_))

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the answer to `query` in `format_`; see `Engine.run`."""
        return on_deep_stack(lambda: self._run(query, format_))

    def _run(self, query: Query, format_: Format) -> bytes:
        def take(result: _Result) -> bytes:
            try:
                return write(result, format_, Bounded(self.max_result_bytes))
            except (ValueError, OSError) as error:
                if _NO_RDF_12 not in str(error):
                    raise
                what = Text("a triple within a triple", "un triplet dans un triplet")
                raise _unwritable(format_, what) from error

        return self.read(query, take)

    def read(self, query: Query, take: Callable[[_Result], _T]) -> _T:
        """Return what `take` makes of the result, which it may be given again; see `Engine.run` for errors.

        The result must not leave `take`, and the stack must be deep enough (`on_deep_stack`).
        """
        functions: _Functions = {}
        while True:
            try:
                return take(self._evaluate(query, functions))
            except SyntaxError as error:
                raise syntax_error(query, error) from error
            except RuntimeError as error:
                unknown = _UNKNOWN_FUNCTION.search(str(error))
                if not unknown or len(functions) == _MOST_FUNCTIONS:
                    raise _evaluation_error(error) from error
                # An unknown function is an error of its expression, not of the query (SPARQL 1.1 §17.6).
                functions[ox.NamedNode(unknown[1])] = _unbound
            except (ValueError, OSError) as error:
                raise _evaluation_error(error) from error

    def _evaluate(self, query: Query, functions: _Functions) -> _Result:
        store = self.graph.store
        default: list[_Graph] = list(self.graph.default_graphs)
        named: list[ox.NamedNode | ox.BlankNode] | None = None
        names = self._dataset(query)
        if names is None and query.names_no_graph and self.graph.merged is not None:
            store, default = self.graph.merged, [ox.DefaultGraph()]
        if names is not None:
            dataset.check(self.graph, chain(*names))
            store, merged = dataset.merge(self.graph, *names)
            default, named = list(merged), [ox.NamedNode(name) for name in names[1]]
        return store.query(
            query.text,
            base_iri=query.base_iri,
            default_graph=default,
            named_graphs=named,
            custom_functions=functions or None,
        )

    def _dataset(self, query: Query) -> tuple[Sequence[str], Sequence[str]] | None:
        """Return the graphs whose merge is the default graph, and those that GRAPH sees; None: as loaded."""
        if query.default_graphs is not None or query.named_graphs is not None:
            # Either parameter replaces the whole dataset (SPARQL 1.1 Protocol §2.1.4).
            return query.default_graphs or (), query.named_graphs or ()
        if query.has_dataset:
            store = self.graph.store
            return dataset.written(store, query, query.merged), dataset.written(store, query, query.named)
        return None


def _unbound(*_arguments: object) -> None:
    return None


class Bounded(io.BytesIO):
    """Takes an answer while it is small enough; pyoxigraph stops evaluating when it is not."""

    def __init__(self, limit: int | None) -> None:
        super().__init__()
        self._limit = limit

    def write(self, content: ReadableBuffer, /) -> int:
        """Take the next piece.

        Raises:
            ResultTooLargeError: if the answer is past the limit with it.
        """
        size = memoryview(content).nbytes
        if self._limit is not None and self.tell() + size > self._limit:
            raise too_large(self._limit)
        return super().write(content)


def write(result: _Result | Iterable[ox.Triple], format_: Format, output: Bounded) -> bytes:
    """Return an answer written in `format_`, through `output`.

    Raises:
        ResultTooLargeError: if it is past the limit of `output`.
        NotAcceptableError: if the format cannot hold it.
    """
    if isinstance(result, ox.QuerySolutions | ox.QueryBoolean):
        result.serialize(output, format=format_.results)
    elif format_.rdf == ox.RdfFormat.TURTLE:
        _write_turtle(result, output)
    elif format_.rdf == ox.RdfFormat.RDF_XML:
        triples = list(result)
        _check_predicates(triples)
        ox.serialize(triples, output, format=format_.rdf, prefixes=PREFIXES)
    else:
        ox.serialize(result, output, format=format_.rdf, prefixes=PREFIXES)
    content = output.getvalue()
    is_xml = format_.results == ox.QueryResultsFormat.XML or format_.rdf == ox.RdfFormat.RDF_XML
    return _as_xml(content, format_) if is_xml else content


def too_large(limit: int) -> ResultTooLargeError:
    """Return the error for an answer larger than `limit` bytes."""
    return ResultTooLargeError(
        Text(
            f"the answer is larger than the {limit} bytes that this endpoint sends, so none of it is sent",
            f"la réponse dépasse les {limit} octets que ce point d'accès envoie : rien n'en est envoyé",
        ),
        hint=Text(
            f"ask for it in parts with ORDER BY, LIMIT and OFFSET, take the dump (territoires export), "
            f"or run your own server with {variable('max_result_bytes')} set higher",
            f"demandez-la par parties avec ORDER BY, LIMIT et OFFSET, prenez l'export complet (territoires export), "
            f"ou lancez votre serveur avec {variable('max_result_bytes')} plus grand",
        ),
    )


def _write_turtle(triples: Iterable[ox.Triple], output: BinaryIO) -> None:
    """Write Turtle sorted, one block per subject, only the prefixes in use; a graph that nobody reads, quickly."""
    first = list(islice(triples, _MOST_SORTED))
    rest = list(islice(triples, 1))
    if rest:
        ox.serialize(chain(first, rest, triples), output, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    else:
        output.write(turtle.serialize(first).encode())


def _as_xml(content: bytes, format_: Format) -> bytes:
    """Return `content` as well-formed XML 1.0 (§2.2, §2.11), which pyoxigraph does not see to."""
    match = _NO_XML.search(content)
    if match:
        code = f"U+{ord(match[0].decode()):04X}"
        raise _unwritable(format_, Text(f"the character {code}", f"le caractère {code}"))
    return content.replace(b"\r", b"&#13;")


def _check_predicates(triples: list[ox.Triple]) -> None:
    for predicate in {triple.predicate.value for triple in triples}:
        if not _QNAME.search(predicate):
            raise _unwritable(
                format_named("rdfxml"), Text(f"the predicate <{predicate}>", f"le prédicat <{predicate}>")
            )


def _unwritable(format_: Format, what: Text) -> NotAcceptableError:
    return NotAcceptableError(
        Text(
            f"{format_.title} cannot hold {what.en} of this answer",
            f"{format_.title} ne peut porter {what.fr} de cette réponse",
        ),
        hint=Text("ask for JSON or Turtle", "demandez du JSON ou du Turtle"),
    )


def _evaluation_error(error: Exception) -> QueryEvaluationError:
    return QueryEvaluationError(Text(f"the engine says: {error}", f"le moteur dit : {error}"))
