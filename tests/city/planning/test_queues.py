"""Vehicles before red lights and people who stroll: order, gaps, lines, nobody meets the ego."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import (
    AlwaysNear,
    NeverNear,
    ground_of,
    make_placer,
    make_street,
    of_category,
    overlapping,
)

from stslidr_city.catalog.categories import ADULT, CHILD
from stslidr_city.planning.kerbside import WALKWAYS
from stslidr_city.planning.motions import Queueing, Strolling
from stslidr_city.planning.plan import Frontage
from stslidr_city.planning.queues import QUEUE_LENGTHS, put_queues, put_strollers
from stslidr_city.planning.roadway import Stretch
from stslidr_city.planning.streets import STOP_LINE

STREETS = [make_street(0, 7.0, lanes=(2, 1)), make_street(1, -20.0, lanes=(2, 2), median=2.0)]
START, END = 10.0, 95.0
TIMES = np.arange(-2.0, 20.0, 0.5)


def queued(street, seed=0, guard=None, end=END):
    placer = make_placer()
    put_queues(
        placer, np.random.default_rng(seed), Stretch(street, START, end), guard or NeverNear()
    )
    return placer.objects


def coordinates(street, thing, time):
    """(along, lateral, heading along the street)."""
    x, y, _, yaw = thing.motion.pose_at(time)
    along, lateral = street.coordinates(x, y)
    return along, lateral, np.cos(yaw - street.yaw(1))


def strolled(axis=0, side=1, seed=0, mean=60.0, guard=None, length=80.0):
    street = make_street(axis, 12.0)
    front = Frontage(street, side, 5.0, 5.0 + length, (3.5, 3.5))
    placer = make_placer()
    put_strollers(placer, np.random.default_rng(seed), front, 0.14, mean, guard or NeverNear())
    return front, placer.objects


@pytest.fixture(scope='module', params=STREETS, ids=['along x', 'along y'])
def queues(request):
    return request.param, [queued(request.param, seed) for seed in range(16)]


def test_queue_lengths_are_shares():
    assert sum(QUEUE_LENGTHS) == pytest.approx(1)


def test_vehicles_wait_in_their_lanes_in_its_heading(queues):
    """On the right side along the axis, on the left one against it, near a lane's middle."""
    street, drawn = queues
    for objects in drawn:
        for thing in objects:
            assert isinstance(thing.motion, Queueing)
            _, lateral, heading = coordinates(street, thing, 9.0)
            side = 1 if lateral > 0 else -1
            assert heading == pytest.approx(-side)
            lanes = [street.lane_lateral(side, lane) for lane in range(street.lanes_on(side))]
            assert min(abs(lateral - lane) for lane in lanes) <= 0.15 + 1e-9


def test_the_first_of_a_queue_stands_before_its_line(queues):
    """Its front bumper is 0.6 to 1.6 m before the near edge of the stop line."""
    street, drawn = queues
    gaps = []
    for objects in drawn:
        ahead = {}
        for thing in objects:
            along, lateral, heading = coordinates(street, thing, 60.0)
            length = np.ptp(thing.solid.bounds[:, 0])
            line = END - STOP_LINE if heading > 0 else START + STOP_LINE
            gap = np.sign(heading) * (line - along) - length / 2
            lane = round(float(lateral), 1)
            ahead[lane] = min(ahead.get(lane, np.inf), gap)
        gaps += ahead.values()
    assert 0.6 - 1e-6 <= min(gaps) < 0.75 and 1.45 < max(gaps) <= 1.6 + 1e-6


def test_numbers_of_vehicles_follow_the_shares(queues):
    """Lanes with 0, 1, 2 and 3 vehicles, over many draws."""
    street, _ = queues
    lanes = street.lanes[0] + street.lanes[1]
    count = sum(len(queued(street, seed)) for seed in range(60)) / (60 * lanes)
    expected = sum(number * share for number, share in enumerate(QUEUE_LENGTHS))
    assert count == pytest.approx(expected, rel=0.2)


