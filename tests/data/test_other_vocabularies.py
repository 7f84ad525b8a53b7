"""A query in the terms of another vocabulary alone finds our data, without reasoning."""

from collections.abc import Callable

Ask = Callable[[str], list[tuple[str | None, ...]]]


def test_insee_s_terms_lead_from_a_commune_to_all_that_it_is_in(ask: Ask) -> None:
    query = """SELECT ?name {
        ?c a igeo:Commune ; igeo:codeINSEE "81004" ; igeo:subdivisionDe ?whole . ?whole igeo:nom ?name }"""
    assert {name for (name,) in ask(query)} == {"Tarn", "Occitanie", "CA de l'Albigeois (C2A)"}


def test_insee_s_terms_count_the_13_departments_of_occitanie_and_the_101_of_france(ask: Ask) -> None:
    query = """SELECT (COUNT(?d) AS ?n) {{
        ?d a igeo:Departement ; igeo:subdivisionDe ?r . ?r a igeo:Region {} }}"""
    assert ask(query.format('; igeo:codeINSEE "76"')) == [("13",)]
    assert ask(query.format("")) == [("101",)]


def test_insee_s_terms_find_the_communes_that_ours_find(ask: Ask) -> None:
    ours = ask('SELECT ?code { ?c ti:inDepartment/igeo:codeINSEE "81" ; igeo:codeINSEE ?code }')
    theirs = ask("""SELECT ?code { ?c a igeo:Commune ; igeo:codeINSEE ?code ; igeo:subdivisionDe ?d .
        ?d a igeo:Departement ; igeo:codeINSEE "81" }""")
    assert len(theirs) > 300
    assert set(theirs) == set(ours)
    assert len(theirs) == len(ours)


def test_insee_s_chief_towns(ask: Ask) -> None:
    query = 'SELECT ?name { ?r a igeo:Region ; igeo:codeINSEE "76" ; igeo:chefLieu/igeo:nom ?name }'
    assert ask(query) == [("Toulouse",)]


def test_org_tells_who_is_a_member_of_what(ask: Ask) -> None:
    query = """SELECT ?person ?organisation {
        ?m a org:Membership ; org:member/foaf:name ?person ; org:organization ?o .
        ?o a org:Organization ; rdfs:label ?organisation FILTER(LANG(?organisation) = "fr") }"""
    assert set(ask(query)) >= {
        ("Carole Delga", "Région Occitanie – Pyrénées-Méditerranée"),
        ("Pierre-André Durand", "Préfecture de région Occitanie"),
    }


def test_org_finds_every_organisation_and_post(ask: Ask) -> None:
    for ours, theirs in (
        ("ti:Organisation", "org:Organization"),
        ("ti:Post", "org:Post"),
        ("ti:Official", "foaf:Person"),
    ):
        query = "SELECT DISTINCT ?x {{ ?x a/rdfs:subClassOf* {} }}"
        found = ask(f"SELECT DISTINCT ?x {{ ?x a {theirs} }}")
        assert found
        assert set(found) >= set(ask(query.format(ours)))


def test_org_does_not_say_without_a_date_who_holds_a_post(ask: Ask) -> None:
    assert ask("SELECT * { ?a org:heldBy|org:holds ?b }") == []


def test_geosparql_finds_where_to_show_each_territory(ask: Ask) -> None:
    query = "SELECT (COUNT(DISTINCT ?t) AS ?n) { ?t a ti:Territory ; geo:hasGeometry/geo:asWKT ?wkt }"
    assert ask(query) == [("332",)]


def test_frapo_tells_who_supports_a_measure(ask: Ask) -> None:
    theirs = ask("SELECT ?m ?f { ?m <http://purl.org/cerif/frapo/isSupportedBy> ?f }")
    assert theirs
    assert set(theirs) == set(ask("SELECT ?m ?f { ?m ti:fundedBy ?f }"))


def test_insee_s_direct_subdivision_is_not_stated_but_what_stands_for_it_is(ask: Ask) -> None:
    assert ask("SELECT * { ?part igeo:subdivisionDirecteDe|igeo:subdivisionDirecte ?whole }") == []
    wholes = """SELECT ?class { ?c igeo:codeINSEE "81004" ; igeo:subdivisionDe/a ?class
        FILTER(STRSTARTS(STR(?class), STR(igeo:))) }"""
    names = {(name or "").rpartition("#")[2] for (name,) in ask(wholes)}
    assert names == {"Departement", "Region", "Intercommunalite"}


def test_every_place_with_a_code_has_a_class_and_a_name_of_insee(ask: Ask) -> None:
    without = """SELECT ?place { ?place igeo:codeINSEE ?code
        FILTER NOT EXISTS { ?place a ?class ; igeo:nom ?name FILTER(STRSTARTS(STR(?class), STR(igeo:))) } }"""
    assert ask(without) == []
