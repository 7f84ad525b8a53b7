"""The guard admits every legitimate query within the limits and nothing that reaches outside, writes or overflows."""

import contextlib
import random
import time
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.errors import Place, QueryError, QueryRefusedError, QuerySyntaxError, QueryTooLargeError
from territoires.formats import Kind
from territoires.guard import admit
from territoires.namespaces import PREFIXES, sparql_prologue
from territoires.settings import Settings, variable

PUBLISHED = sorted((Path(__file__).parents[2] / "queries").glob("*.rq"))
FOAF = "PREFIX foaf: <http://xmlns.com/foaf/0.1/>\n"


class Example(NamedTuple):
    """A query of the SPARQL 1.1 specifications."""

    section: str
    kind: Kind
    text: str


# SPARQL 1.1 Query Language, by section.
EXAMPLES = [
    Example(
        "2.1",
        "bindings",
        """SELECT ?title WHERE {
             <http://example.org/book/book1> <http://purl.org/dc/elements/1.1/title> ?title . }""",
    ),
    Example("2.2", "bindings", FOAF + "SELECT ?name ?mbox WHERE { ?x foaf:name ?name . ?x foaf:mbox ?mbox }"),
    Example("2.3.1", "bindings", 'SELECT ?v WHERE { ?v ?p "cat"@en }'),
    Example("2.3.2", "bindings", "SELECT ?v WHERE { ?v ?p 42 }"),
    Example(
        "2.3.3",
        "bindings",
        'SELECT ?v WHERE { ?v ?p "abc"^^<http://example.org/datatype#specialDatatype> }',
    ),
    Example(
        "2.5",
        "bindings",
        FOAF
        + """SELECT ?name WHERE {
               ?P foaf:givenName ?G ; foaf:surname ?S
               BIND(CONCAT(?G, " ", ?S) AS ?name) }""",
    ),
    Example(
        "2.6",
        "graph",
        """PREFIX foaf:   <http://xmlns.com/foaf/0.1/>
           PREFIX org:    <http://example.com/ns#>
           CONSTRUCT { ?x foaf:name ?name }
           WHERE  { ?x org:employeeName ?name }""",
    ),
    Example(
        "3.1",
        "bindings",
        """PREFIX  dc:  <http://purl.org/dc/elements/1.1/>
           SELECT  ?title
           WHERE   { ?x dc:title ?title
                     FILTER regex(?title, "web", "i" )
                   }""",
    ),
    Example(
        "3.2",
        "bindings",
        """PREFIX  dc:  <http://purl.org/dc/elements/1.1/>
           PREFIX  ns:  <http://example.org/ns#>
           SELECT  ?title ?price
           WHERE   { ?x ns:price ?price .
                     FILTER (?price < 30.5)
                     ?x dc:title ?title . }""",
    ),
    Example(
        "4.1.4",
        "bindings",
        """BASE    <http://example.org/book/>
           PREFIX  dc: <http://purl.org/dc/elements/1.1/>
           SELECT  $title
           WHERE   { <book1>  dc:title  ?title }""",
    ),
    Example("4.2.3", "bindings", "PREFIX : <http://example/> SELECT * { (1 ?x 3 4) :p 'w' . [ :p :q ; :r 's' ] . }"),
    Example(
        "5.2.2",
        "bindings",
        FOAF
        + """SELECT ?name ?mbox
             WHERE {  { ?x foaf:name ?name . }
                      { ?x foaf:mbox ?mbox . FILTER regex(?name, "Smith") } }""",
    ),
    Example(
        "6.1",
        "bindings",
        FOAF
        + """SELECT ?name ?mbox
             WHERE  { ?x foaf:name  ?name .
                      OPTIONAL { ?x  foaf:mbox  ?mbox }
                    }""",
    ),
    Example(
        "7",
        "bindings",
        """PREFIX dc10:  <http://purl.org/dc/elements/1.0/>
           PREFIX dc11:  <http://purl.org/dc/elements/1.1/>
           SELECT ?title ?author
           WHERE  { { ?book dc10:title ?title .  ?book dc10:creator ?author }
                    UNION
                    { ?book dc11:title ?title .  ?book dc11:creator ?author } }""",
    ),
    Example(
        "8.1.1",
        "bindings",
        """PREFIX  rdf:    <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
           PREFIX  foaf:   <http://xmlns.com/foaf/0.1/>
           SELECT ?person
           WHERE
           {
               ?person rdf:type  foaf:Person .
               FILTER NOT EXISTS { ?person foaf:name ?name }
           }""",
    ),
    Example(
        "8.2",
        "bindings",
        """PREFIX :       <http://example/>
           PREFIX foaf:   <http://xmlns.com/foaf/0.1/>
           SELECT DISTINCT ?s
           WHERE { ?s ?p ?o . MINUS { ?s foaf:givenName "Bob" . } }""",
    ),
    Example(
        "9.1",
        "bindings",
        """PREFIX foaf: <http://xmlns.com/foaf/0.1/>
           PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
           SELECT * {
             ?x foaf:mbox <mailto:alice@example> .
             ?x foaf:knows+/foaf:name ?name ; !(rdf:type|^rdf:type) ?y ; ^foaf:knows? ?z .
             ?x (foaf:knows/foaf:knows)* ?w .
           }""",
    ),
    Example(
        "10.1",
        "bindings",
        """PREFIX  dc:  <http://purl.org/dc/elements/1.1/>
           PREFIX  ns:  <http://example.org/ns#>
           SELECT  ?title ?price
           {  ?x ns:price ?p .
              ?x ns:discount ?discount
              BIND (?p*(1-?discount) AS ?price)
              FILTER(?price < 20)
              ?x dc:title ?title .
           }""",
    ),
    Example(
        "10.2.2",
        "bindings",
        """PREFIX dc:   <http://purl.org/dc/elements/1.1/>
           PREFIX :     <http://example.org/book/>
           PREFIX ns:   <http://example.org/ns#>
           SELECT ?book ?title ?price
           {
              ?book dc:title ?title ;
                    ns:price ?price .
              VALUES (?book ?title)
              { (UNDEF "SPARQL Tutorial")
                (:book2 UNDEF)
              }
           }""",
    ),
    Example(
        "11.1",
        "bindings",
        """PREFIX : <http://books.example/>
           SELECT (SUM(?lprice) AS ?totalPrice)
           WHERE {
             ?org :affiliates ?auth .
             ?auth :writesBook ?book .
             ?book :price ?lprice .
           }
           GROUP BY ?org
           HAVING (SUM(?lprice) > 10)""",
    ),
    Example(
        "12",
        "bindings",
        """PREFIX : <http://people.example/>
           SELECT ?y ?minName
           WHERE {
             :alice :knows ?y .
             {
               SELECT ?y (MIN(?name) AS ?minName)
               WHERE {
                 ?y :name ?name .
               } GROUP BY ?y
             }
           }""",
    ),
    Example(
        "13.2.3",
        "bindings",
        """PREFIX foaf: <http://xmlns.com/foaf/0.1/>
           PREFIX dc: <http://purl.org/dc/elements/1.1/>
           SELECT ?who ?g ?mbox
           FROM <http://example.org/dft.ttl>
           FROM NAMED <http://example.org/alice>
           FROM NAMED <http://example.org/bob>
           WHERE
           {
              ?g dc:publisher ?who .
              GRAPH ?g { ?x foaf:mbox ?mbox }
           }""",
    ),
    Example(
        "15.1",
        "bindings",
        """PREFIX     :    <http://example.org/ns#>
           PREFIX foaf:    <http://xmlns.com/foaf/0.1/>
           PREFIX xsd:     <http://www.w3.org/2001/XMLSchema#>
           SELECT ?name
           WHERE { ?x foaf:name ?name ; :empId ?emp }
           ORDER BY ?name DESC(?emp)""",
    ),
    Example("15.3.1", "bindings", FOAF + "SELECT DISTINCT ?name WHERE { ?x foaf:name ?name }"),
    Example("15.3.2", "bindings", FOAF + "SELECT REDUCED ?name WHERE { ?x foaf:name ?name }"),
    Example("15.4", "bindings", FOAF + "SELECT ?name WHERE { ?x foaf:name ?name } ORDER BY ?name LIMIT 5 OFFSET 10"),
    Example(
        "16.1.2",
        "bindings",
        """PREFIX  dc:  <http://purl.org/dc/elements/1.1/>
           PREFIX  ns:  <http://example.org/ns#>
           SELECT  ?title (?p AS ?fullPrice) (?fullPrice*(1-?discount) AS ?customerPrice)
           { ?x ns:price ?p .
              ?x dc:title ?title .
              ?x ns:discount ?discount
           }""",
    ),
    Example(
        "16.2.1",
        "graph",
        """PREFIX foaf:    <http://xmlns.com/foaf/0.1/>
           PREFIX vcard:   <http://www.w3.org/2001/vcard-rdf/3.0#>
           CONSTRUCT { ?x  vcard:N _:v .
                       _:v vcard:givenName ?gname .
                       _:v vcard:familyName ?fname }
           WHERE
            {
               { ?x foaf:firstname ?gname } UNION  { ?x foaf:givenname   ?gname } .
               { ?x foaf:surname   ?fname } UNION  { ?x foaf:family_name ?fname } .
            }""",
    ),
    Example("16.2.2", "graph", "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <http://example.org/aGraph> { ?s ?p ?o } . }"),
    Example("16.2.4", "graph", FOAF + "CONSTRUCT WHERE { ?x foaf:name ?name }"),
    Example("16.3", "boolean", FOAF + 'ASK  { ?x foaf:name  "Alice" }'),
    Example("16.4.1", "graph", "DESCRIBE <http://example.org/>"),
    Example("16.4.2", "graph", FOAF + "DESCRIBE ?x ?y <http://example.org/> WHERE {?x foaf:knows ?y}"),
    Example(
        "17.4.1.2",
        "bindings",
        """PREFIX dc: <http://purl.org/dc/elements/1.1/>
           SELECT ?x { ?x dc:date ?d . FILTER(IF(BOUND(?d), ?d IN (1, 2) || !(?d NOT IN (3)), COALESCE(?d, 1/0)) ) }""",
    ),
    Example(
        "17.4.1.7",
        "bindings",
        """PREFIX a:      <http://www.w3.org/2000/10/annotation-ns#>
           PREFIX dc:     <http://purl.org/dc/elements/1.1/>
           PREFIX xsd:    <http://www.w3.org/2001/XMLSchema#>
           SELECT ?annotation
           WHERE { ?annot  a:annotates  <http://www.w3.org/TR/rdf-sparql-query/> .
                   ?annot  dc:date      ?date .
                   FILTER ( ?date > xsd:dateTime("2005-01-01T00:00:00Z") ) }""",
    ),
    Example(
        "17.6",
        "bindings",
        """PREFIX aGeo: <http://example.org/geo#>
           SELECT ?neighbor
           WHERE { ?a aGeo:placeName "Grenoble" .
                   ?a aGeo:locationX ?axLoc .
                   ?a aGeo:locationY ?ayLoc .
                   ?b aGeo:placeName ?neighbor .
                   ?b aGeo:locationX ?bxLoc .
                   ?b aGeo:locationY ?byLoc .
                   FILTER ( aGeo:distance(?axLoc, ?ayLoc, ?bxLoc, ?byLoc) < 10 ) .
                 }""",
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.section)
@pytest.mark.parametrize("prefixes", [False, True], ids=["bare", "prefixes"])
def test_a_query_of_the_specification_is_admitted(example: Example, *, prefixes: bool) -> None:
    assert admit(example.text, prefixes=prefixes).kind == example.kind


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.stem)
def test_a_published_query_is_admitted(file: Path) -> None:
    assert admit(file.read_text(encoding="utf-8")).kind == "bindings"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("select*{}", "bindings"),
        ("aSk {}", "boolean"),
        ("# SELECT\nASK {}", "boolean"),
        ("BASE <http://example.org/SELECT> ASK {}", "boolean"),
        ("PREFIX select: <http://example.org/> ASK {}", "boolean"),
        ("PREFIX ask: <http://example.org/> DESCRIBE ask:x", "graph"),
        ("CONSTRUCT { ?s ?p ?o } { SELECT * { ?s ?p ?o } }", "graph"),
    ],
)
def test_the_kind_is_that_of_the_first_query_form(text: str, kind: Kind) -> None:
    assert admit(text).kind == kind


