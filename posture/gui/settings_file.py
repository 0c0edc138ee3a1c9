"""The settings file as the window changes it: in force at once, logged and written by who may take their time."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from PyQt6.QtCore import QObject, pyqtSignal

from posture import config
from posture.config import Settings
from posture.errors import PostureError

Write = Callable[[Callable[[], object], Callable[[BaseException], None]], None]
"""Does the first, here or in another thread, one after the other; the second hears what it raises."""


def at_once(entry: Callable[[], object], on_error: Callable[[BaseException], None]) -> None:
    """Implements `Write` in the thread of the caller."""
    try:
        entry()
    except PostureError as exc:
        on_error(exc)


class SettingsFile(QObject):
    """Every change is checked, in force, then logged and written whole. What cannot be logged or written is taken back.

    Main thread, but for what `write` does elsewhere.
    """

    refused = pyqtSignal(list, object)
    """Key paths that are again what they were, and the error that says why."""

    def __init__(
        self,
        path: Path,
        record: Callable[[list[str]], None],
        in_force: Callable[[Settings], None],
        write: Write = at_once,
    ) -> None:
        """`record` logs the key paths that changed; `in_force` puts new settings into effect."""
        super().__init__()
        self.path = path
        self._record, self._in_force, self._write = record, in_force, write
        self.settings = config.in_file(path)
        self._kept = self.settings
        """What stands in the file; belongs to whoever writes."""
        self._failed.connect(self._take_back)

    _failed = pyqtSignal(object, object)

    def change(self, values: dict[str, object]) -> list[str]:
        """Set these key paths; those that are different now. Raises PostureError, and then nothing has changed."""
        tree = msgspec.to_builtins(self.settings)
        for key, value in values.items():
            section, _, name = key.partition(".")
            tree[section][name] = msgspec.to_builtins(value)
        return self.put(config.within_policy(config.checked(tree), values))

    def put(self, settings: Settings) -> list[str]:
        """Make `settings` those of the file; the key paths that changed."""
        names = config.changed(self.settings, settings)
        if names:
            self._hold(settings)
            self._write(lambda: self._keep(settings), lambda error: self._failed.emit(settings, error))
        return names

    def _hold(self, settings: Settings) -> None:
        holds = config.with_environment(settings)
        self.settings = settings
        self._in_force(holds)

    def _keep(self, settings: Settings) -> None:
        """Whoever writes: nothing is in the file that the log does not name."""
        names = config.changed(self._kept, settings)
        if names:
            self._record(names)
            config.save(self.path, settings)
            self._kept = settings

    def _take_back(self, settings: Settings, error: BaseException) -> None:
        """Go back to what the file says, unless a later change is on its way: that one writes all that is different."""
        if settings != self.settings:
            return
        names = config.changed(self._kept, settings)
        self._hold(self._kept)
        self.refused.emit(names, error)
