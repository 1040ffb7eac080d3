"""The guard of a study: kills what runs when the study's process is gone, even by SIGKILL.

It runs as a script of its own, whose argument is the study's mark, and waits until its stdin
closes. Then it kills every process that carries the mark in its environment. Process groups would
not do: torchrun puts each of its workers into a session of its own. It holds the results folder's
lock meanwhile, which it inherits, so the next start waits for it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

VARIABLE = 'STSLIDR_STUDY'
"""Environment variable that holds the mark of the study that started a process."""
PATIENCE = 10.0
"""Seconds until it gives up on a process, such as one that waits for a dead disk."""


def find_marked(mark: str) -> set[int]:
    """Return the ids of all running processes that were started with this mark."""
    entry = f'{VARIABLE}={mark}'.encode()
    found = set()
    for path in Path('/proc').glob('[0-9]*/environ'):
        with suppress(OSError):  # gone meanwhile, or another user's
            if entry in path.read_bytes().split(b'\0'):
                found.add(int(path.parent.name))
    return found


def kill_marked(mark: str) -> None:
    """Kill all processes with this mark and wait until they are gone."""
    deadline = time.monotonic() + PATIENCE
    while (found := find_marked(mark)) and time.monotonic() < deadline:
        for number in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.02)


if __name__ == '__main__':
    sys.stdin.read()
    kill_marked(sys.argv[1])