# Words that end a query where SPARQL means them, and every place where it does not.
WORDS = [
    *("SERVICE", "SILENT", "INSERT", "DELETE", "LOAD", "CLEAR", "DROP"),
    *("CREATE", "ADD", "MOVE", "COPY", "WITH", "FROM", "UNION"),
]
HARMLESS = [
    'SELECT * {{ ?s ?p "{0}" }}',
    "SELECT * {{ ?s ?p '{0} <http://example.org/> {{}}' }}",
    'SELECT * {{ ?s ?p """a "{0}"" \\""" {0} <x>""" }}',
    "SELECT * {{ ?s ?p '''it's {0}\n{0} <x>''' }}",
    'SELECT * {{ ?s ?p "\\"{0}\\\\" }}',
    "SELECT * {{ ?s ?p \"'\", '\"{0}' }}",
    'SELECT * {{ ?s ?p "a"@{0} }}',
    'SELECT * {{ ?s ?p "a"^^<{0}> }}',
    "SELECT * {{ ?s <http://example.org/{0}> ?o }}",
    "SELECT * {{ ?s <http://example.org/a#{0}> ?o }}",
    "SELECT * {{ ?s <http://example.org/it's/{0}> ?o }}",
    "SELECT * {{ ?s <http://example.org/caf\\u00E9/{0}> ?o }}",
    "SELECT * {{ ?s ?p ?o }} # {0} <x>",
    "# don't {0}\nSELECT * {{ ?s ?p ?o }}",
    'SELECT * {{ # "{0}\n?s ?p ?o }}',
    "SELECT ?{0} {{ ?s ?p ?{0} }}",
    "SELECT * {{ $s ?p ${0} }}",
    "SELECT ?a·{0} {{ ?s ?p ?a·{0} }}",
    "SELECT ?e\u0301{0} {{ ?s ?p ?e\u0301{0} }}",
    "SELECT (COUNT(*) AS ?{0}) {{ ?s ?p ?o }}",
    "PREFIX {0}: <http://example.org/> SELECT * {{ ?s {0}:p ?o }}",
    "PREFIX a.{0}: <http://example.org/> SELECT * {{ ?s a.{0}:p ?o }}",
    "PREFIX a-{0}: <http://example.org/> SELECT * {{ ?s a-{0}:p ?o }}",
    "PREFIX : <http://example.org/> SELECT * {{ ?s :{0} ?o }}",
    "PREFIX e: <http://example.org/> SELECT * {{ ?s e:{0}|e:a.{0}|e:a-{0}|e:a:{0}|e:a%20{0}|e:a\\'{0} ?o }}",
    "PREFIX e: <http://example.org/> SELECT * {{ ?s e:col·{0}|e:e\u0301{0} ?o }}",
    "SELECT * {{ _:{0} ?p _:a.{0} }}",
    "SELECT * {{ _:a·{0} ?p ?o }}",
]


