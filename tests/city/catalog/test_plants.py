"""Trees by kind, bushes, hedges, planters and mounds: crowns over trunks, leaves, roots."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import asymmetry, bounds_of, build_all, held, holds, made_of, volume

from stslidr_city.catalog import plants
from stslidr_city.catalog.categories import TERRAIN, VEGETATION

SEEDS = range(10)
HIGH_CROWNS = ('broadleaf', 'slender', 'palm')  # a conifer's lowest branches hang to the ground


@pytest.fixture(params=plants.TREE_KINDS, scope='module')
def grove(request):
    """Trees of one kind, 8 m high."""
    return build_all(plants.tree, SEEDS, height=8.0, kind=request.param)


def leaves_of(solid):
    return made_of(solid, 'leaves')


def test_a_trunk_comes_first_and_is_rooted_at_the_origin(grove):
    for solid in grove:
        assert solid.category == VEGETATION and len(solid.parts) <= 16
        trunk = solid.parts[0]
        assert trunk.material == 'bark'
        assert holds(trunk.shape, [[0, 0, -0.5 * plants.ROOT], [0, 0, 0.3]]).all()


def test_a_trunk_tapers(grove):
    """Half as wide above as below, by points on a line across its axis."""
    for solid in grove:
        trunk = solid.parts[0].shape
        low, high = trunk.bounds
        x, y = np.meshgrid(np.linspace(-1.5, 1.5, 150), np.linspace(-1.5, 1.5, 150))
        areas = []
        for share in (0.1, 0.9):
            level = low[2] + share * (high[2] - low[2])
            points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, level)])
            areas.append(holds(trunk, points).mean())
        assert areas[1] < areas[0]


@pytest.mark.parametrize('kind', HIGH_CROWNS)
def test_crowns_are_above_where_people_walk(kind):
    """Three quarters of the leaves' volume hang higher than a head, about the trunk."""
    for solid in build_all(plants.tree, SEEDS, height=9.0, kind=kind):
        parts = leaves_of(solid)
        bounds = bounds_of(parts)
        low, high = bounds[:, 0].min(axis=0), bounds[:, 1].max(axis=0)
        points = np.random.default_rng(0).uniform(low, high, (4000, 3))
        inside = points[held(parts, points)]
        assert (inside[:, 2] > 1.8).mean() > 0.75
        assert np.linalg.norm(inside[:, :2].mean(axis=0)) < 2.0


def test_a_bare_tree_has_no_leaves_and_reaches_its_height():
    for solid in build_all(plants.tree, SEEDS, height=8.0, kind='bare'):
        assert not leaves_of(solid) and len(solid.parts) == 16
        assert solid.bounds[1, 2] == pytest.approx(8.0, rel=0.2)


def test_slender_trees_are_slender_and_conifers_end_in_a_tip():
    for solid in build_all(plants.tree, SEEDS, height=10.0, kind='slender'):
        width = np.ptp(bounds_of(leaves_of(solid))[:, :, :2], axis=1).max()
        assert width < 0.4 * 10
    for solid in build_all(plants.tree, SEEDS, height=10.0, kind='conifer'):
        cones = sorted(bounds_of(leaves_of(solid)), key=lambda each: each[0, 2])
        widths = [np.ptp(bounds[:, 0]) for bounds in cones]
        assert (np.diff(widths) < 0).all()
        assert cones[-1][1, 2] == pytest.approx(10.0)
        assert asymmetry(solid.parts, 1500) < 0.01


def test_a_palm_has_nine_fronds_all_around():
    for solid in build_all(plants.tree, SEEDS, height=8.0, kind='palm'):
        end = solid.parts[1].shape.bounds.mean(axis=0)  # the heart of the crown
        fronds = bounds_of(solid.parts[2:])
        assert len(fronds) == 9
        outward = fronds.mean(axis=1)[:, :2] - end[:2]
        angles = np.sort(np.arctan2(outward[:, 1], outward[:, 0]))
        gaps = np.diff(np.concatenate([angles, [angles[0] + 2 * np.pi]]))
        assert gaps.max() < 2 * np.pi / 9 * 1.9


def test_drawn_trees_are_of_all_kinds_and_heights():
    assert sum(plants.TREE_SHARES) == pytest.approx(1)
    solids = build_all(plants.tree, range(80))
    heights = np.array([solid.bounds[1, 2] for solid in solids])
    assert heights.min() < 6 and heights.max() > 11
    assert min(heights) > 3.2 and max(heights) < 15.5
    assert sum(not leaves_of(solid) for solid in solids) in range(1, 20)


