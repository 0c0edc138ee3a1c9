"""Whatever a camera can do wrong comes from the device through the monitor to the window, as words and an action."""

import threading

import pytest

from posture.config import Settings
from posture.gui.condition import Action, condition
from posture.live.monitor import Monitor
from posture.sources.clipwriter import grainy
from posture.sources.demo import DemoSource
from posture.sources.fakecamera import FakeCamera, Fault, Scripted
from posture.sources.film import of_pictures
from posture.sources.pace import Accelerated

FACTOR = 20.0
PATIENCE_S = 20.0


class NobodyThere:
    """A model that sees nobody."""

    providers = ("cpu", "cpu")
    fallback_reason = ""

    def __call__(self, frame):
        return (), 0

    def forget(self):
        """Nothing to forget."""

    def close(self):
        """Nothing to close."""


@pytest.mark.parametrize(
    ("fault", "at_s", "title", "actions"),
    [
        (Fault.UNPLUGGED, 0.0, "No camera found", {Action.PICK, Action.DEMO}),
        (Fault.UNPLUGGED, 5.0, "The camera went away", {Action.PICK}),
        (Fault.BUSY, 0.0, "The camera is used by another program", {Action.PICK}),
        (Fault.FORBIDDEN, 0.0, "The camera may not be used", {Action.SYSTEM, Action.RESTART}),
        (Fault.BLACK, 5.0, "The picture is black", {Action.IGNORE}),
        (Fault.FROZEN, 5.0, "The picture stands still", {Action.RESTART, Action.PICK}),
        (Fault.STALLED, 5.0, "The picture stands still", {Action.RESTART, Action.PICK}),
    ],
)
def test_a_fault_of_the_camera_is_said_with_what_helps(qapp, fault, at_s, title, actions):
    demo, clock = DemoSource(320, 180, duration_s=1.0), Accelerated(FACTOR)
    film = of_pictures(grainy(demo, number) for number in range(10))
    camera = FakeCamera(film, [Scripted(fault, at_s)], clock=clock, wait=clock.wait)
    monitor = Monitor(
        camera.open, Settings(), estimator=lambda _: NobodyThere(), presence=camera.presence, clock=clock,
        wait=clock.wait,
    )  # fmt: skip
    titles, changed = [], threading.Condition()

    def wake():
        said = condition(monitor.latest(), clock())
        with changed:
            titles.append((said.title, set(said.actions), bool(said.text)))
            changed.notify_all()

    monitor.on_wake = wake
    monitor.start()
    try:
        with changed:
            found = changed.wait_for(lambda: (title, actions, True) in titles, PATIENCE_S)
    finally:
        monitor.close()
    assert found, titles
    assert (("Not calibrated yet", {Action.CALIBRATE}, True) in titles) == (at_s > 0)
