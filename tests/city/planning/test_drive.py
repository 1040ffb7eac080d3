"""Speeds along a route: limits in turns, gentle braking, a stop and a start at a light."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import make_scenario

from stslidr_city.planning.drive import (
    ACCELERATION,
    BRAKING,
    MARGIN_SECONDS,
    MAX_SPEED,
    MIN_CRUISE,
    WAIT_SECONDS,
    Drive,
)
from stslidr_city.planning.scenario import MANOEUVRES
from stslidr_city.planning.streets import StreetGrid

SCENES = range(5)
STEP = 0.02
DURATION = 20.0


def made(manoeuvre, scene, duration=DURATION):
    scenario = make_scenario(13, scene, duration, manoeuvre=manoeuvre)
    return Drive(StreetGrid(scenario), scenario)


def travelled(drive, times):
    """Metres along the route, by summing up the steps of the positions."""
    fine = np.arange(drive.first, times[-1] + STEP, STEP)
    steps = np.linalg.norm(np.diff(drive.position(fine), axis=0), axis=1)
    return np.interp(times, fine, np.concatenate([[0.0], np.cumsum(steps)]))


@pytest.fixture(scope='module', params=MANOEUVRES)
def drives(request):
    return request.param, [made(request.param, scene) for scene in SCENES]


def times_of(drive):
    return np.arange(drive.first + 0.1, drive.last - 0.1, STEP)


def speeds_of(drive):
    return np.linalg.norm(drive.velocity(times_of(drive)), axis=1)


def test_a_drive_begins_before_and_ends_after_the_scene(drives):
    for drive in drives[1]:
        assert drive.first == -MARGIN_SECONDS and drive.last == DURATION + MARGIN_SECONDS
        assert MIN_CRUISE <= drive.cruise <= MAX_SPEED / 1.12


def test_speeds_stay_below_the_limit(drives):
    for drive in drives[1]:
        speeds = speeds_of(drive)
        assert speeds.max() <= MAX_SPEED * 1.01 and speeds.min() >= 0
        assert speeds.max() < 1.13 * drive.cruise


def test_velocity_is_the_derivative_of_the_position(drives):
    for drive in drives[1]:
        times = times_of(drive)
        difference = (drive.position(times + 1e-4) - drive.position(times - 1e-4)) / 2e-4
        assert np.allclose(drive.velocity(times), difference, atol=1e-3)


def test_acceleration_is_the_derivative_of_the_speed_and_gentle(drives):
    for drive in drives[1]:
        times = times_of(drive)
        speeds = speeds_of(drive)
        slope = np.gradient(speeds, STEP)
        acceleration = drive.acceleration(times)
        assert np.median(np.abs(slope - acceleration)) < 0.05
        assert acceleration.max() <= ACCELERATION * 1.6
        assert acceleration.min() >= -1.6 * BRAKING * 1.6


def test_it_slows_down_for_turns(drives):
    """While it is within a turn it goes no faster than a fifth over the turn's speed."""
    for drive in drives[1]:
        times = times_of(drive)
        distances, speeds = travelled(drive, times), speeds_of(drive)
        for turn in drive.route.turns:
            within = (distances > turn.start + 1) & (distances < turn.end - 1)
            if within.any() and distances[0] < turn.start - 25:
                assert speeds[within].max() < 1.2 * turn.speed + 0.3


def test_it_looks_along_its_velocity(drives):
    for drive in drives[1]:
        times = times_of(drive)[::10]
        velocity, heading = drive.velocity(times), drive.heading(times)
        moving = np.linalg.norm(velocity, axis=1) > 0.3
        ahead = np.column_stack([np.cos(heading), np.sin(heading)])[moving]
        across = velocity[moving, 0] * ahead[:, 1] - velocity[moving, 1] * ahead[:, 0]
        assert np.abs(across).max() < 0.02


def test_it_waits_at_a_light_and_goes_on():
    """It stands for 4 to 9 seconds, where its route says, if the scene is long enough."""
    complete = 0
    for scene in range(14):
        drive = made('stop at a light', scene, 40.0)
        times = times_of(drive)
        speeds = speeds_of(drive)
        standing = speeds < 0.02
        assert standing.any()
        at = travelled(drive, times)[standing]
        assert np.ptp(at) < 1.5
        assert at.mean() == pytest.approx(drive.route.stop, abs=1.5)
        seconds = standing.sum() * STEP
        if speeds[-1] > 2:
            complete += 1
            assert WAIT_SECONDS[0] - 1 < seconds < WAIT_SECONDS[1] + 2.5
    assert complete >= 5


def test_without_a_light_it_never_stands():
    for manoeuvre in ('straight on', 'lane change'):
        for scene in SCENES:
            assert speeds_of(made(manoeuvre, scene)).min() > 1.5


def test_a_scene_of_one_keyframe_is_driven_too():
    """No seconds but the margins: the places at both ends are known."""
    for manoeuvre in MANOEUVRES:
        drive = made(manoeuvre, 1, 0.0)
        assert (drive.first, drive.last) == (-MARGIN_SECONDS, MARGIN_SECONDS)
        assert np.isfinite(drive.position([drive.first, 0.0, drive.last])).all()


def test_shapes_follow_the_times():
    drive = made('straight on', 0)
    for times in (0.5, np.zeros(3), np.zeros((2, 4))):
        shape = np.shape(times)
        assert drive.position(times).shape == (*shape, 2)
        assert drive.velocity(times).shape == (*shape, 2)
        assert np.shape(drive.heading(times)) == np.shape(drive.acceleration(times)) == shape
