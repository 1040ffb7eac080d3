"""From radiance to a picture: sky, exposure, optics, sensor noise, tone curve."""

from __future__ import annotations

import numpy as np

from stslidr_city.appearance.illumination import Illumination
from stslidr_city.appearance.materials import LUMINANCE, chunks
from stslidr_city.raycasting.rays import RayGrid
from stslidr_city.raycasting.surface import Surface

FULL_WIDTH = 1600  # pixels; a narrower picture averages as many times the light a pixel
TARGET = 0.18  # linear brightness that the exposure aims at
METERING = 0.6  # 1 would bring each picture to the target, 0 none
BLUR = 0.5  # standard deviation in pixels: lens and pixel area together
VIGNETTING = 0.22  # share of the light lost in the corners
SHOT_NOISE = 0.022  # standard deviation at white; it goes with the root of the brightness
READ_NOISE = 0.004
SHOULDER = 0.72  # linear brightness from where the tone curve bends, so that white comes softly
TONES = 4096
HIGHEST = 4.0  # linear brightness at the end of the tone curve


def develop(
    grid: RayGrid,
    surface: Surface,
    radiance: np.ndarray,
    illumination: Illumination,
    rng: np.random.Generator,
) -> np.ndarray:
    """Take the picture.

    Args:
        grid: the camera's rays, a pixel each.
        surface: the M points that they hit; where none is, there is sky.
        radiance: float32 (M, 3), light from the points, linear.
        illumination: of the scene.
        rng: draws the sensor's noise.

    Returns:
        uint8 (rows, columns, 3), RGB in sRGB.
    """
    rows, columns = grid.directions.shape[:2]
    image = _with_sky(grid, surface, radiance, illumination)
    image *= _gain(image, illumination)
    image = _blurred(image.reshape(rows, columns, 3))
    image *= _vignette(rows, columns)[..., None]
    _add_noise(image, rng, np.float32(min(1.0, columns / FULL_WIDTH)))
    np.clip(image, 0, np.float32(HIGHEST * (1 - 1 / TONES)), out=image)
    image *= np.float32(TONES / HIGHEST)
    return _tone_curve().take(image.astype(np.int16))


def _with_sky(
    grid: RayGrid, surface: Surface, radiance: np.ndarray, illumination: Illumination
) -> np.ndarray:
    """Radiance float32 (rows * columns, 3) of all pixels."""
    directions = grid.directions.reshape(-1, 3)
    image = np.empty(directions.shape, np.float32)
    image[surface.ray] = radiance
    missed = np.ones(len(image), bool)
    missed[surface.ray] = False
    sky = np.flatnonzero(missed)
    for chunk in chunks(len(sky)):
        image[sky[chunk]] = illumination.sky(directions[sky[chunk]])
    return image


def _gain(image: np.ndarray, illumination: Illumination) -> np.ndarray:
    """Factors float32 (3,) on red, green, blue: what the camera's metering and the scene ask for.

    The metering takes the mean logarithm of the brightness over a lattice of pixels.
    """
    brightness = np.maximum(image[::37] @ LUMINANCE, 1e-3)
    level = float(np.exp(np.log(brightness).mean()))
    gain = illumination.exposure * (TARGET / level) ** METERING
    return (gain * np.array(illumination.white_balance)).astype(np.float32)


def _blurred(image: np.ndarray) -> np.ndarray:
    """Weigh each pixel with its neighbours, along both axes; the border is repeated."""
    side = np.exp(-0.5 / BLUR**2)
    beside, middle = (np.float32(weight / (1 + 2 * side)) for weight in (side, 1.0))
    for axis in (0, 1):
        image = np.moveaxis(image, axis, 0)
        blurred = middle * image
        blurred[1:] += beside * image[:-1]
        blurred[:-1] += beside * image[1:]
        blurred[[0, -1]] += beside * image[[0, -1]]
        image = np.moveaxis(blurred, 0, axis)
    return image


def _vignette(rows: int, columns: int) -> np.ndarray:
    """Factors float32 (rows, columns): 1 in the middle, less toward the corners."""
    up = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    return 1 - np.float32(VIGNETTING / 2) * (across**2 + up**2)


def _add_noise(image: np.ndarray, rng: np.random.Generator, scale: np.float32) -> None:
    """Add photon and read-out noise, `scale` times that of a full-size picture, in place."""
    noise = rng.standard_normal(image.shape, dtype=np.float32)
    deviation = np.sqrt(np.maximum(image, 0))
    deviation *= np.float32(SHOT_NOISE) * scale
    deviation += np.float32(READ_NOISE) * scale
    noise *= deviation
    image += noise


def _tone_curve() -> np.ndarray:
    """Values in sRGB, uint8 (TONES,), for linear brightness from 0 to HIGHEST."""
    light = (np.arange(TONES) + 0.5) * HIGHEST / TONES
    room = 1 - SHOULDER
    bent = SHOULDER + room * (1 - np.exp(-(light - SHOULDER) / room))
    light = np.where(light < SHOULDER, light, bent)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * coded).clip(0, 255).astype(np.uint8)
