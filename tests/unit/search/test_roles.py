"""What two sources say of the same actors is told once, with both sources."""

import pyoxigraph as ox

from territoires.answers import Row
from territoires.search import merged


def row(level: str, role: str, actor: str, source: str) -> Row:
    return {
        "level": ox.Literal(level),
        "role": ox.Literal(role),
        "actor": ox.NamedNode(f"http://example.org/{actor}"),
        "source": ox.NamedNode(f"http://example.org/{source}"),
    }


def test_a_role_within_another_of_its_level_is_told_with_it() -> None:
    pair = row("local", "pairs", "pair", "one")
    wider = [row("local", "pair and lead", "pair", "two"), row("local", "pair and lead", "lead", "two")]
    [role] = merged([pair, *wider])["local"]
    assert (role.name, len(role.actors)) == ("pair and lead", 2)
    assert [stated["source"].value[-3:] for stated in role.stated] == ["two", "one"]


def test_roles_of_other_levels_and_actors_stay_apart_in_order() -> None:
    rows = [row("national", "a", "x", "one"), row("local", "b", "x", "one"), row("local", "c", "y", "one")]
    assert {level: [role.name for role in roles] for level, roles in merged(rows).items()} == {
        "national": ["a"],
        "local": ["b", "c"],
    }
