"""A fleet without a network: workers that are functions, and machines that come and go when a test says so."""

import threading

from posture.batch.fleet_bench import Reply, assignments, encoder
from posture.batch.fleet_workers import Machine
from posture.batch.offers import program
from posture.batch.work import FileOutcome
from posture.errors import FleetError


def machine(address, places=1, offers=None, ahead=()):
    offers = offers or (program(), "model full")
    return Machine(address=address, name=address, places=places, busy=0, offers=offers, silent_s=0.0, ahead=ahead)


def done(task):
    return FileOutcome(state="done", source_sha256=task.path.hex())


class FakeFleet:
    """Implements `Fleet`. `work(address, task)` gives an outcome, None for a file that is not seen, or an error; shares
    of the machines in `silent` do not answer.
    """

    def __init__(self, machines, work=lambda address, task: done(task)):
        self.there = list(machines)
        self.work = work
        self.silent = set()
        self.given = []
        self.most_out = 0
        self.abandoned = []
        self.remotes = {}
        self._out = 0
        self._turn = 0

    def machines(self):
        if isinstance(self.there, FleetError):
            raise self.there
        return tuple(self.there)

    def perform(self, task, needs, where, on_end):
        self._out += 1
        self.most_out = max(self.most_out, self._out)
        assigned = assignments.decode(task)
        addresses = [each.address for each in self.there if set(needs) <= set(each.offers)]
        addresses = [each for each in addresses if not where or each in where]
        self._turn += 1
        address = addresses[self._turn % len(addresses)] if addresses else ""
        self.given.append((address, assigned))
        ended = threading.Thread(target=self._perform, args=(address, assigned, on_end))
        ended.start()
        ended.join()
        return lambda: None

    def _perform(self, address, assigned, on_end):
        self._out -= 1
        if not address:
            return  # nobody is there who could: it is never heard of again
        found = [self.work(address, task) for task in assigned.tasks]
        error = next((each for each in found if isinstance(each, Exception)), None)
        on_end(address, error or encoder.encode(Reply(tuple(found), silent=address in self.silent)))

    def remote(self, address):
        return self.remotes[address]

    def abandon(self, job):
        self.abandoned.append(job)

    def close(self):
        pass
