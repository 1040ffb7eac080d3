"""Folders that an info file states: where its sensors' files lie, below the data set's root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from stslidr.errors import InputError
from stslidr.files.contained_paths import contained

FOLDERS = 'folders'
"""The key of `metainfo`: sensor (`pts`, `pts_semantic_mask`, cameras by name) -> folder."""
SWEEPS, LABELS = 'pts', 'pts_semantic_mask'
"""MMDetection3D's names for the folders of sweeps and of label files."""


def stated_folders(infos: str | Path, metainfo: Mapping[str, object]) -> dict[str, str]:
    """Sensor -> folder below the data set's root, of those sensors that an info file says it of.

    Args:
        infos: the info file, for messages.
        metainfo: what it says about the data set.

    Raises:
        InputError: `folders` is no dict of texts, or a folder leads out of the root.
    """
    stated = metainfo.get(FOLDERS)
    if stated is None:
        return {}
    where = f'{infos}: metainfo.{FOLDERS}'
    if not isinstance(stated, dict) or not all(
        isinstance(text, str) for entry in stated.items() for text in entry
    ):
        raise InputError(f'{where} is no dict of sensor -> folder below the root')
    return {sensor: contained(folder, f'{where}.{sensor} is') for sensor, folder in stated.items()}


def split_folder(names: Iterable[str], usual: str) -> str:
    """The folder that paths of a sensor's files start from in an info file.

    Args:
        names: the files, relative to the root.
        usual: where such files lie in most roots of this kind.

    Returns:
        `usual` if all files are below it, else the lowest folder that all of them are below; ``.``
        is the root.
    """
    folders = {PurePosixPath(name).parent for name in names}
    if all(folder.is_relative_to(usual) for folder in folders):
        return usual
    common, *others = folders
    while not all(folder.is_relative_to(common) for folder in others):
        common = common.parent
    return str(common)
