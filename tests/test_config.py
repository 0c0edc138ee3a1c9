import pytest

from posture import config
from posture.errors import ConfigError


def load(tmp_path, text="", environment=None, **flags):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return config.load({k.replace("__", "."): v for k, v in flags.items()}, path=path, environment=environment or {})


def test_the_defaults_hold_without_a_file(tmp_path):
    assert config.load(path=tmp_path / "none.toml", environment={}) == config.Settings()


def test_file_then_environment_then_flag(tmp_path):
    text = '[pose]\nmodel = "lite"\npeople = 2\n[analysis]\nrate = 5\n'
    environment = {"POSTURE_POSE__PEOPLE": "3", "POSTURE_ANALYSIS__RATE": "all"}
    settings = load(tmp_path, text, environment, pose__model=None, analysis__rate=2.0)
    assert (settings.pose.model, settings.pose.people, settings.analysis.rate) == ("lite", 3, 2.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[pose]\nmodle = 'lite'", r"'pose\.modle': did you mean 'model'"),
        ("[poes]\nmodel = 'lite'", r"'poes': did you mean 'pose'"),
        ("[pose]\nmodel = 'huge'", r"pose\.model = 'huge'"),
        ("[pose]\npeople = 99", r"pose\.people = 99"),
        ("[pose]\npeople = 'two'", r"pose\.people = 'two'"),
        ("[analysis]\nrate = -1", r"analysis\.rate = -1"),
        ("[measure]\ncamera_pitch_deg = 200", r"measure\.camera_pitch_deg = 200"),
        ("[output]\nformats = ['html', 'doc']", r"output\.formats"),
        ("[output]\nformats = []", r"output\.formats"),
        ("pose = 3", r"pose = 3"),
        ("[pose", r"posture config reset"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words):
        load(tmp_path, text)


def test_a_section_that_is_a_value_is_an_error_of_the_flag_too(tmp_path):
    with pytest.raises(ConfigError, match=r"\[pose\]"):
        load(tmp_path, "pose = 3", pose__model="lite")


def test_toml_round_trip(tmp_path):
    settings = load(tmp_path, pose__model="lite", output__formats=("pdf",))
    assert load(tmp_path, config.as_toml(settings)) == settings


def test_the_file_for_editing_changes_nothing_until_a_line_is_uncommented(tmp_path):
    path = tmp_path / "deep" / "config.toml"
    config.write_default(path)
    assert config.load(path=path, environment={}) == config.Settings()
    path.write_text(path.read_text().replace('# model = "full"', 'model = "lite"'))
    assert config.load(path=path, environment={}).pose.model == "lite"


def test_reset_keeps_a_copy(tmp_path):
    path = tmp_path / "config.toml"
    assert config.reset(path) is None
    path.write_text("broken [")
    copy = config.reset(path)
    assert not path.exists()
    assert copy.read_text() == "broken ["


def test_a_second_reset_keeps_the_first_copy(tmp_path):
    path = tmp_path / "config.toml"
    for text in ("first", "second"):
        path.write_text(text)
        config.reset(path)
    assert sorted(p.read_text() for p in tmp_path.iterdir()) == ["first", "second"]


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="POSTURE_CONFIG"):
        config.load(environment={"POSTURE_CONFIG": str(tmp_path / "none.toml")})


def test_the_path_follows_the_environment(tmp_path):
    assert config.config_path({"POSTURE_CONFIG": str(tmp_path / "x.toml")}) == tmp_path / "x.toml"
    assert config.config_path({}).name == "config.toml"


def test_saving_writes_only_what_differs_and_reads_back(tmp_path):
    path = tmp_path / "deep" / "config.toml"
    settings = load(tmp_path, pose__model="lite", window__theme="dark", output__formats=("pdf",))
    assert config.save(path, settings) is None
    assert config.in_file(path) == settings
    written = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert written == [
        "[pose]",
        'model = "lite"',
        "[output]",
        "formats = [",
        '    "pdf",',
        "]",
        "[window]",
        'theme = "dark"',
    ]


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "config.toml"
    config.save(path, load(tmp_path, pose__people=3))
    config.save(path, config.Settings())
    assert config.in_file(path) == config.Settings()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("broken", ["[pose", "[pose]\npeople = 99\n"])
def test_saving_over_a_broken_file_keeps_it(tmp_path, broken):
    path = tmp_path / "config.toml"
    path.write_text(broken)
    copy = config.save(path, config.Settings())
    assert copy is not None
    assert copy.read_text() == broken
    assert config.in_file(path) == config.Settings()


def test_a_value_of_the_environment_is_not_what_the_file_says(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURE_POSE__MODEL", "lite")
    assert config.in_file(tmp_path / "none.toml") == config.Settings()


BROKEN = """
[pose]
modle = "lite"
[vault]
keep_days = 60
[live]
history_days = 0
[window]
theme = "dark"
"""


def test_what_is_wrong_with_a_file_is_said_and_a_sound_one_has_no_fault(tmp_path):
    path = tmp_path / "config.toml"
    assert config.fault(path) == ""
    path.write_text("[pose]\nmodel = 'lite'")
    assert config.fault(path) == ""
    path.write_text(BROKEN)
    assert "'pose.modle': did you mean 'model'" in config.fault(path)


def test_of_a_file_with_a_fault_single_settings_can_be_read(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(BROKEN)
    found = config.readable(path, config.PERIODS)
    assert config.changed(config.Settings(), found) == ["vault.keep_days"]
    assert (found.vault.keep_days, found.live.history_days) == (60, 30)
    assert config.readable(path, config.key_paths()).window.theme == "dark"


@pytest.mark.parametrize("text", ["[pose", "pose = 1", "[vault]\nkeep_days = 'x'", ""])
def test_where_nothing_can_be_read_the_defaults_hold(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert config.readable(path, config.key_paths()) == config.Settings()
