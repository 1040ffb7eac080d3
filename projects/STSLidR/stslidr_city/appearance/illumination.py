"""The light of a scene: sun, sky with clouds, haze, wet ground, and the camera's exposure.

Radiances are in units of a white surface in full daylight, red, green, blue in linear light.
Directions are unit vectors in the world frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stslidr_city.appearance.patterns import SIZE, blended, fractal_noise, smooth_step

CLOUD_TEXELS = 40.0  # texels of cloud that pass overhead within the clouds' height
LOWEST_CLOUD = 0.04  # sine of the elevation below which clouds merge into the horizon
SURROUNDINGS = 0.22  # sine of the elevation up to which mirrors show houses and trees, not sky
GLOW = 24.0


@dataclass(frozen=True)
class Illumination:
    """What lights a scene.

    Args:
        sun_direction: toward the sun; under an overcast sky toward its brightest part.
        sun_colour: what the sun adds to a white surface that faces it.
        zenith_colour: radiance of the sky overhead.
        horizon_colour: radiance of the sky at the horizon, and of haze.
        ground_colour: albedo of the ground as seen from above, for the light it throws back.
        cloud_cover: share of the sky under clouds, 0 to 1.
        cloud_seed: draws the clouds.
        haze: share of the light lost a metre.
        shadow_softness: width of the shadows' edges in metres.
        wetness: how wet level ground is, 0 to 1.
        exposure: the camera's brightness, 1 is neutral.
        white_balance: the camera's factors on red, green and blue.
    """

    sun_direction: tuple[float, float, float]
    sun_colour: tuple[float, float, float]
    zenith_colour: tuple[float, float, float]
    horizon_colour: tuple[float, float, float]
    ground_colour: tuple[float, float, float] = (0.13, 0.125, 0.11)
    cloud_cover: float = 0.3
    cloud_seed: int = 0
    haze: float = 0.001
    shadow_softness: float = 0.15
    wetness: float = 0.0
    exposure: float = 1.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Illumination:
        """A light drawn at random: clear or overcast, noon or evening, hazy or not, wet or dry."""
        overcast = bool(rng.random() < 0.3)
        elevation = np.radians(rng.uniform(62, 82) if overcast else rng.uniform(9, 62))
        azimuth = rng.uniform(0, 2 * np.pi)
        colours = _overcast(rng) if overcast else _clear(rng, float(np.sin(elevation)))
        sun, zenith, horizon = (tuple(colour.tolist()) for colour in colours)
        wetness = rng.uniform(0.3, 1.0) if rng.random() < (0.4 if overcast else 0.06) else 0.0
        haze = np.exp(rng.uniform(np.log(3e-4), np.log(8e-3 if overcast else 4e-3)))
        balance = np.exp(rng.normal(0, [0.07, 0.02, 0.09]))
        return cls(
            sun_direction=(
                float(np.cos(elevation) * np.cos(azimuth)),
                float(np.cos(elevation) * np.sin(azimuth)),
                float(np.sin(elevation)),
            ),
            sun_colour=sun,
            zenith_colour=zenith,
            horizon_colour=horizon,
            ground_colour=tuple((np.array([0.13, 0.125, 0.11]) * rng.uniform(0.7, 1.4)).tolist()),
            cloud_cover=1.0 if overcast else float(rng.beta(1.2, 2.0)),
            cloud_seed=int(rng.integers(2**32)),
            haze=float(haze),
            shadow_softness=1.5 if overcast else float(rng.uniform(0.08, 0.25)),
            wetness=float(wetness),
            exposure=float(np.exp(rng.normal(0, 0.18))),
            white_balance=tuple(balance.tolist()),
        )

    def sky(self, directions: np.ndarray) -> np.ndarray:
        """Radiance float32 (M, 3) of the sky along directions float32 (M, 3); level ones below."""
        height = np.clip(directions[:, 2], 0, 1)
        blend = np.sqrt(height, dtype=np.float32)[:, None]
        horizon, zenith, sun = (
            np.array(colour, np.float32)
            for colour in (self.horizon_colour, self.zenith_colour, self.sun_colour)
        )
        radiance = horizon + (zenith - horizon) * blend
        toward_sun = np.clip(directions @ np.array(self.sun_direction, np.float32), 0, 1)
        radiance += (0.35 * toward_sun ** np.float32(GLOW))[:, None] * sun
        cover = self._clouds(directions)[:, None]
        return radiance + cover * (self._cloud_colour() - radiance)

    def ambient(self, normals: np.ndarray) -> np.ndarray:
        """Diffuse light float32 (M, 3) on white surfaces with normals (M, 3): sky and ground."""
        upward = (0.5 + 0.5 * normals[:, 2:]).astype(np.float32)
        above, below = self._hemispheres
        return below + upward * (above - below)

    def surroundings(self, directions: np.ndarray) -> np.ndarray:
        """What mirrors show, float32 (M, 3): sky high up, ground below, dark houses in between."""
        ground = self._hemispheres[1]
        skyward = smooth_step(directions[:, 2], SURROUNDINGS / 3, SURROUNDINGS)[:, None]
        radiance = self.sky(directions)
        return ground + skyward * (radiance - ground)

    @cached_property
    def _hemispheres(self) -> tuple[np.ndarray, np.ndarray]:
        """Light from the whole sky, and what level ground throws back, float32 (3,) each."""
        zenith, horizon, sun = (
            np.array(colour, np.float32)
            for colour in (self.zenith_colour, self.horizon_colour, self.sun_colour)
        )
        share = np.float32(0.75 * self.cloud_cover)
        above = (1 - share) * (0.6 * zenith + 0.4 * horizon) + share * self._cloud_colour()
        below = np.array(self.ground_colour, np.float32) * (above + sun * self.sun_direction[2])
        return above.astype(np.float32), below.astype(np.float32)

    def _cloud_colour(self) -> np.ndarray:
        """Radiance float32 (3,) of a cloud: grey, lit by the sun."""
        sun, horizon = (
            np.array(colour, np.float32) for colour in (self.sun_colour, self.horizon_colour)
        )
        return (0.55 * horizon.mean() + 0.3 * horizon + 0.3 * sun).astype(np.float32)

    @cached_property
    def _cloud_field(self) -> np.ndarray:
        """Noise of the clouds, float32 (SIZE, SIZE): share of the field below each texel."""
        noise = fractal_noise(np.random.default_rng(self.cloud_seed), 1.6, lowest=2)
        ranks = np.empty(noise.size, np.float32)
        ranks[noise.reshape(-1).argsort()] = np.linspace(0, 1, noise.size, dtype=np.float32)
        return ranks.reshape(SIZE, SIZE)

    def _clouds(self, directions: np.ndarray) -> np.ndarray:
        """How much of the sky a cloud hides, float32 (M,) of 0 to 1, along directions (M, 3)."""
        height = np.maximum(directions[:, 2], LOWEST_CLOUD)
        scale = np.float32(CLOUD_TEXELS) / height
        field = blended(self._cloud_field, directions[:, 0] * scale, directions[:, 1] * scale)
        density = smooth_step(field, 1 - self.cloud_cover, 1.35 - self.cloud_cover)
        return density * smooth_step(directions[:, 2], LOWEST_CLOUD, 4 * LOWEST_CLOUD)


def _clear(rng: np.random.Generator, height: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours (3,) of sun, zenith and horizon in clear air, the sun's elevation of sine `height`.

    The lower the sun, the longer its way through the air, which takes the blue first.
    """
    way = np.array([0.06, 0.11, 0.21]) * rng.uniform(0.7, 1.4) / (height + 0.05)
    sun = rng.uniform(0.95, 1.3) * np.exp(-way)
    blue = np.array([0.09, 0.15, 0.29]) * rng.uniform(0.7, 1.2)
    dim = 0.35 + 0.65 * min(1.0, height / 0.5)
    pale = np.array([0.36, 0.41, 0.47]) * (0.4 + 0.6 * np.exp(-0.4 * way) / np.exp(-0.4 * way)[2])
    return sun, blue * dim, pale * dim * rng.uniform(0.8, 1.1)


def _overcast(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours (3,) of the sky's brightest part, zenith and horizon under a closed cover."""
    grey = (
        np.array([0.46, 0.49, 0.53])
        * rng.uniform(0.6, 1.2)
        * np.exp(rng.normal(0, [0.04, 0.0, 0.05]))
    )
    return grey * rng.uniform(0.35, 0.8), grey, grey * rng.uniform(0.7, 1.0)
