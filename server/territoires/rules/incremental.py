"""What a change of the sources makes of the derived graph, without running every rule on everything.

Stratum by stratum: which things a changed triple may tell about (`plans`), what each rule concludes about these from
the few triples that decide it (`followed`), before and after. What cannot be followed is run whole (`whole`). See
docs/decisions/0052.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.graph import KnowledgeGraph
from territoires.root import Root
from territoires.rules.followed import Followed, followed
from territoires.rules.makers import Makers
from territoires.rules.patterns import Term, Unfollowed, stored
from territoires.rules.running import GRAPH, TIME_LIMIT
from territoires.rules.views import Seen, View
from territoires.rules.whole import conclusions, derive_again, hidden_from

MOST: Final = 5_000
"""Quads of a change that is followed; for a larger one every rule is run whole."""

_MANY: Final = 10
"""Questions about what a rule concluded before, each answered by itself; past them it is run whole."""

_NOTHING: Final[frozenset[Term]] = frozenset()


def prepare(root: Root) -> None:
    """Read the rules of `root`, so that the processes forked from this one need not: half a second.

    Raises:
        RuleError: if a rule is misnamed.
    """
    followed(root)


def rederive(graph: KnowledgeGraph, edit: Edit, *, limit: float = TIME_LIMIT) -> Edit:
    """Return what `edit` makes of the derived graph: exactly what `derive` would, as a difference.

    Args:
        graph: the dataset, with `edit` in the sources of its store already and the derived graph of before. The store
            is changed while a rule runs whole, and is then as it was.
        edit: a change of source graphs.
        limit: seconds that a rule may take which is run whole; a rule that is followed looks at no more than some
            20,000 triples.

    Raises:
        RuleError: if a rule fails or takes longer than `limit`.
        ValueError: if `edit` changes the derived graph itself.
    """
    if edit.within(GRAPH.value):
        raise ValueError(edit)
    if not edit:
        return Edit()
    if len(edit.removed) + len(edit.added) > MOST:
        return derive_again(graph, edit, limit)
    return _Rederivation(graph, edit, limit).run()


@dataclass(frozen=True, slots=True)
class _Result:
    """What a rule concludes about some things, before and after."""

    anchors: frozenset[Term] | None = _NOTHING
    """None: about all."""
    before: frozenset[ox.Triple] = frozenset()
    after: frozenset[ox.Triple] = frozenset()


class _Rederivation:
    """One change, as it is followed through the strata."""

    def __init__(self, graph: KnowledgeGraph, edit: Edit, limit: float) -> None:
        self._graph, self._edit, self._limit = graph, edit, limit
        self._sources = _changed(graph.store, edit)
        self._touched: dict[ox.Triple, Seen] = dict(self._sources)
        self._rules = followed(graph.root)
        self._makers = Makers(self._rules, graph.store, self._sources)
        self._lower: dict[tuple[str, ox.NamedNode], bool | None] = {}
        self._concluded: dict[Followed, set[ox.Triple]] = {}
        self._asked: Counter[Followed] = Counter()

    def run(self) -> Edit:
        """Return the change of the derived graph."""
        for stratum, rules in groupby(self._rules, key=lambda rule: rule.stratum):
            self._pass(stratum, list(rules))
        removed, added = set[ox.Quad](), set[ox.Quad]()
        for triple, (_, after) in self._touched.items():
            quad = _derived(triple)
            derived = after and not _is_stated(self._graph.store, triple)
            if derived != (quad in self._graph.store):
                (added if derived else removed).add(quad)
        return Edit(frozenset(removed), frozenset(added))

    def _pass(self, stratum: str, rules: list[Followed]) -> None:
        """Note what the rules of one stratum make of what is known to have changed."""
        view = View(self._graph.store, self._touched, lambda triple: self._is_lower(triple, stratum))
        changed = [triple for triple, (before, after) in self._touched.items() if before != after]
        results = {rule: self._result(rule, view, changed) for rule in rules}
        suspects = {*changed, *(triple for one in results.values() for triple in one.before ^ one.after)}
        seen = {triple: view.seen(triple) for triple in suspects}
        for rule in rules:
            self._note(rule, results[rule], seen)
        self._touched |= seen

    def _result(self, rule: Followed, view: View, changed: list[ox.Triple]) -> _Result:
        if rule.reading.alternatives is not None and not any(map(rule.may_read, changed)):
            return _Result()
        try:
            anchors = rule.origins(view.match, changed)
            if not anchors:
                return _Result()
            triples = rule.collect(view.match, anchors)
        except Unfollowed:
            return self._whole(rule)
        states = {triple: self._touched.get(triple, (True, True)) for triple in triples}
        if all(before and after for before, after in states.values()):
            return _Result(anchors)
        before, after = (
            frozenset(rule.conclude(anchors, [triple for triple in triples if states[triple][when]], self._graph.root))
            for when in (False, True)
        )
        return _Result(anchors, before, after)

    def _whole(self, rule: Followed) -> _Result:
        hidden = hidden_from(rule, self._graph, self._touched, lambda triple: self._is_lower(triple, rule.stratum))
        before, after = (
            frozenset(
                conclusions(
                    rule,
                    self._graph,
                    Edit() if when else self._edit.inverse,
                    {triple: seen[when] for triple, seen in self._touched.items()},
                    hidden,
                    self._limit,
                )
            )
            for when in (False, True)
        )
        return _Result(None, before, after)

    def _note(self, rule: Followed, result: _Result, seen: dict[ox.Triple, Seen]) -> None:
        """Add to what is known of each triple whether `rule` concludes it, before and after."""
        open_ = [triple for triple in seen if not all(seen[triple]) and rule in self._makers.of(triple)]
        for triple in open_:
            before, after = seen[triple]
            seen[triple] = (before or triple in result.before, after or triple in result.after)
        open_ = [triple for triple in open_ if not all(seen[triple])]
        if result.anchors is None or not open_:
            return
        try:
            elsewhere = self._elsewhere(rule, open_, result.anchors)
        except Unfollowed:
            whole = self._whole(rule)
            for triple in open_:
                before, after = seen[triple]
                seen[triple] = (before or triple in whole.before, after or triple in whole.after)
            return
        for triple in elsewhere.intersection(open_):
            seen[triple] = (True, True)

    def _elsewhere(
        self, rule: Followed, triples: Iterable[ox.Triple], known: frozenset[Term] = _NOTHING
    ) -> set[ox.Triple]:
        """Return what `rule` concluded before about all that may yield these triples but is not `known`."""
        everything = self._view_before(None)
        anchors = frozenset().union(*(rule.sources(triple, everything.match) for triple in triples)) - known
        if not anchors:
            return set()
        view = self._view_before(rule.stratum)
        return rule.conclude(anchors, rule.collect(view.match, anchors), self._graph.root)

    def _view_before(self, stratum: str | None) -> View:
        """Return what rules of `stratum` saw before the change; None: everything."""
        is_lower: Callable[[ox.Triple], bool] = lambda triple: stratum is None or self._is_lower(triple, stratum)  # noqa: E731
        touched = {triple: (there, there) for triple, there in self._there_before(is_lower).items()}
        return View(self._graph.store, touched, is_lower)

    def _there_before(self, is_lower: Callable[[ox.Triple], bool]) -> dict[ox.Triple, bool]:
        """Return whether each triple of the change was there: stated by a source, or derived so that it was seen."""
        store = self._graph.store
        return {
            triple: stated or (_derived(triple) in store and is_lower(triple))
            for triple, (stated, _) in self._sources.items()
        }

    def _is_lower(self, triple: ox.Triple, stratum: str) -> bool:
        """Return whether a triple of the old derived graph was made in a stratum below `stratum`."""
        key = (stratum, triple.predicate)
        if key not in self._lower:
            self._lower[key] = _all_below(self._makers.of_predicate(triple.predicate), stratum)
        known = self._lower[key]
        if known is None:
            makers = self._makers.of(triple)
            known = _all_below(makers, stratum)
            if known is None:
                known = any(self._was_concluded(rule, triple) for rule in makers if rule.stratum < stratum)
        return known

    def _was_concluded(self, rule: Followed, triple: ox.Triple) -> bool:
        """Return whether `rule` concluded `triple` before the change."""
        if rule in self._concluded:
            return triple in self._concluded[rule]
        self._asked[rule] += 1
        try:
            if self._asked[rule] > _MANY:
                raise Unfollowed  # noqa: TRY301  (the other reason is below)
            return triple in self._elsewhere(rule, [triple])
        except Unfollowed:
            self._concluded[rule] = self._before(rule)
            return triple in self._concluded[rule]

    def _before(self, rule: Followed) -> set[ox.Triple]:
        """Return all that `rule` concluded before the change."""
        is_lower: Callable[[ox.Triple], bool] = lambda triple: self._is_lower(triple, rule.stratum)  # noqa: E731
        state = self._there_before(is_lower)
        touched = {triple: (was, was) for triple, was in state.items()}
        hidden = hidden_from(rule, self._graph, touched, is_lower)
        return conclusions(rule, self._graph, self._edit.inverse, state, hidden, self._limit)


def _derived(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, GRAPH)


def _all_below(rules: Iterable[Followed], stratum: str) -> bool | None:
    """Return whether all of these rules are in strata below `stratum`, or none is; None for some."""
    below = {rule.stratum < stratum for rule in rules}
    return below.pop() if len(below) == 1 else None if below else False


def _changed(store: ox.Store, edit: Edit) -> dict[ox.Triple, Seen]:
    """Return the triples that a source stated before and none does now, or the reverse."""
    # A store tells how it writes the terms of an edit, and `stored` gives a quad's triple as it does.
    removed, added = (stored(quad.triple for quad in quads) for quads in (edit.removed, edit.added))
    return {
        triple: seen
        for triple in removed | added
        if (seen := _sides(store, edit, triple, was_removed=triple in removed))[0] != seen[1]
    }


def _sides(store: ox.Store, edit: Edit, triple: ox.Triple, *, was_removed: bool) -> Seen:
    holders = {quad.graph_name for quad in store.quads_for_pattern(*triple)} - {ox.DefaultGraph(), GRAPH}
    added = {quad.graph_name for quad in edit.added if quad.triple == triple}
    return was_removed or bool(holders - added), bool(holders)


def _is_stated(store: ox.Store, triple: ox.Triple) -> bool:
    return any(quad.graph_name not in {ox.DefaultGraph(), GRAPH} for quad in store.quads_for_pattern(*triple))
