"""What the Privacy page has done in other threads: looking, checking, copying, erasing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from posture import config, doctor, overview
from posture.config import Settings
from posture.doctor import Finding
from posture.gui.words import language_of
from posture.overview import Overview, Sources
from posture.rights import access, erasure
from posture.rights.access import Exported
from posture.rights.erasure import Outcome, Plan, Scope
from posture.rights.holdings import Places
from posture.vault.store import Unlocked

Progress = Callable[[int, int, str], object]
"""How many steps are done, of how many (0: nobody knows), and what is done now."""


class Office(Protocol):
    """Every method may take its time; `look` and the others are called in two threads, each one after the other."""

    def look(self) -> Overview:
        """Everything, as it is now. Raises PostureError."""

    def decoding(self) -> tuple[bool, str]:
        """Try the process that reads files: whether the kernel takes the network from it, and what it found."""

    def verify(self) -> int:
        """The number of entries of the audit log, all checked. Raises LogDamaged, SinkError."""

    def copy(self, folder: Path, *, clips: bool, progress: Progress, cancelled: Callable[[], bool]) -> Exported:
        """Write a copy of everything into a new folder. Raises PostureError, Cancelled."""

    def plan(self) -> Plan:
        """What erasing everything would do, or what an erasure that was interrupted has left. Raises PostureError."""

    def erase(self, plan: Plan, progress: Progress) -> Outcome:
        """Do it. Raises PostureError."""


@dataclass(frozen=True, slots=True)
class UserOffice:
    """Implements Office for this account."""

    sources: Sources
    places: Callable[[], Places]
    unlocked: Callable[[], Unlocked | None]
    """The vault, while it is open in the window."""
    settings: Callable[[], Settings]
    today: Callable[[], date] = date.today
    tried: Callable[[], Finding] = lambda: doctor.analysis()[0]
    """Tries the decoding process; takes two seconds of a processor."""

    def look(self) -> Overview:
        """See Office."""
        return overview.overview(self.sources, self.unlocked())

    def decoding(self) -> tuple[bool, str]:
        """See Office."""
        found = self.tried()
        return found.state == "ok", found.found

    def verify(self) -> int:
        """See Office."""
        return overview.checked(self.sources.log)

    def copy(self, folder: Path, *, clips: bool, progress: Progress, cancelled: Callable[[], bool]) -> Exported:
        """See Office."""
        settings = self.settings()
        return access.export(
            self.places(),
            folder,
            unlocked=self.unlocked(),
            clips=clips,
            settings=config.as_toml(settings),
            purpose=settings.privacy.purpose,
            language="de" if language_of(settings.window.language) == "de" else "en",
            progress=progress,
            cancelled=cancelled,
        )

    def plan(self) -> Plan:
        """See Office."""
        places = self.places()
        return erasure.unfinished(places) or erasure.planned(places, Scope(), self.today())

    def erase(self, plan: Plan, progress: Progress) -> Outcome:
        """See Office."""
        return erasure.erase(plan, self.places(), progress)
