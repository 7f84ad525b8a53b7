"""The operations of an update, told apart by their words (SPARQL 1.1 Update §3, grammar of SPARQL 1.1 §19.8).

What stands between braces is left to the engine's parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from territoires import refusals
from territoires.errors import QuerySyntaxError
from territoires.tokens import tokens

Form = Literal["INSERT DATA", "DELETE DATA", "MODIFY", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"]

_SIMPLE: Final[dict[str, Form]] = {"CLEAR": "CLEAR", "DROP": "DROP", "CREATE": "CREATE"}
_BETWEEN: Final[dict[str, Form]] = {"ADD": "ADD", "MOVE": "MOVE", "COPY": "COPY"}
FIRST: Final = frozenset({"WITH", "INSERT", "DELETE", *_SIMPLE, *_BETWEEN})
"""Words with which an operation starts; LOAD is never taken."""
DEFAULT: Final = "DEFAULT"
_MANY: Final = frozenset({"NAMED", "ALL"})


class Element(NamedTuple):
    """A token outside of all brackets, or a whole block with its brackets."""

    match: re.Match[str]
    """The token, or the first of the block."""
    end: int

    @property
    def word(self) -> str:
        """The word in capitals, or the sign; empty for IRIs, names and blocks."""
        group = self.match.lastgroup
        return self.match.group().upper() if group == "word" else self.match.group() if group == "other" else ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; graphs are IRIs and prefixed names as written, `DEFAULT`, `NAMED` or `ALL`."""

    form: Form
    prologue: str
    """`PREFIX` and `BASE` lines that hold for it."""
    text: str
    """The operation alone."""
    start: int
    """Where it starts in the text of the update."""
    silent: bool = False
    graphs: tuple[str, ...] = ()
    """What CLEAR, DROP and CREATE name; source and target of ADD, MOVE and COPY."""
    with_graph: str | None = None
    delete: str = ""
    """Template, or the data of DELETE DATA, with its braces."""
    insert: str = ""
    where: str = ""
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()

    @property
    def writes(self) -> tuple[str, ...] | None:
        """Graphs that it may change, as written; None if that depends on the data."""
        if self.form in _SIMPLE:
            return None if set(self.graphs) & _MANY else self.graphs
        if self.form in _BETWEEN:
            return self.graphs if self.form == "MOVE" else self.graphs[1:]
        named = [match for template in (self.delete, self.insert) for match in _graph_names(template)]
        if any(match.lastgroup == "variable" for match in named):
            return None
        return (*(match.group() for match in named), *([self.with_graph] if self.with_graph else []))


@dataclass(frozen=True, slots=True)
class Update:
    """An update that may run; made by `admit_update` only."""

    text: str
    operations: tuple[Operation, ...]
    prologue: str = ""
    """All `PREFIX` and `BASE` lines, to be parsed even where no operation follows."""
    base_iri: str | None = None
    max_changed_quads: int = 1_000_000


def operations(text: str, elements: Sequence[Element], prologue: str) -> tuple[tuple[Operation, ...], str]:
    """Return the operations of an update, and all its `PREFIX` and `BASE` lines.

    Args:
        text: the update.
        elements: all that stands outside of brackets in it, in order.
        prologue: `PREFIX` lines that hold before the text.

    Raises:
        QuerySyntaxError: at the first element, or label of a blank node, that cannot stand where it does.
    """
    reader = _Reader(text, elements)
    found: list[Operation] = []
    while True:
        prologue += reader.prologue()
        if reader.at_end:
            _ensure_new_labels(text, found)
            return tuple(found), prologue
        found.append(replace(reader.operation(), prologue=prologue))
        if not reader.at_end:
            reader.need(";")


def _ensure_new_labels(text: str, found: Sequence[Operation]) -> None:
    """Refuse a label of a blank node in two INSERT DATA (SPARQL 1.1 §19.6): it would not be the same node."""
    used: set[str] = set()
    for operation in found:
        if operation.form == "INSERT DATA":
            start = operation.start + len(operation.text) - len(operation.insert)
            labels = [match for match in tokens(operation.insert) if match.lastgroup == "blank"]
            for match in labels:
                if match.group() in used:
                    raise refusals.reused_label(text, start + match.start(), match.group())
            used.update(match.group() for match in labels)


