"""Errors: one shape (RFC 9457), in the language and the form that the client reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from tests.protocol.conftest import BROWSER, FORM, JSON, PROBLEM, QUERY, Answer, Client

JSON_FIRST = f"{PROBLEM}, */*;q=0.1"
TEXT_FIRST = "text/plain, */*;q=0.1"
TI = "https://w3id.org/territoires-industrie/def#"


@dataclass(frozen=True)
class Mistake:
    """A request that is refused with `status`."""

    status: int
    method: str = "GET"
    path: str = "/sparql"
    query: str | None = None
    body: bytes | None = None
    content_type: str | None = None

    def send(self, client: Client, **headers: str) -> Answer:
        """Make the mistake; `Accept_Language="fr"` adds the header Accept-Language."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        typed = {"Content-Type": self.content_type} if self.content_type else {}
        parameters = {} if self.query is None else {"query": self.query}
        return client.send(self.method, self.path, parameters, {**typed, **named}, self.body)


MISTAKES = {
    "syntax": Mistake(400, query="SELECT * {"),
    "undeclared prefix": Mistake(400, query="SELECT * { ?s a ti:Territory }"),
    "no query form": Mistake(400, query="hello"),
    "two queries": Mistake(400, method="POST", query="ASK {}", body=b"query=ASK+%7B%7D", content_type=FORM),
    "invalid UTF-8": Mistake(400, method="POST", body=b"\xff", content_type=QUERY),
    "SERVICE": Mistake(403, query="SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
    "update": Mistake(403, query="CLEAR ALL"),
    "no page": Mistake(404, path="/nowhere"),
    "no page in static": Mistake(404, path="/static/nothing.css"),
    "method": Mistake(405, method="DELETE", query="ASK {}"),
    "method of a page": Mistake(405, method="PUT", path="/"),
    "long query": Mistake(413, method="POST", body=b"ASK {}" + b" " * 200_000, content_type=QUERY),
    "deep query": Mistake(413, query="ASK " + "{" * 100 + "}" * 100),
    "body of another type": Mistake(415, method="POST", body=b"ASK {}", content_type="text/plain"),
}
mistakes = pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)


# The members.


@mistakes
def test_a_problem_has_the_members_of_rfc_9457(client: Client, mistake: Mistake) -> None:
    answer = mistake.send(client)
    problem = answer.json
    assert (answer.status, answer.media_type) == (mistake.status, PROBLEM)
    assert problem["status"] == mistake.status
    assert urlsplit(problem["type"]).scheme == "https"
    assert problem["type"].endswith("#" + problem["code"])
    for member in ("title", "detail"):
        assert problem[member].strip()
    for member in ("hint", "line", "column"):
        assert problem.get(member, "?") is not None, "what is not known is left out"


def test_not_acceptable_is_a_problem_too(client: Client) -> None:
    answer = client.query("ASK {}", Accept="image/png")
    assert (answer.status, answer.media_type, answer.json["status"]) == (406, PROBLEM, 406)


def test_the_type_tells_kinds_of_problems_apart(client: Client) -> None:
    names = ("syntax", "two queries", "SERVICE", "no page", "method", "long query", "body of another type")
    types = {MISTAKES[name].send(client).json["type"] for name in names}
    assert len(types) == len(names)


@mistakes
@pytest.mark.parametrize("accept", ["application/json", JSON_FIRST, JSON, "text/csv", "application/*", "garbage"])
def test_a_program_gets_problem_json(client: Client, mistake: Mistake, accept: str) -> None:
    assert mistake.send(client, Accept=accept).media_type == PROBLEM


# The twins.


@mistakes
@pytest.mark.parametrize("accept", ["text/html", BROWSER])
def test_a_browser_gets_a_page_that_says_the_same(client: Client, mistake: Mistake, accept: str) -> None:
    problem = mistake.send(client, Accept=JSON_FIRST, Accept_Language="en").json
    answer = mistake.send(client, Accept=accept, Accept_Language="en")
    assert (answer.status, answer.media_type) == (mistake.status, "text/html")
    page = answer.page
    assert page.tags("html")[0]["lang"] == "en"
    shown = " ".join(page.texts["main"][0].split())
    for member in ("title", "detail", "hint"):
        assert " ".join(problem.get(member, "").split()) in shown
    if "line" in problem:
        assert f"line {problem['line']}, column {problem['column']}" in shown.lower()


@mistakes
def test_a_terminal_gets_plain_text_that_says_the_same(client: Client, mistake: Mistake) -> None:
    problem = mistake.send(client).json
    answer = mistake.send(client, Accept=TEXT_FIRST)
    assert (answer.status, answer.media_type) == (mistake.status, "text/plain")
    assert answer.headers["Content-Type"].lower().replace(" ", "") == "text/plain;charset=utf-8"
    for member in ("title", "detail", "hint"):
        assert problem.get(member, "") in answer.text
    if "line" in problem:
        assert f"line {problem['line']}, column {problem['column']}" in answer.text


# The language.

