"""Entries of info files, read with the types they must have.

Any value may stand in an info file, as it may come from anyone's script. What is read here either
has the type that is asked for, or is an InputError that names info file, sample, camera and key.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stslidr.errors import InputError
from stslidr.files.contained_paths import contained

MAX_LENGTH = 16
"""Rows, and columns, that a matrix may have before its shape is looked at."""


class InfoEntry(NamedTuple):
    """A dict in an info file. Its readers raise InputError for a value of another type."""

    where: str
    """Info file, sample, and what leads to the entry from there."""
    values: Mapping[str, object]

    def child(self, key: str) -> InfoEntry:
        """The dict under a key."""
        value = self._required(key)
        if not isinstance(value, dict):
            raise self._wrong(key, 'a dict')
        return InfoEntry(f'{self.where}, {key}', value)

    def text(self, key: str) -> str:
        """The text under a key, not empty."""
        self._required(key)
        text = self.optional_text(key)
        if not text:
            raise self._wrong(key, 'a text that is not empty')
        return text

    def path(self, key: str) -> str:
        """The path under a key, which leads to nowhere outside of a folder."""
        return contained(self.text(key), f'{self.where}: {key} is')

    def optional_text(self, key: str) -> str | None:
        """The text under a key, None if there is none."""
        value = self.values.get(key)
        if not (value is None or isinstance(value, str)):
            raise self._wrong(key, 'text')
        return value

    def optional_name(self, key: str) -> str | int | None:
        """The text or the whole number under a key, None if there is none."""
        value = self.values.get(key)
        if not (value is None or isinstance(value, str | int)):
            raise self._wrong(key, 'text or a whole number')
        return value

    def optional_number(self, key: str) -> int | None:
        """The positive whole number under a key, None if there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise self._wrong(key, 'a positive whole number')
        return int(value)

    def image_size(self) -> tuple[int, int] | None:
        """(height, width) of a camera's image, None unless both are stated."""
        height, width = self.optional_number('height'), self.optional_number('width')
        return None if height is None or width is None else (height, width)

    def matrix(self, key: str, *shapes: tuple[int, int]) -> NDArray[np.float64]:
        """The matrix under a key, of one of the shapes: finite, float64, a copy."""
        value = self._required(key)
        expected = f'a matrix of numbers, {" or ".join(map(str, shapes))}'
        if not _is_small(value):  # numpy would unfold any nest
            raise self._wrong(key, expected)
        try:
            matrix = np.asarray(value)
        except (ValueError, TypeError, OverflowError) as error:  # ragged rows, for one
            raise self._wrong(key, expected) from error
        if matrix.dtype.kind not in 'iuf':  # numpy would read text as numbers
            raise self._wrong(key, expected)
        if matrix.shape not in shapes:
            raise InputError(f'{self.where}: {key} {matrix.shape}, expected {expected}')
        matrix = matrix.astype(np.float64)
        if not np.isfinite(matrix).all():
            raise InputError(f'{self.where}: {key} is not finite')
        return matrix

    def _required(self, key: str) -> object:
        if key not in self.values:
            raise InputError(f'{self.where} has no entry {key!r}')
        return self.values[key]

    def _wrong(self, key: str, expected: str) -> InputError:
        value = self.values[key]
        kind = 'text' if isinstance(value, str) else type(value).__name__
        return InputError(
            f'{self.where}: {key} is {reprlib.repr(value)} ({kind}), expected {expected}'
        )


def _is_small(value: object) -> bool:
    """Whether it is an array, or rows that have no more parts than those of any matrix."""
    if isinstance(value, np.ndarray):
        return True
    if not isinstance(value, list | tuple) or len(value) > MAX_LENGTH:
        return False
    parts = [
        part for row in value if isinstance(row, list | tuple) for part in row[: MAX_LENGTH + 1]
    ]
    return len(parts) <= MAX_LENGTH**2 and not any(
        isinstance(p, list | tuple | dict) for p in parts
    )


def sample_entries(path: str | Path, samples: Sequence[Mapping[str, object]]) -> list[InfoEntry]:
    """The `data_list` of an info file; messages name a sample by its token, index or position."""
    entries = []
    for position, sample in enumerate(samples):
        names = (sample.get('token'), sample.get('sample_idx'), position)
        name = next(name for name in names if isinstance(name, str | int))
        entries.append(InfoEntry(f'{path}: sample {name}', sample))
    return entries


def camera_entries(sample: InfoEntry) -> dict[str, InfoEntry]:
    """Camera name -> its entry, for each camera of a sample with an image.

    KITTI's files list cameras without an image, and a rectification beside the cameras: what is no
    dict, or has no `img_path`, is left out.

    Raises:
        InputError: if `images` is no dict or has a key that is no text, or if an `img_path` is
            neither text nor None.
    """
    images = sample.child('images')
    cameras = {}
    for name, values in images.values.items():
        if not isinstance(name, str):
            raise InputError(
                f'{images.where} has the camera {name!r} ({type(name).__name__}), expected text'
            )
        if not isinstance(values, dict):
            continue
        camera = InfoEntry(f'{sample.where}, {name}', values)
        if camera.optional_text('img_path'):
            cameras[name] = camera
    return cameras