def _graph_names(template: str) -> Iterator[re.Match[str]]:
    """Yield what stands after each GRAPH."""
    before = ""
    for match in tokens(template):
        if before == "GRAPH":
            yield match
        before = match.group().upper() if match.lastgroup == "word" else ""


class _Reader:
    """Takes elements one after the other."""

    def __init__(self, text: str, elements: Sequence[Element]) -> None:
        self._text = text
        self._elements = elements
        self._next = 0

    @property
    def at_end(self) -> bool:
        return self._next == len(self._elements)

    def _peek(self) -> Element | None:
        return None if self.at_end else self._elements[self._next]

    def word(self, *words: str) -> str:
        """Take one of `words` if it comes next; else return nothing."""
        element = self._peek()
        if element is None or element.word not in words:
            return ""
        self._next += 1
        return element.word

    def need(self, *words: str) -> str:
        return self.word(*words) or self._fail()

    def _take(self, groups: tuple[str, ...], opening: str = "") -> str:
        element = self._peek()
        if element is None or element.match.lastgroup not in groups or not element.match.group().startswith(opening):
            return self._fail()
        self._next += 1
        return self._text[element.match.start() : element.end]

    def graph(self) -> str:
        return self._take(("iri", "name"))

    def block(self, *, variables: bool = True, blank_nodes: bool = True) -> str:
        """Take a block; the engine's parser would not say which variable or blank node must not be in it."""
        text = self._take(("open",), "{")
        start = self._elements[self._next - 1].match.start()
        for match in tokens(text):
            group = match.lastgroup
            blank = group == "blank" or match.group() == "["
            if (group == "variable" and not variables) or (blank and not blank_nodes):
                raise refusals.misplaced(refusals.at_position(self._text, start + match.start(), match.group()))
        return text

    def _fail(self) -> str:
        element = self._peek()
        error: QuerySyntaxError = refusals.unfinished(self._text)
        if element is not None:
            error = refusals.misplaced(refusals.at(self._text, element.match))
        raise error

    def prologue(self) -> str:
        """Take `PREFIX` and `BASE` lines."""
        lines = ""
        while word := self.word("PREFIX", "BASE"):
            lines += " ".join([word, *([self._take(("name",))] if word == "PREFIX" else []), self._take(("iri",))])
            lines += "\n"
        return lines

    def operation(self) -> Operation:
        """Take one operation."""
        first = self._elements[self._next]
        with_graph = self.graph() if self.word("WITH") else None
        word = self.need("INSERT", "DELETE", *(() if with_graph else FIRST - {"WITH"}))
        if word in _SIMPLE:
            found = Operation(_SIMPLE[word], "", "", 0, bool(self.word("SILENT")), (self._target(word),))
        elif word in _BETWEEN:
            silent = bool(self.word("SILENT"))
            source = self._one()
            self.need("TO")
            found = Operation(_BETWEEN[word], "", "", 0, silent, (source, self._one()))
        else:
            found = self._modify(word, with_graph)
        start = first.match.start()
        return replace(found, start=start, text=self._text[start : self._elements[self._next - 1].end])

    def _target(self, form: str) -> str:
        if form != "CREATE" and (word := self.word(DEFAULT, *_MANY)):
            return word
        self.need("GRAPH")
        return self.graph()

    def _one(self) -> str:
        if word := self.word(DEFAULT):
            return word
        self.word("GRAPH")
        return self.graph()

    def _modify(self, word: str, with_graph: str | None) -> Operation:
        if not with_graph and self.word("DATA"):
            block = self.block(variables=False, blank_nodes=word == "INSERT")
            if word == "INSERT":
                return Operation("INSERT DATA", "", "", 0, insert=block)
            return Operation("DELETE DATA", "", "", 0, delete=block)
        if not with_graph and word == "DELETE" and self.word("WHERE"):
            block = self.block(blank_nodes=False)
            return Operation("MODIFY", "", "", 0, delete=block, where=block)
        delete = self.block(blank_nodes=False) if word == "DELETE" else ""
        insert = self.block() if word == "INSERT" or self.word("INSERT") else ""
        using: dict[str, list[str]] = {"": [], "NAMED": []}
        while self.word("USING"):
            using[self.word("NAMED")].append(self.graph())
        self.need("WHERE")
        return Operation(
            "MODIFY",
            "",
            "",
            0,
            with_graph=with_graph,
            delete=delete,
            insert=insert,
            where=self.block(),
            using=tuple(using[""]),
            using_named=tuple(using["NAMED"]),
        )
