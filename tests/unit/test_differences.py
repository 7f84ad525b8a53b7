"""What would change is shown by entity."""

from pathlib import Path

from territoires.differences import SHOWN, difference
from territoires.namespaces import BASE

OLD = f'@base <{BASE}> .\n<id/a> <urn:p> "1" , "2" .\n<id/b> <urn:p> "1" .\n<id/c> <urn:p> "1" .\n'
NEW = f'@base <{BASE}> .\n<id/c> <urn:p> "1" .\n<id/a> <urn:p> "2" , "3" .\n<id/d> <urn:p> "1" .\n'


def shown(file: Path, text: str) -> list[str]:
    return [line if isinstance(line, str) else line.en for line in difference(file, text)]


def test_entities_are_counted_and_their_lines_compared(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text(OLD, encoding="utf-8")
    head, *lines = shown(file, NEW)
    assert head == f"{file}: 1 entities added, 1 removed, 1 changed"
    assert [line for line in lines if line.startswith("@@")] == ["@@ id/a @@", "@@ id/b @@", "@@ id/d @@"]
    assert [line.split() for line in lines if '"' in line and "urn" not in line] == [["-", '"1"'], ["+", '"3"']]
    assert file.read_text(encoding="utf-8") == OLD


def test_another_order_is_no_difference(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("\n".join(reversed(OLD.splitlines()[1:])).join([OLD.splitlines()[0] + "\n", "\n"]), "utf-8")
    assert shown(file, OLD) == [f"{file}: 0 entities added, 0 removed, 0 changed"]


def test_a_long_difference_is_cut_and_says_so(tmp_path: Path) -> None:
    text = "".join(f'<{BASE}id/{number}> <urn:p> "1" .\n' for number in range(SHOWN))
    head, *lines = shown(tmp_path / "none.ttl", text)
    assert head.endswith(f": {SHOWN} entities added, 0 removed, 0 changed")
    assert len(lines) == SHOWN + 1
    assert lines[-1] == "… and more"
