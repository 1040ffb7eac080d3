"""The guard of a study: kills what runs when the study's process is gone, even by SIGKILL.

It runs as a script of its own and reads from stdin, one a line, `+GROUP` and `-GROUP` for each
process group that starts and has ended. When stdin closes it kills the groups that are left.
It holds the results folder's lock meanwhile, which it inherits, so the next start waits for it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

PATIENCE = 10.0
"""Seconds until it gives up on a group, such as one of zombies that nobody reaps."""


def follow(lines: Iterable[str]) -> set[int]:
    """Return the process groups that have started and not ended when the lines end."""
    groups: set[int] = set()
    for line in lines:
        if line.startswith('+'):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    return groups


def kill(groups: set[int]) -> None:
    """Kill process groups and wait until they are gone."""
    deadline = time.monotonic() + PATIENCE
    while groups and time.monotonic() < deadline:
        for group in list(groups):
            try:
                os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                groups.discard(group)
        time.sleep(0.02)


if __name__ == '__main__':
    kill(follow(sys.stdin))
