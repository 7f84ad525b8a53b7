"""`/metrics`: numbers for Prometheus, true for all HTTP processes together.

With PROMETHEUS_MULTIPROC_DIR in the environment, which `territoires serve` sets, each process keeps its numbers in
files of that folder, and whoever is asked adds them up. The pool counts in its supervisor, which any of them asks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

import territoires
from territoires.engine import Engine
from territoires.engine.counts import ENDINGS
from territoires.engine.keeping import Source
from territoires.settings import METRICS
from territoires.web.observing import Note
from territoires.web.site import site

blueprint = Blueprint("metrics", __name__)

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)

_REQUESTS: Final = Counter(
    "territoires_http_requests", "Requests answered, by route and status (304: the client had it).", ("route", "status")
)
_SECONDS: Final = Histogram(
    "territoires_http_request_seconds", "Time to answer a request, by route.", ("route",), buckets=_BUCKETS
)
_BYTES: Final = Counter("territoires_http_sent_bytes", "Bytes of the bodies sent, by route.", ("route",))
_CACHED: Final = Counter(
    "territoires_http_cached", "Requests answered from the cache of the HTTP process, by route.", ("route",)
)
_QUERIES: Final = Counter(
    "territoires_queries", "SPARQL queries, by outcome: ok, not-modified, or the code of the problem.", ("outcome",)
)


_REMOTE: Final = Counter(
    "territoires_remote_queries",
    "Queries sent to the servers of --engine, by address and ending: ok, refused, late, lost (no whole answer), "
    "unreached (another address was asked).",
    ("engine", "ending"),
)


_ANSWERS: Final = Counter(
    "territoires_answers",
    "Answers to queries, by where they came from: memory, folder (of an earlier start), shared (evaluated for another "
    "request at the same time), engine (evaluated).",
    ("source",),
)


def count_answer(source: Source) -> None:
    """Count an answer of the engine, which may have been kept."""
    _ANSWERS.labels(source).inc()


def count_remote(url: str, ending: str) -> None:
    """Count a query that was sent to a remote server; what its address says after `?` is its operator's."""
    _REMOTE.labels(url.partition("?")[0], ending).inc()


def count(note: Note) -> None:
    """Count one answered request."""
    requests, seconds, size = _of_route(note.route, note.status)
    requests.inc()
    seconds.observe(note.seconds)
    size.inc(note.size)
    if note.cached:
        _CACHED.labels(note.route).inc()
    if note.query:
        _QUERIES.labels(note.outcome).inc()


@lru_cache(maxsize=1_024)
def _of_route(route: str, status: int) -> tuple[Counter, Histogram, Counter]:
    """Return the numbers of a route; to look them up takes longer than to count."""
    return _REQUESTS.labels(route, status), _SECONDS.labels(route), _BYTES.labels(route)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give all numbers in Prometheus' text format."""
    registry = CollectorRegistry()
    if METRICS in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for ours in (_REQUESTS, _SECONDS, _BYTES, _CACHED, _ANSWERS, _QUERIES, _REMOTE):
            registry.register(ours)
    registry.register(_Pool(site().engine))
    response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


class _Pool(Collector):
    """What the pool counts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """Yield one family per kind of number; without a pool only that there is none."""
        yield _labelled("territoires_build_info", "Versions.", territoires.__version__, self._engine.version)
        yield GaugeMetricFamily("territoires_up", "1 while queries are taken.", int(self._engine.ready))
        counts = self._engine.counts()
        if not counts:
            return
        workers = GaugeMetricFamily("territoires_workers", "Processes that evaluate queries.", labels=["state"])
        for state in ("idle", "busy"):
            workers.add_metric([state], counts[f"workers_{state}"])
        yield workers
        yield GaugeMetricFamily("territoires_queries_waiting", "Queries that wait for a process.", counts["waiting"])
        ended = CounterMetricFamily(
            "territoires_workers_ended",
            "Processes that ended: killed at the time limit (timeout), for another query (displaced), after their "
            "client left (abandoned), after a new version (replaced); or by themselves (died).",
            labels=["reason"],
        )
        for why in ENDINGS:
            ended.add_metric([why], counts[f"ended_{why}"])
        yield ended
        yield SummaryMetricFamily(
            "territoires_worker_start_seconds",
            "Time until a new process takes queries.",
            count_value=int(counts["starts"]),
            sum_value=counts["start_seconds"],
        )
        yield GaugeMetricFamily(
            "territoires_supervisor_start_time_seconds",
            "When the supervisor was started; its counters begin there.",
            counts["started_at"],
        )


def _labelled(name: str, text: str, program: str, dataset: str) -> Metric:
    info = GaugeMetricFamily(name, text, labels=["program", "dataset"])
    info.add_metric([program, dataset], 1)
    return info
