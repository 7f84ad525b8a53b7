"""Makes a graph folder of another size and the same shape: `python -m tests.bench.grow --triples 1000000 --output DIR`.

A larger one holds copies of intercommunalities with their communes, points, populations, links, and of the territories
that include them, under new codes; a smaller one has fewer communes. What is said of single things (facts, catalogue,
departments, regions) stays as it is. Codes of copies have two to three more digits than real ones, so the patterns of
the shapes are widened in the copy: real codes do not suffice for 10 million triples. Populations and points vary by
the seed; the same seed gives the same bytes. The facts are derived at the end; nothing is stamped as checked.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from territoires.root import FOLDERS, Root, find_root
from territoires.rules import derive, derived_file
from territoires.stamp import read_stamp, stamp_file

_COMMUNES: Final = "cog-2026/communes.ttl"
_GROUPS: Final = "cog-2026/intercommunalities.ttl"
_TERRITORIES: Final = ("anct-2024-07-04/phase-1.ttl", "anct-2024-07-04/phase-2.ttl")
_POINTS: Final = "points-dila.ttl"
_LINKS: Final = "links-datagouv.ttl"
_SUBJECT: Final = re.compile(r"<id/([a-z]+)/([^>]+)>")
_GROUP: Final = re.compile(r"<id/intercommunality/([0-9]{9})>")
_COMMUNE: Final = re.compile(r"<id/commune/([0-9AB]{5})>")
_SIREN: Final = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")
_CODE: Final = re.compile(r'(?<=[/ "])[0-9][0-9AB][0-9]{3}(?=[>"])')
_TERRITORY: Final = re.compile(r"ti-[0-9]{4}")
_INCLUDES: Final = re.compile(r"ti:includes\s+([^;]+) ;")
_POPULATION: Final = re.compile(r"(?<=ti:legalPopulation )[0-9]+")
_COORDINATES: Final = re.compile(r"POINT\((\S+) (\S+)\)")
_WIDER: Final = (
    ("[0-9][0-9AB][0-9]{3}$", "[0-9][0-9AB][0-9]{3,6}$"),
    ("([0-9][0-9AB][0-9]{3})$", "([0-9][0-9AB][0-9]{3,6})$"),
    ("ti-[0-9]{4}$", "ti-[0-9]{4,7}$"),
)
"""Patterns of the shapes that real codes match, and what copies match too."""

Blocks = dict[str, list[str]]
"""The blocks of Turtle of each file that grows."""


def grow(base: Root, target: Path, *, triples: int, seed: int = 1, derived: bool = True) -> Root:
    """Write a graph folder of about `triples` triples to `target`, which must not be there yet; return it.

    Args:
        base: the graph folder to start from.
        target: where the other one goes.
        triples: how many it shall have.
        seed: of what varies.
        derived: whether to derive facts, a fifth of all triples; the folder is not valid without.
    """
    for name in FOLDERS:
        if (base.path / name).is_dir():
            shutil.copytree(base.path / name, target / name)
    root = find_root(target)
    stamp = read_stamp(base)
    if stamp is None:
        raise SystemExit("the graph folder has no stamp to size it by: territoires check --stamp")
    stamp_file(root).unlink()
    _widen(root)
    chance = random.Random(seed)  # noqa: S311  (not for secrets)
    factor = triples / stamp.triples
    if factor < 1:
        _thin(root, factor, chance)
    else:
        _copy(root, factor - 1, chance)
    derived_file(root).unlink()
    if derived:
        derived_file(root).write_text(derive(root, limit=3600), encoding="utf-8")
    return root


def _widen(root: Root) -> None:
    for file in root.shape_files():
        text = file.read_text(encoding="utf-8")
        for old, new in _WIDER:
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")


def _read(root: Root, name: str) -> list[str]:
    return (root.data / name).read_text(encoding="utf-8").rstrip("\n").split("\n\n")


def _write(root: Root, name: str, blocks: Iterable[str]) -> None:
    (root.data / name).write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _key(block: str) -> tuple[str, str]:
    found = _SUBJECT.match(block)
    assert found, block
    return found[1], found[2]


def _thin(root: Root, share: float, chance: random.Random) -> None:
    """Keep the communes that other files name, the first of each intercommunality, and a share of the rest."""
    elsewhere = [file for file in root.turtle_files() if file.name not in {"communes.ttl", _POINTS, "derived.ttl"}]
    named = {code for file in elsewhere for code in _COMMUNE.findall(file.read_text(encoding="utf-8"))}
    head, *blocks = _read(root, _COMMUNES)
    kept, seen = [head], set[str]()
    for block in blocks:
        groups = set(_GROUP.findall(block))
        if _key(block)[1] in named or groups - seen or chance.random() < share:
            kept.append(block)
            seen |= groups
    _write(root, _COMMUNES, kept)
    codes = {_key(block)[1] for block in kept[1:]}
    head, *blocks = _read(root, _POINTS)
    _write(root, _POINTS, [head, *(block for block in blocks if _key(block)[1] in codes)])


def _copy(root: Root, copies: float, chance: random.Random) -> None:
    """Add whole copies of all that grows, then a part of one."""
    names = (_COMMUNES, _GROUPS, *_TERRITORIES, _POINTS, _LINKS)
    originals = {name: _read(root, name) for name in names}
    taken = {siren for file in root.turtle_files() for siren in _SIREN.findall(file.read_text(encoding="utf-8"))}
    groups = [_key(block)[1] for block in originals[_GROUPS][1:]]
    grown = {name: list(blocks) for name, blocks in originals.items()}
    fresh = _sirens(taken)
    for number in range(1, int(copies) + 2):
        share = min(1.0, copies - number + 1)
        wanted = {group for group in groups if chance.random() < share}
        sirens: dict[str, str] = {}
        for name, blocks in _select(originals, wanted).items():
            grown[name] += [_renamed(block, f"{number:02}", sirens, fresh, chance) for block in blocks]
    for name, blocks in grown.items():
        _write(root, name, blocks)


def _select(originals: Blocks, groups: set[str]) -> Blocks:
    """Return the blocks about some intercommunalities, their communes, and the territories with a member among them."""
    communes = [block for block in originals[_COMMUNES][1:] if groups.intersection(_GROUP.findall(block))]
    groups = groups.union(*(_GROUP.findall(block) for block in communes))  # Some communes are in two.
    codes = {_key(block)[1] for block in communes}
    chosen = {_COMMUNES: communes}
    chosen[_POINTS] = [block for block in originals[_POINTS][1:] if _key(block)[1] in codes]
    for name in (_GROUPS, _LINKS):
        chosen[name] = [block for block in originals[name][1:] if _key(block)[1] in groups]
    for name in _TERRITORIES:
        chosen[name] = list(_territories(originals[name][1:], groups))
    return chosen


def _territories(blocks: Iterable[str], groups: set[str]) -> Iterator[str]:
    for block in blocks:
        kind, key = _key(block)
        if kind == "intercommunality" and key in groups:
            yield block
        members = _INCLUDES.search(block)
        kept = [one for one in _GROUP.findall(members[1]) if one in groups] if members else []
        if members and kept:
            listed = " , ".join(f"<id/intercommunality/{one}>" for one in kept)
            yield f"{block[: members.start()]}ti:includes {listed} ;{block[members.end() :]}"


def _renamed(block: str, suffix: str, sirens: dict[str, str], fresh: Iterator[str], chance: random.Random) -> str:
    """Return a block under the codes of a copy."""

    def siren(found: re.Match[str]) -> str:
        if found[0] not in sirens:
            sirens[found[0]] = next(fresh)
        return sirens[found[0]]

    def near(found: re.Match[str]) -> str:
        longitude, latitude = (float(part) + chance.uniform(-0.05, 0.05) for part in found.groups())
        return f"POINT({longitude:.4f} {latitude:.4f})"

    block = _CODE.sub(lambda found: found[0] + suffix, _SIREN.sub(siren, block))
    block = _TERRITORY.sub(lambda found: found[0] + suffix, block)
    block = _POPULATION.sub(lambda found: str(int(int(found[0]) * chance.uniform(0.5, 1.5)) + 1), block)
    return _COORDINATES.sub(near, block)


def _sirens(taken: set[str]) -> Iterator[str]:
    """Yield SIREN that nobody has here, with their Luhn digit."""
    for number in range(50_000_000, 100_000_000):
        digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(str(number))]
        siren = f"{number}{-sum(digit - 9 * (digit > 9) for digit in digits) % 10}"
        if siren not in taken:
            yield siren


def main() -> None:
    """Write the folder and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triples", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources-only", action="store_true", help="derive nothing, which is most of the work")
    options = parser.parse_args()
    grow(find_root(), options.output, triples=options.triples, seed=options.seed, derived=not options.sources_only)


if __name__ == "__main__":
    main()
