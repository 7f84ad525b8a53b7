"""Decides whether a query may run, before any native parser sees it.

A small scanner understands strings, IRIs, comments and names, and nothing else of SPARQL: it finds the query form
and the words that a public read-only endpoint must not obey, and it counts nesting and operators, because deep or long
input overflows the engine's native stack. It must never refuse a legitimate query within the limits.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from territoires import refusals
from territoires.errors import QuerySyntaxError, Text
from territoires.formats import Kind
from territoires.namespaces import PREFIXES, sparql_prologue
from territoires.settings import Settings
from territoires.tokens import WORDS, tokens

_CLOSES: Final = {"}": "{", ")": "(", "]": "["}
_OPERANDS: Final = frozenset({"iri", "variable", "name", "number", "string", "close", "blank", "language"})
_NAMES: Final = frozenset({"iri", "name"})
_HIDES: Final = re.compile(r"['#()]")
_FORMS: Final[dict[str, Kind]] = {"SELECT": "bindings", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_UPDATES: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
_VOLATILE: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
_OPERATORS: Final = frozenset({"UNION", "OPTIONAL", "MINUS", "FILTER", "BIND", "EXISTS", "IN"})
_BOOLEANS: Final = frozenset({"TRUE", "FALSE"})
_TERMS: Final = _BOOLEANS | {"A", "UNDEF"}
_TEMPLATES: Final = frozenset({"DATA", "DELETE", "INSERT"})
"""Words of an update after which quads stand that nobody matches."""
_CLAUSES: Final = frozenset({"SELECT", "BY", "HAVING"})
"""Words after which every parenthesis of the same level holds an expression."""
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
"""An IRI with a scheme, which is the same whatever the base IRI (RFC 3986 §5.2) unless `/./` or `/../` is in it."""
_RESOLVES: Final = frozenset({"IRI", "URI"})
"""Functions that resolve a text against the base IRI (SPARQL 1.1 §17.4.2.8)."""
_GLUED: Final = re.compile(r"SERVICE(?:SILENT)?", re.IGNORECASE)

_Role = Literal["group", "expression", "list", "data"]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may run; made by `admit` only."""

    text: str
    kind: Kind
    has_dataset: bool = False
    """Whether the text itself says `FROM` (SPARQL 1.1 §13.2)."""
    prologue: str = ""
    """`PREFIX` and `BASE` lines, as far as the query form."""
    merged: tuple[str, ...] = ()
    """What stands after each `FROM`, as written."""
    named: tuple[str, ...] = ()
    """What stands after each `FROM NAMED`, as written."""
    names_no_graph: bool = False
    """Whether it is known to see the default graph alone: it has neither `FROM` nor `GRAPH`."""
    default_graphs: tuple[str, ...] | None = None
    """Graphs whose merge is the default graph (SPARQL 1.1 Protocol §2.1.4); None leaves it to the query."""
    named_graphs: tuple[str, ...] | None = None
    """Graphs that `GRAPH` sees; None leaves it to the query."""
    base_iri: str | None = None
    volatile: bool = False
    """Whether the same query over the same data may give another answer: NOW, RAND, UUID, new blank nodes."""
    declared: int = 0
    """Lines put in front of what the user wrote; error positions are counted without them."""
    digest: str = ""
    """Digest of the normal form: texts that differ in their blanks and comments alone share it."""
    has_relative: bool = False
    """Whether the answer may depend on the base IRI."""


def admit(text: str, settings: Settings | None = None, *, prefixes: bool = False) -> Query:
    """Return the query if a public endpoint may run it.

    Args:
        text: a SPARQL 1.1 query.
        settings: limits; the defaults when left out.
        prefixes: declare the project's prefixes for the user where the text does not.

    Raises:
        QueryTooLargeError: past the length, depth or operator limit.
        QueryRefusedError: an update, or a query that reaches outside (SERVICE).
        QuerySyntaxError: no query form at all.
    """
    limits = settings or Settings()
    scan = Scan(text, limits, set(PREFIXES) if prefixes else set())
    scan.read()
    prologue = sparql_prologue() if prefixes else ""
    return Query(
        prologue + scan.lowered(),
        scan.the_kind(),
        scan.has_dataset,
        prologue=prologue + scan.prologue,
        merged=tuple(scan.clauses["FROM"]),
        named=tuple(scan.clauses["NAMED"]),
        names_no_graph=not scan.names_graphs,
        volatile=scan.volatile,
        declared=prologue.count("\n"),
        digest=hashlib.sha256((prologue + scan.normal).encode("utf-8", "surrogatepass")).hexdigest(),
        has_relative=scan.has_relative,
    )


