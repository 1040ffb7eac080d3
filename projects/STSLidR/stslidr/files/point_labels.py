"""Label files: one integer for each point of a sweep, in its order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.text import shorten

IDS_SHOWN = 5
HIGHEST_RAW_ID = 2**20 - 1
"""A class is looked up in a table with an entry for each raw id."""


@dataclass(frozen=True)
class LabelFormat:
    """How the labels of a data set are read, and how predictions for it are written.

    Args:
        name: what error messages and prediction folders call it.
        dtype: numpy's name of a label's type, an integer.
        semantic_bits: the lowest bits of a label, which are the raw id; others number instances.
        class_of_raw: every raw id there may be -> class, counted from 0, or `ignored`.
        ignored: the class that losses and scores leave out; the number K of all others.
        written_ids: K of them, what a prediction file holds for each class, as `dtype`.
        ending: what a prediction file's name ends with, after that of the sweep.

    Raises:
        InputError: if one of them contradicts another; says which.
    """

    name: str
    dtype: str
    semantic_bits: int
    class_of_raw: Mapping[int, int]
    ignored: int
    written_ids: Sequence[int]
    ending: str

    def __post_init__(self) -> None:
        """Check the values."""
        if self._wrong:
            raise InputError(f'label format {self.name!r}: {self._wrong}')

    @property
    def _wrong(self) -> str:
        """What is wrong with the values, '' if nothing is."""
        try:
            dtype = np.dtype(self.dtype)
        except TypeError:
            return f'dtype {self.dtype!r} is no type of numpy'
        if dtype.kind not in 'iu':
            return f'dtype {self.dtype!r} is no integer'
        if not 1 <= self.semantic_bits <= 8 * dtype.itemsize:
            return f'semantic_bits {self.semantic_bits} do not fit a label of type {self.dtype}'
        raw, written = list(self.class_of_raw), list(self.written_ids)
        numbers = (*raw, *self.class_of_raw.values(), *written, self.ignored)
        if not all(isinstance(number, Integral) for number in numbers):
            return f'an id or a class is no whole number: {self.class_of_raw}, {written}'
        unfit = [id_ for id_ in raw if not 0 <= id_ < 2**self.semantic_bits]
        if unfit:
            return f'raw ids {shorten(unfit)} do not fit semantic_bits {self.semantic_bits}'
        if max(raw, default=0) > HIGHEST_RAW_ID:
            return f'the raw id {max(raw)} is above {HIGHEST_RAW_ID}: lower semantic_bits'
        without = set(range(self.ignored)) - set(self.class_of_raw.values())
        unknown = set(self.class_of_raw.values()) - set(range(self.ignored + 1))
        if self.ignored < 1 or without or unknown:
            return (
                f'class_of_raw maps to classes 0 to {self.ignored - 1} and {self.ignored}, which '
                f'is ignored; without a raw id: {shorten(sorted(without)) or "none"}, unknown: '
                f'{shorten(sorted(unknown)) or "none"}'
            )
        if len(set(written)) != len(written) or len(written) != self.ignored:
            return f'written_ids {written} are not {self.ignored} different ids, one for each class'
        if not 0 <= min(written) <= max(written) <= np.iinfo(dtype).max:
            return f'written_ids {written} do not fit the type {self.dtype}'
        if not re.fullmatch(r'[\w.-]*[\w-]', self.ending):
            return f'a prediction file cannot end with {self.ending!r}'
        return ''

    @cached_property
    def class_table(self) -> NDArray[np.int64]:
        """int64 (highest raw id + 1,): the class of each raw id, `ignored` for unknown ids."""
        table = np.full(max(self.class_of_raw) + 1, self.ignored, dtype=np.int64)
        table[list(self.class_of_raw)] = list(self.class_of_raw.values())
        return table


def read_point_labels(
    path: str | Path, label_format: LabelFormat, expected_points: int
) -> NDArray[np.int64]:
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
    raw: NDArray[np.int64] = labels & (2**label_format.semantic_bits - 1)
    _check_ids(path, raw, label_format)
    return raw


def _check_length(
    path: str | Path, size: int, label_format: LabelFormat, expected_points: int
) -> None:
    """Raise an InputError unless a file of `size` bytes has a label for each point."""
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


def _check_ids(path: str | Path, raw: NDArray[np.int64], label_format: LabelFormat) -> None:
    """Raise an InputError, with the first few, if there are unknown ids."""
    present = np.unique(raw)
    unknown = present[~np.isin(present, list(label_format.class_of_raw))]
    if len(unknown):
        raise InputError(
            f'label file {path} has labels with the ids {shorten(unknown, IDS_SHOWN)} for '
            f'{np.isin(raw, unknown).sum()} of {len(raw)} points, which {label_format.name} does '
            f'not have'
        )
