"""Whether cameras and LiDAR of a keyframe see one world: the devkit's chain, depth and class maps.

Nothing of the package is used here. Camera frames have x right, y down, z forward; metres, pixels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from nuscenes.utils.geometry_utils import view_points
from pyquaternion import Quaternion

MINIMUM_DEPTH = 1.0
FLATNESS = 0.02
"""Metres by which the depth at a pixel may leave the plane through its neighbours."""


class Calibration(NamedTuple):
    """The devkit's records `calibrated_sensor` and `ego_pose` of one sample_data."""

    sensor: dict[str, Any]
    ego: dict[str, Any]


class Projection(NamedTuple):
    """The P points of a sweep that project into an image, as `map_pointcloud_to_image` has them.

    index: int64 (P,) into the sweep; positions: float64 (P, 2), (u, v); depths: float64 (P,).
    """

    index: np.ndarray
    positions: np.ndarray
    depths: np.ndarray

    def pixels(self):
        """The nearest pixels as (rows, columns), two int64 (P,)."""
        return tuple(np.rint(self.positions[:, ::-1]).astype(np.int64).T)


def calibration(devkit, token: str) -> Calibration:
    record = devkit.get('sample_data', token)
    return Calibration(
        devkit.get('calibrated_sensor', record['calibrated_sensor_token']),
        devkit.get('ego_pose', record['ego_pose_token']),
    )


def project(points: np.ndarray, lidar: Calibration, camera: Calibration, size) -> Projection:
    """The five steps of the devkit's `map_pointcloud_to_image`, in float64.

    points: (N, 3 or more columns) in the LiDAR frame; size: (height, width) of the image. What is
    not over 1 m deep and more than a pixel inside is left out.
    """
    moved = _forward(lidar.sensor, points[:, :3].astype(np.float64).T)  # to ego, LiDAR's time
    moved = _forward(lidar.ego, moved)  # to global
    moved = _backward(camera.ego, moved)  # to ego, camera's time
    moved = _backward(camera.sensor, moved)  # to camera
    intrinsics = np.array(camera.sensor['camera_intrinsic'])
    with np.errstate(all='ignore'):  # points in the camera's plane are left out below
        positions = view_points(moved, intrinsics, normalize=True)[:2].T
    last = np.array(size[::-1]) - 1
    kept = (moved[2] > MINIMUM_DEPTH) & ((positions > 1) & (positions < last)).all(axis=1)
    index = np.flatnonzero(kept)
    return Projection(index, positions[index], moved[2, index])


def _forward(record, points):
    rotation = Quaternion(record['rotation']).rotation_matrix
    return rotation @ points + np.array(record['translation'])[:, None]


def _backward(record, points):
    rotation = Quaternion(record['rotation']).rotation_matrix
    return rotation.T @ (points - np.array(record['translation'])[:, None])


class Surfaces(NamedTuple):
    """What a depth map shows at P positions.

    depth: float64 (P,), where the ray through the position meets the surface; smooth: bool (P,),
    whether it is one smooth surface there, without an edge or the sky within the 4 x 4 pixels
    around.
    """

    depth: np.ndarray
    smooth: np.ndarray


def surfaces_at(depth_map: np.ndarray, positions: np.ndarray) -> Surfaces:
    """Surfaces of a depth map (H, W), metres, at positions (P, 2), (u, v).

    Of a plane the inverse depth is linear in u and v, so that it is interpolated between pixel
    centres without error.
    """
    inverse = 1.0 / depth_map.astype(np.float64)  # 0 for the sky, whose depth is infinite
    column, row = np.floor(positions).astype(np.int64).T
    right, down = (positions - np.floor(positions)).T
    top = (1 - right) * inverse[row, column] + right * inverse[row, column + 1]
    bottom = (1 - right) * inverse[row + 1, column] + right * inverse[row + 1, column + 1]
    with np.errstate(divide='ignore'):
        depth = 1.0 / ((1 - down) * top + down * bottom)
    smooth = _smooth_pixels(inverse)
    corners = [smooth[row + below, column + beside] for below in (0, 1) for beside in (0, 1)]
    return Surfaces(depth, np.all(corners, axis=0))


def _smooth_pixels(inverse: np.ndarray) -> np.ndarray:
    """Bool (H, W): pixels that lie in the plane through their neighbours; none at the border."""
    smooth = np.zeros(inverse.shape, dtype=bool)
    inner = inverse[1:-1, 1:-1]
    bends = [
        inverse[1:-1, :-2] + inverse[1:-1, 2:] - 2 * inner,
        inverse[:-2, 1:-1] + inverse[2:, 1:-1] - 2 * inner,
        inverse[:-2, :-2] + inverse[2:, 2:] - 2 * inner,
        inverse[:-2, 2:] + inverse[2:, :-2] - 2 * inner,
    ]
    with np.errstate(divide='ignore', invalid='ignore'):
        off = np.abs(bends).max(axis=0) / 2 / inner**2  # d(1/z) = -dz / z^2
    smooth[1:-1, 1:-1] = off < FLATNESS
    return smooth & (inverse > 0)


def inside_one_class(class_map: np.ndarray, pixels, reach: int = 1) -> np.ndarray:
    """Bool (P,): whether all pixels within `reach` of one, (rows, columns), have its class."""
    rows, columns = pixels
    height, width = class_map.shape
    own = class_map[rows, columns]
    same = np.ones(len(rows), dtype=bool)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            near = class_map[
                np.clip(rows + down, 0, height - 1), np.clip(columns + right, 0, width - 1)
            ]
            same &= near == own
    return same


class Agreement(NamedTuple):
    """What is compared in one image.

    points: projected points that the camera sees, int64 (V,), index into the sweep.
    hidden: share of the projected points with a known surface that it hides.
    residuals: point's depth less the surface's, float64 (R,), where the surface is smooth.
    residual_labels: uint8 (R,), these points' labels.
    labels, classes: uint8 (L,), LiDAR's and camera's label of visible points not at an edge.
    """

    points: np.ndarray
    hidden: float
    residuals: np.ndarray
    residual_labels: np.ndarray
    labels: np.ndarray
    classes: np.ndarray


def compare(
    projection: Projection,
    labels: np.ndarray,
    depth_map: np.ndarray,
    class_map: np.ndarray,
    margin: float,
    reach: int = 1,
) -> Agreement:
    """Compare projected points with what the camera recorded.

    labels: (N,) of the whole sweep. A point over `margin` metres behind the surface is hidden.
    """
    seen = surfaces_at(depth_map, projection.positions)
    behind = projection.depths - seen.depth
    visible = behind <= margin  # also before the sky, whose surface is infinitely far
    pixels = projection.pixels()
    inner = inside_one_class(class_map, pixels, reach) & visible
    own = labels[projection.index]
    compared = visible & seen.smooth
    return Agreement(
        points=projection.index[visible],
        hidden=float(np.mean(~visible[seen.smooth])) if seen.smooth.any() else 0.0,
        residuals=behind[compared],
        residual_labels=own[compared],
        labels=own[inner],
        classes=class_map[pixels][inner],
    )


def merge(agreements: list[Agreement]) -> Agreement:
    """All images' comparisons in one; `hidden` is their mean."""
    return Agreement(
        np.concatenate([one.points for one in agreements]),
        float(np.mean([one.hidden for one in agreements])),
        *(np.concatenate([one[field] for one in agreements]) for field in range(2, 6)),
    )


def robust_spread(values: np.ndarray) -> float:
    """The standard deviation that a normal distribution with this median deviation would have."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
