"""Shadows against rays to the sun, and light on surfaces against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslidr_city.appearance.illumination import Illumination
from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.appearance.shading import shade, shadow_map
from stslidr_city.raycasting.casting import cast
from stslidr_city.raycasting.rays import PinholeRays
from stslidr_city.raycasting.surface import surface
from stslidr_city.solids.shapes import Ellipsoid, Frustum, Polyhedron
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid, Standing
from support.surfaces import part, surface_of

LIGHT = Illumination(
    sun_direction=(0.48, 0.36, 0.8),
    sun_colour=(0.8, 0.7, 0.6),
    zenith_colour=(0.1, 0.2, 0.4),
    horizon_colour=(0.4, 0.5, 0.6),
    cloud_cover=0.0,
    haze=0.0,
    shadow_softness=0.05,
)
SUN = np.array(LIGHT.sun_direction)
DOWN = np.array([[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1.0]])
CENTRE = np.array([600.0, 900.0, 0.0])


def standing(shape, x=0.0, y=0.0, yaw=0.0):
    pose = Pose(CENTRE[0] + x, CENTRE[1] + y, 0.0, yaw)
    return SceneObject(Solid((Part(shape, 'plaster'),), 28), Standing(pose))


OBJECTS = [
    standing(Polyhedron.box((-80, -80, -1), (80, 80, 0))),
    standing(Polyhedron.box((-1, -2, 0), (1, 2, 1.5)), 3, 1, 0.7),
    standing(Ellipsoid((0, 0, 3), (1.5, 1.2, 1.0)), -4, 3),
    standing(Frustum((0, 0, 0), (0, 0, 5), 0.3, 0.2), -3, -4),
    standing(Polyhedron.box((-4, -3, 0), (4, 3, 9)), 20, -25),
]


def seen_from_above(size=60, height=30.0):
    """A grid of rays that looks down on the objects, and what it sees."""
    pose = DOWN.copy()
    pose[:3, 3] = CENTRE + (0, 0, height)
    focal = size * 0.9
    grid = PinholeRays(
        pose, [[focal, 0, size / 2], [0, focal, size / 2], [0, 0, 1]], (size, size), 0.0
    )
    return grid, surface(grid, cast(grid, OBJECTS), OBJECTS)


def blocked(points, direction):
    """In float64: whether a ray from each world point toward the sun meets an object."""
    hidden = np.zeros(len(points), bool)
    for scene_object in OBJECTS:
        pose = scene_object.motion.pose_at(0.0)
        cosine, sine = np.cos(pose.yaw), np.sin(pose.yaw)
        turned = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
        origins = (points - (pose.x, pose.y, pose.z)) @ turned
        for each in scene_object.solid.parts:
            distances = each.shape.distances(
                origins.astype(np.float32),
                np.broadcast_to(direction @ turned, origins.shape).astype(np.float32),
            )
            hidden |= distances < np.inf
    return hidden


@pytest.mark.parametrize('sun', [(0.48, 0.36, 0.8), (-0.8, 0.55, 0.24), (0.5, -0.6, 0.62)])
def test_lit_agrees_with_rays_to_the_sun(sun):
    """All but points within a few centimetres of a shadow's edge; both map layers are used."""
    light = replace(LIGHT, sun_direction=tuple(np.array(sun) / np.linalg.norm(sun)))
    grid, seen = seen_from_above(160, 45.0)
    lit = shadow_map(OBJECTS, CENTRE, light, 0.0, 0.06).lit(seen, grid.centre)
    world = seen.points.astype(np.float64) + grid.centre
    facing = seen.normals @ np.array(light.sun_direction, np.float32)
    expected = (facing > 0) & ~blocked(world + 0.02 * seen.normals, np.array(light.sun_direction))
    compared = np.abs(facing) > 0.15
    assert np.abs(world[:, :2] - CENTRE[:2]).max() > 23  # beyond the fine layer
    hidden, open_sky = (lit[compared & side] for side in (~expected, expected))
    assert len(hidden) > 150
    assert (hidden < 0.5).mean() > 0.93 and (open_sky > 0.5).mean() > 0.997
    assert ((lit > 0.01) & (lit < 0.99))[compared].mean() < 0.02


def test_a_wide_plane_does_not_shade_itself():
    """Under a sun 8 degrees high, on level ground and on a wall that it grazes."""
    sun = np.array([0.9, 0.41, 0.14]) / np.linalg.norm([0.9, 0.41, 0.14])
    light = replace(LIGHT, sun_direction=tuple(sun))
    grid, seen = seen_from_above()
    shadows = shadow_map(OBJECTS[:1], CENTRE, light, 0.0, 0.1)
    on_ground = seen.points[:, 2] + grid.centre[2] < 0.01
    assert shadows.lit(seen, grid.centre)[on_ground].min() > 0.9999


def test_points_off_the_map_are_lit():
    far = surface_of([part('soil')], 0, [[500, 0, 0], [0, -700, 0]], (0, 0, 1))
    assert shadow_map(OBJECTS, CENTRE, LIGHT, 0.0, 0.5).lit(far, CENTRE).tolist() == [1, 1]


def test_soft_shadows_have_wide_edges():
    grid, seen = seen_from_above(100, 20.0)
    partly = []
    for softness in (0.05, 1.5):
        light = replace(LIGHT, shadow_softness=softness)
        lit = shadow_map(OBJECTS, CENTRE, light, 0.0, 0.06).lit(seen, grid.centre)
        partly.append(((lit > 0.05) & (lit < 0.95)).mean())
        middle = lit.mean()
    assert partly[1] > 3 * partly[0]
    sharp = shadow_map(OBJECTS, CENTRE, LIGHT, 0.0, 0.06).lit(seen, grid.centre).mean()
    assert abs(middle - sharp) < 0.03  # softer, but no larger


