"""Classes of an ontology by family, and the properties that tie one family to another."""

from __future__ import annotations

from collections import defaultdict

from territoires.vocabulary import Vocabulary, VocabularyTerm

Tie = tuple[str, str]
"""Families that properties lead from and to."""


class Families:
    """What a class diagram shows of an ontology.

    Left out: the inverses of properties that the data states, and properties of anything (`owl:Thing`).
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.terms = vocabulary.terms
        self.members: dict[str, list[VocabularyTerm]] = defaultdict(list)
        for term in vocabulary.of_kind("class"):
            self.members[self.family(term.iri)].append(term)
        self.ties: dict[Tie, list[VocabularyTerm]] = defaultdict(list)
        for term in vocabulary.of_kind("object"):
            for domain in () if self._is_mirror(term) else term.relations.get("rdfs:domain", ()):
                for range_ in term.relations.get("rdfs:range", ()):
                    if {domain, range_} <= self.terms.keys():
                        self.ties[self.family(domain), self.family(range_)].append(term)

    def family(self, iri: str) -> str:
        """Return the class of the ontology that is above all others over `iri`."""
        seen = {iri}
        while above := [one for one in self.terms[iri].relations.get("rdfs:subClassOf", ()) if one in self.terms]:
            if above[0] in seen:
                return min(seen)
            iri = above[0]
            seen.add(iri)
        return iri

    def _is_mirror(self, term: VocabularyTerm) -> bool:
        inverses = [self.terms[one] for one in term.relations.get("owl:inverseOf", ()) if one in self.terms]
        return not term.uses and any(other.uses for other in inverses)

    def columns(self) -> dict[str, int]:
        """Return the column of each family: 0 what only points, 2 what is mostly pointed at, 1 the rest."""
        leaving: dict[str, int] = defaultdict(int)
        coming: dict[str, int] = defaultdict(int)
        for (source, target), terms in self.ties.items():
            if source != target:
                leaving[source] += len(terms)
                coming[target] += len(terms)
        column = {one: 2 if coming[one] > leaving[one] else 1 for one in self.members}
        points_at_middle = {source for source, target in self.ties if source != target and column[target] == 1}
        left = {one for one in column if not coming[one] and (one in points_at_middle or not leaving[one])}
        column |= dict.fromkeys(left, 0)
        present = sorted(set(column.values()))
        return {one: present.index(number) for one, number in column.items()}
