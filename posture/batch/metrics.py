"""Figures of a job in Prometheus' text format 0.0.4, for the textfile collector of its node exporter: never a port."""

from posture.batch.journal import STATES, Counts


def text(counts: Counts, in_hand: int, eta_s: float | None) -> str:
    """The whole file. No name of a file or a person is in it."""
    lines = [
        "# HELP posture_batch_files Files of the job by their state.",
        "# TYPE posture_batch_files gauge",
        *(f'posture_batch_files{{state="{state}"}} {counts.files[state]}' for state in STATES),
        "# HELP posture_batch_bytes Size of those files.",
        "# TYPE posture_batch_bytes gauge",
        *(f'posture_batch_bytes{{state="{state}"}} {counts.size_bytes[state]}' for state in STATES),
        *_gauge("frames", "Frames decoded.", counts.frames),
        *_gauge("media_seconds", "Length of what was analysed.", round(counts.media_s, 3)),
        *_gauge("in_hand", "Files that are being worked on.", in_hand),
    ]
    if eta_s is not None:
        lines += _gauge("left_seconds", "Work that is left, foretold from this run.", eta_s)
    return "\n".join(lines) + "\n"


def _gauge(name: str, words: str, value: float) -> list[str]:
    full = f"posture_batch_{name}"
    return [f"# HELP {full} {words}", f"# TYPE {full} gauge", f"{full} {value}"]
