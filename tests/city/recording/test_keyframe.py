"""A keyframe of a street of boxes, against float64 rays that know nothing of the ray caster."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from pyquaternion import Quaternion

from stslidr_city.appearance.materials import MaterialLibrary
from stslidr_city.catalog.cars import EGO_REAR_AXLE, EGO_SIZE
from stslidr_city.catalog.categories import (
    CAR,
    DRIVEABLE_SURFACE,
    EGO_VEHICLE,
    MANMADE,
    NOISE,
    VEGETATION,
)
from stslidr_city.recording.keyframe import (
    MICROSECONDS,
    VIEW_RADIUS,
    keyframe_timestamps,
    render_keyframe,
)
from stslidr_city.recording.rig import (
    BEAM_ELEVATIONS,
    CAMERAS,
    CHANNELS,
    COLUMNS,
    LIDAR,
    Rig,
    column_azimuths,
    column_delays,
    trigger_delay,
)
from stslidr_city.recording.sweep import RANGE_NOISE
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid

RIG = Rig((96, 54))
INDEX, TIME = 1, 0.55
START = np.array([700.0, 500.0])
SPEED = 9.0  # of the ego vehicle, metres per second


class Driving(NamedTuple):
    """Straight on from a pose at `TIME`."""

    x: float
    y: float
    yaw: float
    velocity: tuple[float, float] = (0.0, 0.0)

    def position(self, times):
        """(N, 3) at times (N,)."""
        east, north = (speed * (times - TIME) for speed in self.velocity)
        x, y = START[0] + self.x + east, START[1] + self.y + north
        return np.stack([x, y, 0.0 * x], axis=-1)

    def pose_at(self, time):
        return Pose(*self.position(np.float64(time)), self.yaw)

    def velocity_at(self, time):
        return self.velocity


class Box(NamedTuple):
    """One thing of the street."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    category: int
    motion: Driving
    instance: int = -1

    def scene_object(self):
        part = Part(Polyhedron.box(self.low, self.high), 'concrete')
        attributes = {'attribute': 'vehicle.parked', 'moving_attribute': 'vehicle.moving'}
        return SceneObject(Solid((part,), self.category), self.motion, self.instance, **attributes)

    def to_frame(self, points, times):
        """World points (N, 3) at times (N,) in the box's frame."""
        return turned(points - self.motion.position(times), -self.motion.yaw)


STREET = [
    Box((-200, -200, -1), (200, 200, 0), DRIVEABLE_SURFACE, Driving(0, 0, 0)),
    Box((-20, -1, 0), (20, 1, 8), MANMADE, Driving(3, 12, 0.1)),
    Box((-4, -4, 0), (4, 4, 25), MANMADE, Driving(25, -20, 0.7)),
    Box((-1, -1, 0), (1, 1, 6), VEGETATION, Driving(-9, -7, 0.3)),
    Box((-0.3, -0.3, 0), (0.3, 0.3, 5), VEGETATION, Driving(6, 2.5, 0.0)),
    Box((-2.2, -0.9, 0), (2.2, 0.9, 1.6), CAR, Driving(11, 3.5, 0.2, (12.0, 2.4)), 7),
    Box((-2.2, -0.9, 0), (2.2, 0.9, 1.6), CAR, Driving(-60, 30, 1.0), 9),
    Box((-2.2, -0.9, 0), (2.2, 0.9, 1.6), CAR, Driving(4, 20, 1.0), 11),  # behind the wall
]


class Ego:
    """Along x with a little pitch."""

    def pose_at(self, time):
        time = np.asarray(time, dtype=np.float64)
        pose = np.tile(np.eye(4), (*time.shape, 1, 1))
        pose[..., :3, :3] = Quaternion(axis=(0.1, 1, 0.2), angle=0.02).rotation_matrix
        pose[..., 0, 3] = START[0] + SPEED * (time - TIME)
        pose[..., 1, 3] = START[1]
        return pose

    def velocity_at(self, time):
        return np.array([SPEED, 0.0])


class Street:
    """What the recording asks of a world."""

    ego = Ego()
    illumination_seed = 4

    def __init__(self, seed=3, scene=1):
        self.seed, self.scene = seed, scene
        self.asked = []

    def objects_near(self, position, time, radius):
        self.asked.append((tuple(position), time, radius))
        return [box.scene_object() for box in STREET]


