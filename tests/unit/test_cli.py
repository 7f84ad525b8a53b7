"""The command answers, exports, checks and imports; its errors say what to do, in the user's language."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDF, SH
from tests.unit.conftest import MakeRoot
from tests.unit.ingest.test_cog import PACKAGE, write

import territoires
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format
from territoires.namespaces import BASE
from territoires.root import Root
from territoires.stamp import is_stamped

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

TARN_NORD = f"<{BASE}id/territory/2/ti-7614>"
NAME = f"SELECT ?name {{ {TARN_NORD} rdfs:label ?name }}"
FRENCH = {"LC_ALL": "fr_FR.UTF-8"}
SHAPE = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@base <https://w3id.org/territoires-industrie/> .
<shapes/Thing> a sh:NodeShape ; sh:targetClass <def#Thing> ; sh:property <shapes/Thing#name> .
<shapes/Thing#name> sh:path <def#name> ; sh:minCount 1 ; sh:message "A name is needed."@en , "Il faut un nom."@fr .
"""


@pytest.fixture
def run(territoires_command: Run, small_data: Path) -> Run:
    """Return a function that runs the command on the small graph, which it must not change."""

    def run(*arguments: str | Path, **environment: str) -> Done:
        return territoires_command("--root", small_data, *arguments, **environment)

    return run


def answer(done: Done) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(done: Done) -> list[str]:
    return [line.rstrip() for line in answer(done).splitlines()]


def message(done: Done, code: int = 1) -> str:
    """Return what a command that failed with `code` said."""
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stderr
    return done.stderr


def test_the_version_is_that_of_the_package(territoires_command: Run) -> None:
    assert answer(territoires_command("--version")).strip().endswith(territoires.__version__)


def commands(territoires_command: Run, *path: str) -> Iterator[tuple[str, str]]:
    """Yield every command below `path` with what its --help says."""
    text = answer(territoires_command(*path, "--help"))
    yield " ".join(path), text
    for line in text.partition("\nCommands:\n")[2].partition("\n\n")[0].splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            yield from commands(territoires_command, *path, line.split()[0])


def test_the_help_of_every_command_has_an_example_of_it(territoires_command: Run) -> None:
    texts = dict(commands(territoires_command))
    assert set(texts) >= {"", "serve", "check", "query", "queries", "export", "import", "import cog"}
    without = [
        name for name, text in texts.items() if f"territoires {name}".strip() not in text.partition("Example:")[2]
    ]
    assert without == []


def test_help_needs_no_graph(territoires_command: Run) -> None:
    assert "Example:" in answer(territoires_command("--root", "/nowhere", "check", "--help"))


# query


def test_sparql_text_is_answered_as_a_table(run: Run) -> None:
    done = run("query", NAME)
    assert rows(done) == ["name", "Tarn Nord"]
    assert "1 row" in done.stderr


def test_a_file_is_answered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "names.rq").write_text(f"# é\n{NAME}", encoding="utf-8")
    assert rows(run("query", "names.rq")) == ["name", "Tarn Nord"]


@pytest.mark.parametrize("name", ["members-of-a-territory", "members-of-a-territory.rq"])
def test_a_published_query_is_answered_with_its_example(run: Run, name: str) -> None:
    assert len(rows(run("query", name, "--format", "csv"))) == 1 + 3


@pytest.mark.parametrize("written", ["2/ti-7608", "id/territory/2/ti-7608"])
def test_a_parameter_takes_the_place_of_the_example(run: Run, written: str) -> None:
    answered = rows(run("query", "members-of-a-territory", "--param", f"territory={written}", "--format", "csv"))
    sirens = [row.split(",")[0].rpartition("/")[2] for row in answered[1:]]
    assert sorted(sirens) == ["200035756", "200066926"]


def test_a_parameter_for_a_file_is_used_or_refused(run: Run, small_data: Path) -> None:
    file = small_data / "queries" / "members-of-a-territory.rq"
    done = run("query", file, "--param", "territory=id/territory/2/ti-7608")
    assert "Albigeois" not in done.stdout
    assert done.returncode != 0 or "Grand Auch" in done.stdout


def test_a_parameter_for_sparql_text_is_refused(run: Run) -> None:
    assert run("query", NAME, "--param", "territory=ti-7608").returncode in {1, 2}


