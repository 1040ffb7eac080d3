"""Folders of a data set that depend on the camera or the version, and where in them a file lies."""

from __future__ import annotations

from pathlib import Path

from stslidr.errors import InputError
from stslidr.files.contained_paths import contained

CAMERA = '{camera}'
VERSION = '{version}'


def camera_folder(pattern: str, camera: str) -> str:
    """The folder of a camera: its name in place of ``{camera}``."""
    return pattern.replace(CAMERA, camera)


def version_folder(pattern: str, version: object, where: str) -> str:
    """The folder of a version: its name in place of ``{version}``.

    Args:
        pattern: the folder, maybe with ``{version}``.
        version: what the info file states, None if nothing.
        where: the info file, and what the folder is of; for the message.

    Raises:
        InputError: there is ``{version}`` in the pattern, and no text to put there, or one that
            leads out of the folder.
    """
    if VERSION not in pattern:
        return pattern
    if not isinstance(version, str) or not version:
        raise InputError(
            f'{where} in {pattern!r}, but the file does not state the version of its data set, '
            f'which {VERSION} stands for: add metainfo.version, or write the folder out'
        )
    return pattern.replace(VERSION, contained(version, f'{where} in {pattern!r}, for version'))


def find_file(root: Path, name: str, folder: str) -> Path:
    """`name` under `root` if there is such a file, else in `folder` under `root`."""
    path = root / name
    return path if path.is_file() else root / folder / name
