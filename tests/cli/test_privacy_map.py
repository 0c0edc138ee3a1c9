"""`posture privacy map` and `report` as a person and a program get them."""

import json

import pytest
from typer.testing import CliRunner

from posture.cli import app
from posture.errors import OutputExists


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("POSTURE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("POSTURE_VAULT__FOLDER", str(tmp_path / "clips"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(
        "[[flow.declared]]\nname = 'NAS'\nreceives = 'recordings'\nwhere = '/nowhere/at/all'\n", "utf-8"
    )
    (tmp_path / "data").mkdir()
    return lambda *words: CliRunner().invoke(app, ["privacy", *words])


def test_it_is_json_for_programs(run, tmp_path):
    result = run("map", "--json")
    assert result.exit_code == 0, result.output
    tree = json.loads(result.stdout)
    assert tree["schema"] == "posture.privacy-map/1"
    settings = next(one for one in tree["touchpoints"] if one["name"] == "settings")
    assert settings["paths"][0] == str(tmp_path / "config.toml")
    assert (settings["files"], settings["bytes"]) == (1, (tmp_path / "config.toml").stat().st_size)
    recordings = next(one for one in tree["touchpoints"] if one["name"] == "recordings")
    assert recordings["kept"] == "3 days; then its key is erased"
    assert tree["declared"][0]["name"] == "NAS"
    assert tree["declared"][0]["exists"] is False


def test_a_file_that_nobody_declares_is_an_error(run, tmp_path):
    (tmp_path / "data" / "faces.jpg").write_bytes(b"")
    result = run("map", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["undeclared_files"] == [str(tmp_path / "data" / "faces.jpg")]


def test_a_declaration_of_something_unknown_is_an_error(run, tmp_path):
    (tmp_path / "config.toml").write_text("[[flow.declared]]\nname = 'NAS'\nreceives = 'diary'\n", "utf-8")
    result = run("map")
    assert result.exit_code == 1
    assert "'diary', which is no touchpoint" in result.stderr


def test_the_table_speaks_german(run):
    result = run("map", "--language", "de")
    assert result.exit_code == 0
    assert "Hier aufbewahrt" in result.stdout
    assert "Kept by the program" not in result.stdout


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<svg"), ("a.html", b"<!doctype"), ("A.PDF", b"%PDF")])
def test_a_diagram_in_the_format_of_its_name(run, tmp_path, name, begins):
    assert run("map", "-o", name).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    again = run("map", "-o", name)
    assert isinstance(again.exception, OutputExists), "nothing is written over"


def test_another_ending_is_a_wrong_use(run):
    assert run("map", "-o", "a.docx").exit_code == 2


def test_the_report_has_all_that_the_page_shows(run):
    result = run("report", "--json")
    tree = json.loads(result.stdout)
    assert tree["schema"] == "posture.privacy-report/1"
    assert {"network", "camera_today", "map", "audit", "exports", "retention", "consents"} <= tree.keys()
    assert tree["network"]["decoding_process"]["active"] in (True, False)
    assert result.exit_code == (0 if tree["network"]["blocked_by_system"] else 1)


def test_a_name_with_brackets_is_no_markup(run, tmp_path):
    (tmp_path / "config.toml").write_text("[[flow.declared]]\nname = '[red]x[/red]'\nreceives = 'reports'\n", "utf-8")
    result = run("map")
    assert result.exit_code == 0
    assert "[red]x[/red]" in result.stdout
