"""What to say to people whose text is a code of another kind: a part of a big city, or a postal code."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

_CITIES: Final = {"paris": ("75056", 75100, 20), "lyon": ("69123", 69380, 9), "marseille": ("13055", 13200, 16)}
"""City -> INSEE code of the commune, number before that of its first arrondissement, how many there are (COG)."""
_CODE: Final = re.compile(r"[0-9]{5}")
_NUMBERED: Final = re.compile(rf"({'|'.join(_CITIES)})\W*([0-9]{{1,2}})(er?|e|ème|eme)?(\W+arr\w*\.?)?", re.IGNORECASE)
_CORSICA: Final = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}
_OVERSEAS: Final = ("97", "98")


class Hint(NamedTuple):
    """What a text is, if it is no name and no INSEE code of a commune."""

    kind: Literal["arrondissement", "postal"]
    code: str
    """INSEE code of the commune that the arrondissement is part of; of the department that postal codes begin with."""


def hint(text: str) -> Hint | None:
    """Return what `text` is: a municipal arrondissement (`75101`, “Paris 1er”), or perhaps a postal code."""
    text = text.strip()
    numbered, is_code = _NUMBERED.fullmatch(text), bool(_CODE.fullmatch(text))
    for name, (commune, before, count) in _CITIES.items():
        number = int(text) - before if is_code else int(numbered[2]) if numbered and numbered[1].lower() == name else 0
        if 1 <= number <= count:
            return Hint("arrondissement", commune)
    if not is_code:
        return None
    if text.startswith("20"):
        return Hint("postal", _CORSICA.get(text[:3], "2A"))
    return Hint("postal", text[: 3 if text.startswith(_OVERSEAS) else 2])
