"""The stock: every kind can be drawn, few variants, sizes rounded down, one solid for all."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from stslidr_city.catalog.buildings import KINDS
from stslidr_city.catalog.categories import CATEGORIES
from stslidr_city.planning.kerbside import BYSTANDERS, FURNITURE, PARKED_KINDS
from stslidr_city.planning.lots import BUILDINGS, HEIGHTS
from stslidr_city.planning.rarities import RARITIES
from stslidr_city.planning.stock import BUILDERS, SIZE_STEP, TREE_HEIGHTS, VARIANTS, Stock
from stslidr_city.planning.traffic import LANE_KINDS, WALKER_KINDS

SIZED = {
    'wall': (7.0,),
    'fence': (7.0,),
    'hedge': (7.0,),
    'guard_rail': (7.0,),
    'mound': (8.0, 6.0),
    **dict.fromkeys(KINDS, (12.0, 9.0, 6.0)),
}
"""Kinds that take sizes, and sizes for them."""


def draw(kind, seed=0, stock=None):
    return (stock or Stock(3)).draw(kind, np.random.default_rng(seed), *SIZED.get(kind, ()))


@pytest.mark.parametrize('kind', BUILDERS)
def test_every_kind_gives_a_solid_of_a_class(kind):
    solid = draw(kind)
    assert 0 < solid.category < len(CATEGORIES)
    assert len(solid.parts) > 0
    assert np.isfinite(solid.bounds).all()


@pytest.mark.parametrize('kind', BUILDERS)
def test_kinds_of_one_name_are_of_one_class(kind):
    assert len({draw(kind, seed).category for seed in range(4)}) == 1


def test_every_name_that_is_put_somewhere_is_in_stock():
    named = {*PARKED_KINDS, *FURNITURE, *BYSTANDERS, *BUILDINGS, *HEIGHTS}
    named |= {*LANE_KINDS, *WALKER_KINDS}
    named |= {kind for rarity in RARITIES.values() for kind, _ in rarity.sites.values()}
    assert named <= set(BUILDERS)


def test_kinds_that_take_sizes_are_known_here():
    """Whoever adds a kind with required sizes has to give sizes above."""
    for kind, build in BUILDERS.items():
        parameters = list(inspect.signature(build).parameters.values())[1:]
        required = [each for each in parameters if each.default is inspect.Parameter.empty]
        assert len(required) <= len(SIZED.get(kind, ()))


def test_the_same_draw_is_the_same_solid():
    """Shared, not copied: a scene of a thousand cars holds few shapes."""
    first, second = draw('car', 5), draw('car', 5, Stock(3))
    assert first is second
    assert draw('car', 5, Stock(4)) is not first


def test_a_kind_has_forty_variants():
    rng = np.random.default_rng(0)
    stock = Stock(11)
    drawn = {id(stock.draw('cone', rng)) for _ in range(1500)}
    assert len(drawn) == VARIANTS


@pytest.mark.parametrize('length', [5.0, 5.2, 5.49])
def test_sizes_are_rounded_down_to_half_metres(length):
    solid = Stock(3).draw('wall', np.random.default_rng(1), length)
    assert solid is Stock(3).draw('wall', np.random.default_rng(1), 5.0)
    assert np.ptp(solid.bounds[:, 1]) == pytest.approx(5.0, abs=0.02)


@pytest.mark.parametrize('length', [5.5, 4.99])
def test_another_step_is_another_solid(length):
    shorter = Stock(3).draw('wall', np.random.default_rng(1), 5.0)
    solid = Stock(3).draw('wall', np.random.default_rng(1), length)
    assert solid is not shorter
    assert np.ptp(solid.bounds[:, 1]) == pytest.approx(
        SIZE_STEP * int(length / SIZE_STEP), abs=0.02
    )


def test_what_is_made_to_size_never_exceeds_it():
    """A building fits the plot that it is drawn for."""
    rng = np.random.default_rng(0)
    for _ in range(15):
        width, depth = rng.uniform(7, 20, 2)
        solid = Stock(3).draw('hall', rng, width, depth, 6.0)
        assert np.ptp(solid.bounds[:, 1]) <= width + 0.45
        assert np.ptp(solid.bounds[:, 1]) > width - SIZE_STEP


def test_a_towns_trees_are_low():
    heights = [draw('tree', seed).bounds[1, 2] for seed in range(60)]
    assert min(heights) > 0.8 * TREE_HEIGHTS[0] and max(heights) < 1.2 * TREE_HEIGHTS[1]


def test_workers_and_officers_of_the_stock_stand():
    """They wait at their sites: nobody is in mid-stride."""
    for kind in ('worker', 'police_officer', 'standing_adult', 'standing_child'):
        assert max(np.ptp(draw(kind, seed).bounds[:, 0]) for seed in range(20)) < 0.75


def test_unknown_kinds_are_an_error():
    with pytest.raises(ValueError, match='dragon'):
        Stock(0).draw('dragon', np.random.default_rng(0))