def turned(vectors, yaw):
    """Vectors (N, 3) turned by `yaw` around z."""
    return vectors @ Quaternion(axis=(0, 0, 1), angle=yaw).rotation_matrix.T


def heading(pose):
    """Of the x axis of a pose (4, 4)."""
    return np.arctan2(pose[1, 0], pose[0, 0])


def enter(box, origins, directions, times):
    """Distance (N,) at which rays enter a box, inf if they miss it: slab by slab."""
    start, way = box.to_frame(origins, times), turned(directions, -box.motion.yaw)
    with np.errstate(divide='ignore', invalid='ignore'):
        bounds = np.stack([(np.array(side) - start) / way for side in (box.low, box.high)])
    first, last = bounds.min(axis=0).max(axis=1), bounds.max(axis=0).min(axis=1)
    return np.where((first <= last) & (first > 0), first, np.inf)


def meet(boxes, origins, directions, times):
    """Number of the box that each ray meets first, -1 for the sky, and the distance."""
    distances = np.stack([enter(box, origins, directions, times) for box in boxes])
    nearest = distances.min(axis=0)
    return np.where(nearest < np.inf, distances.argmin(axis=0), -1), nearest


def pixel_rays(channel, shift=(0.0, 0.0)):
    """Origins, directions of depth 1 (N, 3) and times of all pixels, from their projection."""
    time = keyframe_timestamps(INDEX)[channel] / MICROSECONDS
    cam2world = Ego().pose_at(time) @ RIG.sensor2ego[channel]
    width, height = RIG.image_size
    v, u = (grid.ravel() for grid in np.mgrid[:height, :width].astype(float))
    pixels = np.column_stack([u + shift[0], v + shift[1], np.ones(len(u))])
    directions = pixels @ np.linalg.inv(RIG.cam2img[channel]).T @ cam2world[:3, :3].T
    count = len(directions)
    return np.tile(cam2world[:3, 3], (count, 1)), directions, np.full(count, time)


def in_world(sweep):
    """Points of the sweep in the world, float64 (N, 3)."""
    last = Ego().pose_at(TIME) @ RIG.sensor2ego[LIDAR]
    return sweep[:, :3].astype(np.float64) @ last[:3, :3].T + last[:3, 3]


def count_inside(box, sweep):
    """Points of the sweep in a box where it was when the beams, from 98 degrees on, passed it."""
    forward, left, *_ = np.linalg.inv(Ego().pose_at(TIME)) @ (*box.motion.position(TIME), 1)
    turn = (98 - np.degrees(np.arctan2(left, forward))) % 360 / 360
    points = in_world(sweep)
    local = box.to_frame(points, np.full(len(points), TIME - 0.05 * (1 - turn)))
    return ((local >= box.low) & (local <= box.high)).all(axis=1).sum()


@pytest.fixture(scope='module')
def library():
    return MaterialLibrary(3)


@pytest.fixture(scope='module')
def world():
    return Street()


@pytest.fixture(scope='module')
def keyframe(world, library):
    return render_keyframe(world, INDEX, RIG, library)


def test_time_stamps_are_half_a_second_apart_and_end_with_the_sweep():
    for index in (0, 1, 39):
        stamps = keyframe_timestamps(index)
        assert list(stamps) == list(CHANNELS)
        assert stamps[LIDAR] == 50_000 + 500_000 * index
        for camera in CAMERAS:
            assert isinstance(stamps[camera], int)
            delay = stamps[camera] - stamps[LIDAR]
            assert delay == pytest.approx(trigger_delay(camera) * MICROSECONDS, abs=0.51)
            assert -50_000 <= delay < 0


def test_types_and_shapes(keyframe):
    width, height = RIG.image_size
    for channel in CAMERAS:
        image, depth = keyframe.images[channel], keyframe.depth_maps[channel]
        assert image.shape == (height, width, 3) and image.dtype == np.uint8
        assert depth.shape == (height, width) and depth.dtype == np.float32
        assert keyframe.class_maps[channel].dtype == np.uint8
    assert keyframe.sweep.shape == (32 * COLUMNS, 5) and keyframe.sweep.dtype == np.float32
    assert keyframe.labels.shape == (32 * COLUMNS,) and keyframe.labels.dtype == np.uint8


