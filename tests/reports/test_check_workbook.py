"""`tools/check_workbook.py`: LibreOffice and the report agree about every formula, and the tool notices where not."""

import io
import re
import shutil
import zipfile

import check_workbook
import pytest

from posture.data import MEASURE_NAMES, Observation
from posture.reports import FORMATS, summarise

OFFICE = shutil.which("libreoffice") or shutil.which("soffice")
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def workbooks(make, tmp_path_factory):
    """For each language a workbook full of formulas: everything is measured, and bends more and more."""
    degrees = [name for name in MEASURE_NAMES if name.endswith("_deg")]
    bent = [make.subject(make.UPRIGHT | dict.fromkeys(degrees, 0.3 * i)) for i in range(300)]
    table = make.filled([Observation(i, i / 10, (subject,)) for i, subject in enumerate(bent)])
    paths = {}
    for language in ("en", "de"):
        out = io.BytesIO()
        FORMATS["xlsx"].write(summarise(table, make.provenance(language=language)), table.rows(), out)
        paths[language] = tmp_path_factory.mktemp("workbook") / f"{language}.xlsx"
        paths[language].write_bytes(out.getvalue())
    return paths


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_spreadsheet_computes_what_is_stored(language, workbooks, capsys):
    assert list(check_workbook.check(workbooks[language], OFFICE)) == []
    assert int(re.search(r"(\d+) formulas", capsys.readouterr().out)[1]) > 100


def test_a_stored_value_that_no_formula_gives_is_found(workbooks, tmp_path):
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(workbooks["de"]) as source, zipfile.ZipFile(other, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet2.xml"):
                content = re.sub(rb"</f><v>[^<]*</v>", b"</f><v>12345</v>", content, count=1)
            copy.writestr(name, content)
    (problem,) = check_workbook.check(other, OFFICE)
    assert "'12345' is stored" in problem
