"""Whether a file holds a raw sweep of so many columns: bytes alone do not say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stslidr.errors import InputError

BEGINNINGS = {
    b'\x93NUM': 'an .npy file of numpy',
    b'# .P': 'a .pcd file',
    b'VERS': 'a .pcd file',
    b'ply\n': 'a .ply file',
    b'ply\r': 'a .ply file',
    b'LASF': 'a .las or .laz file',
    b'PK\x03\x04': 'a zip or .npz file',
    b'\x89HDF': 'an HDF5 file',
    b'\x1f\x8b\x08\x00': 'a file that gzip has packed',
    b'\x1f\x8b\x08\x08': 'a file that gzip has packed',
    b'\xfd7zX': 'a file that xz has packed',
}
"""How files of other formats begin; none of these is a plausible float32 coordinate."""
TEXT = frozenset(b'\t\n\r' + bytes(range(32, 127)))
TEXT_BYTES = 64

LARGEST, SMALLEST = 1e6, 1e-12
"""Metres: a coordinate that is not 0 lies between the two."""
IMPLAUSIBLE = 0.01
"""Share of the coordinates that may not."""

NUM_VALUES = 20_000
FEWEST = 64
"""Points below which columns are not told apart."""
COLUMNS = range(3, 11)
CLEAR = 0.5


def check_raw(path: Path) -> None:
    """Refuse a file of another format, by how it begins.

    Raises:
        InputError: it is one; names file and format.
        OSError: it cannot be read.
    """
    with path.open('rb') as file:
        start = file.read(TEXT_BYTES)
    found = BEGINNINGS.get(start[:4])
    if found is None and len(start) == TEXT_BYTES and TEXT.issuperset(start):
        found = 'text'
    if found is not None:
        raise InputError(
            f'sweep {path} is {found}; a sweep is raw little-endian float32, one row per point, '
            'as numpy.ndarray.tofile writes it: convert it'
        )


def check_plausible(sweep: NDArray[np.float32], path: Path) -> None:
    """Refuse numbers that are no sweep: of another type, or in rows of another length.

    - Values of another type, such as float64, read as float32 are huge or next to 0.
    - Zeros, or another point over and over, are what a driver or a disk left unwritten.
    - In a file of 4 columns, values 4 apart are alike, also where it is read as 5 columns.

    Args:
        sweep: float32 (N, F), x, y, z first, as it was read.
        path: its file, for the error.

    Raises:
        InputError: it is none; names the file and the likely cause.
    """
    sizes = np.abs(sweep[:, :3])
    odd = np.count_nonzero((sizes > LARGEST) | ((sizes < SMALLEST) & (sizes > 0)))
    if odd > IMPLAUSIBLE * sizes.size:
        raise InputError(
            f'sweep {path}: {odd / sizes.size:.0%} of the coordinates are beyond {LARGEST:g} m or '
            f'nearer to 0 than {SMALLEST:g} m: it is no little-endian float32 (float64?), or has '
            'a header, or no coordinates of a sensor'
        )
    if len(sweep) < FEWEST:
        return
    if (sweep[:, :3] == sweep[0, :3]).all():
        place = ', '.join(f'{value:g}' for value in sweep[0, :3])
        raise InputError(
            f'sweep {path}: all {len(sweep)} points lie at one place, ({place}): it was not '
            'written to its end, or nothing was recorded'
        )
    columns = sweep.shape[1]
    if (likely := likely_columns(sweep)) == columns:
        return
    raise InputError(
        f'sweep {path} was read as {columns} columns, and its values repeat every {likely}: it '
        f'has {likely} float32 per point'
    )


def likely_columns(sweep: NDArray[np.float32]) -> int:
    """How many columns the rows of a sweep seem to have: those that it has, unless in clear doubt.

    Neighbouring points are alike, so values that stand one row apart are; the median of their
    differences is some 10 to 400 times that of other distances on scans of nuScenes and
    SemanticKITTI, and 1.5 to 4 times where the points are shuffled.
    """
    values, columns = sweep.reshape(-1)[:NUM_VALUES], sweep.shape[1]
    own = _unlikeness(values, columns)
    others = {number: _unlikeness(values, number) for number in COLUMNS if number % columns != 0}
    best = min(others, key=others.__getitem__)
    return best if others[best] < CLEAR * own else columns


def _unlikeness(values: NDArray[np.float32], distance: int) -> float:
    return float(np.median(np.abs(values[distance:] - values[:-distance])))
