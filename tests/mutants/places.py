"""Every place where an operator of cosmic-ray changes a line of code, and a sample of them."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

WITH_PARAMETERS = {"core/VariableInserter", "core/VariableReplacer"}
"""Operators that have to be told which names to change."""
FOLDERS = ("policies/facts", "policies/asks", "daemon/passes")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: the operator's *occurrence*-th place in a file, and the line where it stands."""

    path: str
    operator: str
    occurrence: int
    line: int

    def apply(self, root: Path) -> str:
        """The file's text with the fault in it."""
        code = (root / self.path).read_text(encoding="utf-8")
        changed = mutate_code(code, get_operator(self.operator)(), self.occurrence)
        assert isinstance(changed, str)
        return changed


def sample(root: Path, count: int, seed: int) -> list[Mutant]:
    """*count* mutants of the folders, drawn by *seed* from all places of all operators.

    Each place has a rank of its own, from the seed, the file, the operator and the text of its line. A change
    elsewhere therefore draws no other sample.
    """
    ranked = []
    for path in (path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))):
        lines, seen = path.read_text(encoding="utf-8").splitlines(), Counter[str]()
        for mutant in _places(root, path):
            place = f"{mutant.path} {mutant.operator} {lines[mutant.line - 1].strip()}"
            seen[place] += 1
            ranked.append((hashlib.sha256(f"{seed} {place} {seen[place]}".encode()).hexdigest(), mutant))
    return [mutant for _, mutant in sorted(ranked, key=lambda pair: pair[0])[:count]]


def _places(root: Path, path: Path) -> Iterator[Mutant]:
    text = path.read_text(encoding="utf-8")
    inert, tree = _annotations(text), get_ast(text)
    for name in sorted(set(operator_names()) - WITH_PARAMETERS):
        operator, occurrence = get_operator(name)(), -1
        for node in _nodes(tree):
            for (line, column), _ in operator.mutation_positions(node):
                occurrence += 1
                if not any(start <= (line, column) < end for start, end in inert):
                    yield Mutant(str(path.relative_to(root)), name, occurrence, line)


def _nodes(tree: object) -> Iterator[object]:
    yield tree
    for child in getattr(tree, "children", ()):
        yield from _nodes(child)


def _annotations(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand: nothing evaluates them, so that a fault in one is none."""
    parts = (getattr(node, name, None) for node in ast.walk(ast.parse(text)) for name in ("annotation", "returns"))
    return [((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)) for part in parts if part]
