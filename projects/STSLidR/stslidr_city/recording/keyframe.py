"""One keyframe: everything around the vehicle, cast into six cameras and the LiDAR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslidr.core.seeding import derive_seed
from stslidr_city.appearance.camera_image import develop
from stslidr_city.appearance.illumination import Illumination
from stslidr_city.appearance.materials import MaterialLibrary, footprints
from stslidr_city.appearance.shading import ShadowMap, shade, shadow_map
from stslidr_city.catalog.cars import EGO_REAR_AXLE, ego_vehicle
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.planning.world import SceneWorld
from stslidr_city.raycasting.casting import cast
from stslidr_city.raycasting.rays import PinholeRays
from stslidr_city.raycasting.surface import surface
from stslidr_city.recording.boxes import AnnotatedBox, annotate
from stslidr_city.recording.rig import CAMERAS, CHANNELS, LIDAR, Rig, trigger_delay
from stslidr_city.recording.sweep import Sweep, measure, spinning_rays
from stslidr_city.solids.solids import Pose, SceneObject

KEYFRAME_SECONDS = 0.5
FIRST_SWEEP_SECONDS = 0.05
"""Time of the first keyframe: its sweep begins with the scene."""
MICROSECONDS = 1_000_000
VIEW_RADIUS = 140.0
"""Metres around the vehicle within which things are cast."""
SHADOW_SPACING = 0.1
"""Metres between the sun's rays for full images."""
FULL_WIDTH = 1600
MIDDLE_AHEAD_OF_REAR_AXLE = -EGO_REAR_AXLE
"""Metres; the ego frame's origin is on the rear axle."""


@dataclass(frozen=True)
class KeyframeData:
    """What the sensors recorded.

    Args:
        timestamps: microseconds since the scene's start, by channel.
        ego_poses: ego2global (4, 4) float64 at that time, by channel.
        images: uint8 (H, W, 3) RGB, by camera.
        sweep: float32 (N, 5): x, y, z in metres in the LiDAR frame, intensity 0 to 255, ring.
        labels: uint8 (N,), nuScenes-lidarseg category index of each point.
        boxes: of the annotated objects that have a point inside.
        class_maps: uint8 (H, W), category index of each pixel, 0 for the sky, by camera.
        depth_maps: float32 (H, W), depth along the optical axis in metres, inf for the sky.
    """

    timestamps: dict[str, int]
    ego_poses: dict[str, np.ndarray]
    images: dict[str, np.ndarray]
    sweep: np.ndarray
    labels: np.ndarray
    boxes: list[AnnotatedBox]
    class_maps: dict[str, np.ndarray]
    depth_maps: dict[str, np.ndarray]


def keyframe_timestamps(index: int) -> dict[str, int]:
    """Time stamp of each sensor in a scene's keyframe `index`, microseconds, by channel."""
    time = FIRST_SWEEP_SECONDS + KEYFRAME_SECONDS * index
    return {channel: round((time + trigger_delay(channel)) * MICROSECONDS) for channel in CHANNELS}


def render_keyframe(
    world: SceneWorld, index: int, rig: Rig, library: MaterialLibrary
) -> KeyframeData:
    """Record keyframe `index` of a scene.

    Everything follows from the world's seed, its scene and `index`.
    """
    timestamps = keyframe_timestamps(index)
    times = {channel: stamp / MICROSECONDS for channel, stamp in timestamps.items()}
    ego_poses = {channel: world.ego.pose_at(time) for channel, time in times.items()}
    time, ego2world = times[LIDAR], ego_poses[LIDAR]
    objects = world.objects_near(ego2world[:2, 3], time, VIEW_RADIUS)
    light = Illumination.draw(np.random.default_rng(world.illumination_seed))
    shadows = shadow_map(
        [*objects, _ego_object(world.ego)],
        ego2world[:3, 3],
        light,
        time,
        _shadow_spacing(rig.image_size[0]),
    )
    views = {
        channel: _photograph(
            objects,
            times[channel],
            ego_poses[channel],
            channel,
            rig,
            library,
            light,
            shadows,
            _generator(world, index, channel),
        )
        for channel in CAMERAS
    }
    swept = _sweep_around(objects, world.ego, time, rig, library, _generator(world, index, LIDAR))
    return KeyframeData(
        timestamps=timestamps,
        ego_poses=ego_poses,
        images={channel: view.image for channel, view in views.items()},
        sweep=swept.points,
        labels=swept.labels,
        boxes=annotate(
            objects,
            ego2world,
            time,
            _in_world(swept.points, ego2world @ rig.sensor2ego[LIDAR]),
            np.sum([view.visible for view in views.values()], axis=0),
            np.sum([view.unoccluded for view in views.values()], axis=0),
        ),
        class_maps={channel: view.class_map for channel, view in views.items()},
        depth_maps={channel: view.depth_map for channel, view in views.items()},
    )


