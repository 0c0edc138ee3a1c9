"""The command line: `posture VERB`. stdout carries data, stderr what a person reads; exit codes are in `exits`."""

import inspect
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from posture import __version__
from posture.cli import (
    analyze,
    audit,
    batch,
    bench,
    compare,
    config,
    doctor,
    evaluate,
    fleet,
    keys,
    live,
    merge,
    models,
    privacy,
    record,
    recordings,
    redact,
    scrub,
    sittings,
    trail,
    verify,
    verify_install,
    watch,
)
from posture.cli.exits import CANCELLED, FAILED, OK, USAGE, exit_code
from posture.cli.interrupt import end_in_order
from posture.cli.screen import stderr
from posture.errors import PostureError
from posture.privacy import guard

app = typer.Typer(
    name="posture",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Measure posture in recorded video, on this machine only.",
    rich_markup_mode="rich",
)
app.command("analyze")(analyze.analyze)
app.command("compare")(compare.compare)
app.command("merge")(merge.merge)
app.command("report")(sittings.report)
app.command("demo")(analyze.demo)
app.command("live")(live.live)
app.command("record")(record.record)
app.command("redact")(redact.redact)
app.command("scrub")(scrub.scrub)
app.command("evaluate")(evaluate.evaluate)
app.command("bench")(bench.bench)
app.command("doctor")(doctor.doctor)
app.command("verify")(verify.verify)
app.command("verify-install")(verify_install.verify_install)
app.add_typer(batch.app, name="batch")
app.command("watch")(watch.watch)
app.add_typer(recordings.app, name="recordings")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(config.app, name="config")
app.add_typer(privacy.app, name="privacy")
app.add_typer(audit.app, name="audit")
app.add_typer(fleet.app, name="fleet")


def _version(asked: bool) -> None:
    if asked:
        print(f"posture {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Without a verb: the window, or this help where there is no display."""
    if context.invoked_subcommand is not None:
        return
    from posture.cli.window import has_display

    if has_display():
        live.live()
    else:
        print(context.get_help())
        raise typer.Exit(USAGE)


def _reflow(verbs: typer.Typer) -> None:
    """Let paragraphs of the help end where the terminal does: the library keeps the line breaks of a docstring."""
    for verb in verbs.registered_commands:
        text = inspect.cleandoc(verb.help or (verb.callback and verb.callback.__doc__) or "")
        verb.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    for group in verbs.registered_groups:
        if group.typer_instance is not None:
            _reflow(group.typer_instance)


_reflow(app)


def main() -> None:
    """Entry point of the `posture` command. Every error becomes one line and an exit code, never a traceback."""
    guard.go_offline(trail.blocked, for_fleet=fleet.wants_network(sys.argv[1:]))
    end_in_order()
    code = _code_of(app)
    sys.exit(_code_of(lambda: trail.ended(code)) or code)


def _code_of(run: Callable[[], object]) -> int:
    """The exit code that `run` ends with; what went wrong is printed."""
    try:
        run()
    except SystemExit as end:  # how typer ends, always with a number
        return end.code if isinstance(end.code, int) else FAILED
    except PostureError as error:
        stderr.print(f"[red]error[/red] {type(error).__name__}: ", end="", highlight=False)
        stderr.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return exit_code(error)
    except KeyboardInterrupt:
        stderr.print("stopped")
        return CANCELLED
    except BrokenPipeError:  # the reader of our stdout went away: `posture … | head`
        sys.stderr.close()
        return FAILED
    except Exception as error:  # noqa: BLE001 - the program's top: a defect is said in one line, not as a traceback
        stderr.print(f"internal error: {error!r}", markup=False, highlight=False, soft_wrap=True)
        stderr.print("please report it together with the output of `posture doctor --bundle FILE`", highlight=False)
        return FAILED
    return OK