@given(st.sampled_from(WORDS), st.randoms(use_true_random=False), st.data())
@pytest.mark.parametrize("template", HARMLESS)
def test_a_word_that_is_no_keyword_there_does_not_refuse_a_query(
    template: str, word: str, chance: random.Random, data: st.DataObject
) -> None:
    written = "".join(chance.choice((letter.lower(), letter)) for letter in word)
    text = template.format(written)
    ox.Store().query(text, base_iri="http://example.org/")  # it is SPARQL
    assert admit(text, prefixes=data.draw(st.booleans())).kind == "bindings"


# SPARQL 1.1 grammar, [121] BuiltInCall and [127] Aggregate.
CALLS = """
STR(1) LANG(?x) LANGMATCHES("fr","*") DATATYPE(1) BOUND(?x) IRI("urn:x") URI("urn:x") BNODE() RAND() ABS(1) CEIL(1)
FLOOR(1) ROUND(1) CONCAT("a") SUBSTR("a",1) STRLEN("a") REPLACE("a","b","c") UCASE("a") LCASE("a") ENCODE_FOR_URI("a")
CONTAINS("a","b") STRSTARTS("a","b") STRENDS("a","b") STRBEFORE("a","b") STRAFTER("a","b") YEAR(?x) MONTH(?x) DAY(?x)
HOURS(?x) MINUTES(?x) SECONDS(?x) TIMEZONE(?x) TZ(?x) NOW() UUID() STRUUID() MD5("a") SHA1("a") SHA256("a") SHA384("a")
SHA512("a") COALESCE(1) IF(true,1,false) STRLANG("a","fr") STRDT("a",<urn:x>) sameTerm(1,1) isIRI(1) isURI(1) isBLANK(1)
isLITERAL(1) isNUMERIC(1) REGEX("a","b") EXISTS{} COUNT(*) COUNT(?x) SUM(?x) MIN(?x) MAX(?x) AVG(?x) SAMPLE(?x)
GROUP_CONCAT(?x;SEPARATOR=",")
"""


