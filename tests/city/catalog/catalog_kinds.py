"""All builders of the catalog by name, as functions of a random generator alone."""

from __future__ import annotations

from functools import partial

from stslidr_city.catalog import (
    buildings,
    buses,
    cars,
    categories,
    fixtures,
    machines,
    movables,
    people,
    plants,
    posts,
    trucks,
    two_wheelers,
)

ANNOTATED_KINDS = {
    'car': (cars.car, categories.CAR),
    'truck': (trucks.truck, categories.TRUCK),
    'bus_rigid': (buses.bus_rigid, categories.BUS_RIGID),
    'bus_bendy': (buses.bus_bendy, categories.BUS_BENDY),
    'trailer': (trucks.trailer, categories.TRAILER),
    'construction_vehicle': (machines.construction_vehicle, categories.CONSTRUCTION_VEHICLE),
    'ambulance': (trucks.ambulance, categories.AMBULANCE),
    'police_car': (cars.police_car, categories.POLICE_CAR),
    'bicycle': (two_wheelers.bicycle, categories.BICYCLE),
    'ridden_bicycle': (partial(two_wheelers.bicycle, rider=True), categories.BICYCLE),
    'motorcycle': (two_wheelers.motorcycle, categories.MOTORCYCLE),
    'ridden_motorcycle': (partial(two_wheelers.motorcycle, rider=True), categories.MOTORCYCLE),
    'adult': (people.adult, categories.ADULT),
    'standing_adult': (partial(people.adult, walking=False), categories.ADULT),
    'child': (people.child, categories.CHILD),
    'construction_worker': (people.construction_worker, categories.CONSTRUCTION_WORKER),
    'police_officer': (people.police_officer, categories.POLICE_OFFICER),
    'personal_mobility': (people.personal_mobility, categories.PERSONAL_MOBILITY),
    'stroller': (people.stroller, categories.STROLLER),
    'wheelchair': (people.wheelchair, categories.WHEELCHAIR),
    'barrier': (movables.barrier, categories.BARRIER),
    'traffic_cone': (movables.traffic_cone, categories.TRAFFIC_CONE),
    'debris': (movables.debris, categories.DEBRIS),
    'pushable_pullable': (movables.pushable_pullable, categories.PUSHABLE_PULLABLE),
    'bicycle_rack': (fixtures.bicycle_rack, categories.BICYCLE_RACK),
    'animal': (movables.animal, categories.ANIMAL),
}
"""Builder and category by name."""

SINGLE_FEET = (
    'street_lamp',
    'traffic_light',
    'traffic_sign',
    'bollard',
    'utility_pole',
    'hydrant',
    'parking_meter',
)
FIXTURES = (
    'advertising',
    'barrier_gate',
    'bench',
    'bus_shelter',
    'kiosk',
    'litter_bin',
    'power_box',
)
LENGTHS = {'wall': 9.0, 'fence': 7.0, 'guard_rail': 6.0}
STATIC_KINDS = {
    **{name: (getattr(posts, name), categories.MANMADE) for name in SINGLE_FEET},
    **{name: (getattr(fixtures, name), categories.MANMADE) for name in FIXTURES},
    **{
        name: (partial(getattr(fixtures, name), length=length), categories.MANMADE)
        for name, length in LENGTHS.items()
    },
    **{
        f'{kind}_tree': (partial(plants.tree, kind=kind), categories.VEGETATION)
        for kind in plants.TREE_KINDS
    },
    'bush': (plants.bush, categories.VEGETATION),
    'hedge': (partial(plants.hedge, length=8.0), categories.VEGETATION),
    'planter': (plants.planter, categories.VEGETATION),
    'mound': (partial(plants.mound, width=9.0, depth=6.0), categories.TERRAIN),
    **{
        f'{kind}_building': (
            partial(buildings.building, width=13.0, depth=10.0, kind=kind),
            categories.MANMADE,
        )
        for kind in buildings.KINDS
    },
}
KINDS = {**ANNOTATED_KINDS, **STATIC_KINDS}
