"""Content negotiation: from an `Accept` header to one of the offered media types (RFC 9110 §12.5.1).

A malformed member of the header is ignored, as browsers and proxies send some; an absent or wholly malformed header
accepts everything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from territoires.errors import Language, NotAcceptableError, Text
from territoires.formats import Format

_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE: Final = re.compile(rf"({_NAME})/({_NAME})")
_PARAMETER: Final = re.compile(rf'(?:[ \t]*;)+[ \t]*({_NAME})[ \t]*=[ \t]*({_NAME}|"(?:[^"\\]|\\.)*")')
_HARMLESS: Final = re.compile(rf"([ \t]*;([ \t]*{_NAME})?)*[ \t]*")
_QUALITY: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_SPLIT: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
IDENTITY: Final = "identity"
CODINGS: Final = ("br", "gzip")
"""Content codings that answers may have, preferred first."""
_LEAST: Final = 0.0001
_LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

_HTML: Final = "text/html"
_remembered: Final = lru_cache(maxsize=256)
"""Clients send few different headers, and reading one takes longer than many a query."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One member of an `Accept` header."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return how closely this range names `media_type`: 0 not at all, 1 `*/*`, 2 `type/*`, 3 exactly."""
        type_, _, subtype = media_type.partition("/")
        if self.type == "*":
            return 1
        if self.type != type_:
            return 0
        if self.subtype == "*":
            return 2
        if self.subtype != subtype:
            return 0
        # We offer no variants by parameter: everything is UTF-8, and a profile of JSON-LD is no more than a wish.
        known = all(item == ("charset", "utf-8") or _is_wish(media_type, *item) for item in self.parameters)
        return (3 + len(self.parameters)) if known else 0


def _is_wish(media_type: str, name: str, value: str) -> bool:
    return (media_type, name) == ("application/ld+json", "profile") and value.startswith(
        "http://www.w3.org/ns/json-ld#"
    )


def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """Return the media ranges of an `Accept` header in the order sent, without malformed members."""
    ranges = (_media_range(member.strip()) for member in _SPLIT.findall(header))
    return tuple(media_range for media_range in ranges if media_range)


def _media_range(member: str) -> MediaRange | None:
    match = _RANGE.match(member)
    if not match or (match[1] == "*" and match[2] != "*"):
        return None
    position = match.end()
    parameters: list[tuple[str, str]] = []
    quality = 1.0
    while position < len(member):
        parameter = _PARAMETER.match(member, position)
        if not parameter:
            # Semicolons without a parameter and parameters without a value are harmless; anything else spoils it.
            if not _HARMLESS.fullmatch(member, position):
                return None
            break
        name, value = parameter[1].lower(), parameter[2].strip('"').lower()
        position = parameter.end()
        if name == "q":
            if not _QUALITY.fullmatch(value):
                return None
            quality = float(value)
        else:
            parameters.append((name, value))
    return MediaRange(match[1].lower(), match[2].lower(), tuple(parameters), quality)


def quality_of(media_type: str, ranges: Sequence[MediaRange]) -> float:
    """Return how much the client wants `media_type`, 0 to 1: the quality of the most specific range that names it."""
    best = max(((media_range.specificity(media_type), media_range.quality) for media_range in ranges), default=(0, 0.0))
    return best[1] if best[0] else 0.0


def choose(header: str | None, offered: Sequence[tuple[str, _T]]) -> _T | None:
    """Return the offer that the client wants most, or None when it accepts none.

    Args:
        header: value of `Accept` (several header lines joined by a comma), or None.
        offered: pairs of media type and what stands for it, the server's preference first; it breaks ties.
    """
    ranges = parse_accept(header) if header else ()
    if not ranges:
        return offered[0][1]
    qualities = [(quality_of(media_type, ranges), -order) for order, (media_type, _) in enumerate(offered)]
    quality, order = max(qualities)
    return offered[-order][1] if quality > 0 else None


@_remembered
def choose_format(header: str | None, offered: tuple[Format, ...]) -> Format:
    """Return the format that the client wants most.

    Raises:
        NotAcceptableError: if it wants none; the hint lists what is offered.
    """
    chosen = choose(header, media_types(offered, header))
    if chosen is None:
        types = ", ".join(format_.media_type for format_ in offered)
        raise NotAcceptableError(
            Text(f"nothing offered here matches Accept: {header}", f"rien d'offert ici ne répond à Accept : {header}"),
            hint=Text(f"ask for one of: {types}", f"demandez l'un de : {types}"),
        )
    return chosen


@_remembered
def media_types(offered: tuple[Format, ...], header: str | None) -> tuple[tuple[str, Format], ...]:
    """Return every media type under which a format may be asked for, each with the format.

    Aliases come after every proper name, so that `application/json` never beats a wish that is just as strong. A format
    whose proper name the client refuses (`q=0`) cannot be had by an alias: the answer would carry that name.
    """
    ranges = parse_accept(header or "")
    pairs = [(format_.media_type, format_) for format_ in offered]
    pairs += [
        (alias, format_)
        for format_ in offered
        for alias in format_.media_types[1:]
        if quality_of(format_.media_type, ranges) > 0
        or not any(media_range.specificity(format_.media_type) for media_range in ranges)
    ]
    return tuple(pairs)


@_remembered
def prefers_page(header: str | None, offered: tuple[Format, ...]) -> bool:
    """Return whether the client wants a page more than any of the formats."""
    others = [name for name, _ in media_types(offered, header)] or ["*/*"]
    return choose(header, [*((name, name) for name in others), (_HTML, _HTML)]) == _HTML


@_remembered
def choose_coding(header: str | None, offered: tuple[str, ...] = CODINGS) -> str | None:
    """Return the content coding that the client wants most, or None when it accepts none (RFC 9110 §12.5.3).

    Args:
        header: value of `Accept-Encoding`, or None.
        offered: codings that we write, preferred first; `identity` comes after them unless the header refuses it.
    """
    wanted: dict[str, float] = {}
    for member in (header or "").lower().split(","):
        name, _, parameter = (part.strip() for part in member.partition(";"))
        key, _, value = (part.strip() for part in parameter.partition("="))
        if name and (not parameter or (key == "q" and _QUALITY.fullmatch(value))):
            wanted[name.removeprefix("x-")] = float(value) if parameter else 1.0
    others = wanted.get("*", 0.0)
    qualities = {coding: wanted.get(coding, others) for coding in offered}
    # Not listed, the answer as it is comes last; only a q=0 refuses it.
    qualities[IDENTITY] = wanted.get(IDENTITY, others if "*" in wanted else _LEAST)
    best = max(qualities, key=qualities.__getitem__)
    return best if qualities[best] > 0 else None


@_remembered
def choose_language(header: str | None, default: Language = "fr") -> Language:
    """Return French or English for an `Accept-Language` header (RFC 9110 §12.5.4, RFC 4647 basic filtering)."""
    wanted: dict[str, float] = {}
    for member in (header or "").lower().split(","):
        tag, _, parameter = (part.strip() for part in member.partition(";"))
        name, _, value = (part.strip() for part in parameter.partition("="))
        quality = float(value) if name == "q" and _QUALITY.fullmatch(value) else 1.0
        primary = tag.partition("-")[0]
        wanted[primary] = max(quality, wanted.get(primary, 0.0))
    others = wanted.get("*", 0.0)
    ordered = sorted(_LANGUAGES, key=lambda language: language != default)
    best = max(ordered, key=lambda language: wanted.get(language, others))
    return best if wanted.get(best, others) > 0 else default
