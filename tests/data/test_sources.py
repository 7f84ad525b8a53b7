"""The data say what the sources say, all of it, each in its graph."""

import csv
import re
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.conftest import shared

from territoires import stamp
from territoires.graph import KnowledgeGraph
from territoires.ingest.anct import read_anct
from territoires.ingest.cog import read_cog
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root
from territoires.turtle import parse, serialize
from territoires.validation import validate

Ask = Callable[[str], list[tuple[str | None, ...]]]
COMMUNIQUE = f"<{BASE}graph/communique-occitanie-2023-11-09>"
ANCT = f"<{BASE}graph/anct-2024-07-04>"


def rows(name: str) -> list[dict[str, str]]:
    with shared(f"facts/{name}").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# What the press release prints (paragraphs 1 to 9), typed from the document.
LAUREATES = {
    "Ariège": ("renewed", "09"),
    "Grand Narbonne": ("renewed", "11"),
    "Alès": ("renewed", "30"),
    "Pont du Gard/Gard Rhodanien": ("renewed", "30"),
    "Castres Revel Castelnaudary": ("renewed", "11 31 81"),
    "Comminges-Nestes": ("renewed", "31 65"),
    "Interdépartemental 32/82": ("renewed", "32 82"),
    "Béziers-Sète": ("renewed", "34"),
    "Lacq Pau Tarbes": ("renewed", "64 65"),
    "Aurillac Figeac Rodez": ("renewed", "12 15 46"),
    "Grand Auch/Astarac": ("new", "32"),
    "Nord Lozère": ("new", "48"),
    "Pyrénées-Orientales": ("new", "66"),
    "Albigeois": ("new", "81"),
    "Hautes Terres d’oc": ("new", "81"),
}


def test_the_press_release_has_its_15_laureates_with_names_departments_and_status(ask: Ask) -> None:
    found: dict[str | None, tuple[str, set[str]]] = {}
    for name, status, code in ask(f"""
        SELECT ?name ?status ?code {{
          GRAPH {COMMUNIQUE} {{ ?t rdfs:label|skos:altLabel ?name ; ti:status ?status ; ti:declaredDepartment ?d }}
          ?d igeo:codeINSEE ?code }}"""):
        found.setdefault(name, (str(status).rpartition("/")[2], set()))[1].add(str(code))
    assert found == {name: (status, set(codes.split())) for name, (status, codes) in LAUREATES.items()}
    assert len(set().union(*(codes for _, codes in found.values()))) == 15
    assert Counter(status for status, _ in found.values()) == {"renewed": 10, "new": 5}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("?x a ti:Programme ; ti:startYear ?v", {"2018"}),
        ("?x ti:hasPhase/ti:startYear ?v", {"2018", "2023"}),
        ("?x ti:hasPhase/ti:endYear ?v", {"2022", "2027"}),
        (
            "?x ti:addresses/skos:prefLabel ?v FILTER(LANG(?v) = 'fr')",
            {"Compétences", "Innovation", "Foncier", "Décarbonation"},
        ),
        ("?x ti:laureateCount ?v ; ti:place ?place", {"183"}),
        ("?x ti:area ?area ; ti:laureateCount ?v", {"15"}),
        ("?x ti:newLaureateCount ?v", {"5"}),
        ("?x ti:renewedLaureateCount ?v", {"10"}),
        ("?x ti:amount ?v ; ti:currency 'EUR' ; ti:year '2024'^^xsd:gYear", {"100000000"}),
        ("?x ti:announcedBy <id/post/president-republique> ; ti:date ?v", {"2023-05-11"}),
        ("?x ti:attestedOn ?v", {"2023-11-09"}),
        (
            "?x ti:declaredInterregional true ; rdfs:label|skos:altLabel ?v",
            {"Lacq Pau Tarbes", "Aurillac Figeac Rodez"},
        ),
        (
            "<id/measure/partner-means> ti:fundedBy/rdfs:label ?v FILTER(LANG(?v) = 'fr')",
            {"Banque des Territoires", "Bpifrance", "ADEME"},
        ),
        (
            "<id/phase/2> ti:selectedBy/rdfs:label ?v FILTER(LANG(?v) = 'fr')",
            {"État", "Régions de France", "Intercommunalités de France", "France Industrie"},
        ),
        (
            "<id/phase/2> ti:advisedBy/rdfs:label ?v FILTER(LANG(?v) = 'fr')",
            {"Préfets de région", "Conseils régionaux"},
        ),
        ("?x a ti:Statement ; ti:statedBy/foaf:name ?v", {"Pierre-André Durand", "Carole Delga"}),
        (
            "?x ti:holder/foaf:name 'Pierre-André Durand' ; ti:post/rdfs:label ?v FILTER(LANG(?v) = 'fr')",
            {"Préfet de la région Occitanie", "Préfet de la Haute-Garonne"},
        ),
        ("?x ti:level ?v", {"regional", "local"}),
    ],
)
def test_the_press_release_s_other_facts_are_there(ask: Ask, question: str, answer: set[str]) -> None:
    found = ask(f"BASE <{BASE}> SELECT DISTINCT ?v {{ GRAPH {COMMUNIQUE} {{ {question} }} }}")
    assert {value for (value,) in found} == answer


