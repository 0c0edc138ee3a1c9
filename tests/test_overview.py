"""How long the camera was on, after the audit log; and everything else that the Privacy page shows, over real files."""

from datetime import date, datetime, timedelta

import pytest

from posture.audit.clock import Clock
from posture.audit.events import Event
from posture.audit.log import AuditLog
from posture.config import Settings
from posture.errors import LogDamaged
from posture.overview import Sources, camera_time, checked, overview
from posture.privacy.flow import FlowMap
from posture.privacy.guard import Layer
from posture.vault.store import Vault

DAY = date(2026, 3, 29)  # in much of Europe one hour shorter
NOON = datetime(2026, 3, 29, 12).astimezone()


def entries(*events):
    """Pairs of minutes from noon, and the event."""
    return [{"ev": event, "wall": int(NOON.timestamp()) + 60 * minutes} for minutes, event in events]


def on(*events, now=120, day=DAY):
    return camera_time(entries(*events), day, NOON + timedelta(minutes=now))


OPENED, CLOSED = Event.CAMERA_OPENED, Event.CAMERA_CLOSED


def test_times_add_up():
    found = on((0, OPENED), (10, CLOSED), (30, OPENED), (35, CLOSED))
    assert (found.seconds, found.times, found.on, found.certain) == (900, 2, False, True)


def test_a_camera_that_is_on_counts_until_now():
    found = on((0, OPENED), (10, CLOSED), (100, OPENED))
    assert (found.seconds, found.on) == (1800, True)


def test_only_the_part_of_this_day_counts():
    day_before = -13 * 60
    found = on((day_before, OPENED), (-12 * 60 + 5, CLOSED))
    midnight = datetime(2026, 3, 29).astimezone()
    closed = NOON + timedelta(minutes=-12 * 60 + 5)
    assert found.seconds == max(0, (closed - midnight).total_seconds())
    assert found.times == 0


def test_a_program_that_was_killed_leaves_a_doubt():
    found = on((0, OPENED), (5, Event.RETENTION_RUN), (60, Event.PROGRAM_CRASHED), (70, OPENED), (80, CLOSED))
    assert (found.seconds, found.times, found.certain) == (300 + 600, 2, False)
    again = on((0, OPENED), (60, OPENED), (80, CLOSED))
    assert (again.seconds, again.certain) == (1200, False)


def test_nothing_is_nothing():
    found = on()
    assert (found.seconds, found.times, found.on, found.certain) == (0, 0, False, True)


@pytest.fixture
def sources(tmp_path):
    layers = (Layer("system", True, "tried"),)
    empty = FlowMap((), (), (), {})
    return Sources(tmp_path, Vault(tmp_path / "vault"), Settings, lambda settings: empty, lambda: layers, lambda: NOON)


def test_it_says_what_the_log_says_and_why_not_more(sources):
    assert overview(sources).entries == ()
    clock = Clock(lambda: int(NOON.timestamp()), lambda: 10**9)
    with AuditLog(sources.log, clock) as log:
        log.append(OPENED)
        log.append(Event.REPORT_EXPORTED, format="pdf", sha256="0" * 64)
        log.append(CLOSED)
        log.append(Event.RETENTION_RUN, removed=1)
    found = overview(sources)
    assert found.blocked
    assert [entry["ev"] for entry in found.exports] == [Event.REPORT_EXPORTED]
    assert found.retained == NOON
    assert found.camera.times == 1
    assert checked(sources.log) == 4
    key = sources.log / "signing.key"
    key.write_text("no key")
    broken = overview(sources)
    assert "is no signing key" in broken.log_problem
    assert broken.camera is None, "what cannot be read is no zero"
    with pytest.raises(LogDamaged):
        checked(sources.log)
