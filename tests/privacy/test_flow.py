"""The map of data flows: is everything in the code declared, and does it see what lies there?"""

import dataclasses
import inspect
import io
import os
import typing
from datetime import datetime
from pathlib import Path

import msgspec
import pypdf
import pytest
from declared import inventory, modules, writers

from posture import config, interchange, paperwork, reports
from posture.cli.flow import places, values
from posture.cli.touchpoints import TOUCHPOINTS
from posture.config import Settings
from posture.live.monitor import Monitor
from posture.privacy import flow, flow_words
from posture.privacy.flow import PARTIAL, covers, expanded, flow_map
from posture.privacy.settings import Declared
from posture.reports import flow_chart, flow_page, svg
from posture.sources import SOURCES
from posture.touchpoint import Stage, Touchpoint

WHEN = datetime(2026, 11, 28, 12, 0)
posix = pytest.mark.skipif(os.name == "nt", reason="permissions are told otherwise there")


def named_in_code():
    hints = inspect.signature(Monitor.__init__).parameters
    sinks = [name for name, one in hints.items() if "posture.sinks" in getattr(_bare(one.annotation), "__module__", "")]
    return inventory(
        source=SOURCES, sink=sinks, report=reports.FORMATS, interchange=interchange.FORMATS, paperwork=paperwork.FORMATS
    )


def _bare(annotation):
    return next((part for part in (*typing.get_args(annotation), annotation) if inspect.isclass(part)), None)


def covered():
    return {name for touchpoint in TOUCHPOINTS for name in touchpoint.covers}


def undeclared_modules(texts):
    return writers(texts).keys() - {name for touchpoint in TOUCHPOINTS for name in touchpoint.code}


def unmentioned_settings(struct):
    """Settings of free text, which can name a file, a folder, a device or a person."""
    mentioned = {path for touchpoint in TOUCHPOINTS for path in touchpoint.settings}
    found = [
        f"{section.name}.{name}"
        for section in msgspec.structs.fields(struct)
        for name, kind in typing.get_type_hints(section.type).items()
        if kind is str
    ]
    return set(found) - mentioned


def test_every_source_sink_and_format_is_declared():
    assert {"sink:history", "sink:recorder", "source:camera", "report:pdf", "interchange:c3d"} <= named_in_code()
    assert named_in_code() == covered()


def test_one_more_of_each_would_be_noticed(monkeypatch):
    """Negative control for the test above."""
    monkeypatch.setitem(SOURCES, "satellite", SOURCES["camera"])
    monkeypatch.setitem(reports.FORMATS, "docx", reports.FORMATS["pdf"])
    monkeypatch.setitem(interchange.FORMATS, "bvh", interchange.FORMATS["trc"])
    assert named_in_code() - covered() == {"source:satellite", "report:docx", "interchange:bvh"}


def test_every_module_that_makes_a_file_or_starts_a_program_is_declared():
    assert undeclared_modules(modules()) == set()
    assert {name for touchpoint in TOUCHPOINTS for name in touchpoint.code} <= modules().keys()


@pytest.mark.parametrize(
    "line",
    [
        "Path('x').write_text(names)", "path.open('ab')", "open(p, mode='x')", "os.open(p, os.O_WRONLY | os.O_CREAT)",
        "sqlite3.connect('file:x')", "subprocess.run(['mail'])", "tempfile.mkstemp()", "QSettings('a', 'b')",
        "with whole_file(path) as out: pass", "folder.mkdir()",
    ],
)  # fmt: skip
def test_a_module_that_did_so_would_be_noticed(line):
    """Negative control for the test above."""
    assert undeclared_modules({"reports.fax": line}) == {"reports.fax"}
    assert undeclared_modules({"reports.fax": "path.open('rb'); open(p); os.open(p, os.O_RDONLY)"}) == set()


def test_every_setting_that_can_name_a_place_or_a_person_is_mentioned():
    assert unmentioned_settings(Settings) == set()
    assert {path for touchpoint in TOUCHPOINTS for path in touchpoint.settings} <= set(config.key_paths())

    class Reports(msgspec.Struct, frozen=True):
        share: str = ""

    class More(msgspec.Struct):
        reports: Reports = Reports()

    assert unmentioned_settings(More) == {"reports.share"}, "negative control"


