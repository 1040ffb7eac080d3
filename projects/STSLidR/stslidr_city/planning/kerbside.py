"""What stands along a block's side: parked vehicles, trees, lamps, lights, furniture, people."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stslidr_city.planning.chance import choose
from stslidr_city.planning.placing import LEFT_THERE, Placer
from stslidr_city.planning.plan import Frontage
from stslidr_city.planning.streets import CLEAR_OF_CROSSING, PARKING_WIDTH

STRIP_DEPTH = 0.85  # the middle of the strip for trees and furniture, metres behind the kerb
WALKWAYS = (1.95, 2.65)
"""Depths of the two lines on which people walk, metres behind the kerb."""
PARKED_KINDS = {'car': 0.925, 'truck': 0.06, 'police_car': 0.008, 'ambulance': 0.007}
FURNITURE = {
    'traffic_sign': 0.26,
    'litter_bin': 0.16,
    'hydrant': 0.10,
    'bench': 0.10,
    'parking_meter': 0.08,
    'power_box': 0.07,
    'bollard': 0.12,
    'advertising': 0.05,
    'utility_pole': 0.04,
    'pushable_pullable': 0.02,
}
BYSTANDERS = {'standing_adult': 0.95, 'standing_child': 0.05}
_ON_ONE_FOOT = frozenset({'traffic_sign', 'parking_meter', 'utility_pole', 'bollard', 'hydrant'})


class Kerbside(NamedTuple):
    """How much stands along the kerb.

    Args:
        tree_gap: mean distance of trees, metres.
        parked: share of the parking places that are taken.
        furniture: pieces in 100 m.
        bystanders: people who stand, in 100 m.
    """

    tree_gap: float
    parked: float
    furniture: float
    bystanders: float


KERBSIDES = {
    'downtown': Kerbside(10, 0.5, 11, 1.7),
    'residential': Kerbside(8, 0.5, 6, 0.5),
    'park': Kerbside(7, 0.4, 6, 0.7),
    'industrial': Kerbside(14, 0.45, 6, 0.5),
    'parking': Kerbside(9, 0.4, 8, 0.8),
    'construction': Kerbside(14, 0.3, 5, 0.9),
}
"""By the style of the block."""


def furnish_kerbside(
    placer: Placer,
    rng: np.random.Generator,
    frontage: Frontage,
    style: str,
    ground: float,
    liveliness: float,
) -> None:
    """Put everything that stands between the lanes and the lots.

    Args:
        placer: collects it.
        rng: draws it.
        frontage: the block's side.
        style: of the block.
        ground: height of the sidewalk, metres.
        liveliness: factor on the number of parked vehicles and people.
    """
    kerbside = KERBSIDES[style]
    if frontage.end - frontage.start < 3 * CLEAR_OF_CROSSING:
        return
    _put_signals(placer, rng, frontage, ground)
    if frontage.street.has_parking(frontage.side):
        _park(placer, rng, frontage, min(0.95, kerbside.parked * liveliness))
    _put_shelter(placer, rng, frontage, ground)
    _put_row(placer, rng, frontage, ground, 'street_lamp', float(rng.uniform(22, 36)))
    if rng.random() < 0.85:
        _put_row(placer, rng, frontage, ground, 'tree', kerbside.tree_gap)
    length = frontage.end - frontage.start
    _put_furniture(placer, rng, frontage, ground, rng.poisson(kerbside.furniture * length / 100))
    bystanders = rng.poisson(kerbside.bystanders * liveliness * length / 100)
    _put_bystanders(placer, rng, frontage, ground, bystanders)


def _put_signals(
    placer: Placer, rng: np.random.Generator, frontage: Frontage, ground: float
) -> None:
    """Put the traffic lights, or a sign, at the stop line of the lanes beside the block."""
    heading = -frontage.side
    at = frontage.end - 0.7 if heading > 0 else frontage.start + 0.7
    along = at - heading * frontage.corner_walks[heading > 0]
    against = frontage.street.yaw(-heading)
    kind = 'traffic_light' if rng.random() < 0.75 else 'traffic_sign'
    reach = (0.0,) if kind == 'traffic_light' else ()
    solid = placer.stock.draw(kind, rng, *reach)
    placer.try_put_foot(solid, frontage.place(along, 0.6), ground, against)


def _park(placer: Placer, rng: np.random.Generator, frontage: Frontage, share: float) -> None:
    """Park vehicles one behind the other along the kerb."""
    yaw = frontage.street.yaw(-frontage.side)
    along = frontage.start + CLEAR_OF_CROSSING + rng.uniform(0, 3)
    last = frontage.end - CLEAR_OF_CROSSING
    while along < last - 5:
        if rng.random() > share:
            along += rng.uniform(4, 7)
            continue
        solid = placer.stock.draw(choose(rng, PARKED_KINDS), rng)
        length = float(solid.bounds[1, 0] - solid.bounds[0, 0])
        if along + length < last:
            depth = -PARKING_WIDTH / 2 + rng.uniform(-0.05, 0.15)
            turned = math.pi * (rng.random() < 0.04)
            placer.try_put(
                solid,
                frontage.place(along + length / 2, depth),
                0.0,
                yaw + turned + rng.normal(0, 0.012),
                0.1,
                LEFT_THERE,
            )
        along += length + rng.uniform(0.6, 2.0)


def _put_shelter(
    placer: Placer, rng: np.random.Generator, frontage: Frontage, ground: float
) -> None:
    """Put a bus shelter at some sides, in the strip along the kerb."""
    if rng.random() < 0.14:
        along = rng.uniform(frontage.start + 14, frontage.end - 14)
        placer.try_put(
            placer.stock.draw('bus_shelter', rng),
            frontage.place(along, 0.8),
            ground,
            frontage.outward + math.pi,
            0.0,
        )


def _put_row(
    placer: Placer,
    rng: np.random.Generator,
    frontage: Frontage,
    ground: float,
    kind: str,
    gap: float,
) -> None:
    """Put a row of things on one foot along the kerb, about `gap` metres apart."""
    start = frontage.start + 6 + rng.uniform(0, gap)
    for along in np.arange(start, frontage.end - 6, gap):
        place = frontage.place(float(along + rng.normal(0, 0.06 * gap)), STRIP_DEPTH)
        placer.try_put_foot(placer.stock.draw(kind, rng), place, ground, frontage.outward)


def _put_furniture(
    placer: Placer, rng: np.random.Generator, frontage: Frontage, ground: float, count: int
) -> None:
    """Put small furniture into the strip along the kerb."""
    for _ in range(count):
        kind = choose(rng, FURNITURE)
        along = rng.uniform(frontage.start + 5, frontage.end - 5)
        solid = placer.stock.draw(kind, rng)
        place = frontage.place(along, STRIP_DEPTH + rng.uniform(-0.2, 0.1))
        if kind in _ON_ONE_FOOT:
            towards = frontage.street.yaw(frontage.side)  # those who come along see its face
            placer.try_put_foot(solid, place, ground, towards, 0.35)
        else:
            placer.try_put(solid, place, ground, frontage.outward, 0.05)


def _put_bystanders(
    placer: Placer, rng: np.random.Generator, frontage: Frontage, ground: float, count: int
) -> None:
    """Put people who stand at the kerb or at the back of the sidewalk, alone or in twos."""
    while count > 0:
        group = min(count, int(rng.integers(1, 3)))
        along = rng.uniform(frontage.start + 3, frontage.end - 3)
        depth = 0.8 if rng.random() < 0.35 else max(3.4, frontage.street.sidewalk - 0.2)
        for member in range(group):
            solid = placer.stock.draw(choose(rng, BYSTANDERS), rng)
            place = frontage.place(along + 0.95 * member, depth)
            placer.try_put(solid, place, ground, float(rng.uniform(-math.pi, math.pi)), 0.02)
        count -= group
