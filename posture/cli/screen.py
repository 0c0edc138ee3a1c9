"""What a person sees on the terminal: progress on stderr, one line every five seconds where there is no terminal."""

import json
import sys
import time
from types import TracebackType
from typing import Literal, Self

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

PIPE_WIDTH = 160
"""Columns of a table that goes to a file or another program."""

stdout = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
stderr = Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH)


def say(text: str) -> None:
    """A sentence on stderr as it is, whatever names are in it."""
    stderr.print(text, markup=False, highlight=False, soft_wrap=True)


def new_grid(*columns: str, title: str | None = None) -> Table:
    """An empty table in the one style of this program."""
    return Table(*columns, title=title, title_justify="left", box=SIMPLE, pad_edge=False)


ProgressMode = Literal["auto", "none", "json"]
LINE_EVERY_S, JSON_EVERY_S = 5.0, 1.0


class ProgressReport:
    """Progress of a run over one or more files. `update` may be called as often as one likes."""

    def __init__(self, mode: ProgressMode, files: int) -> None:
        self._mode = mode
        self._files = files
        self._file = 0
        self._name = ""
        self._began_s = self._shown_s = 0.0
        self._bar: Progress | None = None
        if mode == "auto" and stderr.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(complete_style="blue"),
                TextColumn("{task.percentage:3.0f} %"),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=stderr,
                transient=True,
            )

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def begin(self, name: str) -> None:
        """A new file."""
        self._file += 1
        self._name = name
        self._began_s = self._shown_s = time.monotonic()
        if self._bar:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(self._label(), total=None, rate="")

    def update(self, time_s: float, duration_s: float, frames: int) -> None:
        """`time_s` of `duration_s` stream seconds are done (NaN: length unknown), `frames` frames are decoded."""
        now = time.monotonic()
        spent_s = max(now - self._began_s, 1e-6)
        share = min(time_s / duration_s, 1.0) if duration_s > 0 else None
        if self._bar:
            total = duration_s if share is not None else None
            self._bar.update(self._bar.task_ids[-1], completed=time_s, total=total, rate=_per_second(frames / spent_s))
        elif self._mode != "none" and now - self._shown_s >= (JSON_EVERY_S if self._mode == "json" else LINE_EVERY_S):
            self._shown_s = now
            self._line(share, frames, frames / spent_s, spent_s)

    def _label(self) -> str:
        place = f"{self._file}/{self._files} " if self._files > 1 else ""
        return place + escape(self._name)

    def _line(self, share: float | None, frames: int, rate: float, spent_s: float) -> None:
        eta_s = None if not share else spent_s * (1 / share - 1)
        if self._mode == "json":
            fields = {"file": self._name, "share": share, "frames": frames, "fps": round(rate, 1), "eta_s": eta_s}
            print(json.dumps({"schema": "posture.progress/1", **fields}), file=sys.stderr, flush=True)
            return
        done = "" if share is None else f" {share:.0%}"
        left = "" if eta_s is None else f", about {eta_s:.0f} s left"
        stderr.print(
            f"{self._label()}:{done}, {frames} frames, {_per_second(rate)}{left}", markup=False, highlight=False
        )


def _per_second(rate: float) -> str:
    return f"{rate:.0f} fps" if rate >= 10 else f"{rate:.1f} fps"
