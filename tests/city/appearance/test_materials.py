"""Colours and reflectances of points: where they lie on a texture, and what they depend on."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr.core.seeding import derive_seed
from stslidr_city.appearance.materials import (
    MATERIALS,
    MaterialLibrary,
    box_coordinates,
    dither,
    footprints,
)
from stslidr_city.appearance.textures import PAINTERS
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part
from support.surfaces import part, surface_of

UP = (0, 0, 1)


@pytest.fixture(scope='module')
def library():
    return MaterialLibrary(7)


def scattered(parts, count=3000, normals=UP, seed=0, **rest):
    rng = np.random.default_rng(seed)
    points = rng.uniform(-30, 30, (count, 3))
    return surface_of(parts, rng.integers(len(parts), size=count), points, normals, **rest)


def fine(surface):
    return np.full(len(surface.ray), 0.002, np.float32)


def test_box_coordinates_lie_across_the_dominant_axis():
    point = [[1, 2, 3]]
    for normal, expected in [
        ((0.1, 0.0, 1.0), (2, 1)),  # a roof that falls along x: its slope is the second
        ((0.0, 0.1, -1.0), (1, 2)),
        ((0.0, 0.0, 1.0), (1, 2)),
        ((-1.0, 0.2, 0.3), (2, 3)),  # a wall across x: along y, and the height
        ((0.2, 1.0, 0.3), (1, 3)),
    ]:
        across, up = box_coordinates(np.array(point, np.float32), np.array([normal], np.float32))
        assert (across[0], up[0]) == expected


def test_far_away_a_texture_is_its_mean(library):
    tint = (0.5, 0.8, 0.3)
    surface = scattered([part('brick', 2, tint)], normals=(1, 0, 0))
    albedo = library.albedo(surface, np.full(3000, 50, np.float32))
    rng = np.random.default_rng(derive_seed(7, *_name_and_look('brick', 2)))
    mean = PAINTERS['brick'](rng, 2).clip(0, 1)[..., :3].mean(axis=(0, 1)) * tint
    variation = albedo[:, :3] / mean
    assert np.abs(np.median(variation, axis=0) - 1).max() < 0.05
    assert 0.02 < variation[:, 0].std() < 0.3  # what changes over tens of metres is left
    assert np.allclose(variation, variation[:, :1], rtol=0.05)


def _name_and_look(name, look):
    from zlib import crc32

    return crc32(name.encode()), look


def test_texels_blur_into_each_other_with_the_distance(library):
    surface = scattered([part('paving', 0)])
    spreads = [
        library.albedo(surface, np.full(3000, width, np.float32))[:, 0].std()
        for width in (0.005, 0.2, 1.0)
    ]
    assert spreads[0] > spreads[1] > spreads[2]


def test_a_texture_repeats_with_its_period(library):
    points = np.random.default_rng(1).uniform(-5, 5, (500, 3))
    period = MATERIALS['cloth'].period  # has no variation over tens of metres
    colours = [
        library.albedo(
            surface_of([part('cloth', 1)], 0, points + shift, UP), np.full(500, 0.001, np.float32)
        )
        for shift in ([0, 0, 0], [period, -3 * period, 0.7])
    ]
    assert np.abs(colours[0] - colours[1]).max() < 0.02
    assert colours[0].std() > 0.05


def test_a_point_looks_the_same_whatever_else_is_there():
    """Other parts, other order, another library of the same seed: the same colour."""
    parts = [part('asphalt', 3), part('leaves', 9), part('car_paint', 1, (0.1, 0.2, 0.6))]
    both = scattered(parts)
    colours = MaterialLibrary(7).albedo(both, fine(both))
    for index in (2, 0):
        chosen = np.flatnonzero(both.part == index)
        alone = surface_of(
            [part('soil'), parts[index]], 1, both.points[chosen], UP, ray=both.ray[chosen]
        )
        other = MaterialLibrary(7)
        assert np.array_equal(other.albedo(alone, fine(alone)), colours[chosen])
    assert not np.array_equal(MaterialLibrary(8).albedo(both, fine(both)), colours)


def test_tint_multiplies_and_look_counts_modulo(library):
    points = np.zeros((200, 3)) + np.linspace(0, 3, 200)[:, None]
    far = np.full(200, 10, np.float32)
    white, blue = (
        library.albedo(surface_of([part('plastic', 1, tint)], 0, points, UP), far)
        for tint in ((1, 1, 1), (0.1, 0.2, 0.5))
    )
    assert np.allclose(blue[:, :3], white[:, :3] * (0.1, 0.2, 0.5), rtol=1e-3)
    assert np.array_equal(blue[:, 3], white[:, 3])
    looks = MATERIALS['plastic'].looks
    again = library.albedo(surface_of([part('plastic', 1 + looks)], 0, points, UP), far)
    assert np.allclose(again, white)


@pytest.mark.parametrize('width', [7.0, 10.3, 21.9])
def test_facades_hold_whole_windows(library, width):
    """Both ends are wall, as wide as each other, and the windows between are as many as fit."""
    box = Part(Polyhedron.box((-5, -width / 2, 0.5), (5, width / 2, 10.1)), 'windows', 5)
    along = np.linspace(-width / 2, width / 2, 2001)
    points = np.stack([np.full(2001, 5), along, np.full(2001, 0.5 + 1.75)], axis=1)
    surface = surface_of([box], 0, points, (1, 0, 0))
    gloss = library.albedo(surface, fine(surface))[:, 3]
    panes = gloss > 0.2 * MATERIALS['windows'].gloss
    starts = np.flatnonzero(np.diff(panes.astype(int)) == 1)
    bay = MATERIALS['windows'].period / 3
    margin = int(0.2 * bay / width * 2001)  # a quarter bay is wall
    assert not panes[:margin].any() and not panes[-margin:].any()
    assert len(starts) == 2 * round(width / bay)  # a mullion divides each window
    assert abs((starts[0] + 1) - (2000 - np.flatnonzero(panes)[-1])) < 20


def test_all_materials_give_values_in_range(library):
    parts = [
        part(name, look) for name, material in MATERIALS.items() for look in range(material.looks)
    ]
    surface = scattered(parts, 20_000, normals=(0, 1, 0), incidence=0.5)
    albedo = library.albedo(surface, fine(surface))
    reflectance = library.reflectance(surface, np.random.default_rng(0))
    assert albedo.dtype == reflectance.dtype == np.float32
    assert np.isfinite(albedo).all() and albedo.min() >= 0 and albedo.max() <= 1
    assert np.isfinite(reflectance).all() and reflectance.min() > 0 and reflectance.max() <= 1


def test_no_points(library):
    empty = surface_of([], np.zeros(0, np.int32), np.zeros((0, 3)), np.zeros((0, 3)))
    assert library.albedo(empty, np.zeros(0, np.float32)).shape == (0, 4)
    assert library.reflectance(empty, np.random.default_rng(0)).shape == (0,)


def test_unknown_materials_are_refused(library):
    surface = scattered([part('unobtainium')], 10)
    with pytest.raises(KeyError, match='unobtainium'):
        library.albedo(surface, fine(surface))


def medians(library, material, tint=(1, 1, 1), looks=None):
    looks = range(MATERIALS[material].looks) if looks is None else looks
    values = []
    for look in looks:
        surface = scattered([part(material, look, tint)], 2000)
        values.append(np.median(library.reflectance(surface, np.random.default_rng(look))))
    return np.array(values)


def test_reflectance_goes_by_material_but_overlaps(library):
    """Foil stands out; concrete, leaves, car paint and plaster share their range."""
    assert medians(library, 'retroreflector', looks=[0]).min() > 0.4
    assert np.median(medians(library, 'asphalt')) < np.median(medians(library, 'plaster'))
    assert np.median(medians(library, 'glass')) < 0.03
    spans = [
        np.sort(medians(library, name))[[0, -1]]
        for name in ('concrete', 'leaves', 'cloth', 'wood', 'metal')
    ]
    assert max(low for low, _ in spans) < min(high for _, high in spans)


def test_dark_paint_reflects_less(library):
    dark = [(0.03 + 0.001 * i,) * 3 for i in range(12)]
    light = [(0.85 + 0.001 * i,) * 3 for i in range(12)]
    values = [
        np.mean([medians(library, 'car_paint', tint, [0]) for tint in tints])
        for tints in (dark, light)
    ]
    assert values[0] < 0.75 * values[1]


def test_reflectance_is_drawn_from_the_generator_alone(library):
    surface = scattered([part('asphalt', 1), part('grass')])
    first, same, other = (
        library.reflectance(surface, np.random.default_rng(seed)) for seed in (4, 4, 5)
    )
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)
    assert np.corrcoef(np.log(first), np.log(other))[0, 1] > 0.3  # texture and part stay


def test_footprints_by_hand():
    surface = surface_of(
        [part('soil')], 0, np.zeros((3, 3)), UP, distance=[10, 20, 10], incidence=[1, 1, 0.25]
    )
    assert np.allclose(footprints(surface, 1e-3), [0.01, 0.02, 0.02])


def test_dither_is_uniform_and_uncorrelated():
    values = dither(np.arange(1600 * 60)).reshape(60, 1600).astype(np.float64)
    counts = np.histogram(values, 20, (0, 1))[0] / values.size
    assert values.min() >= 0 and values.max() < 1 and np.abs(counts - 0.05).max() < 0.005
    for shifted in (np.roll(values, 1, 0), np.roll(values, 1, 1), np.roll(values, (1, 1), (0, 1))):
        assert abs(np.corrcoef(values.ravel(), shifted.ravel())[0, 1]) < 0.02
