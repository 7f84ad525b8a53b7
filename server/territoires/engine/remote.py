"""The engine on other machines: any server that speaks the SPARQL 1.1 Protocol, at one address or several.

An address that cannot be had gives way to the next one that holds the same version. What was published there says
which version that is, and which graphs are the default graph (decision 57).
"""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Self

import pyoxigraph as ox

from territoires.engine import Opened, dataset, dialects, failures, published, replies, syntax
from territoires.engine.circuit import Circuit
from territoires.engine.credentials import Credentials
from territoires.engine.dialects import Dialect
from territoires.engine.endpoint import (
    Endpoint,
    LostError,
    NotReachedError,
    Reply,
    SaidNoError,
    TooLateError,
    check_url,
)
from territoires.engine.holding import DatasetChangedError, Served, held
from territoires.engine.published import Published
from territoires.engine.rows import count_rows
from territoires.engine.stack import on_deep_stack
from territoires.errors import (
    OverloadedError,
    QueryEvaluationError,
    QueryRefusedError,
    RequestError,
    TerritoiresError,
    Text,
)
from territoires.formats import Format, format_named
from territoires.guard import Query
from territoires.settings import Settings
from territoires.tokens import tokens

_LOOKS_EVERY: Final = 2.0
"""Seconds between two looks at what an address holds."""
_LOOKS_FOR: Final = 5.0
"""Seconds that a look may take."""
_MOST_SAID: Final = 20_000_000
"""Most bytes of what was published there."""
_JSON: Final = format_named("json")
_TRIPLES: Final = format_named("ntriples")
_AS_THEY_ARE: Final = frozenset({"json", "csv", "tsv", "ntriples"})
"""Formats in which a server that writes as we do need not be read."""
_GRAPH: Final = re.compile(r"\bGRAPH\b", re.IGNORECASE)
_OWN_FUNCTIONS: Final = re.compile(r"<(?:bif|sql):", re.IGNORECASE)
"""Functions of a server's own language, which may read files and call other servers."""
_SHOWN: Final = 200
"""Characters of a server's own message that people see."""

Tell = Callable[[str, str], None]
"""Told of each query that was sent: the address, and how it ended (`ok`, `lost`, `unreached`, `late`, `refused`)."""


@dataclass(slots=True)
class _Remote:
    """An address, and what is known of it."""

    endpoint: Endpoint
    circuit: Circuit = field(default_factory=Circuit)
    dialect: Dialect = field(default_factory=Dialect)
    published: Published | None = None


def remote_urls(address: str) -> tuple[str, ...]:
    """Return the addresses in TERRITOIRES_ENGINE; none where it names the socket of a pool.

    Raises:
        RequestError: if one of them is no address of the web, or holds a password.
    """
    return tuple(map(check_url, address.split())) if "://" in address else ()


