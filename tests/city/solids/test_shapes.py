"""Distances and normals of shapes against a search in float64 and closed forms."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslidr_city.solids.shapes import Ellipsoid, Frustum, Polyhedron
from support.reference_casting import GRAZING, MAKERS, search

SAMPLES = [(maker, seed) for maker in MAKERS for seed in range(5)]
IDS = [f'{maker.__name__}{seed}' for maker, seed in SAMPLES]


def random_units(rng, count):
    vectors = rng.normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rays_toward(rng, count, distance):
    """float32 starts at about `distance` from the origin, and directions that pass near it."""
    origins = (random_units(rng, count) * distance + rng.normal(size=(count, 3))).astype('f4')
    directions = rng.normal(size=(count, 3)) * 1.5 - origins
    return origins, (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype('f4')


def check(sample, origins, directions):
    """Compare with the search; both hits and misses must occur."""
    found = sample.shape.distances(origins, directions)
    count = max(len(origins), len(directions))
    origins, directions = (
        np.broadcast_to(rays, (count, 3)).astype(np.float64) for rays in (origins, directions)
    )
    expected, least = search(sample.gauge, origins, directions)
    assert found.dtype == np.float32 and found.shape == (count,)
    clear = np.abs(least) > GRAZING
    assert clear.mean() > 0.97
    hit = np.isfinite(expected)
    assert np.array_equal(np.isfinite(found[clear]), hit[clear])
    met = np.isfinite(found)
    points = origins[met] + found[met, None].astype(np.float64) * directions[met]
    assert np.abs(sample.gauge(points)).max(initial=0) < 2e-4
    deep = hit & (least < -0.03)
    assert np.abs(found[deep] - expected[deep]).max(initial=0) < 1e-3
    return hit


@pytest.mark.parametrize(('maker', 'seed'), SAMPLES, ids=IDS)
def test_distances_are_those_of_a_search(maker, seed):
    """Starts within, near and 150 m away; one start, one direction, or all their own."""
    rng = np.random.default_rng(seed)
    sample = maker(rng)
    hits = []
    for distance in (0.0, 4.0, 150.0):
        origins, directions = rays_toward(rng, 300, distance)
        hits.append(check(sample, origins, directions))
        aimed = rng.normal(size=(300, 3)) * 1.5 - origins[:1]
        aimed /= np.linalg.norm(aimed, axis=1, keepdims=True)
        hits.append(check(sample, origins[:1], aimed.astype('f4')))
        beside = origins[:1] + rng.normal(size=(300, 3)).astype('f4') * 1.5
        hits.append(check(sample, beside, directions[:1]))
    share = np.concatenate(hits).mean()
    assert 0 < share < 1


@pytest.mark.parametrize(('maker', 'seed'), SAMPLES, ids=IDS)
def test_normals_are_the_gauges_gradient(maker, seed):
    """Where the gauge has no edge: its slopes forward and backward agree there."""
    rng = np.random.default_rng(seed)
    sample = maker(rng)
    origins, directions = rays_toward(rng, 5000, 6.0)
    distances = sample.shape.distances(origins, directions)
    met = np.isfinite(distances)
    points = origins[met] + distances[met, None] * directions[met]
    steps = 1e-5 * np.eye(3)
    here = sample.gauge(points.astype(np.float64))
    ahead = np.stack([sample.gauge(points + step) - here for step in steps], axis=1)
    back = np.stack([here - sample.gauge(points - step) for step in steps], axis=1)
    smooth = (np.abs(ahead - back) < 1e-8).all(axis=1)
    assert smooth.sum() > 15
    gradient = (ahead + back)[smooth]
    gradient /= np.linalg.norm(gradient, axis=1, keepdims=True)
    normals = sample.shape.normals(points)
    assert normals.dtype == np.float32 and normals.shape == points.shape
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    assert np.abs(normals[smooth] - gradient).max() < 1e-3
    facing = -(normals * directions[met]).sum(axis=1)
    assert facing[smooth].min() > -1e-3


@pytest.mark.parametrize(('maker', 'seed'), SAMPLES, ids=IDS)
def test_bounds_hold_the_shape_tightly(maker, seed):
    """A point on the surface near each side of the box, none beyond."""
    rng = np.random.default_rng(seed)
    sample = maker(rng)
    low, high = sample.shape.bounds
    assert sample.shape.bounds.dtype == np.float64
    for axis in range(3):
        for sign, bound in ((1, high), (-1, low)):
            across = rng.uniform(low, high, size=(20000, 3))
            across[:, axis] = bound[axis] + sign * 1e-6
            assert sample.gauge(across).min() > 0
            across[:, axis] = bound[axis] - sign * 0.15 * (high - low)[axis]
            assert sample.gauge(across).min() < 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_looks_at_an_inner_point_hits(seed):
    """From outside each ray at a point inside enters before it; from inside nothing is seen."""
    rng = np.random.default_rng(seed)
    sample = MAKERS[seed % len(MAKERS)](rng)
    points = rng.uniform(*sample.shape.bounds, size=(50, 3))
    inner = points[sample.gauge(points) < -0.01].astype('f4')
    origins = (20 * random_units(rng, len(inner))).astype('f4')
    directions = inner - origins
    lengths = np.linalg.norm(directions, axis=1)
    directions = (directions / lengths[:, None]).astype('f4')
    assert (sample.shape.distances(origins, directions) < lengths).all()
    assert np.isinf(sample.shape.distances(inner, directions)).all()
    for start in inner[:1]:
        assert np.isinf(sample.shape.distances(start[None], directions)).all()


def test_a_pole_far_away_keeps_millimetres():
    """A pole of 6 cm, 150 m away: within 0.1 mm of the circle's closed form."""
    pole = Frustum((0, 0, 0), (0, 0, 8), 0.06, 0.06)
    aside = np.linspace(-0.055, 0.055, 23)
    origins = np.stack([np.full(23, -150.0), aside, np.full(23, 1.8)], axis=1).astype('f4')
    expected = 150 - np.sqrt(0.06**2 - aside**2)
    found = pole.distances(origins, np.array([[1, 0, 0]], dtype='f4'))
    assert np.abs(found - expected).max() < 1e-4