def test_no_two_vehicles_meet_at_any_time(queues):
    """Footprints of all pairs, by shapely, while the last ones drive up."""
    _, drawn = queues
    for objects in drawn[:8]:
        for time in TIMES[::3]:
            assert not overlapping([ground_of(thing, time) for thing in objects])


def test_those_who_wait_are_stopped_and_those_who_come_move(queues):
    street, drawn = queues
    arriving = 0
    for objects in drawn:
        for thing in objects:
            assert (
                thing.attribute == 'vehicle.stopped' and thing.moving_attribute == 'vehicle.moving'
            )
            assert thing.motion.velocity_at(5.0) == (0.0, 0.0)
            speed = np.hypot(*thing.motion.velocity_at(-3.0))
            arriving += speed > 0
            assert speed == 0 or 5 <= speed <= 10
    assert arriving >= 3


def test_only_the_last_of_a_queue_is_on_its_way(queues):
    street, drawn = queues
    for objects in drawn:
        lanes = {}
        for thing in objects:
            lateral = round(float(coordinates(street, thing, 60.0)[1]), 1)
            lanes.setdefault(lateral, []).append(np.hypot(*thing.motion.velocity_at(-3.0)))
        for speeds in lanes.values():
            assert all(speed == 0 for speed in speeds[:-1])


def test_queues_fit_into_short_stretches():
    """Nobody queues back over the crossing behind; a stretch without room stays empty."""
    street = STREETS[0]
    for seed in range(10):
        for end in (START + 22.0, START + 45.0):
            for thing in queued(street, seed, end=end):
                along, _, _ = coordinates(street, thing, 0.0)
                assert START < along < end
        assert queued(street, seed, end=START + 2 * STOP_LINE + 12) == []


def test_nobody_waits_in_the_ego_vehicles_way():
    guard = AlwaysNear()
    assert sum(len(queued(STREETS[1], seed, guard)) for seed in range(8)) == 0
    assert guard.asked > 5


@pytest.mark.parametrize('axis', [0, 1])
@pytest.mark.parametrize('side', [-1, 1])
def test_strollers_walk_to_and_fro_on_the_walkways(axis, side):
    count = 0
    for seed in range(10):
        front, objects = strolled(axis, side, seed)
        for thing in objects:
            count += 1
            assert isinstance(thing.motion, Strolling)
            assert thing.solid.category in (ADULT, CHILD)
            for time in TIMES:
                along, lateral, _ = coordinates(front.street, thing, time)
                depth = side * lateral - front.street.kerb(side)
                assert min(abs(depth - each) for each in WALKWAYS) < 1e-9
                assert front.start + 4 - 1e-9 <= along <= front.end - 4 + 1e-9
                assert thing.motion.pose_at(time).z == 0.14
    assert count > 8


def test_at_most_one_walks_on_each_walkway():
    for seed in range(20):
        front, objects = strolled(seed=seed, mean=500.0)
        laterals = [coordinates(front.street, thing, 0.0)[1] for thing in objects]
        assert len(objects) == len(WALKWAYS)
        assert len({round(lateral, 6) for lateral in laterals}) == len(WALKWAYS)


@pytest.mark.parametrize('mean', [0.0, 0.5, 1.5])
def test_strollers_come_in_their_mean_number(mean):
    """Over 200 sides of 72 m that people walk on."""
    count = sum(len(strolled(seed=seed, mean=mean)[1]) for seed in range(200)) / 200
    assert count == pytest.approx(mean * 0.72, abs=0.2)


def test_strollers_walk_at_walking_pace():
    speeds = [
        np.hypot(*thing.motion.velocity_at(0.0))
        for seed in range(30)
        for thing in strolled(seed=seed)[1]
    ]
    assert min(speeds) >= 0.9 and max(speeds) <= 1.6 and np.std(speeds) > 0.1


def test_short_sides_and_the_ego_vehicles_way_have_no_strollers():
    assert strolled(length=17.9, mean=500.0)[1] == []
    assert len(strolled(length=18.1, mean=5000.0)[1]) == 2
    guard = AlwaysNear()
    assert strolled(mean=500.0, guard=guard)[1] == [] and guard.asked == 2
    assert not of_category(strolled(mean=0.0)[1], ADULT, CHILD)
