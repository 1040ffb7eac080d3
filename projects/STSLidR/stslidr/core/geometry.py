"""Rigid transforms between LiDAR, ego, global and camera frames, and pinhole projection.

A matrix `a2b` maps coordinates in frame a to coordinates in frame b, acting on columns. Lengths
are metres, everything is float64: global positions are kilometres away, pixels need millimetres.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stslidr.errors import InputError

ORTHONORMAL_TOLERANCE = 1e-4  # admits rotations that were stored in float32


def rotation_matrix(quaternion: ArrayLike) -> NDArray[np.float64]:
    """Rotation (3, 3) of a quaternion (w, x, y, z), which is normalised first.

    Raises:
        ValueError: if it has not four finite numbers or is zero.
    """
    quaternion = np.asarray(quaternion, dtype=np.float64)
    if quaternion.shape != (4,):
        raise ValueError(f'a quaternion is (w, x, y, z), got an array of shape {quaternion.shape}')
    norm = np.linalg.norm(quaternion)
    if not 0 < norm < np.inf:
        raise InputError(f'a rotation needs a finite, non-zero quaternion, got {quaternion}')
    w, x, y, z = quaternion / norm
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def rigid_transform(quaternion: ArrayLike, translation: ArrayLike) -> NDArray[np.float64]:
    """Matrix (4, 4) that rotates by `quaternion` (w, x, y, z), then moves by `translation` (3,).

    With a nuScenes `calibrated_sensor` record it is sensor2ego, with an `ego_pose` ego2global.

    Raises:
        InputError: if the quaternion is none, or the translation not finite, or either no numbers.
    """
    transform = np.eye(4)
    try:
        transform[:3, :3] = rotation_matrix(quaternion)
        transform[:3, 3] = np.asarray(translation, dtype=np.float64)
    except TypeError as error:  # of a dict, or of None
        raise InputError(f'a pose is made of numbers: {error}') from error
    if not np.isfinite(transform).all():
        raise InputError(f'a translation needs finite numbers, got {transform[:3, 3]}')
    return transform


def invert_rigid(transform: ArrayLike) -> NDArray[np.float64]:
    """Inverse (..., 4, 4) of rigid transforms, as (R^T, -R^T t) rather than by elimination.

    Raises:
        ValueError: if a matrix is not (4, 4) or its upper left part is no rotation.
    """
    transform = np.asarray(transform, dtype=np.float64)
    if transform.shape[-2:] != (4, 4):
        raise ValueError(f'a rigid transform is (4, 4), got an array of shape {transform.shape}')
    transposed = np.swapaxes(transform[..., :3, :3], -1, -2)
    product = transposed @ transform[..., :3, :3]
    if not np.allclose(product, np.eye(3), rtol=0, atol=ORTHONORMAL_TOLERANCE):
        raise InputError(f'no rotation in the upper left of the transform\n{transform}')
    inverse = np.zeros_like(transform)
    inverse[..., :3, :3] = transposed
    inverse[..., :3, 3:] = -transposed @ transform[..., :3, 3:]
    inverse[..., 3, 3] = 1
    return inverse


def compose_lidar2cam(
    lidar2ego: ArrayLike,
    ego2global_at_lidar: ArrayLike,
    ego2global_at_cam: ArrayLike,
    cam2ego: ArrayLike,
) -> NDArray[np.float64]:
    """LiDAR frame -> camera frame (4, 4) through the ego poses at both times.

    The vehicle moves between the LiDAR's and the camera's time stamp, so that the way from one
    sensor to the other leads through the global frame.
    """
    lidar2global = np.asarray(ego2global_at_lidar) @ np.asarray(lidar2ego)
    lidar2cam: NDArray[np.float64] = (
        invert_rigid(cam2ego) @ invert_rigid(ego2global_at_cam) @ lidar2global
    )
    return lidar2cam


def project_points(
    points: ArrayLike, lidar2cam: ArrayLike, cam2img: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project every point into every camera.

    Args:
        points: (N, 3) in the LiDAR frame, metres.
        lidar2cam: (C, 4, 4), camera frames with z along the optical axis.
        cam2img: (C, 3, 3) intrinsic matrices, pixels.

    Returns:
        pixels (C, N, 2) as (u, v) = (column, row) with fractions, and depths (C, N), the z in the
        camera frame in metres. Pixels of points that are not in front of the camera have no
        meaning and may be NaN or infinite.

    Raises:
        ValueError: if a shape is another one.
    """
    points, lidar2cam, cam2img = (
        np.asarray(array, dtype=np.float64) for array in (points, lidar2cam, cam2img)
    )
    cameras = len(lidar2cam)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f'points must be (N, 3), got {points.shape}')
    if lidar2cam.shape != (cameras, 4, 4) or cam2img.shape != (cameras, 3, 3):
        raise ValueError(
            'cameras need lidar2cam (C, 4, 4) and cam2img (C, 3, 3), '
            f'got {lidar2cam.shape} and {cam2img.shape}'
        )
    with np.errstate(all='ignore'):  # behind the camera, NaN and inf: left to the caller
        in_camera = lidar2cam[:, :3, :3] @ points.T + lidar2cam[:, :3, 3:]
        in_image = cam2img @ in_camera
        pixels = in_image[:, :2] / in_image[:, 2:]
    return pixels.transpose(0, 2, 1), in_camera[:, 2]
