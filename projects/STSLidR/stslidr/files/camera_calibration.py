"""The calibration of a camera in an info file, brought to one form."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stslidr.errors import InputError
from stslidr.files.info_entries import InfoEntry

TOLERANCE = 1e-4  # admits rotations that were stored in float32


def read_calibration(camera: InfoEntry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Calibration of a pinhole camera at its own origin.

    Intrinsics of (3, 4) and (4, 4) have a fourth column p, as in KITTI's rectified projections
    K [I | K^-1 p]: an offset of the camera, which belongs into lidar2cam.

    Returns:
        ``cam2img`` float64 (3, 3), pixels, and ``lidar2cam`` float64 (4, 4), metres.

    Raises:
        InputError: if an entry is missing, the intrinsics are none of a pinhole camera, or
            lidar2cam is not rigid; names info file, sample and camera.
    """
    projection = camera.matrix('cam2img', (3, 3), (3, 4), (4, 4))
    lidar2cam = camera.matrix('lidar2cam', (4, 4))
    intrinsic = projection[:3, :3]
    if not _is_pinhole(intrinsic):
        raise InputError(
            f'{camera.where}: cam2img {intrinsic.tolist()} is not [[fx, s, cx], [0, fy, cy], '
            '[0, 0, 1]] with fx and fy above 0'
        )
    if not is_rigid(lidar2cam):
        raise InputError(
            f'{camera.where}: lidar2cam {lidar2cam.tolist()} is not rigid, [[R, t], [0, 0, 0, 1]] '
            'with a rotation R'
        )
    if projection.shape[1] == 4:
        lidar2cam[:3, 3] += np.linalg.solve(intrinsic, projection[:3, 3])
    return intrinsic, lidar2cam


def _is_pinhole(intrinsic: NDArray[np.float64]) -> bool:
    """Whether focal lengths are positive, the last row is (0, 0, 1), and an inverse exists."""
    (fx, skew), (shear, fy) = intrinsic[:2, :2]
    with np.errstate(over='ignore', invalid='ignore'):
        invertible = fx * fy - skew * shear > 1e-9 * fx * fy
    return bool(fx > 0 and fy > 0 and invertible and _close(intrinsic[2], (0, 0, 1)))


def is_rigid(transform: NDArray[np.float64]) -> bool:
    """Whether a matrix (4, 4) turns and moves, and does nothing else."""
    rotation = transform[:3, :3]
    with np.errstate(over='ignore', invalid='ignore'):
        orthonormal = _close(rotation @ rotation.T, np.eye(3))
    return bool(orthonormal and np.linalg.det(rotation) > 0 and _close(transform[3], (0, 0, 0, 1)))


def _close(array: NDArray[np.float64], expected: ArrayLike) -> bool:
    return np.allclose(array, expected, rtol=0, atol=TOLERANCE)
