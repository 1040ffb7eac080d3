"""Sites of rare things: laterals against the street's cross-section, room, headings, reserves."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import area_of, make_street

from stslidr_city.planning.kerbside import STRIP_DEPTH
from stslidr_city.planning.rarities import PARKING, SHOULDER, STRIP, YARD
from stslidr_city.planning.sites import Meeting, reserved_ground, site_lateral, site_turn
from stslidr_city.planning.streets import CLEAR_OF_CROSSING, PARKING_WIDTH

STREETS = [
    make_street(axis, centre, lanes=lanes, median=median, shoulder=1.8)
    for axis, centre, lanes, median in ((0, 12.0, (1, 1), 0.0), (1, -40.0, (2, 1), 3.0))
]
SITES = (PARKING, SHOULDER, STRIP, YARD)
SIDES = (-1, 1)


def span(street, site, side, width):
    """From the nearer to the further edge of a thing at a site, as distances to the centre."""
    lateral = site_lateral(street, site, side, width)
    assert np.sign(lateral) == side
    return abs(lateral) - width / 2, abs(lateral) + width / 2


@pytest.mark.parametrize('street', STREETS, ids=['along x', 'along y'])
@pytest.mark.parametrize('side', SIDES)
class TestLaterals:
    """Where a thing stands between the lanes and the lots."""

    @pytest.mark.parametrize('width', [1.7, 2.2, 2.9])
    def test_what_parks_stands_beside_the_kerb(self, street, side, width):
        near, far = span(street, PARKING, side, width)
        assert far <= street.kerb(side) - 0.1
        assert far == pytest.approx(street.kerb(side) - max(0.15, (PARKING_WIDTH - width) / 2))
        assert near > street.lane_edge(side)

    @pytest.mark.parametrize('width', [0.4, 1.2, 1.8])
    def test_what_is_on_the_shoulder_keeps_off_lanes_and_parking(self, street, side, width):
        near, far = span(street, SHOULDER, side, width)
        assert near >= street.lane_edge(side) - 1e-9
        assert far <= street.lane_edge(side) + street.shoulder + 1e-9

    @pytest.mark.parametrize('width', [0.4, 1.0, 1.69])
    def test_what_is_on_the_strip_keeps_off_the_road(self, street, side, width):
        near, far = span(street, STRIP, side, width)
        assert near >= street.kerb(side) - 1e-9
        assert (near + far) / 2 == pytest.approx(street.kerb(side) + STRIP_DEPTH)

    @pytest.mark.parametrize('width', [1.0, 4.0, 12.0])
    def test_what_is_in_a_yard_leaves_the_sidewalk_free(self, street, side, width):
        near, _ = span(street, YARD, side, width)
        assert near == pytest.approx(street.kerb(side) + street.sidewalk + 1.0)


def test_there_is_no_site_without_room():
    street = make_street(shoulder=0.9, parking=(True, False))
    assert site_lateral(street, PARKING, 1, 2.0) is None
    assert site_lateral(street, PARKING, -1, 2.0) is not None
    assert site_lateral(street, SHOULDER, 1, 1.01) is None
    assert site_lateral(street, SHOULDER, 1, 0.99) is not None
    assert site_lateral(street, STRIP, 1, 2 * STRIP_DEPTH) is None


@pytest.mark.parametrize('length', [0.0, 5.0, 18.0])
def test_a_place_keeps_clear_of_the_crossings(length):
    """By walking along the street: the whole thing lies between the two clear ends."""
    start, end = 10.0, 90.0
    for along in np.arange(0.25, 100, 0.5):
        meeting = Meeting(STREETS[0], 1, 0.0, float(along), start, end)
        low, high = along - length / 2, along + length / 2
        fits = start + CLEAR_OF_CROSSING < low and high < end - CLEAR_OF_CROSSING
        assert meeting.has_room(length) == fits


def test_a_stretch_may_be_too_short_for_anything():
    short = Meeting(STREETS[0], 1, 0.0, 14.0, 10.0, 20.0)
    assert not short.has_room(0.0)


def turns(kind, site, side=1, count=300):
    rng = np.random.default_rng(0)
    return np.array([site_turn(kind, site, side, rng) for _ in range(count)])


def test_barriers_stand_across_the_street():
    """Half a turn more or less does not matter: across is a right angle to the lanes."""
    for site in (SHOULDER, STRIP):
        assert np.abs(np.cos(turns('barrier', site))).max() < 0.2


@pytest.mark.parametrize('side', SIDES)
def test_racks_look_at_the_street(side):
    """Yaw against that of the lanes: a quarter turn towards the street on either side."""
    assert set(turns('bicycle_rack', STRIP, side)) == {side * np.pi / 2}


def test_parked_things_look_along_their_lane_and_those_in_yards_either_way():
    parked, in_yards = turns('truck', PARKING), turns('truck', YARD)
    assert np.abs(parked).max() < 0.1
    assert np.abs(np.sin(in_yards)).max() < 0.1
    assert 0.4 < (np.cos(in_yards) < 0).mean() < 0.6


@pytest.mark.parametrize('kind', ['bicycle', 'motorcycle', 'stroller', 'wheelchair'])
def test_what_has_wheels_stands_along_the_strip(kind):
    angles = turns(kind, STRIP)
    assert np.abs(np.sin(angles)).max() < 0.5
    assert 0.4 < (np.cos(angles) < 0).mean() < 0.6


def test_others_look_anywhere():
    angles = turns('worker', STRIP)
    counts, _ = np.histogram(angles, bins=6, range=(-np.pi, np.pi))
    assert counts.sum() == 300 and counts.min() > 25


@pytest.mark.parametrize('street', STREETS, ids=['along x', 'along y'])
@pytest.mark.parametrize('side', SIDES)
@pytest.mark.parametrize('site', SITES)
def test_reserves_hold_the_thing_and_the_view_of_it(street, side, site):
    """The ground between the thing and the lanes, as wide as it, by shapely."""
    lateral = site_lateral(street, site, side, 1.6)
    box = street.rectangle(40.0, 43.0, lateral - 0.8, lateral + 0.8)
    reserved = area_of(reserved_ground(street, site, side, box))
    assert reserved.buffer(1e-9).contains(area_of(box))
    if site in (PARKING, SHOULDER):
        assert reserved.equals(area_of(box))
        return
    edge = {
        STRIP: street.kerb(side) - PARKING_WIDTH * street.has_parking(side),
        YARD: street.kerb(side) + street.sidewalk,
    }[site]
    view = area_of(street.rectangle(40.0, 43.0, side * edge, lateral))
    assert reserved.buffer(1e-9).contains(view)
    assert reserved.area == pytest.approx(view.union(area_of(box)).area)


def test_without_a_parking_lane_only_the_strip_is_reserved():
    street = make_street(parking=(False, False))
    lateral = site_lateral(street, STRIP, 1, 1.0)
    box = street.rectangle(0.0, 2.0, lateral - 0.5, lateral + 0.5)
    low = reserved_ground(street, STRIP, 1, box)[1]
    assert low == pytest.approx(street.kerb(1))
