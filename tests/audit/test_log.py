"""Appending: numbers, clocks, checkpoints, months, expiry, and several writers at once."""

import stat
import subprocess
import sys
import threading

import pytest

from posture.audit.events import Event, FieldError
from posture.audit.log import AuditLog, restart
from posture.audit.settings import AuditSettings
from posture.audit.verify import verify
from posture.errors import LogDamaged

NOVEMBER, DECEMBER = "audit-2026-11", "audit-2026-12"


def test_entries_are_numbered_and_carry_both_clocks(case):
    with case.open() as log:
        assert log.append(Event.PROGRAM_STARTED, verb="demo", version="0.1.0") == 0
        case.pass_(3)
        assert log.append(Event.PROGRAM_ENDED, exit_code=0) == 1
    assert case.entries == [
        {"seq": 0, "wall": case.wall_s - 3, "mono_ns": 77_000_000_000, "ev": "program.started", "verb": "demo",
         "version": "0.1.0"},
        {"seq": 1, "wall": case.wall_s, "mono_ns": 80_000_000_000, "ev": "program.ended", "exit_code": 0},
    ]  # fmt: skip


def test_a_record_is_what_the_format_says(case):
    from hashlib import sha256

    case.written(1)
    entry = b'{"ev":"retention.run","mono_ns":77000000000,"removed":0,"seq":0,"wall":%d}' % case.wall_s
    expected = len(entry).to_bytes(4, "big") + sha256(entry).digest()[:4] + entry
    assert (case.folder / f"{NOVEMBER}.log").read_bytes() == expected


def test_opening_again_goes_on(case):
    assert case.written(3) == [0, 1, 2]
    assert case.written(2) == [3, 4]
    assert [entry["seq"] for entry in case.entries] == [0, 1, 2, 3, 4]


def test_nothing_is_made_before_the_first_entry(case):
    with case.open():
        pass
    assert not case.folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_only_the_owner_can_look_inside(case):
    case.written(1)
    assert stat.S_IMODE(case.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in case.folder.iterdir()} == {0o600}


def test_what_may_not_be_written_makes_no_entry(case):
    log = case.open()
    with pytest.raises(FieldError, match=r"'exit_code' of program\.ended must be an exit code"):
        log.append(Event.PROGRAM_ENDED, exit_code="Ada Lovelace")
    with pytest.raises(FieldError, match="setting that exists"):
        case.open(known_settings={"pose.model"}).append(Event.SETTINGS_CHANGED, setting="ada.lovelace")
    assert not case.folder.exists()


def signed_size(case, month=NOVEMBER):
    return int((case.folder / f"{month}.ckpt").read_text().splitlines()[1])


def test_a_checkpoint_comes_every_minute_and_at_the_end(case):
    log = case.open()
    case.fill(log, 3)
    assert signed_size(case) == 0
    case.pass_(59)
    case.fill(log, 1)
    assert signed_size(case) == 0
    case.pass_(1)
    case.fill(log, 1)
    assert signed_size(case) == 4
    before = (case.folder / f"{NOVEMBER}.ckpt").stat().st_ino
    case.fill(log, 5)
    assert (case.folder / f"{NOVEMBER}.ckpt").stat().st_ino == before
    log.close()
    assert signed_size(case) == 10


def test_a_checkpoint_when_asked(case):
    log = case.open()
    case.fill(log, 3)
    note = log.checkpoint()
    assert note == (case.folder / f"{NOVEMBER}.ckpt").read_bytes()
    assert note.decode().splitlines()[1] == "3"


@pytest.mark.parametrize("seconds", [3600, -3600, 3, -3])
def test_a_clock_that_is_set_is_said(case, seconds):
    log = case.open()
    case.fill(log, 1)
    case.pass_(5)
    case.set_(seconds)
    case.fill(log, 1)
    case.fill(log, 1)
    assert case.events == ["retention.run", "clock.changed", "retention.run", "retention.run"]
    assert case.entries[1]["seconds"] == seconds


def test_a_clock_that_is_only_rounded_is_not(case):
    log = case.open()
    for _ in range(50):
        case.fill(log, 1)
        case.set_(1)
        case.fill(log, 1)
        case.mono_ns += 1_999_999_999
    assert set(case.events) == {"retention.run"}


def test_a_new_month_begins_with_what_the_old_one_ended_with(case):
    with case.open() as log:
        case.fill(log, 5)
        case.to(2026, 12)
        assert case.fill(log, 2) == [6, 7]
    assert sorted(case.content) == sorted([
        f"{NOVEMBER}.log", f"{NOVEMBER}.ckpt", f"{DECEMBER}.log", f"{DECEMBER}.ckpt", "signing.key",
    ])  # fmt: skip
    assert case.events == ["retention.run"] * 5 + ["log.rotated"] + ["retention.run"] * 2
    november, december = verify(case.archive)
    assert (november.size, december.size) == (5, 3)
    rotated = case.entries[5]
    assert (rotated["size"], rotated["root"]) == (5, november.root.hex())
    assert signed_size(case) == 5


