"""Pictures in a report: none unless they are handed over, then exactly those, and the report says so."""

import base64
import io
import re

import cv2
import numpy as np
import pytest
from pypdf import PdfReader

from posture.reports import FORMATS, Still


@pytest.fixture(scope="module")
def stills(desk_summary):
    """A picture of its own colour for each moment."""
    times = sorted({moment.time_s for moment in desk_summary.people[0].moments})
    assert len(times) >= 2
    found = {}
    for i, time_s in enumerate(times):
        picture = np.full((270, 480, 3), (40 * i, 90, 200), np.uint8)
        found[time_s] = Still(1280, 720, cv2.imencode(".jpg", picture)[1].tobytes())
    return found


@pytest.fixture(scope="module")
def write(desk, desk_summary):
    def _write(name, *stills):
        out = io.BytesIO()
        FORMATS[name].write(desk_summary, desk.rows(), out, *stills)
        return out.getvalue()

    return _write


def pictures(html):
    return [base64.b64decode(found) for found in re.findall(r'data:image/jpeg;base64,([^"]+)"', html)]


def test_html_carries_exactly_the_pictures_it_was_given(write, stills, desk_summary):
    html = write("html", stills).decode()
    assert pictures(html) == [stills[moment.time_s].jpeg for moment in desk_summary.people[0].moments]
    assert html.count("<image ") == len(desk_summary.people[0].moments)
    assert "Stick figure at" not in html
    assert "img-src data:;" in html


def test_a_moment_without_a_picture_keeps_its_stick_figure(write, stills, desk_summary):
    some = dict(list(stills.items())[:1])
    html = write("html", some).decode()
    assert pictures(html) == list({still.jpeg for still in some.values()})
    assert len(re.findall("<title>Stick figure at", html)) == len(desk_summary.people[0].moments) - 1


def test_without_pictures_there_is_none_and_none_could_be_loaded(write):
    html = write("html").decode()
    assert "data:" not in html
    assert "<image" not in html
    assert "img-src" not in html


def test_the_report_says_whether_it_shows_people(write, stills):
    with_none, with_some = write("html").decode(), write("html", stills).decode()
    assert "contains no picture" in with_none
    assert "pictures of people, faces included" not in with_none
    assert "pictures of people, faces included" in with_some
    assert "contains no picture" not in with_some
    assert "Stick figures only" not in with_some


def test_the_skeleton_lies_on_the_picture(write, stills, desk_summary):
    """The nose of the first moment is where its bone ends, in pixels of a picture that is 300 wide."""
    html = write("html", stills).decode()
    moment = desk_summary.people[0].moments[0]
    nose_x, nose_y, _ = moment.keypoints[0]
    first = html[html.index("<image ") : html.index("</svg>", html.index("<image "))]
    ends = [(float(x), float(y)) for x, y in re.findall(r"L([\d.]+) ([\d.]+)", first)]
    assert any(
        end == pytest.approx(((nose_x + 0.5) * 300 / 1280, (nose_y + 0.5) * 300 / 1280), abs=0.06) for end in ends
    )


def test_pdf_shows_the_pictures_and_says_so(write, stills, desk_summary):
    def images_and_text(content):
        reader = PdfReader(io.BytesIO(content))
        objects = (reader.get_object(i) for i in range(1, len(reader.xref[0]) + len(reader.xref_objStm) + 1))
        images = [o for o in objects if hasattr(o, "get") and o.get("/Subtype") == "/Image"]
        return images, " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    images, text = images_and_text(write("pdf"))
    assert images == []
    assert "contains no picture" in text
    images, text = images_and_text(write("pdf", stills))
    assert [(i["/Width"], i["/Height"]) for i in images] == [(480, 270)] * len(stills)
    assert "pictures of people, faces included" in text


@pytest.mark.parametrize("name", ["json", "csv"])
def test_data_formats_never_carry_a_picture(name, write, stills):
    assert not FORMATS[name].shows_stills
    assert write(name, stills) == write(name)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_same_pictures_same_bytes(name, write, stills):
    assert write(name, stills) == write(name, dict(reversed(stills.items())))
