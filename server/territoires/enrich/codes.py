"""Official codes as spreadsheets leave them: without their leading zero, as decimals, with blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from territoires.search import Hit, Index, hint

_BLANKS: Final = re.compile(r"[\s\u00a0\u202f.]+")
_DECIMAL: Final = re.compile(r"([0-9AB]+)[.,]0+", re.IGNORECASE)
_LENGTHS: Final = {"commune": 5, "siren": 9, "department": 2, "region": 2}
_KINDS: Final = {
    "commune": frozenset({"commune"}),
    "siren": frozenset({"intercommunality", "commune", "organisation", "funder"}),
    "department": frozenset({"department", "collectivity"}),
    "region": frozenset({"region"}),
}
_SIRET: Final = 14


@dataclass(frozen=True, slots=True)
class Restored:
    """A code that is known, and how it was come by."""

    code: str
    hit: Hit
    changed: bool
    """Whether it was written otherwise: a zero lost, `.0` added."""
    part_of: bool = False
    """Whether it was the code of an arrondissement of Paris, Lyon or Marseille, and is that of the city now."""


def restored(index: Index, kind: str, value: str) -> Restored | None:
    """Return the place that a code is of, or None. A code lacks one zero at most (decision 21), a SIREN none.

    Args:
        index: knows the codes.
        kind: of the column: commune, siren, department or region.
        value: the cell.
    """
    text = value.strip().upper()
    decimal = _DECIMAL.fullmatch(text)
    plain = decimal[1] if decimal else text
    if kind == "siren":
        plain = _BLANKS.sub("", plain)
        plain = plain[: _LENGTHS[kind]] if len(plain) == _SIRET and plain.isdecimal() else plain
    if not plain.isascii() or not plain.isalnum():
        return None
    tries = [plain]
    if kind != "siren" and len(plain) == _LENGTHS[kind] - 1:
        tries.insert(0, f"0{plain}")  # `1` is Ain as `01` is: a code of one digit is none
    for code in tries:
        hits = index.coded(code, _KINDS[kind])
        # Codes of a column are those of its kind: SIREN of a commune are no INSEE code of one.
        hits = [hit for hit in hits if len(code) == _LENGTHS[kind] or hit.entry.kind in {"department", "collectivity"}]
        if hits:
            return Restored(code, hits[0], changed=code != text)
        part = hint(code) if kind == "commune" else None
        if part and part.kind == "arrondissement" and (city := index.coded(part.code, _KINDS[kind])):
            return Restored(part.code, city[0], changed=False, part_of=True)
    return None