def test_the_general_assembly_was_at_chalon_sur_saone_on_9_november_2023(ask: Ask) -> None:
    query = f"SELECT ?date ?town {{ GRAPH {COMMUNIQUE} {{ ?a ti:date ?date ; ti:place ?p }} ?p rdfs:label ?town }}"
    assert ask(query) == [("2023-11-09", "Chalon-sur-Saône")]


def test_albigeois_is_another_name_of_tarn_nord(ask: Ask) -> None:
    query = 'SELECT ?t ?name { ?t skos:altLabel "Albigeois"@fr ; rdfs:label ?name }'
    assert ask(query) == [(f"{BASE}id/territory/2/ti-7614", "Tarn Nord")]


def test_no_sentence_of_the_press_release_is_copied(root: Root) -> None:
    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    printed = words(shared("sources/communique-occitanie-2023-11-09.txt").read_text(encoding="utf-8"))
    runs = {tuple(printed[i : i + 7]) for i in range(len(printed) - 6)}
    # Names and titles are facts; descriptions and definitions must be in our own words.
    prose = {f"{PREFIXES['dct']}description", f"{PREFIXES['skos']}definition"}
    for triple in parse(root.data / "communique-occitanie-2023-11-09.ttl"):
        if triple.predicate.value in prose and isinstance(triple.object, ox.Literal):
            ours = words(triple.object.value)
            copied = [" ".join(run) for i in range(len(ours) - 6) if (run := tuple(ours[i : i + 7])) in runs]
            assert not copied


@pytest.mark.parametrize(("phase", "territories", "members"), [(1, 149, 588), (2, 183, 641)])
def test_the_national_lists_are_whole(ask: Ask, phase: int, territories: int, members: int) -> None:
    query = f"""BASE <{BASE}> SELECT (COUNT(DISTINCT ?t) AS ?n) (COUNT(?m) AS ?k) {{
        GRAPH {ANCT} {{ ?t a ti:Territory ; ti:phase <id/phase/{phase}> ; ti:includes ?m }} }}"""
    assert ask(query) == [(str(territories), str(members))]


def test_territories_are_filed_under_18_regions(ask: Ask) -> None:
    assert ask("SELECT (COUNT(DISTINCT ?r) AS ?n) { ?t ti:filedUnder ?r }") == [("18",)]


@pytest.mark.parametrize("phase", [1, 2])
def test_every_row_of_anct_s_list_is_in_the_graph_and_nothing_else(ask: Ask, phase: int) -> None:
    listed = {(row["id_ti"], row["lib_ti"], row["siren_groupement"]) for row in rows(f"liste-ti-grpt-phase{phase}.csv")}
    found = ask(f"""BASE <{BASE}> SELECT ?id ?name ?siren {{
        ?t ti:phase <id/phase/{phase}> ; dct:identifier ?id ; rdfs:label ?name ; ti:includes/ti:siren ?siren }}""")
    assert len(found) == len(listed)
    assert set(found) == listed


@pytest.mark.parametrize(
    ("kind", "count"),
    [("Region", 18), ("Department", 101), ("OverseasCollectivity", 8), ("Intercommunality", 1266), ("Commune", 34969)],
)
def test_the_geography_is_whole(ask: Ask, kind: str, count: int) -> None:
    assert ask(f"SELECT (COUNT(?p) AS ?n) {{ ?p a ti:{kind} }}") == [(str(count),)]


def test_territorial_establishments_of_greater_paris_are_apart_from_the_epci(ask: Ask) -> None:
    forms = Counter(form for _, form in ask("SELECT ?i ?form { ?i ti:legalForm ?form }"))
    assert forms.pop("EPT") == 11
    assert forms.total() == 1255


def test_overseas_collectivities_are_neither_regions_nor_departments(ask: Ask) -> None:
    assert ask("SELECT ?c { ?c a ti:OverseasCollectivity . { ?c a ti:Region } UNION { ?c a ti:Department } }") == []
    assert ask("SELECT (COUNT(?c) AS ?n) { ?c ti:inCollectivity ?x }") == [("94",)]


def test_population_years_are_those_of_insee(ask: Ask) -> None:
    found = ask("SELECT ?y (COUNT(?c) AS ?n) { ?c ti:legalPopulation ?p ; ti:legalPopulationYear ?y } GROUP BY ?y")
    assert {year for year, _ in found} == {"2017", "2022", "2023", "2025"}
    assert sum(int(str(count)) for _, count in found) == 34969 - 6


def test_an_intercommunality_is_part_of_nothing(ask: Ask) -> None:
    query = "SELECT ?i ?p { ?i a ti:Intercommunality ; ti:inDepartment|ti:inRegion|ti:inCollectivity|ti:isPartOf ?p }"
    assert ask(query) == []


