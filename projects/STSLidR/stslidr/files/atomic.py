"""Write files so that a reader, or the next run, never meets a half-written one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stslidr.errors import FileAccessError


@contextmanager
def write_atomically(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it becomes `path` when the block ends without error.

    The content is on the disk (fsync) before the rename, and an existing `path` stays whole until
    then. If the block raises, the temporary file is removed. A killed process can leave it behind:
    it is hidden, has the fixed name `.<name>.partial`, and the next write to `path` replaces it.
    So at most one process may write to one `path` at a time.

    Args:
        path: the file to write; missing parent folders are created.

    Yields:
        The temporary path, which the block must create. Its suffix is not that of `path`: state
        a file format explicitly where a writer would guess it from the name.

    Raises:
        FileAccessError: the folder cannot be written or the disk is full; names `path`. One that
            the block raises about another file goes through as it is.
    """
    target = Path(path)
    partial = target.with_name(f'.{target.name}.partial')
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        try:
            yield partial
            _flush(partial)
            os.replace(partial, target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _flush(target.parent)
    except OSError as error:
        if error.filename not in (None, str(partial)):
            raise
        raise _naming(error, target) from error


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path` atomically (see `write_atomically`)."""
    with write_atomically(path) as partial:
        partial.write_bytes(data)


def _naming(error: OSError, target: Path) -> OSError:
    """The same error about `target`; a full disk in the middle of a write names no file."""
    if error.errno == errno.ENOENT:  # the block has not written it, a fault of its own
        return FileNotFoundError(error.errno, error.strerror, str(target))
    if error.errno is None:  # numpy's, for a file that it could not write whole
        return FileAccessError(f'{target} cannot be written: {error}')
    return FileAccessError(error.errno, error.strerror, str(target))


def _flush(path: Path) -> None:
    """Force a file's content, or a folder's entries, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
