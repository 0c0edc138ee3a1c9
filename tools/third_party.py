"""Write `THIRD_PARTY.md`: what the product is built on and under which licences, from the installed metadata.

    .venv/bin/python tools/third_party.py             write it
    .venv/bin/python tools/third_party.py --check     fail if it is not what would be written

Development tools are left out: nobody who uses the product gets them. Needs the packages of the lock installed.
"""

import argparse
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "THIRD_PARTY.md"
MANIFEST = ROOT / "models" / "manifest.json"

# The machines that the product is for; a dependency counts when any of them needs it.
MACHINES = (
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
)
INTERPRETER = {
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "extra": "",
}

# Licence, home page and requirements of what is installed on Windows only, copied from the packages' own metadata.
WINDOWS_ONLY: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "colorama": ("BSD-3-Clause", "https://github.com/tartley/colorama", ()),
    "mpmath": ("BSD-3-Clause", "https://mpmath.org", ()),
    "onnxruntime-directml": (
        "MIT",
        "https://onnxruntime.ai",
        ("flatbuffers", "numpy>=1.21.6", "packaging", "protobuf", "sympy"),
    ),
    "sympy": ("BSD-3-Clause", "https://sympy.org", ("mpmath>=1.1.0,<1.4",)),
}

# Older metadata say it in words; these are the expressions of the SPDX list that they mean.
EXPRESSIONS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "BSD-2-Clause": "BSD-2-Clause",
    "ISC License": "ISC",
    "LGPL v3": "LGPL-3.0-only",
    "MIT": "MIT",
    "MIT License": "MIT",
}
# Metadata that name only a family of licences; these were read in the packages' licence files.
READ_IN_LICENCE_FILE = {"jinja2": "BSD-3-Clause", "segno": "BSD-3-Clause"}
HOME_LABELS = ("homepage", "home", "source", "source code", "repository")

TOP = """\
# Third-party software

Made by `tools/third_party.py` from the metadata of the installed packages and from `models/manifest.json`; do not edit.
`posture` itself is GPL-3.0-or-later ([LICENSE](LICENSE)). The full licence texts lie in each package's `dist-info`.

## Libraries

| package | version | licence | home page |
|---|---|---|---|
"""
BUNDLED = """
Several of these packages carry further libraries inside: `av` and `opencv-python-headless` carry builds of FFmpeg (that
of `av` with x264 and x265, GPL-2.0-or-later, which is why binaries of the whole are GPL-3.0), `numpy` carries OpenBLAS
and the GCC runtime, `pyqt6-qt6` is Qt itself with what Qt carries, `typst` carries its fonts. Their notices lie beside
them in the packages.

## Models

Converted from MediaPipe and MoveNet (Google) and NanoDet (RangiLyu) by `tools/build_models.py`; attribution:
[models/NOTICE.md](models/NOTICE.md).

| file | licence | source package |
|---|---|---|
"""
PICTURE = """
## Demo picture

`posture/sources/portrait/astronaut.png`: an official NASA portrait, a work of the United States government and in the
public domain; origin and hash: [ORIGIN.md](posture/sources/portrait/ORIGIN.md).
"""


@dataclass(frozen=True)
class Row:
    """One package of the table and the requirements that lead on from it."""

    licence: str
    home: str
    requires: tuple[str, ...]


def describe(name: str) -> Row:
    """What the metadata say about `name`; exits where it is neither installed nor known from another platform."""
    if name in WINDOWS_ONLY:
        return Row(*WINDOWS_ONLY[name])
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        sys.exit(f"{name} is not installed: run `python3 tools/start.py test` once, then use .venv/bin/python")
    return Row(_licence(found), _home(found), tuple(metadata.requires(name) or ()))


def _licence(found: metadata.PackageMetadata) -> str:
    fields = found.json
    if expression := fields.get("license_expression"):
        return str(expression)
    classifiers = [str(entry) for entry in fields.get("classifier", [])]
    texts = [str(fields.get("license", "")), *(entry.rpartition(" :: ")[2] for entry in classifiers)]
    known = [EXPRESSIONS[text] for text in texts if text in EXPRESSIONS]
    known += [licence for name, licence in READ_IN_LICENCE_FILE.items() if name == found["Name"].lower()]
    if not known:
        sys.exit(f"{found['Name']} names no licence that is known here: read its licence file, then extend EXPRESSIONS")
    return known[0]


def _home(found: metadata.PackageMetadata) -> str:
    fields = found.json
    links = dict(str(entry).split(", ", 1) for entry in fields.get("project_url", []))
    by_label = {label.lower(): link for label, link in links.items()}
    candidates = [fields.get("home_page"), *(by_label.get(label) for label in HOME_LABELS)]
    return str(next(link for link in candidates if link))


def needed(requirements: list[str]) -> set[str]:
    """Normalised names of everything that any machine needs, followed through the metadata."""
    names: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        marker = requirement.marker
        applies = not marker or any(marker.evaluate({**INTERPRETER, **machine}) for machine in MACHINES)
        if not applies or name in names:
            continue
        names.add(name)
        waiting += [Requirement(text) for text in describe(name).requires]
    return names


def page() -> str:
    """The whole text of `THIRD_PARTY.md`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = re.findall(r"(?m)^([\w.-]+)==([\w.+!-]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    lines = []
    for name in sorted(needed(project["project"]["dependencies"])):
        row = describe(name)
        versions = " / ".join(version for pinned, version in pins if pinned == name)
        lines.append(f"| {name} | {versions} | {row.licence} | <{row.home}> |\n")
    models = json.loads(MANIFEST.read_text(encoding="utf-8"))["models"]
    files = [f"| `{model['file']}` | {model['licence']} | {model['source']['package']} |\n" for model in models]
    return TOP + "".join(lines) + BUNDLED + "".join(files) + PICTURE


def main() -> int:
    """Exit code 0, or 1 when `--check` finds the page stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when the page is stale")
    text = page()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("THIRD_PARTY.md is stale; next: .venv/bin/python tools/third_party.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
