"""Each check of the ontology is tripped by a small ontology that has its fault, and by none of the other faults."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.unit.conftest import MakeRoot, assert_says

from territoires.errors import DataError
from territoires.quality import CHECKS, as_json, describe, inspect

HEAD = """\
@base <https://example.org/> .
@prefix ex: <https://example.org/def#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix voaf: <http://purl.org/vocommons/voaf#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
"""

HEADER = """
<def>
    a owl:Ontology, voaf:Vocabulary ;
    dct:title "Houses"@en ;
    dct:description "Who lives where."@en ;
    dct:license <https://example.org/licence> ;
    dct:creator <me> ;
    dct:publisher <me> ;
    dct:created "2026-01-01"^^xsd:date ;
    dct:issued "2026-01-02"^^xsd:date ;
    dct:modified "2026-01-03"^^xsd:date ;
    dct:source <https://example.org/book> ;
    dct:bibliographicCitation "Me (2026). Houses." ;
    foaf:logo <logo.svg> ;
    bibo:status <https://example.org/published> ;
    owl:versionIRI <def/1> ;
    owl:versionInfo "1" ;
    vann:preferredNamespacePrefix "ex" ;
    vann:preferredNamespaceUri "https://example.org/def#" .
"""

TERMS = """
ex:Dweller
    a owl:Class ;
    rdfs:subClassOf foaf:Person ;
    owl:disjointWith ex:House ;
    rdfs:label "dweller"@en ;
    rdfs:comment "A person who lives in a house."@en ;
    rdfs:isDefinedBy <def> .

ex:House
    a owl:Class ;
    rdfs:label "house"@en ;
    rdfs:comment "A building to live in."@en ;
    rdfs:isDefinedBy <def> .

ex:livesIn
    a owl:ObjectProperty ;
    rdfs:domain ex:Dweller ;
    rdfs:range ex:House ;
    rdfs:label "lives in"@en ;
    rdfs:comment "House of the dweller."@en ;
    rdfs:isDefinedBy <def> .

ex:homeOf
    a owl:ObjectProperty ;
    owl:inverseOf ex:livesIn ;
    rdfs:domain ex:House ;
    rdfs:range ex:Dweller ;
    rdfs:label "home of"@en ;
    rdfs:comment "Dweller of the house."@en ;
    rdfs:isDefinedBy <def> .

ex:neighbourOf
    a owl:ObjectProperty, owl:SymmetricProperty ;
    rdfs:domain ex:Dweller ;
    rdfs:range ex:Dweller ;
    rdfs:label "neighbour of"@en ;
    rdfs:comment "Dweller of the house next door."@en ;
    rdfs:isDefinedBy <def> .

ex:floorCount
    a owl:DatatypeProperty ;
    rdfs:domain ex:House ;
    rdfs:range xsd:integer ;
    rdfs:label "floors"@en ;
    rdfs:comment "Number of floors."@en ;
    rdfs:isDefinedBy <def> .
