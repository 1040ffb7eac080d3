"""Files and folders that are there, or could be, and cannot be read or made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stslidr.errors import FileAccessError, UserError


@contextmanager
def readable(what: str, path: str | Path) -> Iterator[None]:
    """Turn an error of the system in reading a file into one that says which file it is.

    That the file is missing goes through: each reader says how to get it.

    Args:
        what: the kind of file, as people call it.
        path: the file.

    Raises:
        FileAccessError: it is a folder, may not be read, or the disk fails.
    """
    try:
        yield
    except (UserError, FileNotFoundError):
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileAccessError(f'{what} {path} cannot be read: {reason}') from error


def make_folder(what: str, path: str | Path) -> None:
    """Make a folder, and those above it, that a user names for what is to be written.

    Args:
        what: the kind of folder, as people call it.
        path: the folder, which may be there.

    Raises:
        FileAccessError: it cannot be made or written to, or there is a file of that name.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise FileAccessError(f'{what} {path} cannot be made: {error.strerror or error}') from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise FileAccessError(f'{what} {path} cannot be written to')
