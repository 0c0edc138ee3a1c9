"""The network of a fleet: Dask distributed over TLS, and the only place of this program that opens a connection.

    posture batch run --fleet A     posture fleet scheduler           posture fleet worker A
    client ───── tls, mutual ─────► listens at A  ◄──── tls, mutual ── listens too, for the scheduler alone

Only processes that were started for a fleet can do it at all (`posture.privacy.guard`): theirs is TCP with the
addresses named here, nothing else. Each side shows a certificate of the fleet's own authority and asks for one; the
name in it must be that of the part the other side plays. There is no dashboard, no HTTP server, no plain connection, no
name to look up, and no settings but these: Dask's own files and variables are not read.

Whoever holds a certificate of the fleet can have any of its machines run any code, because Dask's messages are pickles.
That is the boundary of trust, and the reason why the program makes an authority for each fleet (`certificates`).
"""

import asyncio
import contextlib
import importlib.util
import logging
import os
import socket
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from posture.batch.address import Address
from posture.batch.certificates import Certificates, Role, server_name
from posture.batch.incoming import Incoming
from posture.errors import ConfigError, FleetError
from posture.privacy import guard

PATIENCE_S = 90.0
"""A machine that is silent for so long counts as gone: longer than a switch takes to restart (30 to 60 s). Dask refuses
less than 11 s, so the verbs do less than 15.
"""
LOOK_SHARE = 0.2
"""Of the patience: so often the scheduler looks who is silent. Dask looks as seldom as its patience lasts."""
TRIES = 3
"""So many machines may end while they work at a file; then the file is one that failed."""
AHEAD = "posture.ahead"
"""Among the figures of a worker's heartbeat. The scheduler keeps those of the last one, so nothing grows."""
_RETRY_S = (1.0, 2.0, 5.0, 10.0)
_HANDSHAKE_S = 20.0
_LEAST_TLS = ssl.TLSVersion.TLSv1_3
# What a client or a worker could have the scheduler do besides handing out work.
_NOT_SERVED_BY_SCHEDULER = ("run_function", "register_scheduler_plugin", "register_worker_plugin")
_PEER: Mapping[Role, Role] = {"client": "scheduler", "worker": "scheduler", "scheduler": "worker"}

Say = Callable[[str], None]
Dask: TypeAlias = Any
"""What the library gives, which has no types."""


class Perform(Protocol):
    """What a worker does with a task. Called in as many threads at once as the worker has places."""

    def perform(self, task: bytes) -> bytes:
        """The outcome; never raises."""

    def abandon(self, job: str = "") -> None:
        """End what is in hand for this job, or all, at once: nobody waits for it. What comes later is done as ever."""

    @property
    def ahead(self) -> bytes:
        """How far each place is, for the heartbeat; from any thread, at once."""

    @property
    def incoming(self) -> Incoming:
        """Where files go that are sent here."""


@dataclass
class Stop:
    """Somebody wants no more. `stop` may be called from a signal handler or another thread."""

    stopped: bool = False
    _wake: list[Callable[[], object]] = field(default_factory=list)

    def stop(self) -> None:
        """End in order."""
        self.stopped = True
        for wake in self._wake:
            wake()

    def event(self, loop: asyncio.AbstractEventLoop) -> asyncio.Event:
        """An event of `loop` that is set with the wish."""
        event = asyncio.Event()
        self._wake.append(lambda: _call_in(loop, event.set))
        if self.stopped:
            event.set()
        return event


def run_scheduler(
    at: Address, certificates: Certificates, stop: Stop, say: Say, patience_s: float = PATIENCE_S
) -> None:
    """Hand out work at this address until somebody wants no more. Raises FleetError if it cannot listen there."""
    guard.open_for_fleet(guard.Reach(listens=at.pair, connects=None))
    distributed = library(patience_s)

    class Scheduler(_without_http(distributed.Scheduler)):  # type: ignore[misc]
        pass

    async def serve() -> None:
        wanted = stop.event(asyncio.get_running_loop())
        scheduler = Scheduler(
            host=at.host,
            port=at.port,
            protocol="tls",
            security=security(certificates),
            dashboard=False,
            blocked_handlers=list(_NOT_SERVED_BY_SCHEDULER),
            extensions={},  # locks, queues, variables: nothing of it is used, and one of them (spans) keeps each task
        )
        scheduler.periodic_callbacks["worker-ttl"].callback_time = 1000 * patience_s * LOOK_SHARE
        try:
            await scheduler
            say(f"the scheduler listens at {at}")
            await wanted.wait()
        finally:
            await scheduler.close(reason="the scheduler ends")

    try:
        asyncio.run(serve())
    except (OSError, RuntimeError) as exc:  # RuntimeError: what Dask makes of a failed start
        why = exc.__cause__ if isinstance(exc.__cause__, OSError) else exc
        words = getattr(why, "strerror", "") or why
        hint = "is it an address of this machine, and is no other scheduler running there?"
        raise FleetError(f"cannot listen at {at}: {words}; {hint}") from exc