def test_what_stands_around_is_asked_for_at_the_sweeps_time(world, keyframe):
    ((position, time, radius),) = set(world.asked)
    assert position == pytest.approx(START) and time == TIME and radius == VIEW_RADIUS
    assert keyframe.timestamps == keyframe_timestamps(INDEX)
    for channel, stamp in keyframe.timestamps.items():
        expected = Ego().pose_at(stamp / MICROSECONDS)
        assert np.array_equal(keyframe.ego_poses[channel], expected)


@pytest.mark.parametrize('channel', CAMERAS)
def test_class_and_depth_maps_are_those_of_a_ray_for_each_pixel(keyframe, channel):
    """But for pixels that a fiftieth of a pixel aside show something else."""
    met, depth = meet(STREET, *pixel_rays(channel))
    clear = np.ones(len(met), bool)
    for shift in ((0.02, 0), (-0.02, 0), (0, 0.02), (0, -0.02)):
        clear &= met == meet(STREET, *pixel_rays(channel, shift))[0]
    assert clear.mean() > 0.97
    classes = np.array([*(box.category for box in STREET), NOISE])[met]
    assert np.array_equal(keyframe.class_maps[channel].ravel()[clear], classes[clear])
    found = keyframe.depth_maps[channel].ravel()
    assert np.array_equal(np.isinf(found[clear]), met[clear] < 0)
    seen = clear & (met >= 0) & (depth < 100)
    assert seen.sum() > 1000
    np.testing.assert_allclose(found[seen], depth[seen], rtol=2e-4)


def test_the_vehicle_itself_is_in_the_lidars_way_and_in_no_picture(keyframe):
    own = keyframe.labels == EGO_VEHICLE
    assert 500 < own.sum() < 20_000
    assert np.linalg.norm(keyframe.sweep[own, :3], axis=1).max() < 4
    assert all(EGO_VEHICLE not in classes for classes in keyframe.class_maps.values())


def test_returns_from_the_vehicle_lie_on_its_body(keyframe):
    """Around a middle ahead of the rear axle; the first beams met it where it was 50 ms before."""
    own = keyframe.sweep[keyframe.labels == EGO_VEHICLE]
    pose = Ego().pose_at(TIME)
    x, y, _ = turned(in_world(own) - pose[:3, 3], -heading(pose)).T
    width, length, _ = EGO_SIZE
    front, back = length / 2 - EGO_REAR_AXLE, -length / 2 - EGO_REAR_AXLE - 0.05 * SPEED
    slack = 5 * RANGE_NOISE
    assert np.abs(y).max() < width / 2 + slack
    assert back - slack < x.min() and x.max() < front + slack
    assert x.max() > length / 2 + EGO_REAR_AXLE + slack, 'further than if it were behind'


