"""A server on this machine that stands for the hosts that links lead to."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Outside:
    """What the server was asked, and how it answers: path, or whole address for a proxy -> status and headers."""

    url: str = ""
    answers: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    asked: list[tuple[str, str, float]] = field(default_factory=list)
    """Method, path and moment of each request."""
    agents: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def methods(self, path: str) -> Counter[str]:
        """Return how often a path was asked for, by method."""
        return Counter(method for method, asked, _ in self.asked if asked == path)


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Run the server; a path that is not known is answered 404, status 0 hangs up."""
    state = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            with state.lock:
                state.at_once += 1
                state.most_at_once = max(state.most_at_once, state.at_once)
                state.asked.append((self.command, self.path, time.monotonic()))
                state.agents.add(self.headers["User-Agent"])
                answers = state.answers.get(f"{self.command} {self.path}") or state.answers.get(self.path)
                status, headers = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else (404, {})
            if status:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            with state.lock:
                state.at_once -= 1

        do_GET = do_HEAD  # noqa: N815  (the name that http.server looks for)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401  (as the base class has it)
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield state
        server.shutdown()
        thread.join(timeout=10)
