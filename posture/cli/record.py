"""`posture record`: encrypted clips of a camera, or of a video that is played as one."""

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.markup import escape

from posture.cli import exits, trail
from posture.cli.opening import say, today, user_vault
from posture.cli.options import AsJson
from posture.cli.screen import stderr
from posture.errors import ConfigError, PostureError
from posture.sinks.recorder_settings import CodecName, Content, Mode

if TYPE_CHECKING:
    from posture.config import Settings
    from posture.live.monitor import Monitor
    from posture.sinks.recording import Recording

LINE_EVERY_S = 10.0
"""Where stderr is no terminal, the sign of the recording is a line when its state changes, and this often."""
SHOWN: dict[Content, str] = {
    "skeleton": "figures on a flat ground; nothing of the picture",
    "background-removed": "people with blurred faces before a flat ground; nothing of the room",
    "background-blurred": "people with blurred faces before a blurred room",
    "faces-blurred": "the whole picture with blurred faces",
    "full": "the whole picture as it is, with every face and everything on screens and walls",
}
"""What each content means, in the words that stand before a recording begins."""

Source = Annotated[
    str | None,
    typer.Argument(metavar="[CAMERA|FILE|demo]", help="Name or id of a camera, a video to play as one, or the demo."),
]
What = Annotated[
    str | None, typer.Option("--content", metavar="WHAT", help=f"{', '.join(get_args(Content))}; default: skeleton.")
]
When = Annotated[
    str | None,
    typer.Option("--mode", metavar="WHEN", help="manual (default), continuous, or event: around each poor posture."),
]
Coded = Annotated[str | None, typer.Option("--codec", metavar="NAME", help=f"{', '.join(get_args(CodecName))}.")]
Rate = Annotated[
    int | None, typer.Option(metavar="HZ", help="Pictures a second; default: 10, or 5 where faces are looked for.")
]
Duration = Annotated[float | None, typer.Option(min=0.1, metavar="S", help="End after so many seconds.")]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Judge by this remembered calibration: --mode event needs one.")
]


def record(
    source: Source = None,
    content: What = None,
    mode: When = None,
    codec: Coded = None,
    rate: Rate = None,
    duration: Duration = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Record a camera into encrypted clips that nobody can read without the vault. Ctrl+C ends it.

    Only figures are recorded unless you say otherwise. Recording needs no passphrase, watching does.
    """
    from posture import config
    from posture.cli.live import desktop, ended_by_signals
    from posture.cli.monitoring import Calibrations, composed
    from posture.live.opening import opening

    settings = config.load(
        {"recorder.content": content, "recorder.mode": mode, "recorder.codec": codec, "recorder.rate": rate}
    )
    if settings.recorder.mode == "event" and profile is None:
        raise ConfigError("--mode event records around poor postures, for which --profile NAME has to say what is poor")
    if words := settings.recorder.refusal():
        raise ConfigError(words)
    trail.started("record")
    user_vault().recipients(today())  # now, not after the first second
    _announce(settings)
    seen = opening(source, settings.camera)
    monitor = composed(seen.open, seen.presence, settings, Calibrations(profile))
    run = _Run(monitor, settings.recorder.mode, duration)
    watch = desktop(pause_on_battery=settings.shell.pause_on_battery)
    with ended_by_signals() as ended:
        try:
            monitor.start()
            if settings.recorder.mode == "manual":
                monitor.record()
            watch(monitor, lambda: not ended and run.step())
        finally:
            monitor.close()
    run.done(as_json=as_json)
    raise typer.Exit(exits.OK if ended else run.code)


def _announce(settings: "Settings") -> None:
    """What will be recorded, and where: before it begins."""
    from posture.vault.places import recordings_folder, warning

    recorder, folder = settings.recorder, recordings_folder(settings.vault.folder)
    key = user_vault().ring().current(today())
    last = key.last_day(settings.vault.keep_days) if key is not None else today()
    say(f"[bold]records[/bold] {SHOWN[recorder.content]}")
    say(f"into {escape(str(folder))}, encrypted; readable with the vault through {last}, then by nobody")
    if words := warning(folder):
        say(f"[yellow]▲ {escape(words)}[/yellow]")


class _Run:
    """Shows the sign of the recording, and knows when it is over."""

    def __init__(self, monitor: "Monitor", mode: Mode, duration_s: float | None) -> None:
        self.code = exits.OK
        self._monitor, self._mode = monitor, mode
        self._until_s = None if duration_s is None else time.monotonic() + duration_s
        self._told_s, self._phase, self._message = 0.0, "", ""

    def step(self) -> bool:
        """Show what is new; whether to go on."""
        from posture.live.snapshot import Phase as Watching
        from posture.sinks.recording import Phase

        snapshot = self._monitor.latest()
        recording = snapshot.recording
        self._show(recording)
        if snapshot.phase is Watching.FAILED:
            say(f"[red]■[/red] {escape(snapshot.message)}")
            self.code = exits.FAILED
        over = self._until_s is not None and time.monotonic() >= self._until_s
        return (
            not over
            and recording.phase is not Phase.FAILED
            and snapshot.phase
            not in (
                Watching.FAILED,
                Watching.STOPPED,
            )
        )

    def done(self, *, as_json: bool) -> None:
        """What came of it. Raises the error that ended it."""
        recording, error = self._monitor.recording, self._monitor.recording_error
        _clear()
        if as_json:
            print(json.dumps({"schema": "posture.record/1", **_as_dict(recording)}, indent=1))
        elif recording.safe_s:
            say(f"recorded {_sign(recording)}, in {escape(str(recording.folder))}")
        else:
            say("nothing was recorded")
        if error is not None:
            if isinstance(error, PostureError):
                raise error
            say(f"[red]■[/red] {escape(recording.message)}")
            self.code = exits.FAILED

    def _show(self, recording: "Recording") -> None:
        """The sign: one line that stays where there is a terminal, or a line now and then."""
        now_s = time.monotonic()
        if recording.message and recording.message != self._message:
            _clear()
            say(f"[yellow]▲ {escape(recording.message)}[/yellow]")
        self._message = recording.message
        if not recording.shows:
            return
        if sys.stderr.isatty():
            _clear()
            stderr.file.write(f"● {recording.phase}  {_sign(recording)}")
            stderr.file.flush()
        elif recording.phase != self._phase or now_s - self._told_s >= LINE_EVERY_S:
            self._told_s, self._phase = now_s, recording.phase
            say(f"● {recording.phase}  {_sign(recording)}")


def _clear() -> None:
    """Take the sign away for what comes in its place."""
    if sys.stderr.isatty():
        stderr.file.write("\r\033[K")


def _sign(recording: "Recording") -> str:
    minutes, seconds = divmod(int(recording.safe_s), 60)
    clips = "1 clip" if recording.clips == 1 else f"{recording.clips} clips"
    lost = f", {recording.lost_s:.0f} s lost" if recording.lost_s else ""
    return f"{minutes}:{seconds:02d} safe, {recording.safe_bytes / 1e6:.1f} MB, {clips}{lost} ({recording.content})"


def _as_dict(recording: "Recording") -> dict[str, object]:
    return {
        "content": recording.content,
        "mode": recording.why,
        "safe_s": round(recording.safe_s, 3),
        "bytes": recording.safe_bytes,
        "lost_s": round(recording.lost_s, 3),
        "clips": recording.clips,
        "folder": None if recording.folder is None else str(recording.folder),
        "elsewhere": recording.elsewhere,
        "message": recording.message or None,
    }