LANGUAGES = [
    ("fr", "fr"),
    ("en", "en"),
    ("fr-CA", "fr"),
    ("en-GB,en;q=0.9,fr;q=0.8", "en"),
    ("en;q=0.3, fr;q=0.9", "fr"),
    ("de, fr;q=0.2, en;q=0.1", "fr"),
    ("FR", "fr"),
    ("fr;q=0, en;q=0.1", "en"),
    ("en;q=0, fr;q=0.1", "fr"),
    ("fr;q=0, *", "en"),
    ("en;q=0, *", "fr"),
]


@pytest.mark.parametrize(("header", "language"), LANGUAGES)
@pytest.mark.parametrize("accept", [JSON_FIRST, "text/html", TEXT_FIRST])
def test_a_problem_speaks_the_language_of_accept_language(
    client: Client, header: str, language: str, accept: str
) -> None:
    answer = client.query("SELECT * {", Accept=accept, Accept_Language=header)
    assert answer.headers["Content-Language"] == language
    assert ("Erreur de syntaxe" in answer.text) == (language == "fr")
    assert "accept-language" in answer.listed("Vary")


@pytest.mark.parametrize(("language", "other"), [("fr", "en"), ("en", "fr")])
@pytest.mark.parametrize("accept", [JSON_FIRST, "text/html", TEXT_FIRST])
def test_the_parameter_lang_prevails_over_accept_language(
    client: Client, language: str, other: str, accept: str
) -> None:
    answer = client.query("SELECT * {", {"lang": language}, Accept=accept, Accept_Language=other)
    assert answer.headers["Content-Language"] == language
    assert ("Erreur de syntaxe" in answer.text) == (language == "fr")


@mistakes
def test_every_problem_is_written_in_both_languages(client: Client, mistake: Mistake) -> None:
    english, french = (mistake.send(client, Accept_Language=language).json for language in ("en", "fr"))
    assert english["type"] == french["type"]
    for member in ("title", "detail", "hint"):
        assert (member in english) == (member in french)
        assert member not in english or english[member] != french[member], member


# The place.


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * {\n  ?s ?p ?o\n", 3, 1),
        ("SELECT ?x\nWHERE { ?x a ?y", 2, 16),
        ("SELECT * { ?s ?p 1 }}", 1, 21),
        ("ASK {}\nASK {}", 2, 1),
        ("SELECT ?x WHERE { ?x a }", 1, 24),
        ("SELECT ?x WHERE { ?x a ?y ))", 1, 27),
        ("SELECT * {\n  ?s ?p ?o\n  BOGUS\n}", 3, 3),
        ("SELECT * {\r\n  ?s ?p ;;; }\r\n", 2, 9),
        ("ASK { ?s ?p 'abc\n' }", 1, 17),
        ("SELECT * { ?s ?p 'été 😀' ) }", 1, 26),
        ("ASK { FILTER(1 + ) }", 1, 18),
        ("SELECT (1 AS x) {}", 1, 14),
        ("CONSTRUCT { ?s ?p } {}", 1, 19),
    ],
)
def test_a_syntax_error_is_placed_at_the_first_token_that_cannot_stand_there(
    client: Client, text: str, line: int, column: int
) -> None:
    problem = client.query(text).json
    assert (problem["status"], problem["line"], problem["column"]) == (400, line, column)


@pytest.mark.parametrize(
    "text",
    ["ASK {\n  ?s ?p ?o .\n  SERVICE <http://127.0.0.1:9/> {} }", "\n\n  DROP ALL"],
    ids=["SERVICE", "update"],
)
def test_what_is_not_allowed_is_placed(client: Client, text: str) -> None:
    problem = client.query(text).json
    assert (problem["status"], problem["line"], problem["column"]) == (403, 3, 3)


UNDECLARED: dict[str, Callable[[str], str]] = {
    "type": "SELECT * {{ ?s a {} }}".format,
    "subject": "SELECT * {{ {} ?p ?o }}".format,
    "predicate": "SELECT * {{ ?s {} ?o }}".format,
    "object": "SELECT * {{ ?s ?p {} }}".format,
    "path": "SELECT * {{ ?s ^{}/<http://e/p> ?o }}".format,
    "second triple": "SELECT * {{ ?s ?p ?o ; {} ?x }}".format,
    "GRAPH": "ASK {{ GRAPH {} {{ ?s ?p ?o }} }}".format,
    "FILTER": "ASK {{ ?s ?p ?o FILTER(?o = {}) }}".format,
    "function": "ASK {{ ?s ?p ?o FILTER({}(?o)) }}".format,
    "VALUES": "ASK {{ VALUES ?x {{ {} }} ?x ?p ?o }}".format,
    "FROM": "ASK FROM {} {{ ?s ?p ?o }}".format,
    "datatype": 'ASK {{ ?s ?p "1"^^{} }}'.format,
    "template": "CONSTRUCT {{ ?s a {} }} {{ ?s ?p ?o }}".format,
    "DESCRIBE": "DESCRIBE {}".format,
    "second line": "SELECT *\n{{ ?s\n  {} ?o }}".format,
}


