"""The 32 classes of nuScenes-lidarseg: indices, names, and what the annotators say of objects.

An index is what a lidarseg file holds for a point. Indices 1 to 23 are things that get a box,
24 and up is everything else; 0 is noise.
"""

from __future__ import annotations

from typing import NamedTuple

from stslidr.files.lidarseg_classes import RAW_NAMES

NOISE = 0
ANIMAL = 1
ADULT = 2
CHILD = 3
CONSTRUCTION_WORKER = 4
PERSONAL_MOBILITY = 5
POLICE_OFFICER = 6
STROLLER = 7
WHEELCHAIR = 8
BARRIER = 9
DEBRIS = 10
PUSHABLE_PULLABLE = 11
TRAFFIC_CONE = 12
BICYCLE_RACK = 13
BICYCLE = 14
BUS_BENDY = 15
BUS_RIGID = 16
CAR = 17
CONSTRUCTION_VEHICLE = 18
AMBULANCE = 19
POLICE_CAR = 20
MOTORCYCLE = 21
TRAILER = 22
TRUCK = 23
DRIVEABLE_SURFACE = 24
OTHER_FLAT = 25
SIDEWALK = 26
TERRAIN = 27
MANMADE = 28
OTHER_STATIC = 29
VEGETATION = 30
EGO_VEHICLE = 31


class Category(NamedTuple):
    """A class as the tables name it."""

    name: str
    description: str


_DESCRIPTIONS = (
    'No real surface: a missing return, dust, rain.',
    'Any animal: a dog, a cat, a bird.',
    'A grown person on foot.',
    'A person who is not grown up yet.',
    'A person at work on a building site.',
    'A scooter, skateboard and the like, and whoever stands on it.',
    'A police officer of any kind.',
    'A stroller, with the child in it.',
    'A wheelchair, with the person in it.',
    'A barrier put up for a time to guide traffic or people.',
    'What lies on the road and cannot be driven over.',
    'What people push or pull: wheeled bins, trolleys.',
    'A traffic cone of any kind.',
    'A place to lock bicycles, with those that stand in it.',
    'A bicycle, with its rider.',
    'A bus of sections that a joint links.',
    'A bus of one section.',
    'A vehicle for personal use: sedan, hatchback, estate, van, jeep.',
    'A machine for building: excavator, loader, roller.',
    'An ambulance.',
    'A vehicle of the police.',
    'A motorcycle or motor scooter, with its rider.',
    'What a vehicle tows, hitched up or not.',
    'A vehicle for goods, from pickup to semi-tractor.',
    'Ground that a car may drive on.',
    'Flat ground of another kind: traffic islands, tracks, water.',
    'Ground for people on foot and bicycles.',
    'Natural ground: grass, soil, gravel, slopes.',
    'Structures of people: buildings, walls, posts, signs, benches.',
    'What stands still and fits no other class.',
    'Plants that rise above the ground: trees, bushes, hedges.',
    'The vehicle that carries the sensors.',
)

CATEGORIES = tuple(
    Category(RAW_NAMES[index], description) for index, description in enumerate(_DESCRIPTIONS)
)
"""By index."""
