"""A rule that can be evaluated for some of the things that it concludes about, on the few triples that decide it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

import pyoxigraph as ox

from territoires.engine.embedded import EmbeddedEngine
from territoires.errors import TerritoiresError, Text
from territoires.formats import format_named
from territoires.graph import KnowledgeGraph
from territoires.guard import Query, admit
from territoires.root import Root
from territoires.rules.files import Rule, load_rules
from territoires.rules.patterns import Pattern, Reading, Term, Unfollowed, read, stored
from territoires.rules.plans import Budget, Match, Plan, plan
from territoires.rules.running import failure
from territoires.tokens import tokens

_MOST_ANCHORS: Final = 1_000


@dataclass(frozen=True, eq=False)
class Followed:
    """One rule, and how to follow a change through it."""

    rule: Rule
    reading: Reading
    plans: tuple[Plan, ...] | None
    """One for each alternative; None: the rule is only run whole."""

    @property
    def stratum(self) -> str:
        """The stratum of the rule."""
        return self.rule.stratum

    def may_read(self, triple: ox.Triple) -> bool:
        """Return whether a pattern of the rule matches `triple`."""
        alternatives = self.reading.alternatives
        if alternatives is None:
            return True
        return any(p.binding(triple) is not None for one in alternatives for p in one.all_patterns())

    def origins(self, match: Match, changed: Iterable[ox.Triple]) -> frozenset[Term]:
        """Return all things about which these changes may change a conclusion.

        Raises:
            Unfollowed: if that may be anything.
        """
        if self.plans is None:
            raise Unfollowed
        changed = [triple for triple in changed if self.may_read(triple)]
        found: set[Term] = set()
        budget = Budget()
        for one in self.plans if changed else ():
            found |= one.origins(match, changed, one.fixed(match), budget)
        return frozenset(found)

    def collect(self, match: Match, anchors: frozenset[Term]) -> set[ox.Triple]:
        """Return triples among which are all that decide what is concluded about `anchors`.

        Raises:
            Unfollowed: if they are too many.
        """
        if self.plans is None or len(anchors) > _MOST_ANCHORS or any(isinstance(a, ox.BlankNode) for a in anchors):
            raise Unfollowed
        budget = Budget()
        return set().union(*(one.collect(match, anchors, budget) for one in self.plans))

    def conclude(self, anchors: frozenset[Term], triples: Iterable[ox.Triple], root: Root) -> set[ox.Triple]:
        """Return what the rule concludes about `anchors` from these triples.

        Raises:
            RuleError: if the rule fails.
        """
        store = ox.Store()
        store.extend([ox.Quad(*triple) for triple in triples])
        start, end = self._group
        among = " , ".join(map(str, anchors))
        text = self._query.text
        text = f"{text[:start]} {{ {text[start:end]}\n}} FILTER(?{self.rule.about} IN ( {among} )) {text[end:]}"
        small = KnowledgeGraph(store, root, "", {}, (ox.DefaultGraph(),))
        try:
            content = EmbeddedEngine(small).run(replace(self._query, text=text), format_named("ntriples"))
        except TerritoiresError as error:
            raise failure(self.rule, root, Text(str(error), str(error))) from error
        return stored(quad.triple for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES))

    def sources(self, triple: ox.Triple, match: Match) -> frozenset[Term]:
        """Return all things a conclusion about which may be `triple`, where `match` gives also what is derived.

        Raises:
            Unfollowed: if that may be anything.
        """
        anchor, heads = self.rule.about, self.reading.heads
        if anchor is None or heads is None or self.plans is None:
            raise Unfollowed
        found: set[Term] = set()
        for head in heads:
            binding = head.binding(triple)
            if binding is not None and anchor in binding:
                found.add(binding[anchor])
            elif binding is not None:
                found |= self._beside(binding, anchor, heads, match)
        return frozenset(found)

    def _beside(self, known: dict[str, Term], anchor: str, heads: Iterable[Pattern], match: Match) -> set[Term]:
        """Return the anchors that a triple made in the same breath names."""
        for head in heads:
            subject = known.get(head.subject) if isinstance(head.subject, str) else head.subject
            predicates = (
                frozenset({known.get(head.predicates)}) if isinstance(head.predicates, str) else head.predicates
            )
            sure = isinstance(subject, ox.NamedNode | ox.BlankNode) and None not in predicates
            if head.object == anchor and sure:
                return {triple.object for one in predicates for triple in match(subject, one, None)}
        raise Unfollowed

    @cached_property
    def _query(self) -> Query:
        return admit(self.rule.text)

    @cached_property
    def _group(self) -> tuple[int, int]:
        """Where the group of the WHERE clause starts and ends, inside its braces."""
        depth, starts, ends = 0, [], []
        for match in tokens(self._query.text):
            if match.group() == "{" and match.lastgroup == "open":
                depth += 1
                if depth == 1:
                    starts.append(match.end())
            elif match.group() == "}" and match.lastgroup == "close":
                depth -= 1
                if depth == 0:
                    ends.append(match.start())
        # CONSTRUCT WHERE { … } has one group, which is both.
        group = min(1, len(starts) - 1)
        return starts[group], ends[group]


def followed(root: Root) -> tuple[Followed, ...]:
    """Return the rules of `root` in the order in which they run, read once.

    Raises:
        RuleError: if one is misnamed.
    """
    return tuple(_followed(rule) for rule in load_rules(root))


@lru_cache(maxsize=256)
def _followed(rule: Rule) -> Followed:
    reading = read(rule.text)
    try:
        if rule.about is None or reading.alternatives is None:
            raise Unfollowed
        return Followed(rule, reading, tuple(plan(one, rule.about) for one in reading.alternatives))
    except Unfollowed:
        return Followed(rule, reading, None)