@pytest.mark.parametrize(
    "text",
    [f"DESCRIBE {TARN_NORD}", f"BASE <{BASE}> DESCRIBE <id/territory/2/ti-7614>", f"# why\nDESCRIBE {TARN_NORD}"],
)
def test_a_description_needs_no_braces(run: Run, text: str) -> None:
    assert "Tarn Nord" in answer(run("query", text))


@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda format_: format_.name)
def test_a_selection_is_written_in_each_format(run: Run, format_: Format) -> None:
    content = answer(run("query", NAME, "--format", format_.name))
    if format_.name == "csv":
        assert content.splitlines() == ["name", "Tarn Nord"]
        return
    assert format_.results is not None
    solutions = ox.parse_query_results(content, format=format_.results)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [row["name"] for row in solutions] == [ox.Literal("Tarn Nord", language="fr")]


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_a_construction_is_written_in_each_format(run: Run, format_: Format) -> None:
    query = f"CONSTRUCT {{ {TARN_NORD} rdfs:label ?name }} WHERE {{ {TARN_NORD} rdfs:label ?name }}"
    content = answer(run("query", query, "--format", format_.name))
    (quad,) = ox.parse(content, format=format_.rdf)
    assert quad.object == ox.Literal("Tarn Nord", language="fr")


@pytest.mark.parametrize(
    ("text", "truth"), [(f"ASK {{ {TARN_NORD} ?p ?o }}", "true"), ("ASK { <urn:x> ?p ?o }", "false")]
)
def test_a_question_is_answered_true_or_false(run: Run, text: str, truth: str) -> None:
    assert rows(run("query", text)) == [truth]


@pytest.mark.parametrize("value", [":100:", ":warning: 12:34:56", "[bold]a[/bold]", "é" * 300, "a  b"])
def test_a_table_shows_values_as_they_are(run: Run, value: str) -> None:
    assert rows(run("query", f'SELECT ("{value}" AS ?v) {{}}')) == ["v", value]


def test_a_table_shortens_iris_as_people_read_them(run: Run) -> None:
    text = f"SELECT ?a ?b ?c {{ VALUES (?a ?b ?c) {{ (ti:phase {TARN_NORD} UNDEF) }} }}"
    assert [row.split() for row in rows(run("query", text))] == [
        ["a", "b", "c"],
        ["ti:phase", "id/territory/2/ti-7614"],
    ]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("SELECT * {\n ?s ?p nope:x }", (), ["2:8", "nope:"]),
        ("SELECT * { SERVICE <http://example.org/> {} }", (), ["1:12", "SERVICE"]),
        ("INSERT DATA { <a> <b> <c> }", (), ["1:1", "INSERT"]),
        (NAME, ("--format", "turtle"), ["turtle", "json, xml, csv, tsv"]),
        ("no-such-query", (), ["no-such-query", "members-of-a-territory"]),
        ("members-of-a-territory", ("--param", "region=76"), ["region", "territory"]),
        ("members-of-a-territory", ("--param", "territory=7614"), ["territory", "7614", "ti-7614"]),
        ("members-of-a-territory", ("--param", "language=fr", "--param", "language=en"), ["language", "twice"]),
    ],
    ids=["prefix", "SERVICE", "update", "format", "name", "parameter", "value", "twice"],
)  # fmt: skip
def test_a_query_that_cannot_be_answered_ends_with_1_and_says_why(
    run: Run, text: str, options: tuple[str, ...], words: list[str]
) -> None:
    said = message(run("query", text, *options))
    assert all(word in said for word in words), said
    assert "→" in said


def test_a_parameter_without_a_value_is_a_wrong_use(run: Run) -> None:
    assert "NAME=VALUE" in message(run("query", "members-of-a-territory", "--param", "territory"), code=2)


def test_limits_come_from_the_environment(run: Run) -> None:
    assert "TERRITOIRES_MAX_QUERY_DEPTH" in message(run("query", "ASK {{}}", TERRITOIRES_MAX_QUERY_DEPTH="1"))
    assert "'many'" in message(run("query", "ASK {}", TERRITOIRES_MAX_QUERY_DEPTH="many"))


def test_a_query_file_that_is_not_utf_8_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "names.rq").write_text(f"# é\n{NAME}", encoding="latin-1")
    assert "names.rq" in message(run("query", "names.rq"))


def test_the_published_queries_are_listed_in_the_user_s_language(run: Run) -> None:
    assert "Which intercommunalities and communes make up a territory" in answer(run("queries"))
    listed = answer(run("queries", **FRENCH))
    assert "Quelles intercommunalités et communes composent un territoire" in listed
    assert "--param territory=2/ti-7614" in listed


