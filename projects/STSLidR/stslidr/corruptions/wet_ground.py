"""Wet ground: water mirrors the light away, so that the far ground fades and is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stslidr.corruptions.ground import fit_ground
from stslidr.corruptions.returns import Corrupted, LidarReturns, echo_strength, keep

WATER = 1.33
"""Refractive index."""
PAVEMENT_DEPTH = 1.2e-3
"""Metres of water that fill the texture of the road (Hahner et al. 2022, nuScenes-C)."""
GROUND_REFLECTIVITY = 0.1
"""Of dry asphalt."""
FAINTEST = 0.05
"""Quantile of the dry ground's intensities that stands for the weakest echo received."""


def wet_ground(
    sweep: LidarReturns, rng: np.random.Generator, water_height: float, noise_floor: float
) -> Corrupted:
    """Wet ground after Hahner et al. (CVPR 2022), the model of nuScenes-C.

    The ground's intensity i becomes i ((1 - f) + f w): f = water height / 1.2 mm, at most 1, is
    the covered share, w the share that a film of water lets through, see `wet_share`. Returns
    below noise_floor x the 5 % quantile of the dry ground's intensities are lost; all counts are
    taken as at least one. Returns off the ground stay as they are.

    Differs from nuScenes-C: the ground is a fitted plane, so that no labels are needed (there:
    the classes driveable surface, other flat and sidewalk; none below 1000 points); w is relative
    to the dry echo, where the release estimates the laser's power by a regression over range; its
    noise level likewise follows the range; it takes the better of both polarisations, ours their
    mean.

    Args:
        sweep: N returns.
        rng: draws the tries for the plane.
        water_height: metres.
        noise_floor: share of the faintest dry echo below which a return is lost.
    """
    plane = fit_ground(sweep.xyz, rng)
    intensity, kept = sweep.intensity.copy(), np.ones(len(sweep), dtype=bool)
    if plane is None:
        return keep(sweep, kept)
    ground = plane.holds(sweep.xyz)
    covered = min(water_height / PAVEMENT_DEPTH, 1.0)
    factor = 1 - covered + covered * wet_share(plane.incidence(sweep.xyz[ground]))
    dry = sweep.intensity[ground]
    faintest = np.quantile(echo_strength(dry), FAINTEST)
    intensity[ground] = dry * factor
    kept[ground] = echo_strength(dry) * factor >= noise_floor * faintest
    return keep(replace(sweep, intensity=intensity), kept)


def wet_share(incidence: np.ndarray) -> np.ndarray:
    """Echo of ground under a film of water over that of dry ground, (N,), from 0 to 1.

    Light enters the film, is scattered by the ground, part of it goes back and forth inside, and
    leaves at the angle at which it came: (1 - R)^2 / (1 - rho R), R by Fresnel, rho the ground's
    reflectivity.

    Args:
        incidence: angles (N,) from the normal, radians.
    """
    mirrored = fresnel_reflectance(incidence)
    return (1 - mirrored) ** 2 / (1 - GROUND_REFLECTIVITY * mirrored)


def fresnel_reflectance(incidence: np.ndarray) -> np.ndarray:
    """Share of unpolarised light that a surface of water mirrors: mean of Fresnel's Rs and Rp.

    Args:
        incidence: angles (N,) from the normal, radians.
    """
    outside = np.cos(incidence)
    inside = np.sqrt(1 - (np.sin(incidence) / WATER) ** 2)
    perpendicular = (outside - WATER * inside) / (outside + WATER * inside)
    parallel = (WATER * outside - inside) / (WATER * outside + inside)
    return (perpendicular**2 + parallel**2) / 2