@pytest.mark.parametrize("call", CALLS.split())
def test_every_function_may_be_called_in_any_case(call: str) -> None:
    for written in (call, call.lower()):
        text = f"SELECT ({written} AS ?y) {{ ?s ?p ?o }}"
        ox.Store().query(text)  # it is SPARQL
        assert admit(text).kind == "bindings"


@pytest.mark.parametrize(
    "pattern",
    [
        "?s ?p ( 1 <#b> )",
        "VALUES ( ?a ?b ) { ( 1 <#b> ) }",
        "VALUES ( ?a ?b ) { ( 1 <it's> ) ( <it's> 1 ) }",
        "VALUES ( ?a ?b ) { ( 'a' <#b> ) ( 'c' <x://y#d> ) }",
        "( ?s <a(b)> ) ?p ?o",
        "FILTER(?a IN (1, <#b>) && ?b = <it's>)",
        "FILTER(<#f>(?a<?b, ?a <?b))",
        "?s <#a>/(<#b>|^<#c>) ?o FILTER(?o<1||?o>2)",
    ],
)
def test_a_relative_iri_is_not_taken_for_something_hidden(pattern: str) -> None:
    text = f"BASE <http://example.org/> SELECT * {{ {pattern} }}"
    ox.Store().query(text, custom_functions={ox.NamedNode("http://example.org/#f"): lambda *_: None})  # it is SPARQL
    assert admit(text).kind == "bindings"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), st.sampled_from(['"', "'", '"""', "'''"]))
