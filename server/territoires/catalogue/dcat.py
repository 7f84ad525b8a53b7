"""DCAT-AP 3.0.1: the catalogue that portals such as data.gouv.fr harvest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from territoires.catalogue.sheet import Sheet, Value
from territoires.catalogue.statistics import Statistics
from territoires.catalogue.void import DUMP, PATH, dataset_iri
from territoires.errors import Text
from territoires.formats import GRAPH_FORMATS, Format, format_named
from territoires.namespaces import BASE, expand

_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_TITLE: Final = (
    ox.Literal("Catalogue du graphe de connaissances", language="fr"),
    ox.Literal("Catalogue of the knowledge graph", language="en"),
)
_ABOUT: Final = (
    ox.Literal("Les jeux de données que ce serveur publie, et comment les obtenir.", language="fr"),
    ox.Literal("The datasets that this server publishes, and how to get them.", language="en"),
)
_TYPES: Final = {
    "dct:license": "dct:LicenseDocument",
    "dct:language": "dct:LinguisticSystem",
    "dct:spatial": "dct:Location",
    "dct:temporal": "dct:PeriodOfTime",
    "dct:conformsTo": "dct:Standard",
    "dct:accrualPeriodicity": "dct:Frequency",
    "dcat:theme": "skos:Concept",
    "prov:wasGeneratedBy": "prov:Activity",
}
"""What DCAT-AP takes the values of a property for."""
_NAMES: Final = ("rdfs:label", "skos:prefLabel", "dcat:startDate", "dcat:endDate")
"""What is repeated of the things that a dataset leads to."""
_SERVICE: Final = (
    ox.Literal("Point d'accès SPARQL", language="fr"),
    ox.Literal("SPARQL endpoint", language="en"),
)


File = tuple[str, str, Text]
"""A file of the whole dataset: its path below the server's address, its media type, and its title."""


def describe(statistics: Statistics, home: str, files: Iterable[File] = ()) -> list[ox.Triple]:
    """Return the catalogue of the dataset, of each named graph that describes itself, and of the SPARQL endpoint.

    Args:
        statistics: counts, and what the dataset says of itself.
        home: URL below which the server answers, with the slash.
        files: more files of the whole dataset than the dump.
    """
    writer = _Writer(statistics, home, tuple(files))
    writer.catalogue()
    return list(dict.fromkeys(writer.sheet.triples))


