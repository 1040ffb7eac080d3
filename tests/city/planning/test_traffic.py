"""Streams of vehicles and people: lanes, distances over time, shares, slots known by number."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from city_scene import area_of, make_scenario
from shapely.geometry import box

from stslidr_city.planning.drive import Drive
from stslidr_city.planning.kerbside import WALKWAYS
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.streets import SIDES, StreetGrid
from stslidr_city.planning.traffic import (
    LANE_KINDS,
    SHORTEST_GAP,
    SLOT_JITTER,
    STREAMS_OF_A_STREET,
    WALKER_KINDS,
    Slot,
    Traffic,
)

STREETS = (-2, 0, 1)
NUMBERS = range(-30, 30)


def make_traffic(seed=2, **changes):
    scenario = make_scenario(seed, 0, 6.0, **changes)
    grid = StreetGrid(scenario)
    return Traffic(grid, Drive(grid, scenario))


@pytest.fixture(scope='module', params=['straight on', 'stop at a light'])
def traffic(request):
    return make_traffic(manoeuvre=request.param, neighbourhood='downtown', liveliness=1.4)


def streams_of(traffic, is_walkway):
    return [
        stream
        for index in STREETS
        for stream in traffic.streams(index)
        if stream.is_walkway == is_walkway
    ]


def place_at(stream, member, time):
    """Where a member is along its street."""
    return member.along + stream.heading * stream.speed * time


def test_streets_with_green_lights_bear_streams(traffic):
    assert traffic.axis == traffic._scenario.flow_axis
    for stream in streams_of(traffic, False) + streams_of(traffic, True):
        assert stream.street.axis == traffic.axis


def test_every_lane_and_every_walkway_has_one_stream(traffic):
    for index in STREETS:
        streams = traffic.streams(index)
        street = streams[0].street
        codes = [stream.code for stream in streams]
        assert len(set(codes)) == len(codes) and max(codes) < STREAMS_OF_A_STREET
        lanes = sorted(stream.lateral for stream in streams if not stream.is_walkway)
        expected = sorted(
            street.lane_lateral(side, lane)
            for side in SIDES
            for lane in range(street.lanes_on(side))
        )
        assert lanes == pytest.approx(expected)
        walkways = sorted(stream.lateral for stream in streams if stream.is_walkway)
        expected = sorted(
            side * (street.kerb(side) + depth) for side in SIDES for depth in WALKWAYS
        )
        assert walkways == pytest.approx(expected)


def test_vehicles_keep_to_the_right(traffic):
    for stream in streams_of(traffic, False):
        assert stream.heading == -np.sign(stream.lateral)
        assert 4 <= stream.speed <= 13 and stream.gap >= SHORTEST_GAP


def test_people_walk_both_ways_at_walking_pace(traffic):
    streams = streams_of(traffic, True)
    assert {stream.heading for stream in streams} == {1, -1}
    assert all(1.0 <= stream.speed <= 1.7 and stream.gap >= 9 for stream in streams)


def test_slots_near_a_place_are_those_of_a_search(traffic):
    """Every slot whose member could be within the radius, by trying all numbers."""
    rng = np.random.default_rng(0)
    for stream in streams_of(traffic, False)[:4] + streams_of(traffic, True)[:4]:
        for along, time, radius in rng.uniform((-90, -2, 5), (90, 8, 60), (12, 3)):
            found = set(stream.numbers_near(along, time, radius))
            for number in range(-60, 60):
                middle = stream.heading * (stream.phase + number * stream.gap + stream.speed * time)
                if abs(middle - along) <= radius:
                    assert number in found
                if abs(middle - along) > radius + SLOT_JITTER + 1e-6:
                    assert number not in found


def test_a_member_is_the_same_whoever_asks(traffic):
    """A second one that is asked backwards knows the same members."""
    again = make_traffic(
        manoeuvre=traffic._scenario.manoeuvre, neighbourhood='downtown', liveliness=1.4
    )
    stream, other = traffic.streams(0)[0], again.streams(0)[0]
    assert stream == other
    backwards = {number: again.member(other, number) for number in reversed(NUMBERS)}
    for number in NUMBERS:
        first, second = traffic.member(stream, number), backwards[number]
        assert (first is None) == (second is None)
        if first is not None:
            assert first[:3] == second[:3]
            assert first.rng.random() == second.rng.random()


def test_members_keep_to_their_line(traffic):
    for is_walkway, wobble in ((False, 0.15), (True, 0.06)):
        for stream in streams_of(traffic, is_walkway):
            members = [traffic.member(stream, number) for number in NUMBERS]
            offsets = [member.lateral - stream.lateral for member in members if member]
            assert np.abs(offsets).max(initial=0) <= wobble


def test_members_of_a_stream_never_meet(traffic):
    """At any time the gap between neighbours is longer than any vehicle: they move alike."""
    for stream in streams_of(traffic, False):
        members = [traffic.member(stream, number) for number in NUMBERS]
        for time in (0.0, 3.0, 6.0):
            places = np.sort([place_at(stream, member, time) for member in members if member])
            assert np.diff(places).min(initial=99) >= SHORTEST_GAP - 2 * SLOT_JITTER
    longest = max(
        np.ptp(Stock(1).draw(kind, np.random.default_rng(seed)).bounds[:, 0])
        for kind in (*LANE_KINDS, 'bus_bendy')
        for seed in range(20)
    )
    assert longest < SHORTEST_GAP - 2 * SLOT_JITTER


def test_people_on_one_walkway_never_meet(traffic):
    for stream in streams_of(traffic, True):
        members = [traffic.member(stream, number) for number in NUMBERS]
        places = np.sort([place_at(stream, member, 2.0) for member in members if member])
        assert np.diff(places).min(initial=99) > 2.5


def test_neighbouring_lines_are_a_body_apart(traffic):
    """The two walkways of a side, and lanes side by side, leave room for all that wobbles."""
    for index in STREETS:
        streams = traffic.streams(index)
        for is_walkway, width in ((False, 2.9), (True, 0.55)):
            laterals = np.sort([each.lateral for each in streams if each.is_walkway == is_walkway])
            assert np.diff(laterals).min() > width


@pytest.mark.parametrize('is_walkway, kinds', [(False, LANE_KINDS), (True, WALKER_KINDS)])
def test_kinds_come_by_their_shares(traffic, is_walkway, kinds):
    assert sum(kinds.values()) == pytest.approx(1)
    counts = Counter(
        member.kind
        for stream in streams_of(traffic, is_walkway)
        for number in range(-150, 150)
        if (member := traffic.member(stream, number)) is not None
    )
    total = sum(counts.values())
    assert total > 300 and set(counts) <= set(kinds)
    for kind, share in kinds.items():
        assert counts[kind] / total == pytest.approx(share, abs=4 * (share / total) ** 0.5)


@pytest.mark.parametrize('liveliness', [0.6, 1.0, 1.4])
def test_a_lively_city_has_more_traffic(liveliness):
    traffic = make_traffic(liveliness=liveliness, neighbourhood='downtown')
    taken = [
        traffic.member(stream, number) is not None
        for stream in streams_of(traffic, False)
        for number in range(-100, 100)
    ]
    assert np.mean(taken) == pytest.approx(min(0.9, 0.42 * liveliness), abs=0.05)


@pytest.mark.parametrize(
    'neighbourhood, share',
    [('downtown', 1.0), ('residential', 0.4), ('park', 0.5), ('parking', 0.5)],
)
def test_people_are_out_by_neighbourhood(neighbourhood, share):
    traffic = make_traffic(liveliness=1.0, neighbourhood=neighbourhood)
    assert {stream.taken for stream in streams_of(traffic, True)} == {0.2 * share}


def test_the_ego_vehicles_lane_goes_as_fast_as_it_does():
    traffic = make_traffic(manoeuvre='straight on')
    ahead = [each for each in traffic.streams(0) if not each.is_walkway and each.heading == 1]
    assert {each.speed for each in ahead} == {traffic._drive.cruise}


def test_planned_kinds_take_their_slots():
    """A slot that is planned is taken, by what is planned; its place stays what it was."""
    traffic = make_traffic()
    stream = next(each for each in traffic.streams(0) if not each.is_walkway)
    before = {number: traffic.member(stream, number) for number in NUMBERS}
    empty = next(number for number, member in before.items() if member is None)
    full = next(number for number, member in before.items() if member is not None)
    for number in (empty, full):
        traffic.kinds[Slot(0, stream.code, number)] = 'bus_bendy'
        assert traffic.member(stream, number).kind == 'bus_bendy'
    assert traffic.member(stream, full).lateral == before[full].lateral
    del traffic.kinds[Slot(0, stream.code, empty)]
    assert traffic.member(stream, empty) is None


def test_a_member_passes_what_its_way_sweeps_over():
    """Over the scene and a second before and after, by footprints at many times."""
    traffic = make_traffic()
    length, width = 4.6, 1.9
    rng = np.random.default_rng(1)
    for stream in streams_of(traffic, False)[:3]:
        member = next(each for number in NUMBERS if (each := traffic.member(stream, number)))
        outcomes = set()
        for offset, aside in rng.uniform((-30, -4), (110, 4), (60, 2)):
            along = member.along + stream.heading * offset
            rectangle = stream.street.rectangle(
                along - 1, along + 1, member.lateral + aside - 0.5, member.lateral + aside + 0.5
            )
            touched = False
            for time in np.arange(-1.0, 7.001, 0.05):
                at = place_at(stream, member, time)
                ground = box(
                    *stream.street.rectangle(
                        at - length / 2,
                        at + length / 2,
                        member.lateral - width / 2,
                        member.lateral + width / 2,
                    )
                )
                touched |= ground.intersects(area_of(rectangle))
            assert traffic.passes(stream, member, length, width, rectangle) == touched
            outcomes.add(touched)
        assert outcomes == {True, False}
