"""Every text that a report can say in words, found in the code: what a translation has to have."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path

import posture.reports
from posture.batch import summary_page
from posture.ergonomics.camera import LEVEL, TILTED
from posture.ergonomics.method_data import method_data
from posture.reports.language import MONTHS, Heads, Named, Words

FOLDER = Path(str(resources.files("posture.reports")))
_SAME_EVERYWHERE = re.compile(r"[^a-z]*|P\d+|RULA|REBA|OWAS|SHA-256|posture.*|<.*|c-.*")


def texts() -> set[str]:
    """English texts; those without a word are left out."""
    found = {*MONTHS, LEVEL, TILTED, "above", "below", "to"}
    for path in sorted(FOLDER.rglob("*.py")):
        source = path.read_text("utf-8")
        if "posture.reports.language" not in source:  # other rooms' words have translations of their own
            continue
        found |= set(_said(ast.parse(source)))
        module = import_module(f"{posture.reports.__name__}.{'.'.join(path.relative_to(FOLDER).with_suffix('').parts)}")
        for name, value in vars(module).items():
            found |= set(_of(name, value))
    found |= set(_of_the_summary_of_many_files())
    for method in ("rula", "reba", "owas"):
        data = method_data(method)
        found |= {level.text for level in data.levels} | set(data.provenance.values())
    return {text for text in found if not _SAME_EVERYWHERE.fullmatch(text)}


def _of_the_summary_of_many_files() -> Iterator[str]:
    yield from _said(ast.parse(Path(summary_page.__file__).read_text("utf-8")))
    for name, value in vars(summary_page).items():
        yield from _of(name, value)
    template = resources.files("posture.batch").joinpath("templates", "summary.html").read_text("utf-8")
    yield from re.findall(r'say\("([^"]+)"', template)


def _of(name: str, value: object) -> Iterator[str]:
    """The texts in one value of a module: in its words, and in its constants of prose."""
    if isinstance(value, Words):
        yield from value.texts.values()
    elif isinstance(value, Named):
        yield from (text for pair in value.texts.values() for text in pair)
    elif isinstance(value, Heads):
        yield from value.texts
    elif name.isupper() and isinstance(value, str) and re.search(r"[a-z] ", value):
        yield value
    elif name.isupper() and isinstance(value, tuple):
        yield from (text for text in value if isinstance(text, str) and re.search(r"[a-z] [a-z]", text))
    elif name.isupper() and isinstance(value, dict):
        for below in value.values():
            yield from _of(name, below)


def _said(tree: ast.AST) -> Iterator[str]:
    """The literal arguments of `say`, and the variables `text` that are given to it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield from _literals(node.args[0])
        if isinstance(node, ast.FunctionDef):
            held = ""
            for line in ast.walk(node):
                target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                if (
                    isinstance(line, ast.Assign | ast.AugAssign)
                    and isinstance(target, ast.Name)
                    and target.id == "text"
                ):
                    value = next(_literals(line.value), "")
                    held = value if isinstance(line, ast.Assign) else held + value
            if held:
                yield held


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
