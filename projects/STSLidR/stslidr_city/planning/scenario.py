"""What kind of scene it is: neighbourhood, manoeuvre of the ego vehicle, size of the grid."""

from __future__ import annotations

import math
from typing import NamedTuple

from stslidr_city.planning.chance import evenly_spread, generator

NEIGHBOURHOODS = {
    'downtown': 0.27,
    'residential': 0.27,
    'park': 0.22,
    'industrial': 0.13,
    'parking': 0.11,
}
"""Shares of the scenes."""
MANOEUVRES = {
    'straight on': 0.42,
    'lane change': 0.18,
    'turn left': 0.12,
    'turn right': 0.12,
    'stop at a light': 0.16,
}
"""Shares of the scenes."""
_SALT = 910


class Scenario(NamedTuple):
    """What holds for a whole scene.

    Args:
        seed: of the city.
        scene: which scene of the city it is.
        duration: seconds from the first to the last keyframe.
        neighbourhood: one of NEIGHBOURHOODS; most blocks are of this kind.
        manoeuvre: one of MANOEUVRES.
        angle: heading of the city's x axis in the world, radians. The ego vehicle starts along it.
        pitch: mean distances of the streets along y, and of those along x, metres.
        kerb: height of the sidewalks, metres.
        has_median: whether the ego vehicle's first street has one.
        liveliness: factor on the number of people and vehicles.
    """

    seed: int
    scene: int
    duration: float
    neighbourhood: str
    manoeuvre: str
    angle: float
    pitch: tuple[float, float]
    kerb: float
    has_median: bool
    liveliness: float

    @property
    def flow_axis(self) -> int:
        """Axis (0: x, 1: y) of the streets whose lights are green; the others' are red."""
        return 1 if self.manoeuvre == 'stop at a light' else 0

    @property
    def description(self) -> str:
        """The scene in words."""
        median = ', median' if self.has_median else ''
        mood = 'busy' if self.liveliness > 1.15 else 'quiet' if self.liveliness < 0.8 else 'some'
        return f'{self.neighbourhood.capitalize()}, {self.manoeuvre}{median}, {mood} traffic'


def draw_scenario(seed: int, scene: int, duration: float) -> Scenario:
    """The scenario of a scene. Its main features are evenly spread over scenes in a row."""
    rng = generator(seed, scene, _SALT)
    return Scenario(
        seed,
        scene,
        duration,
        neighbourhood=_choose(NEIGHBOURHOODS, evenly_spread(seed, scene, 0)),
        manoeuvre=_choose(MANOEUVRES, evenly_spread(seed, scene, 1)),
        angle=float(rng.uniform(-math.pi, math.pi)),
        pitch=(float(rng.uniform(92, 135)), float(rng.uniform(92, 135))),
        kerb=float(rng.uniform(0.06, 0.17)),
        has_median=evenly_spread(seed, scene, 2) < 0.3,
        liveliness=float(rng.uniform(0.6, 1.4)),
    )


def _choose(shares: dict[str, float], draw: float) -> str:
    """The name whose share of [0, 1) holds `draw`."""
    for name, share in shares.items():
        if draw < share:
            return name
        draw -= share
    return name
