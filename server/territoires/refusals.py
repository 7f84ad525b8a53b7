"""What people read when the guard refuses a query: what is wrong, where, and what to do."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from territoires.errors import Place, QueryRefusedError, QuerySyntaxError, QueryTooLargeError, Text
from territoires.namespaces import PREFIXES
from territoires.settings import variable

_LINE_END: Final = re.compile(r"[\n\r]")
_PIECE: Final = 40
"""Characters of the text that are shown."""


def at(text: str, match: re.Match[str]) -> Place:
    """Return the place of a token."""
    return dataclasses.replace(_at(text, match.start()), piece=match.group()[:_PIECE])


def at_position(text: str, position: int, piece: str = "") -> Place:
    """Return the place of a position, and the piece that is there."""
    return dataclasses.replace(_at(text, position), piece=piece[:_PIECE] or None)


def _at(text: str, position: int) -> Place:
    before = text[:position]
    return Place(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


def too_large(setting: str, limit: int, unit: Text, place: Place | None = None) -> QueryTooLargeError:
    """Return the error for a query past `limit`, which `setting` holds."""
    return QueryTooLargeError(
        Text(
            f"this endpoint accepts {limit} {unit.en} in a query",
            f"ce point d'accès accepte {limit} {unit.fr} par requête",
        ),
        place=place,
        hint=Text(
            f"shorten the query, or run your own server with {variable(setting)} set higher",
            f"raccourcissez la requête, ou lancez votre serveur avec {variable(setting)} plus grand",
        ),
    )


def service(place: Place) -> QueryRefusedError:
    """Return the error for SERVICE."""
    return QueryRefusedError(
        Text("SERVICE would make this server call another", "SERVICE ferait appeler un autre serveur par celui-ci"),
        place=place,
        hint=Text(
            "run the federated query from your side and name this endpoint in SERVICE",
            "lancez la requête fédérée de votre côté et nommez ce point d'accès dans SERVICE",
        ),
    )


def update(word: str, place: Place) -> QueryRefusedError:
    """Return the error for a text that starts as the update `word`."""
    return QueryRefusedError(
        Text(
            f"{word} is an update; this endpoint only reads",
            f"{word} est une mise à jour ; ce point d'accès est en lecture",
        ),
        place=place,
        hint=Text(
            "send a SELECT, ASK, CONSTRUCT or DESCRIBE query",
            "envoyez une requête SELECT, ASK, CONSTRUCT ou DESCRIBE",
        ),
    )


def load(place: Place) -> QueryRefusedError:
    """Return the error for LOAD."""
    return QueryRefusedError(
        Text("LOAD would make this server fetch a document", "LOAD ferait chercher un document par ce serveur"),
        place=place,
        hint=Text(
            "fetch it yourself, and send it by PUT or POST to the graph that it is for",
            "récupérez-le vous-même, et envoyez-le par PUT ou POST au graphe voulu",
        ),
    )


def unfinished(text: str) -> QuerySyntaxError:
    """Return the error for an update that ends within an operation."""
    return QuerySyntaxError(
        Text("this update ends within an operation", "cette mise à jour finit au milieu d'une opération"),
        place=_at(text, len(text)),
        hint=Text("end it, or remove what stands after the last ;", "finissez-la, ou retirez ce qui suit le dernier ;"),
    )


def reused_label(text: str, position: int, label: str) -> QuerySyntaxError:
    """Return the error for a blank node that two operations label alike."""
    return QuerySyntaxError(
        Text(
            f"{label} is the label of a blank node of an INSERT DATA before, and would be another one here",
            f"{label} désigne un nœud anonyme d'un INSERT DATA précédent, et en serait un autre ici",
        ),
        place=at_position(text, position, label),
        hint=Text(
            "write both in one INSERT DATA, or use another label",
            "écrivez les deux dans un seul INSERT DATA, ou une autre étiquette",
        ),
    )


def formless(place: Place | None = None) -> QuerySyntaxError:
    """Return the error for a text without a query form."""
    return QuerySyntaxError(
        Text("this is not a SPARQL query: it has no query form", "ce n'est pas une requête SPARQL : aucune forme"),
        place=place,
        hint=Text("start with SELECT, ASK, CONSTRUCT or DESCRIBE", "commencez par SELECT, ASK, CONSTRUCT ou DESCRIBE"),
    )


def unclosed(text: str, bracket: re.Match[str]) -> QuerySyntaxError:
    """Return the error for a bracket that is still open at the end of the text."""
    opened, end, written = at(text, bracket), _at(text, len(text)), bracket.group()
    return QuerySyntaxError(
        Text(
            f"the {written} of line {opened.line}, column {opened.column} is never closed",
            f"le {written} de la ligne {opened.line}, colonne {opened.column} n'est jamais fermé",
        ),
        place=dataclasses.replace(end, piece=written),
        hint=Text("close it at the end of what it holds", "fermez-le à la fin de ce qu'il contient"),
    )


def unclosed_string(text: str, quote: re.Match[str]) -> QuerySyntaxError:
    """Return the error for a string that its line does not close."""
    end = _LINE_END.search(text, quote.end())
    return QuerySyntaxError(
        Text("this string is never closed", "cette chaîne n'est jamais fermée"),
        place=_at(text, end.start() if end else len(text)),
        hint=Text("close it on its line, or use three quotes", "fermez-la sur sa ligne, ou mettez trois guillemets"),
    )


def undeclared(prefix: str, place: Place) -> QuerySyntaxError:
    """Return the error for a prefix that the query does not declare."""
    line = f"PREFIX {prefix}: <{PREFIXES.get(prefix, '…')}>"
    return QuerySyntaxError(
        Text(f"the prefix {prefix}: is not declared", f"le préfixe {prefix}: n'est pas déclaré"),
        place=place,
        hint=Text(f"put this line first: {line}", f"mettez cette ligne en tête : {line}"),
    )


def broken_iri(place: Place) -> QuerySyntaxError:
    """Return the error for an IRI that holds what no IRI may."""
    return QuerySyntaxError(
        Text("what this < opens is no IRI", "ce que ce < ouvre n'est pas un IRI"),
        place=place,
        hint=Text(
            'write blanks, quotes, braces and \\ ^ ` | in an IRI as %20, %22 …; and close it with ">"',
            "dans un IRI, écrivez blancs, guillemets, accolades et \\ ^ ` | comme %20, %22 … ; fermez-le par « > »",
        ),
    )


def ambiguous_iri(place: Place) -> QuerySyntaxError:
    """Return the error for what the grammar reads as an IRI and the engine as a comparison."""
    return QuerySyntaxError(
        Text("an IRI or a comparison? this can be read both ways", "IRI ou comparaison ? les deux se lisent"),
        place=place,
        hint=Text("put a blank after <, or write the IRI in full", "mettez un blanc après <, ou l'IRI en entier"),
    )


def misplaced(place: Place) -> QuerySyntaxError:
    """Return the error for a token that cannot stand where it does; one that cannot be seen is named by its code."""
    found = place.piece or ""
    shown = found if found.isprintable() and not found.isspace() else f"U+{ord(found[0]):04X}"
    return QuerySyntaxError(
        Text(f"“{shown}” cannot stand here", f"« {shown} » ne peut figurer ici"),
        place=place,
        hint=Text(
            "check the spelling, and braces and quotes before it",
            "vérifiez l'orthographe, et accolades et guillemets avant",
        ),
    )
