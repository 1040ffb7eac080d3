"""The calibration of a camera in an info file, brought to one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stslidr.errors import InputError
from stslidr.files.info_entries import InfoEntry

Calibration = tuple[NDArray[np.float64], NDArray[np.float64]]
"""``cam2img`` (3, 3), pixels, and ``lidar2cam`` (4, 4), metres."""
NUMBERS = frozenset((int, float))
TOLERANCE = 1e-4  # admits rotations that were stored in float32


def read_calibration(camera: InfoEntry) -> Calibration:
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


def read_calibrations(cameras: Sequence[InfoEntry]) -> list[Calibration]:
    """Calibrations of many cameras: those that `read_calibration` gives, ten times as fast.

    Plain ones, of (3, 3) and (4, 4), are read and checked at once. Where one is not as it should be
    each is read by itself, for the message; errors as there.
    """
    plain = [number for number, camera in enumerate(cameras) if _has_plain(camera.values)]
    at_once = _read_at_once([cameras[number] for number in plain])
    if at_once is None:
        return [read_calibration(camera) for camera in cameras]
    known = dict(zip(plain, at_once, strict=True))
    return [known.get(number) or read_calibration(one) for number, one in enumerate(cameras)]


def _has_plain(camera: Mapping[str, object]) -> bool:
    return _is_plain(camera.get('cam2img'), 3) and _is_plain(camera.get('lidar2cam'), 4)


def _is_plain(matrix: object, size: int) -> bool:
    """Whether it is an array, or lists, of (size, size) entries, whatever these are."""
    if isinstance(matrix, np.ndarray):
        return matrix.shape == (size, size) and matrix.dtype.kind in 'iuf'
    return (
        isinstance(matrix, list)
        and len(matrix) == size
        and all(type(row) is list and len(row) == size for row in matrix)
        and all(NUMBERS.issuperset(map(type, row)) for row in matrix)
    )


def _read_at_once(cameras: Sequence[InfoEntry]) -> list[Calibration] | None:
    """The calibrations; None if any is not finite, of a pinhole camera and rigid."""
    if not cameras:
        return []
    try:
        intrinsics = np.array([one.values['cam2img'] for one in cameras], dtype=np.float64)
        transforms = np.array([one.values['lidar2cam'] for one in cameras], dtype=np.float64)
    except OverflowError:  # a whole number beyond any float
        return None
    rotations = transforms[:, :3, :3]
    with np.errstate(over='ignore', invalid='ignore'):
        fx, skew, shear, fy = intrinsics[:, :2, :2].reshape(-1, 4).T
        checks = (
            np.isfinite(intrinsics).all(),
            np.isfinite(transforms).all(),
            (fx > 0).all(),
            (fy > 0).all(),
            (fx * fy - skew * shear > 1e-9 * fx * fy).all(),
            _all_close(intrinsics[:, 2], (0, 0, 1)),
            _all_close(rotations @ rotations.transpose(0, 2, 1), np.eye(3)),
            _all_close(transforms[:, 3], (0, 0, 0, 1)),
            (np.linalg.det(rotations) > 0).all(),
        )
    return list(zip(intrinsics, transforms, strict=True)) if all(checks) else None


def _all_close(arrays: NDArray[np.float64], expected: ArrayLike) -> bool:
    return bool((np.abs(arrays - np.asarray(expected)) <= TOLERANCE).all())


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
