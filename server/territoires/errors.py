"""Every error this package raises on purpose.

    TerritoiresError
    ├── RootError                 the folder with ontology/, data/ … is missing or incomplete
    ├── DataError                 a file the curator can mend
    │   ├── TurtleError           a Turtle file does not parse
    │   ├── TableError            a table to import has a wrong header, value or key
    │   ├── InvalidDataError      a SHACL shape is violated, or derived facts are stale
    │   └── RuleError             a derivation rule fails
    ├── QueryError                the query itself is refused
    │   ├── QuerySyntaxError      not SPARQL 1.1
    │   ├── QueryRefusedError     SPARQL a public endpoint must not run (SERVICE, update …)
    │   ├── UnknownGraphError     names a graph that is not in the dataset
    │   ├── QueryTooLargeError    past a stated limit
    │   ├── QueryTimeoutError     ran longer than its limit and was stopped
    │   ├── QueryMemoryError      needed more memory than its limit and was stopped
    │   ├── ResultTooLargeError   its answer is past the limit and is refused whole
    │   └── QueryEvaluationError  the engine could not answer
    ├── OverloadedError           too much asked at once, or not ready yet; to be asked again later
    ├── RequestError              the HTTP request (or option) around the query is wrong
    │   ├── UnsupportedMediaTypeError its body is of a type that is not read
    │   ├── ConflictError         it is a change of data that have changed meanwhile
    │   ├── WriteRefusedError     it would change a graph
    │   ├── UnauthorizedError     it needs a token that is good
    │   ├── ForbiddenError        its token is not for that graph
    │   └── TooManyFailuresError  its client sent too many wrong tokens
    ├── FetchError                a pinned package cannot be had, or is not what was pinned
    ├── NotAcceptableError        none of the formats asked for is offered
    └── NotFoundError             no such graph, entity, query or format

Each class has an HTTP status and a stable code (RFC 9457 `type`); each instance says in English and French what is
wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

Language = Literal["en", "fr"]


class Text(NamedTuple):
    """One sentence for people, in both languages of the site."""

    en: str
    fr: str

    def in_(self, language: Language) -> str:
        """Return the text in `language`."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a file, a line and column counted from 1, and the piece of text found there."""

    file: Path | None = None
    line: int | None = None
    column: int | None = None
    piece: str | None = None

    def __str__(self) -> str:
        """Return `file:line:column`, without the parts that are not known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class TerritoiresError(Exception):
    """Base of the tree: bad input or a refused request, never a bug."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    title: ClassVar[Text] = Text("Error", "Erreur")

    def __init__(self, detail: Text, *, hint: Text | None = None, place: Place | None = None) -> None:
        """Say what is wrong (`detail`), what to do about it (`hint`) and where (`place`)."""
        super().__init__(detail.en)
        self.detail = detail
        self.hint = hint
        self.place = place

    def __str__(self) -> str:
        """Return the English message, as a log or a traceback shows it."""
        return self.in_("en")

    def in_(self, language: Language) -> str:
        """Return place, message and remedy in `language`, one line each."""
        head = f"{self.place}: " if self.place and str(self.place) else ""
        message = head + self.detail.in_(language)
        return message if self.hint is None else f"{message}\n  → {self.hint.in_(language)}"


class RootError(TerritoiresError):
    """The graph folder is missing or incomplete."""

    code = "root"
    title = Text("No graph folder", "Pas de dossier de graphe")


class DataError(TerritoiresError):
    """A file holds something that must not be loaded."""

    status = 422
    code = "data"
    title = Text("Invalid data", "Données invalides")


class TurtleError(DataError):
    """A Turtle file does not parse (RDF 1.1 Turtle)."""

    code = "turtle-syntax"
    title = Text("Turtle syntax error", "Erreur de syntaxe Turtle")


class TableError(DataError):
    """A table to import has a changed header, an impossible value, an unknown or a repeated key."""

    code = "table"
    title = Text("Table refused", "Tableau refusé")


class Violation(NamedTuple):
    """One way in which data violate a shape (SHACL §3.6.2)."""

    focus_node: str
    path: str | None
    value: str | None
    message: Text
    shape: str
    constraint: str
    place: str | None
    """File and line."""


class InvalidDataError(DataError):
    """The data violates a SHACL shape."""

    code = "shacl"
    title = Text("The data violates its shapes", "Les données ne respectent pas leurs formes")

    def __init__(
        self,
        detail: Text,
        *,
        hint: Text | None = None,
        place: Place | None = None,
        violations: tuple[Violation, ...] = (),
        report: str = "",
    ) -> None:
        """Say what is wrong, what to do and where, what was found, and the W3C report of that as N-Triples."""
        super().__init__(detail, hint=hint, place=place)
        self.violations = violations
        self.report = report


class RuleError(DataError):
    """A derivation rule is misnamed, fails, or takes longer than its limit."""

    code = "rule"
    title = Text("Rule failed", "Règle en échec")


class FetchError(TerritoiresError):
    """A pinned package cannot be had, or is not what was pinned."""

    status = 502
    code = "fetch"
    title = Text("Not fetched", "Non récupéré")


class QueryError(TerritoiresError):
    """The query itself cannot be accepted."""

    status = 400
    code = "query"
    title = Text("Query refused", "Requête refusée")


