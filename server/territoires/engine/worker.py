"""One process that evaluates one query at a time, and may be killed at any moment."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from territoires.engine import failures, sandbox
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.rows import count_rows
from territoires.engine.stack import on_deep_stack
from territoires.engine.wire import Header, pack_error, receive, send, unpack_query
from territoires.errors import TerritoiresError
from territoires.generations import Generation
from territoires.graph import load_both
from territoires.root import Root
from territoires.settings import Settings

_INLINE: Final = 64 * 1024
"""Up to this many bytes an answer is sent; a larger one is left in a file."""
_GRACE: Final = 1.0
"""Seconds that the supervisor has to end a query at its limit before the kernel does."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told at its start."""

    root: Root
    version: str
    """Digest of the graph that was loaded first: another one must not be served beside it."""
    settings: Settings
    spool: Path
    """Folder for large answers."""
    generation: Generation | None = None
    """What is opened in place of loading the root."""


def start(channel: socket.socket, task: Task, engine: EmbeddedEngine | None, inherited: list[Any]) -> None:
    """Begin a worker's life: close what belongs to the supervisor alone, then `work`."""
    for one in inherited:
        one.close()
    work(channel, task, engine)


def work(channel: socket.socket, task: Task, engine: EmbeddedEngine | None) -> None:
    """Answer the queries that come in over `channel` until it closes.

    Args:
        channel: to the supervisor.
        task: what this worker needs to know.
        engine: what was loaded before the fork; None: load or open it here.
    """
    if engine is None:
        graph = task.generation.open() if task.generation else load_both(task.root)
        engine = EmbeddedEngine(graph, task.settings.max_result_bytes)
        if engine.version != task.version:
            return
    # One deep stack for all queries, taken before the memory is limited.
    on_deep_stack(lambda: _work(channel, task, engine))


def _work(channel: socket.socket, task: Task, engine: EmbeddedEngine) -> None:
    sandbox.confine(task.settings.query_memory * 1_000_000)
    send(channel, {"ready": os.getpid()})
    count = 0
    files = task.generation.unopened() if task.generation else 0
    try:
        while True:
            _, question = receive(channel)
            count += 1
            answer, content = _answer(engine, question, task.settings, files)
            if len(content) > _INLINE:
                file = task.spool / f"{os.getpid()}-{count}"
                file.write_bytes(content)
                answer, content = {**answer, "file": str(file)}, b""
            send(channel, answer, content)
    except (EOFError, OSError):
        return  # The supervisor is gone, or ends this worker.


def _answer(engine: EmbeddedEngine, question: bytes, settings: Settings, files: int) -> tuple[Header, bytes]:
    query, format_ = unpack_query(question)
    try:
        with sandbox.evaluating(settings.query_timeout + _GRACE, files):
            content = engine.run(query, format_)
            return {"rows": count_rows(content, format_)}, content
    except TerritoiresError as error:
        return pack_error(error), b""
    except MemoryError:
        return pack_error(failures.out_of_memory(settings)), b""
