"""Planned encounters: sites, distances from the ego vehicle, reserved ground, slots and riders."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import AT_CITY, area_of, make_scenario, overlapping
from shapely.geometry import Point

from stslidr_city.catalog.categories import BARRIER, BICYCLE, TRAFFIC_CONE
from stslidr_city.planning.chance import generator, times_due
from stslidr_city.planning.drive import Drive
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.planning.ego_guard import EgoGuard
from stslidr_city.planning.encounters import ANY_DISTANCE, SLOT_REACH, TURN_SECONDS, EncounterPlan
from stslidr_city.planning.motions import Cruising, Track
from stslidr_city.planning.placing import footprint
from stslidr_city.planning.rarities import LANE, RARITIES, RIDING
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.streets import SIDES, StreetGrid
from stslidr_city.planning.traffic import Traffic

SCENES = range(14)
SEED, DURATION = 8, 12.0
MOVING = {
    kind for each in RARITIES.values() for site, (kind, _) in each.sites.items() if site == LANE
}


class Planned:
    """All that one scene's encounters are planned with."""

    def __init__(self, scene, duration=DURATION, **changes):
        self.scenario = make_scenario(SEED, scene, duration, **changes)
        self.grid = StreetGrid(self.scenario)
        self.drive = Drive(self.grid, self.scenario)
        self.ego = EgoTrajectory(self.drive, AT_CITY, generator(SEED, scene))
        self.traffic = Traffic(self.grid, self.drive)
        self.stock = Stock(SEED)
        self.guard = EgoGuard(self.ego)
        self.plan = EncounterPlan(
            self.grid, AT_CITY, self.stock, self.drive, self.guard, self.traffic
        )

    def due(self):
        """How many encounters the scene's turns bring, if each finds a site."""
        turns = max(1, round(self.scenario.duration / TURN_SECONDS))
        return sum(
            times_due(SEED, number, rarity.rate, self.scenario.scene * turns + turn)
            for turn in range(turns)
            for number, rarity in enumerate(RARITIES.values())
        )

    def slots(self):
        """(stream, member, kind) of all slots that the plan has taken."""
        for slot, kind in self.traffic.kinds.items():
            streams = self.traffic.streams(slot.street_index)
            stream = next(each for each in streams if each.code == slot.code)
            yield stream, self.traffic.member(stream, slot.number), kind


@pytest.fixture(scope='module')
def scenes():
    return [Planned(scene) for scene in SCENES]


def places_along_the_way(planned):
    times = np.arange(0.0, planned.scenario.duration + 0.01, 0.25)
    return planned.drive.position(times)


def test_about_as_much_is_met_as_is_due(scenes):
    """Rows count once; nearly everything finds a site somewhere."""
    found = due = 0
    for planned in scenes:
        reserved = [area_of(each.reserved) for each in planned.plan.standing]
        rows = sum(
            not any(reserved[i].distance(reserved[j]) < 3.5 for j in range(i))
            for i in range(len(reserved))
        )
        found += rows + len(planned.plan.riders) + len(planned.traffic.kinds)
        due += planned.due()
    assert 0.7 * due < found <= 1.1 * due


def test_encounters_come_near_the_way(scenes):
    """Each lies within the furthest distance along the street, a sidewalk and a row aside."""
    for planned in scenes:
        way = places_along_the_way(planned)
        for each in planned.plan.standing:
            gap = np.linalg.norm(way - each.place, axis=1).min()
            assert gap < ANY_DISTANCE[1] + 25


def test_reserved_ground_is_nobody_elses(scenes):
    """Between encounters of different rows; shapely finds no shared square metre."""
    for planned in scenes:
        standing = planned.plan.standing
        for i, j in overlapping([area_of(each.reserved) for each in standing], 1e-6):
            distance = np.subtract(standing[i].place, standing[j].place)
            assert standing[i].solid.category == standing[j].solid.category
            assert np.linalg.norm(distance) < 5  # neighbours in a row


def test_encounters_stand_on_their_reserved_ground(scenes):
    for planned in scenes:
        for each in planned.plan.standing:
            box = area_of(footprint(each.solid, *each.place, each.yaw))
            assert area_of(each.reserved).buffer(1e-6).contains(box)
            assert area_of(each.reserved).contains(Point(each.place))


def test_heights_are_the_road_the_sidewalk_or_the_lots_cover(scenes):
    """By the lateral on the street: on the road 0, behind the kerb at its height or above."""
    for planned in scenes:
        kerb = planned.scenario.kerb
        for each in planned.plan.standing:
            inside = False
            for axis in (0, 1):
                street = planned.grid.nearest(axis, each.place[1 - axis])
                lateral = street.coordinates(*each.place)[1]
                inside |= abs(lateral) < street.kerb(1 if lateral > 0 else -1)
            assert each.ground == (0.0 if inside else pytest.approx(kerb, abs=0.04))


def test_nothing_that_stands_is_in_a_lane_or_on_a_crossing(scenes):
    for planned in scenes:
        for each in planned.plan.standing:
            for axis in (0, 1):
                street = planned.grid.nearest(axis, each.place[1 - axis])
                lateral = street.coordinates(*each.place)[1]
                assert abs(lateral) > street.lane_edge(1 if lateral > 0 else -1)


def test_what_moves_in_lanes_is_of_the_kinds_that_may(scenes):
    kinds = {kind for planned in scenes for _, _, kind in planned.slots()}
    assert kinds <= MOVING and len(kinds) >= 4


