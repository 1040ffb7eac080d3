"""Fog and snow: what hangs in the air dims the echo of a target and sends back its own.

Both follow Beer and Lambert: of the light that goes out to range R and back, a medium of
extinction coefficient alpha leaves exp(-2 alpha R).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from stslidr.corruptions.returns import (
    Corrupted,
    LidarReturns,
    echo_strength,
    move_along_beam,
    quantise,
)

SPEED_OF_LIGHT = 299_792_458.0
PULSE_WIDTH = 20e-9
"""Half-power width tau_H of the pulse, seconds (Hahner et al. 2021)."""
HARD_TARGET = 1e-6 / np.pi
"""beta_0, differential reflectivity of a target (Hahner et al. 2021)."""
OVERLAP = 0.9, 1.0
"""From and to which range, metres, the receiver comes to see the beam (Hahner et al. 2021)."""
RANGE_STEP, MAX_RANGE = 0.1, 200.0
SCATTER = 10.0
"""Spread, metres, of the fog's returns (nuScenes-C)."""
WAVELENGTH = 905.0
"""Nanometres."""
WEAKEST = 0.01
"""Quantile of a clear sweep's received powers that stands for the weakest one detected."""
FLAKE_REFLECTIVITY = 0.9
"""Of a snowflake (Hahner et al. 2022)."""


def transmission(extinction: float, ranges: np.ndarray) -> np.ndarray:
    """Share exp(-2 alpha R) of the light that comes back from ranges (N,), alpha in 1/m."""
    return np.exp(-2 * extinction * ranges)


def fog(
    sweep: LidarReturns, rng: np.random.Generator, attenuation: float, backscatter: float
) -> Corrupted:
    """Fog after Hahner et al. (ICCV 2021), the model of nuScenes-C.

    A target of intensity i at range R gives i exp(-2 alpha R), in 8 bits. The fog before it gives
    i R^2 (beta / beta_0) max_r I(r), r <= R, see `fog_response`. The stronger of both is the
    return; where it is the fog's, it lies at the r of the maximum, times R / U(R - 10, R + 10).

    Differs from the release: alpha belongs to the severity (there it is drawn for each sweep from
    0, 0.005, 0.01, 0.02, 0.03 and 0.06, beta alone is the severity); the lower limit of U is at
    least R / 2 and no fog lies behind its target (there, R < 10 m can give returns far behind it
    or on the other side of the sensor); its intensity stops at 1; the target's is in 8 bits for
    SemanticKITTI too.

    Args:
        sweep: N returns; all stay.
        rng: one uniform draw for each return.
        attenuation: alpha, 1/m; the visibility (MOR) is ln 20 / alpha.
        backscatter: beta, 1/(m sr).
    """
    ranges = sweep.ranges
    hard = quantise(sweep.intensity * transmission(attenuation, ranges))
    where, response = fog_response(attenuation)
    cell = np.minimum(ranges / RANGE_STEP, len(where) - 1).astype(np.int64)
    soft = sweep.intensity * ranges**2 * backscatter / HARD_TARGET * response[cell]
    noise = soft > hard
    nearest = np.maximum(ranges - SCATTER, ranges / 2)
    spread = nearest + rng.random(len(sweep)) * (ranges + SCATTER - nearest)
    distance = np.minimum(where[cell] * ranges / spread, ranges)
    return Corrupted(
        move_along_beam(sweep, noise, distance),
        np.where(noise, np.minimum(soft, 1), hard),
        np.arange(len(sweep)),
        noise,
    )


@lru_cache(maxsize=16)
def fog_response(attenuation: float) -> tuple[np.ndarray, np.ndarray]:
    """Strongest echo of the fog before a target: its range (K,) in metres, and I (K,), s/m^2.

    I(r) = integral over 0 < t < 2 tau_H of sin^2(pi t / (2 tau_H)) exp(-2 alpha d) xi(d) / d^2 dt,
    d = r - c t / 2, xi rising from 0 to 1 over `OVERLAP` (Hahner et al. 2021), by the midpoint
    rule. Row k belongs to a target at range 0.1 k.
    """
    steps = 200
    time = (np.arange(steps) + 0.5) / steps * 2 * PULSE_WIDTH
    ranges = np.arange(round(MAX_RANGE / RANGE_STEP) + 1) * RANGE_STEP
    depth = ranges[:, None] - SPEED_OF_LIGHT * time / 2
    seen = np.clip((depth - OVERLAP[0]) / (OVERLAP[1] - OVERLAP[0]), 0, 1)
    depth = np.maximum(depth, OVERLAP[0])  # nothing is seen below
    pulse = np.sin(np.pi * time / (2 * PULSE_WIDTH)) ** 2
    response = (pulse * transmission(attenuation, depth) * seen / depth**2).sum(axis=1)
    response *= 2 * PULSE_WIDTH / steps
    strongest = np.maximum.accumulate(response)
    where = np.maximum.accumulate(np.where(response == strongest, ranges, 0.0))
    return where, strongest


def snow(sweep: LidarReturns, rng: np.random.Generator, snowfall: float) -> Corrupted:
    """Snowfall, a closed form of the situation that Hahner et al. (CVPR 2022) simulate.

    The first flake in a beam stands at 1 m plus an exponential distance of mean 1 / alpha, see
    `snow_extinction`. At range d its echo is 0.9 / d^2, at most 1. If it stands before the target
    and outshines what is left of it, i exp(-2 alpha R), it is the return. Else the dimmed target
    is, in 8 bits, unless its power i exp(-2 alpha R) / R^2 is below the 1 % quantile of the clear
    sweep's i / R^2, the weakest that the sensor has detected: then it is lost. All counts are taken
    as at least one.

    Differs from nuScenes-C, which runs that paper's code: single flakes drawn on a plane for each
    beam of a HDL-64E, their size distributions, partial occlusion and that sensor's focus, and
    which drops every return below 0.7 x the estimated noise level of the ground, snow or not. Ours
    takes the extinction at that snowfall rate from ITU-R P.1817 and lets a flake fill its beam.

    Args:
        sweep: N returns.
        rng: one uniform draw for each return.
        snowfall: mm/h of water.
    """
    ranges, extinction = sweep.ranges, snow_extinction(snowfall)
    through = transmission(extinction, ranges)
    echo = echo_strength(sweep.intensity) * through
    distance = OVERLAP[1] - np.log1p(-rng.random(len(sweep))) / extinction
    flake = np.minimum(FLAKE_REFLECTIVITY / distance**2, 1)
    noise = (distance < ranges) & (flake > echo)
    spread = np.maximum(ranges, OVERLAP[1]) ** 2
    weakest = np.quantile(echo_strength(sweep.intensity) / spread, WEAKEST)
    kept = np.flatnonzero(noise | (echo / spread >= weakest))
    intensity = np.where(noise, flake, quantise(sweep.intensity * through))
    xyz = move_along_beam(sweep, noise, distance)
    return Corrupted(xyz[kept], intensity[kept], kept, noise[kept])


def snow_extinction(snowfall: float) -> float:
    """Extinction of dry snow in 1/m by ITU-R P.1817-1: a S^1.38 dB/km, a = 5.42e-5 nm + 5.4958776.

    Args:
        snowfall: S, mm/h of water.
    """
    decibel_per_km = (5.42e-5 * WAVELENGTH + 5.4958776) * snowfall**1.38
    return decibel_per_km * np.log(10) / 10 / 1000