def test_any_text_may_stand_in_a_string(content: str, quote: str) -> None:
    escapes = {"\\": r"\\", '"': r"\"", "'": r"\'", "\n": r"\n", "\r": r"\r"}
    literal = quote + "".join(escapes.get(character, character) for character in content) + quote
    text = f"ASK {{ ?s ?p {literal} }}"
    assert admit(text, Settings(max_query_depth=1, max_query_operators=1)).kind == "boolean"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=80))
def test_any_text_may_stand_in_a_comment(content: str) -> None:
    assert admit(f"#{content}\nASK {{}}", Settings(max_query_depth=1, max_query_operators=1)).kind == "boolean"


@given(st.text(max_size=200))
def test_any_text_is_admitted_or_refused_as_a_query(text: str) -> None:
    try:
        assert admit(text).kind in {"bindings", "boolean", "graph"}
    except QueryError as error:
        assert error.detail.en != error.detail.fr  # noqa: PT017  (either outcome is right)


BLANKS = st.lists(st.sampled_from([" ", "\t", "\n", "\r\n", "# comment\n", "#'\n"]), min_size=1).map("".join)


@given(st.randoms(use_true_random=False), BLANKS, BLANKS, st.sampled_from(["", "SILENT", "silent"]))
def test_service_is_refused_in_any_case_and_whitespace(
    chance: random.Random, before: str, after: str, silent: str
) -> None:
    word = "".join(chance.choice((letter.lower(), letter)) for letter in "SERVICE")
    text = f"SELECT * {{{before}{word}{after}{silent}{after}<http://example.org/>{after}{{ ?s ?p ?o }} }}"
    with pytest.raises(QueryRefusedError):
        admit(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*{SERVICE<http://example.org/>{?s ?p ?o}}",
        "SELECT * { ?x ?y ?url . SERVICE ?url { ?s ?p ?o } }",
        "SELECT * { ?x ?y ?url . SERVICE$url{ ?s ?p ?o } }",
        "PREFIX e: <http://example.org/> SELECT * { SERVICE e:sparql { ?s ?p ?o } }",
        "SELECT * { OPTIONAL { SERVICE <http://example.org/> { ?s ?p ?o } } }",
        "SELECT * { GRAPH ?g { SERVICE <http://example.org/> { ?s ?p ?o } } }",
        "SELECT * { { SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } } } }",
        "ASK { FILTER NOT EXISTS { SERVICE <http://example.org/> { ?s ?p ?o } } }",
        "CONSTRUCT { ?s ?p ?o } { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "DESCRIBE ?s { SERVICE <http://example.org/> { ?s ?p ?o } }",
        'SELECT * { ?s ?p "#" . SERVICE <http://example.org/> { ?s ?p ?o } }',
        "SELECT * { ?s <http://example.org/#> ?o . SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { ?s <http://example.org/it's> ?o . SERVICE <http://example.org/> { ?s ?p 'x' } }",
        "SELECT * { FILTER(1 < 2) SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE <http://example.org/> { ?s ?p ?o } }",
    ],
)
def test_service_is_refused_wherever_it_stands(text: str) -> None:
    with pytest.raises(QueryRefusedError):
        admit(text)


# The engine's parser asks for no blank between words and reads `<` as it needs it: it takes each of these for SERVICE.
@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICESILENT<http://example.org/>{ ?s ?p ?o } }",
        "PREFIX e: <http://example.org/> SELECT * { SERVICEe:sparql { ?s ?p ?o } }",
        "PREFIX e: <http://example.org/> SELECT * { SERVICESILENTe:sparql { ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE <http://example.org/> { ?s ?p ?o } }",
        "PREFIX e: <http://example.org/> PREFIX SERVICEe: <urn:> SELECT * { SERVICEe:sparql { ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)SERVICE?url#>\n{ ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)SERVICE?url#://>\n{ ?s ?p ?o } }",
        "SELECT * { ?s <http://example.org/\\u00E9#> ?o . SERVICE <http://example.org/> { ?s ?p ?o }\n}",
        "SELECT * { ?s <http://example.org/\\u00E9'> ?o . SERVICE <http://example.org/> { ?s ?p ?o } } #'",
    ],
    ids=[
        "glued to SILENT",
        "glued to a name",
        "all glued",
        "glued to true",
        "glued to a declared name",
        "in a comparison",
        "://",
        "#",
        "quote",
    ],
)
def test_service_cannot_hide_from_the_guard(text: str) -> None:
    with pytest.raises(QueryError):
        admit(text)


