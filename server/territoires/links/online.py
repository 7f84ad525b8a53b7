"""Asks the hosts that links lead to whether they still answer: politely, and only when a person runs it.

One thread for each host, one request at a time, a pause between two. HEAD first, GET where a host does not take HEAD.
Redirects are followed by hand, so that nothing but http and https is ever opened.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
from typing import Final, Literal
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

State = Literal["answers", "gone", "unknown"]
"""`gone`: 404 or 410; `unknown`: refused, failed or not reached, which says nothing of the thing itself."""

_GONE: Final = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_NOT_BY_HEAD: Final = {400, 403, 404, 405, 501}
"""What some hosts answer to HEAD alone."""
_LATER: Final = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_SCHEMES: Final = {"http", "https"}
_MOST_HOPS: Final = 5
_LONGEST_WAIT: Final = 120
"""Seconds of a `Retry-After` that are waited for, once."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How hosts are asked."""

    agent: str
    """Value of `User-Agent`: who asks, and where to complain."""
    pause: float = 1.0
    """Seconds between two requests to one host."""
    timeout: float = 20.0
    """Seconds that a host may be silent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one address."""

    target: str
    state: State
    status: int | None
    """HTTP status of the last answer; None where there was none."""
    detail: str
    """Where redirects led, or what failed."""


def ask_all(targets: Iterable[str], manners: Manners) -> Iterator[Answer]:
    """Yield what becomes of each address, in the order in which answers come."""
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for target in dict.fromkeys(targets):
        hosts[urlsplit(target).netloc].append(target)
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    stop = threading.Event()
    for addresses in hosts.values():
        threading.Thread(target=_ask_host, args=(addresses, manners, answers, stop), daemon=True).start()
    try:
        for _ in range(sum(map(len, hosts.values()))):
            yield answers.get()
    finally:
        stop.set()


def ask(target: str, manners: Manners) -> Answer:
    """Return what becomes of one address: HEAD, GET where need be, redirects to http and https followed."""
    address, status, headers = target, None, Message()
    try:
        for _ in range(_MOST_HOPS + 1):
            status, headers = _status(address, manners)
            location = headers.get("Location")
            if status not in _REDIRECTS or not location:
                break
            address = urljoin(address, location)
            if urlsplit(address).scheme not in _SCHEMES:
                return Answer(target, "unknown", status, f"leads to {address}")
            time.sleep(manners.pause)
        else:
            return Answer(target, "unknown", status, f"more than {_MOST_HOPS} redirects")
    except (OSError, HTTPException, ValueError) as error:  # URLError and timeouts are OSErrors
        reason = error.reason if isinstance(error, URLError) else error
        return Answer(target, "unknown", None, f"{type(error).__name__}: {reason}")
    state: State = "answers" if 200 <= status < 300 else "gone" if status in _GONE else "unknown"  # noqa: PLR2004
    return Answer(target, state, status, address if address != target else "")


def _ask_host(
    addresses: Sequence[str], manners: Manners, answers: queue.SimpleQueue[Answer], stop: threading.Event
) -> None:
    for number, address in enumerate(addresses):
        if number and stop.wait(manners.pause):
            return
        answers.put(ask(address, manners))


def _status(address: str, manners: Manners) -> tuple[int, Message]:
    """Return the status and the headers of one address."""
    status, headers = _send("HEAD", address, manners)
    if status in _LATER and (wait := _seconds(headers)) is not None:
        time.sleep(wait)
        status, headers = _send("HEAD", address, manners)
    if status in _NOT_BY_HEAD:
        time.sleep(manners.pause)
        status, headers = _send("GET", address, manners)
    return status, headers


def _seconds(headers: Message) -> int | None:
    """Return how long a host asks to wait, if that is stated in seconds and not too long."""
    text = headers.get("Retry-After", "")
    return int(text) if text.isdecimal() and int(text) <= _LONGEST_WAIT else None


def _send(method: str, address: str, manners: Manners) -> tuple[int, Message]:
    if urlsplit(address).scheme not in _SCHEMES:
        raise ValueError(address)
    headers = {"User-Agent": manners.agent, "Accept": "*/*"}
    request = Request(address, method=method, headers=headers)  # noqa: S310  (looked at above)
    opener = OpenerDirector()
    for handler in (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler):
        opener.add_handler(handler())
    try:
        with opener.open(request, timeout=manners.timeout) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers
