"""`requirements.lock` belongs to `pyproject.toml`, and a wrong lock is recognised."""

import runpy
import shutil
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def tool():
    return runpy.run_path(str(ROOT / "tools" / "lock.py"))


@pytest.fixture
def copy(tmp_path):
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def problems(tool, folder):
    return tool["problems"](folder / "requirements.lock", folder / "pyproject.toml")


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_lock_is_the_one_that_belongs_to_the_project(tool):
    assert tool["problems"]() == []


def test_every_pin_satisfies_what_the_project_asks_for(tool):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [Requirement(text) for text in project["project"]["dependencies"] + project["dependency-groups"]["dev"]]
    pins = [key.split("==") for key in tool["locked"]((ROOT / "requirements.lock").read_text(encoding="utf-8"))]
    for requirement in asked:
        versions = [version for name, version in pins if name == requirement.name.lower()]
        assert versions, requirement
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_a_dependency_added_to_the_project_makes_it_stale(tool, copy):
    edit(copy / "pyproject.toml", "dependencies = [", 'dependencies = [\n    "leftpad>=1",')
    assert problems(tool, copy) == [
        "the dependencies in pyproject.toml have changed since it was made",
        "leftpad is asked for and not pinned",
    ]


def test_settings_of_tools_do_not_make_it_stale(tool, copy):
    edit(copy / "pyproject.toml", "line-length = 120", "line-length = 100")
    assert problems(tool, copy) == []


@pytest.mark.parametrize(
    ("extra", "found"),
    [
        ("extra==1.0\n", "extra==1.0 has no version or no hash"),
        ("extra>=1.0 --hash=sha256:" + "0" * 64 + "\n", "extra>=1.0"),
        ("--find-links /opt/wheels\n", "it names an index, a link or a path"),
        ("extra @ file:///tmp/extra.whl\n", "it names an index, a link or a path"),
        ("--index-url https://example.org/simple\n", "it names an index, a link or a path"),
    ],
)
def test_an_open_door_is_found(tool, copy, extra, found):
    with (copy / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write(extra)
    assert any(found in problem for problem in problems(tool, copy))


def test_there_is_one_model_runtime_and_one_opencv():
    installed = {(distribution.metadata["Name"] or "").lower() for distribution in metadata.distributions()}
    assert len({name for name in installed if name.startswith("onnxruntime")}) == 1
    assert {name for name in installed if name.startswith("opencv")} == {"opencv-python-headless"}