def test_a_ground_of_kilometres_keeps_millimetres():
    ground = Polyhedron.box((-4000, -4000, -1), (4000, 4000, 0))
    depression = np.deg2rad(np.linspace(0.7, 60, 500))
    directions = np.stack([np.cos(depression), np.zeros(500), -np.sin(depression)], axis=1)
    found = ground.distances(np.array([[1234.5, -987.6, 1.84]], 'f4'), directions.astype('f4'))
    expected = 1.84 / np.sin(depression)
    assert expected.max() > 150
    assert np.abs(found - expected).max() < 2e-4


def test_rays_along_faces_give_no_warnings(recwarn):
    """Parallel to faces within the slab, beside it and in the plane of a face."""
    cube = Polyhedron.box((0, 0, 0), (1, 1, 1))
    origins = np.array([[-1, 0.5, 0.5], [-1, 2, 0.5], [-1, 0.5, -1]], dtype='f4')
    along = np.array([[1, 0, 0]], dtype='f4')
    assert cube.distances(origins, np.repeat(along, 3, axis=0)).tolist() == [1, np.inf, np.inf]
    assert cube.distances(origins, along).tolist() == [1, np.inf, np.inf]
    assert [cube.distances(each[None], along)[0] for each in origins] == [1, np.inf, np.inf]
    pole = Frustum((0, 0, 0), (0, 0, 1), 0.5, 0.5)
    down = np.array([[0, 0, -1], [0, 0, -1], [0, 0, 1]], dtype='f4')
    starts = np.array([[0, 0, 3], [0.6, 0, 3], [0, 0.2, -1]], dtype='f4')
    assert pole.distances(starts, down).tolist() == [2, np.inf, 1]
    assert Ellipsoid((0, 0, 0), (1, 1, 1)).distances(starts, down)[0] == 2
    assert not recwarn.list


