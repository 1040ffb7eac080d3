"""Motion blur."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stslidr.corruptions.returns import Corrupted, LidarReturns, keep

JITTER = np.array([0.1, 0.1, 0.05])
"""Spread of single returns along x, y, z, as a share of sigma (nuScenes-C)."""


def motion_blur(sweep: LidarReturns, rng: np.random.Generator, sigma: float) -> Corrupted:
    """Jitter of a sensor that shakes, as in nuScenes-C.

    The whole sweep moves by N(0, sigma^2) along each axis, and each return by N(0, (0.1 sigma)^2)
    along x and y and N(0, (0.05 sigma)^2) along z. Labels and intensities stay. The release also
    clips single displacements at 3 sigma, which is 30 of their deviations: left out.

    Args:
        sweep: N returns; all stay.
        rng: draws the displacements.
        sigma: metres.
    """
    shift = rng.normal(size=3)
    jitter = rng.normal(size=(len(sweep), 3)) * JITTER
    moved = replace(sweep, xyz=sweep.xyz + sigma * (shift + jitter))
    return keep(moved, np.ones(len(sweep), dtype=bool))