"""

DUBLIN_CORE = "title description license rights creator publisher created issued modified source bibliographicCitation"
KINDS = "\nfoaf:Person a owl:Class .\nvoaf:Vocabulary a owl:Class .\n" + "".join(
    f"{name} a owl:AnnotationProperty .\n"
    for name in (
        *(f"dct:{name}" for name in DUBLIN_CORE.split()),
        "foaf:logo",
        "bibo:status",
        "vann:preferredNamespacePrefix",
        "vann:preferredNamespaceUri",
    )
)

GOOD = HEAD + HEADER + TERMS + KINDS


def listed(namespace: str, names: str) -> str:
    """Return one table of the list of external terms."""
    terms = json.dumps(names.split())
    return f'["{namespace}"]\ndocument = "a page"\nchecked = 2026-01-01\nagainst = "a copy"\nterms = {terms}\n'


LIST = "\n".join(
    listed(namespace, names)
    for namespace, names in {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "type first rest nil",
        "http://www.w3.org/2000/01/rdf-schema#": "label comment isDefinedBy domain range subClassOf subPropertyOf",
        "http://www.w3.org/2001/XMLSchema#": "date integer string",
        "http://www.w3.org/2002/07/owl#": (
            "Ontology Class ObjectProperty DatatypeProperty AnnotationProperty SymmetricProperty disjointWith "
            "inverseOf equivalentClass unionOf propertyChainAxiom versionIRI versionInfo"
        ),
        "http://purl.org/dc/terms/": DUBLIN_CORE,
        "http://purl.org/vocab/vann/": "preferredNamespacePrefix preferredNamespaceUri",
        "http://purl.org/vocommons/voaf#": "Vocabulary",
        "http://purl.org/ontology/bibo/": "status",
        "http://xmlns.com/foaf/0.1/": "Person logo name",
    }.items()
)
DATA = "<https://example.org/a> a <http://xmlns.com/foaf/0.1/Person> .\n"


def text(line: str, new: str = "") -> Callable[[str], str]:
    """Return the change of one passage of the good ontology."""

    def change(good: str) -> str:
        assert line in good
        return good.replace(line, new, 1)

    return change


def more(addition: str) -> Callable[[str], str]:
    """Return the addition of statements to the good ontology."""
    return lambda good: good + addition


def described(
    name: str, kind: str, rest: str, label: str = "some thing", comment: str = "Something said of it."
) -> str:
    """Return a term with its annotations."""
    annotations = f'rdfs:label "{label}"@en ; rdfs:comment "{comment}"@en ; rdfs:isDefinedBy <def>'
    return f"\nex:{name} a {kind} ; {rest} ; {annotations} .\n"


LINKED = "rdfs:subClassOf ex:House"
CASES: list[tuple[str, Callable[[str], str], set[str]]] = [
    ("P04", more(described("Island", "owl:Class", "owl:disjointWith ex:House")), set()),
    (
        "P06",
        more(
            described("Cabin", "owl:Class", "rdfs:subClassOf ex:Hut", "cabin")
            + described("Hut", "owl:Class", "rdfs:subClassOf ex:Cabin", "hut")
        ),
        set(),
    ),
    ("P08", text('    rdfs:label "house"@en ;\n'), {"VOC3"}),
    ("P10", text("    owl:disjointWith ex:House ;\n"), set()),
    ("P11", text("    rdfs:range xsd:integer ;\n"), set()),
    ("P13", text("    owl:inverseOf ex:livesIn ;\n"), set()),
    ("P19", text("    rdfs:range xsd:integer ;", "    rdfs:range xsd:integer, xsd:string ;"), set()),
    ("P20", text('rdfs:comment "A building to live in."@en', 'rdfs:comment "House"@en'), set()),
    ("P20", text('rdfs:label "house"@en', 'rdfs:label "a building that one can live in"@en'), set()),
    ("P20", text('rdfs:label "house"@en', 'rdfs:label ""@en'), set()),
    ("P21", more(described("OtherBuilding", "owl:Class", LINKED)), set()),
    ("P22", more(described("smallHouse", "owl:Class", LINKED)), set()),
    ("P22", more(described("Small_House", "owl:Class", LINKED)), set()),
    (
        "P22",
        more(described("RoomCount", "owl:DatatypeProperty", "rdfs:domain ex:House ; rdfs:range xsd:integer")),
        set(),
    ),
    ("P24", more("\nex:House owl:equivalentClass [ a owl:Class ; owl:unionOf ( ex:House ex:Dweller ) ] .\n"), set()),
    ("P24", more("\nex:House rdfs:subClassOf ex:House .\n"), set()),
    (
        "P25",
        more(
            described(
                "next", "owl:ObjectProperty", "rdfs:domain ex:House ; rdfs:range ex:House ; owl:inverseOf ex:next"
            )
        ),
        set(),
    ),
    (
        "P26",
        more(
            described(
                "nearTo",
                "owl:ObjectProperty",
                "rdfs:domain ex:House ; rdfs:range ex:House ; owl:inverseOf ex:neighbourOf",
            )
        ),
        set(),
    ),
    ("P32", more(described("Villa", "owl:Class", LINKED, "House")), set()),
    ("P33", more("\nex:livesIn owl:propertyChainAxiom ( ex:neighbourOf ) .\n"), set()),
    ("P34", text("foaf:Person a owl:Class .\n"), set()),
    ("P34", more("\n<me> a ex:Nobody .\n"), set()),
    ("P35", text("bibo:status a owl:AnnotationProperty .\n"), set()),
    ("P35", more("\nex:livesIn rdfs:subPropertyOf ex:dwells .\n"), set()),
    (
        "P36",
        lambda good: good.replace("<def>", "<def.ttl>").replace("org/def#", "org/def.ttl#"),
        set(),
    ),
    ("P38", lambda good: good.replace(HEADER, ""), set()),
    ("P39", text("@base <https://example.org/> .\n", ""), {"URI2"}),
    ("P40", more("\n<me> foaf:nickname 'Me' .\nfoaf:nickname a owl:AnnotationProperty .\n"), set()),
    ("P40", more("\n<me> a foaf:Human .\nfoaf:Human a owl:Class .\n"), set()),
    ("P41", text("dct:license <https://example.org/licence>", "dct:rights 'mine'"), {"OM1", "LOV-RIGHTS"}),
    ("FIND1", text('    vann:preferredNamespacePrefix "ex" ;\n'), {"OM2", "LOV-NAMESPACE"}),
    ("URI2", text("\n<def>\n", "\n<ontology>\n"), {"LOV-TERMS"}),
    ("VER1", text("owl:versionIRI <def/1>", "owl:versionIRI <def>"), set()),
    ("OM1", text("    owl:versionIRI <def/1> ;\n"), {"VER1"}),
    ("OM2", text('    dct:bibliographicCitation "Me (2026). Houses." ;\n'), set()),
    ("OM3", text("    foaf:logo <logo.svg> ;\n"), set()),
    ("OM4.1", text("    dct:license <https://example.org/licence> ;\n"), {"P41", "OM1", "LOV-RIGHTS"}),
    ("OM5.1", text('    dct:created "2026-01-01"^^xsd:date ;\n'), {"OM2"}),
    ("OM5.2", text("    dct:publisher <me> ;\n"), {"OM3", "LOV-AGENTS"}),
    ("VOC2", text("    rdfs:subClassOf foaf:Person ;\n"), set()),
    ("VOC3", text('    rdfs:label "floors"@en ;\n'), {"P08"}),
    ("VOC4", text('    rdfs:comment "Number of floors."@en ;\n'), {"P08"}),
    ("LOV-TYPE", text("a owl:Ontology, voaf:Vocabulary", "a owl:Ontology"), set()),
    ("LOV-TITLE", text('dct:title "Houses"@en', 'dct:title "Houses"'), set()),
    ("LOV-DATES", text('"2026-01-03"^^xsd:date', '"2025-01-01"^^xsd:date'), set()),
    ("LOV-DATES", text('"2026-01-03"^^xsd:date', '"yesterday"'), set()),
    ("LOV-DATES", text('    dct:modified "2026-01-03"^^xsd:date ;\n'), set()),
    ("LOV-RIGHTS", text("dct:license <https://example.org/licence>", "dct:license 'mine'"), set()),
    ("LOV-AGENTS", text("    dct:creator <me> ;\n"), {"OM1", "OM5.1"}),
    ("LOV-VERSION", text('    owl:versionInfo "1" ;\n'), {"OM2"}),
    ("LOV-NAMESPACE", text('    vann:preferredNamespaceUri "https://example.org/def#" .', "    ."), {"OM1"}),
    ("LOV-TERMS", text('rdfs:label "floors"@en', 'rdfs:label "floors"'), set()),
    ("LOV-TERMS", text('"Number of floors."@en ;\n    rdfs:isDefinedBy <def>', '"Number of floors."@en'), set()),
    ("IRIS", more("\n<me> dct:source <http://http://example.org/> .\n"), set()),
]


def found(make_root: MakeRoot, files: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what the checks find in a folder of these files and the list of terms."""
    root = make_root({"ontology/external-terms.toml": LIST, "ontology/houses.ttl": GOOD, "data/a.ttl": DATA, **files})
    return {
        outcome.check.id: [describe(finding).en for finding in outcome.findings]
        for outcome in inspect(root)
        if outcome.findings
    }


