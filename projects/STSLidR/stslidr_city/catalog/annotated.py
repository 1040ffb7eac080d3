"""Which classes get 3D boxes, and which of nuScenes' attributes their boxes bear."""

from __future__ import annotations

from typing import NamedTuple

from stslidr_city.catalog.categories import (
    ADULT,
    AMBULANCE,
    ANIMAL,
    BICYCLE,
    BUS_BENDY,
    BUS_RIGID,
    CAR,
    CHILD,
    CONSTRUCTION_VEHICLE,
    CONSTRUCTION_WORKER,
    MOTORCYCLE,
    PERSONAL_MOBILITY,
    POLICE_CAR,
    POLICE_OFFICER,
    TRAILER,
    TRUCK,
    WHEELCHAIR,
)

VEHICLE_MOVING = 'vehicle.moving'
VEHICLE_STOPPED = 'vehicle.stopped'
VEHICLE_PARKED = 'vehicle.parked'
CYCLE_WITH_RIDER = 'cycle.with_rider'
CYCLE_WITHOUT_RIDER = 'cycle.without_rider'
PEDESTRIAN_MOVING = 'pedestrian.moving'
PEDESTRIAN_STANDING = 'pedestrian.standing'
PEDESTRIAN_SITTING = 'pedestrian.sitting_lying_down'

ATTRIBUTES = {
    VEHICLE_MOVING: 'The vehicle moves.',
    VEHICLE_STOPPED: 'The vehicle stands, with a driver who means to drive on.',
    VEHICLE_PARKED: 'The vehicle stands and is left there.',
    CYCLE_WITH_RIDER: 'Somebody is on the bicycle or motorcycle.',
    CYCLE_WITHOUT_RIDER: 'Nobody is on the bicycle or motorcycle.',
    PEDESTRIAN_SITTING: 'The person sits or lies.',
    PEDESTRIAN_STANDING: 'The person stands.',
    PEDESTRIAN_MOVING: 'The person moves.',
}
"""Descriptions by name."""

ANNOTATED = tuple(range(ANIMAL, TRUCK + 1))
"""The 23 classes that get boxes."""


class AttributeChoice(NamedTuple):
    """What a box of a class may bear.

    Args:
        standing: attributes while the object stands; empty if the class has no attributes.
        moving: attribute while it moves; '' if the class has none.
    """

    standing: tuple[str, ...] = ()
    moving: str = ''


NO_ATTRIBUTE = AttributeChoice()
VEHICLE = AttributeChoice((VEHICLE_PARKED, VEHICLE_STOPPED), VEHICLE_MOVING)
CYCLE = AttributeChoice((CYCLE_WITHOUT_RIDER, CYCLE_WITH_RIDER), CYCLE_WITH_RIDER)
PERSON = AttributeChoice((PEDESTRIAN_STANDING, PEDESTRIAN_SITTING), PEDESTRIAN_MOVING)

_CHOICES = {
    **dict.fromkeys(
        (CAR, TRUCK, TRAILER, BUS_BENDY, BUS_RIGID, CONSTRUCTION_VEHICLE, AMBULANCE, POLICE_CAR),
        VEHICLE,
    ),
    **dict.fromkeys((BICYCLE, MOTORCYCLE), CYCLE),
    **dict.fromkeys((ADULT, CHILD, CONSTRUCTION_WORKER, POLICE_OFFICER), PERSON),
    PERSONAL_MOBILITY: AttributeChoice((CYCLE_WITH_RIDER,), CYCLE_WITH_RIDER),
    WHEELCHAIR: AttributeChoice((PEDESTRIAN_SITTING,), PEDESTRIAN_MOVING),
}


def attribute_choice(category: int) -> AttributeChoice:
    """Attributes that a box of `category` (index) may bear.

    Raises:
        ValueError: if the category gets no box.
    """
    if category not in ANNOTATED:
        raise ValueError(f'category {category} gets no box; those that do: {ANNOTATED}')
    return _CHOICES.get(category, NO_ATTRIBUTE)
