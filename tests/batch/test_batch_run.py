"""Whole jobs with real workers: the same bytes as single runs, whatever happens to the program."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import batch_kill
import msgspec
import pytest
from PIL import Image
from typer.testing import CliRunner

from posture.analysis import Analysis
from posture.batch import manifest
from posture.batch import workers as workers_module
from posture.batch.bundle import run_bundle
from posture.batch.single import Control, failure, run_task
from posture.batch.work import FileOutcome, Orders, new_task
from posture.batch.workers import LocalWorkers, how_many
from posture.cli import app
from posture.cli.batch_screen import shown_trouble
from posture.config import OutputSettings, Settings
from posture.errors import CannotRead, NoInput, OutputExists, Stalled, VideoUnreadable
from posture.job import JobSettings
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings

SETTINGS = Settings(
    pose=PoseSettings(model="lite", providers=("cpu",)),
    analysis=AnalysisSettings(rate=5.0),
    output=OutputSettings(formats=("json", "csv")),
)
ORDERS = Orders(settings=SETTINGS)
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips") / "in"
    batch_kill.make_clips(folder, 3)
    return folder


def files(folder):
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if "manifest" not in name and "posture-batch" not in name}


def run(*words, code=0):
    result = CliRunner().invoke(app, ["batch", *map(str, words)])
    assert result.exit_code == code, result.output
    return result.output


def test_a_job_gives_what_single_runs_give(clips, tmp_path):
    from posture.sources.demo import DemoSource

    picture = clips / "person.png"
    Image.fromarray(DemoSource().render(0.0).to_ndarray(format="rgb24")).save(picture)
    (clips / "broken.png").write_bytes(b"no picture")
    run(
        "run",
        clips,
        "-o",
        tmp_path / "job",
        "--model",
        "lite",
        "--provider",
        "cpu",
        "--rate",
        "5",
        "--format",
        "json,csv",
        code=3,
    )
    for path in (*sorted(clips.glob("*.mp4")), picture):
        Analysis(path, SETTINGS).run(tmp_path / "single" / path.stem, lambda *_: None)
    assert files(tmp_path / "job") == files(tmp_path / "single")
    status = json.loads(run("status", "--json"))["jobs"][0]
    assert status["files"] == {"waiting": 0, "running": 0, "done": 4, "failed": 1, "refused": 0}
    (clips / "broken.png").unlink()
    picture.unlink()


def test_a_job_that_is_killed_again_and_again_ends_with_the_same_bytes(tmp_path):
    assert batch_kill.run(tmp_path, clips=3, kills=2) == 0


def test_the_summary_has_every_file_worst_first(clips, tmp_path):
    job = tmp_path / "night.toml"
    groups = r"(?P<task>clip)-(?P<person>\\d+)"
    job.write_text(
        f'inputs = ["{clips}"]\noutput = "out"\ngroups = "{groups}"\n'
        '[settings.pose]\nmodel = "lite"\n[settings.analysis]\nrate = 5.0\n[settings.output]\nformats = ["json"]\n'
    )
    run("run", job)
    out = tmp_path / "out"
    document = json.loads((out / "posture-batch.json").read_bytes())
    assert document["states"] == {"done": 3, "failed": 0, "refused": 0}
    assert [one["name"] for one in document["by_task"]] == ["clip"]
    assert sorted(one["name"] for one in document["by_person"]) == ["00000", "00001", "00002"]
    with (out / "posture-batch.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert sorted({row["file"] for row in rows}) == [f"clip-0000{n}.mp4" for n in range(3)]
    page = (out / "posture-batch.html").read_text()
    assert "night" in page
    assert "<script" not in page
    assert str(tmp_path) not in page + json.dumps(document)


def test_the_manifest_names_source_and_results_by_their_hashes(clips, tmp_path):
    path = clips / "clip-00000.mp4"
    task = new_task(path, tmp_path / "out" / "clip", ORDERS)
    outcome = run_task(task, lambda _: None)
    found = json.loads((tmp_path / "out" / "clip.manifest.json").read_bytes())
    assert (found["source_sha256"], found["source_bytes"]) == manifest.digest(path)
    listed = {one["name"]: (one["sha256"], one["size_bytes"]) for one in found["results"]}
    assert listed == {name: manifest.digest(tmp_path / "out" / name) for name in ("clip.json", "clip.csv")}
    assert outcome.state == "done"


def test_results_that_are_whole_are_recognised_and_others_are_not(clips, tmp_path):
    source = tmp_path / "clip.mp4"
    source.write_bytes((clips / "clip-00000.mp4").read_bytes())
    task = new_task(source, tmp_path / "out" / "clip", ORDERS)
    first = run_task(task, lambda _: None)
    progress = []
    again = run_task(task, progress.append)
    assert (again.results, again.row, again.frames, progress) == (first.results, first.row, first.frames, [])
    other = new_task(source, tmp_path / "out" / "clip", msgspec.structs.replace(ORDERS, end_s=0.5))
    assert run_task(other, lambda _: None).state == "refused"
    (tmp_path / "out" / "clip.csv").write_bytes(b"changed")
    assert run_task(task, lambda _: None).state == "refused"
    mended = run_task(new_task(source, tmp_path / "out" / "clip", ORDERS, overwrite=True), lambda _: None)
    assert mended.results == first.results


@pytest.mark.parametrize("what", ["analyze", "redact"])
def test_a_picture_that_kills_its_child_costs_itself_alone(what, tmp_path, monkeypatch):
    from posture import job as job_module
    from posture.sources.demo import DemoSource

    pixels = DemoSource().render(0.0).reformat(192, 144).to_ndarray(format="rgb24")
    for name in ("a", "b", "c"):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    read, killed = job_module.wire.read, []

    def reading(stream):
        message = read(stream)
        if isinstance(message, job_module.wire.Started | job_module.wire.Begun):
            killed.append(message)
            if len(killed) == 2:
                return None  # as the end of a child that died at its second picture
        return message

    monkeypatch.setattr(job_module.wire, "read", reading)
    orders = msgspec.structs.replace(ORDERS, what=what)
    tasks = [new_task(tmp_path / f"{name}.png", tmp_path / "out" / name, orders) for name in ("a", "b", "c")]
    states = {}

    def on_event(task, event):
        if isinstance(event, FileOutcome):
            states[task.source.stem] = event.state

    run_bundle(tasks, on_event)
    assert states == {"a": "done", "b": "failed", "c": "done"}


def test_a_task_that_is_stopped_before_it_begins_goes_on_later(clips, tmp_path):
    control = Control()
    control.stop()
    task = new_task(clips / "clip-00000.mp4", tmp_path / "out" / "clip", ORDERS)
    assert run_task(task, lambda _: None, tmp_path / "kept", control).state == "stopped"
    assert not (tmp_path / "out").exists()


@posix
def test_a_worker_that_is_killed_costs_one_try_and_another_goes_on(clips, tmp_path):
    workers = LocalWorkers(1)
    tasks = [new_task(path, tmp_path / "out" / path.stem, ORDERS, overwrite=True) for path in sorted(clips.iterdir())]
    outcomes, kill = {}, True
    for task, event in workers.run(iter(tasks)):
        if kill:
            os.kill(workers._processes[0]._child.pid, signal.SIGKILL)
            kill = False
        if isinstance(event, FileOutcome):
            outcomes.setdefault(task.source.name, []).append((event.state, event.passing))
    workers.close()
    assert next(iter(outcomes.values())) in ([("failed", True)], [("done", False)])
    assert [seen[-1] for seen in list(outcomes.values())[1:]].count(("done", False)) >= 1
    assert len(outcomes) == 3


@posix
@pytest.mark.parametrize("dies", [True, False], ids=["killed", "in the kernel, where nothing ends it"])
def test_a_worker_that_stands_still_is_ended_or_left_behind_and_costs_one_try(clips, tmp_path, monkeypatch, dies):
    settings = msgspec.structs.replace(ORDERS.settings, job=JobSettings(stall_s=0.1))
    task = new_task(
        clips / "clip-00000.mp4", tmp_path / "out" / "a", msgspec.structs.replace(ORDERS, settings=settings)
    )
    monkeypatch.setattr(workers_module, "SILENCE_S", 0.1)
    monkeypatch.setattr(workers_module, "DIES_S", 60.0 if dies else 0.1)
    children = []

    class Still(subprocess.Popen):
        def __init__(self, *words, **more):
            super().__init__(*words, **more)
            children.append(self)
            self.send_signal(signal.SIGSTOP)

        def kill(self):
            if dies:
                super().kill()

    monkeypatch.setattr(workers_module.subprocess, "Popen", Still)
    workers = LocalWorkers(1)
    ((_, outcome),) = workers.run(iter([task]))
    workers.close()
    assert (outcome.state, outcome.passing) == ("failed", True)
    assert "died or hung" in outcome.message
    (child,) = children
    assert bool(workers_module.left_behind) is not dies
    child.send_signal(signal.SIGKILL)
    child.wait(60)
    while workers_module.left_behind:
        workers_module.left_behind.pop().close()


def test_workers_go_by_processors_and_memory():
    assert how_many(processors=8, memory_mib=64000) == 8
    assert how_many(processors=8, memory_mib=1500) == 2
    assert how_many(processors=8, memory_mib=100) == 1


def test_a_dry_run_does_nothing(clips, tmp_path):
    told = json.loads(run("run", clips, "-o", tmp_path / "out", "--dry-run", "--json", "--priority", "*2.mp4=9"))
    assert [Path(one["file"]).name for one in told["files"]] == [f"clip-0000{n}.mp4" for n in (2, 0, 1)]
    assert not (tmp_path / "out").exists()
    assert json.loads(run("status", "--json"))["jobs"] == []


def test_a_folder_without_a_file_is_no_job_that_is_done(tmp_path):
    (tmp_path / "share").mkdir()
    wrong = CliRunner().invoke(app, ["batch", "run", str(tmp_path / "share"), "-o", str(tmp_path / "out")]).exception
    assert isinstance(wrong, NoInput)
    assert "is the share mounted" in str(wrong)


def test_files_of_one_name_are_told_apart(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "clip.mp4").write_bytes(b"no video")
        os.utime(tmp_path / "in" / folder / "clip.mp4", (1e9, 1e9))
    ended = CliRunner().invoke(app, ["batch", "run", str(tmp_path / "in"), "-o", str(tmp_path / "out")])
    assert ended.exit_code == 3
    for said in (ended.output, run("status", "in")):
        assert {line[2:13] for line in said.splitlines() if line.startswith("■")} == {"a/clip.mp4:", "b/clip.mp4:"}


def test_what_is_left_out_is_said_in_one_line_whatever_its_name(capsys):
    shown_trouble("/share/\udce9[red]\n\x1b[31m: Permission denied; what lies in it was left out")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "\x1b[31m" not in said
    assert "[red]" in said


def test_a_job_with_other_settings_is_another_job(clips, tmp_path):
    words = ("run", clips, "-o", tmp_path / "out", "--model", "lite", "--format", "json", "--rate")
    run(*words, "5")
    assert "other settings" in str(CliRunner().invoke(app, ["batch", *map(str, words), "4"]).exception)


def test_figures_for_prometheus_hold_no_names(clips, tmp_path):
    run("run", clips, "-o", tmp_path / "out", "--model", "lite", "--format", "json", "--metrics", tmp_path / "m.prom")
    text = (tmp_path / "m.prom").read_text()
    assert 'posture_batch_files{state="done"} 3' in text
    assert "clip" not in text


def test_a_job_is_the_same_from_any_folder(clips, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("run", os.path.relpath(clips), "-o", "out", "--model", "lite", "--format", "json", "--rate", "5")
    (job,) = json.loads(run("status", "--json"))["jobs"]
    assert job["output"] == str(tmp_path / "out")


def test_verbs_without_a_job_say_so():
    assert "there is no job yet" in run("status")
    for verb in ("retry", "stop"):
        assert "no job" in str(CliRunner().invoke(app, ["batch", verb]).exception)


def test_analyze_resume_leaves_out_what_is_done(clips, tmp_path):
    words = ["analyze", str(clips / "clip-00000.mp4"), "-o", str(tmp_path), "--resume", "--format", "json", "--json"]
    first = json.loads(CliRunner().invoke(app, words).stdout)
    again = json.loads(CliRunner().invoke(app, words).stdout)
    assert "report" in first["files"][0]
    assert again["files"] == [{"file": "clip-00000.mp4", "exit": 0, "there": True}]


def test_a_worker_ends_when_its_job_is_gone():
    worker = subprocess.Popen(
        [sys.executable, "-m", "posture.batch.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    worker.stdin.close()
    assert worker.wait(timeout=60) == 1
    worker.stdout.close()


@pytest.mark.parametrize(
    ("error", "state", "passing"),
    [
        (Stalled("nothing came"), "failed", True),
        (CannotRead("gone"), "failed", True),
        (VideoUnreadable("no video"), "failed", False),
        (OutputExists("there already"), "refused", False),
    ],
)
def test_what_may_pass_is_tried_again(tmp_path, error, state, passing):
    outcome = failure(new_task(tmp_path / "a.mp4", tmp_path / "a", ORDERS), error)
    assert (outcome.state, outcome.passing) == (state, passing)
