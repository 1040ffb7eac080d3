"""Vehicles: which end is the front, wheels on the ground, glass at eye height, the ego's roof."""

from __future__ import annotations

import numpy as np
import pytest
from catalog_kinds import KINDS
from solid_probe import first_met

from stslidr_city.catalog.cars import EGO_REAR_AXLE, EGO_SIZE, ego_vehicle
from stslidr_city.catalog.finishes import PLATE, TAIL_LAMP

ROAD_VEHICLES = ('car', 'truck', 'bus_rigid', 'bus_bendy', 'trailer', 'ambulance', 'police_car')
LIDAR_AHEAD, LIDAR_HEIGHT = 0.94, 1.84  # metres from nuScenes' ego origin


def build(kind, seed):
    return KINDS[kind][0](np.random.default_rng(seed))


@pytest.mark.parametrize('kind', ROAD_VEHICLES)
def test_tail_lamps_are_behind_and_head_lamps_before(kind):
    for seed in range(6):
        lamps = [part for part in build(kind, seed).parts if part.material == 'lamp']
        tail = [part.shape.bounds.mean(axis=0)[0] for part in lamps if part.tint == TAIL_LAMP.tint]
        white = [part.shape.bounds.mean(axis=0)[0] for part in lamps if min(part.tint) > 0.5]
        assert max(tail) < -1.5 and min(white) > 1.5


@pytest.mark.parametrize('kind', ROAD_VEHICLES)
def test_tyres_stand_on_the_ground_on_both_sides(kind):
    for seed in range(6):
        solid = build(kind, seed)
        tyres = [
            part.shape.bounds
            for part in solid.parts
            if part.material == 'rubber' and part.shape.bounds[0, 2] < 0.01
        ]
        left = [bounds for bounds in tyres if bounds[1, 1] > 0.5]
        right = [bounds for bounds in tyres if bounds[0, 1] < -0.5]
        assert len(left) == len(right) >= (1 if kind == 'trailer' else 2)
        assert all(abs(bounds[0, 2]) < 1e-9 for bounds in tyres)
        if kind != 'trailer':
            middles = sorted(bounds.mean(axis=0)[0] for bounds in left)
            assert middles[0] < -0.7 and middles[-1] > 0.7


@pytest.mark.parametrize('seed', range(8))
def test_a_car_has_glass_where_a_driver_looks_out(seed):
    solid = build('car', seed)
    height = 0.78 * solid.bounds[1, 2]
    for side in (1, -1):
        part, _ = first_met(solid, (0.3, 20 * side, height), (0, -side, 0))
        assert part.material == 'glass'
    part, _ = first_met(solid, (20, 0, height), (-1, 0, 0))
    assert part.material == 'glass'


@pytest.mark.parametrize('seed', range(8))
def test_a_bus_opens_to_the_right_only(seed):
    """Doors reach down where the left side is painted; traffic keeps to the right."""
    solid = build('bus_rigid', seed)
    low = 0.5  # metres, below every window
    materials = {}
    for side in (1, -1):
        xs = np.linspace(*solid.bounds[:, 0], 60)[2:-2]
        materials[side] = {
            first_met(solid, (x, 10 * side, low), (0, -side, 0))[0].material for x in xs
        }
    assert 'glass' in materials[-1] and 'glass' not in materials[1]


@pytest.mark.parametrize('kind', ['car', 'truck', 'ambulance', 'police_car', 'bus_rigid'])
def test_licence_plates_face_both_ways(kind):
    solid = build(kind, 3)
    plates = [
        part.shape.bounds
        for part in solid.parts
        if (part.material, part.tint) == (PLATE.material, PLATE.tint)
        and np.ptp(part.shape.bounds[:, 1]) < 0.6
    ]
    assert sorted(np.sign(bounds.mean(axis=0)[0]) for bounds in plates) == [-1, 1]
    for bounds in plates:
        x, y, z = bounds.mean(axis=0)
        part, _ = first_met(solid, (10 * np.sign(x), y, z), (-np.sign(x), 0, 0))
        assert part.material == 'retroreflector'


def test_the_ego_vehicle_has_its_size_and_its_rear_axle():
    solid = ego_vehicle()
    width, length, height = EGO_SIZE
    assert np.allclose(solid.bounds[1], (length / 2, width / 2, height))
    assert np.allclose(solid.bounds[0], (-length / 2, -width / 2, 0))
    tyres = sorted(
        {
            round(part.shape.bounds.mean(axis=0)[0], 6)
            for part in solid.parts
            if part.material == 'rubber'
        }
    )
    assert len(tyres) == 2 and tyres[0] == pytest.approx(EGO_REAR_AXLE, abs=1e-6)


def test_some_of_the_lowest_beams_meet_the_ego_roof_and_level_ones_pass():
    """The LiDAR stands free above the roof, which is in the way of most of the lowest beams."""
    solid = ego_vehicle()
    lidar = np.array([EGO_REAR_AXLE + LIDAR_AHEAD, 0, LIDAR_HEIGHT])
    gap = LIDAR_HEIGHT - EGO_SIZE[2]
    assert first_met(solid, lidar, (0, 0, -1))[1] == pytest.approx(gap, abs=1e-4)
    hidden = {}
    for elevation in (-30.67, -25.33, -16.0, -2.0, 0.0):
        level, rise = np.cos(np.radians(elevation)), np.sin(np.radians(elevation))
        met = [
            first_met(solid, lidar, (level * np.cos(azimuth), level * np.sin(azimuth), rise))
            for azimuth in np.radians(np.arange(0, 360, 15))
        ]
        distances = [distance for part, distance in met if part is not None]
        assert all(0.5 < distance < 3.0 for distance in distances)
        hidden[elevation] = len(distances) / len(met)
    assert 0.6 < hidden[-30.67] < 0.95 and 0.3 < hidden[-25.33] < 0.7
    assert hidden[-16.0] == hidden[-2.0] == hidden[0.0] == 0
