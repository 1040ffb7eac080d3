"""Volumes, surfaces and shadows of shapes, measured by rays, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from stslidr_city.solids.half_spaces import hull_half_spaces, vertices_of_half_spaces
from stslidr_city.solids.shapes import Ellipsoid, Frustum, Polyhedron

CORNERS = np.random.default_rng(3).normal(size=(12, 3))
PROFILE = [(-1.0, 0.0), (1.5, 0.0), (1.0, 1.2), (-0.5, 1.6)]


def cone_surface(height, base, top):
    """Mantle and both ends of a cut cone."""
    slant = np.hypot(height, base - top)
    return np.pi * ((base + top) * slant + base**2 + top**2)


def cone_volume(height, base, top):
    return np.pi * height / 3 * (base**2 + base * top + top**2)


def prism_surface(profile, depth):
    hull = ConvexHull(profile)  # of a polygon scipy calls the area volume and the outline area
    return 2 * hull.volume + depth * hull.area


MEASURES = {
    'box': (Polyhedron.box((-1, -0.5, 0), (1, 1.5, 0.8)), 3.2, 2 * (4.0 + 1.6 + 1.6)),
    'hull': (Polyhedron.hull(CORNERS), ConvexHull(CORNERS).volume, ConvexHull(CORNERS).area),
    'prism': (
        Polyhedron.prism(PROFILE, -1.0, 1.0),
        2 * ConvexHull(PROFILE).volume,
        prism_surface(PROFILE, 2.0),
    ),
    'ball': (Ellipsoid((0.2, 0, 0.1), (1.1, 1.1, 1.1)), 4 / 3 * np.pi * 1.331, 4 * np.pi * 1.21),
    'cylinder': (
        Frustum((0, 0, -1), (0.5, 0.5, 1), 0.6, 0.6),
        cone_volume(np.sqrt(4.5), 0.6, 0.6),
        cone_surface(np.sqrt(4.5), 0.6, 0.6),
    ),
    'cone': (
        Frustum((0, 0, -1), (1, 0, 1), 0.9, 0.0),
        cone_volume(np.sqrt(5), 0.9, 0.0),
        cone_surface(np.sqrt(5), 0.9, 0.0),
    ),
    'cut cone': (
        Frustum((0, 0.3, -1), (0, 0, 1), 0.4, 1.0),
        cone_volume(np.sqrt(4.09), 0.4, 1.0),
        cone_surface(np.sqrt(4.09), 0.4, 1.0),
    ),
}
"""Shape, volume and surface."""
REACH = 6.0  # metres; no shape reaches further from the origin


@pytest.fixture(params=MEASURES, scope='module')
def measured(request):
    return MEASURES[request.param]


def chords(shape, direction, count, seed=0):
    """Lengths of a shape along parallel rays through a disc of radius REACH; 0 where they miss."""
    rng = np.random.default_rng(seed)
    direction = direction / np.linalg.norm(direction)
    first = np.cross(direction, np.eye(3)[np.abs(direction).argmin()])
    first /= np.linalg.norm(first)
    second = np.cross(direction, first)
    radius, angle = REACH * np.sqrt(rng.random(count)), rng.uniform(0, 2 * np.pi, count)
    offsets = radius[:, None] * (np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second)
    toward = direction[None].astype(np.float32)
    start = (offsets - 20 * direction).astype(np.float32)
    end = (offsets + 20 * direction).astype(np.float32)
    length = 40 - shape.distances(start, toward) - shape.distances(end, -toward)
    return np.where(np.isfinite(length), length, 0.0)


DISC = np.pi * REACH**2


@pytest.mark.parametrize('direction', [(0, 0, 1), (1, 0.3, -0.2), (-0.4, 1, 1)])
def test_volumes_are_sums_of_chords(measured, direction):
    """By Cavalieri: the mean chord of parallel rays times the area that they pass through."""
    shape, volume, _ = measured
    found = chords(shape, np.array(direction, float), 60000).mean() * DISC
    assert found == pytest.approx(volume, rel=0.06)


def test_surfaces_are_four_times_the_mean_shadow(measured):
    """By Cauchy: for a convex body, over all directions."""
    shape, _, surface = measured
    rng = np.random.default_rng(1)
    shadows = [
        (chords(shape, direction, 3000, seed) > 0).mean() * DISC
        for seed, direction in enumerate(rng.normal(size=(60, 3)))
    ]
    assert 4 * np.mean(shadows) == pytest.approx(surface, rel=0.06)


def test_seen_from_both_sides_the_shadow_is_the_same(measured):
    shape, _, _ = measured
    direction = np.array([0.3, -0.5, 0.8])
    there, back = (chords(shape, sign * direction, 20000, 2) > 0 for sign in (1, -1))
    assert there.mean() == pytest.approx(back.mean(), abs=0.01)


def test_a_normal_faces_whoever_sees_it(measured):
    """Where rays from all sides meet the shape."""
    shape, _, _ = measured
    rng = np.random.default_rng(5)
    origins = rng.normal(size=(20000, 3))
    origins *= 30 / np.linalg.norm(origins, axis=1, keepdims=True)
    aimed = rng.normal(size=(20000, 3)) * 1.5 - origins
    aimed /= np.linalg.norm(aimed, axis=1, keepdims=True)
    rays = origins.astype(np.float32), aimed.astype(np.float32)
    distances = shape.distances(*rays)
    met = np.isfinite(distances)
    points = rays[0][met] + distances[met, None] * rays[1][met]
    facing = (shape.normals(points) * rays[1][met]).sum(axis=1)
    assert met.mean() > 0.05 and (facing < 1e-3).all()


@pytest.mark.parametrize('seed', range(8))
def test_corners_and_half_spaces_of_a_hull_are_inverse(seed):
    """Few random points: corners of the hull's half-spaces are those points that lie on it."""
    points = np.random.default_rng(seed).normal(size=(9, 3))
    corners = vertices_of_half_spaces(*hull_half_spaces(points))
    expected = points[ConvexHull(points).vertices]
    found = np.unique(corners.round(6), axis=0)
    assert found == pytest.approx(np.unique(expected.round(6), axis=0), abs=1e-5)


@pytest.mark.parametrize('factor', [0.01, 1.0, 500.0])
def test_distances_scale_with_the_shape(factor):
    """A shape and its rays, both larger or smaller: the same picture."""
    rng = np.random.default_rng(0)
    origins = rng.normal(size=(400, 3)) * 5
    directions = rng.normal(size=(400, 3)) * 0.7 - origins
    directions = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype('f4')
    small = Polyhedron.hull(CORNERS).distances(origins.astype('f4'), directions)
    large = Polyhedron.hull(factor * CORNERS).distances((factor * origins).astype('f4'), directions)
    both = np.isfinite(small) & np.isfinite(large)
    assert both.sum() > 100 and (np.isfinite(small) == np.isfinite(large)).mean() > 0.99
    assert large[both] / factor == pytest.approx(small[both], rel=1e-3)
