"""Write files so that a reader, or the next run, never meets a half-written one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stslidr.errors import FileAccessError, UserError


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
        FileAccessError: the folder cannot be written, the disk is full, or `path` is a device or
            the like; names `path`. One that the block raises about another file goes through as it
            is.
    """
    target = Path(path)
    _refuse_special(target)
    partial = target.with_name(f'.{target.name}.partial')
    block_ended = False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        try:
            yield partial
            block_ended = True
            _flush(partial)
            os.replace(partial, target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _flush(target.parent)
    except UserError:
        raise
    except OSError as error:
        if not _is_about(error, target, partial):
            raise
        if error.errno == errno.ENOENT and block_ended:  # it has written nothing, a fault of ours
            raise FileNotFoundError(error.errno, error.strerror, str(target)) from error
        raise _naming(error, target) from error


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path` atomically (see `write_atomically`)."""
    with write_atomically(path) as partial:
        partial.write_bytes(data)


def check_can_write(path: str | Path) -> None:
    """Refuse a file that cannot be written, before what it is to hold is computed.

    Missing parent folders are created.

    Raises:
        FileAccessError: the folder cannot be made or written to, or `path` is a folder, a device or
            the like.
    """
    target = Path(path)
    _refuse_special(target)
    if target.is_dir():
        raise FileAccessError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    partial = target.with_name(f'.{target.name}.partial')
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        partial.unlink(missing_ok=True)  # another process may have looked as well
    except OSError as error:
        raise _naming(error, target) from error


def _refuse_special(target: Path) -> None:
    """Raise FileAccessError for what a rename would replace by a file, as /dev/null."""
    try:
        mode = target.stat().st_mode
    except (OSError, ValueError):  # what else is wrong with it is said by who writes
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise FileAccessError(f'{target} cannot be written: it is no ordinary file')


def _is_about(error: OSError, target: Path, partial: Path) -> bool:
    """Whether an error is about the file to write or a folder above it, not about another file."""
    name = error.filename
    return name in (None, str(partial)) or Path(os.fsdecode(name)) in target.parents


def _naming(error: OSError, target: Path) -> FileAccessError:
    """The same error about `target`; a full disk in the middle of a write names no file."""
    if error.errno is None:  # numpy's, for a file that it could not write whole
        return FileAccessError(f'{target} cannot be written: {error}')
    above = error.filename and Path(os.fsdecode(error.filename)) in target.parents
    return FileAccessError(error.errno, error.strerror, error.filename if above else str(target))


def _flush(path: Path) -> None:
    """Force a file's content, or a folder's entries, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
