"""Every look of every material; mip levels and lookups against scipy's interpolation."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.appearance.patterns import SIZE
from stslidr_city.appearance.textures import LEVELS, PAINTERS, TextureAtlas, mip_levels

LOOKS = [(name, look) for name, material in MATERIALS.items() for look in range(material.looks)]


@cache
def drawn(name, look, seed=0):
    return PAINTERS[name](np.random.default_rng([seed, look]), look)


def seam_ratio(bitmap, axis):
    """Mean step across the seam over the largest mean step between neighbouring lines inside."""
    colour = bitmap[..., :3]
    steps = np.abs(np.diff(colour, axis=axis, append=colour.take([0], axis)))
    steps = steps.mean(axis=(1 - axis, 2))
    return steps[-1] / steps[:-1].max()


def test_every_material_has_a_painter():
    assert list(PAINTERS) == list(MATERIALS)


@pytest.mark.parametrize('name', MATERIALS)
def test_all_looks_are_textures_without_a_seam(name):
    bitmaps = [drawn(name, look) for look in range(MATERIALS[name].looks)]
    for bitmap in bitmaps:
        assert bitmap.shape == (SIZE, SIZE, 4) and np.isfinite(bitmap).all()
        colour = bitmap[..., :3]
        assert bitmap.min() >= -1e-6 and np.mean(colour > 1) < 0.25 and bitmap[..., 3].max() <= 1
        assert 0.005 < colour.mean() < 0.95
        assert colour.std(axis=(0, 1)).min() > 0.01 * colour.mean()
        assert max(seam_ratio(bitmap, axis) for axis in (0, 1)) < 1.3
    apart = [
        np.abs(first - second).mean() for i, first in enumerate(bitmaps) for second in bitmaps[:i]
    ]
    assert min(apart) > 0.002, 'two looks are the same'


def test_a_texture_follows_from_its_seed():
    for name in ('asphalt', 'windows', 'leaves', 'cloth'):
        assert np.array_equal(drawn.__wrapped__(name, 1), drawn(name, 1))
        assert not np.array_equal(drawn(name, 1), drawn(name, 1, seed=1))


def test_greys_and_greens_are_shared():
    """Mean colours of looks of different materials come closer than looks of one material."""
    means = {key: drawn(*key)[..., :3].mean(axis=(0, 1)) for key in LOOKS}

    def nearest(first, second):
        return min(
            np.abs(means[one] - means[other]).max()
            for one in LOOKS
            for other in LOOKS
            if one[0] == first and other[0] == second
        )

    for first, second in [
        ('asphalt', 'gravel'),
        ('concrete', 'paving'),
        ('concrete', 'stone'),
        ('leaves', 'grass'),
        ('brick', 'roof_tiles'),
        ('wood', 'bark'),
        ('soil', 'bark'),
        ('metal', 'plaster'),
        ('car_paint', 'plastic'),
    ]:
        assert nearest(first, second) < 0.06, (first, second)


def test_mip_levels_conserve_the_mean():
    levels = mip_levels(drawn('windows', 2).astype(np.float64))
    assert [len(level) for level in levels] == [256, 128, 64, 32, 16, 8, 4, 2, 1]
    assert len(levels) == LEVELS
    for level in levels:
        assert np.allclose(level.mean(axis=(0, 1)), levels[0].mean(axis=(0, 1)), atol=1e-12)
    assert np.allclose(levels[1][3, 5], levels[0][6:8, 10:12].mean(axis=(0, 1)))


def test_lookups_are_scipys_periodic_interpolation_of_each_level():
    """In square roots, as the atlas keeps them, within their rounding to 8 bits."""
    rng = np.random.default_rng(2)
    bitmaps = [drawn('paving', 0), drawn('windows', 3)]
    atlas = TextureAtlas(3)
    for slot, bitmap in zip((0, 2), bitmaps, strict=True):
        atlas.store(slot, bitmap)
    slots = rng.choice([0, 2], 400)
    u, v = rng.uniform(-3, 3, (2, 400)).astype(np.float32)
    levels = rng.integers(0, LEVELS, 400)
    found = atlas.sample(slots, u, v, levels)
    chains = [mip_levels(np.clip(bitmap, 0, 1)) for bitmap in bitmaps]
    for i in range(400):
        level = chains[slots[i] // 2][levels[i]]
        width = len(level)
        for channel in range(4):
            root = map_coordinates(
                np.sqrt(level[..., channel]).astype(np.float64),
                [[v[i] * width - 0.5], [u[i] * width - 0.5]],
                order=1,
                mode='grid-wrap',
            )[0]
            assert abs(np.sqrt(found[i, channel]) - root) < 0.0025


def test_slots_are_filled_one_by_one():
    atlas = TextureAtlas(2)
    assert not atlas.holds(0) and not atlas.holds(1)
    bitmap = drawn('soil', 0)
    atlas.store(1, bitmap)
    assert atlas.holds(1) and not atlas.holds(0)
    assert np.allclose(atlas.mean(1), bitmap.mean(axis=(0, 1)), atol=0.005)