class _Open(NamedTuple):
    """A bracket that is still open, and what it holds."""

    match: re.Match[str]
    role: _Role


class Scan:
    """What the scanner knows after each token; of an update too (see `updates.admitting`)."""

    def __init__(self, text: str, limits: Settings, declared: set[str]) -> None:
        self.kind: Kind | None = None
        self.has_dataset = False
        self.names_graphs = False
        self.volatile = False
        self.has_relative = False
        self.prologue = ""
        self.normal = ""
        """The text with one blank for each run of blanks and comments: a query that means the same (§19.1, §19.4)."""
        self.capitals: list[re.Match[str]] = []
        """`TRUE` and `False`, which the grammar (§19.8) takes in any case and the engine in lower case only."""
        self.clauses: dict[str, list[str]] = {"FROM": [], "NAMED": []}
        self._groups = 0
        self._text = text
        self._limits = limits
        self._declared = declared
        self._open: list[_Open] = []
        self._clauses = [""]
        self._operators = 0
        self._patterns = 0
        self._before = self._before_that = ("", "")

    @property
    def has_form(self) -> bool:
        """Whether it is known what the text is."""
        return self.kind is not None

    @property
    def depth(self) -> int:
        """Brackets that are open."""
        return len(self._open)

    def read(self) -> None:
        """Look at the whole text.

        Raises:
            QueryError: if it must not run.
        """
        longest = self._limits.max_query_length
        if len(self._text) > longest:
            raise refusals.too_large("max_query_length", longest, Text("characters", "caractères"))
        pieces, begin, end = [], 0, 0
        for match in tokens(self._text):
            self.take(match)
            start, last = match.span()
            if start != end:
                pieces.append(self._text[begin:end])
                begin = start
            end = last
        self.normal = " ".join([*pieces, self._text[begin:end]]).lstrip()
        if self._open:
            raise refusals.unclosed(self._text, self._open[-1].match)

    def take(self, match: re.Match[str]) -> None:
        """Look at one token.

        Raises:
            QueryError: if the query must not run because of it.
        """
        group, written = str(match.lastgroup), match.group()
        word = written.upper() if group == "word" else ""
        if group in {"iri", "name"} and not self._open and self._before[1] in self.clauses:
            self.clauses[self._before[1]].append(written)
        self._note_template(group, written)
        if group == "open":
            self._open_bracket(match)
        elif group == "close":
            self._close(match)
        elif group == "iri":
            self._iri(match)
        elif group == "name":
            self._name(match)
        elif group == "word":
            self._word(match, word)
        elif group == "other" and written not in ".,;":
            raise self._unexpected(match)
        self._count(group, written, word)
        self._check_limits(match)
        self._before_that, self._before = self._before, (group, word or written)

    def the_kind(self) -> Kind:
        """Return the form of the answer.

        Raises:
            QuerySyntaxError: if the text has no query form.
        """
        if self.kind is None:
            raise refusals.formless()
        return self.kind

    def lowered(self) -> str:
        """Return the text with booleans in lower case: what the engine understands."""
        pieces, last = [], 0
        for match in self.capitals:
            pieces += [self._text[last : match.start()], match.group().lower()]
            last = match.end()
        return "".join([*pieces, self._text[last:]])

    def _open_bracket(self, match: re.Match[str]) -> None:
        self._open.append(_Open(match, self._role(match.group())))
        if match.group() == "{":
            self._clauses.append("")

    def _role(self, bracket: str) -> _Role:
        """Return what a bracket holds, as the grammar has it."""
        around = self._open[-1].role if self._open else "group"
        if around == "data" or (around == "expression" and bracket == "("):
            return around
        if not self._open and self._before[1] in _TEMPLATES:
            return "data"
        if bracket != "(":
            return "data" if bracket == "{" and self._clauses[-1] == "VALUES" else "group"
        if self._before[1] == "VALUES":
            return "list"
        word = self._before if self._before[0] == "word" else self._before_that
        calls = word[0] == "word" and word[1] not in _TERMS and (word is self._before or self._before[0] in _NAMES)
        return "expression" if calls or self._clauses[-1] in _CLAUSES else "list"

    def _note_template(self, group: str, written: str) -> None:
        """Note blank nodes in the template of a CONSTRUCT: each answer has new ones (SPARQL 1.1 §16.2.1)."""
        if written == "{" and not self._open:
            self._groups += 1
        elif self.kind == "graph" and self._groups == 1 and self._open and (group == "blank" or written in "[("):
            self.volatile = True

    def _close(self, match: re.Match[str]) -> None:
        if not self._open or self._open.pop().match.group() != _CLOSES[match.group()]:
            raise self._unexpected(match)
        if match.group() == "}":
            self._clauses.pop()
            if self._clauses[-1] == "VALUES":
                self._clauses[-1] = ""

    def _count(self, group: str, written: str, word: str) -> None:
        """Count what makes a query costly to plan or deep to parse; rows of data are neither."""
        role = self._open[-1].role if self._open else "group"
        if role == "data" and written != "{":
            return
        self._operators += group == "operator" or word in _OPERATORS
        self._operators += written == "(" and self._before[1] == ")"
        self._patterns += (role == "group" and written in ".;,") or written in "{["
        self._patterns += role == "list" and self._before[0] in _OPERANDS and group in _OPERANDS

    def _iri(self, match: re.Match[str]) -> None:
        """Refuse what the grammar reads as an IRI and the engine, within an expression, as a comparison."""
        inside = match.group()[1:-1]
        if "/." in inside or not _ABSOLUTE.match(inside):
            self.has_relative = True
        comparable = self._before[0] in _OPERANDS or self._before[1] in _BOOLEANS
        if comparable and self._open and self._open[-1].role == "expression":
            if _HIDES.search(inside):
                raise refusals.ambiguous_iri(refusals.at(self._text, match))
            self._operators += len(re.findall(r"[!|/*+=&-]", inside))

    def _name(self, match: re.Match[str]) -> None:
        prefix = match.group().partition(":")[0]
        if self._before[1] == "PREFIX":
            self._declared.add(prefix)
        elif (glued := _GLUED.match(prefix)) and prefix[glued.end() :] in self._declared:
            # The engine's parser asks for no blank after SERVICE.
            raise refusals.service(refusals.at(self._text, match))
        elif prefix not in self._declared:
            opened = self._text[max(0, match.start() - 1) : match.start()] == "<"
            place = refusals.at(self._text, match)
            raise refusals.broken_iri(place) if opened else refusals.undeclared(prefix, place)

    def _word(self, match: re.Match[str], word: str) -> None:
        if word == "SERVICE":
            raise refusals.service(refusals.at(self._text, match))
        if word not in WORDS or (word == "A" and match.group() != "a"):
            raise self._unexpected(match)
        if word in _CLAUSES or word == "VALUES":
            self._clauses[-1] = word
        if word in _BOOLEANS and not match.group().islower():
            self.capitals.append(match)
        self.has_dataset = self.has_dataset or word == "FROM"
        self.names_graphs = self.names_graphs or word in {"FROM", "GRAPH"}
        self.volatile = self.volatile or word in _VOLATILE
        if word in _RESOLVES:
            self.has_relative = True
        self.note_form(word, match)

    def note_form(self, word: str, match: re.Match[str]) -> None:
        """Note the word that tells the form of the text.

        Raises:
            QueryRefusedError: if it is that of an update.
        """
        if self.kind is None and word in _UPDATES:
            raise refusals.update(word, refusals.at(self._text, match))
        if self.kind is None and word in _FORMS:
            self.kind, self.prologue = _FORMS[word], self._text[: match.start()]

    def _check_limits(self, match: re.Match[str]) -> None:
        limits = self._limits
        if len(self._open) > limits.max_query_depth:
            raise refusals.too_large(
                "max_query_depth", limits.max_query_depth, Text("levels", "niveaux"), refusals.at(self._text, match)
            )
        if self._operators > limits.max_query_operators:
            unit = Text("operators", "opérateurs")
            raise refusals.too_large(
                "max_query_operators", limits.max_query_operators, unit, refusals.at(self._text, match)
            )
        if self._patterns > limits.max_query_patterns:
            unit = Text("patterns", "motifs")
            raise refusals.too_large(
                "max_query_patterns", limits.max_query_patterns, unit, refusals.at(self._text, match)
            )

    def _unexpected(self, match: re.Match[str]) -> QuerySyntaxError:
        place = refusals.at(self._text, match)
        if not self.has_form:
            return refusals.formless(place)
        if match.group() in "'\"":
            return refusals.unclosed_string(self._text, match)
        return refusals.misplaced(place)
