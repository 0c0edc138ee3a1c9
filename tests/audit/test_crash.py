"""An interruption at any moment: no acknowledged entry is lost, none is half there, no honest crash is an alarm."""

import errno
import os
import random
import signal
import subprocess
import sys

import pytest

from posture.audit.events import Event
from posture.audit.records import RECORD_LIMIT_BYTES, pack, scan
from posture.audit.settings import AuditSettings
from posture.audit.tree import Tree
from posture.audit.verify import verify
from posture.errors import LogDamaged, OutputFull, SinkError

LOG = "audit-2026-11.log"


class Crash(BaseException):
    """The machine stopped: nothing of the program runs any more, so nothing it does afterwards has an effect."""


class Machine:
    """Stops before the `at`-th change to the disk; the last write may have got `part` bytes on its way."""

    CHANGES = ("write", "ftruncate", "mkdir", "replace", "rename", "unlink", "fsync", "fdatasync")

    def __init__(self, patch, at, part=0):
        self.at, self.part, self.done, self.stopped = at, part, 0, False
        for name in self.CHANGES:
            patch.setattr(os, name, self.step(name, getattr(os, name)))
        patch.setattr(os, "open", self.opening(os.open))

    def step(self, name, real):
        def run(*arguments, **options):
            self.count(name, arguments, real)
            return real(*arguments, **options)

        return run

    def opening(self, real):
        def run(path, flags, *arguments, **options):
            if flags & os.O_CREAT:
                self.count("open", (), None)
            return real(path, flags, *arguments, **options)

        return run

    def count(self, name, arguments, real):
        if self.done == self.at and not self.stopped:
            self.stopped = True
            if name == "write":
                real(arguments[0], bytes(arguments[1])[: self.part])
        if self.stopped:
            raise Crash
        self.done += 1


