"""The ego vehicle's way through the city: along lanes, changing them, turning at crossings."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline

from stslidr_city.planning.chance import generator
from stslidr_city.planning.scenario import Scenario
from stslidr_city.planning.streets import STOP_LINE, Street, StreetGrid

TURN_LEGS = {'right': 10.0, 'left': 14.0}  # from a turn's ends to where the lanes' lines meet
TURN_SPEED = {'right': 3.6, 'left': 4.6}
LANE_CHANGE_LENGTH = 42.0
FRONT_OVERHANG = 3.5  # from the ego frame's origin to the vehicle's front, metres
LATER_TURNS = 0.25  # share of the later crossings at which it turns, where its lane allows it
_STEP = 1.0  # between waypoints, metres
_SALT = 930


class Slowing(NamedTuple):
    """A stretch of the way, in metres from its start, on which the speed is at most `speed`."""

    start: float
    end: float
    speed: float


class Route:
    """A smooth curve in the city.

    Args:
        waypoints: float64 (P, 2), about a metre apart.
        turns: where it turns at crossings.
        stop: where to wait for green, metres from the start; None if nowhere.
    """

    def __init__(self, waypoints: np.ndarray, turns: list[Slowing], stop: float | None) -> None:
        steps = np.linalg.norm(np.diff(waypoints, axis=0), axis=1)
        self._curve = CubicSpline(np.concatenate([[0.0], np.cumsum(steps)]), waypoints)
        self._tangent = self._curve.derivative()
        self.length = float(steps.sum())
        self.turns = turns
        self.stop = stop

    def position(self, distance: np.ndarray) -> np.ndarray:
        """float64 (..., 2): the places `distance` (...) metres from the start."""
        return self._curve(distance)

    def tangent(self, distance: np.ndarray) -> np.ndarray:
        """float64 (..., 2): derivative of the position, of length 1 but for the spline's error."""
        return self._tangent(distance)


class _Lane(NamedTuple):
    """Where the vehicle drives: a street, a heading along it and a lane."""

    street: Street
    heading: int
    number: int

    @property
    def lateral(self) -> float:
        return self.street.lane_lateral(-self.heading, self.number)

    @property
    def is_outermost(self) -> bool:
        return self.number == self.street.lanes_on(-self.heading) - 1


