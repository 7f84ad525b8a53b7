"""Who makes a change, and what they say of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from territoires.errors import RequestError, Text

LONGEST_MESSAGE: Final = 2_000
"""Characters of a message."""
LONGEST_NAME: Final = 100
"""Characters of the name of an agent."""
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What is no text: control characters, and what XML cannot hold (XML 1.0 §2.2)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who makes a change, when, and why.

    Raises:
        RequestError: for a name or a message that is too long or no text, no name, or a time without zone.
    """

    agent: str
    """Name of the token or, on the command line, of the user of the system."""
    message: str
    """Free text of one or several lines; may be empty."""
    time: dt.datetime
    """When the change was made, in UTC."""

    def __post_init__(self) -> None:
        """Refuse what cannot be published as it is."""
        object.__setattr__(self, "message", re.sub(r"\r\n?", "\n", self.message).strip())
        _ensure_text(self.message, LONGEST_MESSAGE, Text("message", "message"))
        _ensure_text(self.agent, LONGEST_NAME, Text("name of its author", "nom de son auteur"))
        if not self.agent.strip() or "\n" in self.agent:
            raise RequestError(
                Text("a change has an author, named in one line", "une modification a un auteur, nommé en une ligne")
            )
        if self.time.utcoffset() != dt.timedelta(0):
            raise RequestError(Text("the time of a change is in UTC", "l'heure d'une modification est en UTC"))

    @property
    def slug(self) -> str:
        """The key of the agent: its name where that is one, else what is like it with the start of a digest."""
        if _SLUG.fullmatch(self.agent):
            return self.agent
        plain = unicodedata.normalize("NFKD", self.agent).encode("ascii", "ignore").decode().lower()
        digest = hashlib.sha256(self.agent.encode()).hexdigest()[:8]
        return "-".join([*re.findall(r"[a-z0-9]+", plain), digest])


def _ensure_text(text: str, longest: int, what: Text) -> None:
    if len(text) > longest:
        raise RequestError(
            Text(
                f"the {what.en} of a change has {len(text)} characters, and may have {longest}",
                f"le {what.fr} d'une modification a {len(text)} caractères, et peut en avoir {longest}",
            ),
            hint=Text("say it in fewer words", "dites-le en moins de mots"),
        )
    if found := _UNWRITABLE.search(text):
        raise RequestError(
            Text(
                f"the {what.en} of a change holds U+{ord(found[0]):04X}, which is no text",
                f"le {what.fr} d'une modification contient U+{ord(found[0]):04X}, qui n'est pas du texte",
            ),
            hint=Text("leave control characters out", "retirez les caractères de contrôle"),
        )
