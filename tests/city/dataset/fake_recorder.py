"""A recorder that takes no time: made-up images and sweeps, and boxes around the vehicle."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from stslidr.core.geometry import rotation_matrix
from stslidr_city.recording.rig import CAMERAS, CHANNELS, LIDAR

SIZE = (200.0, 150.0)
NUM_POINTS = 500
GAP_INSTANCE = 5


@dataclass(frozen=True)
class FakeWorld:
    """A scene with a street from west to east."""

    scene: int
    size = SIZE

    @property
    def description(self):
        return f'made-up scene {self.scene}'

    def driveable(self, points):
        return np.abs(points[:, 1] - 75.0) < 8.0

    def ego_pose(self, seconds):
        """ego2global (4, 4) with a little of every rotation."""
        pose = np.eye(4)
        pose[:3, :3] = rotation_matrix([1.0, 0.01, -0.02, 0.3 + 0.2 * seconds])
        pose[:3, 3] = 80.0 + 7.0 * seconds, 75.0 + self.scene, 0.01 * seconds
        return pose


def category(instance):
    """A car or an adult; one object keeps its class."""
    return 17 if instance % 2 else 2


@dataclass(frozen=True)
class FakeRecorder:
    """Stands for the city's recorder.

    Args:
        seed, image_size: as the city's.
        seconds: that a keyframe takes.
        failing: number of the keyframe of scene 0 that cannot be made.
    """

    seed: int
    image_size: tuple[int, int] = (64, 36)
    seconds: float = 0.0
    failing: int = -1

    def world(self, scene):
        return FakeWorld(scene)

    def record(self, key):
        time.sleep(self.seconds)
        if key == (0, self.failing):
            raise RuntimeError('as told')
        rng = np.random.default_rng([self.seed, *key])
        stamps = {
            channel: 50_000 + 500_000 * key.index - 7_000 * number
            for number, channel in enumerate(CHANNELS)
        }
        poses = {
            channel: self.world(key.scene).ego_pose(stamp / 1e6)
            for channel, stamp in stamps.items()
        }
        width, height = self.image_size
        return SimpleNamespace(
            timestamps=stamps,
            ego_poses=poses,
            images={
                camera: rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
                for camera in CAMERAS
            },
            sweep=np.column_stack(
                [
                    rng.uniform(-30, 30, (NUM_POINTS, 2)),
                    rng.uniform(-2, 2, NUM_POINTS),
                    rng.integers(0, 256, NUM_POINTS),
                    rng.integers(0, 32, NUM_POINTS),
                ]
            ).astype(np.float32),
            labels=rng.integers(0, 32, NUM_POINTS, dtype=np.uint8),
            boxes=list(_boxes(key, poses[LIDAR])),
            class_maps={
                camera: rng.integers(0, 32, (height, width), dtype=np.uint8) for camera in CAMERAS
            },
            depth_maps={camera: _depths(rng, height, width) for camera in CAMERAS},
        )


def _depths(rng, height, width):
    depths = rng.uniform(1, 120, (height, width)).astype(np.float32)
    depths[0] = np.inf
    depths[1, 0] = 300.0
    return depths


def _boxes(key, ego2world):
    """Objects 10 m around: one is not there in keyframe 1."""
    for instance, bearing in enumerate((0.0, 1.0, 2.0, 3.0, -1.0, -2.0)):
        if instance == GAP_INSTANCE and key.index == 1:
            continue
        ahead = (10 * np.cos(bearing), 10 * np.sin(bearing), 0.9, 1.0)
        yield SimpleNamespace(
            instance=instance,
            category=category(instance),
            center=tuple((ego2world @ ahead)[:3]),
            size=(1.9, 4.5, 1.7),
            yaw=bearing,
            num_lidar_pts=3 + instance,
            visibility=0.15 * instance,
            attribute=('', 'vehicle.moving')[instance % 2],
        )