def run_worker(
    scheduler: Address,
    certificates: Certificates,
    bench: Perform,
    stop: Stop,
    say: Say,
    *,
    places: int,
    offers: tuple[str, ...],
    listen: Address | None = None,
    patience_s: float = PATIENCE_S,
) -> None:
    """Work for the scheduler until somebody wants no more; when the connection breaks, begin anew.

    `offers`: what is true of this machine; only tasks that ask for nothing else come here.
    Raises FleetError if the scheduler refuses this machine, or is not one; a scheduler that is not there yet is waited
    for.
    """
    guard.open_for_fleet(guard.Reach(connects=frozenset({scheduler.pair})))
    global _bench
    _bench = bench
    asyncio.run(Working(scheduler, certificates, bench, say, places, offers, listen, patience_s).until(stop))


@dataclass(frozen=True)
class Working:
    """The work for one scheduler, over one connection after the other."""

    scheduler: Address
    certificates: Certificates
    bench: Perform
    say: Say
    places: int
    offers: tuple[str, ...]
    listen: Address | None
    patience_s: float

    async def until(self, stop: Stop) -> None:
        """Until somebody wants no more."""
        wanted, failures = stop.event(asyncio.get_running_loop()), 0
        while not wanted.is_set():
            try:
                own = await asyncio.to_thread(reach, self.scheduler, self.certificates)
                await self._once(self.listen or own, wanted)
                failures = 0
            except (OSError, RuntimeError, NotThere) as exc:  # RuntimeError: what Dask makes of a failed start
                self.say(f"no connection to the scheduler at {self.scheduler} ({exc.__cause__ or exc}); trying again")
            self.bench.abandon()
            wait_s = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
            failures += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wanted.wait(), 0.0 if wanted.is_set() else wait_s)

    async def _once(self, own: Address, wanted: asyncio.Event) -> None:
        """Until the connection breaks. Raises OSError or RuntimeError if there is none."""
        guard.open_for_fleet(guard.Reach(listens=own.pair, connects=frozenset({self.scheduler.pair})))
        with tempfile.TemporaryDirectory(prefix="posture-fleet-") as scratch:
            worker = self._worker(own, scratch)
            try:
                await worker
                self.say(f"working for {self.scheduler}: {self.places} file{'s' if self.places > 1 else ''} at a time")
                ends = {asyncio.ensure_future(worker.finished()), asyncio.ensure_future(wanted.wait())}
                _, waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                for each in waiting:
                    each.cancel()
                self.bench.abandon()
            finally:
                with contextlib.suppress(Exception):
                    await worker.close(reason="the worker ends", executor_wait=False)

    def _worker(self, own: Address, scratch: str) -> Dask:
        distributed = library(self.patience_s)
        _say_own_address(distributed, own)
        return _without_http(distributed.Worker)(
            self.scheduler.url,
            host=own.host,
            port=own.port,
            protocol="tls",
            security=security(self.certificates),
            dashboard=False,
            nthreads=self.places,
            resources=dict.fromkeys(self.offers, float(self.places)),
            memory_limit=0,
            extensions={},
            metrics={AHEAD: lambda _: self.bench.ahead},
            name=f"{self.certificates.name}-{os.getpid()}",
            local_directory=scratch,
            death_timeout=self.patience_s,
        )


class NotThere(Exception):
    """Nobody answers at the address of the scheduler."""


def reach(scheduler: Address, certificates: Certificates) -> Address:
    """The own address of this machine on the way to the scheduler, after a handshake with it.

    Raises NotThere (an OSError would do) while nobody answers, FleetError where somebody answers who is not the
    scheduler of this fleet, or who refuses us: waiting would not change that.
    """
    args = security(certificates).get_connection_args(certificates.role)
    try:
        with socket.create_connection(scheduler.pair, timeout=_HANDSHAKE_S) as plain:
            own = Address(plain.getsockname()[0], 0)
            with args["ssl_context"].wrap_socket(plain, server_hostname=args["server_hostname"]) as encrypted:
                encrypted.settimeout(_HANDSHAKE_S)
                # In TLS 1.3 the other side looks at our certificate after we think that all is well: its first bytes,
                # or its refusal, tell.
                if not encrypted.recv(1):
                    raise NotThere("it closed the connection")
    except ssl.SSLCertVerificationError as exc:
        raise FleetError(
            f"what answers at {scheduler} is not the scheduler of this fleet: {exc.verify_message}; is the address "
            "right, and were both certificates made in one folder (posture fleet certs)?"
        ) from exc
    except ssl.SSLEOFError as exc:
        raise NotThere("it closed the connection") from exc
    except ssl.SSLError as exc:
        raise FleetError(
            f"the scheduler at {scheduler} refuses this machine ({exc.reason or exc}): is it of the same fleet?"
        ) from exc
    except OSError as exc:
        raise NotThere(exc.strerror or str(exc)) from exc
    return own