# SPARQL 1.1 Update, §3.
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a> <b> <c> }",
        "DELETE DATA { <a> <b> <c> }",
        "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "WITH <http://example/addresses> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "INSERT { ?s ?p ?o } WHERE { SELECT * { ?s ?p ?o } }",
        "DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://example.org/> INTO GRAPH <http://example.org/g>",
        "CLEAR DEFAULT",
        "CREATE GRAPH <http://example.org/g>",
        "DROP SILENT ALL",
        "COPY DEFAULT TO <http://example.org/g>",
        "MOVE <http://example.org/g> TO DEFAULT",
        "ADD <http://example.org/g> TO DEFAULT",
    ],
)
@pytest.mark.parametrize("prologue", ["", "PREFIX select: <http://example.org/> ", "BASE <x>\n# SELECT\n"])
def test_an_update_is_refused(text: str, prologue: str) -> None:
    for written in (prologue + text, prologue + text.lower()):
        with pytest.raises(QueryRefusedError) as caught:
            admit(written)
        word = text.split(maxsplit=1)[0]
        for language in ("en", "fr"):
            assert word in caught.value.in_(language)


def test_what_is_refused_is_shown_by_line_and_column() -> None:
    with pytest.raises(QueryRefusedError) as caught:
        admit("SELECT *\n{ ?é ?p ?o .\n  SERVICE <http://example.org/> {} }", prefixes=True)
    for language in ("en", "fr"):
        detail, _, hint = caught.value.in_(language).partition("→")
        assert detail.startswith("3:3: SERVICE ")
        assert "SERVICE" in hint


@pytest.mark.parametrize("text", ["", " \n", "# SELECT * {}", "hello", "PREFIX select: <x>", '"SELECT"', "{}", "\x00"])
def test_what_has_no_query_form_is_no_sparql(text: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        admit(text)
    for language in ("en", "fr"):
        assert "SELECT, ASK, CONSTRUCT" in caught.value.in_(language)


def assert_too_large(text: str, setting: str, limits: Settings) -> None:
    with pytest.raises(QueryTooLargeError) as caught:
        admit(text, limits)
    for language in ("en", "fr"):
        detail, _, hint = caught.value.in_(language).partition("→")
        assert str(getattr(limits, setting)) in detail
        assert variable(setting) in hint


NESTED = {
    "braces": ("SELECT * ", "{", "}"),
    "parentheses": ("ASK { FILTER ", "(", ")"),
    "brackets": ("ASK { ?s ?p ", "[", "]"),
    "OPTIONAL": ("SELECT * ", "{OPTIONAL", "}"),
    "mixed": ("SELECT * ", "{([", "])}"),
    "never closed": ("SELECT * ", "{", ""),
    "after what is closed": ("SELECT * {}{}{}{}{}{}{}{}{}{}", "{", "}"),
}


@pytest.mark.parametrize("depth", [65, 500, 30_000])
@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED)
def test_deep_nesting_is_refused(nested: tuple[str, str, str], depth: int) -> None:
    start, opening, closing = nested
    assert_too_large(start + opening * depth + closing * depth, "max_query_depth", Settings(max_query_length=10**6))


