"""One change of the dataset, judged and written in a process that is forked from the loaded graph for it.

What it does to its copy of the store nobody sees. It may be killed at any moment: what it writes, it writes as one.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from territoires.engine import failures, sandbox
from territoires.engine.stack import on_deep_stack
from territoires.engine.wire import Header, pack_error, receive, send
from territoires.errors import TerritoiresError
from territoires.graph import KnowledgeGraph, same_files
from territoires.settings import Settings

_log: Final = logging.getLogger(__name__)
_HANDSHAKE: Final = 5.0
"""Seconds in which a process that begins to speak has said everything."""


class Writer(Protocol):
    """What knows how to change the dataset: the floor above gives it to the pool."""

    def write(self, graph: KnowledgeGraph, body: bytes) -> tuple[Header, bytes]:
        """Make the change that `body` asks for.

        Returns:
            What is answered, and a packed `Delta` that publishes the change; empty when there is nothing to publish.
            With `reload` in the header the files hold another version, which has to be loaded.

        Raises:
            TerritoiresError: if it is refused; then nothing has changed.
        """

    def settle(self) -> str:
        """End or undo what a writer that was killed has left, and return the version that the files hold."""

    def is_valid(self) -> bool:
        """Return whether what the files hold is known to be valid."""


class Host(Protocol):
    """What the queue of changes needs of the process that has the loaded graph."""

    @property
    def graph(self) -> KnowledgeGraph | None:
        """What is loaded now."""

    @property
    def version(self) -> str:
        """Version that is served now."""

    def watch(self, channel: socket.socket, act: Callable[[], None]) -> None:
        """Call `act` when there is something to read in `channel`."""

    def drop(self, channel: socket.socket) -> None:
        """Close a channel that was watched."""

    def sockets(self) -> list[Any]:
        """Return what a forked process closes."""

    def publish(self, body: bytes) -> Header:
        """Serve what a packed `Delta` leads to; return an error if that needs `reload`."""

    def reload(self) -> None:
        """Serve what the files hold."""


@dataclass(eq=False, slots=True)
class _Change:
    """A change that is asked for, and the connection that waits for its outcome."""

    connection: socket.socket
    body: bytes
    since: float = 0.0
    """When it was begun."""
    process: Any = None  # BaseProcess of the context
    channel: socket.socket | None = None


class Changes:
    """The changes that are asked for, made one after the other; none overtakes another."""

    def __init__(self, host: Host, settings: Settings, context: Any, writer: Writer | None) -> None:  # noqa: ANN401  (the module has no type for it)
        self._host = host
        self._settings = settings
        self._context = context
        self._writer = writer
        self._queue: deque[_Change] = deque()
        """The first is being made."""
        self._ended: list[Any] = []

    @property
    def connections(self) -> list[socket.socket]:
        """Those of all who wait."""
        return [change.connection for change in self._queue]

    @property
    def due(self) -> float | None:
        """When the change that is being made is past its time."""
        return self._queue[0].since + self._settings.change_timeout if self._queue else None

    def add(self, connection: socket.socket, body: bytes) -> None:
        """Make a change when its turn has come, whether its client waits for that or not."""
        change = _Change(connection, body)
        if self._writer is None or self._host.graph is None:
            _answer(change, pack_error(failures.cannot_change()))
        elif len(self._queue) > self._settings.change_queue:
            _answer(change, pack_error(failures.changes_full(self._settings)))
        else:
            self._queue.append(change)
            if len(self._queue) == 1:
                self._begin()

    def enforce(self) -> None:
        """End a change that is past its time."""
        if self.due is not None and self.due <= time.monotonic():
            self._settle(self._queue[0], failures.change_timed_out(self._settings))

    def close(self) -> None:
        """Kill what is being made: it is done whole, or not at all. What waits is to be asked for again."""
        for change in self._queue:
            if change.process and change.process.pid:
                change.process.kill()
                change.process.join()
                change.connection.close()
            else:
                _answer(change, pack_error(failures.change_lost()))

    def _begin(self) -> None:
        """Fork a process for the change whose turn it is."""
        change = self._queue[0]
        ours, theirs = socket.socketpair()
        inherited = [ours, *self._host.sockets()]
        arguments = (theirs, self._writer, self._host.graph, change.body, self._settings, inherited)
        change.process = self._context.Process(target=start, args=arguments)
        change.since = time.monotonic()
        try:
            change.process.start()
        except OSError:  # no memory, or too many processes
            ours.close()
            self._end(change, pack_error(failures.change_lost()))
            return
        finally:
            theirs.close()
        ours.settimeout(_HANDSHAKE)
        change.channel = ours
        self._host.watch(ours, lambda: self._hear(change))

    def _hear(self, change: _Change) -> None:
        """Publish what was written, then tell who asked."""
        assert change.channel  # noqa: S101  (for the type checker: it was begun)
        try:
            header, delta = receive(change.channel)
        except (EOFError, OSError):
            self._settle(change, failures.change_lost())
            return
        if delta and "error" in self._host.publish(delta):
            header["reload"] = True
        self._end(change, header)

    def _settle(self, change: _Change, error: TerritoiresError) -> None:
        """Find out what a process that ended before its word has done."""
        assert self._writer  # noqa: S101  (for the type checker: it was begun)
        change.process.kill()
        change.process.join()
        try:
            is_unchanged = same_files(self._host.version, self._writer.settle())
        except (TerritoiresError, OSError) as failure:
            _log.error("the data cannot be read after a change: %s", failure)
            is_unchanged = False
        self._end(
            change, pack_error(error if is_unchanged else failures.outcome_unknown()) | {"reload": not is_unchanged}
        )

    def _end(self, change: _Change, header: Header) -> None:
        if change.channel:
            self._host.drop(change.channel)
        self._ended = [
            process for process in (*self._ended, change.process) if process.pid and process.exitcode is None
        ]
        self._queue.remove(change)
        if header.get("reload"):
            self._host.reload()
        _answer(change, header)
        if self._queue and not header.get("reload"):
            self._begin()


def _answer(change: _Change, header: Header) -> None:
    with change.connection, contextlib.suppress(OSError):  # Nobody may wait for it any more.
        send(change.connection, header)


def start(
    channel: socket.socket,
    writer: Writer,
    graph: KnowledgeGraph,
    body: bytes,
    settings: Settings,
    inherited: list[Any],
) -> None:
    """Make one change and say how it went; the body of the process."""
    for one in inherited:
        one.close()
    sandbox.confine(settings.change_memory * 1_000_000)
    parent = multiprocessing.parent_process()
    if parent and os.getppid() != parent.pid:
        return  # It died before this process was bound to end with it: another may serve what would change here.
    header, delta = on_deep_stack(lambda: _write(writer, graph, body, settings))
    send(channel, header, delta)


def _write(writer: Writer, graph: KnowledgeGraph, body: bytes, settings: Settings) -> tuple[Header, bytes]:
    try:
        return writer.write(graph, body)
    except TerritoiresError as error:
        return pack_error(error), b""
    except MemoryError:
        return pack_error(failures.change_out_of_memory(settings)), b""
