"""Pieces of a city for tests: scenarios, grids and placers, and footprints as shapely polygons."""

from __future__ import annotations

import numpy as np
from shapely import STRtree
from shapely.geometry import Polygon, box

from stslidr_city.planning.footprints import Claims
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.placing import Placer
from stslidr_city.planning.scenario import draw_scenario
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.streets import Street, StreetGrid

AT_CITY = CityFrame(0.0, (0.0, 0.0))
"""The frame in which the world's coordinates are the city's."""
FLAT = range(24, 28)
"""Categories of ground."""


class NeverNear:
    """A guard that lets everything pass."""

    def meets(self, motion, solid):
        return False


class AlwaysNear:
    """A guard that lets nothing pass, and counts what asked."""

    def __init__(self):
        self.asked = 0

    def meets(self, motion, solid):
        self.asked += 1
        return True


def make_scenario(seed=1, scene=0, duration=4.0, **changes):
    """A drawn scenario with some of its features changed."""
    return draw_scenario(seed, scene, duration)._replace(**changes)


def make_grid(seed=1, scene=0, duration=4.0, **changes):
    return StreetGrid(make_scenario(seed, scene, duration, **changes))


def make_street(axis=0, centre=0.0, **changes):
    """A street of two lanes with parking on both sides."""
    street = Street(
        axis,
        0,
        centre,
        lanes=(1, 1),
        lane_width=3.2,
        median=0.0,
        shoulder=1.2,
        parking=(True, True),
        sidewalk=3.5,
    )
    return street._replace(**changes)


def make_placer(seed=3, claims=(), frame=AT_CITY, first_instance=0):
    return Placer(frame, Stock(seed), Claims(claims), first_instance)


def ground_of(thing, time=0.0):
    """An object's footprint: the turned rectangle of its bounds, in the frame of its pose."""
    x, y, _, yaw = thing.motion.pose_at(time)
    (x0, y0, _), (x1, y1, _) = thing.solid.bounds
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) @ turn.T + (x, y)
    return Polygon(corners)


def area_of(rectangle):
    """A rectangle of the city as a polygon."""
    return box(*rectangle)


def standing(objects):
    """What is not ground."""
    return [thing for thing in objects if thing.solid.category not in FLAT]


def of_category(objects, *categories):
    return [thing for thing in objects if thing.solid.category in categories]


def overlapping(polygons, slack=0.0):
    """Pairs (i, j), j < i, of indices of polygons that share more than `slack` square metres."""
    if not polygons:
        return []
    first, second = STRtree(polygons).query(polygons)
    return [
        (i, j)
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
        if j < i and polygons[i].intersection(polygons[j]).area > slack
    ]


def places_of(objects, time=0.0):
    """(N, 2): where things are."""
    return np.array([thing.motion.pose_at(time)[:2] for thing in objects]).reshape(-1, 2)
