"""Processes of a study: children that end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from stslidr_studies.study.process_guard import VARIABLE, find_marked

GRACE = 10.0
"""Seconds that a child has between SIGTERM and SIGKILL."""


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
