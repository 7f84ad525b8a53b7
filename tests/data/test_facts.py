"""Each row of the table of programme facts is in the graph with its figures, date and address, or left out and why."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.conftest import shared

import territoires
from territoires.changes import Changes
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, PREFIXES
from territoires.queries import read_query
from territoires.root import Root
from territoires.turtle import parse
from territoires.validation import validate

Ask = Callable[[str], list[tuple[str | None, ...]]]
Key = tuple[str, str, str]

LEFT_OUT: dict[Key, str] = {
    ("rebond_industriel", "laureat", "2022-11-14"): "read in a forum; its year was inferred",
}
"""Rows (subject, property, date) of which nothing is stated."""

WITHHELD = {
    "Audrey Le-Bars": "project lead, an employee; her body is stated",
    "Patrick Mathieu": "industrial member of a pair, a private individual; Teréga is stated",
    "Marc Mesplarau": "industrial member of a pair, a private individual; UIMM is stated",
    "Luc Mas": "industrial member of a pair, a private individual; Cameron France is stated",
    "Georges Galea": "industrial member of a pair, a private individual; Steel Electronique is stated",
    "Isabelle Martin": "president of an association, no public office; CleanTech Vallée is stated",
    "Rebsamen": "named without first name or office in what was read",
    "Ferracci": "named without first name or office in what was read",
}
"""Names of rows that are stated without them."""

# What each kept row must be in the graph of its source: (subject, property, date) -> pattern for ?v, and its values.
KEPT: dict[Key, list[tuple[str, set[str]]]] = {
    ("programme", "lancement_phase_1", "2018-11-22"): [
        ("?a ti:laureateCount ?v ; ti:appliesTo <id/phase/1> ; ti:date '2018-11-22'^^xsd:date", {"124"}),
        ("?t ti:attestedOn '2018-11-22'^^xsd:date ; ti:holder/foaf:name ?v", {"Édouard Philippe"}),
    ],
    ("programme", "nb_territoires", "2019-03-05"): [
        ("?a ti:laureateCount ?v ; ti:place <id/commune/69123> ; ti:date '2019-03-05'^^xsd:date", {"136"}),
    ],
    ("programme", "nb_territoires", "2019-11-19"): [
        ("?a ti:laureateCount ?v ; ti:place <id/commune/68224> ; ti:date '2019-11-19'^^xsd:date", {"146"}),
    ],
    ("programme", "nb_territoires_phase_1", "2022-12-31"): [
        ("?f ti:figureOf <id/phase/1> ; ti:asOf '2022-12-31'^^xsd:date ; ti:value ?v", {"149", "16186"}),
    ],
    ("programme", "bilan_phase_1", "2018-2022"): [
        ("?f ti:amount ?v ; ti:currency 'EUR' ; ti:stage <id/stage/done> ; ti:startYear ?s", {"2000000000"}),
        ("?f ti:value ?v ; ti:unit 'territory' ; ti:endYear '2022'^^xsd:gYear", {"149"}),
    ],
    ("programme", "annonce_relance", "2023-05-11"): [
        ("?a ti:announcedBy <id/post/president-republique> ; ti:announces ?f . ?f ti:amount ?v", {"100000000"}),
        ("?f ti:asOf ?v ; ti:stage <id/stage/planned>", {"2023-05-11"}),
    ],
    ("programme", "lancement_phase_2", "2023-06-23"): [
        ("<id/phase/2> ti:applicationsFrom ?v", {"2023-06-27"}),
        ("<id/phase/2> ti:applicationsUntil ?v", {"2023-09-22"}),
        ("?a ti:announcedBy <id/post/premier-ministre> ; ti:date ?v", {"2023-06-23"}),
        ("?t ti:post <id/post/premier-ministre> ; ti:holder/foaf:name ?v", {"Élisabeth Borne"}),
    ],
    ("programme", "ministres_phase_2", "2023-07-19"): [
        (
            "?t ti:attestedOn '2023-07-19'^^xsd:date ; ti:holder/foaf:name ?v",
            {"Christophe Béchu", "Roland Lescure", "Dominique Faure"},
        ),
    ],
    ("programme", "pilotes", "2023-07-19"): [
        (
            "?s ti:level 'national' ; ti:steeredBy ?v . FILTER(!CONTAINS(STR(?v), '/post/'))",
            {"id/funder/anct", "id/organisation/dge"},
        ),
    ],
    ("programme", "partenaires_selection", "2023-07-19"): [
        (
            "<id/phase/2> ti:selectedBy ?v",
            {f"id/organisation/{n}" for n in ("france-industrie", "intercommunalites-de-france", "regions-de-france")},
        ),
    ],
    ("programme", "operateurs", "2024-12-18"): [
        (
            "?p ti:operatedBy ?v",
            {f"id/funder/{n}" for n in ("ademe", "banque-des-territoires", "bpifrance")}
            | {
                f"id/organisation/{n}"
                for n in ("action-logement", "business-france", "conseils-regionaux", "france-travail")
            },
        ),
    ],
    ("programme", "nb_laureats_phase_2", "2023-11-09"): [
        ("?a ti:laureateCount ?v", {"183"}),
        ("?a ti:newLaureateCount ?v", {"29"}),
        ("?a ti:intercommunalityCount ?v", {"630", "551"}),
        ("?f ti:value ?v ; ti:unit 'project'", {"2150"}),
    ],
    ("programme", "gouvernance", "2023-11-26"): [
        ("?s ti:level ?v", {"local", "regional", "national"}),
        (
            "?s ti:level 'local' ; ti:steeredBy ?v",
            {f"id/organisation/{n}" for n in ("binomes-locaux", "chefs-de-projet")},
        ),
        ("?s ti:level 'regional' ; ti:steeredBy ?v", {"id/funder/etat", "id/organisation/conseils-regionaux"}),
    ],
    ("programme", "budget", "2024-01"): [
        ("<id/measure/envelope-2024> ti:amount ?v ; ti:currency 'EUR' ; ti:year '2024'^^xsd:gYear", {"100000000"}),
        ("<id/measure/envelope-2024> ti:stage ?v", {"id/stage/planned"}),
    ],
    ("programme", "budget_envisage", "2023-11"): [
        ("?f ti:amount ?v ; ti:startYear '2023'^^xsd:gYear ; ti:endYear '2027'^^xsd:gYear", {"500000000"}),
        ("?f ti:stage ?v", {"id/stage/planned"}),
    ],
    ("programme", "execution", "2025-01-14"): [
        ("?f ti:figureOf <id/measure/project-lead> ; ti:value ?v", {"153"}),
        ("?f ti:figureOf <id/measure/project-lead> ; ti:amount ?v", {"6700000"}),
        ("?f ti:figureOf <id/measure/anct-engineering> ; ti:value ?v", {"17"}),
        ("?f ti:figureOf <id/measure/anct-engineering> ; ti:amount ?v", {"2000000"}),
        ("?f ti:figureOf <id/measure/envelope-2024> ; ti:amount ?v ; ti:year '2024'^^xsd:gYear", {"63000000"}),
        ("?f ti:figureOf <id/measure/rebond-industriel> ; ti:value ?v", {"21"}),
        ("?f ti:stage ?v", {"id/stage/done"}),
        ("?f ti:asOf ?v", {"2025-01-14"}),
    ],
    ("programme", "budget_2025", "2025-05-27"): [
        ("?f ti:amount ?v ; ti:year '2025'^^xsd:gYear ; ti:asOf '2025-05-27'^^xsd:date", {"52000000"}),
    ],
    ("programme", "bilan", "2025-05-27"): [
        ("?f ti:value ?v ; ti:unit 'action'", {"3072"}),
        ("?f ti:value ?v ; ti:unit 'percent'", {"56"}),
        ("?a ti:laureateCount ?v ; ti:date '2025-05-27'^^xsd:date", {"183"}),
    ],
    ("programme", "rapport", "2024-12-18"): [],  # the report is the source itself: see the catalogue
    ("rebond_industriel", "lancement", "2022-08-01"): [
        ("?f ti:figureOf <id/measure/rebond-industriel> ; ti:amount ?v", {"100000000", "10000000", "90000000"}),
        ("?a ti:announces <id/measure/rebond-industriel> ; ti:date ?v", {"2022-08-01"}),
        ("?m ti:fundedBy ?v", {"id/funder/banque-des-territoires", "id/funder/bpifrance"}),
    ],
    ("rebond_industriel", "laureat", "2023-11-13"): [
        ("<id/measure/rebond-industriel> ti:awardedTo ?v", {"id/territory/2/ti-7510"}),
    ],
    ("sites_cles_en_main", "laureats", "2024-04-16"): [
        ("?f ti:value ?v ; ti:unit 'site'", {"55"}),
        ("?f ti:value ?v ; ti:unit 'hectare'", {"3342"}),
        ("?a ti:date ?v", {"2024-04-16"}),
        ("?m ti:operatedBy ?v", {"id/organisation/delegation-territoires-industrie"}),
    ],
    ("ti-7510", "binome", "2023-11-13"): [
        ("?t ti:holder/foaf:name ?v ; ti:attestedOn '2023-11-13'^^xsd:date", {"Patrice Laurent", "Gérard Trémège"}),
        (
            "?s ti:steeredBy ?v FILTER(CONTAINS(STR(?v), 'organisation'))",
            {"id/organisation/terega", "id/organisation/uimm"},
        ),
        ("?p ti:represents ?v", {"id/intercommunality/200039204", "id/intercommunality/200069300"}),
        ("?s ti:steersTerritory ?v", {"id/territory/2/ti-7510"}),
    ],
    ("ti-7510", "cheffe_de_projet", "2024"): [
        ("?s ti:steersTerritory <id/territory/2/ti-7510> ; ti:steeredBy ?v", {"id/organisation/chemparc"}),
        ("?f ti:figureOf <id/territory/2/ti-7510> ; ti:value ?v ; ti:year '2024'^^xsd:gYear", {"11", "545000"}),
    ],
    ("ti-7604", "membres", "2023-11-16"): [
        (
            "<id/territory/2/ti-7604> ti:declaredMember ?v",
            {f"id/intercommunality/{n}" for n in ("243400769", "243400819", "200066355", "243400488")},
        ),
    ],
    ("ti-7604", "gouvernance_phase_2", "2024-05-22"): [
        (
            "?t ti:attestedOn '2024-05-22'^^xsd:date ; ti:holder/foaf:name ?v",
            {"Robert Ménard", "François Commeinhes", "Alain Caralp"},
        ),
        ("?s ti:steersTerritory ?v", {"id/territory/2/ti-7604"}),
    ],
    ("ti-7604", "binome_phase_1", "2019-03-18"): [
        ("?t ti:attestedOn '2019-03-18'^^xsd:date ; ti:holder/foaf:name ?v", {"Frédéric Lacas"}),
        ("?s ti:steersTerritory ?v ; ti:steeredBy <id/organisation/cameron-france>", {"id/territory/1/ti-7603"}),
    ],
    ("ti-7606", "binome_phase_1", "2019-12-06"): [
        ("?t ti:attestedOn '2019-12-06'^^xsd:date ; ti:holder/foaf:name ?v", {"John Palacin"}),
        ("?s ti:steersTerritory ?v ; ti:steeredBy <id/organisation/steel-electronique>", {"id/territory/1/ti-7608"}),
    ],
    ("ti-7607", "pilotage", "2024"): [
        ("?s ti:steersTerritory <id/territory/2/ti-7607> ; ti:steeredBy ?v", {"id/organisation/cleantech-vallee"}),
        ("?f ti:value ?v ; ti:year '2024'^^xsd:gYear ; ti:stage <id/stage/planned>", {"76"}),
    ],
    ("ti-7608", "membres", "2023-11-09"): [
        (
            "<id/territory/2/ti-7608> ti:declaredMember ?v",
            {f"id/intercommunality/{n}" for n in ("200066926", "200035756")},
        ),
    ],
    ("ti-7611", "perimetre", "2019-2022"): [
        ("?f ti:value ?v ; ti:startYear '2019'^^xsd:gYear ; ti:endYear '2022'^^xsd:gYear", {"11", "200000"}),
        (
            "?s ti:steersTerritory <id/territory/1/ti-7606> ; ti:steeredBy ?v",
            {"id/organisation/petr-portes-de-gascogne", "id/organisation/petr-garonne-quercy-gascogne"},
        ),
    ],
    ("ti-7614", "alias", "2023-11-26"): [
        ("<id/territory/2/ti-7614> rdfs:label ?v", {"Tarn Nord"}),
        ("<id/territory/2/ti-7614> ti:status ?v", {"id/status/new"}),
        ("<id/territory/2/ti-7614> ti:declaredDepartment ?v", {"id/department/81"}),
    ],
    ("programme", "enjeux_phase_1", "2022-12-31"): [
        (
            "<id/phase/1> ti:addresses/skos:prefLabel ?v FILTER(LANG(?v) = 'fr')",
            {"Recruter", "Innover", "Attirer des projets", "Simplifier"},
        ),
    ],
}

KINDS = {
    "officiel": "official",
    "presse": "press",
    "Localtis": "press",
    "agence locale": "agency",
    "association": "association",
    "collectivite": "collectivity",
    "blog": "blog",
    "senateur": "elected",
}
"""Reliability in the table -> ti:reliability."""


@pytest.fixture(scope="module")
def table() -> dict[Key, dict[str, str]]:
    with shared("facts/faits-programme.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keyed = {(row["sujet"], row["propriete"], row["date"]): row for row in rows}
    assert len(keyed) == len(rows)
    return keyed


@pytest.fixture(scope="module")
def sources(ask: Ask) -> dict[str, tuple[str, str]]:
    """Return address -> graph and reliability; the address of the Gazette is without the reader's own parameter."""
    found = ask("SELECT ?page ?g ?r { ?g dct:source ?s . ?s foaf:page ?page ; ti:reliability ?r }")
    return {str(page): (str(graph), str(reliability)) for page, graph, reliability in found}