# export


def test_an_entity_is_exported(run: Run) -> None:
    content = answer(run("export", "--format", "turtle", "--entity", "territory/2/ti-7614"))
    quads = list(ox.parse(content, format=ox.RdfFormat.TURTLE))
    assert {quad.subject for quad in quads} == {ox.NamedNode(TARN_NORD.strip("<>"))}
    assert 'rdfs:label "Tarn Nord"@fr' in content


def test_a_source_is_exported_to_a_file_and_to_standard_output_alike(run: Run, tmp_path: Path) -> None:
    options = ("export", "--format", "nquads", "--graph", "anct-2024-07-04")
    content = answer(run(*options))
    assert {quad.graph_name for quad in ox.parse(content, format=ox.RdfFormat.N_QUADS)} == {
        ox.NamedNode(f"{BASE}graph/anct-2024-07-04")
    }
    assert answer(run(*options, "--output", "new/list.nq")) == ""
    assert (tmp_path / "new" / "list.nq").read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--graph", "nowhere"), ["nowhere", "anct-2024-07-04"]),
        (("--entity", "territory/2/ti-9999"), ["territory/2/ti-9999"]),
    ],
)
def test_what_is_not_there_is_not_exported(
    run: Run, tmp_path: Path, options: tuple[str, str], words: list[str]
) -> None:
    (tmp_path / "a.ttl").write_text("old", encoding="utf-8")
    said = message(run("export", "--format", "turtle", *options, "--output", "a.ttl"))
    assert all(word in said for word in words), said
    assert (tmp_path / "a.ttl").read_text(encoding="utf-8") == "old"


def test_exports_are_listed_and_written_alike_to_a_folder_and_to_standard_output(run: Run, tmp_path: Path) -> None:
    assert "territories.csv " in answer(run("export", "--list"))
    assert answer(run("export", "regions.csv", "--output", str(tmp_path))) == ""
    written = (tmp_path / "regions.csv").read_text(encoding="utf-8")
    assert answer(run("export", "regions.csv")) == written
    assert "76,Occitanie," in written
    assert "regions.csv" in message(run("export", "region.csv"))


@pytest.mark.parametrize(
    "options", [(), ("regions.csv", "--all"), ("--list", "--format", "turtle"), ("--all", "--graph", "x")]
)
def test_an_export_is_asked_for_in_one_way(run: Run, options: tuple[str, ...]) -> None:
    assert "--format" in message(run("export", *options), code=2)


def test_the_syntax_of_an_export_is_one_of_those_there_are(run: Run) -> None:
    assert "turtle" in message(run("export", "--format", "pdf"), code=2)


def test_an_export_that_cannot_be_written_says_where(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "file" in message(run("export", "--format", "turtle", "--output", "file/a.ttl"))


def test_a_reader_that_stops_early_is_no_error(small_data: Path) -> None:
    command = [sys.executable, "-m", "territoires", "--root", str(small_data), "export", "--format", "nquads"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


# check


def test_valid_sources_pass_the_check_with_0(territoires_command: Run, small: Root) -> None:
    done = territoires_command("--root", small.path, "check", "--stamp")
    assert "0 violations" in answer(done)
    assert is_stamped(small)


@pytest.fixture
def invalid(make_root: MakeRoot) -> Path:
    return make_root({"shapes/Thing.ttl": SHAPE, "data/one.ttl": "# Things.\n<a> a <def#Thing> .\n"}).path


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en_GB.UTF-8", "data/one.ttl:2: a ti:name: A name is needed."),
        ("fr_FR.UTF-8", "data/one.ttl:2: a ti:name : Il faut un nom."),
    ],
)
def test_a_violation_ends_the_check_with_1_and_says_file_and_line(
    territoires_command: Run, invalid: Path, language: str, line: str
) -> None:
    done = territoires_command("--root", invalid, "check", LC_ALL=language)
    assert line in done.stdout.splitlines()
    assert "1 violation" in done.stdout
    assert done.returncode == 1


def test_invalid_data_are_not_stamped(territoires_command: Run, invalid: Path) -> None:
    done = territoires_command("--root", invalid, "check", "--stamp")
    assert not (invalid / "shapes" / "checked.json").exists()
    assert done.returncode == 1


