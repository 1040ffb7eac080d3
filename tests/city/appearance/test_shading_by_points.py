"""Light on random points against one point at a time in float64, and shadows by the definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslidr_city.appearance.illumination import Illumination
from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.appearance.shading import ShadowLayer, ShadowMap, shade
from stslidr_city.raycasting.rays import PinholeRays
from support.surfaces import part, surface_of

COUNT = 300
LIGHT = Illumination(
    sun_direction=(0.48, 0.36, 0.8),
    sun_colour=(0.8, 0.7, 0.6),
    zenith_colour=(0.1, 0.2, 0.4),
    horizon_colour=(0.4, 0.5, 0.6),
    ground_colour=(0.12, 0.11, 0.1),
    cloud_cover=0.0,
    haze=0.004,
)
SPACING = 0.5
LAYER_SIZE = 24


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def clear_sky(light, direction):
    """Radiance of a cloudless sky, float64 (3,): level directions below the horizon."""
    horizon, zenith, sun = (
        np.array(colour) for colour in (light.horizon_colour, light.zenith_colour, light.sun_colour)
    )
    height = min(max(direction[2], 0), 1)
    glow = max(float(direction @ light.sun_direction), 0) ** 24
    return horizon + (zenith - horizon) * np.sqrt(height) + 0.35 * glow * sun


def hemispheres(light):
    """Light from the whole cloudless sky, and what level ground throws back."""
    above = 0.6 * np.array(light.zenith_colour) + 0.4 * np.array(light.horizon_colour)
    level = above + np.array(light.sun_colour) * light.sun_direction[2]
    return above, np.array(light.ground_colour) * level


def mirror_image(light, direction):
    """Ground below, sky high up, blended at the height of houses."""
    above = clear_sky(light, direction)
    ramp = min(max((direction[2] - 0.22 / 3) / (0.22 - 0.22 / 3), 0), 1)
    share = ramp * ramp * (3 - 2 * ramp)
    return hemispheres(light)[1] * (1 - share) + above * share


def light_of_point(normal, direction, albedo, lit, distance, emission, light):
    """What one point sends toward the camera, float64 (3,)."""
    colour, gloss = albedo[:3], albedo[3]
    if normal[2] > 0.95:
        colour = colour * (1 - 0.4 * light.wetness)
        gloss = max(gloss, 0.06 * light.wetness)
    sun_colour, above, below = np.array(light.sun_colour), *hemispheres(light)
    facing = max(float(normal @ light.sun_direction), 0)
    upward = (1 + normal[2]) / 2
    hidden = 0.35 * (1 - lit) * min(3 * facing, 1)
    ambient = (above * upward + below * (1 - upward)) * (1 - hidden)
    radiance = colour * (ambient + facing * lit * sun_colour + emission)
    if gloss > 0.01:
        cosine = min(max(float(-direction @ normal), 0), 1)
        mirrored = direction + 2 * cosine * normal
        share = gloss + (1 - gloss) * (1 - cosine) ** 5 * gloss / (gloss + 0.05)
        spot = min(max(float(mirrored @ light.sun_direction), 0), 1) ** 160 * lit * gloss
        radiance = radiance * (1 - share) + share * mirror_image(light, mirrored)
        radiance = radiance + 6 * spot * sun_colour
    clear = np.exp(-distance * light.haze)
    return np.array(light.horizon_colour) * (1 - clear) + radiance * clear


@pytest.mark.parametrize('wetness', [0.0, 0.7])
def test_every_point_is_lit_as_in_float64(wetness, monkeypatch):
    """Normals toward the camera, half of them level; some points give off light."""
    monkeypatch.setattr('stslidr_city.appearance.materials.CHUNK', 64)
    rng, light = np.random.default_rng(1), replace(LIGHT, wetness=wetness)
    grid = PinholeRays(np.eye(4), [[9, 0, 9.5], [0, 9, 7], [0, 0, 1]], (15, 20), 0.0)
    directions = grid.directions.reshape(-1, 3).astype(np.float64)
    normals = unit(rng.normal(size=(COUNT, 3)) - 1.5 * directions)
    normals[::2] = unit(normals[::2] * 0.05 + (0, 0, 1))
    albedo = rng.uniform(0, 0.8, (COUNT, 4)).astype(np.float32)
    albedo[::3, 3] = 0
    lit, distance = rng.uniform(0, 1, COUNT).astype(np.float32), rng.uniform(2, 200, COUNT)
    parts, owner = [part('soil'), part('lamp')], rng.integers(2, size=COUNT)
    seen = surface_of(parts, owner, np.zeros((COUNT, 3)), normals, distance)
    found = shade(seen, grid, albedo, lit, light)
    assert found.dtype == np.float32
    emission = [MATERIALS[each.material].emission for each in parts]
    for i in range(COUNT):
        values = normals[i], directions[i], albedo[i].astype(float), lit[i], distance[i]
        expected = light_of_point(*values, emission[owner[i]], light)
        np.testing.assert_allclose(found[i], expected, rtol=2e-3, atol=2e-4)


def layer(depth, tilt=(0.0, 0.0, -1.0)):
    """A map of LAYER_SIZE squared rays, SPACING apart, from 10 m above the origin."""
    return ShadowLayer(
        depth=depth.astype(np.float32),
        start=np.array([0.0, 0.0, 10.0]),
        column_step=np.array([SPACING, 0.0, 0.0]),
        row_step=np.array([0.0, SPACING, 0.0]),
        direction=np.array(tilt),
    )


def level_points(rng, count=400):
    """Points on the ground relative to the map's start, and their place well within the map."""
    places = rng.uniform(5, LAYER_SIZE - 6, (count, 2))
    points = np.column_stack([places * SPACING, np.full(count, -10.0)]).astype(np.float32)
    return points, places, np.tile(np.float32([0, 0, 1]), (count, 1))