def test_every_row_of_the_table_is_kept_or_left_out(table: dict[Key, dict[str, str]]) -> None:
    assert set(table) == set(KEPT) | set(LEFT_OUT)
    assert not set(KEPT) & set(LEFT_OUT)
    inferred = {key for key, row in table.items() if "deduite" in row["fiabilite"]}
    assert inferred == set(LEFT_OUT)


@pytest.mark.parametrize("key", KEPT, ids=" ".join)
def test_a_kept_row_has_its_address_and_reliability(
    table: dict[Key, dict[str, str]], sources: dict[str, tuple[str, str]], key: Key
) -> None:
    graph, reliability = sources[table[key]["source_url"].removesuffix("?abo=1")]
    assert graph.startswith(f"{BASE}graph/facts/")
    assert reliability == KINDS[table[key]["fiabilite"]]


@pytest.mark.parametrize("key", KEPT, ids=" ".join)
def test_a_kept_row_is_stated_in_the_graph_of_its_source(
    ask: Ask, table: dict[Key, dict[str, str]], sources: dict[str, tuple[str, str]], key: Key
) -> None:
    graph, _ = sources[table[key]["source_url"].removesuffix("?abo=1")]
    for pattern, values in KEPT[key]:
        found = ask(f"BASE <{BASE}> SELECT ?v {{ GRAPH <{graph}> {{ {pattern} }} }}")
        assert {str(value).removeprefix(BASE) for (value,) in found} == values, pattern