def test_a_month_without_entries_is_skipped(case):
    case.written(2)
    case.to(2027, 2)
    assert case.written(1) == [3]
    assert [found.checkpoint.month for found in verify(case.archive)] == ["2026-11", "2027-02"]


def test_a_clock_that_goes_back_over_the_end_of_a_month_does_not_go_back_to_its_file(case):
    case.to(2026, 12, 1)
    case.written(2)
    case.set_(-5 * 86400)
    assert case.written(1) == [3]
    assert (case.events[2], case.entries[2]["seconds"]) == ("clock.changed", -5 * 86400)
    assert sorted(case.content) == [f"{DECEMBER}.ckpt", f"{DECEMBER}.log", "signing.key"]


def test_entries_expire_and_their_checkpoint_stays(case):
    keep = AuditSettings(keep_months=2)
    for month in (11, 12, 13, 14, 15):
        for day in (2, 4):
            case.to(2026 + month // 13, (month - 1) % 12 + 1, day)
            with case.open(settings=keep) as log:
                case.fill(log, 1)
    assert [p.name for p in sorted(case.folder.glob("*.log"))] == [f"audit-2027-0{m}.log" for m in (1, 2, 3)]
    assert len(list(case.folder.glob("*.ckpt"))) == 5
    assert [entry["month"] for entry in case.entries if entry["ev"] == "log.expired"] == ["2026-11", "2026-12"]
    found = verify(case.archive)
    assert [month.expired for month in found] == [True, True, False, False, False]
    assert [month.size for month in found] == [2, 3, 3, 4, 4]


def test_a_finished_month_that_was_changed_does_not_expire(case):
    case.written(2)
    case.to(2026, 12)
    case.written(2)
    path = case.folder / f"{NOVEMBER}.log"
    path.write_bytes(path.read_bytes()[:-1])
    before = path.read_bytes()
    case.to(2028, 2)
    case.written(1)  # one start alone deletes nothing
    case.to(2028, 2, 4)
    with pytest.raises(LogDamaged, match="holds 1 whole entries of the 2"):
        case.written(1)
    assert path.read_bytes() == before


def test_expired_entries_are_gone_for_good_and_the_log_still_verifies_years_later(case):
    keep = AuditSettings(keep_months=1)
    for year in (2027, 2028, 2029, 2030):
        for day in (2, 4):
            case.to(year, 1, day)
            with case.open(settings=keep) as log:
                case.fill(log, 1)
    case.to(2030, 3)
    with case.open(settings=keep) as log:
        case.fill(log, 1)
    case.to(2030, 3, 4)
    with case.open(settings=keep) as log:
        case.fill(log, 1)
    assert [month.expired for month in verify(case.archive)] == [True, True, True, True, False]


TWENTY_YEARS_S = 20 * 365 * 86400


def files(case):
    return sorted(path.name for path in case.folder.glob("audit-*"))


def test_one_start_with_a_wrong_clock_deletes_nothing_and_begins_no_month(case):
    keep = AuditSettings(keep_months=1)
    case.written(5)
    case.to(2026, 12)
    case.written(5)
    before = files(case)
    case.set_(TWENTY_YEARS_S)
    with case.open(settings=keep) as log:
        case.fill(log, 3)
    assert files(case) == before
    assert case.entries[-4]["ev"] == "clock.changed"
    assert case.entries[-4]["seconds"] == TWENTY_YEARS_S
    case.set_(-TWENTY_YEARS_S)
    for month in (1, 2, 3, 4):  # and goes on as if nothing had been, months and expiry too
        for day in (2, 4):
            case.to(2027, month, day)
            with case.open(settings=keep) as log:
                case.fill(log, 1)
    found = verify(case.archive)
    assert [(month.checkpoint.month, month.expired) for month in found] == [
        ("2026-11", True), ("2026-12", True), ("2027-01", True), ("2027-02", True),
        ("2027-03", False), ("2027-04", False),
    ]  # fmt: skip


def test_a_clock_that_goes_back_is_said_at_the_next_start(case):
    case.written(1)
    case.set_(-7200)
    case.written(1)
    assert case.events == ["retention.run", "clock.changed", "retention.run"]
    assert case.entries[1]["seconds"] == -7200


def test_a_second_start_with_the_same_wrong_clock_decides_nothing_either(case):
    keep = AuditSettings(keep_months=1)
    case.written(5)
    case.to(2026, 12)
    case.written(1)
    before = files(case)
    case.set_(TWENTY_YEARS_S)
    for _ in range(3):
        with case.open(settings=keep) as log:
            case.fill(log, 1)
        case.pass_(3600)
    assert files(case) == before
    assert case.events.count("clock.changed") == 1


@pytest.mark.parametrize("months_ahead", [2, 3])
def test_a_clock_that_is_some_months_ahead_once_deletes_nothing(case, months_ahead):
    keep = AuditSettings(keep_months=1)
    case.written(5)
    case.set_(months_ahead * 30 * 86400)
    with case.open(settings=keep) as log:
        case.fill(log, 1)
    assert "log.expired" not in case.events


def test_after_a_long_pause_the_log_goes_on_in_its_month_for_a_day_and_those_entries_stay(case):
    keep = AuditSettings(keep_months=1)
    case.written(2)
    case.to(2028, 5, 2)
    for day in (2, 3, 5):
        case.to(2028, 5, day)
        with case.open(settings=keep) as log:
            case.fill(log, 1)
    assert files(case) == [f"{NOVEMBER}.ckpt", f"{NOVEMBER}.log", "audit-2028-05.ckpt", "audit-2028-05.log"]
    for day in (4, 6):
        case.to(2028, 8, day)
        with case.open(settings=keep) as log:
            case.fill(log, 1)
    assert f"{NOVEMBER}.log" not in files(case)
    verify(case.archive)


def test_a_process_that_runs_on_deletes_what_expires_meanwhile(case):
    keep = AuditSettings(keep_months=1)
    with case.open(settings=keep) as log:
        for month in (11, 12, 13, 14):
            for day in (6, 8):
                case.to(2026 + month // 13, (month - 1) % 12 + 1, day)
                case.fill(log, 1)
    assert [path.name for path in sorted(case.folder.glob("*.log"))] == ["audit-2027-01.log", "audit-2027-02.log"]


def test_months_that_vanish_without_having_expired_are_an_alarm(case):
    case.written(2)
    case.to(2026, 12)
    case.written(2)
    (case.folder / f"{NOVEMBER}.log").unlink()
    with pytest.raises(LogDamaged, match="2026-11 are gone, and no entry says"):
        verify(case.archive)


def test_two_logs_over_one_folder_take_turns(case):
    one, other = case.open(), case.open()
    for number in range(10):
        assert case.fill(one, 1) == [2 * number]
        assert case.fill(other, 1) == [2 * number + 1]
    one.close()
    other.close()
    assert verify(case.archive)[0].size == 20


def test_another_process_began_the_month(case):
    one, other = case.open(), case.open()
    case.fill(one, 1)
    case.fill(other, 1)
    case.to(2026, 12)
    case.fill(other, 1)
    assert case.fill(one, 1) == [4]
    assert case.events.count("log.rotated") == 1
    verify(case.archive)


def test_threads_share_a_log(case):
    with case.open() as log:
        threads = [threading.Thread(target=case.fill, args=(log, 25)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [entry["seq"] for entry in case.entries] == list(range(100))


WRITER = """
import sys
from pathlib import Path
from posture.audit.events import Event
from posture.audit.log import AuditLog
with AuditLog(Path(sys.argv[1])) as log:
    for number in range(int(sys.argv[2])):
        print(log.append(Event.RETENTION_RUN, removed=number), flush=True)
"""


def test_processes_that_write_at_once_give_one_log(case):
    command = [sys.executable, "-c", WRITER, str(case.folder), "100"]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    numbers = [int(line) for writer in writers for line in writer.communicate(timeout=60)[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sorted(numbers) == list(range(300))
    assert verify(case.archive)[0].checkpoint.size == 300


def test_a_restart_keeps_the_old_log_whole_and_says_so(case):
    case.written(3)
    (case.folder / f"{NOVEMBER}.ckpt").unlink()
    before = case.content
    with pytest.raises(LogDamaged, match="posture audit restart"):
        case.written(1)
    aside = restart(case.folder, case.clock)
    assert aside == case.folder.with_name("audit.aside-1")
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert case.written(1) == [1]
    assert case.events == ["log.restarted", "retention.run"]
    assert case.entries[0]["size"] == 3
    assert restart(case.folder, case.clock).name == "audit.aside-2"
    assert case.entries[0]["size"] == 2


def test_a_restart_without_a_log_begins_one(case):
    assert restart(case.folder, case.clock) is None
    assert case.events == []


def test_a_log_that_is_put_aside_while_another_process_writes_is_not_written_any_more(case):
    log = case.open()
    case.fill(log, 2)
    aside = restart(case.folder, case.clock)
    before = {path.name: path.read_bytes() for path in aside.iterdir()}
    assert case.fill(log, 1) == [1]
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert case.events == ["log.restarted", "retention.run"]


def test_open_reads_at_once(case):
    case.written(2)
    (case.folder / "signing.key").unlink()
    with pytest.raises(LogDamaged, match=r"signing\.key is gone"):
        AuditLog.open(case.folder, case.clock)
