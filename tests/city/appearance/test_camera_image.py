"""Pictures: sky where nothing is hit, exposure, noise, tone curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslidr_city.appearance.camera_image import develop
from stslidr_city.appearance.illumination import Illumination
from stslidr_city.raycasting.rays import PinholeRays
from support.surfaces import part, surface_of

LIGHT = Illumination(
    sun_direction=(0.0, -0.6, 0.8),
    sun_colour=(0.8, 0.8, 0.8),
    zenith_colour=(0.1, 0.2, 0.4),
    horizon_colour=(0.4, 0.5, 0.6),
    cloud_cover=0.0,
)
FORWARD = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])  # along x


def camera(width=80, height=60):
    focal = 0.8 * width
    return PinholeRays(
        FORWARD,
        [[focal, 0, width / 2 - 0.5], [0, focal, height / 2 - 0.5], [0, 0, 1]],
        (height, width),
        0.0,
    )


def taken(radiance, rays=None, grid=None, light=LIGHT, seed=0):
    grid = grid or camera()
    rays = np.arange(grid.directions.size // 3) if rays is None else rays
    seen = surface_of([part('soil')], 0, np.zeros((len(rays), 3)), (0, 0, 1), ray=rays)
    light_from = np.broadcast_to(np.asarray(radiance, np.float32), (len(rays), 3))
    return develop(grid, seen, light_from, light, np.random.default_rng(seed))


def test_a_picture_has_a_pixel_for_each_ray_and_follows_from_the_generator():
    first, same, other = (taken((0.2, 0.2, 0.2), seed=seed) for seed in (0, 0, 1))
    assert first.shape == (60, 80, 3) and first.dtype == np.uint8
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)
    assert np.abs(first.astype(int) - other).max() < 20


def test_rays_that_hit_nothing_show_the_sky():
    """The upper half: blue as the sky, more so higher up; the lower half is black."""
    image = taken((0.0, 0.0, 0.0), rays=np.arange(40 * 80, 60 * 80)).astype(float)
    assert image[45:].mean() < 15
    top, low = image[2:8].mean(axis=(0, 1)), image[26:30].mean(axis=(0, 1))
    assert top[2] > top[1] > top[0] and low[2] > low[0]
    assert low.sum() > top.sum()  # the horizon is brighter than the zenith


def test_all_sky():
    assert taken(np.zeros((0, 3)), rays=np.zeros(0, int)).min() > 50


def test_exposure_levels_out_dark_and_bright_scenes():
    dark, bright = (taken((value,) * 3).mean() for value in (0.02, 0.8))
    assert 20 < dark < bright < 240
    ratio_out = (bright / dark) ** 2.2  # about linear light
    assert ratio_out < 0.5 * 0.8 / 0.02
    longer = taken((0.1,) * 3, light=replace(LIGHT, exposure=1.5)).mean()
    assert longer > taken((0.1,) * 3).mean() + 5


def test_white_balance_tints():
    warm = replace(LIGHT, white_balance=(1.2, 1.0, 0.8))
    red, green, blue = taken((0.2, 0.2, 0.2), light=warm).mean(axis=(0, 1))
    assert red > green > blue


def test_corners_are_darker():
    image = taken((0.2, 0.2, 0.2), grid=camera(320, 180)).astype(float).mean(axis=-1)
    corners = [
        image[rows, columns].mean()
        for rows in (slice(0, 9), slice(-9, None))
        for columns in (slice(0, 16), slice(-16, None))
    ]
    assert max(corners) < image[80:100, 140:180].mean() - 5


def test_noise_is_less_in_small_pictures():
    """A pixel of a picture of half the width stands for four: half the deviation."""
    deviations = []
    for width in (800, 400):
        image = taken((0.2, 0.2, 0.2), grid=camera(width, 300)).astype(float)
        middle = image[140:160, width // 2 - 60 : width // 2 + 60]
        deviations.append(np.sqrt(middle.var() - 1 / 12))
    assert deviations[0] == pytest.approx(2 * deviations[1], rel=0.25)


def test_an_edge_is_blurred_over_a_pixel_and_no_more():
    grid = camera(80, 60)
    columns = np.arange(60 * 80) % 80
    radiance = np.where(columns < 40, 0.02, 0.4)[:, None] * np.ones(3)
    row = taken(radiance, grid=grid)[25:35].astype(float).mean(axis=(0, 2))
    assert np.ptp(row[30:39]) < 6 and np.ptp(row[41:50]) < 6
    assert row[38] + 3 < row[39] < row[40] < row[41] - 3


def test_the_tone_curve_never_falls():
    """A ramp of light over the columns, brighter than white at its end."""
    grid = camera(640, 60)
    radiance = np.tile(np.linspace(0, 3, 640), 60)[:, None] * np.ones(3)
    ramp = taken(radiance, grid=grid).astype(float).mean(axis=(0, 2))
    smooth = np.convolve(ramp, np.ones(25) / 25, 'valid')
    assert np.diff(smooth[:450:10]).min() > -0.5
    assert ramp[:5].mean() < 40 and ramp.max() > 215
