"""Whole scenes: what stands where, and that nothing gets in anybody's way."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from stslidr_city.catalog.categories import (
    ADULT,
    CAR,
    CHILD,
    CONSTRUCTION_WORKER,
    DRIVEABLE_SURFACE,
    POLICE_OFFICER,
    TERRAIN,
    VEGETATION,
)
from stslidr_city.planning.footprints import turned_rectangles_overlap
from stslidr_city.planning.street_cells import CELLS_IN_MEMORY
from stslidr_city.planning.world import SceneWorld
from stslidr_city.solids.solids import Standing

FLAT = range(DRIVEABLE_SURFACE, TERRAIN + 1)
PEOPLE = (ADULT, CHILD, CONSTRUCTION_WORKER, POLICE_OFFICER)
EGO_LENGTH, EGO_WIDTH, EGO_MIDDLE = 4.08, 1.79, 1.385


def keyframes(world, count, radius):
    """Ego pose, time and objects at each of the first `count` keyframes."""
    for index in range(count):
        time = 0.05 + 0.5 * index
        pose = world.ego.pose_at(time)
        yield pose, time, world.objects_near(pose[:2, 3], time, radius)


def box(thing, time):
    """Middle (2,), yaw and (length, width) of an object's box."""
    x, y, _, yaw = thing.motion.pose_at(time)
    low, high = thing.solid.bounds[:, :2]
    middle = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]) @ (low + high) / 2
    return np.array([x, y]) + middle, yaw, tuple(high - low)


def overlap(first, second):
    (place, yaw, size), (other, other_yaw, other_size) = first, second
    return turned_rectangles_overlap(
        place[None], np.array([yaw]), size, other[None], np.array([other_yaw]), other_size
    )[0]


@pytest.fixture(scope='module', params=[0, 2, 12], ids=lambda scene: f'scene {scene}')
def world(request):
    return SceneWorld(4, request.param, 5)


def test_the_same_world_whatever_is_asked_first(world):
    """A second one is asked backwards, elsewhere and for another radius in between."""
    again = SceneWorld(4, world.scene, 5)
    assert again.size == world.size and again.description == world.description
    assert again.illumination_seed == world.illumination_seed
    again.objects_near(again.ego.pose_at(2.0)[:2, 3] + 90, 2.0, 25.0)
    answers = {}
    for index, each in ((0, world), (4, again), (0, again), (4, world)):
        time = 0.5 * index
        pose = each.ego.pose_at(time)
        answers[index, each is world] = [
            (
                thing.instance,
                thing.attribute,
                thing.moving_attribute,
                thing.solid.category,
                thing.motion.pose_at(time),
                len(thing.solid.parts),
                thing.solid.parts[0].look,
                thing.solid.parts[0].tint,
                thing.solid.bounds.tolist(),
            )
            for thing in each.objects_near(pose[:2, 3], time, 50.0)
        ]
    assert answers[0, True] == answers[0, False] and answers[4, True] == answers[4, False]
    assert len(answers[0, True]) > 60


def test_objects_near_are_those_of_a_wider_search(world):
    """Cut down to the radius with each footprint's corners and edges, point by point."""
    position, time, radius = world.ego.pose_at(0.4)[:2, 3] + (7, -4), 0.4, 30.0
    near = world.objects_near(position, time, radius)
    ours = {id(thing) for thing in near}
    spread = np.stack(np.meshgrid(*[np.linspace(0, 1, 9)] * 2), axis=-1).reshape(-1, 2)
    for thing in world.objects_near(position, time, 90.0):
        x, y, _, yaw = thing.motion.pose_at(time)
        low, high = thing.solid.bounds[:, :2]
        points = low + spread * (high - low)
        turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
        distance = np.linalg.norm(points @ turn.T + (x, y) - position, axis=1).min()
        if distance < radius:
            assert id(thing) in ours
        elif isinstance(thing.motion, Standing) and max(high - low) < 200:
            gap = np.linalg.norm(high - low) / 8
            assert id(thing) not in ours or distance < radius + gap
    assert not [thing for thing in near if thing.solid.category == 31]


def test_everything_lies_within_the_worlds_size(world):
    for pose, time, things in keyframes(world, 5, 100.0):
        places = np.array(
            [thing.motion.pose_at(time)[:2] for thing in things if thing.solid.category not in FLAT]
        )
        assert (places > 0).all() and (places < world.size).all()
        assert (pose[:2, 3] > 100).all() and (pose[:2, 3] < np.array(world.size) - 100).all()


