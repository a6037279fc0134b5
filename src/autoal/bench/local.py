"""Cells in processes of this machine, one thread each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process

import torch

from autoal.bench.crew import ONE_THREAD, Crew, Death
from autoal.bench.engine import Event, Job, work

PATIENCE = 600.0  # seconds that a process may take to end, also on a busy machine


class Local(Crew["Process"]):
    """An engine of `workers` processes, each started afresh.

    They talk to this process through pipes, and end when it does, however it ended.
    """

    name = "local"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def hire(self) -> Process:
        """Start a process; it is ready some seconds later, and this does not wait for it."""
        return Process()

    def wait(self, busy: Sequence[Process]) -> list[Process]:
        """Those whose pipe holds an event or has been closed."""
        ready = wait([worker.connection for worker in busy])
        return [worker for worker in busy if worker.connection in ready]


class Process:
    """A process that works on jobs, and this end of the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _one_thread(), _interrupts_blocked():
            self._process.start()
        theirs.close()  # so that the pipe ends with the process

    def give(self, job: Job) -> None:
        """Send it a job; if it is dead, `receive` tells."""
        with suppress(BrokenPipeError):
            self.connection.send(job)

    def receive(self) -> Event:
        """The next event that it sent."""
        try:
            event: Event = self.connection.recv()
        except (EOFError, OSError) as error:
            self._process.join(PATIENCE)
            raise Death(_how(self._process.exitcode)) from error
        return event

    def stop(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(connection: Connection) -> None:
    """Work on jobs until there is nobody who gives any."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    with suppress(EOFError, BrokenPipeError):
        while True:
            for event in work(connection.recv()):
                connection.send(event)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # in the middle of whatever it is: nobody is there to hear of it


def _how(exitcode: int | None) -> str:
    if exitcode is None:
        return "the process of the cell closed its pipe"
    if exitcode >= 0:
        return f"the process of the cell ended with exit code {exitcode}"
    name = signal.Signals(-exitcode).name
    hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
    return f"the process of the cell was ended by {name}{hint}"


@contextmanager
def _one_thread() -> Iterator[None]:
    """The environment for a new process, which reads it when it imports its libraries."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """A new process inherits this, so that Ctrl-C reaches the one that started it and no other."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which unblocks interrupts as it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
