"""Measure the audit log on this machine: `python tools/check_audit.py [--entries N] [--folder DIR]`.

Appends a second with every entry on the disk (as the program works) and without waiting for the disk, how long a log of
N entries takes to open and to verify, and 300 torn tails against an oracle of its own. Exit 1 if anything is wrong.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from posture.audit.archive import read_folder  # noqa: E402
from posture.audit.events import Event  # noqa: E402
from posture.audit.log import AuditLog  # noqa: E402
from posture.audit.verify import verify  # noqa: E402

DURABLE_APPENDS, TORN_TAILS, SIGNED = 1000, 300, 40


def main() -> int:
    """Print the table; 1 if a torn tail came out wrong."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--entries", type=int, default=50_000)
    options.add_argument("--folder", type=Path, help="on the disk that is to be measured (default: the temporary one)")
    asked = options.parse_args()
    grid = Table("what", "found")
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        wrong = measure(Path(name), asked.entries, grid)
    Console().print(grid)
    return 1 if wrong else 0


def measure(folder: Path, entries: int, grid: Table) -> int:
    """Fill the table; the number of torn tails that came out wrong."""
    seconds = taken(lambda: bare(folder / "bare"))
    grid.add_row(
        f"the disk itself: write and fdatasync ({DURABLE_APPENDS})", f"{DURABLE_APPENDS / seconds:.0f} a second"
    )
    with AuditLog(folder / "durable") as log:
        seconds = taken(lambda: append(log, DURABLE_APPENDS))
    grid.add_row(
        f"append, on the disk before it returns ({DURABLE_APPENDS})", f"{DURABLE_APPENDS / seconds:.0f} a second"
    )
    with without_waiting(), AuditLog(folder / "long") as log:
        seconds = taken(lambda: append(log, entries))
    grid.add_row(f"append without waiting for the disk ({entries})", f"{entries / seconds:.0f} a second")
    size = sum(path.stat().st_size for path in (folder / "long").glob("*.log"))
    grid.add_row("size of that log", f"{size / 1e6:.2f} MB, {size / entries:.0f} bytes an entry")
    seconds = taken(lambda: AuditLog.open(folder / "long"))
    grid.add_row(f"open a log of {entries} entries and check it against its checkpoint", f"{seconds:.2f} s")
    seconds = taken(lambda: verify(read_folder(folder / "long")))
    grid.add_row(f"verify {entries} entries: form, numbers, tree, signature", f"{seconds:.2f} s")
    wrong = torn_tails(folder / "torn")
    grid.add_row(f"{TORN_TAILS} torn tails (cut, then nothing, zeros or garbage)", f"{wrong} wrong")
    return wrong


def torn_tails(folder: Path) -> int:
    """How many torn logs did not come back as exactly their whole records, an entry on the recovery, and one more."""
    with without_waiting(), AuditLog(folder) as log:
        append(log, SIGNED)
        log.checkpoint()
        (path,) = folder.glob("*.log")
        (checkpoint,) = folder.glob("*.ckpt")
        note, least = checkpoint.read_bytes(), path.stat().st_size
        append(log, 100)
        data = path.read_bytes()
    draw, wrong = random.Random(6962), 0
    for _ in range(TORN_TAILS):
        garbage = draw.choice([b"", bytes(100), draw.randbytes(77)])
        torn = data[: draw.randrange(least, len(data) + 1)] + garbage
        path.write_bytes(torn)
        checkpoint.write_bytes(note)
        whole, end = oracle(torn)
        expected = whole + (end != len(torn)) + 1
        with without_waiting(), AuditLog(folder) as log:
            append(log, 1)
        (month,) = verify(read_folder(folder))
        wrong += month.size != expected or not path.read_bytes().startswith(torn[:end])
    return wrong


def oracle(data: bytes) -> tuple[int, int]:
    """Number and bytes of the whole records at the beginning, by the format and not by the product."""
    count = end = 0
    while end + 8 < len(data):
        length, mark = int.from_bytes(data[end : end + 4], "big"), data[end + 4 : end + 8]
        entry = data[end + 8 : end + 8 + length]
        if not 0 < length <= 1024 or len(entry) < length or sha256(entry).digest()[:4] != mark:
            break
        count, end = count + 1, end + 8 + length
    return count, end


def bare(path: Path) -> None:
    """As many records of that length as `append` writes, without a log around them."""
    with path.open("wb", buffering=0) as file:
        for _ in range(DURABLE_APPENDS):
            file.write(bytes(180))
            getattr(os, "fdatasync", os.fsync)(file.fileno())


def append(log: AuditLog, count: int) -> None:
    """Entries as long as those of a finished recording."""
    for number in range(count):
        log.append(Event.REPORT_EXPORTED, format="json", sha256=sha256(number.to_bytes(4, "big")).hexdigest())


def taken(run: Callable[[], object]) -> float:
    """Seconds that `run` takes."""
    began_s = time.perf_counter()
    run()
    return time.perf_counter() - began_s


@contextmanager
def without_waiting() -> Iterator[None]:
    """The disk may write later."""
    name = "fdatasync" if hasattr(os, "fdatasync") else "fsync"
    real = getattr(os, name)
    setattr(os, name, lambda descriptor: None)
    try:
        yield
    finally:
        setattr(os, name, real)


if __name__ == "__main__":
    sys.exit(main())
