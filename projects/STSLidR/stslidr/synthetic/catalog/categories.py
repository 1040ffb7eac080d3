"""The 32 classes of nuScenes-lidarseg: indices, names, and what the annotators say of objects.

An index is what a lidarseg file holds for a point. Indices 1 to 23 are things that get a box,
24 and up is everything else; 0 is noise.
"""

from __future__ import annotations

from typing import NamedTuple

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


CATEGORIES = (
    Category('noise', 'No real surface: a missing return, dust, rain.'),
    Category('animal', 'Any animal: a dog, a cat, a bird.'),
    Category('human.pedestrian.adult', 'A grown person on foot.'),
    Category('human.pedestrian.child', 'A person who is not grown up yet.'),
    Category('human.pedestrian.construction_worker', 'A person at work on a building site.'),
    Category('human.pedestrian.personal_mobility',
             'A scooter, skateboard and the like, and whoever stands on it.'),
    Category('human.pedestrian.police_officer', 'A police officer of any kind.'),
    Category('human.pedestrian.stroller', 'A stroller, with the child in it.'),
    Category('human.pedestrian.wheelchair', 'A wheelchair, with the person in it.'),
    Category('movable_object.barrier', 'A barrier put up for a time to guide traffic or people.'),
    Category('movable_object.debris', 'What lies on the road and cannot be driven over.'),
    Category('movable_object.pushable_pullable',
             'What people push or pull: wheeled bins, trolleys.'),
    Category('movable_object.trafficcone', 'A traffic cone of any kind.'),
    Category('static_object.bicycle_rack',
             'A place to lock bicycles, with those that stand in it.'),
    Category('vehicle.bicycle', 'A bicycle, with its rider.'),
    Category('vehicle.bus.bendy', 'A bus of sections that a joint links.'),
    Category('vehicle.bus.rigid', 'A bus of one section.'),
    Category('vehicle.car', 'A vehicle for personal use: sedan, hatchback, estate, van, jeep.'),
    Category('vehicle.construction', 'A machine for building: excavator, loader, roller.'),
    Category('vehicle.emergency.ambulance', 'An ambulance.'),
    Category('vehicle.emergency.police', 'A vehicle of the police.'),
    Category('vehicle.motorcycle', 'A motorcycle or motor scooter, with its rider.'),
    Category('vehicle.trailer', 'What a vehicle tows, hitched up or not.'),
    Category('vehicle.truck', 'A vehicle for goods, from pickup to semi-tractor.'),
    Category('flat.driveable_surface', 'Ground that a car may drive on.'),
    Category('flat.other', 'Flat ground of another kind: traffic islands, tracks, water.'),
    Category('flat.sidewalk', 'Ground for people on foot and bicycles.'),
    Category('flat.terrain', 'Natural ground: grass, soil, gravel, slopes.'),
    Category('static.manmade', 'Structures of people: buildings, walls, posts, signs, benches.'),
    Category('static.other', 'What stands still and fits no other class.'),
    Category('static.vegetation', 'Plants that rise above the ground: trees, bushes, hedges.'),
    Category('vehicle.ego', 'The vehicle that carries the sensors.'),
)
"""By index."""
