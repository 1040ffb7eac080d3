"""Where rare things are met: places along a street near the ego vehicle, and sites beside it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stslidr_city.planning.footprints import Rectangle
from stslidr_city.planning.kerbside import STRIP_DEPTH
from stslidr_city.planning.rarities import PARKING, SHOULDER, STRIP, YARD
from stslidr_city.planning.streets import CLEAR_OF_CROSSING, PARKING_WIDTH, Street


class Meeting(NamedTuple):
    """A place along a street near which the ego vehicle is at a time.

    Args:
        street: that the vehicle is on.
        heading: of the vehicle along the street.
        time: seconds.
        along: of the place, along the street.
        start: of the stretch of street about the place, metres along it.
        end: of that stretch.
    """

    street: Street
    heading: int
    time: float
    along: float
    start: float
    end: float

    def has_room(self, length: float) -> bool:
        """Whether something of a length about the place keeps clear of the crossings."""
        margin = length / 2 + CLEAR_OF_CROSSING
        return self.start + margin < self.along < self.end - margin


def site_turn(kind: str, site: str, side: int, rng: np.random.Generator) -> float:
    """Yaw against that of the lanes beside the site, radians."""
    if kind == 'barrier':
        return math.pi / 2 + float(rng.normal(0, 0.04))
    if kind == 'bicycle_rack':
        return side * math.pi / 2
    if site in (PARKING, YARD):
        return float(rng.normal(0, 0.02)) + math.pi * (site == YARD and rng.random() < 0.5)
    if kind in ('bicycle', 'motorcycle', 'stroller', 'wheelchair', 'personal_mobility'):
        return math.pi * (rng.random() < 0.5) + float(rng.normal(0, 0.1))
    return float(rng.uniform(-math.pi, math.pi))


def site_lateral(street: Street, site: str, side: int, width: float) -> float | None:
    """Lateral of the middle of what is `width` wide at a site; None if there is no such site."""
    if site == PARKING:
        if not street.has_parking(side):
            return None
        return side * (street.kerb(side) - max(PARKING_WIDTH / 2, width / 2 + 0.15))
    if site == SHOULDER:
        if width > street.shoulder + 0.1:
            return None
        return side * (street.lane_edge(side) + street.shoulder / 2)
    if site == STRIP:
        return side * (street.kerb(side) + STRIP_DEPTH) if width < 2 * STRIP_DEPTH else None
    return side * (street.kerb(side) + street.sidewalk + 1.0 + width / 2)


def reserved_ground(street: Street, site: str, side: int, box: Rectangle) -> Rectangle:
    """The ground of a thing and of what would hide it from the street."""
    if site not in (STRIP, YARD):
        return box
    hidden = -PARKING_WIDTH * street.has_parking(side) if site == STRIP else street.sidewalk
    near = side * (street.kerb(side) + hidden)
    axis = street.axis
    front = street.rectangle(box[axis], box[2 + axis], near, near)
    return (
        min(box[0], front[0]),
        min(box[1], front[1]),
        max(box[2], front[2]),
        max(box[3], front[3]),
    )
