"""Says in words what was done to a query, and the numbers that decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoires.errors import Text
from territoires.guard import Query
from territoires.planning.estimating import How, Plan
from territoires.planning.patterns import Pattern, Values
from territoires.planning.reading import obstacle
from territoires.planning.rewriting import Choice, Rewriting

_HOW: Final[dict[How, Text]] = {
    "scan": Text("scan", "parcours"),
    "look-up": Text("look-up", "recherche"),
    "hash": Text("hash join", "hachage"),
    "product": Text("product", "produit"),
}


def explain(rewriting: Rewriting, query: Query) -> Iterator[Text]:
    """Yield lines about each group of `query` that was understood; places are those of the user's text.

    Rows and times are estimates from the sizes of the dataset: they serve to compare two texts, not to foretell.
    """
    if not rewriting.choices:
        yield as_written(query)
    for choice in rewriting.choices:
        start = choice.run.spans[0].start
        line = query.text.count("\n", 0, start) - query.declared + 1
        yield Text(f"group with the patterns at line {line}", f"groupe dont les motifs sont à la ligne {line}")
        yield from _choice(choice)


def as_written(query: Query) -> Text:
    """Say that a query is not looked at, and because of which words (decision 60)."""
    words = obstacle(query.text)
    because = Text(f", because of {words}", f", à cause de {words}") if words else Text("", "")
    if words in {"LIMIT", "OFFSET", "LIMIT, OFFSET"}:
        because = Text(f"{because.en} without ORDER BY", f"{because.fr} sans ORDER BY")
    return Text(
        f"asked as it is written: this form of query is not written anew{because.en}",
        f"posée telle quelle : une requête de cette forme n'est pas réécrite{because.fr}",
    )


def _choice(choice: Choice) -> Iterator[Text]:
    time = _time(choice.written)
    yield Text(f"  as written: {time.en}", f"  telle quelle : {time.fr}")
    yield from _steps(choice.written)
    if not choice.pays:
        yield Text(
            "  nothing else is clearly better (by a quarter, and by two milliseconds)",
            "  rien d'autre n'est nettement mieux (d'un quart, et de deux millisecondes)",
        )
        return
    time = _time(choice.chosen)
    yield Text(f"  written anew: {time.en}", f"  réécrite : {time.fr}")
    yield from _steps(choice.chosen)
    for drop in choice.dropped:
        yield Text(
            f"  left out: {drop.pattern.text} — in this dataset it follows from {drop.because.text}",
            f"  retiré : {drop.pattern.text} — dans ce jeu de données, cela découle de {drop.because.text}",
        )
    for element in choice.elements:
        if isinstance(element.part, Pattern) and element.loose:
            yield Text(
                f"  compared by a filter: {element.part.text} — the engine would take it for small and start with it",
                f"  comparé par un filtre : {element.part.text} — le moteur le croirait petit et commencerait par lui",
            )
        elif isinstance(element.part, Pattern) and element.whole:
            yield Text(
                f"  read whole: {element.part.text} — cheaper than a look-up for each row",
                f"  lu en entier : {element.part.text} — moins cher qu'une recherche par ligne",
            )
    if choice.run.patterns[0].text != _first(choice):
        yield Text(f"  written first: {_first(choice)}", f"  écrit en premier : {_first(choice)}")


def _first(choice: Choice) -> str:
    return next(element.part.text for element in choice.elements if isinstance(element.part, Pattern))


def _steps(plan: Plan) -> Iterator[Text]:
    for step in plan.steps:
        part = step.element.part
        what = f"VALUES {' '.join(sorted(part.variables))}" if isinstance(part, Values) else part.text
        how = _HOW[step.how]
        yield Text(f"    {step.rows:10,.0f}  {how.en:9}  {what}", f"    {_french(step.rows):>10}  {how.fr:9}  {what}")


def _french(rows: float) -> str:
    return f"{rows:,.0f}".replace(",", " ")


def _time(plan: Plan) -> Text:
    time = f"≈ {plan.microseconds / 1_000:.1f} ms"
    return Text(time, time.replace(".", ","))
