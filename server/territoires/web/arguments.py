"""What stands behind the question mark of an address, or in a form."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

from territoires.errors import RequestError, Text

_NO_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def pairs_in(encoded: bytes) -> list[tuple[str, str]]:
    """Return names and values in the order sent (URL Standard §5.1).

    Raises:
        RequestError: if they are not percent-encoded UTF-8.
    """
    broken = RequestError(
        Text(
            "the parameters are not percent-encoded UTF-8",
            "les paramètres ne sont pas de l'UTF-8 encodé en pourcentage",
        ),
        hint=Text("encode them once, as UTF-8", "encodez-les une fois, en UTF-8"),
    )
    if _NO_ESCAPE.search(encoded):
        raise broken
    try:
        return parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise broken from error
