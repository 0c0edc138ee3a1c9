"""The source archive holds what its own README refers to."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def names():
    builder = pytest.importorskip("hatchling.builders.sdist").SdistBuilder(str(ROOT))
    return {Path(file.distribution_path).as_posix() for file in builder.recurse_included_files()}


def test_the_pages_that_the_readme_links_are_in_it(names):
    pages = set(re.findall(r"\]\(([A-Z][\w.]+)\)", (ROOT / "README.md").read_text("utf-8")))
    assert pages >= {"CONTRIBUTING.md", "SECURITY.md", "THIRD_PARTY.md"}
    assert pages <= names


def test_what_sets_it_up_is_in_it(names):
    assert {
        "requirements.lock",
        "tools/start.py",
        "models/manifest.json",
        "tests/conftest.py",
    } <= names
