"""The README is true: what it lists is what there is."""

import re
import tomllib
from pathlib import Path

from genko.channels import registry
from genko.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readme_lists_every_setting_and_no_other():
    listed = re.findall(r"^\| `(GENKO_\w+)` \|", README, re.MULTILINE)

    expected = [f"GENKO_{name.upper()}" for name in Settings.model_fields if name != "base_urls"]
    expected += [
        f"GENKO_{channel.base_url_setting.upper()}_BASE_URL" for channel in registry.CHANNELS.values()
    ]
    assert sorted(listed) == sorted(expected)


def test_the_readme_gives_a_reason_for_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    stated = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = [re.split(r"[\[><=]", one)[0] for one in stated]

    assert [name for name in names if not name.startswith("types-") and name not in README] == []


def test_the_readme_names_every_command():
    listed = re.search(r"`genko (\w+ \|[\w |]+)`", README)
    main = (ROOT / "genko/__main__.py").read_text("utf-8")

    assert listed
    assert sorted(listed[1].split(" | ")) == sorted(re.findall(r'^        "(\w+)": \(', main, re.MULTILINE))


def test_the_pictures_of_the_readme_are_there():
    assert all((ROOT / path).exists() for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README))


def test_nothing_names_a_registry():
    locks = [*ROOT.glob("requirements*.txt")]

    assert len(locks) == 3
    assert all("://" not in path.read_text("utf-8") for path in locks)
