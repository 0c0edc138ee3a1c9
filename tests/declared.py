"""What the code does with files, found in the code itself, to be held against what its rooms declare."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "posture"
WRITERS = {
    "whole_file", "mkdir", "mkdtemp", "mkstemp", "TemporaryDirectory", "TemporaryFile", "NamedTemporaryFile",
    "write_bytes", "write_text", "touch", "symlink_to", "hardlink_to", "symlink", "link", "QLockFile", "QSettings",
    "copyfile", "copy2", "copytree", "SpooledTemporaryFile", "savefig", "imwrite", "tofile", "savez",
}  # fmt: skip
"""Functions and classes that make a file or a folder, by the last part of their names."""
STARTERS = {"Popen", "QProcess", "openUrl", "startDetached", "check_call", "check_output"}
"""The same of programs that are started; `subprocess.run` besides."""
INNOCENT = {
    "gui.recordings.keeper": {"touch"},  # the clock of the lock, no file
    "privacy.administrators": {"mkdir"},  # /etc/posture, which pose.trusted_keys declares
    "cli.interrupt": {"open"},  # the null device
}  # fmt: skip


def inventory(**kinds: Iterable[str]) -> set[str]:
    """Everything that has a name in one of the literal dictionaries, as `Touchpoint.covers` writes it."""
    return {f"{kind}:{name}" for kind, names in kinds.items() for name in names}


def modules() -> dict[str, str]:
    """Name below `posture` to source text."""
    texts = {path.relative_to(PACKAGE).with_suffix(""): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    return {path.as_posix().replace("/", ".").removesuffix(".__init__"): text for path, text in sorted(texts.items())}


def writers(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Modules that make files or folders or start programs, and with what."""
    found = {name: _calls(text) for name, text in texts.items()}
    return {name: left for name, calls in found.items() if (left := calls - INNOCENT.get(name, set()))}


def _calls(text: str) -> set[str]:
    return {made for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and (made := _makes(node))}


def _makes(call: ast.Call) -> str:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if last in WRITERS | STARTERS or name in ("subprocess.run", "sqlite3.connect"):
        return last
    words = [part.value for part in (*call.args[:2], *(key.value for key in call.keywords)) if _is_text(part)]
    if last == "open" and any(set(word) <= set("rwaxbt+") and set(word) & set("wax+") for word in words):
        return "open"
    return "os.open" if name == "os.open" and "O_CREAT" in ast.unparse(call) else ""


def _is_text(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str)
