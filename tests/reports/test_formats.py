"""One conformance suite over all formats, then what each promises beyond it."""

import ast
import base64
import csv
import getpass
import hashlib
import io
import json
import re
import socket
import subprocess
import sys
import time
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from pypdf import PdfReader

from posture.data import MEASURE_NAMES, Observation, SourceInfo
from posture.reports import FORMATS, Table, summarise
from posture.reports.schema import Summary

HOSTILE = '</style><script>alert(1)</script>"\'&{{ 7*7 }}{% raw %} #panic("x") $x$ @preview <svg onload=x> <b>Zoë'
NAMES = sorted(FORMATS)


CASES = ["desk", "several", "nothing", "nobody", "one_frame", "never_measurable", "hostile", "long_name"]


@pytest.fixture(scope="module")
def cases(make):
    """Observations and what is special about their provenance."""
    desk = list(make.desk_session(seconds=150))
    short = desk[:120]
    other = make.subject(make.UPRIGHT | {"head_inclination_deg": 90.0}, person=2)
    return {
        "desk": (desk, {"damage": make.DAMAGED}),
        "several": ([Observation(o.index, o.time_s, (*o.people, other)) for o in desk[:300]], {"label": "Line 4"}),
        "nothing": ([], {"frames_decoded": 0}),
        "nobody": ([Observation(i, i / 10) for i in range(60)], {}),
        "one_frame": (
            [Observation(0, 0.0, (make.subject(make.UPRIGHT),))],
            {"info": SourceInfo("image", 640, 480, float("nan"), float("nan"))},
        ),
        "never_measurable": ([Observation(i, i / 10, (make.subject({}),)) for i in range(100)], {"stopped": True}),
        "hostile": (short, {"label": HOSTILE, "fallback_reason": HOSTILE}),
        "long_name": (short, {"label": "Donaudampfschifffahrtsgesellschaft" * 12}),
    }


@pytest.fixture(scope="module")
def written(make, cases):
    """A function that gives the bytes of a case in a format, made anew each time."""

    def write(name: str, case: str, *, keypoints: bool = False) -> bytes:
        observations, changes = cases[case]
        table = make.filled(observations, keypoints=keypoints)
        out = io.BytesIO()
        FORMATS[name].write(summarise(table, make.provenance(**changes)), table.rows(), out)
        return out.getvalue()

    return write


def searchable(name: str, content: bytes) -> str:
    """All text that the file carries; a PDF uncompressed, with its metadata."""
    if name == "xlsx":
        archive = zipfile.ZipFile(io.BytesIO(content))
        return "\n".join([*archive.namelist(), *(archive.read(part).decode() for part in archive.namelist())])
    if name != "pdf":
        return content.decode()
    reader = PdfReader(io.BytesIO(content))
    streams = [
        found.get_data().decode("latin-1")
        for found in (reader.get_object(i) for i in range(1, len(reader.xref[0]) + len(reader.xref_objStm) + 1))
        if hasattr(found, "get_data")
    ]
    texts = [page.extract_text() for page in reader.pages]
    return "\n".join([content.decode("latin-1"), *streams, *texts, str(reader.metadata), str(reader.trailer)])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_every_format_writes_every_case_and_the_same_bytes_twice(name, case, written):
    first = written(name, case)
    assert first
    assert first == written(name, case)


@pytest.mark.parametrize("name", NAMES)
def test_bytes_do_not_depend_on_clock_zone_folder_or_user(name, monkeypatch, tmp_path, written):
    before = written(name, "desk")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.chdir(tmp_path)
    if hasattr(time, "tzset"):
        time.tzset()
    try:
        assert written(name, "desk") == before
    finally:
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_this_machine_is_in_the_file(name, written):
    text = searchable(name, written(name, "desk"))
    for secret in ("secret-folder", "alice", str(Path.cwd()), str(Path.home()) + "/", "/tmp/", "posture/reports"):
        assert secret not in text
    for word in (socket.gethostname(), getpass.getuser()):
        assert not re.search(rf"\b{re.escape(word)}\b", text) or len(word) < 5, word
    assert time.strftime("%Y-%m-%d") not in text
    assert time.strftime("D:%Y") not in text
    assert not re.search(r"/CreationDate|/ModDate|xmp:CreateDate|xmp:ModifyDate", text)


