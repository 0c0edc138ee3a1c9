"""Names of people: two who are kept apart, named on the command line, are called so; the CSV has numbers alone."""

import io
import json
import zipfile

import numpy as np
import pytest
from pypdf import PdfReader
from standing import session
from typer.testing import CliRunner

from posture.cli import app
from posture.interchange.coco import write
from posture.interchange.motion import new_motion
from posture.skeleton import BLAZEPOSE_33

NAMES = {1: "Packerin Özil", 2: "<Lift> & co"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Every format of a report of two people who stand side by side."""
    folder = tmp_path_factory.mktemp("two")
    whole = session(5.0, people=2)
    points = np.array([[subject.pose.points_px[:, :2] for subject in one.people] for one in whole])
    motion = new_motion(
        [one.time_s for one in whole], ["person-1", "person-2"], BLAZEPOSE_33.names, image_px=points,
        confidence=np.full(points.shape[:3], 0.9), size_px=(640, 640),
    )  # fmt: skip
    write(motion, folder / "two.coco.json")
    named = [part for number, name in NAMES.items() for part in ("--name", f"{number}={name}")]
    done = CliRunner().invoke(
        app, ["analyze", str(folder / "two.coco.json"), "-o", str(folder / "out"), "--format", "all", *named]
    )
    assert done.exit_code == 0, done.output + str(done.exception)
    return {path.suffix[1:]: path.read_bytes() for path in (folder / "out").iterdir()}


def test_each_name_belongs_to_one_person_who_is_there_all_the_time(reports):
    people = json.loads(reports["json"])["people"]
    assert {one["person"]: one["name"] for one in people} == NAMES
    assert [one["present_s"] for one in people] == pytest.approx([6.0, 6.0], abs=0.3)


@pytest.mark.parametrize("name", NAMES.values())
def test_the_reports_for_reading_say_the_names(reports, name):
    page = reports["html"].decode()
    assert name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page
    assert "<Lift>" not in page
    pdf = " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(reports["pdf"])).pages).split())
    assert name in pdf


def test_the_workbook_says_the_names(reports):
    with zipfile.ZipFile(io.BytesIO(reports["xlsx"])) as book:
        texts = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "Packerin Özil" in texts
    assert "&lt;Lift&gt; &amp; co" in texts
