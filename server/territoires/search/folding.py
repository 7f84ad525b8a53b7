"""Names as people type them: one folded form for what is written with or without accents, hyphens and articles."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that Unicode does not take apart."""
_MARK: Final = re.compile(r"[\u0300-\u036f]")
_WORD: Final = re.compile(r"[^\W_]+")
_SHORT: Final = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "ht": "haut", "hte": "haute", "hts": "hauts",
    "htes": "hautes", "mt": "mont", "mts": "monts", "gd": "grand", "gde": "grande", "vx": "vieux", "ss": "sous",
}  # fmt: skip
"""No official name has the short words."""
_SHORTENED: Final = frozenset(_SHORT)
_SHORT_PLACE: Final = ((re.compile(r"\bs/s(?=\W)"), "sous "), (re.compile(r"\bs/"), "sur "))
_FORMS: Final = (
    (re.compile(r"\b(com(m|munaute)? (de )?com(m|munes)?|cdc|comcom)\b"), "cc"),
    (re.compile(r"\bcom(m|munaute)? (d )?agglo(meration)?\b"), "ca"),
    (re.compile(r"\bcommunaute urbaine\b"), "cu"),
)
_IN_FORMS: Final = frozenset({"communaute", "com", "comm", "cdc", "comcom"})
LEGAL_FORMS: Final = frozenset({"cc", "ca", "cu"})
LIGHT: Final = frozenset({"l", "la", "le", "les", "d", "de", "du", "des", "et"}) | LEGAL_FORMS
"""Words that people leave out: articles, and the legal form of an intercommunality."""


class Folded(NamedTuple):
    """A name as the words that tell it from others."""

    words: tuple[str, ...]

    @property
    def whole(self) -> str:
        """All words in one: `lhaylesroses` for “L'Haÿ-les-Roses”, “l hay les roses” and “Lhay les Roses”."""
        return "".join(self.words)

    @property
    def telling(self) -> tuple[str, ...]:
        """The words without articles and legal forms; all of them where nothing else is left, as in “Les”."""
        if LIGHT.isdisjoint(self.words):
            return self.words
        return tuple([word for word in self.words if word not in LIGHT]) or self.words

    @property
    def bare(self) -> str:
        """The telling words in one: `hayroses`."""
        return "".join(self.telling)


def fold(text: str) -> Folded:
    """Return `text` without what people write in more than one way.

    Case, accents, ligatures, hyphens, apostrophes and spaces do not count; “St” is “Saint”, “s/” is “sur”, “Communauté
    de communes” is “CC”. Letters of other scripts stay as they are.
    """
    plain = text.casefold()
    if not text.isascii():
        plain = _MARK.sub("", unicodedata.normalize("NFKD", plain.translate(_LETTERS))).casefold()
    if "s/" in plain:
        for short, word in _SHORT_PLACE:
            plain = short.sub(word, plain)
    words = _WORD.findall(plain)
    if not _IN_FORMS.isdisjoint(words):
        plain = " ".join(words)
        for form, short_form in _FORMS:
            plain = form.sub(short_form, plain)
        words = plain.split()
    return Folded(tuple(words) if _SHORTENED.isdisjoint(words) else tuple(_SHORT.get(word, word) for word in words))
