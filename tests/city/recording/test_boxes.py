"""Boxes: their place, their points, what is said of them."""

import numpy as np
import pytest
from nuscenes.utils.data_classes import Box
from nuscenes.utils.geometry_utils import points_in_box
from pyquaternion import Quaternion

from stslidr_city.recording.boxes import annotate
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid, Standing

CAR, SIZE = 17, (1.9, 4.6, 1.7)  # width, length, height
SOLID = Solid(
    (
        Part(Polyhedron.box((-2.3, -0.95, 0.2), (2.3, 0.95, 1.7)), 'car_paint'),
        Part(Polyhedron.box((-1.0, -0.5, 0.0), (1.0, 0.5, 0.3)), 'rubber'),
    ),
    CAR,
)


class Driving:
    """Straight on, at a constant speed."""

    def __init__(self, x, y, yaw, speed):
        self.start, self.yaw, self.speed = (x, y), yaw, speed

    def pose_at(self, time):
        x, y = self.velocity_at(time)
        return Pose(self.start[0] + x * time, self.start[1] + y * time, 0.4, self.yaw)

    def velocity_at(self, time):
        return self.speed * np.cos(self.yaw), self.speed * np.sin(self.yaw)


def boxes_of(things, points=None, visible=10, alone=40, time=0.0, ego=None):
    if points is None:  # one inside each
        poses = [thing.motion.pose_at(time) for thing in things]
        points = np.array([(pose.x, pose.y, pose.z + 0.5) for pose in poses])
    ego = np.eye(4) if ego is None else ego
    return annotate(
        things, ego, time, points, np.full(len(things), visible), np.full(len(things), alone)
    )


def test_the_box_is_the_hull_of_the_parts():
    thing = SceneObject(SOLID, Standing(Pose(5.0, -7.0, 0.4, 0.6)), 3, attribute='vehicle.parked')
    (box,) = boxes_of([thing])
    assert box.size == pytest.approx(SIZE) and box.yaw == 0.6
    assert box.center == pytest.approx((5.0, -7.0, 0.4 + 0.85))
    assert (box.instance, box.category, box.attribute) == (3, CAR, 'vehicle.parked')
    assert box.visibility == 0.25 and box.num_lidar_pts == 1


def test_points_are_counted_as_the_devkit_counts_them():
    rng = np.random.default_rng(0)
    things = [
        SceneObject(
            SOLID,
            Standing(Pose(*rng.uniform(-6, 6, 2), rng.uniform(-1, 1), rng.uniform(-9, 9))),
            number,
        )
        for number in range(25)
    ]
    points = rng.uniform((-9, -9, -2), (9, 9, 3), (4000, 3))
    counts = []
    for box in boxes_of(things, points):
        devkit = Box(box.center, box.size, Quaternion(axis=(0, 0, 1), angle=box.yaw))
        counts.append(points_in_box(devkit, points.T).sum())
        assert box.num_lidar_pts == counts[-1]
    assert len(counts) == 25 and min(counts) > 0


def test_what_moves_has_its_box_where_the_beams_met_it():
    """Ahead and to the left of the start of the revolution: the beams pass 8 degrees after."""
    heading = np.radians(90.0)
    thing = SceneObject(SOLID, Driving(0.0, 20.0, 0.0, 10.0), 0, moving_attribute='vehicle.moving')
    ego = np.eye(4)
    (box,) = boxes_of([thing], ego=ego)
    delay = -0.05 * (1 - np.degrees(np.radians(98.0) - heading) / 360)
    assert box.center[0] == pytest.approx(10.0 * delay, abs=1e-6)
    assert box.attribute == 'vehicle.moving'


def test_headings_count_from_the_vehicle():
    """The same object, seen from a vehicle that is turned round, is met half a revolution later."""
    thing = SceneObject(SOLID, Driving(0.0, 20.0, 0.0, 10.0), 0)
    turned = np.diag([-1.0, -1.0, 1.0, 1.0])
    (one,), (other,) = boxes_of([thing]), boxes_of([thing], ego=turned)
    assert other.center[0] - one.center[0] == pytest.approx(0.25, abs=1e-6)


def test_what_has_no_point_or_nobody_annotates_has_no_box():
    seen = SceneObject(SOLID, Standing(Pose(5.0, 0.0, 0.0, 0.0)), 0)
    unnamed = SceneObject(SOLID, Standing(Pose(5.0, 0.0, 0.0, 0.0)))
    inside = np.array([[5.0, 0.0, 1.0]])
    assert len(boxes_of([seen], inside, visible=0)) == 1
    assert boxes_of([seen], inside + 10, visible=5) == []
    assert boxes_of([unnamed], inside) == []
    (box,) = boxes_of([seen], inside, visible=0, alone=0)
    assert box.visibility == 0.0
