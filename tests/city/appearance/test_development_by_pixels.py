"""The camera's steps against scipy and float64, and its noise by statistics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from stslidr_city.appearance import camera_image
from stslidr_city.appearance.camera_image import develop
from stslidr_city.appearance.illumination import Illumination
from stslidr_city.raycasting.rays import PinholeRays
from support.surfaces import part, surface_of

LIGHT = Illumination(
    sun_direction=(0.0, -0.6, 0.8),
    sun_colour=(0.8, 0.8, 0.8),
    zenith_colour=(0.1, 0.2, 0.4),
    horizon_colour=(0.4, 0.5, 0.6),
    exposure=1.2,
    white_balance=(1.1, 1.0, 0.9),
)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
ROWS, COLUMNS = 45, 80


def camera(rows=ROWS, columns=COLUMNS):
    cam2img = [[columns, 0, columns / 2], [0, columns, rows / 2], [0, 0, 1]]
    return PinholeRays(np.eye(4), cam2img, (rows, columns), 0.0)


def picture(radiance, light=LIGHT, seed=0):
    """The picture (rows, columns, 3) of a radiance of that shape: every ray hits something."""
    rows, columns, _ = radiance.shape
    seen = surface_of([part('soil')], 0, np.zeros((rows * columns, 3)), (0, 0, 1))
    flat = radiance.reshape(-1, 3).astype(np.float32)
    return develop(camera(rows, columns), seen, flat, light, np.random.default_rng(seed))


def exposed(radiance, light=LIGHT):
    """Light that reaches the sensor, float64: gain, lens and vignette, no noise yet."""
    brightness = np.maximum(radiance.reshape(-1, 3)[::37] @ LUMINANCE, 1e-3)
    level = np.exp(np.log(brightness).mean())
    image = radiance * light.exposure * (0.18 / level) ** 0.6 * light.white_balance
    for axis in (0, 1):
        # a Gaussian of half a pixel that is cut after one pixel
        image = gaussian_filter1d(image, 0.5, axis=axis, mode='nearest', truncate=2.0)
    rows, columns, _ = radiance.shape
    up, across = np.linspace(-1, 1, rows)[:, None], np.linspace(-1, 1, columns)
    return image * (1 - 0.11 * (across**2 + up**2))[..., None]


def coded(light):
    """sRGB values 0 to 255, float64, of linear light with a soft shoulder from 0.72 on."""
    bent = np.where(light < 0.72, light, 0.72 + 0.28 * (1 - np.exp(-(light - 0.72) / 0.28)))
    low, high = 12.92 * bent, 1.055 * np.maximum(bent, 1e-9) ** (1 / 2.4) - 0.055
    return 255 * np.where(bent <= 0.0031308, low, high)


def patches(rng, highest):
    """Radiance of random blocks of 5 x 8 pixels."""
    blocks = highest * rng.random((ROWS // 5, COLUMNS // 8, 3)) ** 3
    return blocks.repeat(5, axis=0).repeat(8, axis=1)


@pytest.fixture
def without_noise(monkeypatch):
    monkeypatch.setattr(camera_image, 'SHOT_NOISE', 0.0)
    monkeypatch.setattr(camera_image, 'READ_NOISE', 0.0)


@pytest.mark.parametrize('highest', [0.05, 1.0, 8.0])
def test_every_pixel_is_developed_as_in_float64(without_noise, highest):
    """Within a value, and where it is nearly black within one step of the tone curve."""
    radiance = patches(np.random.default_rng(0), highest)
    found, light = picture(radiance).astype(float), exposed(radiance)
    away = np.abs(found - coded(light))
    assert away[light > 0.02].max() <= 1.6
    assert away.max() <= 3.5
    assert found.std() > 20


def test_twice_the_light_is_never_darker(without_noise):
    """Pixel by pixel, though the metering takes some of it back."""
    radiance = patches(np.random.default_rng(1), 1.0)
    once, twice = picture(radiance).astype(int), picture(2 * radiance).astype(int)
    assert (twice >= once).all() and (twice > once).mean() > 0.9
    found = exposed(2 * radiance) / exposed(radiance)
    assert np.allclose(found, 2**0.4)


def test_one_brighter_pixel_changes_itself_and_its_neighbours_alone(without_noise):
    """Away from the lattice that the metering looks at."""
    radiance = np.full((ROWS, COLUMNS, 3), 0.2)
    row, column = 20, 41
    assert (row * COLUMNS + column) % 37
    before = picture(radiance).astype(int)
    radiance[row, column] = 0.6
    changed = (picture(radiance).astype(int) - before).max(axis=-1)
    assert changed[row, column] > changed[row, column + 1] > changed[row + 1, column + 1] > 0
    changed[row - 1 : row + 2, column - 1 : column + 2] = 0
    assert not changed.any()


def test_the_tone_curve_rises_up_to_white():
    curve = camera_image._tone_curve().astype(int)
    assert (np.diff(curve) >= 0).all() and curve[0] <= 2 and curve[-1] == 255
    linear_light = (np.arange(len(curve)) + 0.5) * camera_image.HIGHEST / len(curve)
    assert np.abs(curve - coded(linear_light)).max() <= 0.5 + 1e-9


@pytest.mark.parametrize('brightness', [0.05, 0.3])
def test_noise_grows_with_the_root_of_the_light(monkeypatch, brightness):
    """Of the middle of one grey, in linear light: photons and read-out, at 240 of 1600 pixels."""
    monkeypatch.setattr(camera_image, 'METERING', 0.0)
    monkeypatch.setattr(camera_image, 'VIGNETTING', 0.0)
    neutral = replace(LIGHT, exposure=1.0, white_balance=(1.0, 1.0, 1.0))
    found = picture(np.full((120, 240, 3), brightness), neutral).astype(np.float64) / 255
    light = np.where(found <= 0.04045, found / 12.92, ((found + 0.055) / 1.055) ** 2.4)
    assert light.mean() == pytest.approx(brightness, rel=0.01)
    expected = (0.022 * np.sqrt(brightness) + 0.004) * 240 / 1600
    rounding = (1 / 255) * 2.4 / 1.055 * brightness ** (1.4 / 2.4) / np.sqrt(12)
    assert light.std() == pytest.approx(np.hypot(expected, rounding), rel=0.15)


def test_noise_is_independent_from_pixel_to_pixel_and_colour_to_colour():
    """The difference of two pictures of the same grey."""
    grey = np.full((60, 800, 3), 0.2)
    noise = picture(grey, seed=0).astype(float) - picture(grey, seed=1)
    assert noise.std() > 2
    for first, second in ((0, 1), (1, 2), (0, 2)):
        colours = noise[..., first].ravel(), noise[..., second].ravel()
        assert abs(np.corrcoef(*colours)[0, 1]) < 0.02
    for axis in (0, 1):
        shifted = np.roll(noise, 1, axis)
        assert abs(np.corrcoef(noise.ravel(), shifted.ravel())[0, 1]) < 0.02
