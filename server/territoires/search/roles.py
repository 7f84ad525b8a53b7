"""Who steers, without saying twice what two sources say of the same actors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from territoires.answers import Row


@dataclass(slots=True)
class Role:
    """A role at one level, with those who have it."""

    level: str
    name: str
    actors: list[Row] = field(default_factory=list)
    """One row for each, with its `actor` and `actorLabel`."""
    stated: list[Row] = field(default_factory=list)
    """One row for each source, with its `source`, `sourceLabel` and `asOf`."""

    @property
    def who(self) -> set[str]:
        """IRIs of the actors."""
        return {row["actor"].value for row in self.actors}


def merged(rows: Iterable[Row]) -> dict[str, list[Role]]:
    """Return the roles of “who-steers-a-territory” by level; one within another of its level is told with it."""
    roles: dict[tuple[str, str], Role] = {}
    for row in rows:
        key = row["level"].value, row["role"].value
        role = roles.setdefault(key, Role(*key))
        if row["actor"].value not in role.who:
            role.actors.append(row)
        if row["source"] not in (stated["source"] for stated in role.stated):
            role.stated.append(row)
    levels: defaultdict[str, list[Role]] = defaultdict(list)
    for role in sorted(roles.values(), key=lambda role: -len(role.actors)):
        wider = next((other for other in levels[role.level] if role.who <= other.who), None)
        if wider:
            known = {row["source"].value for row in wider.stated}
            wider.stated += [row for row in role.stated if row["source"].value not in known]
        else:
            levels[role.level].append(role)
    return {level: levels[level] for level in dict.fromkeys(level for level, _ in roles)}
