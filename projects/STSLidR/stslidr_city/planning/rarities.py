"""What is rare, how rare, and where it is met."""

from __future__ import annotations

from typing import NamedTuple

RIDING, LANE, PARKING, SHOULDER, STRIP, YARD = (
    'riding',
    'lane',
    'parking',
    'shoulder',
    'strip',
    'yard',
)
"""Sites: beside the lanes, moving; in a lane, moving; at the kerb; between the lanes and what is
parked; on the sidewalk along the kerb; behind the sidewalk."""


class Rarity(NamedTuple):
    """A class that the streets themselves do not hold, or not often enough.

    Args:
        rate: how many are met in a turn of a scene (see `encounters`), on average.
        sites: what it is at each site where it may be, and the share of that site.
        distance: from the ego vehicle along the street when it is met, metres.
        row: smallest and largest number of them in a row.
        standing: which attribute it bears while it stands; see `placing.scene_object`.
    """

    rate: float
    sites: dict[str, tuple[str, float]]
    distance: tuple[float, float]
    row: tuple[int, int] = (1, 1)
    standing: int = 0


RARITIES = {
    'bicycle': Rarity(0.2, {RIDING: ('cyclist', 0.6), STRIP: ('bicycle', 0.4)}, (9, 20)),
    'motorcycle': Rarity(
        0.24,
        {LANE: ('motorcyclist', 0.6), PARKING: ('motorcycle', 0.25), STRIP: ('motorcycle', 0.15)},
        (8, 18),
    ),
    'bus_rigid': Rarity(
        0.14,
        {LANE: ('bus_rigid', 0.6), PARKING: ('bus_rigid', 0.36), YARD: ('bus_rigid', 0.04)},
        (12, 28),
    ),
    'bus_bendy': Rarity(
        0.12,
        {LANE: ('bus_bendy', 0.6), PARKING: ('bus_bendy', 0.36), YARD: ('bus_bendy', 0.04)},
        (20, 32),
    ),
    'trailer': Rarity(0.24, {PARKING: ('trailer', 0.5), YARD: ('trailer', 0.5)}, (7, 22)),
    'construction_vehicle': Rarity(
        0.2, {YARD: ('construction_vehicle', 0.6), PARKING: ('construction_vehicle', 0.4)}, (8, 22)
    ),
    'truck': Rarity(
        0.45, {PARKING: ('truck', 0.6), LANE: ('truck', 0.3), YARD: ('truck', 0.1)}, (8, 24)
    ),
    'cone': Rarity(0.35, {SHOULDER: ('cone', 0.6), STRIP: ('cone', 0.4)}, (5, 14), row=(3, 7)),
    'barrier': Rarity(
        0.45, {SHOULDER: ('barrier', 0.65), STRIP: ('barrier', 0.35)}, (4, 12), row=(5, 11)
    ),
    'worker': Rarity(0.3, {STRIP: ('worker', 0.7), SHOULDER: ('worker', 0.3)}, (5, 18), row=(1, 2)),
    'child': Rarity(0.25, {STRIP: ('standing_child', 1.0)}, (5, 16)),
    'police_officer': Rarity(0.13, {STRIP: ('police_officer', 1.0)}, (5, 16)),
    'stroller': Rarity(0.11, {STRIP: ('stroller', 1.0)}, (5, 14)),
    'wheelchair': Rarity(0.11, {STRIP: ('wheelchair', 1.0)}, (5, 14)),
    'personal_mobility': Rarity(0.11, {STRIP: ('personal_mobility', 1.0)}, (5, 14), standing=1),
    'debris': Rarity(0.11, {SHOULDER: ('debris', 0.6), STRIP: ('debris', 0.4)}, (6, 14)),
    'pushable_pullable': Rarity(0.2, {STRIP: ('pushable_pullable', 1.0)}, (6, 16), row=(1, 3)),
    'bicycle_rack': Rarity(0.11, {STRIP: ('bicycle_rack', 1.0)}, (6, 16)),
    'ambulance': Rarity(0.05, {PARKING: ('ambulance', 0.5), LANE: ('ambulance', 0.5)}, (8, 22)),
    'police_car': Rarity(0.07, {PARKING: ('police_car', 0.5), LANE: ('police_car', 0.5)}, (8, 22)),
}
