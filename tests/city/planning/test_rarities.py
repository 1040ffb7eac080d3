"""The table of what is rare: shares, sites, rows that fit and classes that are annotated."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import make_street

from stslidr_city.catalog.annotated import ANNOTATED, attribute_choice
from stslidr_city.planning.encounters import ANY_DISTANCE
from stslidr_city.planning.rarities import LANE, PARKING, RARITIES, RIDING, SHOULDER, STRIP, YARD
from stslidr_city.planning.sites import site_lateral, site_turn
from stslidr_city.planning.stock import Stock

SITES = (RIDING, LANE, PARKING, SHOULDER, STRIP, YARD)
PLACES = [
    (name, site, kind)
    for name, rarity in RARITIES.items()
    for site, (kind, _) in rarity.sites.items()
]
WIDE = make_street(shoulder=1.8)


def draws(kind, count=12):
    rng = np.random.default_rng(0)
    return [Stock(1).draw(kind, rng) for _ in range(count)]


@pytest.mark.parametrize('name', RARITIES)
def test_sites_are_known_and_their_shares_sum_to_one(name):
    rarity = RARITIES[name]
    assert set(rarity.sites) <= set(SITES)
    assert sum(share for _, share in rarity.sites.values()) == pytest.approx(1)
    assert all(share > 0 for _, share in rarity.sites.values())


@pytest.mark.parametrize('name', RARITIES)
def test_rates_distances_and_rows_make_sense(name):
    rarity = RARITIES[name]
    assert 0 < rarity.rate < 0.5
    low, high = rarity.distance
    assert ANY_DISTANCE[0] <= low < high <= ANY_DISTANCE[1]
    assert 1 <= rarity.row[0] <= rarity.row[1]


def test_a_scene_meets_few_of_them():
    """On average four encounters a turn, so that streets stay streets."""
    assert 3.5 < sum(rarity.rate for rarity in RARITIES.values()) < 5.5


def test_emergency_services_are_the_rarest():
    """As in nuScenes."""
    rates = {name: rarity.rate for name, rarity in RARITIES.items()}
    assert sorted(rates, key=rates.get)[:2] == ['ambulance', 'police_car']


@pytest.mark.parametrize('name, site, kind', PLACES)
def test_what_is_rare_gets_a_box(name, site, kind):
    categories = {solid.category for solid in draws(kind, 4)}
    assert len(categories) == 1 and categories <= set(ANNOTATED)


@pytest.mark.parametrize('name', RARITIES)
def test_all_sites_of_a_rarity_are_of_one_class(name):
    kinds = {kind for kind, _ in RARITIES[name].sites.values()}
    assert len({draws(kind, 1)[0].category for kind in kinds}) == 1


@pytest.mark.parametrize('name, site, kind', PLACES)
def test_some_draws_fit_their_site_on_a_wide_street(name, site, kind):
    """Width across the street at the heading that the site gives; of racks a quarter fit."""
    if site in (LANE, RIDING):
        assert max(np.ptp(solid.bounds[:, 1]) for solid in draws(kind)) < WIDE.lane_width + 0.2
        return
    rng = np.random.default_rng(1)
    fits = []
    for solid in draws(kind):
        turn = site_turn(kind, site, 1, rng)
        length, width, _ = np.ptp(solid.bounds, axis=0)
        across = abs(np.sin(turn)) * length + abs(np.cos(turn)) * width
        fits.append(site_lateral(WIDE, site, 1, across) is not None)
    assert np.mean(fits) > (0.15 if kind == 'bicycle_rack' else 0.4)


@pytest.mark.parametrize('name', RARITIES)
def test_standing_attributes_exist_where_they_are_asked_for(name):
    rarity = RARITIES[name]
    (kind, _) = next(iter(rarity.sites.values()))
    choice = attribute_choice(draws(kind, 1)[0].category).standing
    assert rarity.standing == 0 or choice


def test_riders_are_alone_and_cones_in_rows():
    rows = {name: rarity.row for name, rarity in RARITIES.items() if rarity.row[1] > 1}
    assert set(rows) == {'cone', 'barrier', 'worker', 'pushable_pullable'}
    assert [RIDING in rarity.sites for rarity in RARITIES.values()].count(True) == 1