def test_a_row_that_was_left_out_has_no_source(
    sources: dict[str, tuple[str, str]], table: dict[Key, dict[str, str]]
) -> None:
    assert not {table[key]["source_url"] for key in LEFT_OUT} & set(sources)


def test_the_senate_s_report_is_cited_in_the_catalogue(ask: Ask) -> None:
    query = "SELECT ?c ?d { ?s dct:bibliographicCitation ?c ; dct:issued ?d ; ti:reliability 'official' }"
    ((citation, day),) = ask(query)
    assert day == "2024-12-18"
    for part in ("n° 217 (2024-2025)", "Berthet", "Cardon", "Loisier"):
        assert part in str(citation)


def test_names_of_private_individuals_are_not_in_the_data(graph: KnowledgeGraph) -> None:
    texts = [triple.object.value for triple in graph.triples() if isinstance(triple.object, ox.Literal)]
    for name, reason in WITHHELD.items():
        assert not [text for text in texts if name in text], reason


def test_every_person_holds_an_elected_or_state_office(ask: Ask) -> None:
    posts = {str(post).rpartition("/")[2] for (post,) in ask("SELECT DISTINCT ?p { ?t a ti:Tenure ; ti:post ?p }")}
    public = re.compile(r"(premier-)?ministre|prefet|president|presidence|co-(vice-)?presidence|binome-.*-elu")
    assert [post for post in posts if not public.match(post)] == []


