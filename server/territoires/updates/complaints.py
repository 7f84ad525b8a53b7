"""What people read when an update cannot be carried out: what is wrong, where, and what to do."""

from __future__ import annotations

from territoires.errors import (
    Place,
    QueryEvaluationError,
    QuerySyntaxError,
    QueryTooLargeError,
    RequestError,
    Text,
    UnknownGraphError,
)
from territoires.settings import variable


def wrong_iri() -> QuerySyntaxError:
    """Return the error for a prologue, or the name of a graph, that is no IRI."""
    return QuerySyntaxError(
        Text(
            "an IRI of a PREFIX or BASE line, or of a graph, is none",
            "un IRI d'une ligne PREFIX ou BASE, ou d'un graphe, n'en est pas un",
        ),
        hint=Text("write it in full, such as <https://…>", "écrivez-le en entier, tel que <https://…>"),
    )


def no_default(place: Place) -> QueryEvaluationError:
    """Return the error for a write to the default graph where that is the merge of all."""
    return QueryEvaluationError(
        Text(
            "this would write outside of any named graph, and here the default graph is the merge of all graphs",
            "ceci écrirait hors de tout graphe nommé ; or le graphe par défaut est ici la réunion de tous les graphes",
        ),
        place=place,
        hint=Text(
            "name a graph: GRAPH <…> { … } around the triples, or WITH <…> before DELETE and INSERT",
            "nommez un graphe : GRAPH <…> { … } autour des triplets, ou WITH <…> avant DELETE et INSERT",
        ),
    )


def one_file() -> QueryEvaluationError:
    """Return the error for an update of a dataset file that is served as a merge."""
    return QueryEvaluationError(
        Text(
            "a dataset file that is served as the merge of its graphs is not changed",
            "un fichier de données servi comme la réunion de ses graphes ne se modifie pas",
        ),
        hint=Text("serve it with --default-graph separate", "servez-le avec --default-graph separate"),
    )


def two_datasets() -> RequestError:
    """Return the error for a dataset that is given in the request and in the update (SPARQL 1.1 Protocol §2.2.3)."""
    return RequestError(
        Text(
            "using-graph-uri and using-named-graph-uri go with no WITH, USING or USING NAMED",
            "using-graph-uri et using-named-graph-uri excluent WITH, USING et USING NAMED",
        ),
        hint=Text("keep one of both", "gardez l'un ou l'autre"),
    )


def graph_exists(name: str, place: Place) -> QueryEvaluationError:
    """Return the error for CREATE of a graph that is there."""
    return QueryEvaluationError(
        Text(f"there is a graph <{name}> already", f"il y a déjà un graphe <{name}>"),
        place=place,
        hint=Text("leave CREATE out, or say CREATE SILENT", "retirez CREATE, ou écrivez CREATE SILENT"),
    )


def unknown_graph(name: str, place: Place) -> UnknownGraphError:
    """Return the error for an operation on a graph that is not there."""
    return UnknownGraphError(
        Text(f"there is no graph <{name}> here", f"il n'y a pas de graphe <{name}> ici"),
        place=place,
        hint=Text("correct its name, or say SILENT", "corrigez son nom, ou écrivez SILENT"),
    )


def too_many(limit: int, place: Place | None = None) -> QueryTooLargeError:
    """Return the error for a change of too many quads."""
    return QueryTooLargeError(
        Text(
            f"this changes more than {limit} quads, or has more solutions than that",
            f"ceci modifie plus de {limit} quads, ou a plus de solutions que cela",
        ),
        place=place,
        hint=Text(
            f"change them in parts, or run your own server with {variable('max_changed_quads')} set higher",
            f"modifiez-les par parties, ou lancez votre serveur avec {variable('max_changed_quads')} plus grand",
        ),
    )