def test_names_are_one_each_and_every_text_is_german_too():
    names = [touchpoint.name for touchpoint in TOUCHPOINTS]
    assert len(names) == len(set(names))
    fields = ("title", "data", "where", "key", "kept", "readers")
    texts = {getattr(touchpoint, name) for touchpoint in TOUCHPOINTS for name in fields} - {""}
    texts |= {*flow_words.STAGES.values(), *flow_words.ACCESS.values(), *flow_chart.CAPTIONS.values()}
    texts |= {*flow_page.COLUMNS, *(text for _, text in flow_chart.LEGEND), flow_chart.NOBODY, flow_chart.MADE}
    german = flow_words.german()
    assert texts - german.keys() == set()
    assert [text for text in german if text.count("{") != german[text].count("{")] == []


def test_settings_stand_in_the_texts_as_they_are_now():
    settings = values(
        msgspec.structs.replace(Settings(), vault=msgspec.convert({"keep_days": 5}, type(Settings().vault)))
    )
    recordings = next(one for one in TOUCHPOINTS if one.name == "recordings")
    assert flow_words.filled(recordings.kept, "en", settings).startswith("5 days")
    assert flow_words.filled(recordings.kept, "de", settings).startswith("5 Tage")
    for touchpoint in TOUCHPOINTS:
        for text in (touchpoint.data, touchpoint.kept):
            assert "{" not in flow_words.filled(text, "de", settings)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder with what a program leaves there."""
    monkeypatch.setenv("POSTURE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("posture.vault.places.default_folder", lambda environment: tmp_path / "data" / "recordings")
    monkeypatch.chdir(tmp_path)
    for name in ("audit/audit-2026-11.log", "vault/history.sqlite", "recordings/00.pclip"):
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(b"12345")
    return tmp_path


def looked(*declared):
    return flow_map(TOUCHPOINTS, places(Settings()), values(Settings()), declared)


def of(found, name):
    return next(one for one in found.found if one.touchpoint.name == name)


def test_it_says_what_is_there(home):
    (home / "posture-out").mkdir()
    (home / "posture-out" / "report.pdf").write_bytes(b"1234567")
    found = looked()
    assert (of(found, "history").files, of(found, "history").size_bytes) == (1, 5)
    assert (of(found, "reports").files, of(found, "reports").size_bytes) == (1, 7)
    assert not of(found, "calibrations").exists
    assert found.undeclared == ()


def test_what_nobody_declares_is_found(home):
    stray = home / "data" / "vault" / "faces.jpg"
    stray.write_bytes(b"")
    (home / "data" / "vault" / ".0123456789ab-x7.partial").write_bytes(b"")  # half of a file, which is declared
    assert looked().undeclared == (stray,)


@posix
def test_who_could_open_it_is_told_by_file_and_folders(home):
    log = home / "data" / "audit" / "audit-2026-11.log"
    log.chmod(0o644)
    (home / "data" / "audit").chmod(0o700)
    assert of(looked(), "audit").access == "owner", "nobody else can enter the folder"
    for folder in (log.parent, *log.parent.parents):
        if folder.is_relative_to(home.parents[1]):
            folder.chmod(0o755)
    expected = "everyone" if all(folder.stat().st_mode & 1 for folder in log.parents) else "owner"
    assert of(looked(), "audit").access == expected


def test_a_folder_that_others_copy_is_said(home):
    (home / "data" / ".stfolder").write_bytes(b"")
    found = looked()
    assert of(found, "history").copied_by == "Syncthing"
    assert "Syncthing" in flow_words.now(of(found, "history"), "en")


def test_what_cannot_be_looked_at_is_said(home, monkeypatch):
    walk = os.walk

    def refused(folder, onerror):
        if Path(folder).name == "recordings":
            onerror(PermissionError(13, "Permission denied", str(folder)))
        yield from walk(folder, onerror=onerror)

    monkeypatch.setattr(flow.os, "walk", refused)
    found = of(looked(), "recordings")
    assert found.problem.endswith("recordings: Permission denied")
    assert "Permission denied" in flow_words.now(found, "en")


def test_a_share_of_endless_files_is_counted_up_to_a_number(home, monkeypatch):
    monkeypatch.setattr(flow, "MOST_FILES", 3)
    for number in range(5):
        (home / "data" / "recordings" / f"{number}.pclip").write_bytes(b"")
    found = of(looked(), "recordings")
    assert (found.files, found.more) == (3, True)


def test_declared_places_are_marked_and_checked(home):
    nas = Declared(name="NAS", receives="recordings", where=str(home))
    words = Declared(name="Auditor", receives="diary", where="by post")
    outside = looked(nas, words).outside
    assert [(one.known, one.exists) for one in outside] == [(True, True), (False, None)]


def test_an_unknown_word_in_a_declaration_is_named(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[[flow.declared]]\nname = 'x'\nreceives = 'reports'\nwere = 'y'\n")
    with pytest.raises(config.ConfigError, match=r"flow.declared\[0\].were'.*'where'"):
        config.load(path=file, environment={})


def test_partial_names_are_those_that_the_program_uses():
    assert all(PARTIAL.fullmatch(name) for name in (".0123456789ab-k3_x.partial", ".poses-ab.partial", ".posture-q"))
    assert not PARTIAL.fullmatch("faces.partial")
    assert covers(["/a/out/*.html"], Path("/a/out/.0123456789ab-k.partial"))
    assert not covers(["/a/out/*.html"], Path("/b/.0123456789ab-k.partial"))
    assert covers(["/a/out/*.html"], Path("/a/out"))
    assert not covers(["/a/out/*.html"], Path("/a/out/x.jpg"))


def test_a_pattern_goes_to_each_folder_of_a_place():
    touchpoint = dataclasses.replace(TOUCHPOINTS[0], paths=("{recordings}/*.pclip", "{nowhere}/x", "/dev/video*"))
    two = {"recordings": (Path("/a"), Path("/b"))}
    assert expanded(touchpoint, two) == ("/a/*.pclip", "/b/*.pclip", "/dev/video*")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_drawing_has_every_box_and_marks_what_is_declared(home, language):
    hostile = Declared(name="<script>alert(1)</script> & more", receives="recordings", how="x" * 400)
    found = looked(hostile)
    drawn = flow_chart.drawing(found, language, WHEN, blocked=True)
    for one in found.found:
        shown = flow_words.word(one.touchpoint.title, language).split()[0]
        assert shown in drawn.chart
    assert "<script" not in drawn.chart
    assert drawn.chart.count('class="f-box f-open"') == 2, "the box, and its sample in the legend"
    assert flow_chart.drawing(looked(), language, WHEN, blocked=True).chart.count('class="f-box f-open"') == 1
    assert 1.2 < drawn.width / drawn.height < 1.8, "a sheet of A4"


def test_a_network_that_is_not_refused_is_not_drawn_as_barred(home):
    barred, free = (flow_chart.drawing(looked(), "en", WHEN, blocked=blocked).chart for blocked in (True, False))
    assert "f-mask f-bar" in barred
    assert "f-mask f-bar" not in free
    assert "NOT refused" in free


def test_same_input_same_bytes_in_each_format(home, tmp_path):
    for name in flow_page.FORMATS.values():
        files = [io.BytesIO(), io.BytesIO()]
        for out in files:
            flow_page.write(name, looked(), "de", WHEN, blocked=True, out=out)
        assert files[0].getvalue() == files[1].getvalue()
        if name == "html":
            assert b"<script" not in files[0].getvalue()
            assert b"default-src 'none'" in files[0].getvalue()
        if name == "pdf":
            pages = pypdf.PdfReader(files[0]).pages
            assert "Datenflüsse dieser Installation" in pages[0].extract_text()
            assert len(pages) >= 2


def test_widths_are_never_below_those_of_the_widest_usual_font(qtbot):
    """The reckoned width against DejaVu Sans, or whatever stands in for Arial here."""
    from PyQt6.QtGui import QFont, QFontMetricsF

    font = QFont("Arial")
    font.setPixelSize(12)
    metrics = QFontMetricsF(font)
    found = flow_map(TOUCHPOINTS, {"data": ()}, values(Settings()), ())
    drawn = flow_chart._Sheet(found, "de", WHEN, blocked=True)
    boxes = [drawn._box(one) for stage in Stage for one in drawn._of(stage)]
    room = flow_chart._COLUMN - 2 * flow_chart._PAD
    wide = [
        text for box in boxes for sign, text in box.lines if metrics.horizontalAdvance(text) > room - 17 * bool(sign)
    ]
    assert wide == []


def test_colours_are_inside_a_file_of_its_own(home):
    drawn = flow_chart.drawing(looked(), "en", WHEN, blocked=True)
    assert svg.LIGHT["ink"] in drawn.coloured(svg.LIGHT)
    assert isinstance(TOUCHPOINTS[0], Touchpoint)
