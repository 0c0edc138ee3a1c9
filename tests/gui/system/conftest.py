"""A private D-Bus for the tests."""

import os
import shutil
import subprocess

import pytest
from played_services import Login, Peer
from PyQt6.QtDBus import QDBusConnection

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


@pytest.fixture(scope="session")
def bus_address(tmp_path_factory):
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("dbus-daemon is not installed")
    folder = tmp_path_factory.mktemp("bus")
    config = folder / "bus.conf"
    config.write_text(BUS.format(socket=folder / "socket"))
    command = [daemon, f"--config-file={config}", "--nofork", "--nopidfile", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            address = process.stdout.readline().strip()
            if not address:
                pytest.skip("dbus-daemon does not start here")
            yield address
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def bus(bus_address, request, qapp):
    """The program's connection."""
    name = request.node.name
    yield QDBusConnection.connectToBus(bus_address, name)
    QDBusConnection.disconnectFromBus(name)


@pytest.fixture
def peer(bus_address):
    """Another program on the bus."""
    one = Peer(bus_address)
    yield one
    one.close()


@pytest.fixture
def login(bus_address):
    one = Login(bus_address)
    yield one
    one.close()
