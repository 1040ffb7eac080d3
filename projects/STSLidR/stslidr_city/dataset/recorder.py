"""Keyframes of the synthetic city, as the worker processes make them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from stslidr_city.dataset.layout import KeyframeKey

if TYPE_CHECKING:
    from stslidr_city.appearance.materials import MaterialLibrary
    from stslidr_city.planning.world import SceneWorld
    from stslidr_city.recording.keyframe import KeyframeData


@dataclass(frozen=True)
class CityRecorder:
    """Makes the keyframes of one seed.

    What is costly to make is kept in the process for its next keyframe. Modules are imported where
    they are needed: only the workers need them, and loading them takes seconds, in which the tool
    could not say what it will do.

    Args:
        seed: of the data set.
        keyframes: number in each scene.
        image_size: (width, height) of all cameras, pixels.
    """

    seed: int
    keyframes: int
    image_size: tuple[int, int]

    def world(self, scene: int) -> SceneWorld:
        """A scene's world."""
        return _world(self.seed, scene, self.keyframes)

    def record(self, key: KeyframeKey) -> KeyframeData:
        """A keyframe, which follows from seed, image size and `key` alone."""
        from stslidr_city.recording.keyframe import render_keyframe
        from stslidr_city.recording.rig import Rig

        return render_keyframe(
            self.world(key.scene), key.index, Rig(self.image_size), _library(self.seed)
        )


@lru_cache(maxsize=1)
def _world(seed: int, scene: int, keyframes: int) -> SceneWorld:
    from stslidr_city.planning.world import SceneWorld

    return SceneWorld(seed, scene, keyframes)


@lru_cache(maxsize=1)
def _library(seed: int) -> MaterialLibrary:
    from stslidr_city.appearance.materials import MaterialLibrary

    return MaterialLibrary(seed)
