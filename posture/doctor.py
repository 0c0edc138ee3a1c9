"""Examine an installation: every finding names what was looked at, what was found and, where it is bad, the repair."""

import getpass
import importlib.metadata
import os
import platform
import re
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from posture import __version__
from posture.errors import PostureError

LIBRARIES = ("numpy", "av", "opencv-python-headless", "msgspec", "cryptography", "typer", "rich", "jinja2", "typst")
RUNTIME_WITH_UPLOADER = (1, 29)
"""First ONNX Runtime version whose Linux and macOS wheels carry a telemetry uploader."""
# A slash that stands at the start of a word, a drive letter or a share; up to a space or closing mark.
_ABSOLUTE = re.compile(r"""(?<![\w.~>/-])(?:[A-Za-z]:[\\/]|\\\\|/)[^\s:;,"'()]+""")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    state: Literal["ok", "note", "bad"]
    what: str
    found: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)


def examine() -> list[Finding]:
    """Every check, the quick ones first. The last one analyses two seconds of the demo in the sandboxed child."""
    libraries = [_system(), *_libraries(), _runtime(), _tflite(), telemetry(), _providers(), *_opencv(), encryption()]
    return [*libraries, _models(), _settings(), *analysis()]


def bundle(findings: list[Finding]) -> str:
    """The findings as text for a bug ticket, without user name, host name, home folder or addresses."""
    lines = [f"posture {__version__}", *(f"{f.state:4}  {f.what}: {f.found}  {f.advice}".rstrip() for f in findings)]
    return redact("\n".join(lines) + "\n")


def redact(text: str) -> str:
    """Replace what tells who or where: folders, every other absolute path, the user and host name."""
    for path, name in sorted(_known_paths().items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"(?<![\w.~/\\-]){re.escape(path)}(?![\w-])", name, text)
    text = _ABSOLUTE.sub("<path>", text)
    words = {_user(): "<user>", Path.home().name: "<user>", platform.node(): "<host>"}
    for word, name in words.items():
        if len(word) > 2:  # "pi" or "me" stands in other words
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", name, text, flags=re.IGNORECASE)
    return text


def _known_paths() -> dict[str, str]:
    """Folders and files by their path, as it may stand in a text: with spaces, which no pattern could follow."""
    known = {Path(tempfile.gettempdir()): "<tmp>", Path.cwd(): "<cwd>", Path.home(): "~", Path(sys.prefix): "<python>"}
    known[Path(__file__).parents[1]] = "<program>"
    if config := os.environ.get("POSTURE_CONFIG"):
        known[Path(config)] = known[Path(config).absolute()] = "<settings>"
    both = {path: name for given, name in known.items() for path in (given, given.resolve())}
    return {str(path): name for path, name in both.items() if path.name}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in this container
        return ""


def _system() -> Finding:
    found = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("ok", "system", found)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _libraries() -> list[Finding]:
    versions = {name: _version(name) for name in LIBRARIES}
    missing = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if missing:
        return [Finding("bad", "libraries", found, f"missing: {', '.join(missing)}; run `pip install .` again")]
    return [Finding("ok", "libraries", found)]


def runtimes() -> list[str]:
    """The installed distributions of the model runtime: those that write the folder `onnxruntime` (add-ons do not)."""
    found = (d for d in importlib.metadata.distributions() if (d.name or "").lower().startswith("onnxruntime"))
    return sorted({d.name.lower() for d in found if any(file.parts[0] == "onnxruntime" for file in d.files or ())})


def _runtime() -> Finding:
    names = runtimes()
    found = ", ".join(f"{name} {_version(name)}" for name in names) or "none"
    if len(names) > 1:  # they write the same folder: the last one installed wins, removing one breaks the other
        advice = f"keep one: pip uninstall -y {' '.join(names)} && pip install --force-reinstall {names[0]}"
        return Finding("bad", "ONNX Runtime", found, advice)
    if not names:
        return Finding("bad", "ONNX Runtime", found, "run `pip install .` again")
    return Finding("ok", "ONNX Runtime", found)


def _tflite() -> Finding:
    """An extra; without it TFLite models that were added do not run."""
    version = _version("ai-edge-litert")
    return Finding("ok", "TFLite models", f"ai-edge-litert {version}" if version else "not installed, an extra: tflite")