def test_a_good_ontology_passes_every_check(make_root: MakeRoot) -> None:
    assert found(make_root, {}) == {}


@pytest.mark.parametrize(("identifier", "change", "also"), CASES)
def test_a_fault_trips_its_check_and_no_other(
    make_root: MakeRoot, identifier: str, change: Callable[[str], str], also: set[str]
) -> None:
    assert set(found(make_root, {"ontology/houses.ttl": change(GOOD)})) == {identifier, *also}


def test_metadata_in_no_known_vocabulary_trips_voc1(make_root: MakeRoot) -> None:
    bare = HEAD + "\n<def> a owl:Ontology .\n" + TERMS + KINDS
    assert "VOC1" in found(make_root, {"ontology/houses.ttl": bare})


@pytest.mark.parametrize(
    ("data", "identifier", "line"),
    [
        ("<a> <http://xmlns.com/foaf/0.1/nom> 'A' .", "TERMS", "foaf:nom"),
        ("<a> a <http://xmlns.com/foaf/0.1/Humain> .", "TERMS", "foaf:Humain"),
        ("<a> <https://nowhere.example/p> 'A' .", "TERMS", "https://nowhere.example/p"),
        (
            "<a> <http://xmlns.com/foaf/0.1/name> '1'^^<https://nowhere.example/kind> .",
            "TERMS",
            "https://nowhere.example",
        ),
        ("<a> <http://xmlns.com/foaf/0.1/name> <http://https://example.org/> .", "IRIS", "http://https://example.org/"),
        ("<a> <http://xmlns.com/foaf/0.1/name> <http:///x> .", "IRIS", "http:///x"),
    ],
)
def test_the_data_is_checked_too_with_file_and_line(make_root: MakeRoot, data: str, identifier: str, line: str) -> None:
    outcome = found(make_root, {"data/sub/b.ttl": f"# one\n{data}\n"})
    assert set(outcome) == {identifier}
    assert outcome[identifier][0].startswith(f"data/sub/b.ttl:2: {line}")


