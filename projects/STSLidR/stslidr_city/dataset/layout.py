"""Names in a synthetic nuScenes: scenes, tokens, times, and where each file lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from stslidr.files.synthetic_manifest import VERSION
from stslidr_city.recording.rig import LIDAR

EPOCH = 1_533_081_600_000_000
"""Microseconds since 1970 at which the first scene begins: 2018-08-01, in nuScenes' first month."""
SCENE_PERIOD = 600_000_000
"""Microseconds from one scene's start to the next one's."""


class KeyframeKey(NamedTuple):
    """One keyframe of a data set; both numbers count from 0."""

    scene: int
    index: int  # type: ignore[assignment]  # in place of tuple.index, which nobody asks for

    def __str__(self) -> str:
        """Its name in messages."""
        return f'keyframe {self.index} of {scene_name(self.scene)}'


def scene_name(scene: int) -> str:
    """Name of a scene, its log and its location; no scene of the real nuScenes has it."""
    return f'synthetic-{scene + 1:04d}'


def scene_start(scene: int) -> int:
    """Microseconds since 1970 at which a scene begins."""
    return EPOCH + SCENE_PERIOD * scene


@dataclass(frozen=True)
class Tokens:
    """Tokens of the rows of one data set: they follow from its seed and what they stand for."""

    seed: int

    def of(self, table: str, *what: int | str) -> str:
        """32 hex digits for the row of `table` that `what` names."""
        name = '/'.join(map(str, (self.seed, table, *what)))
        return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()

    def sample_data(self, key: KeyframeKey, channel: str) -> str:
        """Token of what a sensor recorded in a keyframe."""
        return self.of('sample_data', *key, channel)

    def map(self, scene: int) -> str:
        """Token of a scene's map."""
        return self.of('map', scene)


def sensor_file(scene: int, channel: str, timestamp: int) -> str:
    """Path under the root of an image or sweep; `timestamp` in microseconds since 1970."""
    ending = 'pcd.bin' if channel == LIDAR else 'jpg'
    return f'samples/{channel}/{scene_name(scene)}__{channel}__{timestamp}.{ending}'


def lidarseg_file(token: str) -> str:
    """Path under the root of a sweep's labels; the token is that of its sample_data."""
    return f'lidarseg/{VERSION}/{token}_lidarseg.bin'


def map_file(token: str) -> str:
    """Path under the root of the map with this token."""
    return f'maps/{token}.png'


def class_map_file(token: str) -> str:
    """Path under the root of an image's class map; the token is that of its sample_data."""
    return f'diagnostics/class_maps/{token}.png'


def depth_map_file(token: str) -> str:
    """Path under the root of an image's depth map; the token is that of its sample_data."""
    return f'diagnostics/depth_maps/{token}.png'