def test_constructors_agree_on_a_box():
    """Box, upright prism, slab, hull and bare half-spaces: the same distances and bounds."""
    low, high = np.array([-1.0, -2.0, 0.5]), np.array([3.0, 1.0, 1.5])
    rectangle = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    profile = [(low[0], low[2]), (high[0], low[2]), (high[0], high[2]), (low[0], high[2])]
    corners = [(x, y, z) for x, y in rectangle for z in (low[2], high[2])]
    box = Polyhedron.box(low, high)
    others = [
        Polyhedron.prism(profile, low[1], high[1]),
        Polyhedron.slab(rectangle, low[2], high[2]),
        Polyhedron.hull(corners),
        Polyhedron(7 * np.concatenate([np.eye(3), -np.eye(3)]), 7 * np.concatenate([high, -low])),
    ]
    origins, directions = rays_toward(np.random.default_rng(0), 3000, 8.0)
    expected = box.distances(origins, directions)
    assert 0.2 < np.isfinite(expected).mean() < 0.9
    for other in others:
        assert np.allclose(other.bounds, box.bounds, rtol=0, atol=1e-9)
        found = other.distances(origins, directions)
        agree = np.isfinite(found) == np.isfinite(expected)
        assert agree.mean() > 0.998
        both = np.isfinite(found) & np.isfinite(expected)
        assert np.abs(found[both] - expected[both]).max() < 1e-5


def test_prism_leans_in_by_its_taper():
    """Taper counts for each side, from the profile's lowest point to its highest."""
    cabin = Polyhedron.prism([(0, 1), (4, 1), (4, 3), (0, 3)], -1, 1.5, taper=0.5)
    for height, left, right in ((1.001, 1.5, -1.0), (2.0, 1.25, -0.75), (2.999, 1.0, -0.5)):
        origins = np.array([[2, 9, height], [2, -9, height]], dtype='f4')
        directions = np.array([[0, -1, 0], [0, 1, 0]], dtype='f4')
        assert np.allclose(cabin.distances(origins, directions), [9 - left, right + 9], atol=1e-3)
    assert cabin.bounds.tolist() == [[0, -1, 1], [4, 1.5, 3]]
    opening = Polyhedron.prism([(0, 1), (4, 1), (4, 3), (0, 3)], -1, 1.5, taper=-0.5)
    assert opening.bounds.tolist() == [[0, -1.5, 1], [4, 2, 3]]


def test_shapes_do_not_change_and_pickle():
    for maker in MAKERS:
        shape = maker(np.random.default_rng(0)).shape
        with pytest.raises(ValueError, match='read-only'):
            shape.bounds[0] = 0
        origins, directions = rays_toward(np.random.default_rng(1), 50, 5.0)
        copied = pickle.loads(pickle.dumps(shape))
        assert np.array_equal(
            copied.distances(origins, directions), shape.distances(origins, directions)
        )


@pytest.mark.parametrize(
    ('build', 'message'),
    [
        (lambda: Polyhedron.box((0, 0, 0), (1, 0, 1)), 'no volume'),
        (lambda: Polyhedron.prism([(0, 0), (1, 0), (0, 1)], 0, 1, taper=0.5), 'no width'),
        (lambda: Polyhedron.prism([(0, 0), (1, 0), (0, 1)], 1, 0), 'no width'),
        (lambda: Polyhedron.slab([(0, 0), (1, 0), (0, 1)], 1, 1), 'no thickness'),
        (lambda: Polyhedron([(0, 0, 0)], [1]), 'normal zero'),
        (lambda: Ellipsoid((0, 0, 0), (1, 0, 1)), 'positive radii'),
        (lambda: Frustum((0, 0, 0), (0, 0, 0), 1, 1), 'no volume'),
        (lambda: Frustum((0, 0, 0), (0, 0, 1), 0, 0), 'no volume'),
        (lambda: Frustum((0, 0, 0), (0, 0, 1), 1, -1), 'no volume'),
    ],
)
def test_shapes_without_volume_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
