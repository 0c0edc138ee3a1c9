"""A watched folder without waiting: a clock that moves where somebody waits, a real folder, and workers that copy."""

import hashlib
import os
from pathlib import Path
from types import SimpleNamespace

from posture.batch import manifest
from posture.batch.seen import Seen
from posture.batch.standing import Away, Folder
from posture.batch.watching import Options, Watching
from posture.batch.work import FileOutcome, Orders, ResultFile
from posture.errors import PostureError

SETTLE_S = 5.0


class CopyingWorkers:
    """Implements `Workers`: the result of a file is its hash. `on_task` may do something meanwhile."""

    def __init__(self):
        self.number = 1
        self.done = []
        self.fails = {}
        self.on_task = lambda task: None
        self.cancelled = False

    def run(self, tasks):
        for task in tasks:
            if task is None:
                raise AssertionError("nothing is in hand between two tasks")
            yield task, self._do(task)

    def cancel(self):
        self.cancelled = True

    def close(self):
        pass

    def _do(self, task):
        self.on_task(task)
        if self.cancelled:
            return FileOutcome(state="stopped")
        if (failure := self.fails.get(task.source.name)) is not None:
            return failure
        if (found := manifest.adopted(task)) is not None:
            return found
        self.done.append(os.fsdecode(task.path))
        try:
            digest, size = manifest.digest(task.source)
            report = task.target.with_name(task.target.name + ".json")
            report.parent.mkdir(parents=True, exist_ok=True)
            with report.open("w" if task.overwrite else "x") as file:
                file.write(digest)
            result = ResultFile("json", os.fsencode(report.name), *manifest.digest(report))
        except FileExistsError:
            return FileOutcome(state="refused", error="OutputExists", message="is there")
        except (OSError, PostureError) as exc:
            return FileOutcome(state="failed", error=type(exc).__name__, message=str(exc), passing=True)
        outcome = FileOutcome(state="done", results=(result,), source_sha256=digest, source_bytes=size)
        manifest.write(task, outcome)
        return outcome


class Desk:
    """A folder that is watched. `later(seconds, action)` does something to it when the clock gets there."""

    def __init__(self, tmp_path, *, what="analyze", target=None, once=False, move_to=None):
        self.folder = tmp_path / "in"
        self.folder.mkdir(exist_ok=True)
        self.target = target or tmp_path / "out"
        self.journal = tmp_path / "seen.sqlite"
        self.what, self.once, self.move_to = what, once, move_to
        self.workers = CopyingWorkers()
        self.now_s = 1000.0
        self.events = []
        self.away = ""
        self.held = set()
        self.outcomes = []
        self._later = []

    def put(self, name, content=b"video", at_s=None):
        path = self.folder / (os.fsdecode(name) if isinstance(name, bytes) else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if at_s is not None:
            os.utime(path, (at_s, at_s))
        return path

    def later(self, seconds, action):
        self._later.append((self.now_s + seconds, action))

    def run(self, until_s=600.0):
        """Watch for so many seconds of the clock; returns the events."""
        self.events = []
        leave = [each for each in (self.target, self.move_to) if each]
        looks = Folder(self.folder, self.what, leave)
        seen = Seen(self.journal)
        ends_s = self.now_s + until_s

        def look():
            if self.away:
                raise Away(self.away)
            return looks.look()

        watched = SimpleNamespace(path=self.folder, look=look)

        def wait(seconds):
            soon = min([when for when, _ in self._later] + [self.now_s + seconds])
            self.now_s = max(self.now_s, soon) if seconds else self.now_s
            due = [each for each in self._later if each[0] <= self.now_s]
            self._later = [each for each in self._later if each[0] > self.now_s]
            for _, action in due:
                action()
            if self.now_s >= ends_s:
                watching.stop()
            return bool(due)

        watching = Watching(
            watched, Orders(what=self.what),
            Options(target=self.target, settle_s=SETTLE_S, move_to=self.move_to, once=self.once),
            seen, self.workers, now=lambda: self.now_s, wait=wait, on_event=self._heard,
            held=lambda path: path.name in self.held,
        )  # fmt: skip
        self.watching = watching
        try:
            self.end = watching.run()
        finally:
            seen.close()
            self.workers.cancelled = False
        return [(each.event, each.file) for each in self.events if each.event not in {"started", "ended", "taken"}]

    def results(self):
        return {os.fsencode(path.relative_to(self.target)): path.read_text() for path in self.target.rglob("*.json")
                if "manifest" not in path.name}  # fmt: skip

    def _heard(self, event, outcome):
        self.events.append(event)


def digest(content):
    return hashlib.sha256(content).hexdigest()


def grow(path, content):
    with Path(path).open("ab") as file:
        file.write(content)