def test_nothing_touches_the_ego_vehicle(world):
    for pose, time, things in keyframes(world, 5, 40.0):
        middle = pose[:2, 3] + EGO_MIDDLE * pose[:2, 0]
        ego = middle, np.arctan2(pose[1, 0], pose[0, 0]), (EGO_LENGTH, EGO_WIDTH)
        tall = [
            thing
            for thing in things
            if thing.solid.category not in FLAT and thing.solid.category != VEGETATION
        ]  # a crown may hang over the road
        assert len(tall) > 20
        assert not [
            thing for thing in tall if overlap(ego, box(thing, time)) and thing.instance >= 0
        ]
        corners = np.array([[x, y, 0, 1] for x in (-0.6, 3.4) for y in (-0.8, 0.8)])
        assert world.driveable((pose @ corners.T)[:2].T).all()


def test_boxes_hardly_overlap(world):
    pairs = touching = 0
    for _, time, things in keyframes(world, 2, 50.0):
        boxes = [box(thing, time) for thing in things if thing.instance >= 0]
        pairs += len(boxes)
        touching += sum(
            overlap(first, second)
            for first, second in combinations(boxes, 2)
            if np.abs(first[0] - second[0]).max() < 20
        )
    assert pairs > 50 and touching <= 0.02 * pairs


def test_instances_are_unique_and_stay_with_their_objects(world):
    known = {}
    for _, _, things in keyframes(world, 5, 60.0):
        numbers = [thing.instance for thing in things if thing.instance >= 0]
        assert len(numbers) == len(set(numbers)) and max(numbers) < 2**32
        for thing in things:
            if thing.instance >= 0:
                assert known.setdefault(thing.instance, thing) is thing
            assert (thing.instance >= 0) == (1 <= thing.solid.category <= 23)


def test_things_stand_on_the_ground_that_suits_them(world):
    """Cars on driveable ground but for those in drives, people off it but for those who cross."""
    counts = Counter()
    _, time, things = next(keyframes(world, 1, 100.0))
    for thing in things:
        x, y, z, _ = thing.motion.pose_at(time)
        driveable = bool(world.driveable(np.array([[x, y]]))[0])
        if thing.solid.category == CAR and z == 0:
            assert driveable
        if thing.solid.category in PEOPLE:
            counts[driveable] += 1
    assert counts[False] > 2 * counts[True]


def test_driveable_is_the_class_of_the_topmost_ground(world):
    """By rays from above onto the slabs of the ground, one by one."""
    rng = np.random.default_rng(0)
    centre = world.ego.pose_at(0.5)[:2, 3]
    points = centre + rng.uniform(-60, 60, (1500, 2))
    down = np.tile(np.float32([0, 0, -1]), (len(points), 1))
    best = np.full(len(points), np.inf)
    category = np.zeros(len(points), dtype=int)
    for thing in world.objects_near(centre, 0.5, 90.0):
        if thing.solid.category not in FLAT or thing.solid.bounds[1, 2] > 0.5:
            continue
        x, y, z, yaw = thing.motion.pose_at(0.5)
        turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
        local = np.column_stack([(points - (x, y)) @ turn, np.full(len(points), 3.0 - z)])
        for part in thing.solid.parts:
            distance = part.shape.distances(local.astype(np.float32), down)
            category[distance < best] = thing.solid.category
            best = np.minimum(best, distance)
    agree = (category == DRIVEABLE_SURFACE) == world.driveable(points)
    on_mounds = category == TERRAIN
    assert agree[~on_mounds].mean() > 0.995 and 0.2 < world.driveable(points).mean() < 0.9
    assert not world.driveable(points)[on_mounds].mean() > 0.01


def test_the_description_names_the_scene(world):
    text = world.description
    assert world.scenario.neighbourhood.capitalize() in text and world.scenario.manoeuvre in text


def test_memory_does_not_grow_with_the_way():
    """After a straight way past more cells than are kept, what stood at its start is forgotten."""
    world = SceneWorld(0, 3, 3)
    start = world.ego.pose_at(0.0)[:2, 3]
    things = world.objects_near(start, 0.0, 12.0)
    first = [weakref.ref(thing) for thing in things if thing.solid.bounds[1, 0] < 200]
    del things
    for step in range(1, CELLS_IN_MEMORY + 12):
        world.objects_near(start + (90.0 * step, 0.0), 0.0, 1.0)
    gc.collect()
    assert len(first) > 10
    assert sum(reference() is not None for reference in first) <= 2  # of the traffic


@pytest.mark.parametrize('keyframes', [0, -3, 10**6])
def test_absurd_lengths_are_refused(keyframes):
    with pytest.raises(ValueError, match='keyframes'):
        SceneWorld(0, 0, keyframes)
