"""The table of what survives in which format, and the check with the real tools, as far as they are installed."""

from pathlib import Path

import check_interchange
import numpy as np
import pytest
import round_trip

from posture.data import frozen
from posture.interchange import FORMATS, Motion


def test_the_table_in_the_readme_is_what_is_measured():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert round_trip.table() in readme


def test_what_a_format_loses_is_seen(tmp_path):
    """A writer that fills gaps with zeros and forgets names: the table says so."""
    honest = FORMATS["long"]

    def careless(motion, target):
        filled = (frozen(np.nan_to_num(part)) for part in (motion.image_px, motion.world_m, motion.confidence))
        honest.write(Motion(motion.time_s, ("person-1", "person-2"), motion.names, *filled), target)

    kind = type(honest)("", "csv", "all", "px, m", careless, honest.read)
    *_, missing, names, times = round_trip.survived(kind, tmp_path)
    assert (missing, names, times) == ("is lost", "as numbers", "kept")


def test_the_tools_that_are_installed_read_what_we_write(tmp_path):
    pytest.importorskip("ezc3d")
    pytest.importorskip("pandas")
    check_interchange.write(tmp_path)
    told = list(check_interchange.check(tmp_path))
    assert all(good for _, _, good in told), told
    assert {name for name, words, _ in told if "numbers" in words} >= {"ezc3d, C3D", "pandas, Parquet and CSV"}


def test_a_file_that_says_something_else_is_found(tmp_path):
    pytest.importorskip("pandas")
    check_interchange.write(tmp_path)
    path = tmp_path / "made.long.csv"
    head, first, *rest = path.read_text("utf-8").splitlines(keepends=True)
    cells = first.split(",")
    cells[4] = "1234.5"
    path.write_text("".join([head, ",".join(cells), *rest]), "utf-8")
    assert [name for name, _, good in check_interchange.check(tmp_path) if not good] == ["pandas, Parquet and CSV"]