def test_the_report_can_be_json_or_turtle(territoires_command: Run, invalid: Path) -> None:
    done = territoires_command("--root", invalid, "check", "--format", "json")
    document = json.loads(done.stdout)
    assert document["conforms"] is False
    assert [(result["file"], result["line"]) for result in document["results"]] == [("data/one.ttl", 2)]
    assert done.returncode == 1
    done = territoires_command("--root", invalid, "check", "--format", "turtle")
    report = rdflib.Graph().parse(data=done.stdout, format="turtle")
    assert len(list(report.subjects(RDF.type, SH.ValidationResult))) == 1
    assert done.returncode == 1


@pytest.mark.parametrize("line", [2, 100, 1234])
def test_turtle_that_does_not_parse_ends_with_1_and_says_file_and_line(
    territoires_command: Run, make_root: MakeRoot, line: int
) -> None:
    root = make_root({"data/one.ttl": "\n" * (line - 1) + "<a> <b> .\n"})
    for command in ("check", "query"):
        said = message(territoires_command("--root", root.path, command, *(["ASK {}"] if command == "query" else [])))
        assert f"data/one.ttl:{line}:" in said


# check ontology


def test_the_shipped_ontology_passes_with_0(territoires_command: Run, small: Root) -> None:
    lines = answer(territoires_command("--root", small.path, "check", "ontology")).splitlines()
    assert lines[0].split()[:2] == ["P04", "ok"]
    assert lines[-1].startswith("0 findings by ")


@pytest.fixture
def faulty(make_root: MakeRoot) -> Path:
    term = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n\n<def#Thing> a owl:Class .\n"
    return make_root({"ontology/o.ttl": term}).path


@pytest.mark.parametrize(
    ("language", "line", "last"),
    [
        ("en_GB.UTF-8", "  ontology/o.ttl:3: ti:Thing has no rdfs:label", "findings by"),
        ("fr_FR.UTF-8", "  ontology/o.ttl:3: ti:Thing n'a pas de rdfs:label", "constats de"),
    ],
)
def test_a_fault_of_the_ontology_ends_with_1_and_says_file_and_line(
    territoires_command: Run, faulty: Path, language: str, line: str, last: str
) -> None:
    done = territoires_command("--root", faulty, "check", "ontology", LC_ALL=language)
    assert done.returncode == 1
    assert line in done.stdout.splitlines()
    assert last in done.stdout.splitlines()[-1]


