"""A connection to the scheduler of a fleet, for a job and for `posture fleet status`."""

import queue
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import msgspec

from posture.batch import fleet
from posture.batch.address import Address
from posture.batch.certificates import Certificates
from posture.batch.fleet_bench import Ahead, heartbeats
from posture.batch.fleet_workers import Machine, OnEnd
from posture.batch.patience import within
from posture.errors import FleetError, PostureError, SourceError
from posture.privacy import guard

FRESH_S = 2.0
"""For so long an answer about the machines is good enough."""
_LAST_WORD_S = 5.0
"""So long the workers may take to hear that a job has ended."""


class Connection:
    """Implements `fleet_workers.Fleet`."""

    def __init__(self, scheduler: Address, certificates: Certificates, patience_s: float = fleet.PATIENCE_S) -> None:
        """Raises FleetError if nobody is there, or not the scheduler of this fleet."""
        guard.open_for_fleet(guard.Reach(connects=frozenset({scheduler.pair})))
        self._scheduler, self.patience_s = scheduler, patience_s
        try:
            fleet.reach(scheduler, certificates)
        except fleet.NotThere as exc:
            raise FleetError(
                f"no scheduler answers at {scheduler}: {exc}; is it started, and the address right?"
            ) from exc
        distributed = fleet.library(patience_s)
        try:
            self._client = distributed.Client(
                scheduler.url,
                security=fleet.security(certificates),
                set_as_default=False,
                direct_to_workers=False,
                timeout=patience_s,
            )
        except OSError as exc:
            raise FleetError(f"the connection to the scheduler at {scheduler} broke: {exc}") from exc
        self._asked_s = -FRESH_S
        self._answered_s = time.monotonic()
        self._machines: tuple[Machine, ...] = ()

    def machines(self) -> tuple[Machine, ...]:
        """See `Fleet.machines`. At most `FRESH_S` old while the scheduler answers."""
        if time.monotonic() - self._asked_s < FRESH_S:
            return self._machines
        try:
            workers = within(self.patience_s, lambda: self._client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, TimeoutError, RuntimeError) as exc:
            if self._client.status == "closed" or time.monotonic() - self._answered_s > self.patience_s:
                raise FleetError(f"the scheduler at {self._scheduler} is gone: {exc or type(exc).__name__}") from exc
            return self._machines
        self._asked_s = self._answered_s = time.monotonic()
        self._machines = tuple(_machine(address, found) for address, found in sorted(workers.items()))
        return self._machines

    def perform(self, task: bytes, needs: Iterable[str], where: Iterable[str], on_end: OnEnd) -> Callable[[], None]:
        """See `Fleet.perform`."""
        future = self._client.submit(
            fleet.perform,
            task,
            key=f"posture-{secrets.token_hex(16)}",
            pure=False,
            resources=dict.fromkeys(needs, 1),
            workers=sorted(where) or None,
        )
        future.add_done_callback(lambda done: on_end(*_reply(done)))
        return lambda: future.release() if future.status == "pending" else None

    def remote(self, address: str) -> "_Remote":
        """See `Fleet.remote`."""
        return _Remote(self, self._client, address)

    def abandon(self, job: str) -> None:
        """See `Fleet.abandon`. Does not wait longer than `_LAST_WORD_S`."""
        with suppress(Exception):  # a worker that cannot be told finishes what it has
            within(_LAST_WORD_S, lambda: self._client.run(fleet.abandon, job, on_error="ignore"))

    def close(self) -> None:
        """See `Fleet.close`."""
        self._client.close(timeout=_LAST_WORD_S)


class _Remote:
    """Implements `streaming.Remote`."""

    def __init__(self, connection: Connection, client: Any, address: str) -> None:  # noqa: ANN401 - Dask's
        self._connection, self._client, self._address = connection, client, address

    def receive(self, key: str, name: bytes, offset: int, piece: bytes) -> int:
        """See `Incoming.receive`."""
        return int(self._call(fleet.receive, key, name, offset, piece))

    def send(self, key: str, name: bytes, offset: int) -> bytes:
        """See `Incoming.send`."""
        return bytes(self._call(fleet.send, key, name, offset))

    def discard(self, key: str) -> None:
        """See `Incoming.discard`."""
        self._call(fleet.discard, key)

    def perform(self, task: bytes) -> bytes:
        """See `fleet.Perform`; a worker that goes away is noticed."""
        replies: queue.SimpleQueue[bytes | PostureError] = queue.SimpleQueue()
        forget = self._connection.perform(task, (), (self._address,), lambda _, reply: replies.put(reply))
        while True:
            with suppress(queue.Empty):
                reply = replies.get(timeout=FRESH_S)
                break
            if self._address not in {machine.address for machine in self._connection.machines()}:
                forget()
                raise FleetError("the worker that had a file went away")
        if isinstance(reply, PostureError):
            raise reply
        return reply

    def _call(self, function: Callable[..., object], *arguments: object) -> Any:  # noqa: ANN401 - what it returns
        try:
            return within(
                self._connection.patience_s,
                lambda: self._client.run(function, *arguments, workers=[self._address])[self._address],
                "calling",
            )
        except PostureError:
            raise
        except (OSError, TimeoutError, KeyError, ValueError, RuntimeError) as exc:
            raise FleetError(f"the worker at {self._address} cannot be reached: {exc or type(exc).__name__}") from exc


def _reply(future: Any) -> tuple[str, bytes | PostureError]:  # noqa: ANN401 - Dask's
    """Which worker answered what."""
    try:
        if future.status in {"cancelled", "lost"}:
            return "", FleetError("the connection to the scheduler broke")
        address, reply = future.result()
    except PostureError as exc:
        return "", exc
    except Exception as exc:  # noqa: BLE001 - whatever a worker raised or Dask makes of its end
        if type(exc).__name__ == "KilledWorker":
            return "", SourceError(f"{fleet.TRIES} workers ended one after the other while they worked at it")
        return "", FleetError(f"a worker failed: {exc!r}")
    finally:
        future.release()
    return str(address), bytes(reply)


def _machine(address: str, found: dict[str, Any]) -> Machine:
    metrics: dict[str, Any] = found.get("metrics", {})
    ahead: tuple[Ahead, ...] = ()
    with suppress(msgspec.DecodeError, TypeError):  # of another version
        ahead = heartbeats.decode(metrics.get(fleet.AHEAD, b"\x90"))
    return Machine(
        address=address,
        name=str(found["name"]),
        places=int(found["nthreads"]),
        busy=int(metrics.get("executing", 0)),
        offers=tuple(found.get("resources", {})),
        ahead=ahead,
        silent_s=round(max(0.0, time.time() - float(found["last_seen"])), 1),
    )
