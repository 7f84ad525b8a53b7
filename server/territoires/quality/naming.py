"""Pitfalls of naming and metadata of OOPS! that can be seen without a network; see `structure` for what they follow."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node

from territoires.errors import Place, Text
from territoires.namespaces import compact
from territoires.quality.checks import UNLISTED, Finding, about, check
from territoires.quality.ontology import Ontology, named, ontology_files

_MISCELLANEOUS: Final = frozenset({"other", "misc", "miscellanea", "miscellaneous", "miscellany"})
_EXTENSION: Final = re.compile(r"\.(owl|rdf|ttl|n3|rdfxml)\b")
_NOWHERE: Final = "http://location.invalid/"


@check("P08", "Missing annotations", "Annotations manquantes")
def p08(ontology: Ontology) -> Iterator[Finding]:
    """A term lacks a label (rdfs:label), or a definition (rdfs:comment), for people to read."""
    for term in ontology.terms:
        for predicate in (RDFS.label, RDFS.comment):
            if (term, predicate, None) not in ontology.graph:
                name = compact(str(predicate))
                yield about(ontology, term, f"has no {name}", f"n'a pas de {name}")


@check("P20", "Misused annotations", "Annotations mal employées")
def p20(ontology: Ontology) -> Iterator[Finding]:
    """Annotations are swapped or misused: empty, the same in label and comment, or a label wordier than its comment."""
    for term in ontology.terms:
        comments = _by_language(ontology.graph.objects(term, RDFS.comment))
        for language, label in _by_language(ontology.graph.objects(term, RDFS.label)).items():
            comment = comments.get(language)
            if comment is None:
                continue
            swapped = label.casefold() == comment.casefold() or len(label.split()) > len(comment.split())
            if swapped or not label.strip() or not comment.strip():
                yield about(
                    ontology,
                    term,
                    f"label {label!r} and comment {comment!r} do not each play their part",
                    f"le label {label!r} et le commentaire {comment!r} ne jouent pas chacun leur rôle",
                )


@check("P21", "A miscellaneous class", "Une classe fourre-tout")
def p21(ontology: Ontology) -> Iterator[Finding]:
    """A class exists only to hold what its siblings do not: its name says "other" or "miscellaneous"."""
    for cls in ontology.classes:
        words = {word.lower() for word in _words(ontology.local(cls))}
        if words & _MISCELLANEOUS:
            yield about(ontology, cls, "is a class for the rest", "est une classe pour le reste")


@check("P22", "Different naming conventions", "Conventions de nommage différentes")
def p22(ontology: Ontology) -> Iterator[Finding]:
    """Terms are not named alike: case of the first letter (of classes, of properties), or delimiter of words."""
    groups: tuple[Iterable[rdflib.URIRef], ...] = (ontology.classes, ontology.properties)
    odd = {term for group in groups for term in _odd(group, lambda term: ontology.local(term)[:1].isupper())}
    several = (term for term in ontology.terms if len(_words(ontology.local(term))) > 1)
    odd |= set(_odd(several, lambda term: re.sub(r"[^-_.]", "", ontology.local(term))[:1]))
    for term in sorted(odd):
        yield about(ontology, term, "is not named like the others", "n'est pas nommé comme les autres")


@check("P32", "Several classes with the same label", "Plusieurs classes de même label")
def p32(ontology: Ontology) -> Iterator[Finding]:
    """Two classes that are not said to be equivalent have the same label in the same language."""
    labelled: defaultdict[tuple[str | None, str], list[rdflib.URIRef]] = defaultdict(list)
    for cls in ontology.classes:
        for language, label in _by_language(ontology.graph.objects(cls, RDFS.label)).items():
            labelled[language, label.casefold()].append(cls)
    for (_, label), (first, *others) in labelled.items():
        for cls in others:
            equivalent = (first, OWL.equivalentClass, cls), (cls, OWL.equivalentClass, first)
            if not any(triple in ontology.graph for triple in equivalent):
                yield about(
                    ontology, cls, f"shares the label {label!r} with {first}", f"a le même label {label!r} que {first}"
                )


@check("P36", "File extension in the IRI", "Extension de fichier dans l'IRI")
def p36(ontology: Ontology) -> Iterator[Finding]:
    """The IRI of the ontology names a file: it contains .owl, .rdf, .ttl, .n3 or .rdfxml."""
    for header in ontology.headers:
        if found := _EXTENSION.search(header):
            yield about(ontology, header, f"contains {found[0]}", f"contient {found[0]}")


@check("P38", "No ontology declaration", "Pas de déclaration d'ontologie")
def p38(ontology: Ontology) -> Iterator[Finding]:
    """Nothing is declared an owl:Ontology, so its metadata has no place."""
    if not ontology.headers:
        yield Finding(Text("nothing is an owl:Ontology", "rien n'est un owl:Ontology"))


@check("P39", "Ambiguous namespace", "Espace de noms ambigu")
def p39(ontology: Ontology) -> Iterator[Finding]:
    """Names depend on where the file lies, because neither it nor its IRIs say their base."""
    for file in ontology_files(ontology.root):
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=_NOWHERE):
            nodes = (node for node in quad.triple if isinstance(node, ox.NamedNode))
            moving = [node.value for node in nodes if node.value.startswith(_NOWHERE)]
            if moving:
                name = moving[0].removeprefix(_NOWHERE)
                text = Text(f"<{name}> is relative, with no @base", f"<{name}> est relatif, sans @base")
                yield Finding(text, None, Place(ontology.root.relative(file)))
                break


@check("P40", "Namespace hijacking", "Détournement d'espace de noms")
def p40(ontology: Ontology) -> Iterator[Finding]:
    """A term of somebody else's namespace is used that is not defined there, by the list of terms checked to exist."""
    used: set[rdflib.URIRef] = {*named(ontology.graph.predicates()), *named(ontology.graph.objects(None, RDF.type))}
    for node in named({*ontology.graph.subjects(), *ontology.graph.objects()}):
        if ontology.is_external(node):
            used.add(node)
    for term in sorted(used):
        if not ontology.is_own(term) and term not in ontology.external:
            yield about(ontology, term, *UNLISTED)


@check("P41", "No licence", "Pas de licence")
def p41(ontology: Ontology) -> Iterator[Finding]:
    """The metadata of the ontology does not say under which licence it is."""
    for header in ontology.headers:
        stated = set(map(str, ontology.graph.predicates(header)))
        if not any(iri.endswith(("/license", "#license")) for iri in stated):
            yield about(ontology, header, "states no dct:license", "n'indique pas de dct:license")


def _by_language(texts: Iterable[Node]) -> dict[str | None, str]:
    return {text.language: str(text) for text in texts if isinstance(text, rdflib.Literal)}


def _words(name: str) -> list[str]:
    return re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)


def _odd(terms: Iterable[rdflib.URIRef], style: Callable[[rdflib.URIRef], Hashable]) -> list[rdflib.URIRef]:
    """Return the terms whose style is not the most frequent one."""
    styles = {term: style(term) for term in terms}
    usual = Counter(styles.values()).most_common(1)
    return [term for term, found in styles.items() if found != usual[0][0]]


NAMING: Final = (p08, p20, p21, p22, p32, p36, p38, p39, p40, p41)
