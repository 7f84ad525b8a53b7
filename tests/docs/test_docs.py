"""What the documents promise is true: commands run and answer as printed, links and settings exist."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from tests.conftest import running_server

from territoires.namespaces import BASE
from territoires.settings import Settings, variable

CHECKOUT = Path(__file__).parents[2]
READMES = ("README.md", "README.fr.md")
PAGES = sorted(path.relative_to(CHECKOUT) for path in [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
EXAMPLE = re.compile(r"```sh\n(territoires query .*?)\n```\n\n```text\n(.*?)\n```", re.DOTALL)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_s_three_queries_answer_as_printed(readme: str, territoires_command: Run) -> None:
    examples = EXAMPLE.findall((CHECKOUT / readme).read_text(encoding="utf-8"))
    assert len(examples) == 3
    for command, printed in examples:
        done = territoires_command(*shlex.split(command)[1:])
        assert done.returncode == 0, done.stderr
        assert [line.rstrip() for line in done.stdout.splitlines()] == printed.splitlines()


def test_the_walk_through_the_model_answers_as_printed(territoires_command: Run) -> None:
    examples = EXAMPLE.findall((CHECKOUT / "docs/model.md").read_text(encoding="utf-8"))
    assert len(examples) == 6
    for command, printed in examples:
        done = territoires_command(*shlex.split(command)[1:])
        assert done.returncode == 0, done.stderr
        assert [line.rstrip() for line in done.stdout.splitlines()] == printed.splitlines(), command


def test_the_diagram_of_the_model_shows_the_ontology() -> None:
    text = (CHECKOUT / "docs/model.md").read_text(encoding="utf-8").split("```mermaid")[1].split("```")[0]
    arrows = re.findall(r"(\w+) -[-.] (\w+) (?:--|\.-)> (\w+)", text)
    assert len(arrows) == text.count(">")
    ontology = (CHECKOUT / "ontology/territoires.ttl").read_text(encoding="utf-8")
    for term in {name for arrow in arrows for name in arrow}:
        assert f"\nti:{term}\n" in ontology, term


def test_both_readmes_show_the_same_commands() -> None:
    english, french = ((CHECKOUT / name).read_text(encoding="utf-8") for name in READMES)
    commands = re.compile(r"^(?:\.venv/bin/)?(?:territoires|make|curl) [^#\n]*", re.MULTILINE)
    assert [line.strip() for line in commands.findall(english)] == [line.strip() for line in commands.findall(french)]


@pytest.mark.parametrize("readme", READMES)
def test_every_subcommand_in_the_readme_exists(readme: str, territoires_command: Run) -> None:
    text = (CHECKOUT / readme).read_text(encoding="utf-8")
    commands = set(re.findall(r"territoires (check|export|query|queries|serve|import|\w+ing)\b", text))
    assert {"check", "export", "query", "queries", "serve", "import"} <= commands
    for command in commands:
        assert territoires_command(command, "--help").returncode == 0, command


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", (CHECKOUT / page).read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (CHECKOUT / page.parent / target).exists(), target


def test_every_setting_is_documented_with_its_default_and_help() -> None:
    page = (CHECKOUT / "docs/reference/settings.md").read_text(encoding="utf-8").replace(r"\|", "|")
    for setting in fields(Settings):
        row = f"| `{variable(setting.name)}` | {setting.metadata['default']} | {setting.metadata['help']} |"
        assert row in page, row


def test_the_readme_s_curl_example_names_a_query_that_exists() -> None:
    for readme in READMES:
        for name in re.findall(r"query@(\S+)", (CHECKOUT / readme).read_text(encoding="utf-8")):
            assert (CHECKOUT / name).exists()


def test_the_dataset_that_the_readme_cites_is_in_the_catalogue() -> None:
    assert f"{BASE}dataset" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert "<dataset>\n    a dcat:Dataset" in (CHECKOUT / "data/catalogue.ttl").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_script_that_matches_a_table_prints_what_it_says() -> None:
    text = (CHECKOUT / "docs/how-to/match-a-table.md").read_text(encoding="utf-8")
    [script] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    [printed] = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    with running_server(["--root", str(CHECKOUT)]) as url:
        command = [sys.executable, "-c", script.replace("http://127.0.0.1:8000", url)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == printed


def test_the_list_that_is_completed_gives_what_is_shown(territoires_command: Run, tmp_path: Path) -> None:
    text = (CHECKOUT / "docs/how-to/complete-a-list.md").read_text(encoding="utf-8")
    (tmp_path / "aides.csv").write_text(re.findall(r"```csv\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    [command] = re.findall(r"```sh\nterritoires (.*?)\n```", text)
    done = territoires_command(*(str(tmp_path / word) if word.endswith(".csv") else word for word in command.split()))
    assert done.stderr == re.findall(r"```text\n(.*?)```", text, re.DOTALL)[0]
    head = (tmp_path / "aides-ti.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert all(f"`{column}`" in text for column in head.split(";")[3:])
