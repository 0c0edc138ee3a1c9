"""One thread for what takes time: what it brings back is handed over on Qt's thread, in the order it was asked for."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from PyQt6.QtCore import QObject, Qt, pyqtSignal

Result = TypeVar("Result")
CLOSE_S = 5.0
"""How long the end of the program waits for a share that does not answer."""


class Errands(QObject):
    """Made on Qt's thread. `run` returns at once; results and errors come later, from the event loop."""

    _done = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: SimpleQueue[Callable[[], Callable[[], None]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._under_way = 0
        self._closed = False
        self._handing_over = threading.Lock()
        self._done.connect(self._deliver, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    @property
    def busy(self) -> bool:
        """Whether something is under way or waits."""
        return self._under_way > 0

    def run(
        self, errand: Callable[[], Result], then: Callable[[Result], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Do `errand` in the thread; `then` or `failed` hear of it on Qt's thread. Nothing after `close`."""
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="errands", daemon=True)
            self._thread.start()
        self._under_way += 1
        self._waiting.put(lambda: _outcome(errand, then, failed))

    def close(self, wait_s: float = CLOSE_S) -> None:
        """Hear of nothing any more; wait a moment for what is under way."""
        with self._handing_over:
            self._closed = True
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(wait_s)

    def _deliver(self, then: Callable[[], None]) -> None:
        self._under_way -= 1
        if not self._closed:
            then()

    def _work(self) -> None:
        while (errand := self._waiting.get()) is not None:
            then = errand()
            with self._handing_over:
                if not self._closed:  # after `close` this object may be gone
                    self._done.emit(then)


def _outcome(
    errand: Callable[[], Result], then: Callable[[Result], None], failed: Callable[[BaseException], None]
) -> Callable[[], None]:
    """What is to be said of it on Qt's thread."""
    try:
        result = errand()
    except BaseException as exc:  # noqa: BLE001 - the top of a thread
        error = exc
        return lambda: failed(error)
    return lambda: then(result)