class _Writer:
    def __init__(self, statistics: Statistics, home: str, files: tuple[File, ...]) -> None:
        self.sheet = Sheet()
        self._statistics = statistics
        self._home = home
        self._files = files
        self._dataset = dataset_iri(statistics, home)
        self._publisher = self._agents(self._dataset, "dct:publisher")[0]

    def catalogue(self) -> None:
        """Describe the catalogue and everything in it."""
        say, catalogue = self.sheet.say, f"{self._home}catalog"
        self.sheet.type(catalogue, "dcat:Catalog")
        say(catalogue, "dct:title", *_TITLE)
        say(catalogue, "dct:description", *_ABOUT)
        say(catalogue, "dct:publisher", self._publisher)
        say(catalogue, "foaf:homepage", self._home)
        self.sheet.type(self._home, "foaf:Document")
        self._copy(self._dataset, catalogue, "dct:license", "dct:language")
        say(catalogue, "dcat:service", self._service())
        describing = [name for name in self._statistics.graphs if self._facts(name, "dct:title")]
        for dataset in (self._dataset, *describing):
            say(catalogue, "dcat:dataset", dataset)
            self._describe(dataset, describing)

    def _service(self) -> str:
        service, say = f"{self._home}sparql#service", self.sheet.say
        self.sheet.type(service, "dcat:DataService")
        say(service, "dct:title", *_SERVICE)
        say(service, "dcat:endpointURL", f"{self._home}sparql")
        say(service, "dcat:endpointDescription", f"{self._home}sparql")
        say(service, "dct:conformsTo", "http://www.w3.org/TR/sparql11-protocol/")
        self.sheet.type("http://www.w3.org/TR/sparql11-protocol/", "dct:Standard")
        say(service, "dct:publisher", self._publisher)
        say(service, "dcat:servesDataset", self._dataset)
        return service

    def _describe(self, dataset: str, parts: list[str]) -> None:
        """Describe one dataset: the whole, or a named graph."""
        say, whole = self.sheet.say, dataset == self._dataset
        self.sheet.type(dataset, "dcat:Dataset")
        say(dataset, "dct:title", *(self._facts(dataset, "dct:title") or _TITLE))
        say(dataset, "dct:description", *self._about(dataset))
        say(dataset, "dct:publisher", *self._agents(dataset, "dct:publisher"))
        say(dataset, "dct:creator", *self._agents(dataset, "dct:creator"))
        self._copy(dataset, dataset, *_TYPES, "dct:issued", "dct:modified", "dct:identifier", "prov:wasDerivedFrom")
        if whole:
            say(dataset, "dcat:landingPage", self._home)
            say(dataset, "dct:hasPart", *parts)
            self._offer(dataset, self._home + DUMP, format_named("nquads"))
            for path, media_type, title in self._files:
                titles = [ox.Literal(title.in_(language), language=language) for language in ("en", "fr")]
                self._distribute(dataset, self._home + path, media_type, titles)
        elif dataset.startswith(BASE):
            url = self._home + dataset.removeprefix(BASE)
            for format_ in GRAPH_FORMATS:
                self._offer(dataset, f"{url}.{format_.suffix}", format_)

    def _about(self, dataset: str) -> tuple[Value, ...]:
        """Return a description: the dataset's own, its source's, or its title."""
        own = self._facts(dataset, "dct:description")
        for source in self._facts(dataset, "dct:source"):
            own = own or self._facts(source.value, "dct:description")
        return tuple(own or self._facts(dataset, "dct:title") or _ABOUT)

    def _offer(self, dataset: str, url: str, format_: Format) -> None:
        self._distribute(dataset, url, format_.media_type, [ox.Literal(format_.title)])

    def _distribute(self, dataset: str, url: str, type_: str, titles: list[ox.Literal]) -> None:
        say, distribution, media_type = self.sheet.say, f"{url}#distribution", _MEDIA_TYPES + type_
        say(dataset, "dcat:distribution", distribution)
        self.sheet.type(distribution, "dcat:Distribution")
        say(distribution, "dct:title", *titles)
        say(distribution, "dcat:accessURL", url)
        say(distribution, "dcat:downloadURL", url)
        say(distribution, "dcat:mediaType", media_type)
        self.sheet.type(media_type, "dct:MediaType")
        self._copy(dataset, distribution, "dct:license")
        if rights := self._facts(dataset, "dct:rights"):
            # A literal with us; DCAT-AP wants a thing that has it for a label.
            statement = f"{dataset}#rights"
            say(distribution, "dct:rights", statement)
            self.sheet.type(statement, "dct:RightsStatement")
            say(statement, "rdfs:label", *rights)

    def _facts(self, subject: str, name: str) -> list[Value]:
        return self._statistics.facts(subject, ox.NamedNode(expand(name)))

    def _copy(self, subject: str, target: str, *names: str) -> None:
        """Repeat what is stated of `subject`, with the types that DCAT-AP asks for and the names of the values."""
        for name in names:
            values = self._facts(subject, name)
            self.sheet.say(target, name, *values)
            for value in values if name in _TYPES else ():
                self.sheet.type(value.value, _TYPES[name])
                for property_ in _NAMES:
                    self.sheet.say(value.value, property_, *self._facts(value.value, property_))

    def _agents(self, dataset: str, name: str) -> list[str]:
        """Return who did it, described as an agent; for a publisher, the server itself where none is stated."""
        agents = [value.value for value in self._facts(dataset, name)]
        if not agents and name == "dct:publisher":
            agents = [f"{self._home}{PATH}#publisher"]
        for agent in agents:
            self.sheet.type(agent, "foaf:Agent")
            names = self._facts(agent, "rdfs:label") or [ox.Literal(self._home)]
            self.sheet.say(agent, "foaf:name", *names)
        return agents
