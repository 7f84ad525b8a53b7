"""Federated queries as text, with the address of this server's endpoint in them: to be run elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response, request

from territoires.federated import text_for, unknown
from territoires.web.delivery import deliver
from territoires.web.site import site

blueprint = Blueprint("federated", __name__)


@blueprint.get("/queries/federated/<name>.rq")
def text(name: str) -> Response:
    """Give the text of a query that joins this endpoint with others."""
    if name not in site().federated:
        raise unknown(name[:80])
    query, endpoint = site().federated[name], f"{request.url_root}sparql"
    return deliver(
        lambda: text_for(query, endpoint), "application/sparql-query; charset=utf-8", key=("federated", name, endpoint)
    )
