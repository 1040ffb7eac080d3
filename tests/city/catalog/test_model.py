"""The maker of solids: each shape where it is put, the shift to the middle, spans and sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, Delaunay
from solid_probe import held, holds, volume

from stslidr_city.catalog.categories import DEBRIS
from stslidr_city.catalog.finishes import GLASS, RUBBER, Finish
from stslidr_city.catalog.model import Model, across, both_sides, draw_size

PLACE = st.floats(-5, 5, width=32)
LENGTH = st.floats(0.25, 4, width=32)


def only(add, *arguments, **named):
    """The one part that a method adds, not moved."""
    model = Model()
    getattr(model, add)(RUBBER, *arguments, **named)
    (part,) = model.solid(DEBRIS, centred=False).parts
    return part


@settings(max_examples=25, deadline=None)
@given(st.tuples(PLACE, PLACE, PLACE), st.tuples(LENGTH, LENGTH, LENGTH))
def test_a_box_spans_what_is_asked_for(low, size):
    high = np.add(low, size)
    part = only('box', *zip(low, high, strict=True))
    assert part.shape.bounds == pytest.approx(np.array([low, high]))
    points = np.random.default_rng(0).uniform(np.subtract(low, 1), high + 1, (200, 3))
    clear = (np.abs(points - low) > 1e-3).all(axis=1) & (np.abs(points - high) > 1e-3).all(axis=1)
    inside = ((points > low) & (points < high)).all(axis=1)
    assert np.array_equal(holds(part.shape, points)[clear], inside[clear])


@pytest.mark.parametrize('turn', [1, -1])
def test_a_prism_is_its_profile_drawn_across(turn):
    profile = [(0.0, 0.0), (4.0, 0.0), (3.0, 2.0), (1.0, 2.5)][::turn]
    part = only('prism', profile, (-1.0, 0.5))
    area = ConvexHull(profile).volume
    assert volume([part]) == pytest.approx(1.5 * area, rel=0.02)
    points = np.random.default_rng(0).uniform((-0.5, -1.5, -0.5), (4.5, 1.0, 3.0), (2000, 3))
    inside = Delaunay(profile).find_simplex(points[:, [0, 2]]) >= 0
    inside &= (points[:, 1] > -1.0) & (points[:, 1] < 0.5)
    assert (holds(part.shape, points) == inside).mean() > 0.999


def test_a_slab_is_its_plan_drawn_up():
    plan = [(0.0, 0.0), (3.0, 0.5), (2.5, 2.0), (-0.5, 1.5)]
    part = only('slab', plan, (0.2, 0.7))
    assert volume([part]) == pytest.approx(0.5 * ConvexHull(plan).volume, rel=0.02)
    assert part.shape.bounds[:, 2] == pytest.approx([0.2, 0.7])


def test_a_hull_holds_what_delaunay_holds():
    corners = np.random.default_rng(1).normal(size=(10, 3))
    part = only('hull', corners)
    points = np.random.default_rng(2).normal(size=(2000, 3)) * 0.8
    expected = Delaunay(corners).find_simplex(points) >= 0
    assert (holds(part.shape, points) == expected).mean() > 0.999
    assert 100 < expected.sum() < 1900


@pytest.mark.parametrize('share', [0.05, 0.5, 0.95])
def test_a_loft_goes_evenly_from_its_base_to_its_top(share):
    base, top = ((-2.0, 2.0), (-1.0, 1.0)), ((-1.0, 0.5), (-0.5, 0.5))
    part = only('loft', base, top, (1.0, 3.0))
    expected = (1 - share) * np.array(base) + share * np.array(top)
    x, y = np.meshgrid(np.linspace(-2.2, 2.2, 221), np.linspace(-1.2, 1.2, 121))
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 1 + 2 * share)])
    inside = points[holds(part.shape, points)]
    assert inside[:, :2].min(axis=0) == pytest.approx(expected[:, 0], abs=0.021)
    assert inside[:, :2].max(axis=0) == pytest.approx(expected[:, 1], abs=0.021)


def test_an_ellipsoid_has_its_closed_form():
    part = only('ellipsoid', (1.0, 2.0, 3.0), (0.5, 1.0, 1.5))
    assert volume([part]) == pytest.approx(4 / 3 * np.pi * 0.75, rel=0.02)
    points = np.random.default_rng(0).uniform((0, 0, 1), (2, 4, 5), (2000, 3))
    inside = (((points - (1, 2, 3)) / (0.5, 1.0, 1.5)) ** 2).sum(axis=1) < 1
    assert (holds(part.shape, points) == inside).mean() > 0.999


@pytest.mark.parametrize('top_radius', [None, 0.2, 0.0])
def test_a_frustum_has_its_closed_form_along_any_axis(top_radius):
    base, top, radius = np.array([0.0, 1.0, 0.5]), np.array([2.0, -1.0, 3.0]), 0.6
    part = only('frustum', base, top, radius, top_radius)
    other = radius if top_radius is None else top_radius
    height = np.linalg.norm(top - base)
    expected = np.pi * height / 3 * (radius**2 + radius * other + other**2)
    assert volume([part], 40000) == pytest.approx(expected, rel=0.04)
    axis = (top - base) / height
    points = np.random.default_rng(0).uniform(part.shape.bounds[0], part.shape.bounds[1], (2000, 3))
    along = (points - base) @ axis
    distance = np.linalg.norm(points - base - along[:, None] * axis, axis=1)
    inside = (
        (along > 0) & (along < height) & (distance < radius + (other - radius) * along / height)
    )
    assert (holds(part.shape, points) == inside).mean() > 0.999


def test_a_wheel_stands_on_the_ground_with_its_axle_across():
    part = only('wheel', 1.5, (0.2, 0.5), 0.4)
    assert part.shape.bounds == pytest.approx(np.array([[1.1, 0.2, 0], [1.9, 0.5, 0.8]]))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_bounds_that_a_model_expects_are_those_of_the_shapes(seed):
    """Pieces know their bounds before their shapes are made: the shift follows from them."""
    rng = np.random.default_rng(seed)
    model = Model()
    model.box(RUBBER, *np.sort(rng.normal(size=(3, 2))).tolist())
    model.hull(RUBBER, rng.normal(size=(8, 3)))
    model.frustum(RUBBER, rng.normal(size=3), rng.normal(size=3), *rng.uniform(0.1, 1, 2))
    model.ellipsoid(RUBBER, rng.normal(size=3), rng.uniform(0.1, 1, 3))
    model.prism(RUBBER, [(0, 0), (1, 0), (0.5, rng.uniform(0.2, 2))], (-1, 1))
    model.slab(RUBBER, [(0, 0), (1, 0), (0.5, rng.uniform(0.2, 2))], (0, 1))
    expected = np.stack([piece.bounds for piece in model._pieces])
    parts = model.solid(DEBRIS, centred=False).parts
    assert np.stack([part.shape.bounds for part in parts]) == pytest.approx(expected)


@pytest.mark.parametrize('seed', range(5))
def test_centring_moves_along_the_ground_alone(seed):
    """The same points, moved by one vector without z, lie in the centred solid."""
    rng = np.random.default_rng(seed)
    model = Model()
    model.hull(RUBBER, rng.normal(size=(9, 3)) + (4, -3, 2))
    model.frustum(GLASS, rng.normal(size=3), rng.normal(size=3), 0.5, 0.2)
    model.ellipsoid(RUBBER, rng.normal(size=3), (0.4, 0.6, 0.8))
    free, centred = model.solid(DEBRIS, centred=False), model.solid(DEBRIS)
    assert np.abs(centred.bounds.mean(axis=0)[:2]).max() < 1e-9
    assert centred.bounds[:, 2] == pytest.approx(free.bounds[:, 2])
    shift = (centred.bounds - free.bounds)[0]
    points = rng.uniform(*free.bounds, size=(2000, 3))
    here, there = held(free.parts, points), held(centred.parts, points + shift)
    assert (here == there).mean() > 0.998 and 0 < here.mean() < 1


def test_parts_keep_their_finish_and_order():
    model = Model()
    finishes = [Finish('metal', 3, (0.1, 0.2, 0.3)), GLASS, Finish('cloth', 7)]
    for index, finish in enumerate(finishes):
        model.box(finish, (index, index + 1), (0, 1), (0, 1))
    solid = model.solid(DEBRIS)
    assert [(part.material, part.look, part.tint) for part in solid.parts] == finishes
    assert solid.category == DEBRIS


def test_spans():
    assert across(3.0) == (-1.5, 1.5)
    left, right = both_sides(0.5, 0.9)
    assert left == (0.5, 0.9) and right == (-0.9, -0.5)


def test_drawn_sizes_end_at_two_and_a_half_sigma():
    """The common factor and the single ones: at most 12.5 % and 6.25 % at a spread of 5 %."""
    rng = np.random.default_rng(0)
    shares = np.stack([draw_size(rng, (1.0, 10.0), 0.05) for _ in range(5000)]) / (1.0, 10.0)
    assert shares.max() <= 1.125 * 1.0625 and shares.min() >= 0.875 * 0.9375
    assert np.corrcoef(shares.T)[0, 1] == pytest.approx(0.8, abs=0.04)
    assert (draw_size(rng, (2.0, 3.0), 0.0) == (2.0, 3.0)).all()