@pytest.mark.parametrize(("opening", "closing"), ["{}", "()", "[]"])
def test_the_deepest_nesting_within_the_limit_is_admitted(opening: str, closing: str) -> None:
    limits = Settings(max_query_depth=7)
    assert admit("SELECT * " + opening * 7 + closing * 7, limits)
    assert_too_large("SELECT * " + opening * 8 + closing * 8, "max_query_depth", limits)


def test_a_long_text_is_refused_and_the_longest_admitted() -> None:
    limits = Settings(max_query_length=50)
    text = "ASK {}".ljust(50)
    assert admit(text, limits)
    assert_too_large(text + " ", "max_query_length", limits)


def test_the_prefixes_declared_for_the_user_do_not_count_as_their_text() -> None:
    assert admit("ASK {}", Settings(max_query_length=6, max_query_operators=1), prefixes=True)


OPERATORS = ["||1", "&&1", "=1", "!=1", "<1", ">1", "<=1", ">=1", "+1", "-1", "*1", "/1", "/!1", " IN (1)", " in (1)"]
PATHS = ["/<p>", "|<p>", "/^<p>", "/!<p>", "/<p>*", "/<p>+"]
PATTERNS = [" UNION {}", " OPTIONAL {}", " MINUS {}", " FILTER(1)", " BIND(1 AS ?x)", " FILTER EXISTS {}", " union{}"]
REPEATED = [
    *[("ASK { FILTER(1", operator, ") }") for operator in OPERATORS],
    *[("ASK { ?s <p>", path, " ?o }") for path in PATHS],
    *[("ASK { {}", pattern, " }") for pattern in PATTERNS],
    ("ASK { FILTER(", "!", "1) }"),
    ("ASK { FILTER(", "- ", "1) }"),
]


@pytest.mark.parametrize("repeated", REPEATED, ids=lambda repeated: repeated[1].strip())
def test_many_operators_are_refused(repeated: tuple[str, str, str]) -> None:
    start, operator, end = repeated
    assert_too_large(start + operator * 2001 + end, "max_query_operators", Settings(max_query_patterns=10_000))


def test_the_most_operators_within_the_limit_are_admitted() -> None:
    limits = Settings(max_query_operators=5)
    assert admit("ASK { FILTER(1" + "+1" * 4 + ") }", limits)
    assert_too_large("ASK { FILTER(1" + "+1" * 5 + ") }", "max_query_operators", limits)


# One row of each is one pattern, whatever separates them.
ROWS = [
    ("ASK { ", "?s ?p 1 . ", "}"),
    ("ASK { ?s ?p 0 ", "; ?p 1 ", "}"),
    ("ASK { ?s ?p 0 ", ", 1", "}"),
    ("ASK { ?s ?p (0 ", "?x ", ")}"),
    ("ASK { ", "{} ", "}"),
    ("ASK { ", "GRAPH ?g {} ", "}"),
    ("ASK { ", "VALUES ?x {1} ", "}"),
    ("ASK { ", "[ ?p 1 ] . ", "}"),
    ("CONSTRUCT { ", "?s ?p 1 . ", "} {}"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip())
def test_many_patterns_are_refused(row: tuple[str, str, str]) -> None:
    start, pattern, end = row
    limits = Settings(max_query_patterns=20)
    assert admit(start + pattern * 8 + end, limits)
    assert_too_large(start + pattern * 21 + end, "max_query_patterns", limits)


@pytest.mark.parametrize("row", ["1 ", "<urn:x> ", "(1 2) "])
def test_rows_of_data_are_no_patterns(row: str) -> None:
    variables = "(?x ?y)" if row.startswith("(") else "?x"
    for text in (f"ASK {{ VALUES {variables} {{ {row * 3000} }} }}", f"ASK {{}} VALUES {variables} {{ {row * 3000} }}"):
        assert admit(text)


# The engine's parser reads the first of these as a comparison with a deep expression, the second as an IRI and more.
@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER(1<" + "(" * 20_000 + "2" + ")" * 20_000 + "&&3>2) }",
        "ASK { FILTER(1<" + "!" * 20_000 + "2&&3>2) }",
        "ASK { FILTER(1<" + "(" * 20_000 + "2" + ")" * 20_000 + "#://>2\n) }",
        "ASK { ?s <http://example.org/\\u00E9#> ?o FILTER" + "(" * 20_000 + "2" + ")" * 20_000 + "\n}",
    ],
    ids=["nesting in a comparison", "operators in a comparison", "://", "after an escape in an IRI"],
)
def test_depth_and_operators_cannot_hide_from_the_guard(text: str) -> None:
    with pytest.raises(QueryError):
        admit(text)


