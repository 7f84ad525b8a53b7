"""Every example of the guide to the API is run, and answers as printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/how-to/use-the-api.md"
EXAMPLES = re.findall(
    r"```(sh|python)\n(.*?)\n```\n\n```text\n(.*?)\n```", GUIDE.read_text(encoding="utf-8"), re.DOTALL
)


def test_the_guide_has_no_other_code() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert len(EXAMPLES) == text.count("```sh\n") + text.count("```python\n") == 7


@pytest.mark.parametrize(("language", "code", "printed"), EXAMPLES)
def test_an_example_answers_as_printed(server: str, language: str, code: str, printed: str) -> None:
    code = code.replace("http://127.0.0.1:8000", server).replace(
        "territoires query", f"{sys.executable} -m territoires query"
    )
    command = ["bash", "-c", code] if language == "sh" else [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.replace("\r", "").strip() == printed, done.stderr
