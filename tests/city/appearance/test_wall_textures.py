"""Walls, facades and roofs: bricks, panes and tiles against float64 arithmetic without noise."""

from __future__ import annotations

import numpy as np
import pytest
from skeletons import LINE, bond, drawn, likeness, one_crack, pieces, skeleton, values_by_cell

from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.appearance.patterns import SIZE, linear
from stslidr_city.appearance.wall_textures import (
    BRICKS,
    FACADES,
    PLASTERS,
    STONES,
    TILES,
    brick,
    glass,
    plaster,
    roof_tiles,
    stone,
    windows,
)

MULLION_FROM = 0.42  # share of a bay from which a window has two wings
MIDDLE_UP = 0.55  # of a window in its storey


def place_in_bay(facade):
    """Texels from a bay's middle to the sides, and from the windows' middle upwards."""
    bays = bond(facade.storeys, facade.bays)
    aside = np.abs(bays.across - 0.5) * SIZE / facade.bays
    return bays, aside, (bays.up - MIDDLE_UP) * SIZE / facade.storeys


def depth_in_opening(facade):
    """Texels from the edge of the opening inwards, negative on the wall."""
    _, aside, up = place_in_bay(facade)
    half_width = facade.width * SIZE / facade.bays / 2
    half_height = facade.height * SIZE / facade.storeys / 2
    return np.minimum(half_width - aside, half_height - np.abs(up))


@pytest.mark.parametrize('painter', [brick, plaster, stone, roof_tiles])
def test_masonry_is_matt(painter):
    for look in range(MATERIALS[painter.__name__].looks):
        bitmap = drawn(painter, look)
        assert not bitmap[..., 3].any()
        assert bitmap[..., :3].min() >= 0 and np.quantile(bitmap[..., :3], 0.98) < 1


def test_bricks_are_25_by_8_centimetres():
    period = MATERIALS['brick'].period
    assert period / 8 == pytest.approx(0.25) and period / 26 == pytest.approx(0.08, abs=0.004)


@pytest.mark.parametrize('look', range(6))
def test_bricks_lie_in_a_running_bond_with_mortar_between(look):
    """A brick has one colour; within 1.3 texels of its edge mortar takes over."""
    colour, mortar = (linear(*each) for each in BRICKS[look])
    bare, bricks = skeleton(brick, look), bond(26, 8, (0, 0.5))
    filled = np.clip(1.3 - bricks.border, 0, 1)
    for channel in range(3):
        tones = values_by_cell(bare[..., channel], bricks.number, bricks.border > 1.35)
        assert len(tones) == 26 * 8 and len(set(tones.values())) > 200
        own = np.array([tones[number] for number in range(26 * 8)])[bricks.number]
        expected = own * (1 - filled) + mortar[channel] * filled
        assert np.allclose(bare[..., channel], expected, atol=1e-5)
        tones = np.array(list(tones.values())) / colour[channel]
        assert tones.std() == pytest.approx(0.17, rel=0.25)
        assert tones.mean() == pytest.approx(1, abs=0.05)


def test_hewn_blocks_and_rubble():
    """Even looks are 8 courses of 5 blocks, odd ones about 110 stones of any form."""
    for look, colour in enumerate(STONES):
        bare = skeleton(stone, look)[..., 0]
        if look % 2:
            values, counts = np.unique(bare, return_counts=True)
            assert 95 <= (counts > 60).sum() <= 112  # the mortar is a value of its own
        else:
            blocks = bond(8, 5, (0, 0.5, 0.2, 0.7))
            tones = values_by_cell(bare, blocks.number, blocks.border > 1.81)
            assert len(tones) == 40
            assert np.mean(list(tones.values())) / linear(*colour)[0] == pytest.approx(1, abs=0.08)
            assert np.allclose(bare[blocks.border < 0.79], linear(112, 106, 98)[0], atol=1e-5)


def test_plaster_is_nearly_white_and_streaked_downwards():
    assert len(PLASTERS) == MATERIALS['plaster'].looks
    for look, colour in enumerate(PLASTERS):
        assert np.allclose(skeleton(plaster, look)[..., :3], linear(*colour), atol=1e-6)
        assert min(colour) > 170
        up, along = likeness(drawn(plaster, look), 16)
        assert up > 1.4 * along > 0


def test_plaster_has_cracks_half_as_bright():
    for look, colour in enumerate(PLASTERS):
        cracked = skeleton(plaster, look, cracks=one_crack)[..., :3]
        assert np.allclose(cracked[LINE], 0.5 * linear(*colour), atol=1e-6)


def test_plaster_has_come_off_in_odd_looks():
    """What is under it has another hue; in even looks there is one hue."""
    for look, colour in enumerate(PLASTERS):
        bitmap = drawn(plaster, look)
        hue = bitmap[..., 0] / bitmap[..., 2]
        own, under = (linear(*each)[0] / linear(*each)[2] for each in (colour, (160, 148, 132)))
        off = np.abs(hue - under) < 0.01
        assert (np.abs(hue - own) < 0.01).mean() > 0.9
        assert 0.005 < off.mean() < 0.05 if look % 2 else not off.any()


def test_glass_without_mullions_is_one_pane():
    bare = skeleton(glass, 0)
    assert np.allclose(bare, [*linear(40, 46, 50), 1], atol=1e-6)


