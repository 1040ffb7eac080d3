"""What a corruption must know of a data set: its LiDAR, its classes, its severities.

Parameters are those of the nuScenes-C and SemanticKITTI-C release (github.com/ldkong1205/Robo3D,
folder `create`), but for those that docs/corruptions.md marks as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SEVERITIES = ('light', 'moderate', 'heavy')

Levels = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Profile:
    """A data set, as far as corruptions depend on it.

    Attributes:
        elevations: of the LiDAR's beams, degrees, ascending: ring 0 is the lowest.
        max_intensity: the strongest intensity in its files; the weakest is 0.
        ignored: label of points that are not scored.
        levels: of each corruption, the parameters of each severity.
    """

    elevations: tuple[float, ...]
    max_intensity: float
    ignored: int
    levels: Mapping[str, Levels]

    def rings(self, xyz: np.ndarray) -> np.ndarray:
        """Return the beam of the nearest elevation for points (N, 3), int64 (N,).

        Beams start from the sensor's origin here. On the real nuScenes sweep of our tests, this
        is the true ring of 89 % of the points beyond 3 m, and at most one beside it for 99.9 %.
        """
        elevation = np.degrees(np.arctan2(xyz[:, 2], np.hypot(xyz[:, 0], xyz[:, 1])))
        beams = np.asarray(self.elevations)
        return np.searchsorted((beams[1:] + beams[:-1]) / 2, elevation)


def by_severity(*, constants: Mapping[str, Any] | None = None, **values: tuple) -> Levels:
    """{severity: parameters} of three values for each parameter, and of those that never vary."""
    return {
        severity: {**{name: three[i] for name, three in values.items()}, **(constants or {})}
        for i, severity in enumerate(SEVERITIES)
    }


WATER_HEIGHTS = 0.2e-3, 1.0e-3, 1.2e-3
"""Metres."""
COMMON = {
    'fog': by_severity(attenuation=(0.01, 0.02, 0.03), backscatter=(0.008, 0.05, 0.2)),
    'snow': by_severity(snowfall=(0.5, 1.0, 2.5)),
    'motion_blur': by_severity(sigma=(0.2, 0.25, 0.3)),
    'cross_sensor': by_severity(kept=((0, 2, 3), (0, 2), (0,))),
}

PROFILES = {
    # Velodyne HDL-32E: 32 beams 4/3 degrees apart; MMDetection3D's 16 lidarseg classes
    'nuscenes': Profile(
        elevations=tuple((np.arange(32) - 23) * 4 / 3),
        max_intensity=255.0,
        ignored=16,
        levels={
            **COMMON,
            'wet_ground': by_severity(water_height=WATER_HEIGHTS, noise_floor=(0.2, 0.3, 0.7)),
            'beam_missing': by_severity(beams=(8, 16, 24), constants={'candidates': range(2, 29)}),
            'crosstalk': by_severity(share=(0.03, 0.07, 0.12)),
            # bicycle, bus, car, construction vehicle, motorcycle, trailer, truck
            'incomplete_echo': by_severity(
                share=(0.75, 0.85, 0.95), constants={'classes': (1, 2, 3, 4, 5, 8, 9)}
            ),
        },
    ),
    # Velodyne HDL-64E: 32 beams 1/2 degree apart below 32 beams 1/3 degree apart; 19 classes
    'semantickitti': Profile(
        elevations=(*(-24.33 + np.arange(32) / 2), *(-8.33 + np.arange(32) / 3)),
        max_intensity=1.0,
        ignored=19,
        levels={
            **COMMON,
            'wet_ground': by_severity(water_height=WATER_HEIGHTS, noise_floor=(0.3, 0.3, 0.7)),
            # 4 to 58 in the release, which counts from the top
            'beam_missing': by_severity(beams=(16, 32, 48), constants={'candidates': range(5, 60)}),
            'crosstalk': by_severity(share=(0.006, 0.008, 0.01)),
            # car, bicycle, motorcycle, truck, other vehicle
            'incomplete_echo': by_severity(
                share=(0.75, 0.85, 0.95), constants={'classes': (0, 1, 2, 3, 4)}
            ),
        },
    ),
}