def test_the_checks_of_the_ontology_can_be_json(territoires_command: Run, faulty: Path) -> None:
    done = territoires_command("--root", faulty, "check", "ontology", "--format", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["passed"] is False
    assert {check["id"] for check in document["checks"] if not check["passed"]} >= {"P08", "P38"}


@pytest.mark.parametrize("option", [["--stamp"], ["--since", "HEAD"], ["--format", "json"]])
def test_options_of_the_whole_check_are_not_lost_before_a_command(
    territoires_command: Run, faulty: Path, option: list[str]
) -> None:
    message(territoires_command("--root", faulty, "check", *option, "ontology"), code=2)


# import


ANCT = """\
id_ti,lib_ti,lib_groupement,siren_groupement,nature_juridique
ti-7614,Tarn Nord,CA de l'Albigeois (C2A),248100737,CA
ti-7614,Tarn Nord,CA Gaillac-Graulhet,200066124,CA
"""


def test_a_list_of_anct_is_imported_below_data(territoires_command: Run, small: Root, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(ANCT, encoding="utf-8")
    options = (
        "--root",
        small.path,
        "import",
        "anct-groupements",
        "--phase",
        "2",
        "--source",
        "anct-2025-01-01",
        "liste.csv",
    )
    target = small.data / "anct-2025-01-01" / "phase-2.ttl"
    said = message(territoires_command(*options))
    assert "This graph is not in data/catalogue.ttl" in said
    assert "--no-check" in said
    assert not target.exists()
    assert answer(territoires_command(*options, "--no-check")) == f"{target}: written\n"
    subjects = {quad.subject for quad in ox.parse(path=str(target))}
    assert subjects == {ox.NamedNode(TARN_NORD.strip("<>"))}
    assert answer(territoires_command(*options)) == f"{target}: unchanged\n"
    assert answer(territoires_command(*options, **FRENCH)) == f"{target}: inchangé\n"


def test_a_list_can_be_written_elsewhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(ANCT, encoding="utf-8")
    assert "written" in answer(run("import", "anct-groupements", "--phase", "1", "--output", "a.ttl", "liste.csv"))
    assert "territory/1/ti-7614" in (tmp_path / "a.ttl").read_text(encoding="utf-8")


def test_a_list_that_is_refused_ends_with_1_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(ANCT.replace("200066124", "248100737"), encoding="utf-8")
    (tmp_path / "a.ttl").write_text("old", encoding="utf-8")
    said = message(run("import", "anct-groupements", "--phase", "2", "--output", "a.ttl", "liste.csv"))
    assert "liste.csv:3: column siren_groupement" in said
    assert (tmp_path / "a.ttl").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("options", [("liste.csv",), ("--phase", "3", "liste.csv"), ("--phase", "2", "nowhere.csv")])
def test_a_list_needs_a_file_and_a_phase(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "liste.csv").write_text(ANCT, encoding="utf-8")
    message(run("import", "anct-groupements", *options), code=2)


def test_a_geography_is_imported_below_data(territoires_command: Run, make_root: MakeRoot, tmp_path: Path) -> None:
    root = make_root({})
    package = write(tmp_path / "package", PACKAGE)
    assert answer(territoires_command("--root", root.path, "import", "cog", package)).count(": written\n") == 5
    assert {file.stem for file in (root.data / "cog-2026").iterdir()} == {
        "regions",
        "departments",
        "collectivities",
        "intercommunalities",
        "communes",
    }
    assert answer(territoires_command("--root", root.path, "import", "cog", package)).count(": unchanged\n") == 5


def test_a_dry_run_shows_what_would_change_and_writes_nothing(
    territoires_command: Run, make_root: MakeRoot, tmp_path: Path
) -> None:
    root = make_root({})
    package = write(tmp_path / "package", PACKAGE)
    options = ("--root", root.path, "import", "cog", package)
    assert "regions.ttl: 3 entities added, 0 removed, 0 changed" in answer(territoires_command(*options, "--dry-run"))
    assert list(root.data.iterdir()) == []
    answer(territoires_command(*options))
    changed = root.data / "cog-2026" / "regions.ttl"
    changed.write_text(changed.read_text(encoding="utf-8").replace('"Occitanie"@fr', '"Midi"@fr'), encoding="utf-8")
    before = changed.read_bytes()
    said = answer(territoires_command(*options, "--dry-run"))
    assert "regions.ttl: 0 entities added, 0 removed, 1 changed" in said
    assert '-     rdfs:label "Midi"@fr\n+     rdfs:label "Occitanie"@fr' in said
    assert changed.read_bytes() == before


@pytest.mark.parametrize("arguments", [(), ("--fetch", ".")], ids=["neither", "both"])
def test_a_geography_is_a_folder_or_fetched(run: Run, arguments: tuple[str, ...]) -> None:
    assert "--fetch" in message(run("import", "cog", *arguments), code=2)


def test_what_was_read_is_said_on_standard_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_bytes(ANCT.replace(",", ";").replace("Tarn Nord", "Tarn Été").encode("cp1252"))
    done = run("import", "anct-groupements", "--phase", "2", "--output", "a.ttl", "liste.csv")
    answer(done)
    assert "liste.csv: Windows-1252, «;»" in done.stderr


# errors in general


def test_errors_are_in_the_language_of_the_terminal(territoires_command: Run) -> None:
    arguments = ("--root", "nowhere", "queries")
    english, french = "this folder has no ontology/", "ce dossier n'a pas de ontology/"
    assert english in message(territoires_command(*arguments))
    assert french in message(territoires_command(*arguments, LC_ALL="fr_FR.UTF-8"))
    assert french in message(territoires_command(*arguments, LC_ALL="", LC_MESSAGES="fr_CA.UTF-8", LANG="C.UTF-8"))
    assert french in message(territoires_command(*arguments, LC_ALL="", LC_MESSAGES="", LANG="fr_FR.UTF-8"))
    assert english in message(territoires_command(*arguments, LC_ALL="en_GB.UTF-8", LANG="fr_FR.UTF-8"))


def test_the_root_may_be_named_by_the_environment(territoires_command: Run, small_data: Path) -> None:
    assert rows(territoires_command("query", NAME, TERRITOIRES_ROOT=str(small_data))) == ["name", "Tarn Nord"]


@pytest.mark.parametrize(
    "arguments", [("nope",), ("query",), ("--nope",), ("import", "nope"), ("serve", "--port", "0")]
)
def test_a_wrong_use_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert "Usage: " in message(run(*arguments), code=2)
