"""Good requests with answers known by construction, hostile ones with the statuses they may get, and who sends them."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.protocol.conftest import QUERY, Answer, Client

ROWS: Final = 3_000
_TOTAL: Final = ROWS * (ROWS - 1) // 2
_CROSS: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_ALL: Final = "SELECT ?o { ?s <urn:p> ?o } ORDER BY ?o"

GOOD: Final[dict[str, str]] = {
    "SELECT (COUNT(*) AS ?n) (SUM(?o) AS ?total) { ?s <urn:p> ?o }": f"n,total\r\n{ROWS},{_TOTAL}\r\n",
    "SELECT ?o { <urn:s17> <urn:p> ?o }": "o\r\n17\r\n",
    "SELECT (MAX(?o) AS ?most) { ?s <urn:p> ?o FILTER(?o < 100) }": "most\r\n99\r\n",
    _ALL: "o\r\n" + "".join(f"{number}\r\n" for number in range(ROWS)),
}
"""Query -> the whole answer in CSV."""

HOSTILE: Final[dict[str, tuple[str, set[int]]]] = {
    "cross product": (f"SELECT (COUNT(*) AS ?n) {{ {_CROSS} }}", {503, 504}),
    "sorted cross product": (f"SELECT * {{ {_CROSS} }} ORDER BY ?c ?f ?i", {413, 503, 504}),
    "endless answer": (f"SELECT * {{ {_CROSS} }}", {413, 503, 504}),
    "string doubling": (
        "SELECT (STRLEN(?x36) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) "
        + " ".join(f"BIND(CONCAT(?x{number}, ?x{number}) AS ?x{number + 1})" for number in range(36))
        + " }",
        {413, 503, 504},
    ),
    "depth": ("ASK " + "{" * 5_000 + "}" * 5_000, {413}),
    "width": ("ASK { " + "?s ?p ?o . " * 300 + "}", {413}),
    "long": ("ASK {} #" + "a" * 1_500_000, {413}),
    "service": ("SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", {403}),
    "update": ("DELETE WHERE { ?s ?p ?o }", {403}),
    "syntax": ("SELECT * { ?s ?p ", {400}),
    "NUL": ("ASK { \0 }", {400}),
}
"""Name -> the query and the statuses that are right answers to it."""


def write_data(folder: Path) -> Path:
    """Write the data that `GOOD` asks about; return the file."""
    file = folder / "numbers.nt"
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"
    lines = (f'<urn:s{number}> <urn:p> "{number}"^^{integer} .\n' for number in range(ROWS))
    file.write_text("".join(lines), encoding="utf-8")
    return file


@dataclass
class Report:
    """What happened; safe to add to from several threads."""

    good: int = 0
    refused: int = 0
    """Good requests that were answered 503: never wrong, but not served."""
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    hostile: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    """Seconds between the time limit and the answer 504."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def median(self) -> float:
        """Return the median time of a good request."""
        return sorted(self.seconds)[len(self.seconds) // 2]


def send_good(client: Client, report: Report) -> None:
    """Ask one of the good queries and compare the whole answer."""
    query = random.choice([*GOOD])  # noqa: S311  (no secret)
    start = time.monotonic()
    answer = _asked(client, query, report)
    with report.lock:
        if answer is None:
            return
        report.seconds.append(time.monotonic() - start)
        report.good += 1
        if answer.status == 503:
            report.refused += 1
        elif (answer.status, answer.text) != (200, GOOD[query]):
            report.wrong.append(f"{query}: {answer.status} {answer.text[:80]!r}")


def send_hostile(client: Client, limit: int, report: Report) -> None:
    """Send one of the hostile queries, or hang up on one."""
    name = random.choice([*HOSTILE, "hang up"])  # noqa: S311
    if name == "hang up":
        _hang_up(client)
        with report.lock:
            report.hostile[name] += 1
        return
    query, allowed = HOSTILE[name]
    start = time.monotonic()
    answer = _asked(client, query, report)
    with report.lock:
        if answer is None:
            return
        report.hostile[f"{name} {answer.status}"] += 1
        if answer.status not in allowed:
            report.wrong.append(f"{name}: {answer.status} {answer.text[:80]!r}")
        # A query that was displaced, or waited, takes longer than its limit: the quickest says how late a kill is.
        if answer.status == 504:
            report.late.append(time.monotonic() - start - limit)


def _asked(client: Client, query: str, report: Report) -> Answer | None:
    try:
        return client.post(QUERY, query.encode(), Accept="text/csv")
    except OSError as error:
        with report.lock:
            report.wrong.append(f"{query[:60]}: no answer: {error!r}")
        return None


def _hang_up(client: Client) -> None:
    parts = urlsplit(client.base)
    query = HOSTILE["cross product"][0].encode()
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {QUERY}\r\nContent-Length: {len(query)}\r\n\r\n"
    with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.encode() + query)
        time.sleep(0.2)


def keep(send: Callable[[], None], seconds: float, threads: int) -> list[threading.Thread]:
    """Start `threads` threads that call `send` again and again for so many `seconds`; return them."""
    until = time.monotonic() + seconds

    def loop() -> None:
        while time.monotonic() < until:
            send()

    started = [threading.Thread(target=loop) for _ in range(threads)]
    for thread in started:
        thread.start()
    return started
