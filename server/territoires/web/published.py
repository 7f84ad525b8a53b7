"""Answers of published queries at short addresses, for spreadsheets and scripts: `/queries/sources.csv`."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request

from territoires.errors import RequestError, Text
from territoires.formats import Format, format_named, formats_for
from territoires.guard import admit
from territoires.negotiation import choose, choose_format, media_types
from territoires.parameters import given
from territoires.queries import PublishedQuery, pick
from territoires.web.arguments import pairs_in
from territoires.web.delivery import deliver_rdf, opened
from territoires.web.observing import note_query
from territoires.web.site import page_language, site

blueprint = Blueprint("published", __name__)

_PAGE: Final = "page"


@blueprint.get("/queries/<name>.<suffix>")
def answer(name: str, suffix: str) -> Response:
    """Answer the published query called `name` in the format of the suffix; `?region=76` sets a parameter."""
    published = pick(site().queries, name)
    return answer_in(published, format_named(suffix, formats_for(published.kind)))


def answer_in(published: PublishedQuery, format_: Format, *around: str) -> Response:
    """Return the answer of a published query, with the values of this request.

    Args:
        published: the query.
        format_: how it is written.
        around: names that the address may hold beside parameters of the query and `lang`.

    Raises:
        RequestError: for an unknown, repeated or wrong parameter.
    """
    values = given(pairs_in(request.query_string))
    language = values.pop("lang", None)
    if language not in {None, "fr", "en"}:
        raise RequestError(
            Text(
                f"{language!r} is no language of this site (lang)", f"{language!r} n'est pas une langue du site (lang)"
            ),
            hint=Text("one of: fr, en", "au choix : fr, en"),
        )
    values = {name: value for name, value in values.items() if name not in around}
    query = admit(published.answering(values, page_language()), site().settings)
    note_query(query.text)
    return deliver_rdf(lambda wanted: opened(query, wanted), format_, key=("published", query.text))


def wanted(published: PublishedQuery) -> Format | None:
    """Return the format that this request wants for the answer, by `?format=` or `Accept`; None for the page.

    Raises:
        NotFoundError: if there is no format of that name.
        NotAcceptableError: if it accepts neither a format nor the page.
    """
    offered = formats_for(published.kind)
    if name := request.args.get("format"):
        return format_named(name, offered)
    header = request.headers.get("Accept")
    chosen = choose(header, [("text/html", _PAGE), *media_types(offered, header)])
    return None if chosen == _PAGE else choose_format(header, offered)
