"""LiDAR sweeps: raw little-endian float32 files, one row of features per point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.files.sweep_formats import check_plausible, check_raw

BYTES_PER_FEATURE = 4


def count_points(path: str | Path, num_pts_feats: int) -> int:
    """Number of points in a sweep, from its size alone.

    Args:
        path: the sweep.
        num_pts_feats: float32 values per point.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if it is empty or a folder, or its size is not a multiple of a row; names the
            file.
    """
    path = Path(path)
    try:
        with readable('sweep', path):
            size = path.stat().st_size
    except FileNotFoundError:
        raise MissingFileError(f'sweep {path} does not exist') from None
    if path.is_dir():
        raise InputError(f'sweep {path} is a folder')
    points, remainder = divmod(size, num_pts_feats * BYTES_PER_FEATURE)
    if size == 0:
        raise InputError(f'sweep {path} is empty')
    if remainder:
        raise InputError(
            f'sweep {path} has {size} bytes, which is no multiple of a row of {num_pts_feats} '
            f'float32: it is truncated, or has another number of features'
        )
    return points


def read_sweep(
    path: str | Path, num_pts_feats: int, expected_points: int | None = None
) -> NDArray[np.float32]:
    """Read a sweep.

    Args:
        path: the sweep.
        num_pts_feats: float32 values per point, such as 5 in nuScenes, 4 in SemanticKITTI.
        expected_points: the number of points that the info file states, None where it does not.

    Returns:
        float32 (N, num_pts_feats), writable; x, y, z in metres in the LiDAR frame come first.

    Raises:
        MissingFileError: if there is no such file.
        FileAccessError: if it cannot be read.
        InputError: if it is empty, truncated, has another number of points than expected, holds
            NaN or infinite values, or is no raw sweep of so many columns; names the file.
    """
    path = Path(path)
    if path.is_file():
        with readable('sweep', path):
            check_raw(path)
    points = count_points(path, num_pts_feats)
    if expected_points is not None and points != expected_points:
        raise InputError(
            f'sweep {path} has {points} points where the info file states {expected_points}: it '
            f'is truncated, or has another number of features than {num_pts_feats}'
        )
    with readable('sweep', path):
        sweep = np.fromfile(path, dtype='<f4').reshape(-1, num_pts_feats)
    broken = int(np.count_nonzero(~np.isfinite(sweep).all(axis=1)))
    if broken:
        raise InputError(f'sweep {path} has {broken} of {points} points with NaN or infinity')
    check_plausible(sweep, path)
    return sweep
