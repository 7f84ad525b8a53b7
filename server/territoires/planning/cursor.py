"""A place in the tokens of a query, and what may be taken there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from territoires.tokens import tokens

_CLOSES: Final = {"(": ")", "{": "}", "[": "]"}


class UnreadError(Exception):
    """Something that the reader does not understand: the query stays as it is."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands, in characters."""

    group: str
    """What it is, as `tokens` says."""
    written: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A word in capitals; empty for other tokens."""
        return self.written.upper() if self.group == "word" else ""

    @property
    def variable(self) -> str:
        """The name of a variable, which `?` and `$` may precede."""
        return f"?{self.written[1:]}"


END: Final = Token("end", "", -1, -1)


class Cursor:
    """Takes the tokens of a text one after the other."""

    def __init__(self, text: str) -> None:
        self._tokens = [
            Token(str(match.lastgroup), match.group(), match.start(), match.end()) for match in tokens(text)
        ]
        self._at = 0

    @property
    def now(self) -> Token:
        """The token that is next."""
        return self._tokens[self._at] if self._at < len(self._tokens) else END

    @property
    def before(self) -> Token:
        """The token that was taken last."""
        return self._tokens[self._at - 1]

    def words(self) -> set[str]:
        """Return every word of the text, in capitals."""
        return {token.word for token in self._tokens}

    def next(self) -> Token:
        """Take a token.

        Raises:
            UnreadError: at the end.
        """
        token = self.now
        if token is END:
            raise UnreadError
        self._at += 1
        return token

    def take(self, written: str) -> None:
        """Take a token that must be this one.

        Raises:
            UnreadError: if it is another.
        """
        if self.next().written != written:
            raise UnreadError

    def balanced(self) -> list[Token]:
        """Take a bracket, what it holds, and the one that closes it; return what it holds.

        Raises:
            UnreadError: if there is none, or it is not closed.
        """
        closes = [_CLOSES.get(self.next().written)]
        held: list[Token] = []
        while closes:
            token = self.next()
            if token.group == "open":
                closes.append(_CLOSES[token.written])
            elif token.group == "close" and closes.pop() != token.written:
                raise UnreadError
            held.append(token)
        return held[:-1]
