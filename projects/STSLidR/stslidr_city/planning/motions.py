"""How things move: straight on, up to a queue, to and fro. Poses are those of the world."""

from __future__ import annotations

import math
from collections.abc import Callable

from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.streets import Street
from stslidr_city.solids.solids import Pose

Height = Callable[[float], float]
"""Height of the ground at a place along a street, metres."""


class Track:
    """A line along a street on which something moves.

    Args:
        frame: where the city lies in the world.
        street: which street.
        lateral: distance to the left of its centre line, metres.
        heading: 1 for along its axis, -1 for against it.
        height: of the ground by place along the street; 0 if None.
    """

    def __init__(
        self,
        frame: CityFrame,
        street: Street,
        lateral: float,
        heading: int,
        height: Height | None = None,
    ) -> None:
        start = frame.to_world(street.place(0.0, lateral))
        end = frame.to_world(street.place(1.0, lateral))
        self._start = float(start[0]), float(start[1])
        self._axis = float(end[0] - start[0]), float(end[1] - start[1])
        self._yaw = frame.angle + street.yaw(1)
        self._height = height
        self.heading = heading

    def pose(self, along: float, reverse: bool = False) -> Pose:
        """Pose at a place along the street; `reverse` looks against the track's heading."""
        z = 0.0 if self._height is None else self._height(along)
        turned = (self.heading < 0) != reverse
        return Pose(
            self._start[0] + along * self._axis[0],
            self._start[1] + along * self._axis[1],
            z,
            self._yaw + (math.pi if turned else 0.0),
        )

    def velocity(self, speed: float) -> tuple[float, float]:
        """Velocity in the world of what moves at `speed` along the street's axis."""
        return speed * self._axis[0], speed * self._axis[1]


class Cruising:
    """Straight on at constant speed.

    Args:
        track: the line.
        along: place along the street at time 0, metres.
        speed: in the track's heading, metres per second.
    """

    def __init__(self, track: Track, along: float, speed: float) -> None:
        self._track = track
        self._along = along
        self._speed = track.heading * speed

    def pose_at(self, time: float) -> Pose:
        """Pose at `time`, seconds."""
        return self._track.pose(self._along + self._speed * time)

    def velocity_at(self, time: float) -> tuple[float, float]:
        """Always the same."""
        return self._track.velocity(self._speed)


class Queueing:
    """Drives up to a place, slows down evenly, and stays.

    Args:
        track: the line.
        along: where it will stand, metres.
        speed: before it slows down, metres per second.
        stands_at: time from which it stands, seconds.
        braking: deceleration, metres per second squared.
    """

    def __init__(
        self, track: Track, along: float, speed: float, stands_at: float, braking: float = 2.0
    ) -> None:
        self._track = track
        self._along = along
        self._speed = speed
        self._stands_at = stands_at
        self._braking = braking

    def pose_at(self, time: float) -> Pose:
        """Pose at `time`, seconds."""
        return self._track.pose(self._along - self._track.heading * self.remaining(time))

    def remaining(self, time: float) -> float:
        """Metres still to go."""
        left = max(0.0, self._stands_at - time)
        slowing = min(left, self._speed / self._braking)
        return self._braking * slowing**2 / 2 + self._speed * (left - slowing)

    def velocity_at(self, time: float) -> tuple[float, float]:
        """Velocity at `time`."""
        left = max(0.0, self._stands_at - time)
        return self._track.velocity(self._track.heading * min(self._speed, self._braking * left))


class Strolling:
    """To and fro between two places along a street, turning on the spot.

    Args:
        track: the line, of heading 1.
        start: lowest place along the street, metres.
        length: distance between the two places, metres.
        speed: metres per second.
        begun: metres walked before time 0.
    """

    def __init__(
        self, track: Track, start: float, length: float, speed: float, begun: float
    ) -> None:
        self._track = track
        self._start = start
        self._length = length
        self._speed = speed
        self._begun = begun

    def pose_at(self, time: float) -> Pose:
        """Pose at `time`, seconds."""
        walked, returns = self._leg(time)
        along = self._start + (self._length - walked if returns else walked)
        return self._track.pose(along, reverse=returns)

    def velocity_at(self, time: float) -> tuple[float, float]:
        """Velocity at `time`."""
        return self._track.velocity(-self._speed if self._leg(time)[1] else self._speed)

    def _leg(self, time: float) -> tuple[float, bool]:
        """Metres walked since the last turn, and whether it is on the way back."""
        legs, walked = divmod(self._begun + self._speed * time, self._length)
        return walked, legs % 2 == 1
