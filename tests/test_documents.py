"""The documents are true: what they list is what there is."""

import re
import tomllib
from pathlib import Path

import pytest

from genko.channels import registry
from genko.settings import Settings

ROOT = Path(__file__).parent.parent
ADMIN = (ROOT / "docs/admin.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")]


def test_the_guide_for_administrators_lists_every_setting_and_no_other():
    listed = re.findall(r"^\| `(GENKO_\w+)` \|", ADMIN, re.MULTILINE)

    expected = [f"GENKO_{name.upper()}" for name in Settings.model_fields if name != "base_urls"]
    expected += [
        f"GENKO_{channel.base_url_setting.upper()}_BASE_URL" for channel in registry.CHANNELS.values()
    ]
    assert sorted(listed) == sorted(expected)


def test_the_architecture_page_gives_a_reason_for_every_dependency():
    stated = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    names = [re.split(r"[\[><=]", requirement)[0] for requirement in stated]

    assert [name for name in names if not name.startswith("types-") and name not in ARCHITECTURE] == []


def test_the_guide_for_administrators_names_every_command():
    listed = re.search(r"`genko (\w+ \|[\w |]+)`", ADMIN)
    main = (ROOT / "genko/__main__.py").read_text("utf-8")

    assert listed
    assert sorted(listed[1].split(" | ")) == sorted(re.findall(r'^        "(\w+)": \(', main, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_picture_of_a_document_leads_somewhere(document: Path):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text("utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path):
    named = re.findall(
        r"`((?:genko|pages|scheduler|tests|bench|docs)/[\w./]*\w)`", document.read_text("utf-8")
    )

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_newest_version_of_the_changelog_is_the_one_of_the_package():
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert versions[0] == PROJECT["project"]["version"]


def test_nothing_names_a_registry():
    locks = [*ROOT.glob("requirements*.txt")]

    assert len(locks) == 3
    assert all("://" not in path.read_text("utf-8") for path in locks)
