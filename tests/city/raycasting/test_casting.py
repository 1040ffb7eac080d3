"""Hits against a search along all rays and parts in float64."""

from __future__ import annotations

import numpy as np
import pytest
from grids import GRIDS, HOME, pinhole, spinning

from stslidr_city.raycasting import casting
from stslidr_city.raycasting.casting import NOT_COUNTED, cast
from stslidr_city.raycasting.rays import ParallelRays, PinholeRays
from stslidr_city.solids.shapes import Ellipsoid, Polyhedron
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid, Standing
from support.reference_casting import NOW, Straight, random_scene, reference_cast

TIE = 2e-3  # metres: surfaces so near to each other may swap in float32


@pytest.mark.parametrize('speed', [0.0, 15.0])
@pytest.mark.parametrize('maker', GRIDS)
def test_hits_are_those_of_a_search(maker, speed):
    """Distance, object and part of the nearest; counts of what each object alone would meet."""
    rng = np.random.default_rng([int(speed), GRIDS.index(maker)])
    grid, origins, directions, times = maker(rng)
    objects, gauges = random_scene(rng, 15, HOME, speed)
    expected = reference_cast(objects, gauges, origins, directions, times)
    hits = cast(grid, objects)
    order = np.sort(expected.distances, axis=1)
    with np.errstate(invalid='ignore'):
        tied = order[:, 1] - order[:, 0] < TIE
    clear = ~tied & ~expected.grazing().any(axis=1)
    assert clear.mean() > 0.98
    nearest, best = order[:, 0], expected.distances.argmin(axis=1)
    hit = np.isfinite(nearest) & clear
    assert len(np.unique(best[hit])) > 4
    found = hits.distance.ravel()
    assert np.array_equal(np.isfinite(found[clear]), np.isfinite(nearest[clear]))
    # where rays graze a surface the distance is less well determined than the point
    steep = expected.least[np.arange(len(best)), best] < -0.03
    assert np.abs(found[hit & steep] - nearest[hit & steep]).max() < 1e-3
    pairs = np.array(expected.pairs)[best]
    pairs[~np.isfinite(nearest)] = -1
    assert np.array_equal(hits.object.ravel()[clear], pairs[clear, 0])
    assert np.array_equal(hits.part.ravel()[clear], pairs[clear, 1])
    check_counts(hits, objects, expected)


def check_counts(hits, objects, expected):
    """`unoccluded` up to the rays that graze."""
    owners = np.array(expected.pairs)[:, 0]
    counted = 0
    for index, each in enumerate(objects):
        if each.instance < 0:
            assert hits.unoccluded[index] == NOT_COUNTED
            continue
        met = np.isfinite(expected.distances[:, owners == index])
        unsure = expected.grazing()[:, owners == index]
        sure = (met & ~unsure).any(axis=1).sum()
        assert sure <= hits.unoccluded[index] <= (met | unsure).any(axis=1).sum()
        counted += hits.unoccluded[index]
    seen = sum(
        (hits.object == index).sum() for index, each in enumerate(objects) if each.instance >= 0
    )
    assert counted > seen > 0  # something does stand before something


def standing(shapes, x, y, z, instance=-1):
    parts = tuple(Part(shape, 'metal') for shape in shapes)
    return SceneObject(Solid(parts, 0), Standing(Pose(x, y, z, 0.0)), instance)


def test_types_and_shapes():
    hits = cast(pinhole(np.random.default_rng(0)).grid, [])
    assert hits.distance.dtype == np.float32 and np.isinf(hits.distance).all()
    assert hits.object.dtype == hits.part.dtype == np.int32
    assert (hits.object == -1).all() and (hits.part == -1).all()
    assert hits.distance.shape == hits.object.shape == hits.part.shape == (36, 64)
    assert hits.unoccluded.shape == (0,) and hits.unoccluded.dtype == np.int64


def test_a_hidden_object_is_counted_as_if_it_stood_alone():
    """A wall before a ball: no ray meets the ball, and its count is as without the wall."""
    looking_along_x = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
    camera = PinholeRays(
        looking_along_x, np.array([[40, 0, 32], [0, 40, 18], [0, 0, 1.0]]), (36, 64), 0.0
    )
    ball = standing(
        [Ellipsoid((0, 0, 0), (1, 1, 1)), Ellipsoid((0, 0, 0.5), (1, 1, 1))], 10, 0, 0, instance=4
    )
    wall = standing([Polyhedron.box((0, -9, -9), (1, 9, 9))], 5, 0, 0)
    alone, hidden = cast(camera, [ball]), cast(camera, [wall, ball])
    assert alone.unoccluded[0] == (alone.object == 0).sum() > 10
    assert (hidden.object == 0).all()
    assert hidden.unoccluded.tolist() == [NOT_COUNTED, alone.unoccluded[0]]


@pytest.mark.parametrize('order', [1, -1])
def test_equal_distances_go_to_the_first_object_then_part(order):
    """Two boxes with a common front, from a camera and from the sun, in both orders.

    The bound of the large one's distance is lower, so that it is cast first.
    """
    small = Polyhedron.box((0, -1, -1), (4, 1, 1))
    large = Polyhedron.box((0, -2, -2), (1, 12, 2))
    objects = [standing([small, small], 10, 0, 0), standing([large], 10, 0, 0)][::order]
    looking_along_x = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
    camera = PinholeRays(
        looking_along_x, np.array([[40, 0, 32], [0, 40, 18], [0, 0, 1.0]]), (36, 64), 0.0
    )
    sun = ParallelRays((0, 0, 0), (1, 0, 0), 10.0, 0.25, 0.0)
    for grid in (camera, sun):
        hits = cast(grid, objects)
        alone = [cast(grid, [each]).distance for each in objects]
        both = np.isfinite(alone[0]) & np.isfinite(alone[1])
        assert both.sum() > 30
        assert np.array_equal(alone[0][both], alone[1][both])
        assert (hits.object[both] == 0).all()
        assert (hits.part[both] == 0).all()


def test_chunks_change_nothing(monkeypatch):
    rng = np.random.default_rng(5)
    grid, *_ = pinhole(rng)
    objects, _ = random_scene(rng, 20, HOME, 0.0)
    whole = cast(grid, objects)
    monkeypatch.setattr(casting, 'CHUNK', 100)
    pieces = cast(grid, objects)
    assert np.array_equal(whole.object, pieces.object)
    assert np.array_equal(whole.unoccluded, pieces.unoccluded)
    assert np.allclose(whole.distance, pieces.distance, rtol=0, atol=1e-5)


def test_an_overtaking_object_is_met_where_it_is_at_the_columns_time():
    """A wide wall that comes nearer at 20 m/s, seen by a LiDAR over 50 ms: one metre of way."""
    grid, _, directions, times = spinning(np.random.default_rng(1))
    wall = Polyhedron.box((0, -50, -50), (1, 50, 50))
    start = Pose(HOME[0] + 20, HOME[1], HOME[2], 0.0)
    found = cast(
        grid, [SceneObject(Solid((Part(wall, 'metal'),), 0), Straight(start, (-20.0, 0.0)))]
    ).distance.ravel()
    ahead = np.isfinite(found) & (directions[:, 0] > 0.5)
    assert ahead.sum() > 100
    x = (
        (
            np.broadcast_to(grid.offsets, grid.directions.shape).reshape(-1, 3)[:, 0]
            + found * directions[:, 0]
        )[ahead]
        + grid.centre[0]
        - HOME[0]
    )
    assert np.abs(x - (20 - 20 * (times[ahead] - NOW))).max() < 1e-3
    assert np.ptp(x) > 0.1
