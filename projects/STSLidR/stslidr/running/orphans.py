"""The processes of a distributed run end when what has launched them is gone."""

from __future__ import annotations

import os
import sys
import threading
import time

INTERVAL = 1.0
"""Seconds from one look to the next."""
STATUS = 143
"""As of a process that SIGTERM has ended: the launcher would have sent it."""


def end_with_parent() -> None:
    """From now on, end this process within seconds of its parent's end.

    A launcher that is killed ends no process: each would train on, and write to the work dir that
    a new start uses.
    """
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name='parent-watch', daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    print(f'process {os.getpid()}: the launcher, process {parent}, is gone', file=sys.stderr)
    sys.stderr.flush()
    os._exit(STATUS)
