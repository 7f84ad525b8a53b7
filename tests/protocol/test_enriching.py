"""`/enrich` as a browser and curl use it: the table comes back, nothing too large is read, errors say what to do."""

from __future__ import annotations

import io
import uuid

import openpyxl
import pytest
from tests.conftest import running_server
from tests.protocol.conftest import BROWSER, PROBLEM, Answer, Client

ALBI = b"Commune;Code INSEE;Effectif\r\nAlbi;81004;=1+1\r\nNulle part;99999;2\r\n"


def sent(client: Client, content: bytes, name: str = "liste.csv", *, accept: str = "*/*", **fields: str) -> Answer:
    """Send a form with a file."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = "".join((*parts, head)).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": accept}
    return client.send("POST", "/enrich", headers=headers, body=body)


@pytest.mark.parametrize(("language", "said"), [("fr", "Compléter une liste"), ("en", "Complete a list")])
def test_the_form_says_what_it_takes_and_adds(client: Client, language: str, said: str) -> None:
    answer = client.get("/enrich", Accept=BROWSER, Accept_Language=language)
    assert answer.status == 200
    assert answer.page.texts["h1"] == [said]
    [form] = [one for one in answer.page.tags("form") if one.get("method") == "post"]
    assert (form["action"], form["enctype"]) == ("/enrich", "multipart/form-data")
    assert "ti_territoire" in answer.text


def test_a_table_comes_back_completed(client: Client) -> None:
    answer = sent(client, ALBI)
    assert (answer.status, answer.media_type) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=liste-ti.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("Albi;81004;'=1+1;81004;Albi;ti-7614;Tarn Nord;2;")
    assert lines[2].endswith("code inconnu : 99999")


def test_a_workbook_comes_back_as_a_workbook(client: Client) -> None:
    book = openpyxl.Workbook()
    for row in (["insee"], [81004]):
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    answer = sent(client, content.getvalue(), "liste.xlsx", format="xlsx")
    assert answer.status == 200, answer.text
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.body), read_only=True).worksheets[0].values)
    assert rows[1][:4] == ("81004", "81004", "Albi", "ti-7614")


def test_the_report_is_a_page_or_json(client: Client) -> None:
    page = sent(client, ALBI, accept=BROWSER, answer="report")
    assert (page.status, page.media_type) == (200, "text/html")
    assert "code inconnu : 99999" in page.text
    assert page.page.tables[0].lines[1][:2] == ["Albi", "81004"]
    found = sent(client, ALBI, accept="application/json", answer="report").json
    assert (found["rows"], found["placed"], found["columns"]) == (
        2,
        1,
        {"Code INSEE": "commune", "Commune": "commune-name"},
    )


def test_what_a_visitor_sends_is_shown_as_text(client: Client) -> None:
    page = sent(client, b"insee;<script>\n81004;<img src=x>\n", accept=BROWSER, answer="report")
    assert "<img src=x>" not in page.text
    assert "&lt;img src=x&gt;" in page.text


@pytest.mark.parametrize(
    ("content", "fields", "status", "said"),
    [
        (b"code\n76\n11\n", {}, 422, "code=department"),
        (b"code\n76\n11\n", {"column": "code=thing"}, 400, "TYPE est l'un de"),
        (b"insee;b\n81004\n", {}, 422, "cette ligne a 1 cellules"),
        (b"insee\n81004\n", {"phase": "3"}, 400, "1, 2, all"),
        (b"insee\n81004\n", {"format": "parquet"}, 400, "csv, xlsx"),
        (b"PAR1", {}, 422, "CSV UTF-8"),
        (b"", {}, 422, "titres"),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(
    client: Client, content: bytes, fields: dict[str, str], status: int, said: str
) -> None:
    page = sent(client, content, accept=BROWSER, **fields)
    assert (page.status, page.media_type) == (status, "text/html")
    assert said in page.text.replace("&#39;", "'")
    assert sent(client, content, **fields).media_type == PROBLEM


def test_a_table_that_would_grow_past_all_bounds_is_refused(client: Client) -> None:
    answer = sent(client, "Région\n".encode() + b"76\n" * 49_000, phase="all")
    assert (answer.status, answer.json["code"]) == (413, "result-too-large")


def test_a_form_without_a_file_is_refused(client: Client) -> None:
    answer = client.send(
        "POST", "/enrich", headers={"Content-Type": "application/x-www-form-urlencoded"}, body=b"phase=2"
    )
    assert (answer.status, answer.media_type) == (400, PROBLEM)


def test_other_bodies_have_the_smaller_limit_and_tables_theirs() -> None:
    with running_server(
        [],
        TERRITOIRES_MAX_BODY_BYTES="1000",
        TERRITOIRES_MAX_UPLOAD_BYTES="20000",
        TERRITOIRES_MAX_UPLOAD_ROWS="400",
    ) as url:
        client = Client(url)
        assert sent(client, b"insee\n" + b"81004\n" * 400).status == 200
        assert sent(client, b"insee\n" + b"81004\n" * 401).json["code"] == "table"
        assert sent(client, b"insee\n" + b"81004\n" * 4_000).status == 413
        assert client.post("application/sparql-query", b"ASK {}" + b" " * 2_000).status == 413
