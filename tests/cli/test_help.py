"""What `--help` prints, at the width of the terminal."""

from itertools import pairwise

import pytest
from typer.testing import CliRunner

from posture.cli import app


@pytest.mark.parametrize("columns", [80, 120])
def test_a_paragraph_of_the_help_ends_where_the_terminal_does(columns, monkeypatch):
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", columns)
    said = CliRunner().invoke(app, ["watch", "--help"]).output
    lines = said[said.index("Nothing is done twice") : said.index("Arguments")].splitlines()[:3]
    for line, following in pairwise(lines):
        if following.strip(" │╭─"):
            assert len(line.rstrip()) + 1 + len(following.split()[0]) > columns - 2, (line, following)
