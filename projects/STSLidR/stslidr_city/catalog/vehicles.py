"""Vehicles of all kinds. Each builder takes a random generator and returns one solid."""

from __future__ import annotations

from stslidr_city.catalog.buses import bus_bendy, bus_rigid
from stslidr_city.catalog.cars import EGO_REAR_AXLE, EGO_SIZE, car, ego_vehicle, police_car
from stslidr_city.catalog.machines import construction_vehicle
from stslidr_city.catalog.trucks import ambulance, trailer, truck

__all__ = (
    'EGO_REAR_AXLE',
    'EGO_SIZE',
    'ambulance',
    'bus_bendy',
    'bus_rigid',
    'car',
    'construction_vehicle',
    'ego_vehicle',
    'police_car',
    'trailer',
    'truck',
)
