"""Look-ups by anyone's identifier: from INSEE's, IGN's, data.gouv.fr's, Sirene's or Wikidata's to our thing.

`understand` reads what people paste, `find` asks the engine. Nothing is guessed: what is not understood is an error
that says which forms are known (docs/decisions/0047).
"""

from __future__ import annotations

from territoires.lookup.finding import Found, Thing, brief, find, kind_named
from territoires.lookup.forms import SCHEMES, Asked, Scheme, understand

__all__ = ["SCHEMES", "Asked", "Found", "Scheme", "Thing", "brief", "find", "kind_named", "understand"]
