"""The English help of every setting, from the text under its field into `posture/gui/words/en.toml`.

    python tools/setting_help.py [--check]

The Settings page reads the catalogue, not the sources: an installation may come without them. `--check` changes nothing
and ends with 1 where the catalogue is not what the sources say.
"""

import argparse
import ast
import inspect
import itertools
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import msgspec  # noqa: E402
import tomli_w  # noqa: E402

from posture import config  # noqa: E402
from posture.gui.setting_words import section_type  # noqa: E402

FILE = ROOT / "posture" / "gui" / "words" / "en.toml"
HEAD = "# Made by tools/setting_help.py from the texts under the settings' fields: change them there.\n\n"


def catalogue() -> str:
    """The file as it should be."""
    known = {}
    for path in config.key_paths():
        section, _, name = path.partition(".")
        if text := _below_fields(section_type(section)).get(name):
            known[path] = {"help": text}
    return HEAD + tomli_w.dumps({"setting": known})


def _below_fields(declared: type[msgspec.Struct]) -> dict[str, str]:
    """Field to the text beneath it, of a class and those it extends."""
    found: dict[str, str] = {}
    for one in reversed(declared.__mro__):
        if not one.__module__.startswith("posture."):
            continue
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        assert isinstance(body, ast.ClassDef)
        for field, below in itertools.pairwise(body.body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(text.split())
    return found


def main() -> int:
    """Write the catalogue, or compare it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    text = catalogue()
    if options.parse_args().check:
        same = FILE.is_file() and FILE.read_text("utf-8") == text
        print("as the sources say" if same else f"{FILE.name} is not what the sources say: run tools/setting_help.py")
        return 0 if same else 1
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
