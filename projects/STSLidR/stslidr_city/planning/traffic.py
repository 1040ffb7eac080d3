"""Who moves past a place: vehicles in lanes and people on sidewalks, in endless regular streams.

The streets along one axis, those whose lights are green, bear streams. A stream is a line of slots
that all move at one speed; a slot is taken or empty. So the members of a stream never meet, any of
them is known without the others, and nothing needs to be kept.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from stslidr_city.planning.chance import choose, generator
from stslidr_city.planning.drive import Drive
from stslidr_city.planning.footprints import Rectangle, overlap
from stslidr_city.planning.kerbside import WALKWAYS
from stslidr_city.planning.scenario import Scenario
from stslidr_city.planning.streets import SIDES, Street, StreetGrid

LANE_KINDS = {'car': 0.85, 'truck': 0.12, 'police_car': 0.02, 'ambulance': 0.01}
WALKER_KINDS = {'adult': 0.97, 'child': 0.03}
SHORTEST_GAP = 26.0  # between slots of a lane, metres; longer than any vehicle by 8 m
SLOT_JITTER = 3.0
_SALT = 970
STREAMS_OF_A_STREET = 16
_LANES_OF_A_SIDE = 4  # codes set aside


class Slot(NamedTuple):
    """One place in a stream: which street, which stream on it, and its number."""

    street_index: int
    code: int
    number: int


class Stream(NamedTuple):
    """Slots that move along a street.

    Args:
        street: the street.
        code: number of the stream on its street; those of walkers begin at 2 * _LANES_OF_A_SIDE.
        lateral: of the middle of its line.
        heading: 1 along the street's axis, -1 against it.
        speed: metres per second.
        gap: between slots, metres.
        phase: place of slot 0 at time 0, in the heading.
        taken: share of the slots.
        wobble: largest deviation from the line, metres.
    """

    street: Street
    code: int
    lateral: float
    heading: int
    speed: float
    gap: float
    phase: float
    taken: float
    wobble: float

    @property
    def is_walkway(self) -> bool:
        """Whether people walk on it."""
        return self.code >= 2 * _LANES_OF_A_SIDE

    def numbers_near(self, along: float, time: float, radius: float) -> range:
        """Slots that may be within `radius` of a place along the street at a time."""
        middle = (self.heading * along - self.phase - self.speed * time) / self.gap
        reach = (radius + SLOT_JITTER) / self.gap
        return range(math.ceil(middle - reach), math.floor(middle + reach) + 1)


class Member(NamedTuple):
    """Who takes a slot.

    Args:
        kind: in the stock.
        lateral: of its line on the street.
        along: place along the street at time 0.
        rng: draws what it looks like.
    """

    kind: str
    lateral: float
    along: float
    rng: np.random.Generator


class Traffic:
    """All streams of a scene.

    Args:
        grid: the streets.
        drive: of the ego vehicle, whose lane goes as fast as it does.
    """

    def __init__(self, grid: StreetGrid, drive: Drive) -> None:
        self._grid = grid
        self._drive = drive
        self._scenario: Scenario = grid.scenario
        self.axis = self._scenario.flow_axis
        self.streams = lru_cache(maxsize=32)(self._draw_streams)
        self.kinds: dict[Slot, str] = {}
        """Slots that are taken by what is planned, whatever the draw says."""

    def member(self, stream: Stream, number: int) -> Member | None:
        """Who takes a slot; None if it is empty."""
        scenario = self._scenario
        slot = Slot(stream.street.number, stream.code, number)
        rng = generator(scenario.seed, scenario.scene, _SALT + 1, *slot)
        shares = WALKER_KINDS if stream.is_walkway else LANE_KINDS
        is_taken = rng.random() < stream.taken
        jitter = rng.uniform(-1, 1) * min(SLOT_JITTER, 0.3 * stream.gap)
        lateral = stream.lateral + rng.uniform(-stream.wobble, stream.wobble)
        kind = self.kinds.get(slot) or choose(rng, shares)
        if not is_taken and slot not in self.kinds:
            return None
        along = stream.heading * (stream.phase + number * stream.gap + jitter)
        return Member(kind, lateral, along, rng)

    def passes(
        self, stream: Stream, member: Member, length: float, width: float, rectangle: Rectangle
    ) -> bool:
        """Whether a member's footprint touches a rectangle of the city at any time of the scene."""
        travel = stream.heading * stream.speed
        ends = [member.along + travel * time for time in (-1.0, self._scenario.duration + 1.0)]
        swept = stream.street.rectangle(
            min(ends) - length / 2,
            max(ends) + length / 2,
            member.lateral - width / 2,
            member.lateral + width / 2,
        )
        return overlap(swept, rectangle)

    def _draw_streams(self, index: int) -> tuple[Stream, ...]:
        """The streams on a street of the axis with green lights."""
        street = self._grid.street(self.axis, index)
        scenario = self._scenario
        rng = generator(scenario.seed, scenario.scene, _SALT, index)
        streams = []
        for side in SIDES:
            for lane in range(street.lanes_on(side)):
                speed = float(rng.uniform(4, 13))
                if (self.axis, index, side) == (0, 0, -1):
                    speed = self._drive.cruise
                gap = float(rng.uniform(SHORTEST_GAP, 44))
                streams.append(
                    Stream(
                        street,
                        _LANES_OF_A_SIDE * (side > 0) + lane,
                        street.lane_lateral(side, lane),
                        -side,
                        speed,
                        gap,
                        float(rng.uniform(0, gap)),
                        min(0.9, 0.42 * scenario.liveliness),
                        wobble=0.15,
                    )
                )
        people = scenario.liveliness * {'downtown': 1.0, 'park': 0.5, 'residential': 0.4}.get(
            scenario.neighbourhood, 0.5
        )
        for side in SIDES:
            for band, depth in enumerate(WALKWAYS):
                gap = float(rng.uniform(9, 16))
                code = 2 * _LANES_OF_A_SIDE + len(WALKWAYS) * (side > 0) + band
                streams.append(
                    Stream(
                        street,
                        code,
                        side * (street.kerb(side) + depth),
                        1 if band else -1,
                        float(rng.uniform(1.0, 1.7)),
                        gap,
                        float(rng.uniform(0, gap)),
                        min(0.8, 0.2 * people),
                        wobble=0.06,
                    )
                )
        return tuple(streams)