def test_the_four_issues_of_phase_1_are_its_axes(ask: Ask) -> None:
    axes = ask(f"SELECT ?a {{ <{BASE}id/phase/1> ti:addresses ?a . ?a skos:inScheme <{BASE}id/scheme/axes-1> }}")
    assert {str(axis).removeprefix(f"{BASE}id/axis/1/") for (axis,) in axes} == {
        "attract-projects",
        "innovate",
        "recruit",
        "simplify",
    }


def test_the_envelope_of_2024_is_one_fact_in_two_sources(ask: Ask) -> None:
    envelope = f"<{BASE}id/measure/envelope-2024>"
    assert ask(f"SELECT ?v {{ {envelope} ti:amount ?v }}") == [("100000000",)]
    graphs = ask(f"SELECT ?g {{ GRAPH ?g {{ {envelope} ti:amount ?v }} }}")
    assert len(graphs) == 2


def test_what_is_dated_does_not_look_current(ask: Ask) -> None:
    dates = "ti:asOf|ti:year|ti:startYear"
    assert ask(f"SELECT ?f {{ ?f a ti:Figure FILTER NOT EXISTS {{ ?f {dates} ?d }} }}") == []
    assert ask(f"SELECT ?s {{ ?s ti:steersTerritory ?t FILTER NOT EXISTS {{ ?s {dates} ?d }} }}") == []


