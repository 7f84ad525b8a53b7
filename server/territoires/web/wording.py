"""How pages say things: both languages, numbers and days as each writes them, links that stay on this site."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from flask import Flask, request
from markupsafe import Markup, escape

from territoires.answers import Row, Term, is_number
from territoires.errors import Text
from territoires.namespaces import BASE, PREFIXES, compact
from territoires.web.lists import lists_day
from territoires.web.site import page_language, site

_S = TypeVar("_S", str, Markup)
_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_DAY: Final = PREFIXES["xsd"] + "date"
_TRUTH: Final = PREFIXES["xsd"] + "boolean"
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EUROS: Final = re.compile(r"([0-9]{1,20}) EUR")
_HIGH_SIGNS: Final = re.compile(r" (?=[;?!])")
_OTHER_SIGNS: Final = re.compile(r"(?<=«) | (?=[:»€])")


def register(app: Flask) -> None:
    """Give templates the language of the page, and these functions."""
    app.context_processor(_words)
    app.jinja_env.filters.update(compact=compact, number=number, day=day, href=href, spaced=spaced, money=money)
    app.jinja_env.globals.update(
        cell=cell, shown=shown, is_number=is_number, report_address=report_address, lists_day=lists_day
    )
    app.url_defaults(_keep_language)


def _words() -> dict[str, Any]:
    language = page_language()

    def t(en: str, fr: str) -> str:
        return spaced(fr) if language == "fr" else en

    said: Callable[[Text], str] = lambda text: t(*text)  # noqa: E731  (one expression)
    return {
        "language": language,
        "fr": language == "fr",
        "t": t,
        "said": said,
        "other_language": _other_language,
        "contact": site().contact,
    }


def spaced(text: _S) -> _S:
    """Return a text whose signs keep with their words in French (narrow no-break space before `;`, `?` and `!`)."""
    if page_language() != "fr":
        return text
    return type(text)(_OTHER_SIGNS.sub("\N{NO-BREAK SPACE}", _HIGH_SIGNS.sub("\N{NARROW NO-BREAK SPACE}", text)))


def report_address(iri: str) -> str:
    """Return where an error in what is said of `iri` is reported; empty where this server has no contact."""
    contact = site().contact
    if not contact:
        return ""
    name = "subject" if contact.startswith("mailto:") else "about"
    return f"{contact}{'&' if '?' in contact else '?'}{name}={quote(iri, safe='')}"


def _other_language() -> str:
    """Return the address of this page in the other language."""
    values = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    query = urlencode([*values, ("lang", "en" if page_language() == "fr" else "fr")])
    return f"{quote(request.script_root + request.path)}?{query}"


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Keep a language that the visitor chose: `?lang=` goes along in every link to a page."""
    if endpoint != "static" and "lang" in request.args:
        values.setdefault("lang", page_language())


def number(value: float | str) -> str:
    """Return a number with its thousands set apart, in the language of the page; what is no plain number, as it is."""
    if not _PLAIN.fullmatch(str(value)):
        return str(value)
    from babel.numbers import format_decimal  # noqa: PLC0415  (the first answer need not wait for it)

    return format_decimal(Decimal(value), locale=page_language())


def day(value: str) -> str:
    """Return an ISO 8601 date in words; what is none, as it is."""
    try:
        date = dt.date.fromisoformat(value)
    except ValueError:
        return value
    from babel.dates import format_date  # noqa: PLC0415  (the first answer need not wait for it)

    written = format_date(date, "d MMMM y", locale=page_language())
    return f"1er{written[1:]}" if date.day == 1 and page_language() == "fr" else written


def money(value: str, currency: str) -> str:
    """Return an amount with its currency: `100 000 000 €`."""
    return f"{number(value)}\N{NO-BREAK SPACE}{'€' if currency == 'EUR' else currency}".strip()


def href(iri: str) -> str:
    """Return where a link to the thing named `iri` leads: a page of this site for our own, else the IRI itself."""
    if not iri.startswith(BASE):
        return iri
    path, _, fragment = iri.removeprefix(BASE).partition("#")
    if path.startswith("id/"):
        path = "doc/" + path.removeprefix("id/")
    kept = f"?lang={page_language()}" if "lang" in request.args else ""
    return f"{request.script_root}/{quote(path)}{kept}" + (f"#{fragment}" if fragment else "")


def cell(row: Row, column: str) -> Markup:
    """Return what people see of `column` in a row of an answer: a label as a link, a number, a day, or nothing."""
    label = row.get(f"{column}Label")
    return shown(row.get(column), None if label is None else label.value)


def shown(term: Term | None, label: str | None = None) -> Markup:
    """Return what people see of a term: a label as a link, a number, a day, or nothing."""
    if term is None:
        return escape(label or "")
    if isinstance(term, ox.NamedNode):
        text = compact(term.value) if label is None else label
        if not term.value.startswith(("http://", "https://")):
            return Markup('<span class="iri">{}</span>').format(text)
        return Markup('<a href="{}">{}</a>').format(href(term.value), text)
    if not isinstance(term, ox.Literal):  # a blank node, or a triple
        return escape(str(term))
    return escape(_literal(term))


def _literal(term: ox.Literal) -> str:
    if is_number(term):
        return number(term.value)
    if term.datatype.value == _TRUTH:
        yes, no = ("oui", "non") if page_language() == "fr" else ("yes", "no")
        return yes if term.value in {"true", "1"} else no
    if term.datatype.value == _DAY or _ISO_DAY.fullmatch(term.value):
        return day(term.value)
    amount = _EUROS.fullmatch(term.value)
    return money(amount[1], "EUR") if amount else term.value
