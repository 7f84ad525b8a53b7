"""`territoires check links`: are the links to other datasets well made, and do they still answer?"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import click

import territoires
from territoires.cli.main import LOADING, language, working
from territoires.errors import Text
from territoires.graph import load
from territoires.links import DATASETS, Link, inventory, judge
from territoires.links.online import Answer, Manners, ask_all
from territoires.namespaces import BASE, compact
from territoires.root import Root
from territoires.settings import contact
from territoires.validation import Report, describe

_STATES = {
    "answers": Text("answer", "répondent"),
    "gone": Text("gone", "disparus"),
    "unknown": Text("not known", "inconnus"),
}
_ONE = {"gone": Text("gone", "disparu"), "unknown": Text("not known", "inconnu")}


@click.command("links", epilog="Example: territoires check links --online --sample 20")
@click.option("--online", is_flag=True, help="Also ask each host whether the links answer: slowly, HEAD before GET.")
@click.option(
    "--dataset", "names", multiple=True, type=click.Choice([*DATASETS]), help="Only links to this dataset (repeat)."
)
@click.option("--sample", type=click.IntRange(1), help="Ask for so many links of each dataset, taken at random.")
@click.option("--seed", type=int, help="Take the same sample as with this number before.")
@click.option(
    "--pause",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Seconds between two requests to one host.",
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=20.0, show_default=True, help="Seconds that a host may be silent."
)
@click.option(
    "--contact", "address", help="Where hosts may complain, named in User-Agent; default: TERRITOIRES_CONTACT."
)
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def check_links(
    root: Root,
    /,
    names: tuple[str, ...],
    format_: str,
    address: str | None,
    *,
    online: bool,
    **asking: Any,  # noqa: ANN401  (click's options: sample, seed, pause, timeout)
) -> None:
    """Judge the links to other datasets: form, code, source, uniqueness. Without --online nobody is asked.

    Exit 1 if a link is wrong, gone (404, 410) or not known (refused, failed, not reached).
    """
    sample, seed = asking["sample"], asking["seed"]
    if not online and (sample or seed is not None):
        raise click.UsageError("--sample and --seed are for --online")
    with working(LOADING) as progress:
        graph = load(root)
        links = [link for link in inventory(graph) if not names or link.dataset in names]
        report = judge(graph, links, progress)
    answers: list[Answer] = []
    if online:
        manners = Manners(_agent(address or contact()), asking["pause"], asking["timeout"])
        answers = _ask(_sampled(links, sample, seed), manners)
    if format_ == "json":
        click.echo(json.dumps(_as_json(links, report, answers), ensure_ascii=False, indent=2))
    else:
        _print(links, report, answers)
    if not report.conforms or any(answer.state != "answers" for answer in answers):
        raise click.exceptions.Exit(1)


def _agent(address: str | None) -> str:
    """Return who asks: the program, its project, and where to complain (RFC 9110 §10.1.5)."""
    return f"territoires/{territoires.__version__} (+{BASE}{f'; {address}' if address else ''}) link check"


def _sampled(links: Sequence[Link], sample: int | None, seed: int | None) -> list[Link]:
    if sample is None:
        return [*links]
    groups: defaultdict[str, list[Link]] = defaultdict(list)
    for link in links:
        groups[link.dataset].append(link)
    chance = random.Random(seed)  # noqa: S311  (no secret)
    return [link for group in groups.values() for link in chance.sample(group, min(sample, len(group)))]


def _ask(links: Sequence[Link], manners: Manners) -> list[Answer]:
    targets = dict.fromkeys(link.target for link in links)
    answers: list[Answer] = []
    with working(Text("asking the hosts", "interrogation des hôtes")) as progress:
        for answer in ask_all(targets, manners):
            answers.append(answer)
            line = f"{len(answers)} / {len(targets)}  {answer.target}"
            progress(Text(line, line))
    return sorted(answers, key=lambda answer: answer.target)


def _as_json(links: Sequence[Link], report: Report, answers: Sequence[Answer]) -> dict[str, object]:
    counts = Counter((link.dataset, link.graph, link.relation) for link in links)
    return {
        "conforms": report.conforms,
        "links": [
            {"dataset": dataset, "graph": graph, "property": name, "links": count}
            for (dataset, graph, name), count in sorted(counts.items())
        ],
        "violations": [
            {"thing": result.focus_node, "link": result.value, "message": result.message._asdict(),
             "file": result.place and str(result.place.file), "line": result.place and result.place.line}
            for result in report.results
        ],
        "answers": [
            {"link": answer.target, "state": answer.state, "status": answer.status, "detail": answer.detail or None}
            for answer in answers
        ],
    }  # fmt: skip


def _print(links: Sequence[Link], report: Report, answers: Sequence[Answer]) -> None:
    said = language()
    for result in report.results:
        click.echo(describe(result).in_(said))
    things = {link.target: link.thing for link in links}
    for answer in answers:
        if answer.state != "answers":
            words = (
                f"{compact(things[answer.target])}:",
                answer.target,
                answer.status or "–",
                _ONE[answer.state].in_(said),
            )
            click.echo(" ".join(map(str, (*words, answer.detail))).rstrip())
    counts = Counter((link.dataset, compact(link.graph), link.relation) for link in links)
    for (dataset, graph, name), count in sorted(counts.items()):
        click.echo(f"{dataset:<12} {name:<14} {count:>6}  {graph}")
    for state, text in _STATES.items():
        if answers:
            click.echo(f"{sum(answer.state == state for answer in answers):>6} {text.in_(said)}")
    found = len(report.violations)
    total = Text(f"{len(links)} links, {found} violations", f"{len(links)} liens, {found} violations")
    click.echo(total.in_(said))