def test_every_resource_of_a_source_says_where_it_stands(graph: KnowledgeGraph) -> None:
    locator = ox.NamedNode(f"{BASE}def#locator")
    for name in graph.graphs:
        if name.rpartition("/")[2] not in {"catalogue", "ontology", "derived"}:
            quads = list(graph.store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
            assert {q.subject for q in quads} == {q.subject for q in quads if q.predicate == locator}, name


def test_every_graph_is_in_the_catalogue_with_its_terms(graph: KnowledgeGraph, ask: Ask) -> None:
    found = ask(f"BASE <{BASE}> SELECT ?g {{ <dataset> dct:hasPart ?g . ?g dct:title ?t ; dct:license|dct:rights ?l }}")
    assert {name for (name,) in found} == set(graph.graphs)
    sources = {s for (s,) in ask("SELECT ?s { ?g dct:source ?s . ?s dct:publisher ?p ; dct:license|dct:rights ?l }")}
    assert sources == {s for (s,) in ask("SELECT ?s { ?s a ti:Source }")}
    undated = ask("SELECT ?s { ?s a ti:Source FILTER NOT EXISTS { ?s dct:issued|dct:modified|dct:date ?d } }")
    # Pages and tables that give no day; their facts are dated one by one, or are identifiers.
    names = {str(source).rpartition("/")[2] for (source,) in undated}
    links = {f"links-{name}" for name in ("datagouv", "ign", "insee", "organisations", "wikidata")}
    assert names == {"points-dila", "petr-gqg-2019"} | links


def test_the_data_hold_no_blank_node(graph: KnowledgeGraph) -> None:
    for quad in graph.store:
        assert not isinstance(quad.subject, ox.BlankNode)
        assert not isinstance(quad.object, ox.BlankNode)


def test_the_same_fact_in_two_sources_is_one_fact(ask: Ask) -> None:
    query = "SELECT ?s (COUNT(?l) AS ?n) { ?s a ti:Territory ; rdfs:label ?l } GROUP BY ?s HAVING(?n > 1)"
    assert ask(query) == []


@pytest.mark.parametrize("phase", [1, 2])
def test_importing_anct_s_list_again_gives_the_same_bytes(root: Root, phase: int) -> None:
    geography = sorted((root.data / "cog-2026").glob("*.ttl"))
    text = read_anct(shared(f"facts/liste-ti-grpt-phase{phase}.csv"), phase, geography)
    assert text == (root.data / "anct-2024-07-04" / f"phase-{phase}.ttl").read_text(encoding="utf-8")


@pytest.mark.slow
def test_importing_the_geography_again_gives_the_same_bytes(root: Root, tmp_path: Path) -> None:
    folder = npm_package("@etalab/decoupage-administratif@6.0.0", tmp_path)
    for name, text in read_cog(folder).items():
        assert text == (root.data / "cog-2026" / name).read_text(encoding="utf-8"), name


def npm_package(name: str, folder: Path) -> Path:
    """Return the unpacked npm package, or skip the test where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm")
    packed = subprocess.run([npm, "pack", "--silent", name], cwd=folder, capture_output=True, text=True, check=False)
    if packed.returncode:
        pytest.skip(f"npm cannot fetch {name} here")
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def test_points_are_those_of_the_table(ask: Ask) -> None:
    table = {
        (row["code_insee"], f"POINT({row['longitude']} {row['latitude']})")
        for row in rows("communes-points.csv")
        if row["longitude"] != "nan"
    }
    found = ask("SELECT ?code ?wkt { ?c geo:hasDefaultGeometry/geo:asWKT ?wkt ; igeo:codeINSEE ?code }")
    assert set(found) == table
    assert len(found) == 34868  # two communes are listed without a point, 99 are not listed


def test_communes_outside_and_in_two_intercommunalities(ask: Ask) -> None:
    assert ask("SELECT (COUNT(?c) AS ?n) { ?c a ti:Commune FILTER NOT EXISTS { ?c ti:inIntercommunality ?i } }") == [
        ("98",)
    ]
    double = "SELECT ?c { ?c ti:inIntercommunality ?i } GROUP BY ?c HAVING(COUNT(?i) = 2)"
    assert len(ask(double)) == 129


@pytest.mark.parametrize("file", ["anct-2024-07-04/phase-2.ttl", "cog-2026/intercommunalities.ttl"])
def test_generated_files_are_in_the_project_s_own_order(root: Root, file: str) -> None:
    text = (root.data / file).read_text(encoding="utf-8")
    header = "\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    assert serialize(parse(root.data / file), header=header) == text


def test_the_stamp_is_that_of_these_data(root: Root) -> None:
    assert stamp.is_stamped(root), "run `make check` and commit shapes/checked.json"


@pytest.mark.slow
def test_the_shipped_graph_conforms_to_its_shapes(graph: KnowledgeGraph) -> None:
    validate(graph).raise_for_violations()
