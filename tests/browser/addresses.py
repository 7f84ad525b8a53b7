"""One address for each type of page of the site."""

from __future__ import annotations

from typing import Final

PAGES: Final = {
    "home": "/",
    "search": "/search?q=albi",
    "search, no": "/search?q=31555",
    "search, several": "/search?q=saint-denis",
    "search, nothing found": "/search?q=zzzzzz",
    "search, code or postal code": "/search?q=81100",
    "search, one near miss": "/search?q=L%27Hay+les+rose",
    "search, region": "/search?q=R%C3%A9gion+Occitanie",
    "complete a list": "/enrich",
    "look-up": "/lookup",
    "look-up, a choice": "/lookup?insee=76",
    "territories": "/territories",
    "territory": "/doc/territory/2/ti-7614",
    "territory of phase 1": "/doc/territory/1/ti-7602",
    "region": "/doc/region/76",
    "department": "/doc/department/81",
    "intercommunality": "/doc/intercommunality/200066124",
    "commune": "/doc/commune/81004",
    "axis": "/doc/axis/2/land",
    "measure": "/doc/measure/envelope-2024",
    "funder": "/doc/funder/bpifrance",
    "official": "/doc/official/carole-delga",
    "source": "/doc/source/anct-2024-07-04",
    "graph": "/graph/anct-2024-07-04",
    "ontology": "/def",
    "query form": "/sparql",
    "question": "/queries/territories-of-a-region",
    "chart": "/queries/territories-by-region?view=chart",
    "map": "/queries/territories-by-department?view=map",
    "query with an answer": "/sparql?query=SELECT+*+%7B+%3Fs+a+%3Fc+%7D+LIMIT+5",
    "query with an error": "/sparql?query=SELECT+*+%7B",
    "post": "/doc/post/prefet-region-occitanie",
    "phase": "/doc/phase/2",
    "data": "/data",
    "changes": "/changes",
    "api": "/api",
    "quality": "/quality",
    "about": "/about",
    "problems": "/problems",
    "not found": "/nowhere",
}
"""Name of the type of page -> address, without the language."""
