"""Does a spreadsheet compute what the workbook of a report says? LibreOffice recomputes every formula, and we compare.

    .venv/bin/python tools/check_workbook.py REPORT.xlsx [REPORT.xlsx ...]

Needs `libreoffice` with Calc. The stored values are taken out first, so whatever comes back was computed anew; it
answers with German settings, in which a formula that depended on a language would fail.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TOLERANCE = 1e-6
LIMIT_S = 300
STORED = re.compile(rb"(<f>[^<]*</f>)<v>[^<]*</v>")
GERMAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>de-DE</value>
</prop></item></oor:items>"""
"""Settings of LibreOffice: numbers and dates as in German."""

Cells = dict[tuple[str, str], str]
"""By sheet and place, such as B3."""


def main() -> int:
    """0 where every formula of every workbook gives what is stored with it."""
    office = shutil.which("libreoffice") or shutil.which("soffice")
    if office is None:
        print("libreoffice is not installed; its package is libreoffice-calc-nogui", file=sys.stderr)
        return 2
    found = [problem for name in sys.argv[1:] for problem in check(Path(name), office)]
    for problem in found:
        print(f"FAIL {problem}", file=sys.stderr)
    return 1 if found else 0


def check(workbook: Path, office: str) -> Iterator[str]:
    """What differs, one sentence each; prints how many formulas were compared."""
    stored, formulas = cells_of(workbook)
    with tempfile.TemporaryDirectory() as folder:
        computed, _ = cells_of(recomputed(workbook, Path(folder), office))
    if not formulas:
        yield f"{workbook}: it has no formula"
    for place, formula in formulas.items():
        if not same(stored.get(place, ""), computed.get(place, "")):
            told = f"{stored.get(place)!r} is stored, {computed.get(place)!r} computed"
            yield f"{workbook}: {'!'.join(place)}: {told} by {formula}"
    print(f"{workbook.name}: {len(formulas)} formulas recomputed")


def same(stored: str, computed: str) -> bool:
    """Equal as numbers where both are, otherwise as texts."""
    try:
        return abs(float(stored) - float(computed)) <= TOLERANCE
    except ValueError:
        return stored == computed


def recomputed(workbook: Path, folder: Path, office: str) -> Path:
    """A copy that LibreOffice computed from the formulas alone."""
    bare, profile = folder / "bare.xlsx", folder / "profile"
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(bare, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = source.read(name)
            copy.writestr(name, STORED.sub(rb"\1", content) if "worksheets/" in name else content)
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(GERMAN, "utf-8")
    command = [
        office,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", str(folder / "out"), str(bare)], check=True, timeout=LIMIT_S, capture_output=True
    )
    return folder / "out" / bare.name


def cells_of(workbook: Path) -> tuple[Cells, Cells]:
    """Values and formulas."""
    values: Cells = {}
    formulas: Cells = {}
    with zipfile.ZipFile(workbook) as archive:
        parts = set(archive.namelist())
        shared: list[str] = []
        if "xl/sharedStrings.xml" in parts:
            root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = ["".join(one.itertext()) for one in root.iter(f"{XML}si")]
        titles = [
            one.get("name", "") for one in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{XML}sheet")
        ]
        for number, title in enumerate(titles, 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml") as sheet:
                for _, cell in ElementTree.iterparse(sheet):
                    if cell.tag == f"{XML}c":
                        _take(cell, (title, cell.get("r", "")), shared, values, formulas)
                        cell.clear()
    return values, formulas


def _take(cell: ElementTree.Element, place: tuple[str, str], shared: list[str], values: Cells, formulas: Cells) -> None:
    text = cell.findtext(f"{XML}v")
    if text is not None:
        values[place] = shared[int(text)] if cell.get("t") == "s" else text
    if (formula := cell.findtext(f"{XML}f")) is not None:
        formulas[place] = formula


if __name__ == "__main__":
    sys.exit(main())
