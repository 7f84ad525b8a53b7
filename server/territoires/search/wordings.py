"""What people put before a name: the kind of what they mean, or “Grand”, as agglomerations like to be called."""

from __future__ import annotations

from typing import Final, NamedTuple

from territoires.search.folding import LIGHT, fold

_KINDS: Final = (
    (("territoire", "d", "industrie"), "territory"),
    (("territoires", "d", "industrie"), "territory"),
    (("agglomeration",), "intercommunality"),
    (("agglo",), "intercommunality"),
    (("intercommunalite",), "intercommunality"),
    (("departement",), "department"),
    (("territoire",), "territory"),
    (("commune",), "commune"),
    (("mairie",), "commune"),
    (("region",), "region"),
    (("ville",), "commune"),
    (("grande",), None),
    (("grand",), None),
)
"""Folded words -> the kind of thing they announce, if it is one."""


class Wording(NamedTuple):
    """A name without the words before it."""

    name: str
    kind: str | None


def unwrap(text: str) -> Wording | None:
    """Return what is named in “région Occitanie”, “ville de Castres” or “Grand Albigeois”; None in plain names."""
    words = list(fold(text).words)
    while len(words) > 1 and words[0] in LIGHT:
        del words[0]
    for before, kind in _KINDS:
        if tuple(words[: len(before)]) == before:
            rest = words[len(before) :]
            while len(rest) > 1 and rest[0] in LIGHT:
                del rest[0]
            return Wording(" ".join(rest), kind) if rest else None
    return None
