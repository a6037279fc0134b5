"""Cells on a Ray cluster, one CPU each."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

from autoal.bench.crew import ONE_THREAD, Crew, Death
from autoal.bench.engine import Event, Job, work
from autoal.errors import InputError


class Cluster(Crew["Actor"]):
    """An engine of Ray actors. autoal and the data must be on every machine of the cluster.

    Args:
        workers: actors; default: one for each CPU of the cluster, or two where one is started.
        address: of a cluster that is running; default: one is started on this machine, and ended at the end.

    Raises:
        InputError: Ray is not installed, or there is no cluster at the address.
    """

    name = "ray"

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        self._ray, self._address = _ray(), address
        if address is not None:
            self._connect()
        self.workers = workers or (int(self._ray.cluster_resources().get("CPU", 1)) if address else 2)

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """Keep the actors busy until every job has ended; closing the iterator stops them all."""
        ours = not self._ray.is_initialized()
        if ours:
            self._connect()
        try:
            yield from super().run(jobs)
        finally:
            if ours:
                self._ray.shutdown()

    def hire(self) -> Actor:
        """Ask for an actor; it gets its first job before it is ready."""
        return Actor(self._ray)

    def wait(self, busy: Sequence[Actor]) -> list[Actor]:
        """Those whose next event is there."""
        ready, _ = self._ray.wait([worker.events for worker in busy], num_returns=1, fetch_local=False)
        return [worker for worker in busy if any(worker.events is events for events in ready)]

    def _connect(self) -> None:
        quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
        if self._address is None:
            self._ray.init("local", num_cpus=self.workers, include_dashboard=False, **quiet)
            return
        try:
            self._ray.init(self._address, ignore_reinit_error=True, **quiet)
        except (ConnectionError, ValueError, RuntimeError) as error:
            hint = "ray start --head, and the address that it prints"
            raise InputError("a Ray cluster at --address", f"{self._address}: {error}", hint) from error


class Actor:
    """A process of the cluster that works on jobs."""

    events: Any  # of the job that it has

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        options = {"num_cpus": 1, "max_restarts": 0, "runtime_env": {"env_vars": ONE_THREAD}}
        self._actor = ray.remote(**options)(Server).remote()

    def give(self, job: Job) -> None:
        """Send it a job; if it is dead, `receive` tells."""
        self.events = self._actor.work.options(num_returns="streaming").remote(job)

    def receive(self) -> Event:
        """The next event of its job."""
        try:
            event: Event = self._ray.get(next(self.events))
        except self._ray.exceptions.RayError as error:
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise Death(f"the process of the cell ended: {said[0]}") from error
        return event

    def stop(self) -> None:
        """Kill it."""
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(self._actor)


class Server:
    """What runs in the process of an actor."""

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)

    def work(self, job: Job) -> Iterator[Event]:
        """The events of a job."""
        yield from work(job)


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "the package ray for --engine ray", "none installed", "pip install '.[ray]' in autoal's folder"
        ) from error
    return ray