class RemoteEngine:
    """Asks the servers at the addresses it was given, the first that works; safe to use from many threads."""

    def __init__(self, urls: Sequence[str], settings: Settings, tell: Tell = lambda _url, _ending: None) -> None:
        """Take the addresses, in the order in which they are tried; `connect` also looks at them."""
        credentials = Credentials.from_environment()
        self.address = " ".join(urls)
        self._settings = settings
        self._tell = tell
        self._remotes = [_Remote(Endpoint(url, credentials, settings.query_workers)) for url in urls]
        self._slots = threading.BoundedSemaphore(settings.query_workers)
        self._waiting = 0
        self._lock = threading.Lock()
        self._served = Served("", ())
        self._closing = threading.Event()

    @classmethod
    def connect(cls, urls: Sequence[str], settings: Settings, tell: Tell = lambda _url, _ending: None) -> Self:
        """Return an engine that knows what the servers hold, and looks again every two seconds until it is closed.

        Raises:
            OverloadedError: if none of them can be reached.
            RequestError: if nothing was published there, or an address is none.
        """
        engine = cls(urls, settings, tell)
        errors = engine.look()
        if not engine.ready:
            raise errors[0] if errors else failures.unreachable()
        threading.Thread(target=engine._keep_looking, name="territoires-remote", daemon=True).start()
        return engine

    def close(self) -> None:
        """Stop looking."""
        self._closing.set()

    def _keep_looking(self) -> None:
        while not self._closing.wait(_LOOKS_EVERY):
            self.look()

    # What is there.

    @property
    def version(self) -> str:
        """Digest of the dataset: the version that is held, else the one that is served now."""
        return self.seen().version

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs of that version, sorted."""
        return self.seen().graphs

    @property
    def ready(self) -> bool:
        """Whether one of the addresses answered at the last look, or query."""
        return self._first() is not None

    def counts(self) -> Mapping[str, float]:
        """Nothing: the processes that evaluate are those of others."""
        return {}

    def seen(self) -> Served:
        """Return the version that is held, else the one that is served now."""
        return (held.get() or {}).get(self.address) or self._now()

    def _now(self) -> Served:
        first = self._first()
        if first and first.published and first.published.version != self._served.version:
            self._served = Served(first.published.version, first.published.graphs)
        return self._served

    def _first(self) -> _Remote | None:
        return next((remote for remote in self._remotes if remote.circuit.closed and remote.published), None)

    def look(self) -> list[TerritoiresError]:
        """Look what each address holds, but for those that are left alone now; return why not."""
        errors: list[TerritoiresError] = []
        for remote in self._remotes:
            if not remote.circuit.may_try():
                continue
            try:
                self._look_at(remote)
            except (NotReachedError, LostError, TooLateError, SaidNoError, SyntaxError, ValueError) as error:
                remote.circuit.failed()
                if remote.published is None:
                    errors.append(_no_answer(remote.endpoint.url, error))
            except TerritoiresError as error:
                remote.published = None
                errors.append(error)
            else:
                remote.circuit.worked()
        return errors

    def _look_at(self, remote: _Remote) -> None:
        until = time.monotonic() + _LOOKS_FOR
        known = remote.published
        if known and published.facts_in(self._said(remote, published.VERSION, until)[1]) == [(known.version,)]:
            return
        reply, content = self._said(remote, published.ALL, until)
        remote.dialect = dialects.dialect_of(reply.headers)
        remote.published = published.read(content)
        if remote.published is None:
            raise _nothing_there(remote.endpoint.url)

    def _said(self, remote: _Remote, text: str, until: float) -> tuple[Reply, bytes]:
        reply = remote.endpoint.ask([("query", text)], _JSON.media_type, until, _MOST_SAID)
        return reply, replies.whole(reply)

    # Queries.

    def run(self, query: Query, format_: Format) -> bytes:
        """Return the answer to `query` in `format_`; see `Engine.run`."""
        with self.open(query, format_).file as file:
            return file.read()

    def open(self, query: Query, format_: Format) -> Opened:
        """Return the same answer as a file; see `Engine.open`."""
        until = time.monotonic() + self._settings.query_timeout
        on_deep_stack(lambda: syntax.check(query))
        _refuse_own_functions(query)
        with self._turn(until):
            return self._open(query, format_, until)

    def _open(self, query: Query, format_: Format, until: float) -> Opened:
        while True:
            served = self.seen()
            asked = self._asked(query, served.graphs)
            lost = False
            for remote in self._holding(served):
                try:
                    return self._ask(remote, asked, query, format_, until)
                except NotReachedError:
                    self._note(remote, "unreached")
                except LostError as error:
                    self._note(remote, "lost")
                    if lost:  # twice: it is the query
                        raise failures.unreachable() from error
                    lost = True
                except TooLateError as error:
                    self._tell(remote.endpoint.url, "late")
                    raise failures.timed_out(self._settings) from error
                except SaidNoError as error:
                    self._tell(remote.endpoint.url, "refused")
                    raise self._refused(error) from error
            if self._first() is None or self._now() == served:
                raise failures.unreachable()
            if self.address in (held.get() or {}):
                raise DatasetChangedError

    def _holding(self, served: Served) -> Iterator[_Remote]:
        """Yield the addresses that hold a version; one alone twice, for a connection that was closed meanwhile."""
        found = [one for one in self._remotes if one.published and one.published.version == served.version]
        usable = [remote for remote in found if remote.circuit.closed]
        yield from usable if len(usable) != 1 else usable * 2

    def _note(self, remote: _Remote, ending: str) -> None:
        self._tell(remote.endpoint.url, ending)
        if ending == "ok":
            remote.circuit.worked()
        else:
            remote.circuit.failed()

    def _asked(self, query: Query, graphs: Sequence[str]) -> tuple[Sequence[str], Sequence[str]] | None:
        """Return the default graph's graphs and those that GRAPH sees, as the request has them; None: it has none."""
        if query.default_graphs is not None or query.named_graphs is not None:
            names = query.default_graphs or (), query.named_graphs or ()
            dataset.check_names(graphs, (*names[0], *names[1]))
            return names
        if query.has_dataset:
            store = ox.Store()
            for clauses in (query.merged, query.named):
                dataset.check_names(graphs, dataset.written(store, query, clauses))
        return None

    def _ask(
        self,
        remote: _Remote,
        names: tuple[Sequence[str], Sequence[str]] | None,
        query: Query,
        format_: Format,
        until: float,
    ) -> Opened:
        assert remote.published  # noqa: S101  (it holds a version)
        if names is None and not query.has_dataset:
            names = remote.published.merge, remote.published.graphs if _GRAPH.search(query.text) else ()
        base = f"BASE <{query.base_iri}> " if query.base_iri else ""
        fields = [("query", base + query.text), *_dataset(names or ((), ()))]
        fields += remote.dialect.parameters(until - time.monotonic())
        as_it_is = remote.dialect.as_ours and format_.name in _AS_THEY_ARE
        wanted = format_ if as_it_is else _TRIPLES if query.kind == "graph" else _JSON
        limit = self._settings.max_result_bytes
        reply = remote.endpoint.ask(fields, wanted.media_type, until, limit)
        self._note(remote, "ok")
        if dialects.is_unfinished(reply.headers):
            reply.body.close()
            raise failures.timed_out(self._settings)
        if as_it_is and reply.media_type == wanted.media_type:
            content = replies.whole(reply)
            return Opened(io.BytesIO(content), count_rows(content, format_))
        return on_deep_stack(lambda: replies.converted(reply, query, format_, limit))

    def _refused(self, error: SaidNoError) -> TerritoiresError:
        if error.status == 504 or dialects.was_stopped(error.message):  # noqa: PLR2004
            return failures.timed_out(self._settings)
        said = " ".join(error.message.split("\n\n")[0].split())[:_SHOWN] or str(error.status)
        return QueryEvaluationError(Text(f"the engine says: {said}", f"le moteur dit : {said}"))

    @contextmanager
    def _turn(self, until: float) -> Iterator[None]:
        """Let so many queries at once be with the servers as the settings say; the others wait.

        Raises:
            OverloadedError: if too many wait, or none came back in time.
        """
        with self._lock:
            if self._waiting >= self._settings.query_queue + self._settings.query_workers:
                raise failures.queue_full(self._settings)
            self._waiting += 1
        try:
            if not self._slots.acquire(timeout=max(0.0, until - time.monotonic())):
                raise failures.waited_too_long(self._settings)
            try:
                yield
            finally:
                self._slots.release()
        finally:
            with self._lock:
                self._waiting -= 1


