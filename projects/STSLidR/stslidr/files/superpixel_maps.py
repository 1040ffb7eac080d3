"""Superpixel folders: one label map an image, `<sample_data_token>.png`, and a manifest."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslidr.errors import InputError, MissingFileError
from stslidr.files.atomic import write_bytes
from stslidr.files.label_png import encode_labels, read_labels
from stslidr.files.superpixel_manifest import TOOL, SuperpixelManifest

_SAFE_TOKEN = re.compile(r'[A-Za-z0-9_][A-Za-z0-9_.-]*')


class SuperpixelMaps:
    """A finished superpixel folder, to read from. Holds no open file: it can be sent to workers."""

    def __init__(self, folder: str | Path) -> None:
        """Read the manifest.

        Raises:
            MissingFileError: if the folder or its manifest is absent; says how to get one.
            InputError: if the manifest is damaged or the run that makes the maps has not ended.
        """
        self.folder = Path(folder)
        self.manifest = SuperpixelManifest.read(folder)
        if self.manifest.num_maps == 0:
            raise InputError(
                f'superpixel folder {folder} is unfinished: run {TOOL} again with the same '
                f'arguments (and all shards), it goes on where it stopped'
            )

    def load(
        self, token: str, expected_size: tuple[int, int], num_superpixels: int
    ) -> NDArray[np.int32]:
        """The label map of one image.

        Args:
            token: the image's sample_data_token.
            expected_size: (height, width) of the image.
            num_superpixels: every id must lie below it.

        Returns:
            int32 (H, W), ids from 0 to `num_superpixels` - 1.

        Raises:
            MissingFileError: if there is no map for the image.
            InputError: if the map cannot be read, has another size than the image, or it or
                another map of the folder has too many ids. All name the file.
        """
        path = map_path(self.folder, token)
        try:
            labels = read_labels(path)
        except FileNotFoundError:
            raise MissingFileError(
                f'superpixel map {path} does not exist: run {TOOL} with this info file'
            ) from None
        if labels.shape != tuple(expected_size):
            raise InputError(
                f'superpixel map {path} is {labels.shape[0]} x {labels.shape[1]} (height x width) '
                f'where the image is {expected_size[0]} x {expected_size[1]}'
            )
        _check_highest(path, int(labels.max()), num_superpixels)
        # Says so at the first sample, not in the middle of an epoch.
        _check_highest(
            self.folder / self.manifest.highest_id_map, self.manifest.highest_id, num_superpixels
        )
        return labels.astype(np.int32)


def map_path(folder: str | Path, token: str) -> Path:
    """Where the map of the image with this sample_data_token lies.

    Raises:
        InputError: if the token cannot be a file name.
    """
    if not _SAFE_TOKEN.fullmatch(token):
        raise InputError(f'sample_data_token {token!r} cannot name a file in {folder}')
    return Path(folder) / f'{token}.png'


def map_names(folder: str | Path) -> set[str]:
    """File names of the maps in a folder, without those that are being written."""
    return {
        name for name in os.listdir(folder) if name.endswith('.png') and not name.startswith('.')
    }


def write_map(path: str | Path, labels: NDArray[np.integer[Any]]) -> None:
    """Write a label map atomically, as a PNG image of 8 bits, or of 16 where its ids need them.

    Args:
        path: the file, `<sample_data_token>.png`.
        labels: integers (H, W) from 0 to 65535.

    Raises:
        InputError: if it is not such an array.
    """
    write_bytes(path, encode_labels(labels))


def _check_highest(path: Path, highest: int, num_superpixels: int) -> None:
    """Raise InputError if a map's highest id needs more slots than there are; names the file."""
    if highest >= num_superpixels:
        raise InputError(
            f'superpixel map {path} has ids up to {highest}, which needs num_superpixels of at '
            f'least {highest + 1}; the config has {num_superpixels}'
        )
