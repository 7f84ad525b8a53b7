"""What the page on replacing a list says is what happens: its commands are run, on ANCT's list with a member less."""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import running_server, shared

from territoires.root import Root

PAGE = Path(__file__).parents[2] / "docs/how-to/replace-a-list.md"
MEMBER = "200066124"


def test_the_commands_of_the_page_do_what_it_says(small: Root, tmp_path: Path) -> None:
    first, second = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [
        first.strip(),
        first.strip().replace("--dry-run ", ""),
        "territoires check --stamp",
        *second.strip().splitlines(),
    ]
    text = shared("facts/liste-ti-grpt-phase2.csv").read_text(encoding="utf-8-sig")
    kept = [line for line in text.splitlines() if f",{MEMBER}," not in line]
    (tmp_path / "liste-ti-grpt.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    command = f"{sys.executable} -m territoires --root {small.path} "

    def run(line: str, url: str = "") -> str:
        shell = line.replace("territoires ", command, 1).replace("http://127.0.0.1:8000", url)
        done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = (small.data / "catalogue.ttl").read_text(encoding="utf-8")
    assert "1 member left" in run(lines[0])
    assert (small.data / "catalogue.ttl").read_text(encoding="utf-8") == before
    run(lines[1])
    for name in ("2024-07-04.ttl", "2024-07-04.about.ttl"):
        assert f"editions/anct-2024-07-04/{name}".rpartition("/")[2] in PAGE.read_text(encoding="utf-8")
        assert (small.path / "editions/anct-2024-07-04" / name).exists()
    run(lines[2])
    asked = lines[3:]
    assert [line.split()[0] for line in asked] == ["curl"] * 3 + ["territoires"] * 2
    with running_server(["--root", str(small.path)]) as url:
        by_day, by_header, timemap = (run(line, url) for line in asked[:3])
        assert MEMBER not in run("curl http://127.0.0.1:8000/graph/anct-2024-07-04.ttl", url)
    assert timemap.count("memento") == 2
    for answer in (by_day, by_header, *map(run, asked[3:])):
        assert f"intercommunality/{MEMBER}" in answer
