"""How fast the ego vehicle goes along its route, in the city's frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from stslidr_city.planning.chance import generator
from stslidr_city.planning.route import RouteDrawer
from stslidr_city.planning.scenario import Scenario
from stslidr_city.planning.streets import StreetGrid

MAX_SPEED = 13.0  # metres per second
MIN_CRUISE = 4.0
MARGIN_SECONDS = 2.0  # it is on its way from so long before the first keyframe to after the last
BRAKING, ACCELERATION = 2.2, 1.6  # metres per second squared
WAIT_SECONDS = (4.0, 9.0)
_STEP = 0.05  # of the simulation of the speed, seconds
_SALT = 940


class Drive:
    """Places, speeds and accelerations of the ego frame's origin, from `first` to `last` seconds.

    Args:
        grid: the streets.
        scenario: what the vehicle does, and for how long.
    """

    def __init__(self, grid: StreetGrid, scenario: Scenario) -> None:
        rng = generator(scenario.seed, scenario.scene, _SALT)
        self.cruise = float(rng.uniform(MIN_CRUISE, MAX_SPEED / 1.12))
        self.first, self.last = -MARGIN_SECONDS, scenario.duration + MARGIN_SECONDS
        drawer = RouteDrawer(grid, scenario, lead=self.cruise * MARGIN_SECONDS)
        self.route = drawer.draw(MAX_SPEED * (self.last - self.first) + 10.0)
        self._phase = float(rng.uniform(0, 2 * np.pi))
        self._wait = float(rng.uniform(*WAIT_SECONDS))
        times = np.arange(self.first, self.last + _STEP, _STEP)
        self._speed = PchipInterpolator(times, self._simulated_speeds(times))
        self._acceleration = self._speed.derivative()
        self._distance = self._speed.antiderivative()

    def position(self, times: ArrayLike) -> np.ndarray:
        """float64 (..., 2): places at `times` (...)."""
        return self.route.position(self._distance(times))

    def velocity(self, times: ArrayLike) -> np.ndarray:
        """float64 (..., 2): derivative of the position."""
        return self._speed(times)[..., None] * self.route.tangent(self._distance(times))

    def heading(self, times: ArrayLike) -> np.ndarray:
        """float64 (...): yaw in the city, radians; the vehicle looks along its route."""
        tangent = self.route.tangent(self._distance(times))
        return np.arctan2(tangent[..., 1], tangent[..., 0])

    def acceleration(self, times: ArrayLike) -> np.ndarray:
        """float64 (...): along the route, metres per second squared."""
        return self._acceleration(times)

    def _simulated_speeds(self, times: np.ndarray) -> np.ndarray:
        """Speeds (N,) that follow the wish to cruise, to slow down for turns and to wait."""
        speeds = np.empty(len(times))
        distance, stopped_at = 0.0, np.inf
        for step, time in enumerate(times):
            wish = self.cruise * (1 + 0.1 * np.sin(0.35 * time + self._phase))
            wish = min(wish, self._allowed_speed(distance, time < stopped_at + self._wait))
            speed = wish if step == 0 else speeds[step - 1]
            change = np.clip((wish - speed) / 0.4, -1.6 * BRAKING, ACCELERATION) * _STEP
            speeds[step] = speed = max(0.0, speed + change)
            distance += speed * _STEP
            if speed < 0.05:
                speeds[step] = 0.0
                stopped_at = min(stopped_at, time)
        return speeds

    def _allowed_speed(self, distance: float, is_red: bool) -> float:
        """How fast it may go to slow down gently for what comes on the route."""
        limits = [MAX_SPEED]
        for turn in self.route.turns:
            if distance < turn.end:
                limits.append(
                    np.sqrt(turn.speed**2 + 2 * BRAKING * max(0.0, turn.start - distance))
                )
        if is_red and self.route.stop is not None:
            limits.append(np.sqrt(2 * BRAKING * max(0.0, self.route.stop - 0.3 - distance)))
        return min(limits)
