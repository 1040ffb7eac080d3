"""The solids that fill the city, made on demand: some dozens of each kind, shared by all scenes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from stslidr_city.catalog import (
    buildings,
    buses,
    cars,
    fixtures,
    machines,
    movables,
    people,
    plants,
    posts,
    trucks,
    two_wheelers,
)
from stslidr_city.planning.chance import generator
from stslidr_city.solids.solids import Solid

VARIANTS = 40
KEPT, KEPT_SIZED = 2048, 256  # solids in memory: all of one size, and a few of those made to size
SIZE_STEP = 0.5  # metres; sizes are rounded down to multiples of it
_SALT = 950

TREE_HEIGHTS = (3.4, 9.8)  # metres; most of a town's trees are young or cut


def _tree(rng: np.random.Generator) -> Solid:
    return plants.tree(rng, float(rng.uniform(*TREE_HEIGHTS)))


BUILDERS: dict[str, Callable[..., Solid]] = {
    'adult': people.adult,
    'advertising': fixtures.advertising,
    'ambulance': trucks.ambulance,
    'animal': movables.animal,
    'barrier': movables.barrier,
    'barrier_gate': fixtures.barrier_gate,
    'bench': fixtures.bench,
    'bicycle': two_wheelers.bicycle,
    'bicycle_rack': fixtures.bicycle_rack,
    'bollard': posts.bollard,
    'bus_bendy': buses.bus_bendy,
    'bus_rigid': buses.bus_rigid,
    'bus_shelter': fixtures.bus_shelter,
    'bush': plants.bush,
    'car': cars.car,
    'child': people.child,
    'cone': movables.traffic_cone,
    'construction_vehicle': machines.construction_vehicle,
    'cyclist': partial(two_wheelers.bicycle, rider=True),
    'debris': movables.debris,
    'fence': fixtures.fence,
    'flats': partial(buildings.building, kind='flats'),
    'guard_rail': fixtures.guard_rail,
    'hall': partial(buildings.building, kind='hall'),
    'hedge': plants.hedge,
    'house': partial(buildings.building, kind='house'),
    'hydrant': posts.hydrant,
    'kiosk': fixtures.kiosk,
    'litter_bin': fixtures.litter_bin,
    'motorcycle': two_wheelers.motorcycle,
    'motorcyclist': partial(two_wheelers.motorcycle, rider=True),
    'mound': plants.mound,
    'office': partial(buildings.building, kind='office'),
    'parking_meter': posts.parking_meter,
    'personal_mobility': people.personal_mobility,
    'police_car': cars.police_car,
    'police_officer': partial(people.police_officer, walking=False),
    'power_box': fixtures.power_box,
    'pushable_pullable': movables.pushable_pullable,
    'shed': partial(buildings.building, kind='shed'),
    'shop': partial(buildings.building, kind='shop'),
    'site': partial(buildings.building, kind='site'),
    'standing_adult': partial(people.adult, walking=False),
    'standing_child': partial(people.child, walking=False),
    'street_lamp': posts.street_lamp,
    'stroller': people.stroller,
    'traffic_light': posts.traffic_light,
    'traffic_sign': posts.traffic_sign,
    'trailer': trucks.trailer,
    'tree': _tree,
    'truck': trucks.truck,
    'utility_pole': posts.utility_pole,
    'wall': fixtures.wall,
    'wheelchair': people.wheelchair,
    'worker': partial(people.construction_worker, walking=False),
}


class Stock:
    """Solids by kind, variant and size. They follow from the seed of the dataset alone.

    Args:
        seed: of the dataset.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def draw(self, kind: str, rng: np.random.Generator, *size: float) -> Solid:
        """A solid of a kind in BUILDERS; `rng` says which.

        Args:
            kind: name.
            rng: draws the variant.
            size: lengths in metres that the kind's builder takes, rounded down.
        """
        steps = tuple(int(length / SIZE_STEP) for length in size)
        remembered = _made_to_size if steps else _made
        return remembered(self._seed, kind, int(rng.integers(VARIANTS)), *steps)


def _make(seed: int, kind: str, variant: int, *steps: int) -> Solid:
    """The solid that follows from these; sizes are in steps of SIZE_STEP."""
    rng = generator(seed, _SALT, list(BUILDERS).index(kind), variant, *steps)
    return BUILDERS[kind](rng, *(SIZE_STEP * step for step in steps))


_made = lru_cache(maxsize=KEPT)(_make)
_made_to_size = lru_cache(maxsize=KEPT_SIZED)(_make)
