"""The guard against a search by shapely over all times of the scene."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import AT_CITY, make_scenario
from shapely.affinity import rotate, translate
from shapely.geometry import box

from stslidr_city.catalog.cars import EGO_REAR_AXLE, EGO_SIZE
from stslidr_city.planning.chance import generator
from stslidr_city.planning.drive import Drive
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.planning.ego_guard import CLEARANCE, EgoGuard
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.motions import Cruising, Track
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.streets import StreetGrid
from stslidr_city.solids.solids import Pose, Standing

SCENES = (0, 1, 4)
WORLD = CityFrame(0.6, (400.0, 250.0))


def made(scene, frame=AT_CITY, duration=5.0, **changes):
    scenario = make_scenario(7, scene, duration, **changes)
    grid = StreetGrid(scenario)
    ego = EgoTrajectory(Drive(grid, scenario), frame, generator(7, scene))
    return grid, ego, EgoGuard(ego)


def zone(ego, time):
    """The ego vehicle's rectangle with its clearance, at a time."""
    pose = ego.pose_at(time)
    width, length, _ = EGO_SIZE
    ahead, aside = CLEARANCE
    shape = box(-length / 2 - ahead, -width / 2 - aside, length / 2 + ahead, width / 2 + aside)
    middle = pose[:2, 3] - EGO_REAR_AXLE * pose[:2, 0] / np.linalg.norm(pose[:2, 0])
    yaw = np.arctan2(pose[1, 0], pose[0, 0])
    return translate(rotate(shape, yaw, origin=(0, 0), use_radians=True), *middle)


def centred_ground(solid, pose):
    """The rectangle about a solid's origin that holds it, turned like it."""
    (x0, y0, _), (x1, y1, _) = solid.bounds
    x, y = max(-x0, x1), max(-y0, y1)
    turned = rotate(box(-x, -y, x, y), pose.yaw, origin=(0, 0), use_radians=True)
    return translate(turned, pose.x, pose.y)


def meets_by_search(ego, motion, solid, step=0.05):
    """Whether they come together at any of many times, and by how much (square metres)."""
    drive = ego.drive
    times = np.arange(drive.first + 0.5, drive.last - 0.5, step)
    shared = [
        zone(ego, time).intersection(centred_ground(solid, motion.pose_at(float(time)))).area
        for time in times
    ]
    return max(shared)


@pytest.mark.parametrize('scene', SCENES)
@pytest.mark.parametrize('frame', [AT_CITY, WORLD], ids=['city', 'world'])
def test_what_stands_near_the_way_is_met(scene, frame):
    """Cars at any places about the way: those that a fine search finds, and no others."""
    _, ego, guard = made(scene, frame)
    rng = np.random.default_rng(scene)
    car = Stock(1).draw('car', rng)
    outcomes = []
    for _ in range(24):
        time = rng.uniform(0, 5)
        x, y = ego.pose_at(time)[:2, 3] + rng.uniform(-9, 9, 2)
        motion = Standing(Pose(float(x), float(y), 0.0, float(rng.uniform(-3, 3))))
        shared = meets_by_search(ego, motion, car, 0.1)
        found = guard.meets(motion, car)
        if shared > 0.3 or shared == 0:
            assert found == (shared > 0)
        outcomes.append(found)
    assert 3 < sum(outcomes) < 24


@pytest.mark.parametrize('scene', SCENES)
def test_what_moves_towards_it_is_met(scene):
    """Vehicles in all lanes of the first street, in both headings and at any speed."""
    grid, ego, guard = made(scene)
    rng = np.random.default_rng(scene)
    street = grid.street(0, 0)
    bus = Stock(1).draw('bus_rigid', rng)
    outcomes = []
    for _ in range(14):
        heading = int(rng.choice([-1, 1]))
        lateral = street.lane_lateral(-heading, 0) * rng.choice([0.6, 1.0])
        start = float(ego.pose_at(0.0)[0, 3] + rng.uniform(-60, 90))
        motion = Cruising(
            Track(AT_CITY, street, lateral, heading), start, float(rng.uniform(3, 13))
        )
        shared = meets_by_search(ego, motion, bus, 0.1)
        if shared > 0.5 or shared == 0:
            assert guard.meets(motion, bus) == (shared > 0)
            outcomes.append(shared > 0)
    assert len(outcomes) >= 8