@pytest.mark.parametrize("name", NAMES)
def test_rows_may_come_from_a_generator(name, make, cases):
    """Rows are read at most once and in order, so that they need not fit into memory."""
    table = make.filled(cases["desk"][0])
    summary = summarise(table, make.provenance())
    out = io.BytesIO()
    FORMATS[name].write(summary, (row for row in table.rows()), out)
    assert out.getvalue()


LOADED = """
import io, sys
from posture.reports import FORMATS
loaded = lambda: sorted({name for name in ("jinja2", "markupsafe", "typst") if name in sys.modules})
seen = [loaded()]
from posture.data import SourceInfo
from posture.reports import Provenance, Table, summarise
info = SourceInfo("video", 64, 48, 30.0, 1.0)
made = Provenance(info=info, frames_decoded=0, program_version="", model="", model_sha256="", provider="")
for name in ("csv", "json", "html", "pdf"):
    FORMATS[name].write(summarise(Table(), made), [], io.BytesIO())
    seen.append(loaded())
print(seen)
"""


def test_what_sets_a_format_is_loaded_when_one_is_written():
    """The parent of an analysis waits for its child with as little in memory as it can."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60)
    imported, after_csv, after_json, after_html, after_pdf = ast.literal_eval(done.stdout)
    assert imported == after_csv == after_json == []
    assert after_html == ["jinja2", "markupsafe"]
    assert after_pdf == ["jinja2", "markupsafe", "typst"]


def test_hostile_text_stays_text(written):
    html = written("html", "hostile").decode()
    assert "<script" not in html
    assert "onload=x>" not in html.replace("&lt;svg onload=x&gt;", "")
    assert "{{ 7*7 }}" in html
    text = searchable("pdf", written("pdf", "hostile"))
    assert "#panic" in text
    assert "7*7" in text
    assert msgspec.json.decode(written("json", "hostile"), type=Summary).label == HOSTILE


class Tags(HTMLParser):
    """Every tag and attribute of a document, and whether all tags are closed."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, content: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("case", CASES)
def test_html_loads_and_runs_nothing(case, written):
    content = written("html", case).decode()
    tags = Tags(content)
    assert tags.open == []
    assert {tag for tag, _ in tags.seen} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    } == set()
    for _, attributes in tags.seen:
        assert not {"style", "src", "href", "srcset"} & attributes.keys()
        assert not any(key.startswith("on") for key in attributes)
    assert not re.search(r"@import|url\((?!#hatch-)", content)


def test_html_policy_names_the_style_sheet_it_carries(written):
    content = written("html", "desk").decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', content).group(1)
    sheet = re.search(r"<style>(.*?)</style>", content, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert "unsafe" not in policy


def test_html_charts_are_sound_and_named(written):
    content = written("html", "desk").decode()
    charts = re.findall(r'<svg class="chart".*?</svg>(?:</svg>)?', content, re.DOTALL)
    named = [chart for chart in charts if 'role="img"' in chart]
    assert len(named) >= 15
    for chart in charts:
        root = ElementTree.fromstring(chart)
        assert root.get("role") != "img" or root[0].tag.endswith("title")


def test_html_has_a_table_beside_every_kind_of_chart(written):
    content = written("html", "desk").decode()
    assert content.count("<details>") >= 4
    assert '<html lang="en">' in content


def test_other_angles_are_drawn_with_both_sides_in_one_chart(written):
    """Of the desk: no hips and knees, which are below the table; elbows and shoulder raise have two sides."""
    content = written("html", "desk").decode()
    section = content[content.index("Other angles over time") : content.index("Static holds")]
    assert re.findall(r"<h3>(.*?)</h3>", section) == [
        "Head tilt", "Head turn", "Shoulder tilt", "Shoulder raise", "Elbow flexion", "Shoulder width"
    ]  # fmt: skip
    assert len(re.findall(r"c-curve c-second", section)) == 2 + 1  # and the legend
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(written("pdf", "desk"))).pages)
    assert "Other angles over time" in text