def lived(case, acknowledged):
    """First start, entries, a checkpoint, a new month, entries that expire, an end."""
    with case.open(settings=AuditSettings(keep_months=1)) as log:
        for months_on in range(3):
            case.to(2026 + (10 + months_on) // 12, (10 + months_on) % 12 + 1)
            for number in range(2):
                acknowledged.append(log.append(Event.RETENTION_RUN, removed=100 * months_on + number))
        case.pass_(2 * 86400)
        acknowledged.append(log.append(Event.RETENTION_RUN, removed=999))
        assert Event.LOG_EXPIRED in case.events


def changes_of_a_life(case, monkeypatch):
    with monkeypatch.context() as patch:
        machine = Machine(patch, at=10**9)
        lived(case, [])
    return machine.done


@pytest.mark.parametrize("part", [0, 1, 60])
def test_a_stop_between_any_two_steps_loses_nothing_and_alarms_nobody(case, monkeypatch, tmp_path, part):
    steps = changes_of_a_life(case, monkeypatch)
    assert steps > 60
    for at in range(steps):
        case = type(case)(tmp_path / str(at) / "audit")
        acknowledged = []
        with monkeypatch.context() as patch:
            Machine(patch, at, part)
            with pytest.raises(Crash):
                lived(case, acknowledged)
        next_seq = case.written(1)[0]
        assert case.written(1) == [next_seq + 1]
        verify(case.archive)
        there = {entry["seq"] for entry in case.entries}
        present = [seq for seq in acknowledged if seq >= min(there)]
        assert set(present) <= there
        assert set(acknowledged) <= set(range(next_seq))


def test_a_record_that_was_cut_at_any_byte_is_removed_and_said(case):
    with case.open() as log:
        case.fill(log, 4)
        log.checkpoint()
        end = (case.folder / LOG).stat().st_size
        case.fill(log, 1)
        sound, last = case.content, (case.folder / LOG).read_bytes()[end:]
        case.put(sound)
    note = case.content
    for length in range(len(last)):
        case.put(note | {"audit-2026-11.ckpt": sound["audit-2026-11.ckpt"], LOG: sound[LOG][: end + length]})
        assert case.written(1) == [5 if length else 4]
        assert case.events[4:] == (["crash.recovered"] if length else []) + ["retention.run"]
        if length:
            assert case.entries[4]["bytes"] == length
        verify(case.archive)


def oracle(data):
    """How many whole records stand at the beginning, said once more and slowly."""
    from hashlib import sha256

    count = 0
    while len(data) > 8:
        length, mark, entry = int.from_bytes(data[:4], "big"), data[4:8], data[8:]
        if not 0 < length <= len(entry) or length > 1024 or sha256(entry[:length]).digest()[:4] != mark:
            break
        data, count = entry[length:], count + 1
    return count


def test_300_torn_tails_against_the_oracle(case):
    with case.open() as log:
        case.fill(log, 10)
        sound = {**case.content}
        signed = log.checkpoint()
        case.fill(log, 30)
        data = (case.folder / LOG).read_bytes()
    ends = [0]
    for entry in scan(data).entries:
        ends.append(ends[-1] + len(pack(entry)))
    draw = random.Random(6962)
    recovered = 0
    for _ in range(300):
        cut = draw.randrange(ends[10], len(data) + 1)
        garbage = draw.choice([b"", bytes(draw.randrange(1, 100)), draw.randbytes(draw.randrange(1, 100))])
        torn = data[:cut] + garbage
        whole = oracle(torn)
        case.put({**sound, "audit-2026-11.ckpt": signed, LOG: torn})
        left = len(torn) - ends[whole]
        assert case.written(1) == [whole + 1 if left else whole]
        assert case.events.count("crash.recovered") == (1 if left else 0)
        assert (case.folder / LOG).read_bytes().startswith(data[: ends[whole]])
        verify(case.archive)
        recovered += bool(left)
    assert recovered > 200


def test_a_bad_record_with_whole_ones_behind_it_is_no_crash(case):
    log = case.open()
    case.fill(log, 3)
    content = case.content
    data = bytearray(content[LOG])
    data[12] ^= 1
    case.put(content | {LOG: bytes(data)})
    with pytest.raises(LogDamaged, match="no crash leaves behind"):
        case.written(1)
    assert case.content == content | {LOG: bytes(data)}


def test_a_tail_that_is_longer_than_any_record_is_no_crash(case):
    log = case.open()
    case.fill(log, 3)
    content = case.content
    case.put(content | {LOG: content[LOG] + bytes(RECORD_LIMIT_BYTES + 1)})
    with pytest.raises(LogDamaged, match="no crash"):
        case.written(1)
    case.put(content | {LOG: content[LOG] + bytes(RECORD_LIMIT_BYTES)})
    assert case.written(1) == [4]
    assert case.archive.months[0].records.tail == b""


def test_a_torn_tail_that_another_process_left_is_repaired_by_a_log_that_is_open(case):
    log = case.open()
    case.fill(log, 2)
    with (case.folder / LOG).open("ab") as file:
        file.write(b"\x00\x00\x00\x50torn")
    assert case.fill(log, 1) == [3]
    assert case.events == ["retention.run", "retention.run", "crash.recovered", "retention.run"]


WRITER = """
import sys
from pathlib import Path
from posture.audit.events import Event
from posture.audit.log import AuditLog
log = AuditLog(Path(sys.argv[1]))
while True:
    print(log.append(Event.RETENTION_RUN, removed=1), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_process_loses_nothing_that_it_was_told(case):
    draw = random.Random(9)
    seen = []
    for _ in range(20):
        command = [sys.executable, "-c", WRITER, str(case.folder)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(draw.randrange(1, 60)):
            seen.append(int(writer.stdout.readline()))
        writer.send_signal(signal.SIGKILL)
        seen += [int(line) for line in writer.stdout.read().splitlines() if line]
        writer.wait()
        writer.stdout.close()
    case.written(1)
    numbers = [entry["seq"] for entry in case.entries]
    assert numbers == list(range(len(numbers)))
    assert set(seen) <= {entry["seq"] for entry in case.entries if entry["ev"] == "retention.run"}
    verify(case.archive)


def failing(call, code, after=0):
    """`call` refuses with `code`; a write takes `after` bytes first."""

    def refuse(descriptor, *data):
        if data and after and len(data[0]) > after:
            return call(descriptor, bytes(data[0])[:after])
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize("after", [0, 30])
def test_a_full_disk_leaves_no_half_record(case, monkeypatch, after):
    log = case.open()
    case.fill(log, 2)
    before = case.content
    with monkeypatch.context() as patch:
        took = []
        real = os.write

        def write(descriptor, data):
            if after and not took:
                took.append(real(descriptor, bytes(data)[:after]))
                return after
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(os, "write", write)
        with pytest.raises(OutputFull, match=r"audit-2026-11\.log.*audit\.enabled"):
            case.fill(log, 1)
    assert case.content == before
    assert case.fill(log, 1) == [2]


def test_short_writes_are_continued(case, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    case.written(3)
    assert verify(case.archive)[0].size == 3


def test_what_did_not_reach_the_disk_is_not_acknowledged(case, monkeypatch):
    log = case.open()
    case.fill(log, 2)
    before = case.content
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", failing(os.fdatasync, errno.EIO))
        with pytest.raises(SinkError, match=r"audit-2026-11\.log"):
            case.fill(log, 1)
    assert case.content == before
    assert case.fill(log, 1) == [2]


def test_a_checkpoint_that_cannot_be_written_leaves_the_entry_out(case, monkeypatch):
    log = case.open()
    case.fill(log, 2)
    case.pass_(61)
    before = case.content
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing(os.replace, errno.EACCES))
        with pytest.raises(SinkError, match="ckpt"):
            case.fill(log, 1)
    assert case.content == before


def test_ctrl_c_in_the_middle_of_a_write(case, monkeypatch):
    log = case.open()
    case.fill(log, 2)
    before = case.content

    def interrupted(descriptor):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync" if hasattr(os, "fdatasync") else "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            case.fill(log, 1)
    assert case.content == before
    assert case.fill(log, 1) == [2]


def test_ctrl_c_after_a_write_and_before_it_is_counted(case, monkeypatch):
    log = case.open()
    case.fill(log, 2)
    real = Tree.add

    def interrupted(tree, leaf):
        real(tree, leaf)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Tree, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            case.fill(log, 1)
    assert case.fill(log, 1) == [3]
    log.close()
    assert verify(case.archive)[0].size == 4


LIMITED = """
import resource, sys
from pathlib import Path
from posture.audit.events import Event
from posture.audit.log import AuditLog
from posture.errors import OutputFull
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
log = AuditLog(Path(sys.argv[1]))
try:
    for _ in range(100):
        print(log.append(Event.RETENTION_RUN, removed=1), flush=True)
except OutputFull as error:
    sys.exit(f"full: {error}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_a_file_that_may_not_grow_any_more(case):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(case.folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "full: no room to write" in done.stderr
    assert len(case.entries) == len(done.stdout.split()) > 5
    assert case.archive.months[0].records.tail == b""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_folder_that_cannot_be_written(case):
    case.folder.parent.mkdir(parents=True)
    case.folder.parent.chmod(0o500)
    with pytest.raises(SinkError, match="make its folder writable"):
        case.written(1)


def test_a_folder_that_cannot_be_made(case):
    case.folder.parent.write_bytes(b"a file stands where the folder should be")
    with pytest.raises(SinkError, match="make its folder writable"):
        case.written(1)


def test_a_read_only_disk(case, monkeypatch):
    case.written(2)
    before, real = case.content, os.open

    def read_only(path, flags, *arguments, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *arguments, **options)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(SinkError, match="Read-only file system; make its folder writable"):
        case.written(1)
    assert case.content == before
    assert verify(case.archive)[0].size == 2
