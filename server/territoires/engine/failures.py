"""What people read when a query was stopped, refused or lost: the limit, and what to do."""

from __future__ import annotations

import signal

from territoires.errors import (
    DataError,
    OverloadedError,
    QueryError,
    QueryEvaluationError,
    QueryMemoryError,
    QueryTimeoutError,
    TerritoiresError,
    Text,
    WriteRefusedError,
)
from territoires.settings import Settings, variable

_AGAIN = Text("ask again in a few seconds", "redemandez dans quelques secondes")


def timed_out(settings: Settings) -> QueryTimeoutError:
    """Return the error for a query past its time limit."""
    limit = settings.query_timeout
    return QueryTimeoutError(
        Text(
            f"the query was stopped after {limit} s, the limit of this endpoint; no part of its answer is sent",
            f"la requête a été arrêtée après {limit} s, limite de ce point d'accès ; "
            f"aucune partie de sa réponse n'est envoyée",
        ),
        hint=Text(
            "join its patterns by a shared variable, filter earlier, add LIMIT without ORDER BY, "
            f"or run your own server with {variable('query_timeout')} set higher",
            "reliez ses motifs par une variable commune, filtrez plus tôt, ajoutez LIMIT sans ORDER BY, "
            f"ou lancez votre serveur avec {variable('query_timeout')} plus grand",
        ),
    )


def out_of_memory(settings: Settings) -> QueryMemoryError:
    """Return the error for a query past its memory limit."""
    limit = settings.query_memory
    return QueryMemoryError(
        Text(
            f"the query needed more than {limit} megabytes, the limit of this endpoint, and was stopped",
            f"la requête demandait plus de {limit} mégaoctets, limite de ce point d'accès, et a été arrêtée",
        ),
        hint=Text(
            "sort, group or concatenate less at once, "
            f"or run your own server with {variable('query_memory')} set higher",
            "triez, groupez ou concaténez moins à la fois, "
            f"ou lancez votre serveur avec {variable('query_memory')} plus grand",
        ),
    )


def queue_full(settings: Settings) -> OverloadedError:
    """Return the error for a query that finds no place in the queue."""
    waiting = settings.query_queue
    return OverloadedError(
        Text(f"{waiting} queries are waiting already", f"{waiting} requêtes attendent déjà"), hint=_AGAIN
    )


def waited_too_long(settings: Settings) -> OverloadedError:
    """Return the error for a query whose turn did not come."""
    limit = settings.query_timeout
    return OverloadedError(
        Text(
            f"all processes were busy with long queries for {limit} s",
            f"tous les processus ont été occupés par de longues requêtes pendant {limit} s",
        ),
        hint=_AGAIN,
    )


def unreachable() -> OverloadedError:
    """Return the error for an engine that is starting, or was lost while it answered."""
    return OverloadedError(Text("the query engine is starting again", "le moteur de requêtes redémarre"), hint=_AGAIN)


def other_version() -> TerritoiresError:
    """Return the error for data that changed under a running server."""
    return DataError(
        Text("the graph folder changed while it was served", "le dossier du graphe a changé pendant qu'il était servi"),
        hint=Text("start the server again: it checks the data first", "relancez le serveur : il vérifie les données"),
    )


def died(exit_code: int, settings: Settings) -> TerritoiresError:
    """Return the error for a query whose worker ended with `exit_code` (negative: minus the signal)."""
    match -exit_code:
        case signal.SIGABRT:  # how native code ends when it gets no memory
            return out_of_memory(settings)
        case 14:  # SIGALRM, which Windows lacks
            return timed_out(settings)
        case 9:  # SIGKILL: ended from outside, which is not the query's fault
            return unreachable()
    return _crashed()


def _crashed() -> QueryError:
    return QueryEvaluationError(
        Text(
            "the query engine crashed on this query; other queries are not affected",
            "le moteur de requêtes a échoué sur cette requête ; les autres requêtes ne sont pas touchées",
        ),
        hint=Text("nest or chain fewer expressions", "imbriquez ou enchaînez moins d'expressions"),
    )


def changes_full(settings: Settings) -> OverloadedError:
    """Return the error for a change that finds no place in the queue."""
    waiting = settings.change_queue
    return OverloadedError(
        Text(f"{waiting} changes are waiting already", f"{waiting} modifications attendent déjà"), hint=_AGAIN
    )


def change_timed_out(settings: Settings) -> QueryTimeoutError:
    """Return the error for a change past its time limit, of which nothing was written."""
    limit = settings.change_timeout
    return QueryTimeoutError(
        Text(
            f"the change was stopped after {limit} s; nothing has changed",
            f"la modification a été arrêtée après {limit} s ; rien n'a changé",
        ),
        hint=Text(
            f"change less at once, or set {variable('change_timeout')} higher",
            f"modifiez moins à la fois, ou augmentez {variable('change_timeout')}",
        ),
    )


def change_out_of_memory(settings: Settings) -> QueryMemoryError:
    """Return the error for a change past its memory limit."""
    limit = settings.change_memory
    return QueryMemoryError(
        Text(
            f"the change needed more than {limit} megabytes and was stopped; nothing has changed",
            f"la modification demandait plus de {limit} mégaoctets et a été arrêtée ; rien n'a changé",
        ),
        hint=Text(
            f"change less at once, or set {variable('change_memory')} higher",
            f"modifiez moins à la fois, ou augmentez {variable('change_memory')}",
        ),
    )


def change_lost() -> OverloadedError:
    """Return the error for a change whose process ended before it had written anything."""
    return OverloadedError(
        Text("the change was interrupted; nothing has changed", "la modification a été interrompue ; rien n'a changé"),
        hint=Text("send it again", "envoyez-la de nouveau"),
    )


def outcome_unknown() -> OverloadedError:
    """Return the error for a change that nobody can say of whether it was made."""
    return OverloadedError(
        Text(
            "the connection to the engine was lost: the change may have been made or not",
            "la liaison au moteur est coupée : la modification a peut-être été faite",
        ),
        hint=Text("read the graph before you send it again", "lisez le graphe avant de la renvoyer"),
    )


def cannot_change() -> WriteRefusedError:
    """Return the error for a change of a server that has no way to make it."""
    return WriteRefusedError(
        Text("this server only reads its data", "ce serveur ne fait que lire ses données"),
        hint=Text("change the files, and start it again", "modifiez les fichiers, puis relancez-le"),
    )


def cannot_publish() -> DataError:
    """Return the error for a change where workers are not forked."""
    return DataError(
        Text("here a change needs the graph loaded again", "ici, un changement demande de recharger le graphe"),
        hint=Text("ask the pool to reload", "demandez au pool de recharger"),
    )