@pytest.mark.parametrize(
    ("post", "day", "holder"),
    [
        ("premier-ministre", "2018-11-22", "Édouard Philippe"),
        ("premier-ministre", "2018-11-21", "not known"),
        ("premier-ministre", "2018-11-23", "not known"),
        ("premier-ministre", "2023-06-23", "Élisabeth Borne"),
        ("premier-ministre", "2023-07-19", "not known"),
        ("ministre-delegue-industrie", "2023-07-19", "Roland Lescure"),
        ("prefet-region-occitanie", "2023-11-09", "Pierre-André Durand"),
        ("prefet-region-occitanie", "2024-11-09", "not known"),
        ("president-republique", "2023-05-11", "not known"),
    ],
)
def test_who_held_a_post_is_answered_only_where_attested(
    graph: KnowledgeGraph, root: Root, post: str, day: str, holder: str
) -> None:
    assert held(graph, root, post, day) == [holder]


@pytest.mark.parametrize(
    ("dates", "day", "holder"),
    [
        ({"from": "2020-01-10", "until": "2020-02-10"}, "2020-01-10", "Ada"),
        ({"from": "2020-01-10", "until": "2020-02-10"}, "2020-02-10", "Ada"),
        ({"from": "2020-01-10", "until": "2020-02-10"}, "2020-02-11", "not known"),
        ({"from": "2020-01-10", "until": "2020-02-10"}, "2020-01-09", "not known"),
        ({"from": "2020-01-10"}, "2020-01-10", "not known"),
        ({"from": "2020-01-10", "attestedOn": "2020-02-10"}, "2020-01-20", "Ada"),
        ({"from": "2020-01-10", "attestedOn": "2020-02-10"}, "2020-02-11", "not known"),
        ({"until": "2020-02-10"}, "2020-02-09", "not known"),
    ],
)
def test_a_tenure_answers_between_its_attested_ends(small: Root, dates: dict[str, str], day: str, holder: str) -> None:
    facts = " ; ".join(f'ti:{name} "{date}"^^xsd:date' for name, date in dates.items())
    text = f"""@base <{BASE}> . @prefix ti: <{PREFIXES["ti"]}> . @prefix xsd: <{PREFIXES["xsd"]}> .
        @prefix foaf: <{PREFIXES["foaf"]}> . @prefix rdfs: <{PREFIXES["rdfs"]}> .
        <id/post/test> a ti:Post ; rdfs:label "Test"@en . <id/official/ada> foaf:name "Ada" .
        <id/tenure/test> ti:post <id/post/test> ; ti:holder <id/official/ada> ; {facts} ."""
    (small.data / "facts" / "test.ttl").write_text(text, encoding="utf-8")
    assert held(territoires.load(small), small, "test", day) == [holder]