def test_prefixes_are_declared_in_front_of_what_the_user_wrote() -> None:
    query = admit("ASK { ?s a ti:Territory }", prefixes=True)
    assert query.text == sparql_prologue() + "ASK { ?s a ti:Territory }"
    assert query.declared == len(PREFIXES)


def test_without_prefixes_the_text_stays_as_it_is() -> None:
    query = admit("ASK { ?s a ?class }")
    assert (query.text, query.declared) == ("ASK { ?s a ?class }", 0)


@pytest.mark.parametrize(
    ("text", "has_dataset"),
    [
        ("ASK { ?s ?p 'FROM <x>' }", False),
        ("PREFIX from: <x> ASK { ?from from:from <from> } # FROM <x>", False),
        ("SELECT * FROM <x> {}", True),
        ("SELECT*from<x>{}", True),
        ("DESCRIBE <a> FROM NAMED <x>", True),
        ("PREFIX e: <x> CONSTRUCT FROM e:g WHERE {}", True),
    ],
)
def test_a_dataset_clause_is_noticed(text: str, *, has_dataset: bool) -> None:
    assert admit(text).has_dataset is has_dataset


@pytest.mark.parametrize(
    ("text", "names_no_graph"),
    [
        ("ASK { ?s ?p 'GRAPH ?g' } # GRAPH ?g {}", True),
        ("PREFIX graph: <x> ASK { ?graph graph:graph <graph> }", True),
        ("ASK{graph?g{?s ?p ?o}}", False),
        ("ASK { ?s ?p ?o FILTER NOT EXISTS { GRAPH <x> { ?s ?p ?o } } }", False),
        ("SELECT * FROM NAMED <x> {}", False),
    ],
)
def test_it_is_noticed_whether_a_query_names_a_graph(text: str, *, names_no_graph: bool) -> None:
    assert admit(text).names_no_graph is names_no_graph


def test_a_dataset_clause_cannot_hide_from_the_guard() -> None:
    with contextlib.suppress(QueryError):
        assert admit("PREFIX e: <http://example.org/> SELECT * FROMe:g { ?s ?p ?o }").has_dataset


@pytest.mark.parametrize(
    "unit",
    ["a.", "a-", "a:", "_:a.", "1.", "1e", "?a", "<a", '"', '"\n', "'''\\", "'''\"\"\"", "@a-", "%", "\\", "é"],
)
def test_a_long_text_is_scanned_in_no_time(unit: str) -> None:
    text = "SELECT * { " + unit * (15_000 // len(unit))
    start = time.process_time()
    with contextlib.suppress(QueryError):
        admit(text)
    assert time.process_time() - start < 0.3


@pytest.mark.parametrize("word", ["TRUE", "False", "tRuE", "FALSE"])
def test_booleans_in_any_case_are_those_of_the_engine(word: str) -> None:
    written = f'ASK {{ ?{word} ?p "{word}" , {word} VALUES ?x {{ {word} }} FILTER(?p != {word}) }} # {word}'
    admitted = admit(written).text
    assert admitted.lower() == written.lower()
    assert (
        admitted
        == f'ASK {{ ?{word} ?p "{word}" , {(w := word.lower())} VALUES ?x {{ {w} }} FILTER(?p != {w}) }} # {word}'
    )


@pytest.mark.parametrize("character", ["\u00a0", "\u200b", "\f", "\0", "\ufeff"])
def test_a_character_that_cannot_be_seen_is_named_and_placed(character: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        admit(f"SELECT *\n{{{character}}}")
    assert f"U+{ord(character):04X}" in caught.value.detail.en
    assert caught.value.place == Place(line=2, column=2, piece=character)


@pytest.mark.parametrize("iri", ["<http://e/a b>", "<http://e/a{b>", '<http://e/"b>', "<http://e/"])
def test_what_no_iri_may_hold_is_told_from_a_missing_prefix(iri: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        admit(f"ASK {{ {iri} ?p ?o }}")
    assert "IRI" in caught.value.detail.en
    assert caught.value.hint
    assert "%20" in caught.value.hint.en
