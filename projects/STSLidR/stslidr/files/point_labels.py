"""Label files: one little-endian unsigned integer for each point of a sweep, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from stslidr.errors import InputError, MissingFileError
from stslidr.files import lidarseg_classes, semantickitti_classes
from stslidr.files.access import readable

IDS_SHOWN = 5


@dataclass(frozen=True)
class LabelFormat:
    """What the label files of a data set hold."""

    name: str
    dtype: str
    """numpy's name of a label's type."""
    semantic_bits: int
    """The lowest bits of a label, which are the raw id; others number instances."""
    class_of_raw: Mapping[int, int]
    """Every raw id there may be -> class, counted from 0."""
    ignored: int
    """The class that losses and scores leave out; the number of all others."""

    @cached_property
    def class_table(self) -> np.ndarray:
        """int64 (highest raw id + 1,): the class of each raw id, `ignored` for unknown ids."""
        table = np.full(max(self.class_of_raw) + 1, self.ignored, dtype=np.int64)
        table[list(self.class_of_raw)] = list(self.class_of_raw.values())
        return table


LIDARSEG = LabelFormat(
    name='lidarseg',
    dtype='<u1',
    semantic_bits=8,
    class_of_raw=lidarseg_classes.CLASS_OF_RAW,
    ignored=lidarseg_classes.IGNORED,
)
SEMANTIC_KITTI = LabelFormat(
    name='semantickitti',
    dtype='<u4',
    semantic_bits=16,
    class_of_raw=semantickitti_classes.CLASS_OF_RAW,
    ignored=semantickitti_classes.IGNORED,
)
LABEL_FORMATS = {label_format.name: label_format for label_format in (LIDARSEG, SEMANTIC_KITTI)}


def read_point_labels(
    path: str | Path, label_format: LabelFormat, expected_points: int
) -> np.ndarray:
    """Read the raw ids of a sweep's points.

    Args:
        path: the label file.
        label_format: what it holds.
        expected_points: number of points of the sweep.

    Returns:
        int64 (expected_points,), each a key of `label_format.class_of_raw`.

    Raises:
        MissingFileError: if there is no such file.
        FileAccessError: if it cannot be read.
        InputError: if it has another number of labels, or an id that the data set does not have;
            names the file.
    """
    try:
        with readable('label file', path):
            content = Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f'label file {path} does not exist') from None
    _check_length(path, len(content), label_format, expected_points)
    labels = np.frombuffer(content, label_format.dtype).astype(np.int64)
    raw = labels & (2**label_format.semantic_bits - 1)
    _check_ids(path, raw, label_format)
    return raw


def _check_length(
    path: str | Path, size: int, label_format: LabelFormat, expected_points: int
) -> None:
    """Raise a ValueError unless a file of `size` bytes has a label for each point."""
    bytes_per_label = np.dtype(label_format.dtype).itemsize
    labels, remainder = divmod(size, bytes_per_label)
    if remainder:
        raise InputError(
            f'label file {path} has {size} bytes, which is no multiple of {bytes_per_label}, as '
            f'{label_format.name} needs: it is truncated'
        )
    if labels == expected_points:
        return
    message = f'label file {path} has {labels} labels, its sweep {expected_points} points'
    if 3 * labels == 4 * expected_points:
        message += ': as many as rows of x, y and z, the sweep seems to lack its intensity'
    raise InputError(message)


def _check_ids(path: str | Path, raw: np.ndarray, label_format: LabelFormat) -> None:
    """Raise a ValueError, with the first few, if there are unknown ids."""
    present = np.unique(raw)
    unknown = present[~np.isin(present, list(label_format.class_of_raw))]
    if len(unknown):
        shown = ', '.join(map(str, unknown[:IDS_SHOWN])) + ', ...' * (len(unknown) > IDS_SHOWN)
        raise InputError(
            f'label file {path} has labels with the ids {shown} for '
            f'{np.isin(raw, unknown).sum()} of {len(raw)} points, which {label_format.name} does '
            f'not have'
        )
