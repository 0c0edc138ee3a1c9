"""Markers: the same answers as the package `packaging` gives, and an error for everything that is none."""

import importlib.metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import Requirement

from posture.verify_install.markers import MarkerError, environment, holds

VALUES = environment() | {
    "python_version": "3.11",
    "python_full_version": "3.11.7",
    "implementation_version": "3.11.7",
    "sys_platform": "win32",
    "platform_machine": "AMD64",
    "extra": "fast",
}


def installed_markers():
    requirements = [line for each in importlib.metadata.distributions() for line in each.requires or ()]
    return sorted({str(marker) for line in requirements if (marker := Requirement(line).marker) is not None})


def test_there_are_markers_to_compare():
    assert len(installed_markers()) > 20


@pytest.mark.parametrize("marker", installed_markers())
def test_the_markers_of_everything_that_is_installed(marker):
    for values in (VALUES, VALUES | {"python_version": "3.14", "sys_platform": "linux", "extra": ""}):
        assert holds(marker, values) == Marker(marker).evaluate(values)


VERSIONS = st.lists(st.integers(0, 20), min_size=1, max_size=3).map(lambda numbers: ".".join(map(str, numbers)))
COMPARISONS = st.one_of(
    st.tuples(
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from(["<", "<=", "==", "!=", ">", ">="]),
        VERSIONS,
    ),
    st.tuples(
        st.sampled_from(["sys_platform", "extra", "platform_machine"]),
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from(["win32", "linux", "AMD64 x86_64", "fast", ""]),
    ),
).map(lambda parts: f'{parts[0]} {parts[1]} "{parts[2]}"')
MARKERS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join), inner.map(lambda marker: f"({marker})")
    ),
    max_leaves=6,
)


@given(MARKERS)
def test_any_marker_is_answered_as_packaging_does(marker):
    assert holds(marker, VALUES) == Marker(marker).evaluate(VALUES)


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('python_version == "3.*"', True),
        ('python_version != "3.*"', False),
        ('python_version == "3.1.*"', False),
        ('python_version ~= "3.10"', True),
        ('python_version ~= "3.12"', False),
        ('python_full_version ~= "3.11.8"', False),
        ('python_version === "3.11"', True),
        ('"3.11.0" == python_version', True),
        ('"win" in sys_platform', True),
    ],
)
def test_the_rare_comparisons(marker, expected):
    assert holds(marker, VALUES) is expected


@pytest.mark.parametrize(
    "marker",
    [
        "", "extra", 'extra ==', '== "x"', 'extra == "x" and', '(extra == "x"', 'extra == "x")', 'unheard == "x"',
        'extra == "x', "extra $ 'x'", 'extra not "x"', 'extra < "x"', '"a" "b" "c"', "(" * 1000 + 'extra == ""',
        'extra ~= "x"',
    ],
)  # fmt: skip
def test_what_is_no_marker_is_an_error(marker):
    with pytest.raises(MarkerError):
        holds(marker, VALUES)


@given(st.text(alphabet="()\"'=<>!~ abinortex3.", max_size=40))
def test_any_text_is_answered_or_refused(text):
    try:
        assert holds(text, VALUES) in (True, False)
    except MarkerError as error:
        assert str(error)  # noqa: PT017
