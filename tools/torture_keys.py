"""A hundred wrong keys for one clip: the same answer each time, and nothing on the disk that was not there before."""

import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from torture_clips import finder, fragment, new_clip, secret, written
from torture_figure import Asked, Figure

from posture.errors import VaultError
from posture.vault.clip import open_clip, verify
from posture.vault.recipient import X25519, X_WING, Secret, Secrets

_PLAIN = re.compile(rb"ftyp|moov|moof|mdat|\xff\xd8\xff|\x89PNG|RIFF|matroska")
"""What pictures and videos begin with, or hold near their beginning."""


def wrong_keys(asked: Asked) -> Iterator[Figure]:
    """Keys of both kinds, of others and under the id of the right one; with a control that finds plaintext."""
    draw = random.Random(asked.seed)
    right = secret(X_WING, draw)
    writer, path = new_clip(asked.folder, right.recipient)
    written(writer, [fragment(draw, 50_000), fragment(draw, 50_000)])
    writer.close()
    before = files(asked.folder)
    answers: set[str] = set()
    for number in range(asked.times(100, 10)):
        other = secret((X25519, X_WING)[number % 2], draw)
        liar = Secret(right.recipient, other.seed)  # another secret under the right id
        for secrets in (finder(other), finder(liar)):
            answers.update(_answers(path, secrets))
    appeared = files(asked.folder) - before
    plain = sum(holds_plaintext(folder_file) for folder_file in asked.folder.iterdir())
    control = asked.folder / "control"
    with path.open("rb") as file:
        control.write_bytes(open_clip(file, finder(right)).readall())
    seen = holds_plaintext(control)
    control.unlink()
    wrong = len(appeared) + plain + (answers != {"WrongKey"}) + (not seen)
    found = f"{sorted(answers)}, {len(appeared)} new files, {plain} with plaintext; the control is found: {seen}"
    yield Figure(f"{asked.times(100, 10)} wrong keys", found, wrong)


def _answers(path: Path, secrets: Secrets) -> Iterator[str]:
    for run in (open_clip, verify):
        with path.open("rb") as file:
            try:
                run(file, secrets)
                yield "opened"
            except VaultError as error:
                yield type(error).__name__


def files(folder: Path) -> set[Path]:
    """All there, and in the folder for temporary files."""
    return set(folder.rglob("*")) | set(Path(tempfile.gettempdir()).glob("*.mp4"))


def holds_plaintext(path: Path) -> bool:
    """Whether something in it looks like the beginning of a picture or a video."""
    return _PLAIN.search(path.read_bytes()) is not None