def telemetry() -> Finding:
    """Whether the model runtime could send anything, and whether that is switched off."""
    switched_off = os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    version = next((_version(name) for name in runtimes()), None) or "0"
    has_uploader = tuple(int(part) for part in version.split(".")[:2]) >= RUNTIME_WITH_UPLOADER
    carries = "may carry an" if has_uploader else "carries no"
    found = f"switched {'off' if switched_off else 'ON'}; the runtime {carries} uploader"
    if has_uploader:
        return Finding("note", "telemetry", found, "install the version that pyproject.toml asks for (below 1.29)")
    return Finding("ok" if switched_off else "bad", "telemetry", found)


def _providers() -> Finding:
    try:
        from posture.pose.session import available_providers
    except ImportError as exc:  # no runtime, or one that another distribution has overwritten
        return Finding("bad", "providers", str(exc), "run `pip install .` again")
    return Finding("ok", "providers", ", ".join(available_providers()))


def _opencv() -> list[Finding]:
    if _version("opencv-python") and _version("opencv-python-headless"):
        advice = "keep one: pip uninstall -y opencv-python && pip install --force-reinstall opencv-python-headless"
        return [Finding("bad", "OpenCV", "both opencv-python and opencv-python-headless", advice)]
    return []


def encryption() -> Finding:
    """Whether AES-256-GCM gives the right result here, how fast, and whether the processor has instructions for it."""
    try:
        from posture.vault.speed import measured

        speed = measured()
    except (ImportError, PostureError) as error:  # no library, or one that another installation has overwritten
        return Finding("bad", "encryption", str(error), "run `pip install .` again")
    found = f"AES-256-GCM {'in hardware' if speed.hardware else 'WITHOUT hardware AES'}, {speed.mb_per_s:,.0f} MB/s"
    if speed.hardware:
        return Finding("ok", "encryption", found)
    return Finding("note", "encryption", found, "just as safe, but recordings take more of the processor")


def _models() -> Finding:
    from posture.pose.catalogue import Catalogue

    try:
        results = Catalogue.load().verify_all()
    except PostureError as error:
        return Finding("bad", "models", str(error), "install the program again")
    failed = [result for result in results if not result.ok]
    if failed:
        return Finding("bad", "models", f"{len(failed)} not as they should be", "; ".join(r.message for r in failed))
    count = sum(result.state == "verified" for result in results)
    return Finding("ok", "models", f"{count} verified by SHA-256")


def _settings() -> Finding:
    from posture import config

    try:
        config.load()
    except PostureError as error:
        return Finding("bad", "settings", str(config.config_path()), str(error))
    return Finding("ok", "settings", str(config.config_path()))


def analysis() -> list[Finding]:
    """Two seconds of the demo through the real child: which kernel limits hold there, and whether a person is found."""
    from posture import wire
    from posture.config import Settings
    from posture.job import Job

    settings = Settings()
    spec = wire.JobSpec(
        path=None,
        end_s=2.0,
        pose=settings.pose,
        measure=settings.measure,
        analysis=settings.analysis,
        memory_bytes=settings.job.memory_mib << 20,
    )
    job, started, people, frames = Job(spec, settings.job), None, 0, 0
    try:
        for message in job:
            if isinstance(message, wire.Started):
                started = message
            elif isinstance(message, wire.Batch):
                frames += len(message.observations)
                people += sum(bool(observation.people) for observation in message.observations)
    except PostureError as error:
        return [Finding("bad", "analysis", str(error), "report it with `posture doctor --bundle FILE`")]
    finally:
        job.close()
    assert started is not None
    layers = "; ".join(started.layers)
    no_network = any("seccomp" in layer for layer in started.layers)
    sandbox = Finding(
        "ok" if no_network else "note",
        "decoding process",
        layers or "no kernel limits on this system",
        "" if no_network else "the kernel does not block the network here; use the system's firewall if you need that",
    )
    fallback = f" ({started.fallback_reason})" if started.fallback_reason else ""
    state: Literal["ok", "bad"] = "ok" if people == frames > 0 else "bad"
    found = f"demo: a person in {people} of {frames} frames, {started.model} on {started.provider}{fallback}"
    return [sandbox, Finding(state, "analysis", found)]
