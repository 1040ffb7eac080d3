"""Buildings fill their plots and no more; lengths and heights that are asked for are kept."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr_city.catalog import buildings, fixtures, plants
from stslidr_city.catalog.finishes import RUBBER
from stslidr_city.catalog.model import Model, draw_size

EAVES = 0.45  # metres by which roofs and cornices may stand over the plot


@pytest.mark.parametrize('kind', buildings.KINDS)
@pytest.mark.parametrize('width, depth', [(6.0, 6.0), (12.0, 9.0), (30.0, 14.0), (8.0, 20.0)])
def test_a_building_fills_its_plot(kind, width, depth):
    for seed in range(4):
        solid = buildings.building(np.random.default_rng(seed), width, depth, kind=kind)
        (x0, y0, z0), (x1, y1, _) = solid.bounds
        assert z0 == 0
        assert -depth / 2 - EAVES <= x0 <= -depth / 2 + 1e-9
        assert x1 <= depth / 2 + max(EAVES, buildings.OVERHANG) + 1e-9
        assert width / 2 - 1e-9 <= y1 <= width / 2 + EAVES
        assert -width / 2 - EAVES <= y0 <= -width / 2 + 1e-9


@pytest.mark.parametrize('kind', buildings.KINDS)
def test_walls_reach_the_height_that_is_asked_for(kind):
    """A level ray towards the front meets the building below the height."""
    for seed in range(4):
        solid = buildings.building(np.random.default_rng(seed), 12.0, 9.0, height=7.0, kind=kind)
        origins = np.array([[50.0, y, 6.8] for y in np.linspace(-4, 4, 12)], np.float32)
        directions = np.tile(np.float32([-1, 0, 0]), (12, 1))
        distances = np.min(
            [part.shape.distances(origins, directions) for part in solid.parts], axis=0
        )
        assert np.isfinite(distances).all()
        assert solid.bounds[1, 2] >= 7.0


def test_unknown_kinds_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match='no kind of building'):
        buildings.building(rng, 10, 10, kind='castle')
    with pytest.raises(ValueError, match='no kind of tree'):
        plants.tree(rng, kind='baobab')


@pytest.mark.parametrize(
    'build', [fixtures.wall, fixtures.fence, fixtures.guard_rail, plants.hedge]
)
@pytest.mark.parametrize('length', [1.5, 6.0, 25.0])
def test_what_lies_along_y_has_the_length_that_is_asked_for(build, length):
    low, high = build(np.random.default_rng(1), length).bounds
    assert high[1] - low[1] == pytest.approx(length, abs=0.11)
    assert high[0] - low[0] < 1.0


@pytest.mark.parametrize('kind', plants.TREE_KINDS)
@pytest.mark.parametrize('height', [4.0, 12.0])
def test_trees_have_their_height_and_root_at_the_origin(kind, height):
    for seed in range(6):
        solid = plants.tree(np.random.default_rng(seed), height, kind)
        assert solid.bounds[1, 2] == pytest.approx(height, rel=0.12)
        trunk = solid.parts[0]
        assert trunk.material == 'bark' and trunk.shape.bounds[0, 2] < 0
        ground = np.array([[-50, 0, 0.02], [50, 0, 0.02]], np.float32)
        toward = np.array([[1, 0, 0], [-1, 0, 0]], np.float32)
        assert np.isfinite(trunk.shape.distances(ground, toward)).all()


def test_a_mound_ends_where_its_plot_does():
    """Where it cuts the ground it is as wide and deep as asked for, by closed form."""
    for seed in range(10):
        solid = plants.mound(np.random.default_rng(seed), 10.0, 6.0)
        azimuths = np.linspace(0, 2 * np.pi, 73)
        directions = -np.column_stack([np.cos(azimuths), np.sin(azimuths), 0 * azimuths])
        starts = -60 * directions + (0, 0, 0.001)
        rays = starts.astype(np.float32), directions.astype(np.float32)
        distances = np.min([part.shape.distances(*rays) for part in solid.parts], axis=0)
        edge = (starts + distances[:, None] * directions)[:, :2] / (3.0, 5.0)
        radius = np.linalg.norm(edge[np.isfinite(distances)], axis=1)
        assert radius.max() <= 1.001
        if len(solid.parts) == 1:
            assert np.allclose(radius, 1, atol=0.01)
        assert 0.3 < solid.bounds[1, 2] < 1.0


def test_a_model_puts_its_middle_at_the_origin():
    model = Model()
    model.box(RUBBER, (1, 3), (2, 5), (0, 1))
    model.frustum(RUBBER, (3, 0, 0.5), (7, 3, 2.5), 0.5, 0.2)
    model.ellipsoid(RUBBER, (0, 0, 4), (1, 2, 3))
    bounds = model.solid(28, centred=False).bounds
    assert np.allclose(model.solid(28).bounds, bounds - (*bounds.mean(axis=0)[:2], 0))


def test_drawn_sizes_scatter_about_their_mean():
    rng = np.random.default_rng(0)
    drawn = np.stack([draw_size(rng, (2, 5, 1.5), 0.05) for _ in range(4000)])
    assert np.allclose(drawn.mean(axis=0), (2, 5, 1.5), rtol=0.01)
    assert np.allclose(drawn.std(axis=0) / (2, 5, 1.5), 0.05 * 1.25**0.5, rtol=0.1)
