"""Rare things near the ego vehicle's way, planned for the whole scene before anything is built.

A scene has one turn for each TURN_SECONDS of it, at least one. How many of a kind a turn brings is
evenly spread over the turns of all scenes, so that few scenes in a row hold each class.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stslidr_city.planning.chance import generator, times_due
from stslidr_city.planning.drive import Drive
from stslidr_city.planning.ego_guard import EgoGuard
from stslidr_city.planning.footprints import Claims, Rectangle
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.land_use import LAYER
from stslidr_city.planning.motions import Cruising, Track
from stslidr_city.planning.placing import footprint
from stslidr_city.planning.rarities import LANE, RARITIES, RIDING, STRIP, YARD, Rarity
from stslidr_city.planning.sites import Meeting, reserved_ground, site_lateral, site_turn
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.streets import StreetGrid
from stslidr_city.planning.traffic import Slot, Traffic
from stslidr_city.solids.solids import Motion, Solid

TURN_SECONDS = 6.0
ATTEMPTS = 120
ANY_DISTANCE = (4.0, 38.0)  # metres along the street
SLOT_REACH = 4.0  # metres between a slot of the traffic and the place where it is met
_SALT = 980


class Encounter(NamedTuple):
    """Something rare that stands near the way.

    Args:
        solid: what it is.
        place: in the city.
        ground: height, metres.
        yaw: in the city.
        standing: which attribute it bears; see `placing.scene_object`.
        reserved: ground that nothing else may take.
    """

    solid: Solid
    place: tuple[float, float]
    ground: float
    yaw: float
    standing: int
    reserved: Rectangle


class Rider(NamedTuple):
    """A cyclist beside the lanes."""

    solid: Solid
    motion: Motion


class EncounterPlan:
    """All encounters of a scene: what stands, who rides, and slots of the traffic.

    Args:
        grid: the streets.
        frame: where the city lies in the world.
        stock: what there is to put.
        drive: the ego vehicle's way.
        guard: keeps clear of it.
        traffic: gets the vehicles that move in lanes.
    """

    def __init__(
        self,
        grid: StreetGrid,
        frame: CityFrame,
        stock: Stock,
        drive: Drive,
        guard: EgoGuard,
        traffic: Traffic,
    ) -> None:
        self._grid, self._frame, self._stock = grid, frame, stock
        self._drive, self._guard, self._traffic = drive, guard, traffic
        self._claims = Claims()
        self.standing: list[Encounter] = []
        self.riders: list[Rider] = []
        scenario = grid.scenario
        turns = max(1, round(scenario.duration / TURN_SECONDS))
        for turn in range(turns):
            seconds = (scenario.duration * turn / turns, scenario.duration * (turn + 1) / turns)
            for number, rarity in enumerate(RARITIES.values()):
                due = times_due(scenario.seed, number, rarity.rate, scenario.scene * turns + turn)
                rng = generator(scenario.seed, scenario.scene, _SALT, turn, number)
                for _ in range(due):
                    self._place(rarity, seconds, rng)

    def _place(
        self, rarity: Rarity, seconds: tuple[float, float], rng: np.random.Generator
    ) -> None:
        """Find a site for one encounter; after half of the attempts, any one at any distance."""
        names = list(rarity.sites)
        shares = [rarity.sites[name][1] for name in names]
        low, high = rarity.distance
        for attempt in range(ATTEMPTS):
            if attempt == ATTEMPTS // 2:
                shares, (low, high) = [1 / len(names)] * len(names), ANY_DISTANCE
            site = str(rng.choice(names, p=shares))
            ahead = rng.uniform(low, high) * (1 if rng.random() < 0.7 else -1)
            meeting = self._meet(float(rng.uniform(*seconds)), float(ahead))
            kind = rarity.sites[site][0]
            if site == LANE:
                done = self._take_slot(kind, meeting, rng)
            elif site == RIDING:
                done = self._send_rider(kind, meeting, rng)
            else:
                done = self._stand(kind, site, rarity, meeting, rng)
            if done:
                return

    def _meet(self, time: float, ahead: float) -> Meeting:
        """The place `ahead` metres before the ego vehicle on the street on which it is."""
        position, yaw = self._drive.position(time), float(self._drive.heading(time))
        axis = int(abs(math.sin(yaw)) > abs(math.cos(yaw)))
        heading = 1 if (math.sin(yaw) if axis else math.cos(yaw)) > 0 else -1
        street = self._grid.nearest(axis, float(position[1 - axis]))
        along = float(position[axis]) + heading * ahead
        first = int(self._grid.index_below(1 - axis, np.array([along]))[0])
        return Meeting(street, heading, time, along, *self._grid.stretch(street, first))

    def _take_slot(self, kind: str, meeting: Meeting, rng: np.random.Generator) -> bool:
        """Let a vehicle of this kind move in a lane through about the place."""
        if meeting.street.axis != self._traffic.axis:
            return False
        streams = [
            stream
            for stream in self._traffic.streams(meeting.street.number)
            if not stream.is_walkway
        ]
        stream = streams[rng.integers(len(streams))]
        numbers = stream.numbers_near(meeting.along, meeting.time, SLOT_REACH)
        if not numbers:
            return False
        number = numbers[rng.integers(len(numbers))]
        slot = Slot(meeting.street.number, stream.code, number)
        if slot in self._traffic.kinds:
            return False
        self._traffic.kinds[slot] = kind
        member = self._traffic.member(stream, number)
        assert member is not None  # a slot with a kind is taken
        solid = self._stock.draw(kind, member.rng)
        length, width, _ = solid.bounds[1] - solid.bounds[0]
        motion = Cruising(
            Track(self._frame, stream.street, member.lateral, stream.heading),
            member.along,
            stream.speed,
        )
        if self._guard.meets(motion, solid) or any(
            self._traffic.passes(stream, member, length, width, other.reserved)
            for other in self.standing
        ):
            del self._traffic.kinds[slot]
            return False
        return True

    def _send_rider(self, kind: str, meeting: Meeting, rng: np.random.Generator) -> bool:
        """Let a cyclist ride beside the lanes through the place."""
        street = meeting.street
        if street.axis != self._traffic.axis or self.riders:
            return False
        side = -1 if rng.random() < 0.5 else 1
        lateral = side * (street.lane_edge(side) + street.shoulder / 2)
        speed = float(rng.uniform(3, 6))
        start = meeting.along + side * speed * meeting.time
        solid = self._stock.draw(kind, rng)
        motion = Cruising(Track(self._frame, street, lateral, -side), start, speed)
        ends = [start - side * speed * time for time in (-2, self._grid.scenario.duration + 2)]
        swept = street.rectangle(min(ends) - 1, max(ends) + 1, lateral - 0.4, lateral + 0.4)
        if self._guard.meets(motion, solid) or not self._claims.claim(swept):
            return False
        self.riders.append(Rider(solid, motion))
        return True

    def _stand(
        self, kind: str, site: str, rarity: Rarity, meeting: Meeting, rng: np.random.Generator
    ) -> bool:
        """Put one or a row of them at a site beside the street."""
        street, side = meeting.street, (-1 if rng.random() < 0.5 else 1)
        count = int(rng.integers(rarity.row[0], rarity.row[1] + 1))
        solids = [self._stock.draw(kind, rng) for _ in range(count)]
        yaw = street.yaw(-side) + site_turn(kind, site, side, rng)
        boxes = [footprint(solid, 0.0, 0.0, yaw) for solid in solids]
        spans = np.array([box[2 + street.axis] - box[street.axis] for box in boxes])
        width = max(box[3 - street.axis] - box[1 - street.axis] for box in boxes)
        gaps = rng.uniform(0.1, 0.5) if kind == 'barrier' else rng.uniform(0.8, 3.0)
        length = float(spans.sum() + gaps * (count - 1))
        lateral = site_lateral(street, site, side, width)
        if lateral is None or not meeting.has_room(length):
            return False
        starts = meeting.along - length / 2 + np.concatenate([[0], np.cumsum(spans + gaps)[:-1]])
        kerb = self._grid.scenario.kerb
        ground = {STRIP: kerb, YARD: kerb + LAYER}.get(site, 0.0)
        found = []
        for solid, start, span in zip(solids, starts, spans, strict=True):
            place = street.place(float(start + span / 2), lateral)
            reserved = reserved_ground(street, site, side, footprint(solid, *place, yaw, 0.3))
            found.append(Encounter(solid, place, ground, yaw, rarity.standing, reserved))
        if not all(self._claims.is_free(encounter.reserved) for encounter in found):
            return False
        if self._blocks_traffic(found):
            return False
        for encounter in found:
            self._claims.claim(encounter.reserved)
        self.standing += found
        return True

    def _blocks_traffic(self, found: list[Encounter]) -> bool:
        """Whether something stands in the way of vehicles that are planned already."""
        for slot in self._traffic.kinds:
            stream = next(
                stream
                for stream in self._traffic.streams(slot.street_index)
                if stream.code == slot.code
            )
            member = self._traffic.member(stream, slot.number)
            assert member is not None  # a slot with a kind is taken
            if any(
                self._traffic.passes(stream, member, 18.0, 3.0, encounter.reserved)
                for encounter in found
            ):
                return True
        return False
