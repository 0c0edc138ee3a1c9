"""The job's side of a fleet: hands bundles to workers on other machines, and hears what became of them.

Only as many bundles are out as there are places in the fleet, so the scheduler never holds more than that, however many
files a job has. Dask gives each to an idle place that offers what it needs, and to another machine when one ends.
How far each is comes with the heartbeats of the workers, so nothing grows with it either.
"""

import os
import queue
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from posture.batch.bundle import Bundle, Bundles
from posture.batch.fleet_bench import Ahead, Assigned, encoder, replies
from posture.batch.offers import needed, program
from posture.batch.streaming import Remote, stream
from posture.batch.work import FileOutcome, FileTask, Progress, State
from posture.errors import FleetError, OutputExists, PostureError

ASK_AGAIN_S = 0.2
NOBODY_S = 900.0
"""So long a job waits for a worker that fits; a machine that restarts for its updates is back by then."""
REST_S = 600.0
"""A machine whose share does not answer gets nothing for so long: each file would cost it minutes to notice again."""
STREAMS = 4
"""Files that are sent at the same time."""
TRIES = 3
"""So often a file is sent, or given out again because nobody knows what became of it."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """A worker process of the fleet, as the scheduler knows it."""

    address: str
    name: str
    places: int
    busy: int
    offers: tuple[str, ...]
    silent_s: float
    """Since it was last heard of."""
    ahead: tuple[Ahead, ...] = ()
    """How far it was then with what it has in hand."""

    @property
    def version(self) -> str:
        """See `offers.program`."""
        return next((each for each in self.offers if each.startswith("posture ")), "nothing known")


OnEnd = Callable[[str, "bytes | PostureError"], None]
"""Called with the address of the worker, empty where none answered, and its reply or why there is none."""


class Fleet(Protocol):
    """The connection to a scheduler: `fleet_link.Connection`, or a fleet of a test."""

    def machines(self) -> tuple[Machine, ...]:
        """Who is there now. Raises FleetError where the scheduler is gone."""

    def perform(self, task: bytes, needs: Iterable[str], where: Iterable[str], on_end: OnEnd) -> Callable[[], None]:
        """Have a worker do it that offers all of `needs`: one of the addresses `where`, if there are any.

        `on_end` is called once, in another thread: with the reply, with FleetError where the connection broke, or with
        SourceError where machine after machine ended over it. What comes back makes that nobody waits for it any more.
        """

    def remote(self, address: str) -> Remote:
        """The way to send a file to one worker."""

    def abandon(self, job: str) -> None:
        """What this job has in hand ends at once, on every worker."""

    def close(self) -> None:
        """Leave."""


class _Out:
    """A bundle, and what is known of it."""

    def __init__(self, tasks: Bundle, blind: frozenset[str] = frozenset(), mishaps: tuple[str, ...] = ()) -> None:
        self.tasks = tasks
        self.blind = blind
        """Machines that do not see its files."""
        self.mishaps = mishaps
        """Why it was given out again: for whoever reads what became of it."""
        self.id = secrets.token_hex(8)
        self.where: frozenset[str] = frozenset()
        self.at: Machine | None = None
        """Who said last that it has it."""
        self.ahead: Ahead | None = None
        self.forget: Callable[[], None] = lambda: None

    def again(self, tasks: Bundle | None = None, blind: frozenset[str] = frozenset(), mishap: str = "") -> "_Out":
        mishaps = (*self.mishaps, mishap) if mishap else self.mishaps
        return _Out(tasks or self.tasks, self.blind | blind, mishaps)

    def told(self, outcome: FileOutcome) -> FileOutcome:
        """With what happened on the way."""
        if outcome.state != "done" or not self.mishaps:
            return outcome
        return msgspec.structs.replace(outcome, message=f"given to another worker: {'; '.join(self.mishaps)}")


_Answer = tuple[_Out, str, "bytes | PostureError | FileOutcome"]
_Event = tuple[FileTask, FileOutcome | Progress]


class FleetWorkers:
    """Implements `Workers` with a fleet. Recordings of the vault stay on this machine: no key is sent anywhere."""

    def __init__(
        self,
        fleet: Fleet,
        *,
        streams: bool = False,
        say: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`streams`: send a file through the scheduler where no worker sees it. `say`: for whoever runs the job."""
        self._fleet, self._streams, self._say, self._now = fleet, streams, say, now
        self.checkpoints: Path | None = None
        """The folder in which tasks keep how far they are, where every machine that goes on with one sees it."""
        self._job = secrets.token_hex(16)
        self._answers: queue.Queue[_Answer] = queue.Queue()
        self._out: list[_Out] = []
        self._waiting: deque[_Out] = deque()
        self._refused: list[_Event] = []
        self._cancelled = False
        self._heard_of_s = now()
        self._alone = False
        """Whether it was said that nobody is there."""
        self._resting: dict[str, float] = {}
        """Until when machines get nothing, because a share of theirs does not answer."""
        self._senders = ThreadPoolExecutor(STREAMS, thread_name_prefix="sender")

    @property
    def number(self) -> int:
        """Places of the fleet now. Raises FleetError."""
        return sum(machine.places for machine in self._fitting().values())

    def run(self, tasks: Iterator[FileTask | None]) -> Iterator[_Event]:
        """See `Workers.run`. Raises FleetError if the scheduler is gone, or no worker fits for `NOBODY_S`."""
        self._cancelled = False
        bundles = Bundles(self._without_keys(tasks))
        more = True
        while True:
            if self._cancelled:
                yield from self._stopped(bundles)
                return
            machines = self._fitting()
            yield from self._progress(machines)
            more = self._hand_out(self._awake(machines), bundles, more)
            yield from self._refused
            self._refused.clear()
            if not more and not self._out and not self._waiting:
                return
            yield from self._heard(machines)

    def cancel(self) -> None:
        """See `Workers.cancel`."""
        self._cancelled = True

    def close(self) -> None:
        """See `Workers.close`."""
        self.cancel()
        self._senders.shutdown(wait=False, cancel_futures=True)
        self._fleet.close()

    def _without_keys(self, tasks: Iterator[FileTask | None]) -> Iterator[FileTask | None]:
        for task in tasks:
            if task is None or not task.key:
                yield task
                continue
            words = (
                f"{task.source.name} is a recording of the vault; a fleet never gets its key: analyse it without one"
            )
            self._refused.append((task, FileOutcome(state="refused", error="VaultError", message=words)))
            yield None

    def _fitting(self) -> dict[str, Machine]:
        """The machines that have this version."""
        return {machine.address: machine for machine in self._fleet.machines() if program() in machine.offers}

    def _awake(self, machines: dict[str, Machine]) -> dict[str, Machine]:
        """Those that get work now. Raises FleetError where there was none for too long."""
        now = self._now()
        self._resting = {address: until_s for address, until_s in self._resting.items() if until_s > now}
        found = {address: each for address, each in machines.items() if address not in self._resting}
        if found:
            self._heard_of_s, self._alone = now, False
        elif now - self._heard_of_s > NOBODY_S:
            there = ", ".join(f"{machine.name}: {machine.version}" for machine in self._fleet.machines())
            raise FleetError(
                f"no worker of the fleet has been there for {NOBODY_S:g} s that has {program()} and whose share answers"
                f"{f'; there are {there}' if there else ''}: start one, and run the job again to go on"
            )
        elif not self._alone:
            self._alone = True
            self._say(
                f"▲ no worker of the fleet is there that has {program()} and whose share answers: start one with "
                f"`posture fleet worker`; the job waits for it, {NOBODY_S / 60:.0f} min"
            )
        return found

    def _progress(self, machines: dict[str, Machine]) -> Iterator[_Event]:
        """What the heartbeats say of what is out."""
        said = {ahead.bundle: (each, ahead) for each in machines.values() for ahead in each.ahead}
        for out in self._out:
            if out.id not in said:
                continue
            machine, ahead = said[out.id]
            self._notice(out, machine.address)
            out.at = machine
            if ahead != out.ahead and ahead.number < len(out.tasks):
                out.ahead = ahead
                yield out.tasks[ahead.number], ahead.progress

    def _notice(self, out: _Out, address: str) -> None:
        """Whether Dask gave it to another machine than the one that had it."""
        if out.at is not None and address not in {"", out.at.address}:
            words = f"{out.at.name} went away or stood still"
            out.mishaps, out.at = (*out.mishaps, words), None
            self._say(f"▲ {words}; what it had in hand goes to another worker")

    def _hand_out(self, machines: dict[str, Machine], bundles: Bundles, more: bool) -> bool:
        """Fill the places; False where there is nothing more for ever."""
        places = sum(machine.places for machine in machines.values())
        while len(self._out) < places:
            if (out := self._ready(machines)) is not None:
                self._waiting.remove(out)
                self._give(out, machines)
                continue
            if not more or len(self._waiting) >= places:
                return more
            try:
                bundle = bundles.next()
            except StopIteration:
                return False
            if not bundle:
                return True
            self._give(_Out(tuple(_replacing_its_own(task) for task in bundle)), machines)
        return more

    def _ready(self, machines: dict[str, Machine]) -> _Out | None:
        """The first that one of these may see, or that nobody will; others wait for a machine that rests."""
        for out in self._waiting:
            if machines.keys() - out.blind or not self._resting.keys() - out.blind:
                return out
        return None

    def _give(self, out: _Out, machines: dict[str, Machine]) -> None:
        self._out.append(out)
        seeing = frozenset(machines) - out.blind
        if not seeing:
            self._send(out, machines)
            return
        out.where = seeing if out.blind or self._resting else frozenset()
        needs = needed(out.tasks[0].orders)
        checkpoints = b"" if self.checkpoints is None else os.fsencode(self.checkpoints)
        payload = encoder.encode(Assigned(out.tasks, self._job, out.id, checkpoints=checkpoints))
        out.forget = self._fleet.perform(
            payload, needs, out.where, lambda address, reply: self._answers.put((out, address, reply))
        )

    def _send(self, out: _Out, machines: dict[str, Machine]) -> None:
        """No worker sees these files: send them one by one, or say so."""
        if not self._streams:
            for task in out.tasks:
                words = (
                    f"{task.source}: no worker of the fleet sees it: mount the share there (--share), or pass --stream"
                )
                self._answers.put((out, "", FileOutcome(state="failed", error="NoInput", message=words, passing=True)))
            return
        if len(out.tasks) > 1:
            self._out.remove(out)
            self._waiting.extendleft(out.again((task,)) for task in reversed(out.tasks))
            return
        address = min(machines, key=lambda each: (sum(each in o.where for o in self._out), each))
        out.where = frozenset({address})
        self._senders.submit(self._sent, out, address)

    def _sent(self, out: _Out, address: str) -> None:
        """Top of a sender's thread."""
        answer: FileOutcome | PostureError
        try:
            answer = stream(self._fleet.remote(address), out.tasks[0], self._job, out.id, lambda: self._cancelled)
        except PostureError as exc:
            answer = exc
        except Exception as exc:  # noqa: BLE001 - a thread's top
            answer = FleetError(f"a file could not be sent: {exc!r}")
        self._answers.put((out, address, answer))

    def _heard(self, machines: dict[str, Machine]) -> Iterator[_Event]:
        wait_s = ASK_AGAIN_S
        while True:
            try:
                out, address, answer = self._answers.get(timeout=wait_s) if wait_s else self._answers.get_nowait()
            except queue.Empty:
                break
            wait_s = 0.0
            if out in self._out:
                yield from self._answered(out, address, answer)
        for out in [out for out in self._out if out.where and not out.where & machines.keys()]:
            self._out.remove(out)
            out.forget()
            self._waiting.append(out.again(mishap="its worker went away or stood still"))

    def _answered(self, out: _Out, address: str, answer: bytes | PostureError | FileOutcome) -> Iterator[_Event]:
        if isinstance(answer, FileOutcome):
            task, *left = out.tasks
            out.tasks = tuple(left)
            if not left:
                self._out.remove(out)
            yield task, out.told(answer)
            return
        self._out.remove(out)
        self._notice(out, address)
        if isinstance(answer, PostureError):
            yield from self._failed(out, answer)
            return
        reply = replies.decode(answer)
        if reply.silent:
            yield from self._silent(out, address)
            return
        unseen, stopped = [], []
        for task, outcome in zip(out.tasks, reply.outcomes, strict=True):
            if outcome is None:
                unseen.append(task)
            elif outcome.state == "stopped":
                stopped.append(task)  # its machine ends in order
            else:
                yield task, out.told(outcome)
        if unseen:
            self._waiting.append(out.again(tuple(unseen), blind=frozenset({address})))
        if stopped:
            self._waiting.append(out.again(tuple(stopped)))

    def _silent(self, out: _Out, address: str) -> Iterator[_Event]:
        """A share of this machine does not answer."""
        words = f"a share of {out.at.name if out.at else address} does not answer"
        if address not in self._resting:
            self._say(f"▲ {words}; its files go to others, and it gets none for {REST_S / 60:.0f} min")
        self._resting[address] = self._now() + REST_S
        yield from self._failed(out, FleetError(words))

    def _failed(self, out: _Out, error: PostureError) -> Iterator[_Event]:
        lost = isinstance(error, FleetError)
        if lost and len(out.mishaps) < TRIES - 1:
            self._waiting.append(out.again(mishap=str(error)))
        elif not lost and len(out.tasks) > 1:  # one of them is to blame
            self._waiting.extend(out.again((task,)) for task in out.tasks)
        else:
            for task in out.tasks:
                words = f"{task.source.name}: {error}"
                state: State = "refused" if isinstance(error, OutputExists) else "failed"
                yield task, FileOutcome(state=state, error=type(error).__name__, message=words, passing=lost)

    def _stopped(self, bundles: Bundles) -> Iterator[_Event]:
        for out in self._out:
            out.forget()
        with suppress(FleetError):
            self._fleet.abandon(self._job)
        left = [task for out in (*self._out, *self._waiting) for task in out.tasks] + bundles.give_up()
        self._out.clear()
        self._waiting.clear()
        yield from ((task, FileOutcome(state="stopped", resumes=task.resumes)) for task in left)


def _replacing_its_own(task: FileTask) -> FileTask:
    """A task that two machines may do, one after the other: the first may end before it can say that it was done.

    Where nothing of its results is there yet, the second may replace what the first has written.
    """
    if task.overwrite:
        return task
    try:
        taken = any(name.name.startswith(f"{task.target.name}.") for name in task.target.parent.iterdir())
    except FileNotFoundError:
        taken = False
    except OSError:
        taken = True
    return msgspec.structs.replace(task, overwrite=not taken)
