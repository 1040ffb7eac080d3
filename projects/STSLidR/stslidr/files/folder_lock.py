"""One process at a time writes to a folder of results."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stslidr.errors import InputError
from stslidr.files.access import make_folder
from stslidr.files.contained_paths import inside

LOCK = '.lock'
PATIENCE = 15.0
"""Seconds to wait for what a killed process has left to end."""


@contextmanager
def hold_folder(folder: Path, kind: str, keep_for_children: bool = False) -> Iterator[int]:
    """Lock a folder, which is created, for this process and its children.

    The lock is the system's: it goes with the last process that holds it, however that ends. So a
    second start waits for what a killed one has left, and for no file of the past.

    Args:
        folder: what to lock.
        kind: what the folder is, for the messages.
        keep_for_children: leaving the block does not unlock it while a child that has inherited
            the descriptor lives.

    Yields:
        The lock's file descriptor, for children to inherit.

    Raises:
        InputError: another process has held the folder for all of `PATIENCE`; names it. Or the
            lock is a link to elsewhere.
    """
    make_folder(kind, folder)
    descriptor = os.open(inside(folder / LOCK, folder), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, folder, kind)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f'{os.getpid()}\n'.encode(), 0)
        try:
            yield descriptor
        finally:
            if not keep_for_children:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path, kind: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, 20, 0).decode().strip() or 'unknown'
                raise InputError(
                    f'{kind} {folder} is in use: process {holder}, or what it has started, '
                    'is at work in it: give another folder, or wait for its end'
                ) from None
        time.sleep(0.1)
