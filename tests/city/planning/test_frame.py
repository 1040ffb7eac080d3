"""The city's frame against complex numbers: turns, shifts, poses and their inverses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslidr_city.planning.frame import CityFrame

ANGLE = st.floats(-10, 10)
PLACE = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


def moved(frame, points):
    """World positions by multiplication in the complex plane."""
    points = np.asarray(points)
    turned = (points[..., 0] + 1j * points[..., 1]) * np.exp(1j * frame.angle)
    shifted = turned + complex(*frame.origin)
    return np.stack([shifted.real, shifted.imag], axis=-1)


@settings(max_examples=50, deadline=None)
@given(ANGLE, PLACE, st.lists(PLACE, min_size=1, max_size=6))
def test_positions_go_to_the_world_and_back(angle, origin, points):
    frame = CityFrame(angle, origin)
    world = frame.to_world(points)
    assert np.allclose(world, moved(frame, points))
    assert np.allclose(frame.to_city(world), points, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(ANGLE, PLACE, PLACE, st.floats(-4, 4), st.floats(0, 1))
def test_a_pose_stands_where_its_place_does_and_looks_where_it_heads(angle, origin, at, yaw, z):
    frame = CityFrame(angle, origin)
    pose = frame.pose(*at, z, yaw)
    assert np.allclose((pose.x, pose.y), moved(frame, at))
    assert pose.z == z
    ahead = np.add(at, (np.cos(yaw), np.sin(yaw)))
    assert np.allclose(
        np.subtract(moved(frame, ahead), (pose.x, pose.y)), (np.cos(pose.yaw), np.sin(pose.yaw))
    )


@pytest.mark.parametrize('angle', [0.0, 0.3, np.pi / 2, -2.5])
def test_the_rotation_is_proper(angle):
    rotation = CityFrame(angle, (3.0, 4.0)).rotation()
    assert np.allclose(rotation @ rotation.T, np.eye(2))
    assert np.linalg.det(rotation) == pytest.approx(1)
    assert np.allclose(rotation @ (1, 0), (np.cos(angle), np.sin(angle)))


def test_shapes_of_the_arguments_are_kept():
    frame = CityFrame(0.4, (1.0, 2.0))
    for shape in ((2,), (5, 2), (3, 4, 2), (0, 2)):
        assert frame.to_world(np.zeros(shape)).shape == shape
        assert frame.to_city(np.zeros(shape)).shape == shape
    assert np.array_equal(frame.to_world((0.0, 0.0)), (1.0, 2.0))


def test_a_frame_without_turn_and_shift_changes_nothing():
    frame = CityFrame(0.0, (0.0, 0.0))
    points = np.random.default_rng(0).normal(size=(20, 2))
    assert np.array_equal(frame.to_world(points), points)
    assert frame.pose(1.0, 2.0) == (1.0, 2.0, 0.0, 0.0)
