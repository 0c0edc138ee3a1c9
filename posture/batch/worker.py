"""A local worker: a process that does one bundle of tasks after the other, each with its own sandboxed child.

job (LocalWorkers)                worker (python -m posture.batch.worker)
Assign ─────────────────────────► tasks, one after the other
◄──────────────────────────────── Ahead, Ahead, … Ended for each of them
Cancel ─────────────────────────► the task in hand ends with its checkpoint, the others are not begun
end of stdin ───────────────────► ends at once: whoever started it is gone
"""

import os
import queue
import threading
from pathlib import Path
from typing import BinaryIO

from posture.batch import speech
from posture.batch.bundle import run_bundle
from posture.batch.single import Control
from posture.batch.work import FileOutcome, FileTask, Progress
from posture.privacy import guard


class _Worker:
    """The commands that came and the way back. `answer` may be called from any thread."""

    def __init__(self, commands: BinaryIO, answers: BinaryIO) -> None:
        self._commands, self._answers = commands, answers
        self._waiting: queue.Queue[tuple[speech.Assign, Control]] = queue.Queue()
        self._lock = threading.Lock()
        self._controls: list[Control] = []

    def listen(self) -> None:
        """Top of the listening thread."""
        while (command := speech.read(self._commands, speech.commands)) is not None:
            if isinstance(command, speech.Assign):
                self._controls.append(control := Control())
                self._waiting.put((command, control))
            else:
                for control in self._controls:
                    control.stop()
        os._exit(1)  # nobody wants anything any more; nothing half-written has a name yet

    def answer(self, reply: speech.Reply) -> None:
        """Say something to the job."""
        with self._lock:
            speech.write(self._answers, reply)

    def work(self) -> None:
        """Bundle by bundle; `listen` ends the process."""
        while True:
            assigned, control = self._waiting.get()
            self._do(assigned, control)
            self._controls.remove(control)

    def _do(self, assigned: speech.Assign, control: Control) -> None:
        folder = None if assigned.checkpoints is None else Path(os.fsdecode(assigned.checkpoints))
        numbers = {id(task): number for number, task in enumerate(assigned.tasks)}

        def said(task: FileTask, event: Progress | FileOutcome) -> None:
            number = numbers[id(task)]
            if isinstance(event, FileOutcome):
                self.answer(speech.Ended(number, event))
            else:
                self.answer(speech.Ahead(number, event))

        run_bundle(assigned.tasks, said, folder, control)


def main() -> None:
    """Until stdin ends."""
    commands, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the messages
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    worker = _Worker(commands, answers)
    guard.go_offline(lambda call, layer="interpreter", /: worker.answer(speech.Blocked(call)))
    threading.Thread(target=worker.listen, daemon=True, name="commands").start()
    worker.work()


if __name__ == "__main__":
    main()
