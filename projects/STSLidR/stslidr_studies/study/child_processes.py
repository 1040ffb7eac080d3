"""Processes of a study: one holder of a results folder, and children that end with it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from stslidr.errors import InputError
from stslidr.files.access import make_folder
from stslidr.files.contained_paths import inside
from stslidr_studies.study.process_guard import VARIABLE, find_marked

LOCK = '.lock'
PATIENCE = 15.0
"""Seconds to wait for what a killed study has left to end."""
GRACE = 10.0
"""Seconds that a child has between SIGTERM and SIGKILL."""


@contextmanager
def hold_folder(folder: Path) -> Iterator[int]:
    """Lock a results folder, which is created, for this process and its children.

    The lock is the system's: it goes with the last process that holds it, however that ends. So a
    second start waits for what a killed one has left, and for no file of the past.

    Yields:
        The lock's file descriptor, for children to inherit.

    Raises:
        InputError: another process has held the folder for all of `PATIENCE`; names it. Or the
            lock is a link to elsewhere.
    """
    make_folder('results folder', folder)
    descriptor = os.open(inside(folder / LOCK, folder), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f'{os.getpid()}\n'.encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, 20, 0).decode().strip() or 'unknown'
                raise InputError(
                    f'{folder} is in use: process {holder}, or what it has started, '
                    'is at work in it'
                ) from None
        time.sleep(0.1)


class Children:
    """Starts commands that end with this process, and so does all that they start.

    A context manager: leaving it ends what still runs.

    Args:
        lock: descriptor that children inherit.
    """

    def __init__(self, lock: int) -> None:
        self._lock = lock
        self._mark = uuid.uuid4().hex
        self._running: dict[int, subprocess.Popen] = {}

    def __enter__(self) -> Children:
        """Start the guard."""
        script = str(Path(__file__).with_name('process_guard.py'))
        self._guard = subprocess.Popen(
            [sys.executable, '-I', script, self._mark],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=[self._lock],
            cwd='/',
        )
        return self

    def start(
        self, command: list[str], log: Path, environment: Mapping[str, str]
    ) -> subprocess.Popen:
        """Start a command, its output and errors behind what `log` holds."""
        with log.open('ab') as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**environment, VARIABLE: self._mark},
                start_new_session=True,
                pass_fds=[self._lock],
            )
        self._running[process.pid] = process
        return process

    def ended(self, process: subprocess.Popen) -> bool:
        """Whether a process has ended."""
        if process.poll() is None:
            return False
        self._running.pop(process.pid, None)
        return True

    def __exit__(self, *_: object) -> None:
        """Ask what runs to end, wait, then let the guard kill it."""
        for group in self._running:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while find_marked(self._mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._guard.communicate()  # closes its stdin
        for process in self._running.values():
            process.wait()
