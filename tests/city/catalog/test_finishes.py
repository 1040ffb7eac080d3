"""Finishes: looks and tints from palettes, near what is asked for, within what light allows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.catalog import finishes
from stslidr_city.catalog.finishes import COLOURS, LOOKS, Finish, draw_finish, pick, vary

PALETTES = {
    name: getattr(finishes, name)
    for name in (
        'CAR_COLOURS',
        'MACHINE_COLOURS',
        'CLOTHES_COLOURS',
        'DARK_COLOURS',
        'WALL_COLOURS',
        'HIGH_VISIBILITY',
        'SIGNAL_COLOURS',
    )
}
COMMON = [
    value for name, value in vars(finishes).items() if name.isupper() and isinstance(value, Finish)
]


@pytest.mark.parametrize('name', PALETTES)
def test_palettes_hold_known_colours_alone(name):
    assert set(PALETTES[name]) <= set(COLOURS)
    assert len(PALETTES[name]) >= 5


def test_cars_walls_and_clothes_share_most_colours():
    """No colour tells a class: palettes overlap."""
    cars, walls, clothes = (
        set(PALETTES[name]) for name in ('CAR_COLOURS', 'WALL_COLOURS', 'CLOTHES_COLOURS')
    )
    assert len(cars & walls) >= 7 and cars <= clothes and walls <= clothes


def test_a_third_of_the_cars_are_white_or_silver():
    counts = Counter(finishes.CAR_COLOURS)
    assert (counts['white'], counts['silver'], counts['grey'], counts['black']) == (3, 2, 2, 2)
    assert sum(counts.values()) == 16


def test_colours_are_linear_light_and_apart():
    tints = np.array(list(COLOURS.values()))
    assert tints.shape[1] == 3 and tints.min() > 0 and tints.max() <= 1
    gaps = np.linalg.norm(np.log(tints)[:, None] - np.log(tints), axis=2)
    assert gaps[~np.eye(len(tints), dtype=bool)].min() > 0.3


@pytest.mark.parametrize('finish', COMMON, ids=lambda finish: finish.material)
def test_common_finishes_are_of_materials_that_exist(finish):
    assert finish.material in MATERIALS
    assert 0 <= finish.look < LOOKS
    assert all(0 <= channel <= 1 for channel in finish.tint)


def test_looks_are_drawn_from_all():
    rng = np.random.default_rng(0)
    looks = Counter(draw_finish(rng, 'metal').look for _ in range(4000))
    assert set(looks) == set(range(LOOKS))
    assert max(looks.values()) < 3 * min(looks.values())


@pytest.mark.parametrize('colour', COLOURS)
def test_a_drawn_tint_is_near_its_colour(colour):
    """Brightness within 40 % or so and hardly another hue: nearest to its own colour mostly."""
    rng = np.random.default_rng(0)
    drawn = np.array([draw_finish(rng, 'cloth', (colour,)).tint for _ in range(200)])
    logs = np.log(drawn) - np.log(COLOURS[colour])
    brightness = logs.mean(axis=1)
    assert np.abs(np.median(brightness)) < 0.05
    assert 0.03 < brightness.std() < 0.16
    hue = logs - brightness[:, None]
    assert hue.std() < 0.06


def test_without_colours_a_tint_is_near_white():
    rng = np.random.default_rng(0)
    tints = np.array([draw_finish(rng, 'grass').tint for _ in range(300)])
    assert tints.max() <= 1 and tints.min() > 0.5
    assert np.median(tints) > 0.9


def test_colours_are_drawn_by_their_number_in_the_palette():
    rng = np.random.default_rng(0)
    tints = np.array(
        [draw_finish(rng, 'cloth', ('white', 'white', 'black')).tint for _ in range(900)]
    )
    assert (tints.mean(axis=1) > 0.3).mean() == pytest.approx(2 / 3, abs=0.05)


@pytest.mark.parametrize('spread', [0.0, 0.05, 0.12, 0.3])
def test_varied_tints_scatter_by_their_spread(spread):
    rng = np.random.default_rng(0)
    base = (0.2, 0.3, 0.1)
    logs = np.log([vary(rng, base, spread) for _ in range(3000)]) - np.log(base)
    expected = spread * (1 + 1 / 27) ** 0.5  # a common factor and a third of one of three channels
    assert logs.mean(axis=1).std() == pytest.approx(expected, rel=0.08, abs=1e-12)
    assert np.abs(logs.mean(axis=0)).max() < 0.05 * spread + 1e-12


def test_hues_move_a_third_as_much_as_brightness():
    rng = np.random.default_rng(0)
    logs = np.log([vary(rng, (0.2, 0.3, 0.1), 0.15) for _ in range(3000)])
    hue = logs - logs.mean(axis=1, keepdims=True) - np.log((0.2, 0.3, 0.1))
    hue -= hue.mean(axis=0)
    assert hue.std() == pytest.approx(0.05 * (2 / 3) ** 0.5, rel=0.05)


def test_varied_tints_stay_within_light():
    rng = np.random.default_rng(0)
    tints = np.array([vary(rng, (0.95, 1.0, 0.9), 0.5) for _ in range(500)])
    assert tints.max() == 1.0 and tints.min() > 0
    assert all(isinstance(channel, float) for channel in vary(rng, (0.5, 0.5, 0.5)))


def test_pick_takes_each_as_often():
    rng = np.random.default_rng(0)
    choices = [Finish(name) for name in ('metal', 'wood', 'brick')]
    counts = Counter(pick(rng, choices).material for _ in range(3000))
    assert counts.keys() == {'metal', 'wood', 'brick'}
    assert all(900 < count < 1100 for count in counts.values())