MUTANTS = {
    "an amount of no stage": (
        "tribune-2023-11",
        "    ti:stage <id/stage/planned> ;\n",
        "",
        "SupportMeasure#amount-stage",
    ),
    "a stage that is none": ("tribune-2023-11", "<id/stage/planned>", "<id/status/new>", "Figure#stage"),
    "an amount of zero": ("tribune-2023-11", '"500000000"', '"0"', "Figure#amount"),
    "a period that ends before it starts": ("tribune-2023-11", '"2027"', '"2022"', "Dated#startYear"),
    "a figure without date": ("cner-2025-05-27", '    ti:asOf "2025-05-27"^^xsd:date ;\n', "", "Figure#dated"),
    "a figure of nothing": ("cner-2025-05-27", "    ti:figureOf <id/phase/2> ;\n", "", "Figure#figureOf"),
    "a value in an unknown unit": ("cner-2025-05-27", '"action"', '"thing"', "Figure#unit"),
    "a value without unit": ("cner-2025-05-27", '    ti:unit "action" ;\n', "", "Figure#value-unit"),
    "a value below zero": ("cner-2025-05-27", '"3072"', '"-1"', "Figure#value"),
    "neither value nor amount": (
        "gazette-2023-11-09",
        ' ;\n    ti:value "2150"^^xsd:decimal .',
        " .",
        "Figure#counts",
    ),
    "applications that close before they open": (
        "prefecture-allier-2023-07-19",
        'Until "2023-09-22"',
        'Until "2023-06-22"',
        "Phase#applicationsFrom",
    ),
    "a member that is no place": (
        "montauge-2023-11-09",
        "<id/intercommunality/200035756>",
        "<id/phase/1>",
        "Territory#declaredMember",
    ),
    "steering of what is no territory": (
        "objectif-gard-2024",
        "steersTerritory <id/territory/2/ti-7607>",
        "steersTerritory <id/region/76>",
        "Steering#steersTerritory",
    ),
    "a post for a date": (
        "petites-affiches-64-2023-11-13",
        "ti:represents <id/intercommunality/200039204>",
        "ti:represents <id/phase/1>",
        "Post#represents",
    ),
    "a measure given to a region": (
        "petites-affiches-64-2023-11-13",
        "ti:awardedTo <id/territory/2/ti-7510>",
        "ti:awardedTo <id/region/76>",
        "SupportMeasure#awardedTo",
    ),
    "an operator that is no actor": ("senat-2024-12-18", "<id/funder/ademe>", "<id/phase/1>", "Programme#operatedBy"),
}
"""What is broken -> file, old, new, shape that must say so."""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_fact_that_cannot_be_right_is_a_violation(small: Root, name: str) -> None:
    stem, old, new, shape = MUTANTS[name]
    file = small.data / "facts" / f"{stem}.ttl"
    before = set(parse(file))
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    changes = Changes(frozenset(before ^ set(parse(file))))
    violations = validate(territoires.load(small), changes=changes).violations
    assert shape in {result.shape.rpartition("/")[2] for result in violations}


def held(graph: KnowledgeGraph, root: Root, post: str, day: str) -> list[str]:
    query = read_query(Path(root.queries, "who-held-a-post.rq"))
    text = query.with_values({"post": f"id/post/{post}", "date": day, "language": "en"})
    answer = territoires.EmbeddedEngine(graph).run(territoires.admit(text), territoires.format_named("csv"))
    return [row["holder"] for row in csv.DictReader(answer.decode().splitlines())]
