"""Wet ground, and the plane that it needs."""

import numpy as np
import pytest

from stslidr.corruptions.ground import fit_ground
from stslidr.corruptions.returns import LidarReturns
from stslidr.corruptions.wet_ground import fresnel_reflectance, wet_ground, wet_share
from support.ring_sweep import HEIGHT, make_sweep, on_ground


def test_reflectance_is_fresnels():
    """In the form of sines and tangents, and at the angles that textbooks name."""
    angle = np.linspace(0.05, 1.5, 30)
    refracted = np.arcsin(np.sin(angle) / 1.33)
    expected = (
        np.sin(angle - refracted) ** 2 / np.sin(angle + refracted) ** 2
        + np.tan(angle - refracted) ** 2 / np.tan(angle + refracted) ** 2
    ) / 2
    assert np.allclose(fresnel_reflectance(angle), expected)
    upright, brewster, grazing = fresnel_reflectance(np.array([0, np.arctan(1.33), np.pi / 2]))
    assert np.isclose(upright, (0.33 / 2.33) ** 2)
    assert np.isclose(brewster, np.cos(2 * np.arctan(1.33)) ** 2 / 2)
    assert np.isclose(grazing, 1)


def test_a_wet_echo_is_the_sum_over_reflections_in_the_film():
    mirrored = fresnel_reflectance(np.radians([0, 60, 80, 88]))
    series = sum((1 - mirrored) * (0.1 * mirrored) ** k * (1 - mirrored) for k in range(50))
    assert np.allclose(wet_share(np.radians([0, 60, 80, 88])), series)


def test_only_the_ground_changes():
    sweep = make_sweep()
    corrupted = wet_ground(sweep, np.random.default_rng(0), 1.2e-3, 0.7)
    ground = on_ground(sweep)
    near_foot = np.abs(sweep.xyz[:, 2] + HEIGHT) < 0.25  # of a wall: on the plane as well
    lost = np.setdiff1d(np.arange(len(sweep)), corrupted.source)
    changed = corrupted.source[corrupted.intensity != sweep.intensity[corrupted.source]]
    assert near_foot[lost].all() and near_foot[changed].all()
    assert np.isin(np.flatnonzero(ground), np.concatenate([lost, changed])).all()
    assert len(lost) > 0 and not corrupted.noise.any()
    assert np.array_equal(corrupted.xyz, sweep.xyz[corrupted.source])


def test_intensities_on_wet_ground_follow_the_formula():
    sweep = make_sweep()
    corrupted = wet_ground(sweep, np.random.default_rng(0), 0.6e-3, 0.0)
    ground = on_ground(sweep)
    incidence = np.arccos(HEIGHT / sweep.ranges[ground])
    expected = sweep.intensity[ground] * (0.5 + 0.5 * wet_share(incidence))
    assert len(corrupted.source) == len(sweep)  # a noise floor of 0 loses nothing
    assert np.allclose(corrupted.intensity[ground], expected, rtol=1e-3)


def test_the_far_ground_is_lost_first():
    sweep = make_sweep()
    sweep.intensity[:] = 0.2
    corrupted = wet_ground(sweep, np.random.default_rng(0), 1.2e-3, 0.5)
    lost = np.setdiff1d(np.arange(len(sweep)), corrupted.source)
    stays = np.intersect1d(np.flatnonzero(on_ground(sweep)), corrupted.source)
    assert sweep.ranges[lost].min() >= sweep.ranges[stays].max() > 3


@pytest.mark.parametrize('tilt', [(0.0, 0.0), (0.06, -0.1)])
def test_the_plane_of_the_ground_is_found(tilt):
    rng = np.random.default_rng(1)
    flat = rng.uniform(-30, 30, (1500, 2))
    height = flat @ tilt - 1.7 + rng.normal(scale=0.03, size=1500)
    clutter = rng.uniform((-30, -30, -1.7), (30, 30, 3), (1500, 3))
    plane = fit_ground(
        np.concatenate([np.column_stack([flat, height]), clutter]), np.random.default_rng(0)
    )
    normal = np.array([-tilt[0], -tilt[1], 1])
    assert np.allclose(plane.normal, normal / np.linalg.norm(normal), atol=0.01)
    assert np.isclose(plane.height, 1.7 / np.linalg.norm(normal), atol=0.05)


@pytest.mark.parametrize('place', ['nowhere', 'above', 'on a wall', 'in one point'])
def test_no_plane_no_change(place):
    across = np.random.default_rng(0).uniform(-20, 20, (400, 2))
    xyz = {
        'nowhere': np.column_stack([across, np.full(400, -1.8)])[:20],
        'above': np.column_stack([across, np.full(400, 3.0)]),
        'on a wall': np.column_stack([np.full(400, 8.0), across[:, 0], across[:, 1] - 21]),
        'in one point': np.tile([8.0, 0.0, -1.8], (400, 1)),
    }[place]
    sweep = LidarReturns(xyz, np.full(len(xyz), 0.3), np.zeros(len(xyz), dtype=np.int64))
    assert fit_ground(xyz, np.random.default_rng(0)) is None
    corrupted = wet_ground(sweep, np.random.default_rng(0), 1.2e-3, 0.7)
    assert np.array_equal(corrupted.intensity, sweep.intensity)
