"""Tables of land use: shares, names that fit each other, covers of classes that are ground."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from city_scene import FLAT, make_grid, make_placer

from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.planning import land_use
from stslidr_city.planning.interiors import furnish_interior
from stslidr_city.planning.kerbside import KERBSIDES
from stslidr_city.planning.plan import plan_block
from stslidr_city.planning.scenario import NEIGHBOURHOODS
from stslidr_city.planning.streets import STOP_LINE

STYLES = sorted({style for shares in land_use.BLOCK_STYLES.values() for style in shares})


def test_every_neighbourhood_has_its_blocks():
    assert land_use.BLOCK_STYLES.keys() == NEIGHBOURHOODS.keys()


@pytest.mark.parametrize('name', land_use.BLOCK_STYLES)
def test_shares_sum_to_one_and_the_own_style_comes_first(name):
    shares = land_use.BLOCK_STYLES[name]
    assert sum(shares.values()) == pytest.approx(1)
    assert max(shares, key=shares.get) == name


@pytest.mark.parametrize('style', STYLES)
def test_every_style_has_a_verge_a_kerbside_and_a_cover(style):
    assert 0 < land_use.VERGES[style] <= 1
    assert style in KERBSIDES
    assert land_use.INTERIOR_COVERS[style]
    has_lots = style in land_use.LOT_STYLES
    assert has_lots != (style in ('park', 'parking', 'construction'))


@pytest.mark.parametrize('style', land_use.LOT_STYLES)
def test_lots_have_kinds_that_have_covers_and_room(style):
    lot_style = land_use.LOT_STYLES[style]
    assert sum(lot_style.kinds.values()) == pytest.approx(1)
    assert set(lot_style.kinds) <= set(land_use.LOT_COVERS)
    for low, high in (lot_style.width, lot_style.depth):
        assert 10 < low < high < 35


def test_every_kind_of_lot_is_used():
    used = {kind for style in land_use.LOT_STYLES.values() for kind in style.kinds}
    assert used == set(land_use.LOT_COVERS)


@pytest.mark.parametrize('table', ['LOT_COVERS', 'INTERIOR_COVERS'])
def test_covers_are_ground_of_materials_that_exist(table):
    for covers in getattr(land_use, table).values():
        for category, material in covers:
            assert category in FLAT and material in MATERIALS


def test_sidewalks_are_of_materials_that_exist():
    assert set(land_use.SIDEWALK_MATERIALS) <= set(MATERIALS)


def test_verges_lie_before_the_walkways_and_layers_are_thin():
    low, high = land_use.VERGE_DEPTHS
    assert 0 < low < high < 1.7 < STOP_LINE
    assert 0 < 3 * land_use.LAYER < 0.1


@pytest.mark.parametrize('neighbourhood', land_use.BLOCK_STYLES)
def test_blocks_are_drawn_by_their_shares(neighbourhood):
    """Over 400 blocks each style's number is within four sigma of its share."""
    grid = make_grid(seed=5, neighbourhood=neighbourhood)
    styles = Counter(
        plan_block(grid, column, row).style for column in range(-10, 10) for row in range(-10, 10)
    )
    for style, share in land_use.BLOCK_STYLES[neighbourhood].items():
        assert abs(styles[style] - 400 * share) < 4 * np.sqrt(400 * share * (1 - share))
    assert sum(styles.values()) == 400


def test_styles_without_lots_are_furnished_in_one_piece():
    """The room that furnishes interiors knows exactly those."""
    grid = make_grid(seed=5, neighbourhood='industrial')
    plans = [plan_block(grid, column, row) for column in range(-4, 4) for row in range(-4, 4)]
    for style, plan in {plan.style: plan for plan in plans}.items():
        placer = make_placer()
        furnish_interior(placer, np.random.default_rng(0), plan)
        assert bool(placer.objects) == (style not in land_use.LOT_STYLES)
    assert {'industrial', 'parking', 'construction'} <= {plan.style for plan in plans}