def test_leaves_of_a_tree_differ_a_little():
    solid = plants.tree(np.random.default_rng(0), 9.0, 'broadleaf')
    tints = np.array([part.tint for part in leaves_of(solid)])
    assert len(np.unique(tints, axis=0)) == len(tints) >= 9
    assert (tints.std(axis=0) < 0.3 * tints.mean(axis=0)).all()
    assert len({part.look for part in leaves_of(solid)}) == 1


def test_bushes_are_clusters_on_the_ground():
    for solid in build_all(plants.bush, SEEDS):
        assert solid.category == VEGETATION
        assert 3 <= len(solid.parts) <= 6
        bounds = bounds_of(solid.parts)
        assert (bounds[:, 0, 2] >= -1e-9).all()
        assert bounds[-1, 0, 2] == pytest.approx(0, abs=1e-9)
        assert 0.45 < solid.bounds[1, 2] < 2.05
        assert {part.material for part in solid.parts} == {'leaves'}


@pytest.mark.parametrize('length', [2.0, 8.0, 20.0])
def test_a_hedge_is_closed_along_its_length(length):
    for seed in range(6):
        solid = plants.hedge(np.random.default_rng(seed), length, 1.5)
        y = np.linspace(-0.499, 0.499, 120) * length
        line = np.column_stack([0 * y, y, np.full(120, 0.7)])
        assert held(solid.parts, line).all()
        assert 0.93 * 1.5 <= solid.bounds[1, 2] <= 1.5
        assert 2 <= len(solid.parts) <= 5
        share = volume(solid.parts, 4000) / np.prod(np.ptp(solid.bounds, axis=0))
        assert 0.75 < share < 1


def test_drawn_hedges_and_bushes_fill_their_ranges_of_height():
    hedges = [solid.bounds[1, 2] for solid in build_all(plants.hedge, range(40), length=6.0)]
    bushes = [solid.bounds[1, 2] for solid in build_all(plants.bush, range(40))]
    assert 0.93 * 0.7 <= min(hedges) < 0.9 and 1.9 < max(hedges) <= 2.2
    assert 0.5 <= min(bushes) < 0.7 and 1.7 < max(bushes) <= 2.0 + 1e-9


def test_a_planter_is_wider_than_deep_and_its_tub_widens_upwards():
    solids = build_all(plants.planter, range(30))
    depths = [np.ptp(solid.parts[0].shape.bounds[:, 0]) for solid in solids]
    assert 0.5 <= min(depths) < 0.6 and 0.8 < max(depths) <= 0.9
    for solid in solids:
        tub = solid.parts[0]
        low, high = tub.shape.bounds
        corner = [(0.97 * high[0], 0.0, z) for z in (0.02, high[2] - 0.02)]
        assert holds(tub.shape, corner).tolist() == [False, True]


def test_a_planter_holds_leaves_above_its_rim():
    for solid in build_all(plants.planter, SEEDS):
        tub, *leaves = solid.parts
        assert tub.material in ('concrete', 'wood', 'stone', 'metal')
        assert 3 <= len(leaves) <= 5
        rim = tub.shape.bounds[1, 2]
        assert 0.3 <= rim <= 0.6
        for bounds in bounds_of(leaves):
            assert bounds[0, 2] >= -1e-9 and bounds[1, 2] > rim
            assert bounds[0, 2] < rim < bounds[1, 2]


@pytest.mark.parametrize('width, depth', [(6.0, 6.0), (14.0, 7.0), (4.0, 9.0)])
def test_a_mound_rises_gently_from_the_ground(width, depth):
    """Its height is 6 to 14 % of its shorter side; the section at the ground fits the plot."""
    for seed in SEEDS:
        solid = plants.mound(np.random.default_rng(seed), width, depth)
        assert solid.category == TERRAIN
        height = solid.bounds[1, 2]
        assert 0.6 * 0.06 * min(width, depth) <= height <= 0.14 * min(width, depth)
        x, y = np.meshgrid(np.linspace(-1, 1, 81) * depth, np.linspace(-1, 1, 81) * width)
        points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.001)])
        inside = points[held(solid.parts, points)]
        assert len(inside) > 100
        assert np.abs(inside[:, 0]).max() <= depth / 2 + 1e-3
        assert np.abs(inside[:, 1]).max() <= width / 2 + 1e-3


def test_mounds_are_covered_with_what_covers_ground():
    materials = {
        solid.parts[0].material
        for solid in build_all(plants.mound, range(40), width=6.0, depth=6.0)
    }
    assert materials == {'grass', 'soil', 'gravel'}