def test_html_of_an_hour_stays_small(make):
    """Everything measurable, and noisy: the worst that charts can be asked to draw."""
    noise = np.random.default_rng(3)
    hour = (
        Observation(i, i / 2, (make.subject(dict(zip(MEASURE_NAMES, values, strict=True))),))
        for i, values in enumerate(noise.normal(30, 20, (7200, len(MEASURE_NAMES))))
    )
    table = make.filled(hour)
    out = io.BytesIO()
    FORMATS["html"].write(summarise(table, make.provenance()), table.rows(), out)
    assert len(out.getvalue()) < 600_000


def test_html_says_when_it_is_a_demonstration(make, cases):
    table = make.filled(cases["desk"][0])
    out = io.BytesIO()
    demo = make.provenance(info=SourceInfo("demo", 640, 480, 30.0, 15.0), source_sha256="")
    FORMATS["html"].write(summarise(table, demo), table.rows(), out)
    assert "Demonstration: " in out.getvalue().decode()


def test_pdf_is_tagged_has_its_language_and_no_date(written):
    reader = PdfReader(io.BytesIO(written("pdf", "desk")))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] is True or catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"] == "en"
    assert set(reader.metadata) <= {"/Title", "/Creator", "/Producer"}
    assert not {"/JavaScript", "/OpenAction", "/AA"} & catalogue.keys()
    text = "".join(page.extract_text() for page in reader.pages)
    assert "Posture report" in text
    assert "Right upper arm" in text


def test_json_is_sorted_and_has_its_schema(written):
    content = written("json", "desk")
    assert b"NaN" not in content
    decoded = json.loads(content)
    assert decoded["schema"] == "posture.report/1"
    assert list(decoded) == sorted(decoded)
    assert json.dumps(decoded, sort_keys=True)


def test_csv_is_rfc_4180_with_one_row_a_frame_and_person(written):
    content = written("csv", "several", keypoints=True)
    assert content.count(b"\n") == content.count(b"\r\n")
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + 2 * 300
    assert len(set(rows[0])) == len(rows[0])
    assert "left_ear_visibility" in rows[0]


def test_csv_says_why_a_cell_is_empty(written):
    rows = list(csv.DictReader(io.StringIO(written("csv", "desk").decode(), newline="")))
    for row in rows:
        if row["person"]:
            assert (row["trunk_side_bend_deg"] == "") == (row["trunk_side_bend_reason"] != "")
            assert (row["neck_zone"] == "") == (row["neck_zone_reason"] != "")
    assert rows[0]["left_knee_flexion_reason"] == "out_of_picture"
    assert rows[0]["time_s"] == "0.000000"


@pytest.mark.parametrize("case", ["nobody", "nothing"])
def test_csv_of_nobody_keeps_its_columns(case, written, cases):
    rows = list(csv.reader(io.StringIO(written("csv", case).decode(), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + len(cases[case][0])


def test_csv_with_keypoints_that_begins_with_nobody(make):
    table = Table(keypoints=True)
    table.append(Observation(0, 0.0))
    table.append(Observation(1, 0.1, (make.subject(make.UPRIGHT),)))
    out = io.BytesIO()
    FORMATS["csv"].write(summarise(table, make.provenance()), table.rows(), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert (rows[0]["person"], rows[0]["nose_x_px"]) == ("", "")
    assert rows[1]["nose_visibility"] == "0.9700"
