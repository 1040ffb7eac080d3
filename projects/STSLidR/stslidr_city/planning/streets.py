"""Streets on a grid, each with its own cross-section, known by index without making the others.

A street runs along x (axis 0) or y (axis 1) of the city. A place on it is (along, lateral):
the coordinate along its axis, and the distance to the left of its centre line, looking along the
axis. Side +1 is the left one, -1 the right one. Traffic keeps to the right.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from stslidr_city.planning.chance import generator
from stslidr_city.planning.footprints import Rectangle
from stslidr_city.planning.scenario import Scenario

PARKING_WIDTH = 2.4
CROSSWALK = (1.0, 4.0)  # from where to where it reaches, metres from the crossing's edge
STOP_LINE = 5.2  # its near edge, metres from the crossing's edge
CLEAR_OF_CROSSING = 9.0  # nothing stands at the kerb nearer to the crossing's edge than this
_JITTER = 0.11  # of a street's place, in pitches
_SALT = 920
SIDES = (-1, 1)
WIDE_STREETS = {'downtown': 0.3, 'industrial': 0.25}
"""Shares of the streets with two lanes each way, by neighbourhood; 0.15 elsewhere."""


class Street(NamedTuple):
    """A street's course and cross-section, in metres.

    Args:
        axis: 0 along x, 1 along y.
        number: which of that axis' streets.
        centre: y (axis 0) or x (axis 1) of its centre line.
        lanes: number of lanes on the right and on the left side.
        lane_width: of each lane.
        median: width of the median; 0 if there is none.
        shoulder: width between the outermost lane and parking or kerb; cyclists ride here.
        parking: whether there is a parking lane on the right and on the left side.
        sidewalk: width of the sidewalks.
    """

    axis: int
    number: int
    centre: float
    lanes: tuple[int, int]
    lane_width: float
    median: float
    shoulder: float
    parking: tuple[bool, bool]
    sidewalk: float

    def lanes_on(self, side: int) -> int:
        """Number of lanes on a side."""
        return self.lanes[side > 0]

    def has_parking(self, side: int) -> bool:
        """Whether there is a parking lane on a side."""
        return self.parking[side > 0]

    def lane_edge(self, side: int) -> float:
        """Distance from the centre line to the outer edge of the outermost lane."""
        return self.median / 2 + self.lanes_on(side) * self.lane_width

    def kerb(self, side: int) -> float:
        """Distance from the centre line to the kerb."""
        return self.lane_edge(side) + self.shoulder + PARKING_WIDTH * self.has_parking(side)

    def lane_lateral(self, side: int, lane: int) -> float:
        """Lateral of the middle of a lane; lane 0 is the innermost one."""
        return side * (self.median / 2 + (lane + 0.5) * self.lane_width)

    def place(self, along: float, lateral: float) -> tuple[float, float]:
        """Position in the city."""
        return (along, self.centre + lateral) if self.axis == 0 else (self.centre - lateral, along)

    def coordinates(self, x: float, y: float) -> tuple[float, float]:
        """(along, lateral) of a position in the city."""
        return (x, y - self.centre) if self.axis == 0 else (y, self.centre - x)

    def yaw(self, heading: int) -> float:
        """Yaw in the city of what looks along the axis (heading 1) or against it (-1)."""
        return self.axis * math.pi / 2 + (0.0 if heading > 0 else math.pi)

    def rectangle(
        self, start: float, end: float, lateral: float, other_lateral: float
    ) -> Rectangle:
        """The ground between two places along it and between two laterals."""
        corners = np.array([self.place(start, lateral), self.place(end, other_lateral)])
        low, high = corners.min(axis=0), corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


class StreetGrid:
    """All streets of a scene's city, without end in all directions."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.street = lru_cache(maxsize=256)(self._draw_street)

    def centre(self, axis: int, index: int) -> float:
        """Where the street `index` of `axis` runs, metres."""
        pitch = self.scenario.pitch[1 - axis]
        rng = generator(self.scenario.seed, self.scenario.scene, _SALT, axis, index)
        return pitch * (index + float(rng.uniform(-_JITTER, _JITTER)))

    def indices(self, axis: int, low: float, high: float) -> range:
        """Streets of `axis` whose centre lines lie within [low, high] or just beside it."""
        pitch = self.scenario.pitch[1 - axis]
        return range(math.floor(low / pitch - _JITTER), math.ceil(high / pitch + _JITTER) + 1)

    def index_below(self, axis: int, values: np.ndarray) -> np.ndarray:
        """int64 (N,): for each coordinate (N,), the last street of `axis` at or below it."""
        around = self.indices(axis, float(np.min(values)), float(np.max(values)))
        indices = range(around.start - 1, around.stop + 1)
        centres = [self.street(axis, index).centre for index in indices]
        return indices.start - 1 + np.searchsorted(centres, values, side='right')

    def nearest(self, axis: int, value: float) -> Street:
        """The street of `axis` whose centre line is the nearest one to a coordinate."""
        return min(
            (self.street(axis, index) for index in self.indices(axis, value, value)),
            key=lambda street: abs(street.centre - value),
        )

    def stretch(self, street: Street, first: int) -> tuple[float, float]:
        """Where along it a street runs between the crossings with streets `first` and next.

        Returns:
            The coordinates of the two crossings' near edges (the kerbs of the crossing streets).
        """
        axis = 1 - street.axis
        before, after = self.street(axis, first), self.street(axis, first + 1)
        # Looking along x, the far kerb of a street along y is its right one; along y, the left one.
        far = -1 if street.axis == 0 else 1
        return before.centre + before.kerb(far), after.centre - after.kerb(-far)

    def _draw_street(self, axis: int, index: int) -> Street:
        scenario = self.scenario
        rng = generator(scenario.seed, scenario.scene, _SALT + 1, axis, index)
        is_ego_street = axis == 0 and index == 0
        has_median = rng.random() < 0.25
        if is_ego_street:
            has_median = scenario.has_median
        wide = rng.random() < WIDE_STREETS.get(scenario.neighbourhood, 0.15)
        lanes = (
            (2, 2)
            if wide or (is_ego_street and scenario.manoeuvre == 'lane change')
            else (((1, 1), (1, 1), (2, 1), (1, 2))[rng.integers(4)])
        )
        return Street(
            axis,
            index,
            self.centre(axis, index),
            lanes,
            lane_width=float(rng.uniform(3.0, 3.4)),
            median=float(rng.uniform(1.6, 4.0)) if has_median else 0.0,
            shoulder=float(rng.choice([0.9, 1.2, 1.8], p=[0.5, 0.3, 0.2])),
            parking=(bool(rng.random() < 0.55), bool(rng.random() < 0.55)),
            sidewalk=float(rng.uniform(3.2, 4.0)),
        )
