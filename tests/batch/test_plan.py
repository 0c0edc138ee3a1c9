"""Job files and windows of time."""

from datetime import datetime

import pytest

from posture.batch.plan import JobPlan, Window, checked, folder_of, load_plan, opens_in_s, whole
from posture.batch.work import identity
from posture.errors import ConfigError


def at(text):
    return datetime.fromisoformat(f"2026-11-28T{text}")


@pytest.mark.parametrize(
    ("span", "now", "expected_s"),
    [
        ("22:00 to 06:00", "22:00", 0),
        ("22:00 to 06:00", "23:59:59", 0),
        ("22:00 to 06:00", "05:59:59", 0),
        ("22:00 to 06:00", "06:00", 16 * 3600),
        ("22:00 to 06:00", "21:59", 60),
        ("12:00-13:30", "13:30", 22.5 * 3600),
        ("12:00 to 13:30", "12:30", 0),
        ("00:00 to 24:00", "13:00", 0),
    ],
)
def test_a_window(span, now, expected_s):
    assert Window.of(span).opens_in_s(at(now)) == expected_s


@pytest.mark.parametrize(("span", "hours"), [("22:00 to 06:00", 8), ("12:00 to 13:30", 1.5), ("00:00 to 24:00", 24)])
def test_how_long_a_window_is(span, hours):
    assert Window.of(span).length_s == 3600 * hours


def test_of_several_windows_the_next_one_counts():
    windows = [Window.of("22:00 to 06:00"), Window.of("12:00 to 13:00")]
    assert opens_in_s(windows, at("11:00")) == 3600
    assert opens_in_s((), at("11:00")) == 0


@pytest.mark.parametrize("span", ["night", "22 to 6", "25:61 to 06:00", "25:00 to 06:00", "22:00 to 30:00", ""])
def test_what_is_no_window_is_said(span):
    with pytest.raises(ConfigError, match="windows"):
        Window.of(span)


def write(folder, text):
    (folder / "night.toml").write_text(text)
    return folder / "night.toml"


def test_a_job_file_names_things_from_where_it_lies(tmp_path):
    path = write(tmp_path, 'inputs = ["in"]\noutput = "out"\n[settings.pose]\nmodel = "lite"\n')
    plan = load_plan(path)
    assert (plan.inputs, plan.output) == ((str(tmp_path / "in"),), str(tmp_path / "out"))
    assert plan.orders().settings.pose.model == "lite"
    assert folder_of(plan).name.startswith("night-")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('inputs = ["a"]', "output"),
        ('inputs = []\noutput = "o"', "inputs"),
        ('inputs = ["a"]\noutput = "o"\ncolour = 1', "colour"),
        ('inputs = ["a"]\noutput = "o"\ngroups = "("', "regular expression"),
        ('inputs = ["a"]\noutput = "o"\ngroups = "(?P<boss>x)"', "boss"),
        ('inputs = ["a"]\noutput = "o"\nwindows = ["late"]', "late"),
        ('inputs = ["a"]\noutput = "o"\n[settings]\npose = 3', "settings.pose"),
        ("inputs =", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_job_file_is_said(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        load_plan(write(tmp_path, text))


def test_a_setting_that_is_none_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"pose\.modell"):
        JobPlan(inputs=("a",), output="o", settings={"pose": {"modell": "lite"}}).orders()


def test_orders_are_told_apart_by_what_decides_about_results():
    plan = checked(JobPlan(inputs=("a",), output="o"))
    elsewhere = checked(JobPlan(inputs=("b",), output="p", windows=("22:00 to 06:00",), workers=7))
    other = checked(JobPlan(inputs=("a",), output="o", settings={"analysis": {"rate": 5.0}}))
    assert identity(plan.orders()) == identity(elsewhere.orders())
    assert identity(plan.orders()) != identity(other.orders())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('inputs = ["a"]\noutptu = "o"', "unknown key 'outptu': did you mean 'output'"),
        ('inputs = ["a"]', "'output' is missing; write output = "),
        (
            'inputs = ["a"]\noutput = "o"\n[[priority]]\nmatch = "b"\nprio = 1',
            "'priority[0].prio': did you mean 'priority'",
        ),
        ('inputs = "a"\noutput = "o"', "inputs: expected `array`, got `str`"),
        ("inputs = [a]", "texts stand in quotes"),
    ],
)
def test_what_is_wrong_in_a_job_file_is_named_with_the_next_step(tmp_path, text, said):
    with pytest.raises(ConfigError) as raised:
        load_plan(write(tmp_path, text))
    assert said in str(raised.value)
    assert "night.toml" in str(raised.value)


def test_a_job_file_that_is_not_there_is_said_without_a_number(tmp_path):
    with pytest.raises(ConfigError, match=r"none.toml: the job file cannot be read: No such file or directory; check"):
        load_plan(tmp_path / "none.toml")


def test_names_that_lead_up_are_told_without_it_where_that_is_the_same_folder(tmp_path):
    (tmp_path / "far" / "jobs").mkdir(parents=True)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "jobs")
    assert whole(f"{tmp_path}/jobs/../in") == f"{tmp_path}/in"
    assert whole(f"{tmp_path}/link/../in") == f"{tmp_path}/far/in"
    assert whole(f"{tmp_path}/link/in") == f"{tmp_path}/link/in", "a mount point keeps its name"
    path = write(tmp_path / "jobs", 'inputs = ["../in"]\noutput = "../out"\n')
    assert load_plan(path).inputs == (f"{tmp_path}/in",)
    assert load_plan(path).output == f"{tmp_path}/out"
