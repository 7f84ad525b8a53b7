"""The servers that can be compared here."""

from __future__ import annotations

from typing import Final

from territoires.bench.others import OTHERS
from territoires.bench.ours import OURS
from territoires.bench.peer import Peer
from territoires.errors import DataError, Text

PEERS: Final = (*OURS, *OTHERS)
"""In the order of the tables. Those that keep what they loaded are started on it; the others load at each start."""


def installed(names: list[str]) -> list[Peer]:
    """Return the peers called so, or all that this machine has; ours come first.

    Raises:
        DataError: if one that was named is not installed or not known.
    """
    for name in names:
        peer = next((peer for peer in PEERS if peer.name == name), None)
        if peer is None or not peer.found():
            remedy = peer.remedy if peer else "; ".join(peer.name for peer in PEERS)
            raise DataError(
                Text(f"the server {name!r} is not installed", f"le serveur {name!r} n'est pas installé"),
                hint=Text(remedy, remedy),
            )
    return [peer for peer in PEERS if (peer.name in names if names else peer.found())]
