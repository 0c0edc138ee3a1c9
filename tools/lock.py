"""Refresh or check `requirements.lock`: every dependency and development tool, pinned with the hashes of its files.

    python3 tools/lock.py              resolve again (needs `uv` and the network), then try every supported platform
    python3 tools/lock.py --check      is the lock the one that belongs to pyproject.toml? (no network)

The lock is a pip requirements file for all platforms at once (environment markers tell them apart). It names no
package index: pip asks whichever one the machine is set up for, and the hashes decide what is accepted.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"

PLATFORMS = ("x86_64-pc-windows-msvc", "aarch64-apple-darwin", "x86_64-manylinux_2_34", "aarch64-manylinux_2_39")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# The resolver assumes macOS 13 otherwise, for which the pinned onnxruntime has no wheel.
MACOS = "14.0"

DIGEST_LINE = "# pyproject-inputs: sha256:"
HEADER = f"""\
# Every dependency of `posture` and of its tests, with hashes. Made by `python3 tools/lock.py`; do not edit.
# Install: python -m pip install --require-hashes -r requirements.lock
{DIGEST_LINE}"""


def inputs_digest(project: Path) -> str:
    """SHA-256 over everything in `pyproject.toml` that a resolution depends on."""
    data = tomllib.loads(project.read_text(encoding="utf-8"))
    inputs = [
        data["build-system"]["requires"],
        data["project"]["requires-python"],
        data["project"]["dependencies"],
        data["project"].get("optional-dependencies", {}),
        data["dependency-groups"],
    ]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def direct_names(project: Path) -> set[str]:
    """Normalised names that `pyproject.toml` asks for directly."""
    data = tomllib.loads(project.read_text(encoding="utf-8"))
    requirements = [*data["project"]["dependencies"], *data["build-system"]["requires"]]
    for group in data["dependency-groups"].values():
        requirements += group
    return {_normalised(re.split(r"[^\w.-]", requirement, maxsplit=1)[0]) for requirement in requirements}


def locked(text: str) -> dict[str, list[str]]:
    """Hash options of each `name==version` in the text of a lock; one name may be pinned once per marker."""
    entries: dict[str, list[str]] = {}
    for entry in re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]:
        match = re.match(r"([\w.-]+)==([\w.+!-]+)", entry)
        key = f"{_normalised(match[1])}=={match[2]}" if match else entry.splitlines()[0]
        entries[key] = re.findall(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])", entry)
    return entries


def problems(lock: Path = LOCK, project: Path = PROJECT) -> list[str]:
    """What is wrong with the lock, one sentence each; empty when nothing is."""
    text = lock.read_text(encoding="utf-8")
    entries = locked(text)
    found = []
    if f"{DIGEST_LINE}{inputs_digest(project)}\n" not in text:
        found.append("the dependencies in pyproject.toml have changed since it was made")
    names = {key.partition("==")[0] for key in entries}
    found += [f"{name} is asked for and not pinned" for name in sorted(direct_names(project) - names)]
    found += [f"{key} has no version or no hash" for key, hashes in entries.items() if "==" not in key or not hashes]
    if re.search(r"://|(?m:^-)|(?m: @ )", text):
        found.append("it names an index, a link or a path; only names, versions, markers and hashes belong in it")
    return found


def refresh() -> None:
    """Resolve `pyproject.toml` again, write the lock, and let the resolver try it on every platform and Python."""
    command = ["pip", "compile", str(PROJECT), "--group", f"{PROJECT}:dev", "--universal", "--python-version", "3.11"]
    command += ["--upgrade", "--generate-hashes", "--only-binary", ":all:", "--no-header", "--no-annotate"]
    pins = _uv(*command)
    LOCK.write_text(f"{HEADER}{inputs_digest(PROJECT)}\n{pins}", encoding="utf-8", newline="\n")
    for platform in PLATFORMS:
        for python in PYTHONS:
            _try_out(platform, python)


def _try_out(platform: str, python: str) -> None:
    with tempfile.TemporaryDirectory() as target:
        command = ["pip", "install", "--dry-run", "--require-hashes", "--only-binary", ":all:", "--target", target]
        _uv(*command, "--python-platform", platform, "--python-version", python, "-r", str(LOCK))
    print(f"installable: {platform}, Python {python}")


def _uv(*arguments: str) -> str:
    """Output of `uv` without any settings of this machine, so that the lock is the same wherever it is made."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if not uv:
        sys.exit("tools/lock.py needs uv: python -m pip install uv")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    environment["MACOSX_DEPLOYMENT_TARGET"] = MACOS
    command = [uv, "--no-config", "--quiet", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"uv failed: {' '.join(arguments)}")
    return done.stdout


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    """Exit code 0, or 1 when `--check` finds the lock stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only check that the lock belongs to pyproject.toml")
    if not parser.parse_args().check:
        refresh()
    found = problems()
    for problem in found:
        print(f"requirements.lock: {problem}", file=sys.stderr)
    if found:
        print("Make it again: python3 tools/lock.py", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