@dataclass(frozen=True)
class _View:
    """One camera's picture, and of each object the pixels seen and those seen if it were alone."""

    image: np.ndarray
    class_map: np.ndarray
    depth_map: np.ndarray
    visible: np.ndarray
    unoccluded: np.ndarray


def _photograph(
    objects: Sequence[SceneObject],
    time: float,
    ego2world: np.ndarray,
    channel: str,
    rig: Rig,
    library: MaterialLibrary,
    light: Illumination,
    shadows: ShadowMap,
    rng: np.random.Generator,
) -> _View:
    """Cast one camera's pixels and develop them."""
    width, height = rig.image_size
    cam2world = ego2world @ rig.sensor2ego[channel]
    grid = PinholeRays(cam2world, rig.cam2img[channel], (height, width), time)
    hits = cast(grid, objects)
    seen = surface(grid, hits, objects)
    pixel_angle = 1.0 / rig.cam2img[channel][0, 0]
    albedo = library.albedo(seen, footprints(seen, pixel_angle))
    lit = shadows.lit(seen, grid.centre)
    radiance = shade(seen, grid, albedo, lit, light)
    along_axis = grid.directions.reshape(-1, 3) @ cam2world[:3, 2].astype(np.float32)
    class_map = np.zeros(height * width, dtype=np.uint8)
    class_map[seen.ray] = seen.category
    depth_map = np.full(height * width, np.inf, dtype=np.float32)
    depth_map[seen.ray] = seen.distance * along_axis[seen.ray]
    return _View(
        image=develop(grid, seen, radiance, light, rng),
        class_map=class_map.reshape(height, width),
        depth_map=depth_map.reshape(height, width),
        visible=np.bincount(seen.object, minlength=len(objects)),
        unoccluded=hits.unoccluded,
    )


def _sweep_around(
    objects: Sequence[SceneObject],
    ego: EgoTrajectory,
    time: float,
    rig: Rig,
    library: MaterialLibrary,
    rng: np.random.Generator,
) -> Sweep:
    """Cast the LiDAR's revolution that ends at `time`; the vehicle itself is in its way."""
    grid = spinning_rays(ego, rig, time)
    everything = [*objects, _ego_object(ego)]
    met = surface(grid, cast(grid, everything), everything)
    reflectance = library.reflectance(met, rng)
    return measure(grid, met, reflectance, ego.pose_at(time) @ rig.sensor2ego[LIDAR], rng)


@dataclass(frozen=True)
class _Driving:
    """The motion of the recording vehicle's body, which stays level; only its sensors sway."""

    ego: EgoTrajectory

    def pose_at(self, time: float) -> Pose:
        """Where the vehicle's middle stands on the ground."""
        ego2world = self.ego.pose_at(time)
        x, y, _ = ego2world[:3, 3] + ego2world[:3, 0] * MIDDLE_AHEAD_OF_REAR_AXLE
        return Pose(float(x), float(y), 0.0, float(np.arctan2(ego2world[1, 0], ego2world[0, 0])))

    def velocity_at(self, time: float) -> tuple[float, float]:
        """Velocity (x, y), metres per second."""
        east, north = self.ego.velocity_at(time).tolist()
        return east, north


def _ego_object(ego: EgoTrajectory) -> SceneObject:
    """The recording vehicle's body, which no camera sees and no box describes."""
    return SceneObject(ego_vehicle(), _Driving(ego))


def _shadow_spacing(width: int) -> float:
    """Metres from one ray of the sun to the next, for images of a width in pixels."""
    return float(np.clip(SHADOW_SPACING * FULL_WIDTH / width, SHADOW_SPACING, 0.3))


def _in_world(points: np.ndarray, lidar2world: np.ndarray) -> np.ndarray:
    """float64 (N, 3): points of a sweep in the world."""
    return points[:, :3].astype(np.float64) @ lidar2world[:3, :3].T + lidar2world[:3, 3]


def _generator(world: SceneWorld, index: int, channel: str) -> np.random.Generator:
    """The random numbers of one sensor's recording."""
    return np.random.default_rng(
        derive_seed(world.seed, world.scene, index, CHANNELS.index(channel))
    )
