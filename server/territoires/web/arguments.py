"""What stands behind the question mark of an address, or in a body: its names, its values and its text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import parse_qsl

import pyoxigraph as ox
from flask import request

from territoires.errors import Place, RequestError, Text, UnsupportedMediaTypeError

_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})
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


def refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Refuse parameters that nobody reads: a misspelt one would be lost without a word.

    Raises:
        RequestError: if one of `names` is not `known`.
    """
    unknown = ", ".join(sorted(set(names).difference(known)))
    if unknown:
        listed = ", ".join(sorted(known))
        raise RequestError(
            Text(f"unknown parameter: {unknown}", f"paramètre inconnu : {unknown}"),
            hint=Text(f"known: {listed}", f"connus : {listed}"),
        )


def check_codings() -> None:
    """Refuse a body whose bytes are not the UTF-8 text itself (RFC 9110 §8.4, SPARQL 1.1 Protocol §2.1.3).

    Raises:
        UnsupportedMediaTypeError: if it is coded, or in another charset.
    """
    coding = request.headers.get("Content-Encoding", "identity").strip()
    charset = request.mimetype_params.get("charset", "utf-8").strip()
    if coding.lower() != "identity":
        raise _no_coding(Text(f"coded as {coding}", f"codé en {coding}"))
    if charset.lower() not in _CHARSETS:
        raise _no_coding(Text(f"in the charset {charset}", f"dans le jeu de caractères {charset}"))


def _no_coding(what: Text) -> UnsupportedMediaTypeError:
    return UnsupportedMediaTypeError(
        Text(f"a body {what.en} cannot be read", f"un corps {what.fr} n'est pas lisible"),
        hint=Text("send it as plain UTF-8", "envoyez-le en UTF-8, sans codage"),
    )


def check_iri(name: str, iri: str) -> None:
    """Refuse a parameter that should be an IRI and is none.

    Raises:
        RequestError: if it is not absolute.
    """
    try:
        ox.NamedNode(iri)
    except ValueError as error:
        raise RequestError(
            Text(f"{name}={iri} is not an absolute IRI", f"{name}={iri} n'est pas un IRI absolu"),
            hint=Text("give the IRI of a named graph", "donnez l'IRI d'un graphe nommé"),
        ) from error


def decoded(body: bytes) -> str:
    """Return a text that is sent as UTF-8.

    Raises:
        RequestError: if it is not, with line and column.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start]
        raise RequestError(
            Text("the text is not UTF-8", "le texte n'est pas de l'UTF-8"),
            place=Place(line=before.count(b"\n") + 1, column=len(before.rpartition(b"\n")[2].decode()) + 1),
            hint=Text("send it as UTF-8", "envoyez-le en UTF-8"),
        ) from error
