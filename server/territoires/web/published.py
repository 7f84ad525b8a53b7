"""Answers of published queries at short addresses, for spreadsheets and scripts: `/queries/sources.csv`."""

from __future__ import annotations

from flask import Blueprint, Response, request

from territoires.errors import RequestError, Text
from territoires.formats import format_named, formats_for
from territoires.guard import admit
from territoires.queries import pick
from territoires.web.delivery import deliver_rdf, opened
from territoires.web.observing import note_query
from territoires.web.site import page_language, site

blueprint = Blueprint("published", __name__)


@blueprint.get("/queries/<name>.<suffix>")
def answer(name: str, suffix: str) -> Response:
    """Answer the published query called `name` in the format of the suffix; `?region=76` sets a parameter."""
    published = pick(site().queries, name)
    values = {key: value for key, value in request.args.items() if key != "lang"}
    twice = [key for key in values if len(request.args.getlist(key)) > 1]
    if twice:
        raise RequestError(
            Text(f"{twice[0]} is given twice", f"{twice[0]} est donné deux fois"),
            hint=Text("send it once", "donnez-le une fois"),
        )
    query = admit(published.answering(values, page_language()), site().settings)
    format_ = format_named(suffix, formats_for(query.kind))
    note_query(query.text)
    return deliver_rdf(lambda wanted: opened(query, wanted), format_, key=("published", query.text))