_bench: Perform | None = None
"""Of this worker. Dask finds the functions below by their names, and calls them with what a job sent."""


def perform(task: bytes) -> tuple[str, bytes]:
    """Runs in a thread of the worker: its address, and the reply to a task."""
    import distributed

    return str(distributed.get_worker().address), _of_this_worker().perform(task)


def abandon(job: str) -> None:
    """Runs in the loop of a worker, like those below: whoever gave the tasks wants no more."""
    _of_this_worker().abandon(job)


def receive(key: str, name: bytes, offset: int, piece: bytes) -> int:
    """See `Incoming.receive`."""
    return _of_this_worker().incoming.receive(key, name, offset, piece)


def send(key: str, name: bytes, offset: int) -> bytes:
    """See `Incoming.send`."""
    return _of_this_worker().incoming.send(key, name, offset)


def discard(key: str) -> None:
    """See `Incoming.discard`."""
    _of_this_worker().incoming.discard(key)


def _of_this_worker() -> Perform:
    if _bench is None:
        raise FleetError("this process is no worker")
    return _bench


def check_installed() -> None:
    """Raises ConfigError where the extra is not there."""
    if importlib.util.find_spec("distributed") is None:
        raise ConfigError("a fleet needs the extra `fleet`: pip install posture[fleet]")


def library(patience_s: float) -> Dask:
    """The library, set up by these lines alone: no file of the user and no variable says anything to it."""
    for name in [name for name in os.environ if name.startswith("DASK_")]:
        del os.environ[name]
    os.environ["DASK_CONFIG"] = os.devnull
    import dask

    off = (
        *("scheduler.work-stealing", "scheduler.active-memory-manager.start", "worker.profile.enabled"),
        *("admin.system-monitor.disk", "admin.system-monitor.gil.enabled", "diagnostics.nvml"),
        *(f"worker.memory.{name}" for name in ("transfer", "target", "spill", "pause", "terminate")),
    )
    silence = f"{patience_s:g}s"
    dask.config.set(
        {
            **{f"distributed.{name}": False for name in off},
            "distributed.comm.default-scheme": "tls",
            "distributed.comm.require-encryption": True,
            "distributed.comm.timeouts.connect": f"{_HANDSHAKE_S:g}s",
            "distributed.comm.timeouts.tcp": silence,
            "distributed.scheduler.worker-ttl": silence,
            "distributed.scheduler.allowed-failures": TRIES - 1,
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "distributed.admin.tick.interval": "1s",  # 20 ms by default: each process would wake for it, day and night
            "distributed.admin.tick.limit": "30s",
            "distributed.admin.system-monitor.interval": "5s",
            "distributed.admin.log-length": 100,
            "distributed.admin.low-level-log-length": 100,
        }
    )
    import distributed

    for name in ("distributed", "tornado", "tornado.application", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # they print addresses and paths; we say what matters
    return distributed


def _without_http(kind: Dask) -> Dask:
    """The class of a node that starts no web server; with `dashboard=False` alone Dask starts one all the same."""

    class Quiet(kind):  # type: ignore[misc]
        def start_http_server(self, *_: object, **__: object) -> None:
            """None."""

    return Quiet


def _say_own_address(distributed: Dask, own: Address) -> None:
    """Dask asks for a route with a datagram socket; we know the answer from the handshake."""
    distributed.worker.get_ip = lambda *_, **__: own.host


def security(certificates: Certificates) -> Dask:
    """TLS 1.3, both sides show certificates, and the other side must be what it should be."""
    distributed: Dask = importlib.import_module("distributed")

    class Security(distributed.Security):  # type: ignore[misc]
        def get_connection_args(self, role: Role) -> dict[str, Any]:
            found: dict[str, Any] = super().get_connection_args(role)
            found["ssl_context"].check_hostname = True
            return {**found, "server_hostname": server_name(_PEER[role])}

    role = certificates.role
    own = {f"tls_{role}_cert": str(certificates.certificate), f"tls_{role}_key": str(certificates.key)}
    return Security(tls_ca_file=str(certificates.authority), require_encryption=True, tls_min_version=_LEAST_TLS, **own)


def _call_in(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(call)