def spline(distance):
    """Weight of a texel at a distance in texels: the quadratic spline."""
    distance = abs(distance)
    return 0.75 - distance**2 if distance <= 0.5 else max(1.5 - distance, 0) ** 2 / 2


def test_a_sharp_shadow_is_the_splines_average_of_what_each_ray_says():
    """Rays that end above the ground shade it; every point is averaged over its neighbours."""
    rng = np.random.default_rng(2)
    blocked = rng.random((LAYER_SIZE, LAYER_SIZE)) < 0.4
    points, places, normals = level_points(rng)
    share, inside = layer(np.where(blocked, 5.0, 10.0)).lit(
        points, normals, 0.1, np.zeros(len(points), np.float32)
    )
    assert inside.all()
    for i, (column, row) in enumerate(places):
        expected = sum(
            spline(column - c) * spline(row - r)
            for r in range(LAYER_SIZE)
            for c in range(LAYER_SIZE)
            if not blocked[r, c]
        )
        assert share[i] == pytest.approx(expected, abs=1e-4)


def test_a_soft_shadow_goes_over_its_width():
    """The edge of a roof at column 12: the light rises over `softness` metres, by sixteenths."""
    rng = np.random.default_rng(3)
    roof = np.where(np.arange(LAYER_SIZE) < 12, 5.0, 10.0)
    points, places, normals = level_points(rng, 4000)
    softness = 4.0
    share, _ = layer(np.tile(roof, (LAYER_SIZE, 1))).lit(
        points, normals, softness, rng.random(len(points)).astype(np.float32)
    )
    assert np.allclose(share * 16, np.round(share * 16), atol=1e-4)
    beyond = (places[:, 0] - 11.5) * SPACING
    assert (share[beyond < -softness / 2 - SPACING] == 0).all()
    assert (share[beyond > softness / 2 + SPACING] > 0.9999).all()
    for metres in (-1.0, 0.0, 1.0):
        near = np.abs(beyond - metres) < 0.25
        assert share[near].mean() == pytest.approx(0.5 + metres / softness, abs=0.06)


@pytest.mark.parametrize('slope', [0.0, 0.5, 3.0])
def test_a_slope_does_not_shade_itself(slope):
    """Depths of a plane z = slope * x under a sun overhead, for points on that very plane."""
    rng = np.random.default_rng(4)
    depth = np.tile(10 - slope * SPACING * np.arange(LAYER_SIZE), (LAYER_SIZE, 1))
    points, _, _ = level_points(rng)
    points[:, 2] += slope * points[:, 0]
    normals = np.tile(unit(np.array([-slope, 0, 1.0])).astype(np.float32), (len(points), 1))
    for softness in (0.1, 4.0):
        share, _ = layer(depth).lit(points, normals, softness, np.zeros(len(points), np.float32))
        assert share.min() > 0.9999
    share, _ = layer(depth).lit(points - (0, 0, 1.0), normals, 0.1, np.zeros(len(points)))
    assert share.max() < 1e-4  # a metre under the slope


def test_what_lies_on_no_map_is_lit_and_the_finer_map_decides_first():
    """A fine layer that shades everything within a coarse one that shades nothing."""
    dark = layer(np.zeros((LAYER_SIZE, LAYER_SIZE)))
    coarse = dark._replace(
        depth=np.full((LAYER_SIZE, LAYER_SIZE), np.inf, np.float32),
        start=np.array([-20.0, -20.0, 10.0]),
        column_step=np.array([4 * SPACING, 0.0, 0.0]),
        row_step=np.array([0.0, 4 * SPACING, 0.0]),
    )
    points = [[5, 5, 0], [-8, 3, 0], [3, 500, 0]]
    seen = surface_of([part('soil')], 0, points, (0, 0, 1))
    lit = ShadowMap([dark, coarse], 0.1).lit(seen, np.zeros(3))
    assert np.allclose(lit, [0, 1, 1])
    assert np.allclose(ShadowMap([coarse, dark], 0.1).lit(seen, np.zeros(3)), 1)
    away = surface_of([part('soil')], 0, points, (0, 0, -1))
    assert not ShadowMap([dark, coarse], 0.1).lit(away, np.zeros(3)).any()