def test_every_check_is_proven_and_says_what_it_means() -> None:
    proven = {identifier for identifier, _, _ in CASES} | {"VOC1", "TERMS"}
    assert {check.id for check in CHECKS} == proven
    for check in CHECKS:
        assert check.run.__doc__, check.id
        assert check.title.en != check.title.fr, check.id


def test_a_finding_names_file_line_and_term(make_root: MakeRoot) -> None:
    broken = GOOD.replace('    rdfs:label "house"@en ;\n', "")
    line = broken[: broken.index("ex:House\n")].count("\n") + 1
    assert found(make_root, {"ontology/houses.ttl": broken})["P08"] == [
        f"ontology/houses.ttl:{line}: https://example.org/def#House has no rdfs:label"
    ]


def test_the_report_as_json(make_root: MakeRoot) -> None:
    root = make_root(
        {"ontology/external-terms.toml": LIST, "ontology/a.ttl": GOOD.replace("owl:disjointWith", "rdfs:seeAlso")}
    )
    document = json.loads(as_json(inspect(root)))
    checks = {check["id"]: check for check in document["checks"]}
    assert document["passed"] is False
    assert checks["P04"]["passed"] is True
    assert checks["P10"]["findings"] == [
        {
            "term": None,
            "message": {
                "en": "no class is owl:disjointWith another",
                "fr": "aucune classe n'est owl:disjointWith une autre",
            },
            "file": None,
            "line": None,
        }
    ]


def test_without_a_list_every_external_term_is_refused(make_root: MakeRoot, tmp_path: Path) -> None:
    root = make_root({"ontology/a.ttl": GOOD})
    outcomes = {outcome.check.id: outcome.findings for outcome in inspect(root)}
    assert len(outcomes["P40"]) > 20
    assert tmp_path in root.path.parents


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[broken", ("TOML",)),
        ('["https://example.org/"]\nterms = []\n', ("https://example.org/", "document")),
        ('["https://example.org/"]\ndocument = "a"\nchecked = "today"\nagainst = "b"\nterms = []\n', ("checked",)),
    ],
)
def test_a_malformed_list_is_refused(make_root: MakeRoot, content: str, words: tuple[str, ...]) -> None:
    root = make_root({"ontology/external-terms.toml": content})
    with pytest.raises(DataError) as caught:
        inspect(root)
    assert_says(caught.value, "ontology/external-terms.toml", *words)
