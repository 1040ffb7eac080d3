"""Tileable bitmaps with mip levels, drawn by painters and looked up for many points at once."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from stslidr_city.appearance import ground_textures, object_textures, wall_textures
from stslidr_city.appearance.patterns import SIZE

Painter = Callable[[np.random.Generator, int], np.ndarray]

LEVELS = SIZE.bit_length()  # 256, 128, ... 1 texels wide
LEVEL_STARTS = np.cumsum([0] + [(SIZE >> level) ** 2 for level in range(LEVELS)])
TEXELS = int(LEVEL_STARTS[-1])
CHANNELS = 4

PAINTERS: MappingProxyType[str, Painter] = MappingProxyType(
    {
        'asphalt': ground_textures.asphalt,
        'concrete': ground_textures.concrete,
        'paving': ground_textures.paving,
        'brick': wall_textures.brick,
        'plaster': wall_textures.plaster,
        'stone': wall_textures.stone,
        'glass': wall_textures.glass,
        'windows': wall_textures.windows,
        'metal': object_textures.metal,
        'car_paint': object_textures.car_paint,
        'chrome': object_textures.chrome,
        'rubber': object_textures.rubber,
        'plastic': object_textures.plastic,
        'cloth': object_textures.cloth,
        'skin': object_textures.skin,
        'hair': object_textures.hair,
        'wood': object_textures.wood,
        'bark': object_textures.bark,
        'leaves': object_textures.leaves,
        'grass': ground_textures.grass,
        'soil': ground_textures.soil,
        'gravel': ground_textures.gravel,
        'road_paint': ground_textures.road_paint,
        'roof_tiles': wall_textures.roof_tiles,
        'retroreflector': object_textures.retroreflector,
        'lamp': object_textures.lamp,
    }
)


def mip_levels(bitmap: np.ndarray) -> list[np.ndarray]:
    """A bitmap float (SIZE, SIZE, 4) and its averages over 2 x 2, 4 x 4, ... texels."""
    levels = [bitmap]
    while len(levels[-1]) > 1:
        fine = levels[-1]
        half = len(fine) // 2
        levels.append(fine.reshape(half, 2, half, 2, CHANNELS).mean(axis=(1, 3)))
    return levels


class TextureAtlas:
    """Room for textures in one array, so that points of many textures are looked up together.

    Values of 0 to 1 are kept as their square roots in 8 bits: that is finest where it is dark.

    Args:
        slots: number of textures; memory is taken as they are stored, about 0.35 MB each.
    """

    def __init__(self, slots: int) -> None:
        self._bytes = np.zeros((slots, TEXELS, CHANNELS), np.uint8)
        self._stored = np.zeros(slots, bool)

    def holds(self, slot: int) -> bool:
        """Whether a texture has been stored in the slot."""
        return bool(self._stored[slot])

    def store(self, slot: int, bitmap: np.ndarray) -> None:
        """Put a bitmap (SIZE, SIZE, 4) of values that are clipped to 0 to 1 into the slot."""
        levels = mip_levels(np.clip(bitmap, 0, 1).astype(np.float32))
        flat = np.concatenate([level.reshape(-1, CHANNELS) for level in levels])
        self._bytes[slot] = np.rint(np.sqrt(flat) * 255).astype(np.uint8)
        self._stored[slot] = True

    def mean(self, slot: int) -> np.ndarray:
        """float32 (4,): average of the texture in the slot."""
        return (self._bytes[slot, -1].astype(np.float32) / 255) ** 2

    def sample(
        self, slots: np.ndarray, u: np.ndarray, v: np.ndarray, levels: np.ndarray
    ) -> np.ndarray:
        """Blend the four texels around each place.

        Args:
            slots: int64 (M,).
            u: float32 (M,) in repeats of the texture, any number.
            v: float32 (M,), likewise, across the rows.
            levels: int64 (M,), mip level, 0 to LEVELS - 1.

        Returns:
            float32 (M, 4).
        """
        width = np.right_shift(SIZE, levels)
        left, share_u = _texel(u, width)
        low, share_v = _texel(v, width)
        start = slots * TEXELS + LEVEL_STARTS[levels]
        right, high = (left + 1) & (width - 1), (low + 1) & (width - 1)
        low, high = start + low * width, start + high * width
        lower = _blend(self._texel(low + left), self._texel(low + right), share_u)
        upper = _blend(self._texel(high + left), self._texel(high + right), share_u)
        root = _blend(lower, upper, share_v)
        root *= np.float32(1 / 255)
        return np.square(root, out=root)

    def _texel(self, index: np.ndarray) -> np.ndarray:
        """Texels (M, 4) by their index in the whole atlas, as four bytes at a time."""
        words = self._bytes.reshape(-1).view(np.uint32).take(index)
        return words.view(np.uint8).reshape(-1, CHANNELS).astype(np.float32)


def _texel(place: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of the texel whose centre lies before `place` (in repeats), and the way to the next."""
    scaled = (place - np.floor(place)) * width.astype(np.float32) - np.float32(0.5)
    floor = np.floor(scaled)
    return floor.astype(np.int64) & (width - 1), scaled - floor


def _blend(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Go from `first` to `second` (M, 4) by `share` (M,), in place of `second`."""
    second -= first
    second *= share[:, None]
    second += first
    return second
