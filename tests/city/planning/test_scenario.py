"""Scenarios: shares over many scenes, even spread over few, words that describe them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from city_scene import make_scenario

from stslidr_city.planning.scenario import MANOEUVRES, NEIGHBOURHOODS, draw_scenario

MANY = [draw_scenario(5, scene, 20.0) for scene in range(400)]


@pytest.mark.parametrize(
    'feature, shares', [('neighbourhood', NEIGHBOURHOODS), ('manoeuvre', MANOEUVRES)]
)
def test_features_come_by_their_shares_and_are_evenly_spread(feature, shares):
    """Evenly spread draws keep closer to the shares than chance would."""
    assert sum(shares.values()) == pytest.approx(1)
    drawn = [getattr(scenario, feature) for scenario in MANY]
    counts = Counter(drawn)
    for name, share in shares.items():
        assert counts[name] / len(MANY) == pytest.approx(share, abs=0.02)
    for first in range(0, 380, 20):
        window = Counter(drawn[first : first + 20])
        for name, share in shares.items():
            assert abs(window[name] - 20 * share) <= 2.5


def test_three_in_ten_scenes_begin_on_a_street_with_a_median():
    medians = np.array([scenario.has_median for scenario in MANY])
    assert medians.mean() == pytest.approx(0.3, abs=0.02)


def test_numbers_lie_in_their_ranges_and_fill_them():
    for values, low, high in (
        ([scenario.kerb for scenario in MANY], 0.06, 0.17),
        ([scenario.liveliness for scenario in MANY], 0.6, 1.4),
        ([scenario.angle for scenario in MANY], -np.pi, np.pi),
        ([pitch for scenario in MANY for pitch in scenario.pitch], 92, 135),
    ):
        width = high - low
        assert low <= min(values) < low + 0.03 * width
        assert high - 0.03 * width < max(values) <= high


def test_a_scenario_follows_from_seed_and_scene_alone():
    for scene in (0, 7, 300):
        assert draw_scenario(5, scene, 20.0) == draw_scenario(5, scene, 20.0)
        other = draw_scenario(5, scene, 1.0)
        assert other._replace(duration=20.0) == draw_scenario(5, scene, 20.0)
    angles = {draw_scenario(seed, 0, 20.0).angle for seed in range(50)}
    assert len(angles) == 50


def test_cross_streets_are_green_where_the_ego_vehicle_waits():
    for manoeuvre in MANOEUVRES:
        scenario = make_scenario(manoeuvre=manoeuvre)
        assert scenario.flow_axis == (1 if manoeuvre == 'stop at a light' else 0)


@pytest.mark.parametrize(
    'liveliness, word',
    [(0.6, 'quiet'), (0.79, 'quiet'), (0.8, 'some'), (1.15, 'some'), (1.2, 'busy')],
)
def test_descriptions_say_how_busy_it_is(liveliness, word):
    scenario = make_scenario(
        neighbourhood='park', manoeuvre='turn left', has_median=False, liveliness=liveliness
    )
    assert scenario.description == f'Park, turn left, {word} traffic'


def test_descriptions_name_a_median():
    with_one = make_scenario(has_median=True).description
    assert ', median, ' in with_one
    assert 'median' not in make_scenario(has_median=False).description
