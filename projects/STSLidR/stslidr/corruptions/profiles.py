"""What a corruption must know of a data set: its LiDAR, its classes, its severities.

Parameters are those of the nuScenes-C and SemanticKITTI-C release (github.com/ldkong1205/Robo3D,
folder `create`), but for those that docs/corruptions.md marks as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stslidr.errors import InputError

SEVERITIES = ('light', 'moderate', 'heavy')

Levels = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Profile:
    """A data set, as far as corruptions depend on it.

    Attributes:
        elevations: of the LiDAR's beams, degrees, ascending: ring 0 is the lowest.
        max_intensity: the strongest intensity in its files; the weakest is 0.
        ignored: label of points that are not scored.
        levels: of each corruption, the parameters of each severity, see `by_severity`.

    Raises:
        InputError: if there are fewer than two beams, or not in their order; if the intensity is
            not above 0; if a corruption lacks a severity.
    """

    elevations: tuple[float, ...]
    max_intensity: float
    ignored: int
    levels: Mapping[str, Levels]

    def __post_init__(self) -> None:
        """Check the values."""
        if len(self.elevations) < 2 or not np.all(np.diff(self.elevations) > 0):
            raise InputError(f'profile: the elevations {self.elevations} do not ascend')
        if not 0 < self.max_intensity < np.inf:
            raise InputError(f'profile: max_intensity {self.max_intensity} is not above 0')
        for kind, levels in self.levels.items():
            if tuple(levels) != SEVERITIES:
                raise InputError(
                    f'profile: {kind} has the severities {", ".join(levels)}, there are '
                    f'{", ".join(SEVERITIES)}'
                )

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
COMMON = {  # of every data set
    'fog': by_severity(attenuation=(0.01, 0.02, 0.03), backscatter=(0.008, 0.05, 0.2)),
    'snow': by_severity(snowfall=(0.5, 1.0, 2.5)),
    'motion_blur': by_severity(sigma=(0.2, 0.25, 0.3)),
    'cross_sensor': by_severity(kept=((0, 2, 3), (0, 2), (0,))),
}
