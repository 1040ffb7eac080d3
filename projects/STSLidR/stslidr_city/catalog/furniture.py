"""Street furniture of all kinds, fixed and movable. Each builder takes a random generator."""

from __future__ import annotations

from stslidr_city.catalog.fixtures import (
    advertising,
    barrier_gate,
    bench,
    bicycle_rack,
    bus_shelter,
    fence,
    guard_rail,
    kiosk,
    litter_bin,
    power_box,
    wall,
)
from stslidr_city.catalog.movables import animal, barrier, debris, pushable_pullable, traffic_cone
from stslidr_city.catalog.posts import (
    bollard,
    hydrant,
    parking_meter,
    street_lamp,
    traffic_light,
    traffic_sign,
    utility_pole,
)

__all__ = (
    'advertising',
    'animal',
    'barrier',
    'barrier_gate',
    'bench',
    'bicycle_rack',
    'bollard',
    'bus_shelter',
    'debris',
    'fence',
    'guard_rail',
    'hydrant',
    'kiosk',
    'litter_bin',
    'parking_meter',
    'power_box',
    'pushable_pullable',
    'street_lamp',
    'traffic_cone',
    'traffic_light',
    'traffic_sign',
    'utility_pole',
    'wall',
)
