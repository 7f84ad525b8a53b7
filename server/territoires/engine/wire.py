"""What the processes of the pool say to each other: one JSON header, and bytes behind it.

JSON and not pickle: a process that evaluates a stranger's query must not be able to make the others run anything.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from territoires.errors import InvalidDataError, Place, QueryEvaluationError, TerritoiresError, Text, Violation
from territoires.formats import Format, format_named
from territoires.guard import Query

Header = dict[str, Any]

_SIZES: Final = struct.Struct("!IQ")
_PARTS: Final = tuple(field.name for field in fields(Query))
_BACKLOG: Final = 1024
_AT_ONCE: Final = 64 * 1024


def listen(address: str) -> socket.socket:
    """Return a socket that listens at `address`: a path, or HOST:PORT where there are no Unix sockets."""
    if hasattr(socket, "AF_UNIX"):
        Path(address).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
    else:
        host, _, port = address.rpartition(":")
        listener = socket.socket()
        listener.bind((host, int(port)))
    listener.listen(_BACKLOG)
    return listener


def connect(address: str, seconds: float) -> socket.socket:
    """Return a connection to who listens at `address`; each operation on it may take `seconds`.

    Raises:
        OSError: if nobody does.
    """
    if not hasattr(socket, "AF_UNIX"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), seconds)
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(seconds)
    try:
        channel.connect(address)
    except OSError:
        channel.close()
        raise
    return channel


def send(channel: socket.socket, header: Header, body: bytes = b"") -> None:
    """Send one message.

    Raises:
        OSError: if the other side is gone.
    """
    head = json.dumps(header, separators=(",", ":")).encode()
    channel.sendall(_SIZES.pack(len(head), len(body)) + head + body)


def receive(channel: socket.socket) -> tuple[Header, bytes]:
    """Return the next message; nobody sends a second one before the first is answered.

    Raises:
        EOFError: if the other side is gone.
        OSError: likewise, or after the channel's timeout.
    """
    content = _at_least(channel, b"", _SIZES.size)
    head, body = _SIZES.unpack_from(content)
    content = _at_least(channel, content, _SIZES.size + head + body)
    header: Header = json.loads(content[_SIZES.size : _SIZES.size + head])
    return header, content[_SIZES.size + head :]


def _at_least(channel: socket.socket, content: bytes, size: int) -> bytes:
    parts, missing = [content], size - len(content)
    while missing > 0:
        part = channel.recv(max(missing, _AT_ONCE))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def pack_query(query: Query, format_: Format) -> bytes:
    """Return the body of a message that asks for the answer to `query` in `format_`."""
    return json.dumps({"query": {name: getattr(query, name) for name in _PARTS}, "format": format_.name}).encode()


def unpack_query(body: bytes) -> tuple[Query, Format]:
    """Return what `pack_query` was given."""
    question = json.loads(body)
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in question["query"].items()
    }
    return Query(**values), format_named(question["format"])


def pack_error(error: TerritoiresError) -> Header:
    """Return the header that answers with `error`."""
    place = error.place
    found = {"violations": error.violations, "report": error.report} if isinstance(error, InvalidDataError) else {}
    return {
        **found,
        "error": error.code,
        "detail": error.detail,
        "hint": error.hint,
        "place": place and [place.file and str(place.file), place.line, place.column, place.piece],
    }


def unpack_error(header: Header) -> TerritoiresError:
    """Return the error that `pack_error` was given; its class is found by its code."""
    hint, place = header["hint"], header["place"]
    cls = next((cls for cls in _tree(TerritoiresError) if cls.code == header["error"]), QueryEvaluationError)
    found: dict[str, Any] = {}
    if issubclass(cls, InvalidDataError):
        violations = (Violation(*values)._replace(message=Text(*values[3])) for values in header["violations"])
        found = {"violations": tuple(violations), "report": header["report"]}
    return cls(
        Text(*header["detail"]),
        hint=hint and Text(*hint),
        place=place and Place(place[0] and Path(place[0]), *place[1:]),
        **found,
    )


def _tree(base: type[TerritoiresError]) -> Iterator[type[TerritoiresError]]:
    yield base
    for child in base.__subclasses__():
        yield from _tree(child)
