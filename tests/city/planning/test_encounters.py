"""Every class is met in any ten scenes of three keyframes, and rare ones are rare."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from stslidr_city.catalog.categories import (
    ADULT,
    BARRIER,
    BICYCLE,
    BUS_BENDY,
    BUS_RIGID,
    CAR,
    CONSTRUCTION_VEHICLE,
    DRIVEABLE_SURFACE,
    MANMADE,
    MOTORCYCLE,
    OTHER_FLAT,
    SIDEWALK,
    TERRAIN,
    TRAFFIC_CONE,
    TRAILER,
    TRUCK,
    VEGETATION,
)
from stslidr_city.planning.world import SceneWorld

SCENES = 16
REACH = 45.0  # metres to the middle of the object; a bus' end is 9 m nearer
CLASSES = (
    ADULT,
    BARRIER,
    BICYCLE,
    BUS_BENDY,
    BUS_RIGID,
    CAR,
    CONSTRUCTION_VEHICLE,
    DRIVEABLE_SURFACE,
    MANMADE,
    MOTORCYCLE,
    OTHER_FLAT,
    SIDEWALK,
    TERRAIN,
    TRAFFIC_CONE,
    TRAILER,
    TRUCK,
    VEGETATION,
)


@pytest.fixture(scope='module')
def met():
    """The scenes in which each class comes within REACH at one of three keyframes."""
    scenes = defaultdict(set)
    for scene in range(SCENES):
        world = SceneWorld(11, scene, 3)
        for time in (0.05, 0.55, 1.05):
            position = world.ego.pose_at(time)[:2, 3]
            for thing in world.objects_near(position, time, 40.0):
                place = thing.motion.pose_at(time)[:2]
                if thing.instance < 0 or np.linalg.norm(position - place) < REACH:
                    scenes[thing.solid.category].add(scene)
    return scenes


@pytest.mark.parametrize('category', CLASSES)
def test_each_class_is_met_in_any_ten_scenes(met, category):
    for first in range(SCENES - 9):
        assert met[category] & set(range(first, first + 10)), (category, first)


def test_rare_classes_are_rare(met):
    for category in (BICYCLE, BUS_BENDY, BUS_RIGID, CONSTRUCTION_VEHICLE, MOTORCYCLE, TRAILER):
        assert len(met[category]) <= 0.45 * SCENES
    assert len(met[CAR]) == SCENES
