"""``make mutants N=100 SEED=11``: put faults into the code, one at a time, and see which tests find them.

Mutants are cosmic-ray's, all operators, drawn by a stated seed from `policies/facts`, `policies/asks` and
`daemon/passes`. Annotations are left out, as nothing evaluates them. A first run of the tests under coverage
records which test reaches which line. A mutant is then tried against the tests that reach its line, a few of
the unit tests first, in a copy of the tree; two copies work side by side. Mutants that survive are printed with
their diff. Exits with 1 if fewer than 95 % were found.

``make mutants QUICK=1`` is what CI runs: it records nothing and tries each mutant against the unit tests alone.
It exits with 1 if none was found.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from coverage import CoverageData

from tests.mutants.places import Mutant, sample

ROOT = Path(__file__).parents[2]
PARTS = (("tests/unit", "tests/upgrade", "tests/properties"), ("tests/scenarios",))
"""What is run for the coverage, side by side."""
SLOW = ("test_soak", "test_bad_input")
FIRST = 60
"""Unit tests tried first, drawn from those that reach the line."""
LONGEST = 1_200
"""Seconds after which a mutant counts as found: it made a test hang."""
ENOUGH = 0.95
Reached = Mapping[str, Mapping[int, Sequence[str]]]


def main() -> int:
    """Run a sample and print what came of it."""
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--seed", type=int, default=11)
    options.add_argument("--only", type=int, nargs="*", default=[], help="numbers of mutants of the sample")
    options.add_argument("--quick", action="store_true", help="with the unit tests alone")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        began, mutants = time.monotonic(), list(enumerate(sample(ROOT, asked.count, asked.seed), 1))
        if asked.only:
            mutants = [(number, mutant) for number, mutant in mutants if number in asked.only]
        reached = {} if asked.quick else coverage_of(Path(folder))
        if reached:
            print(f"coverage known after {time.monotonic() - began:.0f} s", flush=True)
        copies: Queue[Path] = Queue()
        for n in range(2):
            copies.put(copied(Path(folder) / f"tree{n}"))
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda numbered: tried(numbered, copies, reached, asked.seed), mutants))
    print(f"{sum(found)} of {len(found)} mutants found (seed {asked.seed}) in {time.monotonic() - began:.0f} s")
    return int(not any(found) if asked.quick else sum(found) < ENOUGH * len(found))


def copied(target: Path) -> Path:
    """A copy of the files that git tracks."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, target / name)
    return target


def coverage_of(folder: Path) -> Reached:
    """Which tests reach which line, by file."""
    (folder / "rc").write_text(
        "[run]\nsource = policies,daemon\ndisable_warnings = no-data-collected\n", encoding="utf-8")
    trees = [copied(folder / f"covered{n}") for n in range(len(PARTS))]
    runs = [subprocess.Popen(
        [sys.executable, "-m", "coverage", "run", f"--rcfile={folder}/rc", f"--data-file={folder}/data{n}", "-m", "pytest", "-q",
         "-p", "no:cacheprovider", "-p", "tests.mutants.recording", *part, "-k", " and ".join(f"not {name}" for name in SLOW)],
        cwd=trees[n], stdout=subprocess.DEVNULL) for n, part in enumerate(PARTS)]
    found: dict[str, dict[int, list[str]]] = {}
    for n, run in enumerate(runs):
        if run.wait() not in {0, 1}:
            raise SystemExit(f"the tests of {PARTS[n]} did not run under coverage")
        data = CoverageData(f"{folder}/data{n}")
        data.read()
        for path in data.measured_files():
            lines = found.setdefault(str(Path(path).relative_to(trees[n])), {})
            for line, contexts in data.contexts_by_lineno(path).items():
                lines.setdefault(line, []).extend(test for test in contexts if test)
    return found


def tried(numbered: tuple[int, Mutant], copies: Queue[Path], reached: Reached, seed: int) -> bool:
    """Whether a test found this mutant; one that survived is printed."""
    number, mutant = numbered
    tree = copies.get()
    path, began = tree / mutant.path, time.monotonic()
    sound = path.read_text(encoding="utf-8")
    try:
        changed = mutant.apply(tree)
        path.write_text(changed, encoding="utf-8")
        found = any(fails(tree, some) for some in batches(reached.get(mutant.path, {}).get(mutant.line, ()), seed))
    finally:
        path.write_text(sound, encoding="utf-8")
        copies.put(tree)
    print(f"{number:4} {'found   ' if found else 'SURVIVED'} {time.monotonic() - began:4.0f} s  {mutant.path}:{mutant.line} {mutant.operator}",
          flush=True)
    if not found:
        before, after = sound.splitlines(keepends=True), changed.splitlines(keepends=True)
        print("".join(difflib.unified_diff(before, after, mutant.path, mutant.path, n=1)), flush=True)
    return found


def batches(tests: Sequence[str], seed: int) -> Iterator[Sequence[str]]:
    """A few unit tests first, then the other ones, then all others that reach the line; the unit tests where it
    runs at import only.
    """
    there = sorted(set(tests))
    random.Random(seed).shuffle(there)
    unit = [test for test in there if test.startswith("tests/unit/")]
    others = [test for test in there if not test.startswith("tests/unit/")]
    found = [batch for batch in (unit[:FIRST], unit[FIRST:], others) if batch]
    yield from found or [["tests/unit"]]


def fails(tree: Path, tests: Sequence[str]) -> bool:
    """Whether one of *tests* fails, or hangs, in *tree*."""
    (tree / "chosen").write_text("\n".join(tests), encoding="utf-8")
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "@chosen"],
            cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST, check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