def one_ray_grid(count):
    """A camera that looks down with `count` rays in a row, nearly parallel."""
    return PinholeRays(DOWN, [[1e6, 0, 0], [0, 1e6, 0], [0, 0, 1]], (1, count), 0.0)


def shaded(normals, lit, light, material='soil', gloss=0.0, distance=10.0, albedo=(0.5, 0.4, 0.3)):
    normals = np.asarray(normals, np.float32)
    count = len(normals)
    points = surface_of([part(material)], 0, np.zeros((count, 3)), normals, distance)
    colours = np.tile(np.float32([*albedo, gloss]), (count, 1))
    return shade(
        points, one_ray_grid(count), colours, np.broadcast_to(np.float32(lit), (count,)), light
    )


def test_without_sun_there_is_ambient_light_only():
    normals = [(0, 0, 1), (1, 0, 0), tuple(SUN)]
    dark = replace(LIGHT, sun_colour=(0.0, 0.0, 0.0))
    expected = dark.ambient(np.array(normals)) * (0.5, 0.4, 0.3)
    assert np.allclose(shaded(normals, 1.0, dark), expected, atol=1e-6)


def test_direct_light_goes_with_the_cosine():
    ambient = LIGHT.ambient(np.array([(0, 0, 1.0), SUN]))
    direct = shaded([(0, 0, 1), tuple(SUN)], 1.0, LIGHT) / (0.5, 0.4, 0.3) - ambient
    assert np.allclose(direct[1], LIGHT.sun_colour, atol=1e-6)
    assert np.allclose(direct[0], 0.8 * np.array(LIGHT.sun_colour), atol=1e-6)


def test_what_faces_away_gets_no_direct_sun():
    away = [tuple(-SUN), (-1, 0, 0), (0, 0, -1)]
    expected = LIGHT.ambient(np.array(away)) * (0.5, 0.4, 0.3)
    for lit in (0.0, 1.0):
        assert np.allclose(shaded(away, lit, LIGHT), expected, atol=1e-6)


def test_shadows_are_darker_than_light_but_not_black():
    light, half, shadow = (shaded([(0, 0, 1)], lit, LIGHT)[0] for lit in (1.0, 0.5, 0.0))
    ambient = LIGHT.ambient(np.array([(0, 0, 1.0)]))[0] * (0.5, 0.4, 0.3)
    assert np.all(shadow < half) and np.all(half < light)
    assert np.all(shadow > 0.5 * ambient) and np.all(shadow < ambient)


def test_haze_grows_with_the_distance_to_the_horizons_colour():
    hazy = replace(LIGHT, haze=0.01)
    near, mid, far = (
        shaded([(0, 0, 1)], 1.0, hazy, distance=metres, albedo=(0.02, 0.02, 0.02))[0]
        for metres in (1.0, 100.0, 2000.0)
    )
    assert np.all(near < mid) and np.all(mid < far)
    assert np.allclose(far, LIGHT.horizon_colour, atol=1e-6)
    clear = shaded([(0, 0, 1)], 1.0, LIGHT, albedo=(0.02, 0.02, 0.02))[0]
    kept = np.exp(-1.0)
    assert np.allclose(mid, clear * kept + np.array(LIGHT.horizon_colour) * (1 - kept), atol=1e-6)


def test_a_mirror_shows_the_sky():
    """Seen from straight above, a level mirror without colour of its own shows the zenith."""
    mirror = shaded([(0, 0, 1)], 0.0, LIGHT, gloss=0.6, albedo=(0, 0, 0))[0]
    zenith = LIGHT.sky(np.array([[0, 0, 1.0]], np.float32))[0]
    assert np.allclose(mirror, 0.6 * zenith, atol=1e-5)


def test_gloss_grows_at_grazing_angles_and_shows_the_sun():
    slanted = [(0.9, 0, 0.4359), (0.995, 0, 0.0998), (0.99995, 0, 0.01)]  # all show the ground
    dark = replace(LIGHT, sun_colour=(0.0, 0.0, 0.0))
    steep, flat, flattest = shaded(slanted, 1.0, dark, gloss=0.08, albedo=(0, 0, 0)).sum(axis=1)
    assert flat > 2 * steep and flattest > 1.3 * flat
    toward_sun = (SUN + (0, 0, 1)) / np.linalg.norm(SUN + (0, 0, 1))  # mirrors straight up to sun
    spot, beside = shaded([toward_sun, (0, 0, 1)], 1.0, LIGHT, gloss=0.3, albedo=(0, 0, 0))
    hidden = shaded([toward_sun], 0.0, LIGHT, gloss=0.3, albedo=(0, 0, 0))[0]
    assert spot.sum() > beside.sum() + 1 and spot.sum() > hidden.sum() + 1


def test_wet_ground_is_darker_where_it_mirrors_little_and_walls_stay_dry():
    wet = replace(LIGHT, wetness=1.0)
    ground, wall = shaded([(0, 0, 1), (1, 0, 0)], 1.0, wet)
    dry_ground, dry_wall = shaded([(0, 0, 1), (1, 0, 0)], 1.0, LIGHT)
    assert np.all(ground < 0.9 * dry_ground)
    assert np.allclose(wall, dry_wall)


def test_lamps_shine_by_themselves():
    night = replace(
        LIGHT, sun_colour=(0.0,) * 3, zenith_colour=(0.0,) * 3, horizon_colour=(0.0,) * 3
    )
    glow = MATERIALS['lamp'].emission * np.array([0.5, 0.4, 0.3])
    assert np.allclose(shaded([(0, 0, 1)], 0.0, night, material='lamp')[0], glow, atol=1e-6)
    assert np.allclose(shaded([(0, 0, 1)], 0.0, night), 0)