@pytest.mark.parametrize('width, spacing', [(64, 0.3), (400, 0.3), (800, 0.2), (1600, 0.1)])
def test_shadows_are_finer_for_larger_images_and_the_vehicle_throws_one(
    world, library, monkeypatch, width, spacing
):
    class Seen(Exception):
        pass

    def shadow_map(objects, centre, light, time, found):
        assert [each.solid.category for each in objects] == [
            *(box.category for box in STREET),
            EGO_VEHICLE,
        ]
        assert np.array_equal(centre, Ego().pose_at(TIME)[:3, 3]) and time == TIME
        assert found == pytest.approx(spacing)
        raise Seen

    monkeypatch.setattr('stslidr_city.recording.keyframe.shadow_map', shadow_map)
    with pytest.raises(Seen):
        render_keyframe(world, INDEX, Rig((width, width * 9 // 16)), library)


def test_returns_are_those_of_a_ray_for_each_beam(keyframe):
    """Labels and ranges of beams that met anything but the vehicle, each at its own time."""
    times = TIME + column_delays()
    lidar2world = Ego().pose_at(times) @ RIG.sensor2ego[LIDAR]
    azimuths, elevations = np.meshgrid(column_azimuths(), BEAM_ELEVATIONS, indexing='ij')
    flat = np.cos(elevations)
    local = np.stack(
        [flat * np.cos(azimuths), flat * np.sin(azimuths), np.sin(elevations)], axis=-1
    )
    directions = np.einsum('cij,crj->cri', lidar2world[:, :3, :3], local).reshape(-1, 3)
    origins = lidar2world[:, :3, 3].repeat(32, axis=0)
    met, distance = meet(STREET, origins, directions, times.repeat(32))
    returned = (keyframe.labels != NOISE) & (keyframe.labels != EGO_VEHICLE)
    assert returned.sum() > 10_000
    classes = np.array([*(box.category for box in STREET), NOISE])[met]
    assert (classes == keyframe.labels)[returned].mean() > 0.998
    away = np.linalg.norm(in_world(keyframe.sweep) - origins, axis=1) - distance
    assert np.abs(away[returned & (classes == keyframe.labels)]).mean() < RANGE_NOISE
    spread = np.quantile(np.abs(away[returned]), 0.68)
    assert spread == pytest.approx(RANGE_NOISE, rel=0.1)


def test_boxes_state_what_the_pictures_show_of_each_car(keyframe):
    """Pixels that show it, over those that would without the rest of the street."""
    shown, alone = np.zeros(len(STREET)), np.zeros(len(STREET))
    for channel in CAMERAS:
        rays = pixel_rays(channel)
        met, _ = meet(STREET, *rays)
        shown += np.bincount(met + 1, minlength=len(STREET) + 1)[1:]
        alone += [np.isfinite(enter(box, *rays)).sum() for box in STREET]
    found = {box.instance: box for box in keyframe.boxes}
    assert 7 in found and 11 not in found, 'the car behind the wall has no point'
    for number, box in enumerate(STREET):
        if box.instance in found:
            fraction = shown[number] / alone[number]
            assert found[box.instance].visibility == pytest.approx(fraction, abs=0.02)
    assert 0.3 < found[7].visibility < 0.97, 'a pole stands before it'
    assert found[7].num_lidar_pts == pytest.approx(count_inside(STREET[5], keyframe.sweep), abs=1)
    assert found[7].attribute == 'vehicle.moving' and found[7].size == (1.8, 4.4, 1.6)


def test_a_keyframe_follows_from_seed_scene_and_index(keyframe):
    """Another library of the same seed and another order of keyframes change nothing."""
    again = Street()
    other_library = MaterialLibrary(3)
    moved = render_keyframe(again, INDEX + 1, RIG, other_library)
    same = render_keyframe(again, INDEX, RIG, other_library)
    assert np.array_equal(same.sweep, keyframe.sweep) and same.boxes == keyframe.boxes
    for channel in CAMERAS:
        assert np.array_equal(same.images[channel], keyframe.images[channel])
    assert not np.array_equal(moved.sweep, keyframe.sweep)


@pytest.mark.parametrize('change', [{'seed': 4}, {'scene': 2}])
def test_another_seed_or_scene_draws_other_noise(keyframe, library, change):
    other = render_keyframe(Street(**change), INDEX, RIG, library)
    assert not np.array_equal(other.sweep, keyframe.sweep)
    away = other.images['CAM_FRONT'].astype(int) - keyframe.images['CAM_FRONT']
    assert 0 < np.abs(away).mean() < 5  # the same light and the same street
    assert np.array_equal(other.class_maps['CAM_FRONT'], keyframe.class_maps['CAM_FRONT'])


def test_the_lidars_noise_does_not_depend_on_the_cameras(world, keyframe):
    larger = render_keyframe(world, INDEX, Rig((128, 72)), MaterialLibrary(3))
    assert np.array_equal(larger.sweep, keyframe.sweep)
    assert larger.images['CAM_BACK'].shape == (72, 128, 3)


def test_every_camera_of_every_keyframe_draws_noise_of_its_own(world, library, monkeypatch):
    """What each picture's generator gives first."""
    draws = []

    def develop(grid, seen, radiance, light, rng):
        draws.append(rng.random())
        return np.zeros((*grid.shape, 3), np.uint8)

    monkeypatch.setattr('stslidr_city.recording.keyframe.develop', develop)
    for index in (INDEX, INDEX + 1):
        render_keyframe(world, index, RIG, library)
    assert len(draws) == len(set(draws)) == 2 * len(CAMERAS)