class RouteDrawer:
    """Draws a route crossing by crossing until it is long enough.

    Args:
        grid: the streets.
        scenario: says which manoeuvre comes first.
        lead: metres from the start to where the ego vehicle is at time 0.
    """

    def __init__(self, grid: StreetGrid, scenario: Scenario, lead: float) -> None:
        self._grid = grid
        self._scenario = scenario
        self._rng = generator(scenario.seed, scenario.scene, _SALT)
        self._points: list[np.ndarray] = []
        self._length = 0.0
        self._turns: list[Slowing] = []
        self._stop: float | None = None
        street = grid.street(0, 0)
        self._lane = _Lane(street, 1, self._first_lane(street))
        self._along = self._first_place(lead)
        self._points.append(np.array([street.place(self._along, self._lane.lateral)]))

    def draw(self, length: float) -> Route:
        """A route of at least `length` metres."""
        manoeuvre = self._scenario.manoeuvre
        if manoeuvre == 'lane change':
            self._change_lane()
        elif manoeuvre == 'stop at a light':
            self._wait_at_crossing()
        elif manoeuvre.startswith('turn'):
            self._turn(self._grid.street(1, 0), manoeuvre.removeprefix('turn '))
        while self._length < length:
            self._pass_crossing()
        return Route(np.concatenate(self._points), self._turns, self._stop)

    def _first_lane(self, street: Street) -> int:
        """The lane from which the manoeuvre is possible."""
        lanes = street.lanes_on(-1)
        if self._scenario.manoeuvre == 'turn left':
            return 0
        if self._scenario.manoeuvre == 'turn right':
            return lanes - 1
        return int(self._rng.integers(lanes))

    def _first_place(self, lead: float) -> float:
        """Where the route starts, so that the manoeuvre falls within the scene."""
        scenario, rng = self._scenario, self._rng
        street, crossing = self._lane.street, self._grid.street(1, 0)
        if scenario.manoeuvre.startswith('turn'):
            side = scenario.manoeuvre.removeprefix('turn ')
            ahead = max(rng.uniform(-12, 4 + 5.5 * scenario.duration), 2 * _STEP - lead)
            meeting = crossing.centre - self._exit_lane(crossing, side).lateral
            return meeting - TURN_LEGS[side] - ahead - lead
        if scenario.manoeuvre == 'stop at a light':
            ahead = rng.uniform(0, 4 + 4.5 * scenario.duration)
            return self._stop_line(street, 0) - ahead - lead
        return crossing.centre + rng.uniform(0, scenario.pitch[0]) - lead

    def _stop_line(self, street: Street, crossing: int) -> float:
        """Where on the first street the origin of the ego frame stands when its front is there."""
        walk = self._grid.street(1, crossing)
        return walk.centre - walk.kerb(1) - STOP_LINE - FRONT_OVERHANG - 0.8

    def _change_lane(self) -> None:
        """Go on for a while, then move over to the other lane."""
        lane = self._lane
        ahead = max(0.0, self._rng.uniform(-0.3, 0.6) * LANE_CHANGE_LENGTH)
        self._go_to(self._along + ahead)
        target = lane._replace(number=1 - lane.number)
        along = np.arange(_STEP, LANE_CHANGE_LENGTH, _STEP)
        share = along / LANE_CHANGE_LENGTH
        blend = share**3 * (10 - 15 * share + 6 * share**2)
        lateral = lane.lateral + blend * (target.lateral - lane.lateral)
        self._add(
            np.array(
                [lane.street.place(self._along + a, s) for a, s in zip(along, lateral, strict=True)]
            )
        )
        self._along += float(along[-1])
        self._lane = target
        self._go_to(self._along + _STEP)

    def _wait_at_crossing(self) -> None:
        """Go to the first stop line, behind up to two vehicles, and over the crossing."""
        before = float(self._rng.choice([0.0, 0.0, 7.5, 15.0]))
        self._stop = self._stop_line(self._lane.street, 0) - before - self._along
        if self._stop < 0:
            self._stop += before
        self._go_to(self._grid.street(1, 0).centre)

    def _pass_crossing(self) -> None:
        """Drive to the next crossing and over it, or turn there."""
        lane = self._lane
        around = self._grid.index_below(1 - lane.street.axis, np.array([self._along]))[0]
        index = int(around) + (1 if lane.heading > 0 else 0)
        crossing = self._grid.street(1 - lane.street.axis, index)
        if (crossing.centre - self._along) * lane.heading < 2 * TURN_LEGS['left']:
            self._go_to(crossing.centre + lane.heading)
            return
        sides = [
            side
            for side, fits in (('right', lane.is_outermost), ('left', lane.number == 0))
            if fits
        ]
        if sides and self._rng.random() < LATER_TURNS:
            self._turn(crossing, sides[self._rng.integers(len(sides))])
        else:
            self._go_to(crossing.centre + lane.heading)

    def _exit_lane(self, crossing: Street, side: str) -> _Lane:
        """The lane in which a turn to the left or right ends."""
        turn = 1 if side == 'left' else -1
        heading = self._lane.heading * turn * (1 if self._lane.street.axis == 0 else -1)
        number = 0 if side == 'left' else crossing.lanes_on(-heading) - 1
        return _Lane(crossing, heading, number)

    def _turn(self, crossing: Street, side: str) -> None:
        """Drive to a turn, and through it: its heading changes smoothly, also its curvature."""
        lane, exit_lane, leg = self._lane, self._exit_lane(crossing, side), TURN_LEGS[side]
        meeting = np.array(crossing.place(0.0, exit_lane.lateral))
        meeting[1 - lane.street.axis] = lane.street.place(0.0, lane.lateral)[1 - lane.street.axis]
        self._go_to(float(meeting[lane.street.axis]) - lane.heading * leg)
        share = np.linspace(0, 1, 401)
        angle = math.pi / 2 * share**2 * (3 - 2 * share)
        middle = (angle[1:] + angle[:-1]) / 2
        forward = np.concatenate([[0.0], np.cumsum(np.cos(middle))])
        aside = np.concatenate([[0.0], np.cumsum(np.sin(middle))])
        scale = leg / forward[-1]
        chosen = np.linspace(0, 400, math.ceil(400 * scale / _STEP) + 1).round().astype(int)[1:]
        ahead, left = self._directions(lane, 1 if side == 'left' else -1)
        start = meeting - leg * ahead
        begun = self._length
        self._add(start + scale * (forward[chosen, None] * ahead + aside[chosen, None] * left))
        self._turns.append(Slowing(begun, self._length, TURN_SPEED[side]))
        self._lane = exit_lane
        self._along = float(self._points[-1][-1][crossing.axis])
        self._go_to(self._along + exit_lane.heading * _STEP)

    def _directions(self, lane: _Lane, turn: int) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors ahead and to the side to which it turns (1 left, -1 right)."""
        yaw = lane.street.yaw(lane.heading)
        ahead = np.round([math.cos(yaw), math.sin(yaw)])
        return ahead, turn * np.array([-ahead[1], ahead[0]])

    def _go_to(self, along: float) -> None:
        """Drive straight on to a place ahead; a place behind changes nothing."""
        lane = self._lane
        distance = (along - self._along) * lane.heading
        if distance <= 0:
            return
        stops = np.linspace(self._along, along, math.ceil(distance / _STEP) + 1)[1:]
        self._add(np.array([lane.street.place(stop, lane.lateral) for stop in stops]))
        self._along = along

    def _add(self, points: np.ndarray) -> None:
        """Append waypoints (P, 2)."""
        steps = np.diff(np.concatenate([self._points[-1][-1:], points]), axis=0)
        self._length += float(np.linalg.norm(steps, axis=1).sum())
        self._points.append(points)
