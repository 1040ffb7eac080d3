"""SHA-256 of many files in one text file, in the format of ``sha256sum``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.files.atomic import write_bytes

_LINE = re.compile(r'([0-9a-f]{64}) [ *]([^\n\0]+)')


def write_hashes(path: str | Path, hashes: Mapping[str, str]) -> None:
    """Write a hash and a name per line, by name; ``sha256sum -c`` reads it.

    Args:
        path: the list.
        hashes: name of a file -> its SHA-256 in hexadecimal digits.

    Raises:
        InputError: a name has a line break, which the format has no room for.
        FileAccessError: the list cannot be written.
    """
    if broken := [name for name in hashes if '\n' in name or '\r' in name]:
        raise InputError(f'the name {broken[0]!r} has a line break: rename the file')
    lines = [f'{hashes[name]}  {name}\n' for name in sorted(hashes)]
    write_bytes(path, ''.join(lines).encode('utf-8', 'surrogateescape'))


def read_hashes(path: str | Path) -> dict[str, str]:
    """Read such a list: name -> SHA-256.

    Raises:
        MissingFileError: it is not there.
        FileAccessError: it cannot be read.
        InputError: a line is none of such a list; names its number.
    """
    path = Path(path)
    try:
        with readable('list of hashes', path):
            text = path.read_bytes().decode('utf-8', 'surrogateescape')
    except FileNotFoundError:
        raise MissingFileError(f'list of hashes {path} does not exist') from None
    hashes = {}
    for number, line in enumerate(text.split('\n')[:-1] if text else [], start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError(
                f'{path}, line {number} is no hash and file name, as sha256sum writes them: '
                f'{line[:80]!r}'
            )
        hashes[match[2]] = match[1]
    if text and not text.endswith('\n'):
        raise InputError(f'{path} ends in the middle of a line: it is cut off')
    return hashes
