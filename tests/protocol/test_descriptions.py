"""What machines read first: service description, VoID and the DCAT-AP catalogue, each true of this very server."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCAT, DCTERMS, PROV, RDF, SH, SKOS, VOID, Namespace, URIRef
from tests.conftest import running_server, shared
from tests.protocol.conftest import BASE, BROWSER, Answer, Client

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = {
    "text/turtle": "turtle",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/n-triples": "ntriples",
}
PATHS = ["/sparql", "/.well-known/void", "/catalog"]
DATASET = URIRef(f"{BASE}dataset")


def graph_of(answer: Answer) -> rdflib.Graph:
    format_ = ox.RdfFormat.from_media_type(answer.media_type)
    assert (answer.status, bool(format_)) == (200, True), answer.text
    triples = (quad.triple for quad in ox.parse(answer.body, format=format_))
    lines = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=(lines or b"").decode(), format="nt")


def number(client: Client, text: str) -> int:
    [[value]] = client.rows(text)
    return int(value)


def one(graph: rdflib.Graph, subject: rdflib.term.Node, predicate: URIRef) -> int:
    [value] = graph.objects(subject, predicate)
    return int(str(value))


@pytest.mark.parametrize("path", PATHS)
def test_each_document_says_the_same_in_every_format(client: Client, path: str) -> None:
    graphs = [set(graph_of(client.get(path, Accept=media_type))) for media_type in FORMATS]
    assert graphs[0]
    assert all(graph == graphs[0] for graph in graphs)
    for media_type, name in FORMATS.items():
        assert client.get(path, {"format": name}, Accept="image/png").media_type == media_type
    assert not any(isinstance(term, rdflib.BNode) for triple in graphs[0] for term in triple)


@pytest.mark.parametrize("path", ["/.well-known/void.nt", "/catalog.nt"])
def test_a_suffix_chooses_the_format(client: Client, path: str) -> None:
    assert client.get(path).media_type == "application/n-triples"
    assert client.get(path.replace(".nt", ".pdf")).status == 404


@pytest.mark.parametrize("path", PATHS[1:])
def test_a_format_that_is_not_offered_is_not_acceptable(client: Client, path: str) -> None:
    answer = client.get(path, Accept="image/png")
    assert answer.status == 406
    assert "text/turtle" in answer.json["hint"]


def test_a_browser_gets_the_form_and_a_program_the_description(client: Client) -> None:
    assert client.get("/sparql", Accept=BROWSER).media_type == "text/html"
    assert client.get("/sparql").media_type == client.get("/sparql", Accept="*/*").media_type == "text/turtle"


def test_the_service_is_where_it_says_and_takes_queries(client: Client) -> None:
    graph = graph_of(client.get("/sparql"))
    [service] = graph.subjects(RDF.type, SD.Service)
    assert list(graph.objects(service, SD.endpoint)) == [URIRef(f"{client.base}/sparql")]
    assert list(graph.objects(service, SD.supportedLanguage)) == [SD.SPARQL11Query]
    assert list(graph.objects(service, SD.feature)) == [SD.UnionDefaultGraph]


def test_the_service_lists_every_named_graph_with_its_size(client: Client) -> None:
    graph = graph_of(client.get("/sparql"))
    found = {}
    for named in graph.subjects(RDF.type, SD.NamedGraph):
        [name], [content] = graph.objects(named, SD.name), graph.objects(named, SD.graph)
        found[str(name)] = one(graph, content, VOID.triples)
    counted = client.rows("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert found == {name: int(count) for name, count in counted}


def test_every_result_format_of_the_service_is_one_that_it_writes(client: Client) -> None:
    graph = graph_of(client.get("/sparql"))
    [service] = graph.subjects(RDF.type, SD.Service)
    names = {str(format_).rpartition("/")[2] for format_ in graph.objects(service, SD.resultFormat)}
    assert names == {
        *(f"SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")),
        *("Turtle", "JSON-LD", "N-Triples", "RDF_XML", "TriG", "N-Quads"),
    }


def test_the_totals_of_void_are_true(client: Client) -> None:
    graph = graph_of(client.get("/.well-known/void"))
    total = "SELECT (COUNT({}) AS ?n) {{ ?s ?p ?o }}"
    assert one(graph, DATASET, VOID.triples) == number(client, total.format("*"))
    assert one(graph, DATASET, VOID.distinctSubjects) == number(client, total.format("DISTINCT ?s"))
    assert one(graph, DATASET, VOID.distinctObjects) == number(client, total.format("DISTINCT ?o"))
    assert one(graph, DATASET, VOID.properties) == number(client, total.format("DISTINCT ?p"))
    assert one(graph, DATASET, VOID.classes) == number(client, "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }")


def test_the_partitions_of_void_are_true_and_complete(client: Client) -> None:
    graph = graph_of(client.get("/.well-known/void"))
    classes = {
        str(graph.value(part, VOID["class"])): one(graph, part, VOID.entities)
        for part in graph.objects(DATASET, VOID.classPartition)
    }
    assert classes == {name: int(n) for name, n in client.rows("SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c")}
    properties = {
        str(graph.value(part, VOID.property)): one(graph, part, VOID.triples)
        for part in graph.objects(DATASET, VOID.propertyPartition)
    }
    counted = client.rows("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    assert properties == {name: int(n) for name, n in counted}


def test_the_dumps_of_void_hold_everything(client: Client) -> None:
    graph = graph_of(client.get("/.well-known/void"))
    assert list(graph.objects(DATASET, VOID.dataDump)) == [URIRef(f"{client.base}/dump.nq")]
    assert list(graph.objects(DATASET, VOID.sparqlEndpoint)) == [URIRef(f"{client.base}/sparql")]
    quads = list(ox.parse(client.get("/dump.nq").body, format=ox.RdfFormat.N_QUADS))
    assert len({quad.triple for quad in quads}) == one(graph, DATASET, VOID.triples)
    assert all(isinstance(quad.graph_name, ox.NamedNode) for quad in quads)
    assert len(quads) == number(client, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")


def test_the_links_of_void_are_counted_by_predicate_and_host(tmp_path: Path) -> None:
    file = tmp_path / "links.ttl"
    file.write_text(
        """@prefix owl: <http://www.w3.org/2002/07/owl#> .
        <urn:x:1> owl:sameAs <http://www.wikidata.org/entity/Q1> , <http://id.insee.fr/geo/commune/1> .
        <urn:x:2> owl:sameAs <http://www.wikidata.org/entity/Q2> , <https://w3id.org/territoires-industrie/id/x> .
        """,
        encoding="utf-8",
    )
    with running_server([], serve=["--data", str(file), "--no-check"]) as url:
        graph = graph_of(Client(url).get("/.well-known/void"))
    links = {
        (
            str(graph.value(linkset, VOID.linkPredicate)),
            str(graph.value(graph.value(linkset, VOID.objectsTarget), VOID.uriSpace)),
        ): one(graph, linkset, VOID.triples)
        for linkset in graph.subjects(RDF.type, VOID.Linkset)
    }
    same = "http://www.w3.org/2002/07/owl#sameAs"
    assert links == {(same, "http://www.wikidata.org/"): 2, (same, "http://id.insee.fr/"): 1}


def test_the_catalogue_lists_every_graph_and_each_download_is_there(client: Client) -> None:
    graph = graph_of(client.get("/catalog"))
    [catalogue] = graph.subjects(RDF.type, DCAT.Catalog)
    named = {name for [name] in client.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert {str(dataset) for dataset in graph.objects(catalogue, DCAT.dataset)} == named | {str(DATASET)}
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        [url] = graph.objects(distribution, DCAT.downloadURL)
        [media_type] = graph.objects(distribution, DCAT.mediaType)
        answer = client.send("HEAD", str(url).removeprefix(client.base))
        assert (answer.status, str(media_type).endswith(answer.media_type)) == (200, True), url


def test_every_dataset_of_the_catalogue_has_title_description_and_publisher(client: Client) -> None:
    graph = graph_of(client.get("/catalog"))
    for dataset in graph.subjects(RDF.type, DCAT.Dataset):
        for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.distribution):
            assert (dataset, predicate, None) in graph, (dataset, predicate)


def test_every_dataset_of_the_catalogue_says_when_where_how_and_under_which_terms(client: Client) -> None:
    graph = graph_of(client.get("/catalog"))
    said = ("issued", "modified", "spatial", "temporal", "conformsTo")
    for dataset in graph.subjects(RDF.type, DCAT.Dataset):
        for predicate in (*(DCTERMS[name] for name in said), PROV.wasGeneratedBy):
            assert (dataset, predicate, None) in graph, (dataset, predicate)
        for distribution in graph.objects(dataset, DCAT.distribution):
            terms = [*graph.objects(distribution, DCTERMS.license), *graph.objects(distribution, DCTERMS.rights)]
            assert terms, distribution
            assert all(isinstance(term, URIRef) for term in terms)


def test_the_catalogue_carries_the_types_of_what_stands_elsewhere(client: Client) -> None:
    graph = graph_of(client.get("/catalog"))
    for predicate, kind in (
        (DCAT.theme, SKOS.Concept),
        (DCAT.mediaType, DCTERMS.MediaType),
        (DCTERMS.license, DCTERMS.LicenseDocument),
        (DCTERMS.language, DCTERMS.LinguisticSystem),
        (DCTERMS.spatial, DCTERMS.Location),
        (DCTERMS.temporal, DCTERMS.PeriodOfTime),
        (DCTERMS.conformsTo, DCTERMS.Standard),
    ):
        values = set(graph.objects(None, predicate))
        assert values, predicate
        assert all((value, RDF.type, kind) in graph for value in values), predicate


def test_the_catalogue_passes_the_shapes_of_dcat_ap(client: Client) -> None:
    import pyshacl  # noqa: PLC0415  (half a second)

    shapes = rdflib.Graph().parse(shared("sources/dcat-ap-3.0.1-shapes.ttl"), format="turtle")
    for shape in set(shapes.objects(None, SH.property)):
        if (shape, SH.path, None) not in shapes:
            # Two of the published property shapes have no path, which pySHACL takes for an error.
            shapes.remove((None, SH.property, shape))
    catalogue = graph_of(client.get("/catalog"))
    conforms, _, text = pyshacl.validate(catalogue, shacl_graph=shapes)
    assert conforms, text
    for triple in list(catalogue.triples((None, DCTERMS.title, None))):
        catalogue.remove(triple)
    assert not pyshacl.validate(catalogue, shacl_graph=shapes)[0], "the shapes see what is missing"