class QuerySyntaxError(QueryError):
    """Not a SPARQL 1.1 query."""

    code = "query-syntax"
    title = Text("SPARQL syntax error", "Erreur de syntaxe SPARQL")


class QueryRefusedError(QueryError):
    """SPARQL that a public, read-only endpoint must not run."""

    status = 403
    code = "query-refused"
    title = Text("Not allowed on this endpoint", "Non permis sur ce point d'accès")


class UnknownGraphError(QueryError):
    """The query, or the request, asks for a dataset with a graph that this endpoint does not have."""

    code = "unknown-graph"
    title = Text("No such graph", "Graphe inconnu")


class QueryTooLargeError(QueryError):
    """The query passes a stated limit of this endpoint."""

    status = 413
    code = "query-too-large"
    title = Text("Query too large", "Requête trop grande")


class QueryTimeoutError(QueryError):
    """The query ran longer than this endpoint lets it; nothing of its answer is sent."""

    status = 504
    code = "query-timeout"
    title = Text("The query took too long", "La requête a duré trop longtemps")


class QueryMemoryError(QueryError):
    """The query needed more memory than this endpoint gives it."""

    status = 413
    code = "query-memory"
    title = Text("The query needs too much memory", "La requête demande trop de mémoire")


class ResultTooLargeError(QueryError):
    """The answer is larger than this endpoint sends: it is refused whole, never cut."""

    status = 413
    code = "result-too-large"
    title = Text("Answer too large", "Réponse trop grande")


class QueryEvaluationError(QueryError):
    """The engine accepted the query but could not answer it."""

    code = "query-evaluation"
    title = Text("The query could not be evaluated", "La requête n'a pas pu être évaluée")


class OverloadedError(TerritoiresError):
    """More is asked at once than this server takes, or it is not ready yet (RFC 9110 §15.6.4)."""

    status = 503
    code = "overloaded"
    title = Text("Busy", "Serveur occupé")
    retry_after: ClassVar[int] = 5
    """Seconds after which asking again makes sense: the value of `Retry-After`."""


class RequestError(TerritoiresError):
    """The request around the query is wrong (SPARQL 1.1 Protocol §2.1)."""

    status = 400
    code = "request"
    title = Text("Bad request", "Requête HTTP incorrecte")


class UnsupportedMediaTypeError(RequestError):
    """The body of the request is of a type that is not read here (RFC 9110 §15.5.16)."""

    status = 415
    code = "unsupported-media-type"
    title = Text("Unsupported media type", "Type de contenu non pris en charge")


class ConflictError(RequestError):
    """A change was made for data that are not those there any more (RFC 9110 §13.1.1)."""

    status = 412
    code = "conflict"
    title = Text("Changed meanwhile", "Modifié entre-temps")


class WriteRefusedError(RequestError):
    """The request would change a graph of a server that only reads (SPARQL 1.1 Graph Store HTTP Protocol §5)."""

    status = 403
    code = "write-refused"
    title = Text("Read only", "Lecture seule")


class UnauthorizedError(RequestError):
    """The request has no token, or one that is unknown, wrong or past its time (RFC 9110 §15.5.2)."""

    status = 401
    code = "unauthorized"
    title = Text("Token needed", "Jeton nécessaire")

    def __init__(
        self, detail: Text, *, hint: Text | None = None, place: Place | None = None, invalid: bool = True
    ) -> None:
        """Say what is wrong, what to do and where, and whether a token was sent (`invalid`) or none."""
        super().__init__(detail, hint=hint, place=place)
        self.challenge = 'Bearer realm="territoires"' + (', error="invalid_token"' if invalid else "")
        """Value of `WWW-Authenticate` (RFC 6750 §3)."""


class ForbiddenError(RequestError):
    """The token of the request is not for that graph (RFC 9110 §15.5.4)."""

    status = 403
    code = "forbidden"
    title = Text("Not for this token", "Non permis à ce jeton")


class TooManyFailuresError(RequestError):
    """The client sent too many wrong tokens (RFC 6585 §4)."""

    status = 429
    code = "too-many-failures"
    title = Text("Too many wrong tokens", "Trop de jetons faux")
    retry_after: ClassVar[int] = 60
    """Seconds: the value of `Retry-After`."""


class NotAcceptableError(TerritoiresError):
    """Nothing that the client accepts is offered (RFC 9110 §15.5.7)."""

    status = 406
    code = "not-acceptable"
    title = Text("No acceptable format", "Aucun format acceptable")


class NotFoundError(TerritoiresError):
    """No graph, entity, published query or format of that name."""

    status = 404
    code = "not-found"
    title = Text("Not found", "Introuvable")

    def __init__(
        self, detail: Text, *, hint: Text | None = None, place: Place | None = None, suggestions: tuple[str, ...] = ()
    ) -> None:
        """Say what is not there, what to do, where, and what is near: paths on this site (`suggestions`)."""
        super().__init__(detail, hint=hint, place=place)
        self.suggestions = suggestions


def kinds(of: type[TerritoiresError] = TerritoiresError) -> Iterator[type[TerritoiresError]]:
    """Yield the leaves and branches of the tree below `of` that are told apart by their code."""
    for kind in of.__subclasses__():
        if "code" in vars(kind):
            yield kind
        yield from kinds(kind)
