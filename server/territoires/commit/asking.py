"""What a server is asked to change: from the HTTP process to the writer that is forked for it."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from territoires.credentials import tokens_file
from territoires.errors import ConflictError, Text
from territoires.root import Root

Action = Literal["put", "post", "delete", "update"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A change, as a client asks for it."""

    action: Action
    agent: str
    """Name of the token."""
    patterns: tuple[str, ...]
    """Graphs that it may write (see `credentials.Token`)."""
    content: bytes = b""
    content_type: str = ""
    graph: str | None = None
    """IRI of the graph; None for an update of any."""
    base_iri: str | None = None
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    expected: str | None = None
    """Version of the dataset that it was made for."""
    message: str = ""
    """Why, for the history."""

    def pack(self) -> bytes:
        """Return the message that asks the pool for this."""
        return json.dumps(
            asdict(replace(self, content=b"")) | {"content": base64.b64encode(self.content).decode()},
            default=bytes.decode,
        ).encode()


def unpack(body: bytes) -> Asked:
    """Return what `Asked.pack` was called on."""
    values: dict[str, Any] = json.loads(body)
    values |= {name: tuple(values[name]) for name in ("patterns", "using", "using_named")}
    return Asked(**values | {"content": base64.b64decode(values["content"])})


def writer(root: Root) -> str | None:
    """Return what makes changes in the pool of a server of `root` (see `Pool`): nothing without a file of tokens.

    Raises:
        RequestError: if the file of tokens is where it is published.
    """
    return "territoires.commit.writing:FolderWriter" if tokens_file(root) and not root.dataset else None


def changed_meanwhile() -> ConflictError:
    """Return the error for a change that was made for another version of the dataset."""
    return ConflictError(
        Text("the data have changed meanwhile", "les données ont changé entre-temps"),
        hint=Text("read them again, and change what they say now", "relisez-les, puis refaites la correction"),
    )
