"""Connections to the pool's supervisor that are kept open: to make one takes longer than many a query."""

from __future__ import annotations

import os
import socket
import time
import weakref
from collections import deque
from pathlib import Path
from typing import Final

from territoires.engine import failures
from territoires.engine.wire import Header, connect, receive, send

_KEPT: Final = 64
"""Most connections that wait for their next question."""
_RETRY: Final = 0.05


class Channels:
    """Asks who listens at `address`, over one connection for each question that is under way.

    Safe to use from many threads; a process that was forked makes connections of its own.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._folder = Path(address).parent
        self._idle: deque[socket.socket] = deque()
        self._owner = os.getpid()
        weakref.finalize(self, _close, self._idle)

    def ask(self, question: Header, body: bytes, seconds: float) -> tuple[Header, bytes]:
        """Return the answer to a question that may be asked twice: while nobody listens it is asked again.

        Args:
            question: header of the message.
            body: what follows it.
            seconds: until it is given up; an answer may take four times as long, for it may have to wait twice.

        Raises:
            OverloadedError: if there is no answer by then.
        """
        until = time.monotonic() + seconds
        while True:
            kept = self._take()
            try:
                channel = kept or connect(self._address, 4 * seconds)
                answer = _over(channel, question, body)
            except (OSError, EOFError) as error:
                if kept:  # It is of a supervisor that was replaced, as the others are.
                    _close(self._idle)
                    continue
                if not self._folder.exists() or time.monotonic() > until:
                    raise failures.unreachable() from error
                time.sleep(_RETRY)
            else:
                self._keep(channel)
                return answer

    def _take(self) -> socket.socket | None:
        if self._owner != os.getpid():
            self._owner = os.getpid()
            _close(self._idle)
        return _last(self._idle)

    def _keep(self, channel: socket.socket) -> None:
        if len(self._idle) < _KEPT:
            self._idle.append(channel)
        else:
            channel.close()


def _last(channels: deque[socket.socket]) -> socket.socket | None:
    try:
        return channels.pop()
    except IndexError:
        return None


def _close(channels: deque[socket.socket]) -> None:
    while channel := _last(channels):
        channel.close()


def _over(channel: socket.socket, question: Header, body: bytes) -> tuple[Header, bytes]:
    """Ask, and close the connection where that fails: the rest of an answer may still come over it."""
    try:
        send(channel, question, body)
        return receive(channel)
    except BaseException:
        channel.close()
        raise