def test_planned_slots_pass_near_the_ego_vehicle(scenes):
    """At some time of the scene the vehicle in the slot is within reach of the way."""
    for planned in scenes:
        times = np.arange(0.0, DURATION + 0.01, 0.1)
        way = planned.drive.position(times)
        for stream, member, _ in planned.slots():
            along = member.along + stream.heading * stream.speed * times
            places = np.array([stream.street.place(each, member.lateral) for each in along])
            gap = np.linalg.norm(places - way, axis=1).min()
            assert gap < ANY_DISTANCE[1] + SLOT_REACH + 15


def test_planned_slots_keep_clear_of_the_ego_vehicle_and_of_what_stands(scenes):
    for planned in scenes:
        for stream, member, kind in planned.slots():
            solid = planned.stock.draw(kind, member.rng)
            track = Track(AT_CITY, stream.street, member.lateral, stream.heading)
            assert not planned.guard.meets(Cruising(track, member.along, stream.speed), solid)
            length, width, _ = np.ptp(solid.bounds, axis=0)
            for each in planned.plan.standing:
                assert not planned.traffic.passes(stream, member, length, width, each.reserved)


def test_riders_ride_on_the_shoulder_with_the_traffic(scenes):
    riders = [(planned, rider) for planned in scenes for rider in planned.plan.riders]
    assert riders
    for planned, rider in riders:
        assert rider.solid.category == BICYCLE
        x, y, _, yaw = rider.motion.pose_at(1.0)
        axis = planned.traffic.axis
        street = planned.grid.nearest(axis, (x, y)[1 - axis])
        lateral = street.coordinates(x, y)[1]
        side = 1 if lateral > 0 else -1
        middle = street.lane_edge(side) + street.shoulder / 2
        assert side in SIDES and abs(lateral) == pytest.approx(middle)
        assert np.cos(yaw - street.yaw(-side)) == pytest.approx(1)
        assert 3 <= np.hypot(*rider.motion.velocity_at(0.0)) <= 6


def test_a_rider_meets_neither_the_ego_vehicle_nor_what_stands(scenes):
    for planned in scenes:
        for rider in planned.plan.riders:
            assert not planned.guard.meets(rider.motion, rider.solid)
            for time in np.arange(0.0, DURATION, 0.5):
                x, y, _, yaw = rider.motion.pose_at(float(time))
                ground = area_of(footprint(rider.solid, x, y, yaw))
                for each in planned.plan.standing:
                    assert ground.intersection(area_of(each.reserved)).area < 0.05


def test_a_riders_way_is_taken_from_before_the_scene_to_after_it(scenes):
    """No encounter may stand where the rider is at any time."""
    for planned in scenes:
        for rider in planned.plan.riders:
            for time in np.linspace(-1.9, DURATION + 1.9, 30):
                x, y, _, _ = rider.motion.pose_at(float(time))
                here = (x - 0.1, y - 0.1, x + 0.1, y + 0.1)
                assert not planned.plan._claims.is_free(here)


def gaps_in_rows(scenes, category):
    """Metres between neighbours of one class that stand in one line, up to 4 m."""
    gaps = []
    for planned in scenes:
        things = [each for each in planned.plan.standing if each.solid.category == category]
        for first, second in zip(things[:-1], things[1:], strict=True):
            boxes = [
                area_of(footprint(each.solid, *each.place, each.yaw)) for each in (first, second)
            ]
            gap = boxes[0].distance(boxes[1])
            in_line = np.abs(np.subtract(first.place, second.place)).min() < 1e-6
            if in_line and gap < 4:
                gaps.append(gap)
    return gaps


@pytest.mark.parametrize('category, low, high', [(BARRIER, 0.1, 0.5), (TRAFFIC_CONE, 0.8, 3.0)])
def test_rows_are_evenly_spaced(scenes, category, low, high):
    """Barriers close the way, cones mark it."""
    gaps = gaps_in_rows(scenes, category)
    assert len(gaps) > 8
    assert low - 1e-6 <= min(gaps) and max(gaps) <= high + 1e-6
    assert min(gaps) < low + 0.4 * (high - low)


def test_most_encounters_are_ahead():
    """Seven in ten sites are looked for before it; driving straight, most find room there."""
    ahead = []
    for scene in range(24):
        planned = Planned(scene, 1.0, manoeuvre='straight on')
        yaw = float(planned.drive.heading(0.5))
        offsets = [
            np.subtract(each.place, planned.drive.position(0.5)) for each in planned.plan.standing
        ]
        ahead += [np.array([np.cos(yaw), np.sin(yaw)]) @ offset > 0 for offset in offsets]
    assert 0.5 < np.mean(ahead) < 0.9


def test_at_most_one_cyclist_rides(scenes):
    assert max(len(planned.plan.riders) for planned in scenes) == 1
    assert sum(RIDING in rarity.sites for rarity in RARITIES.values()) == 1


@pytest.mark.parametrize('scene', [0, 5])
def test_a_plan_follows_from_the_scene_alone(scene):
    first, second = Planned(scene), Planned(scene)
    assert first.traffic.kinds == second.traffic.kinds
    assert [each[1:] for each in first.plan.standing] == [each[1:] for each in second.plan.standing]
    assert len(first.plan.riders) == len(second.plan.riders)


def test_longer_scenes_meet_more():
    """A turn for each six seconds, at least one."""
    short = sum(Planned(scene, 1.0).due() for scene in range(6))
    long = sum(Planned(scene, 60.0).due() for scene in range(2)) * 3
    assert 6 < long / short < 14