def test_what_comes_head_on_and_what_is_overtaken_is_met():
    _, ego, guard = made(0)
    yaw = float(ego.drive.heading(0.0))
    x, y = ego.pose_at(1.0)[:2, 3]
    ahead = np.array([np.cos(yaw), np.sin(yaw)])

    class Straight:
        """At (x, y) at one second, with a speed along the ego vehicle's heading."""

        def __init__(self, speed):
            self.speed = speed

        def pose_at(self, time):
            at = np.array([x, y]) + (time - 1.0) * self.speed * ahead
            return Pose(float(at[0]), float(at[1]), 0.0, yaw)

    car = Stock(1).draw('car', np.random.default_rng(0))
    for speed in (-15.0, 0.0, 30.0):
        assert guard.meets(Straight(speed), car)


@pytest.mark.parametrize('met_at', [3.0, 8.0, 13.5, 17.0])
def test_what_comes_as_fast_as_anything_may_is_met(met_at):
    """From far away, closing at 31.5 m/s: the looks at far things may not skip the meeting."""
    _, ego, guard = made(0, duration=18.0, manoeuvre='straight on')
    pose, speed = ego.pose_at(met_at), np.linalg.norm(ego.velocity_at(met_at))
    ahead = pose[:2, 0] / np.linalg.norm(pose[:2, 0])

    class HeadOn:
        def pose_at(self, time):
            at = pose[:2, 3] - (time - met_at) * (31.5 - speed) * ahead
            return Pose(float(at[0]), float(at[1]), 0.0, 0.0)

    assert guard.meets(HeadOn(), Stock(1).draw('car', np.random.default_rng(0)))


@pytest.mark.parametrize('distance', [200.0, 1000.0])
def test_far_things_are_not_met(distance):
    _, ego, guard = made(1)
    x, y = ego.pose_at(2.0)[:2, 3]
    bus = Stock(1).draw('bus_bendy', np.random.default_rng(0))
    for angle in np.linspace(0, 2 * np.pi, 7):
        at = Pose(x + distance * np.cos(angle), y + distance * np.sin(angle), 0.0, angle)
        assert not guard.meets(Standing(at), bus)


def test_the_clearance_is_longer_ahead_than_aside():
    """A small thing beside its straight way is let be from 0.7 m on."""
    _, ego, guard = made(0, manoeuvre='straight on')
    cone = Stock(1).draw('cone', np.random.default_rng(0))
    reach = np.ptp(cone.bounds[:, 1]) / 2
    pose = ego.pose_at(0.0)
    left = np.array([-pose[1, 0], pose[0, 0]])
    for gap, met in ((0.2, True), (1.3, False)):
        aside = EGO_SIZE[0] / 2 + gap + reach
        spots = [Standing(Pose(*(pose[:2, 3] + side * aside * left), 0.0, 0.0)) for side in (1, -1)]
        assert [guard.meets(spot, cone) for spot in spots] == [met, met]
    assert CLEARANCE[0] > CLEARANCE[1] > 0.5


def test_a_solid_off_its_origin_is_kept_clear_of_with_its_whole_reach():
    """A lamp whose arm reaches out: the guard takes as much on all sides."""
    _, ego, guard = made(0)
    lamp = Stock(1).draw('street_lamp', np.random.default_rng(3))
    reach = np.abs(lamp.bounds[:, :2]).max(axis=0)
    x, y = ego.pose_at(1.0)[:2, 3]
    motion = Standing(Pose(float(x), float(y) + 0.5 * float(reach.min()), 0.0, 0.0))
    assert guard.meets(motion, lamp)
