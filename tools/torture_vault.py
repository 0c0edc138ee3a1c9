"""The keys of a vault: wrong passphrases, and processes that are killed while they change them."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from torture_clips import fragment, written
from torture_figure import Asked, Figure
from torture_keys import files, holds_plaintext

from posture.errors import VaultError, WrongKey
from posture.sinks.clipfile import created
from posture.vault.clip import ClipWriter
from posture.vault.keyfile import DEFAULT_COST, Cost
from posture.vault.store import Unlocked, Vault

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 28)
WORDS = ("correct horse", "battery staple")
CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)
MOST_S = 0.08
"""A round of changes takes about as long, so that kills hit each of them."""

CHANGES = """
import sys
from datetime import date, timedelta
from pathlib import Path
from torture_vault import TODAY, WORDS, opened
vault, unlocked = opened(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for words in WORDS:
        unlocked.rotate(TODAY)
        unlocked.new_hold(TODAY, TODAY + timedelta(90), TODAY)
        unlocked.change_passphrase(words)
        vault.erase([key.key_id for key in vault.ring().keys if key.until])
"""


def keys_of_a_vault(asked: Asked) -> Iterator[Figure]:
    """The figures of this theme."""
    yield _wrong_passphrases(asked)
    yield _killed(asked)


def opened(folder: Path) -> tuple[Vault, Unlocked]:
    """The vault, with whichever of both passphrases opens it. Raises WrongKey where neither does."""
    vault = Vault(folder, cost=CHEAP)
    try:
        return vault, vault.unlock(WORDS[0])
    except WrongKey:
        return vault, vault.unlock(WORDS[1])


def _wrong_passphrases(asked: Asked) -> Figure:
    """At what one guess costs: one answer for all of them, no new file, nothing in plain, and the right one opens."""
    vault, draw = Vault(asked.folder / "vault", cost=CHEAP if asked.small else DEFAULT_COST), random.Random(asked.seed)
    vault.create(WORDS[0], TODAY).close()
    clip = ClipWriter(created(asked.folder / "0123456789abcdef.pclip"), vault.recipients(TODAY))
    written(clip, [fragment(draw, 50_000)])
    clip.close()
    before, answers, times = files(asked.folder), set(), asked.times(100, 10)
    began_s = time.monotonic()
    for number in range(times):
        try:
            vault.unlock(f"{WORDS[0]}{number}").close()
            answers.add("opened")
        except VaultError as error:
            answers.add(f"{type(error).__name__}: {error}")
    each_s = (time.monotonic() - began_s) / times
    appeared = files(asked.folder) - before
    plain = sum(holds_plaintext(path) for path in asked.folder.rglob("*") if path.is_file())
    vault.unlock(WORDS[0]).close()
    wrong = len(answers - {"opened"}) - 1 + ("opened" in answers) + len(appeared) + plain
    found = f"{len(answers)} answer, {each_s:.2f} s each, {len(appeared)} new files, {plain} with plaintext"
    return Figure(f"{times} wrong passphrases", found, wrong)


def _killed(asked: Asked) -> Figure:
    """`kill -9` at any moment: the vault opens, and who recorded meanwhile can be read."""
    folder, draw = asked.folder / "killed", random.Random(asked.seed)
    Vault(folder, cost=CHEAP).create(WORDS[0], TODAY).close()
    times, closed, lost = asked.times(200, 5), 0, 0
    for _ in range(times):
        _kill_one(folder, draw.uniform(0.0, MOST_S))
        try:
            vault, unlocked = opened(folder)
        except VaultError:
            closed += 1
            break
        with unlocked:
            recipients = [vault.recipients(TODAY + timedelta(days))[0] for days in range(35)]
            lost += sum(unlocked.secrets(recipient.key_id) is None for recipient in recipients)
            lost += len(unlocked.rejected)
    return Figure(
        f"{times} kills while keys are changed", f"{closed} vaults shut, {lost} keys without a secret", closed + lost
    )


def _kill_one(folder: Path, after_s: float) -> None:
    command = [sys.executable, "-c", CHANGES, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tools")))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(after_s)
        process.kill()