@pytest.mark.parametrize('look', [1, 2, 3])
def test_a_curtain_wall_has_the_panes_that_its_material_states(look):
    """Facades are fitted to whole panes by these numbers; a pane is brighter at its top."""
    columns, rows = MATERIALS['glass'].panes[look]
    bitmap, panes = skeleton(glass, look), bond(rows, columns)
    assert pieces(bitmap[..., 3] == 1).size == rows * columns
    assert np.array_equal(bitmap[..., 3] == 1, panes.border >= 2.2)
    assert np.allclose(bitmap[panes.border < 1.2], [*linear(110, 112, 114), 0.2], atol=1e-6)
    plain = bitmap[..., 1] / (0.85 + 0.3 * panes.up)
    tones = values_by_cell(plain, panes.number, panes.border >= 2.2)
    assert len(set(tones.values())) == rows * columns


def test_facades_have_storeys_of_three_metres_twenty():
    assert {facade.storeys for facade in FACADES} == {3}
    assert MATERIALS['windows'].period / 3 == pytest.approx(3.2)
    assert MATERIALS['windows'].panes == tuple((each.bays, each.storeys) for each in FACADES)


@pytest.mark.parametrize('look', range(len(FACADES)))
def test_windows_have_their_places_and_sizes(look):
    """Panes from 1.2 texels within the opening; wide windows have a mullion in the middle."""
    facade = FACADES[look]
    bitmap, inside = skeleton(windows, look), depth_in_opening(facade)
    _, aside, _ = place_in_bay(facade)
    wings = 2 if facade.width > MULLION_FROM else 1
    pane = inside > 1.2
    if wings == 2:
        pane &= aside >= 0.9
    unsure = np.abs(inside - 1.2) < 1e-3
    shiny = bitmap[..., 3] > 0
    assert np.array_equal(shiny[~unsure], pane[~unsure])
    assert pieces(shiny).size == facade.storeys * facade.bays * wings
    frame = (inside > 0.5) & ~shiny & ~unsure
    assert frame.any() and np.allclose(bitmap[frame, :3], linear(*facade.frame), atol=1e-6)


@pytest.mark.parametrize('look', [0, 2, 5, 8])
def test_plain_walls_are_darker_just_below_their_windows(look):
    """As wide as the window, a twentieth of a storey high."""
    facade = FACADES[look]
    assert facade.pattern == 'plain'
    bays, aside, _ = place_in_bay(facade)
    below = MIDDLE_UP - facade.height / 2 - bays.up
    shadow = (below > 0) & (below < 0.05) & (aside < facade.width * SIZE / facade.bays / 2)
    outside = depth_in_opening(facade) < -0.5
    found = skeleton(windows, look)[..., :3] / linear(*facade.wall)
    assert (shadow & outside).sum() > 50
    assert np.allclose(found[outside & shadow], 0.65, atol=1e-5)
    assert np.allclose(found[outside & ~shadow], 1, atol=1e-5)


@pytest.mark.parametrize(
    'look, rows, columns', [(1, 64, 30), (7, 64, 30), (4, 24, 12), (9, 24, 12)]
)
def test_walls_around_windows_have_bricks_or_blocks(look, rows, columns):
    facade = FACADES[look]
    wall = skeleton(windows, look)[..., 1] / linear(*facade.wall)[1]
    bays, aside, _ = place_in_bay(facade)
    beside = (depth_in_opening(facade) < -0.5) & (aside > facade.width * SIZE / facade.bays / 2)
    stones = bond(rows, columns, (0, 0.5))
    tones = values_by_cell(wall, stones.number, beside & (stones.border > 1.21))
    spread = 0.12 if facade.pattern == 'brick' else 0.08
    assert np.std(list(tones.values())) == pytest.approx(spread, rel=0.2)


def test_rooms_are_dark_behind_glass_and_some_have_curtains_or_blinds():
    """Curtains at 45 of 100 windows and blinds at 35, each drawn for itself."""
    veiled = []
    for seed in range(4):
        for look, facade in enumerate(FACADES):
            bitmap, (bays, *_) = skeleton(windows, look, seed), place_in_bay(facade)
            rooms = bitmap[..., 3] == 1
            assert bitmap[rooms, :3].max() <= 1.5 * linear(52, 58, 64).max() + 1e-6
            cloth = np.abs(bitmap[..., 3] - 0.45) < 1e-6
            assert bitmap[cloth, 0].min() > 0.45 * 0.7 * linear(214, 206, 190)[0] - 1e-6
            for number in range(facade.storeys * facade.bays):
                veiled.append(cloth[bays.number == number].any())
    assert len(veiled) > 400 and np.mean(veiled) == pytest.approx(1 - 0.55 * 0.65, abs=0.08)


@pytest.mark.parametrize('look', range(6))
def test_roof_tiles_are_dark_under_each_lower_edge(look):
    """Against the product of a tone a tile, a bulge across it and a step up it."""
    tiles = bond(10, 10, (0, 0.5)) if look % 2 else bond(8, 14)
    bulge = 0.8 + 0.2 * np.sin(np.pi * tiles.across)
    ramp = np.clip(tiles.up / 0.25, 0, 1)
    step = 0.55 + 0.45 * (3 * ramp**2 - 2 * ramp**3)
    tone = skeleton(roof_tiles, look)[..., 0] / linear(*TILES[look])[0] / (bulge * step)
    tones = values_by_cell(tone, tiles.number, np.ones((SIZE, SIZE), bool))
    assert len(tones) == (100 if look % 2 else 112)
    assert np.std(list(tones.values())) == pytest.approx(0.13, rel=0.25)