def _dataset(names: tuple[Sequence[str], Sequence[str]]) -> Iterator[tuple[str, str]]:
    for parameter, graphs in zip(("default-graph-uri", "named-graph-uri"), names, strict=True):
        yield from ((parameter, name) for name in graphs)


def _refuse_own_functions(query: Query) -> None:
    for match in tokens(query.text):
        written = match.group()
        if match.lastgroup == "iri" and (_OWN_FUNCTIONS.match(written) or "\\" in written):
            raise QueryRefusedError(
                Text(f"{written} cannot be asked for here", f"{written} ne peut être demandé ici"),
                hint=Text("use the functions of SPARQL 1.1", "prenez les fonctions de SPARQL 1.1"),
            )


def _no_answer(url: str, error: Exception) -> OverloadedError:
    said = " ".join(str(error).split())[:_SHOWN]
    return OverloadedError(
        Text(f"{url} does not answer as a SPARQL server: {said}", f"{url} ne répond pas en serveur SPARQL : {said}"),
        hint=Text("start it, or correct the address", "démarrez-le, ou corrigez l'adresse"),
    )


def _nothing_there(url: str) -> RequestError:
    return RequestError(
        Text(f"nothing was published at {url}", f"rien n'a été publié sur {url}"),
        hint=Text(f"territoires publish --engine {url}", f"territoires publish --engine {url}"),
    )
