"""Names that come out of files stay in the folders that they belong in.

The rule looks at the name alone, so a data set whose files are links to elsewhere goes on working,
and so does a folder that a config states with an absolute path.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from stslidr.errors import InputError


def contained(name: str | PurePath, where: str) -> str:
    """The name, which leads to nowhere outside of a folder.

    Args:
        name: of a file, relative to the folder.
        where: what states the name, for the message.

    Raises:
        InputError: it is empty or absolute, goes up with ``..``, or holds a character NUL.
    """
    text = str(name)
    if not text or text[0] == '/' or '\0' in text or '..' in text.split('/'):
        raise InputError(
            f'{where} {text[:200]!r}, which is no path below a folder: without .., not absolute. '
            'Folders are named in the config'
        )
    return text


def inside(path: Path, folder: Path) -> Path:
    """The path of a file in a folder of results, which no link leads out of the folder.

    The folder itself may lie behind a link.

    Raises:
        InputError: the file, or a folder on the way, is a link to elsewhere; names both.
    """
    try:
        found = path.resolve()
    except (OSError, RuntimeError) as error:  # links in a circle
        raise InputError(f'{path} leads nowhere: {error}') from error
    if not found.is_relative_to(folder.resolve()):
        raise InputError(
            f'{path} is a link to {found}, outside of {folder}: results are read and written '
            'in their own folder; copy the file there'
        )
    return path
