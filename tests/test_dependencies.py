"""Every package that the program imports is declared in pyproject.toml."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = ["genko", "pages", "scheduler"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def imported_packages(folders: list[str]) -> Iterator[str]:
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield (node.module or "").partition(".")[0]


def name_of(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    assert match
    return match[0].lower().replace("_", "-")


@pytest.mark.parametrize(
    ("folders", "groups"), [(PROGRAM, []), (["tests", "bench"], ["dev"])], ids=["program", "tests"]
)
def test_every_imported_package_is_declared(folders: list[str], groups: list[str]) -> None:
    ours = {*PROGRAM, "tests", "bench", "Home"}
    requirements = list(PROJECT["project"]["dependencies"])
    for group in groups:
        requirements += PROJECT["dependency-groups"][group]
    declared = {name_of(one) for one in requirements}
    distributions = packages_distributions()
    undeclared = {
        package
        for package in imported_packages(folders)
        if package not in sys.stdlib_module_names | ours
        and not declared & {name_of(one) for one in distributions.get(package, [])}
    }
    assert undeclared == set()
