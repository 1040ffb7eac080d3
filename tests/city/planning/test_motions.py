"""Motions against differences of their poses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.motions import Cruising, Queueing, Strolling, Track
from stslidr_city.planning.scenario import draw_scenario
from stslidr_city.planning.streets import StreetGrid

FRAME = CityFrame(0.7, (300.0, 200.0))
GRID = StreetGrid(draw_scenario(0, 0, 1.0))


def motions():
    for axis in (0, 1):
        street = GRID.street(axis, 1)
        for heading in (1, -1):
            track = Track(FRAME, street, -2.0, heading)
            yield street, Cruising(track, 12.0, 7.0), heading
            yield street, Queueing(track, 30.0, 8.0, 3.1), heading
            yield street, Queueing(track, 30.0, 8.0, -math.inf), heading
        yield street, Strolling(Track(FRAME, street, 4.0, 1), 5.0, 20.0, 1.3, 33.0), 1


@pytest.mark.parametrize('street, motion, heading', motions())
def test_velocity_is_the_derivative_and_nothing_jumps(street, motion, heading):
    times, step = np.arange(-20, 40, 0.0171), 1e-5
    poses = np.array([motion.pose_at(time) for time in times])
    velocities = np.array([motion.velocity_at(time) for time in times])
    assert np.linalg.norm(np.diff(poses[:, :2], axis=0), axis=1).max() < 8.5 * 0.0171
    difference = (
        np.array(
            [
                np.subtract(motion.pose_at(time + step)[:2], motion.pose_at(time)[:2])
                for time in times
            ]
        )
        / step
    )
    error = np.linalg.norm(difference - velocities, axis=1)
    assert (error < 1e-3).mean() > 0.99  # all but where a stroller turns round
    speeds = np.linalg.norm(velocities, axis=1)
    moving = speeds > 1e-6
    forward = np.column_stack([np.cos(poses[:, 3]), np.sin(poses[:, 3])])
    assert np.allclose(velocities[moving], speeds[moving, None] * forward[moving], atol=1e-6)


@pytest.mark.parametrize('street, motion, heading', motions())
def test_they_stay_on_their_line(street, motion, heading):
    lateral = 4.0 if isinstance(motion, Strolling) else -2.0
    for time in (-10.0, 0.0, 3.3, 50.0):
        pose = motion.pose_at(time)
        along, across = street.coordinates(*FRAME.to_city(np.array(pose[:2])))
        assert np.isclose(across, lateral)
        if isinstance(motion, Strolling):
            assert 5 - 1e-9 <= along <= 25 + 1e-9
        if isinstance(motion, Queueing) and time > 3.1:
            assert np.isclose(along, 30)


def test_a_queueing_vehicle_brakes_evenly():
    """From 8 m/s at 2 m/s^2: 16 m and 4 s before it stands."""
    motion = Queueing(Track(FRAME, GRID.street(0, 0), 0.0, 1), 100.0, 8.0, 10.0)
    assert np.isclose(motion.remaining(6.0), 16) and np.isclose(motion.remaining(8.0), 4)
    assert np.isclose(motion.remaining(1.0), 16 + 5 * 8) and motion.remaining(11.0) == 0


def test_a_track_follows_the_ground():
    track = Track(FRAME, GRID.street(1, 0), 1.0, 1, height=lambda along: 0.15 if along > 3 else 0)
    assert Cruising(track, 0.0, 2.0).pose_at(1.0).z == 0
    assert Cruising(track, 0.0, 2.0).pose_at(2.0).z == 0.15
