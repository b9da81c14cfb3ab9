"""The program's own source as syntax trees, for tests that hold where a rule may stand."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PROGRAM = ("genko", "pages", "scheduler")
_APART = (
    "genko/migrations",
    "genko/sandbox",
)  # past versions of the tables; stand-ins with tables of their own


@cache
def modules() -> dict[str, ast.Module]:
    """By path, such as `genko/messages/waiting.py`."""
    return {
        path: ast.parse(file.read_text(encoding="utf-8"))
        for folder in _PROGRAM
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not (path := file.relative_to(ROOT).as_posix()).startswith(_APART)
    }


def nodes(*, outside: str | tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    """Every node with its module's path, without the modules that `outside` names or begins."""
    for path, tree in modules().items():
        if not path.startswith(outside):
            yield from ((path, node) for node in ast.walk(tree))


def place(path: str, node: ast.AST) -> str:
    """How a failing test names it: path, line and source."""
    return f"{path}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)[:80]}"