@pytest.mark.parametrize("name", ["ti:Territory", "ti:p"])
@pytest.mark.parametrize("write", UNDECLARED.values(), ids=UNDECLARED)
def test_an_undeclared_prefix_names_the_line_to_add(client: Client, name: str, write: Callable[[str], str]) -> None:
    text = write(name)
    problem = client.query(text).json
    remedy = f"PREFIX ti: <{TI}>"
    assert problem["status"] == 400
    assert "ti:" in problem["detail"]
    assert remedy in problem["hint"]
    before = text[: text.index("ti:")]
    assert (problem["line"], problem["column"]) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
    mended = client.query(f"{remedy}\n{text}")
    assert mended.status == 200 or mended.json["code"] == "unknown-graph", "the advice works"


@pytest.mark.parametrize("prefix", ["foo", "", "é", "a-b"])
def test_an_unknown_prefix_is_named(client: Client, prefix: str) -> None:
    problem = client.query(f"SELECT * {{ ?s a {prefix}:Bar }}").json
    assert f" {prefix}:" in problem["detail"]
    assert f"PREFIX {prefix}: <" in problem["hint"]


@pytest.mark.parametrize("text", ["SELECT * {", "SELECT * { SERVICE <http://127.0.0.1:9/> {} }"])
def test_a_wrong_query_stays_in_the_form_of_the_page(client: Client, text: str) -> None:
    answer = client.query(text, Accept=BROWSER)
    assert answer.status in {400, 403}
    assert answer.page.texts["textarea"] == [text]


# Markup of others.

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>"


@pytest.mark.parametrize(
    "parameters",
    [
        [("query", f"SELECT * {{ ?s ?p ?o }} {MARKUP}")],
        [("query", "ASK {}"), ("format", MARKUP)],
        [("query", "ASK {}"), (MARKUP, "1")],
        [("query", "ASK {}"), ("default-graph-uri", MARKUP)],
        [("query", "ASK {}"), ("lang", MARKUP)],
        [("query", f"ASK {{}} # {MARKUP}")],
        [("query", f"SELECT ('''{MARKUP}''' AS ?x) {{}}")],
        [("query", f"CONSTRUCT {{ <urn:s> <urn:p> '''{MARKUP}''' }} {{}}")],
        [("query", "SELECT ('''</textarea>" + MARKUP + "''' AS ?x) {}")],
    ],
    ids=["syntax", "format", "name", "graph", "lang", "comment", "literal", "graph literal", "textarea"],
)
def test_markup_of_the_client_is_text_in_the_page(client: Client, parameters: list[tuple[str, str]]) -> None:
    answer = client.get("/sparql", parameters, Accept="text/html")
    assert answer.media_type == "text/html"
    assert not {"img", "b"} & answer.page.texts.keys()
    assert "".join(answer.page.texts.get("script", [])) == ""
    assert {script["src"] for script in answer.page.tags("script")} <= {
        "/static/vendor/editor.js",
        "/static/suggest.js",
    }
    assert not [name for _, attributes in answer.page.elements for name in attributes if name.startswith("on")]


def test_markup_in_an_accept_header_is_text_in_the_problem(client: Client) -> None:
    answer = client.query("ASK {}", Accept=f"image/png;x={MARKUP}")
    assert answer.media_type != "text/html"
    assert b"<script" not in answer.body or answer.headers["X-Content-Type-Options"] == "nosniff"


def test_problem_json_stays_json_whatever_the_query(client: Client) -> None:
    text = 'SELECT * { ?s ?p "\\" \t \u2028 </script> é 😀'
    answer = client.post(QUERY, text.encode())
    assert json.loads(answer.body)["status"] == 400


# Headers of every answer.

ANSWERS: dict[str, Callable[[Client], Answer]] = {
    "home": lambda client: client.get("/"),
    "form": lambda client: client.get("/sparql", Accept=BROWSER),
    "results": lambda client: client.query("ASK {}"),
    "graph": lambda client: client.query("CONSTRUCT {} {}"),
    "result page": lambda client: client.query("ASK {}", Accept=BROWSER),
    "health": lambda client: client.get("/health"),
    "style": lambda client: client.get("/static/style.css"),
    "preflight": lambda client: client.send("OPTIONS", "/sparql"),
    "not acceptable": lambda client: client.query("ASK {}", Accept="image/png"),
    "large body": lambda client: client.post(QUERY, b" " * 1_500_000),
} | {
    f"{name} {accept}": lambda client, mistake=mistake, accept=accept: mistake.send(client, Accept=accept)
    for name, mistake in MISTAKES.items()
    for accept in ("*/*", "text/html", "text/plain")
}


@pytest.fixture(params=ANSWERS.values(), ids=list(ANSWERS))
def answer(client: Client, request: pytest.FixtureRequest) -> Answer:
    make: Callable[[Client], Answer] = request.param
    return make(client)


def test_no_answer_may_be_sniffed_framed_into_scripts_or_hidden_from_a_foreign_page(answer: Answer) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@mistakes
def test_a_problem_is_not_cached(client: Client, mistake: Mistake) -> None:
    answer = mistake.send(client)
    assert "no-store" in answer.listed("Cache-Control")
    assert {"accept", "accept-language"} <= answer.listed("Vary")
