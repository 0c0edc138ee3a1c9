"""The architecture of CONTRIBUTING.md, held against the code."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter import cli as importlinter

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "posture"
MODULES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted((ROOT / "tools").glob("*.py"))

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "core", "common", "misc"}
# The program's top and the tops of threads; everywhere else a handler names what it expects.
TOPS = {
    "cli/__init__.py",
    "pipeline.py",
    "capture.py",
    "batch/fleet_link.py",
    "batch/fleet_workers.py",
    "batch/patience.py",
    "live/threads.py",
    "live/clerk.py",
    "gui/recordings/errands.py",
    "gui/recordings/reel.py",
    "sinks/take.py",
    "sinks/storage.py",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_module = pytest.mark.parametrize("path", MODULES, ids=name)
every_file = pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=name)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))


def test_import_contracts_hold(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = importlinter.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert result == importlinter.EXIT_STATUS_SUCCESS, capsys.readouterr().out


@every_file
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@every_file
def test_a_function_fits_on_a_screen(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno - f.lineno >= MOST_FUNCTION_LINES}
    assert not long


@every_file
def test_a_name_says_what_is_inside(path):
    parts = {part.removesuffix(".py").strip("_") for part in path.relative_to(ROOT).parts}
    assert not parts & VAGUE_NAMES


@every_module
def test_errors_are_caught_by_name(path):
    if path.relative_to(PACKAGE).as_posix() in TOPS:
        return
    handlers = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    assert not [f"line {handler.lineno}" for handler in handlers if _catches_all(handler)]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether it stops any error; one that cleans up and ends in a bare `raise` stops none."""
    caught = ast.unparse(handler.type) if handler.type else "BaseException"
    last = handler.body[-1]
    passes_on = isinstance(last, ast.Raise) and last.exc is None
    return bool(re.search(r"\b(Base)?Exception\b", caught)) and not passes_on


IMPORT_EVERYTHING = """
import json, os, pkgutil, sys, threading
before = dict(os.environ)
import posture
heavy = sorted({name for name in sys.modules if name.partition(".")[0] in ("numpy", "av", "cv2", "onnxruntime")})
set_by_the_package = sorted(set(before.items()) ^ set(os.environ.items()))
import cv2  # puts its own folder into LD_LIBRARY_PATH
before = dict(os.environ)
for module in pkgutil.walk_packages(posture.__path__, "posture."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
set_by_modules = sorted(set(before.items()) ^ set(os.environ.items()))
json.dump([heavy, set_by_the_package, set_by_modules, threading.active_count()], sys.stdout)
"""


def test_importing_has_no_side_effect(tmp_path):
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    environment = {"HOME": str(home), "USERPROFILE": str(home), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"PYTHONPATH": str(ROOT), "SYSTEMROOT": "C:\\Windows"}
    command = [sys.executable, "-W", "error", "-c", IMPORT_EVERYTHING]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    heavy, set_by_the_package, set_by_modules, threads = json.loads(done.stdout)
    assert heavy == [], "`import posture` alone loads nothing heavy"
    assert set_by_the_package == [["ORT_DISABLE_TELEMETRY", "1"]]
    assert set_by_modules == []
    assert threads == 1
    assert list(home.rglob("*")) == list(here.rglob("*")) == []


def test_tools_that_run_first_need_nothing_but_python():
    own = {path.stem for path in SCRIPTS}
    for script in ("start", "environment", "machine", "lock"):
        nodes = list(ast.walk(tree(ROOT / "tools" / f"{script}.py")))
        plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        named = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        assert {module.partition(".")[0] for module in plain | named} - own <= sys.stdlib_module_names, script


def test_the_package_never_imports_the_tools():
    tools = {path.stem for path in SCRIPTS}
    for path in MODULES:
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Import)]
        assert not {alias.name for node in nodes for alias in node.names} & tools, name(path)


def rooms_in_words() -> set[str]:
    """Rooms that the table of CONTRIBUTING.md names, as they are called in the tree: `data.py`, `sources/`."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Rooms")[2].partition("\n## ")[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {room for cell in first_cells for room in re.findall(r"`([\w.]+/?)`", cell)}


def rooms_in_the_tree() -> set[str]:
    files = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    return files | {f"{path.name}/" for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}


def test_contributing_names_the_rooms_that_exist():
    assert rooms_in_words() == rooms_in_the_tree()


def test_contributing_and_the_contract_name_the_same_rooms():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract["layers"] for contract in contracts if contract["id"] == "rooms"]
    contracted = {room.strip(" ()") for layer in layers for room in re.split(r"[:|]", layer)}
    assert contracted == {room.rstrip("/").removesuffix(".py") for room in rooms_in_words()}


def test_catching_everything_is_recognised():
    code = "try: ...\nexcept {}: {}"
    verdicts = [
        ("Exception", "pass", True),
        ("(OSError, Exception)", "pass", True),
        ("BaseException as e", "print(e)", True),
        ("BaseException", "raise", False),
        ("OSError", "pass", False),
    ]
    for caught, body, expected in verdicts:
        (block,) = ast.parse(code.format(caught, body)).body
        assert _catches_all(block.handlers[0]) is expected, caught


def test_the_tests_that_contributing_names_are_there():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    missing = [
        f"{path}::{test}" for path, test in named if f"def {test}" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []
