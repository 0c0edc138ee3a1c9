"""What every test stands on: quiet libraries, a home of its own, repeatable examples, and the optional test media."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Before anything imports the runtime or Qt: the runtime reads the first at import, Qt aborts without a display.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A busy machine is no failure, so no deadlines. CI draws the same examples every time; other runs look further.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
XDG_HOMES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home folder: no test reads or writes the settings of the person who runs it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in HOMES:
            patch.setenv(name, str(folder))
        for name in XDG_HOMES:
            patch.delenv(name, raising=False)
        patch.setenv("POSTURE_DATA", str(folder / "data"))  # Windows asks the system for its folder, and no variable
        yield folder


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own for each test and its child processes: none writes into anybody's audit log."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("POSTURE_DATA", str(folder))
    return folder


@pytest.fixture(autouse=True, scope="session")
def denormal_numbers() -> None:
    """Keep this thread's arithmetic as IEEE 754 has it.

    The first session of the runtime switches denormals off for the thread that makes it (the product wants that, it is
    faster), and hypothesis refuses to draw floats there. So a thread of its own makes the first session.
    """

    def first_session() -> None:
        from posture.pose.catalogue import Catalogue
        from posture.pose.session import Session

        Session(Catalogue.load().read("face_detection_short_range"), ["cpu"])

    thread = threading.Thread(target=first_session)
    thread.start()
    thread.join()


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of test videos and pictures that lies beside the checkout on the developers' machines."""
    folder = ROOT.parent / "shared" / "media"
    if not folder.is_dir():
        pytest.skip("the test media (../shared/media) are not on this machine")
    return folder
