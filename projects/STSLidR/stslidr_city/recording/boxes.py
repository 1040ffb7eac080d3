"""The 3D boxes of a keyframe's annotated objects, with what the sensors saw of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslidr.core.geometry import invert_rigid
from stslidr_city.recording.rig import passing_delay
from stslidr_city.solids.solids import Pose, SceneObject

MOVING_SPEED = 0.5  # metres per second


@dataclass(frozen=True)
class AnnotatedBox:
    """One box.

    Args:
        instance: number of the object in its scene.
        category: nuScenes-lidarseg category index.
        center: in the world, metres.
        size: width, length, height, metres, in nuScenes' order.
        yaw: heading in the world, radians.
        num_lidar_pts: points of the sweep inside.
        visibility: share of the object's pixels in all six images that nothing hides, 0 to 1.
        attribute: name of the nuScenes attribute, '' if it has none.
    """

    instance: int
    category: int
    center: tuple[float, float, float]
    size: tuple[float, float, float]
    yaw: float
    num_lidar_pts: int
    visibility: float
    attribute: str


def annotate(
    objects: Sequence[SceneObject],
    ego2world: np.ndarray,
    time: float,
    points: np.ndarray,
    visible: np.ndarray,
    unoccluded: np.ndarray,
) -> list[AnnotatedBox]:
    """Boxes of the annotated objects with a point inside; nuScenes has no others either.

    A moving object's box is where the object was when the beams passed it, as an annotator who
    fits boxes to the points draws it.

    Args:
        objects: all that stands around.
        ego2world: (4, 4) at the sweep's time.
        time: of the sweep, seconds.
        points: float64 (N, 3), the sweep in the world.
        visible: int64 (len(objects),), pixels of all images that show each object.
        unoccluded: int64 (len(objects),), pixels that would, if it stood alone.
    """
    boxes = []
    world2ego = invert_rigid(ego2world)
    for thing, shown, alone in zip(objects, visible, unoccluded, strict=True):
        if thing.instance < 0:
            continue
        seen = time + _delay(thing, world2ego, time)
        pose = thing.motion.pose_at(seen)
        count = _count_inside(points, thing.solid.bounds, pose)
        if count:
            fraction = float(shown / alone) if alone else 0.0
            boxes.append(_annotated(thing, pose, seen, count, fraction))
    return boxes


def _delay(thing: SceneObject, world2ego: np.ndarray, time: float) -> float:
    """Seconds from the sweep's end to when the beams passed an object."""
    pose = thing.motion.pose_at(time)
    forward, left = world2ego[:2] @ (pose.x, pose.y, pose.z, 1.0)
    return float(passing_delay(np.arctan2(left, forward)))


def _count_inside(points: np.ndarray, bounds: np.ndarray, pose: Pose) -> int:
    """Number of world points (N, 3) in the bounds (2, 3) of a solid at a pose."""
    reach = np.abs(bounds[:, :2]).max(axis=0).sum()  # no corner is farther along any axis
    around = (np.abs(points[:, 0] - pose.x) <= reach) & (np.abs(points[:, 1] - pose.y) <= reach)
    shifted = points[around] - (pose.x, pose.y, pose.z)
    cosine, sine = np.cos(pose.yaw), np.sin(pose.yaw)
    local = shifted @ np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return int(((local >= bounds[0]) & (local <= bounds[1])).all(axis=1).sum())


def _annotated(
    thing: SceneObject, pose: Pose, time: float, num_lidar_pts: int, visibility: float
) -> AnnotatedBox:
    """The box of an object at a pose."""
    low, high = thing.solid.bounds
    x, y, z = (low + high) / 2
    cosine, sine = np.cos(pose.yaw), np.sin(pose.yaw)
    length, width, height = high - low
    moves = np.hypot(*thing.motion.velocity_at(time)) > MOVING_SPEED
    return AnnotatedBox(
        instance=thing.instance,
        category=thing.solid.category,
        center=(
            float(pose.x + cosine * x - sine * y),
            float(pose.y + sine * x + cosine * y),
            float(pose.z + z),
        ),
        size=(float(width), float(length), float(height)),
        yaw=float(pose.yaw),
        num_lidar_pts=num_lidar_pts,
        visibility=visibility,
        attribute=thing.moving_attribute if moves else thing.attribute,
    )
