"""The world of one scene: a city without end, its traffic, and the vehicle that records."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from stslidr.core.seeding import derive_seed
from stslidr_city.catalog.categories import DRIVEABLE_SURFACE
from stslidr_city.catalog.finishes import LOOKS
from stslidr_city.planning.chance import generator
from stslidr_city.planning.drive import Drive
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.planning.ego_guard import EgoGuard
from stslidr_city.planning.encounters import EncounterPlan
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.motions import Cruising, Height, Track
from stslidr_city.planning.placing import scene_object
from stslidr_city.planning.plan import is_driveable
from stslidr_city.planning.roadway import median_area, stretch_of
from stslidr_city.planning.scenario import draw_scenario
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.street_cells import MAX_CELL, CellMaker, is_near
from stslidr_city.planning.streets import Street, StreetGrid
from stslidr_city.planning.traffic import STREAMS_OF_A_STREET, Stream, Traffic
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part, SceneObject, Solid, Standing

KEYFRAME_SECONDS = 0.5
MARGIN = 170.0
"""Metres from the ego vehicle's way to the edges of the world: nobody looks further."""
HORIZON = 600.0
"""Metres by which the road's plane goes on beyond the edges."""
OVERLAP = 18.0
"""Metres by which a cell's things may lie beyond the centre lines of the streets around it."""
MAX_KEYFRAMES = 2000
FIRST_STREAM_INSTANCE = 1 << 31
SLOTS_OF_A_STREAM = 1 << 18
FIRST_RIDER_INSTANCE = FIRST_STREAM_INSTANCE - (1 << 10)
MEMBERS_IN_MEMORY = 2048
_SALT, _ILLUMINATION = 900, 905


class SceneWorld:
    """Everything around the ego vehicle during one scene, in the world frame.

    The same arguments give the same world in every process, whatever is asked first.

    Args:
        seed: of the dataset, in [0, 2**32).
        scene: index of the scene, from 0.
        keyframes: number of keyframes, KEYFRAME_SECONDS apart.

    Raises:
        ValueError: if there are fewer than 1 or more than MAX_KEYFRAMES keyframes, or a number is
            out of range.
    """

    def __init__(self, seed: int, scene: int, keyframes: int) -> None:
        if not 1 <= keyframes <= MAX_KEYFRAMES:
            raise ValueError(f'a scene has 1 to {MAX_KEYFRAMES} keyframes, not {keyframes}')
        self.seed = seed
        self.scene = scene
        self.scenario = draw_scenario(seed, scene, (keyframes - 1) * KEYFRAME_SECONDS)
        self.illumination_seed = derive_seed(seed, scene, _ILLUMINATION)
        self._grid = StreetGrid(self.scenario)
        drive = Drive(self._grid, self.scenario)
        self._frame, self.size = _lay_out(drive, self.scenario.angle)
        self.ego = EgoTrajectory(drive, self._frame, generator(seed, scene, _SALT))
        self._stock = Stock(seed)
        self._guard = EgoGuard(self.ego)
        self._traffic = Traffic(self._grid, drive)
        self._encounters = EncounterPlan(
            self._grid, self._frame, self._stock, drive, self._guard, self._traffic
        )
        self._cells = CellMaker(self._grid, self._frame, self._stock, self._encounters, self._guard)
        self._member = lru_cache(maxsize=MEMBERS_IN_MEMORY)(self._make_member)
        self._ground = self._make_ground()
        self._riders = [
            scene_object(rider.solid, rider.motion, FIRST_RIDER_INSTANCE + number, standing=1)
            for number, rider in enumerate(self._encounters.riders)
        ]

    @property
    def description(self) -> str:
        """The scene in words, without the weather."""
        return self.scenario.description

    def objects_near(self, position: np.ndarray, time: float, radius: float) -> list[SceneObject]:
        """What comes within `radius` metres of a place at a time: ground, things and traffic.

        The ego vehicle is not among it.

        Args:
            position: (2,) in the world.
            time: seconds since the start of the scene.
            radius: metres.

        Returns:
            Objects in an order that depends on nothing but the arguments. An instance is a number
            below 2**32, the same at all times.
        """
        position = np.asarray(position, dtype=np.float64)[:2]
        x, y = self._frame.to_city(position)
        margins = np.array([-radius - OVERLAP, radius + OVERLAP])
        columns = self._grid.index_below(1, x + margins)
        rows = self._grid.index_below(0, y + margins)
        found = [self._ground]
        for column in range(columns[0], columns[1] + 1):
            for row in range(rows[0], rows[1] + 1):
                found += self._cells.cell(column, row).near(position, time, radius)
        found += [rider for rider in self._riders if is_near(rider, position, time, radius)]
        return found + self._traffic_near((float(x), float(y)), position, time, radius)

    def driveable(self, points: np.ndarray) -> np.ndarray:
        """Whether world positions (N, 2) lie on driveable ground, bool (N,)."""
        places = self._frame.to_city(np.asarray(points, dtype=np.float64))
        if not len(places):
            return np.zeros(0, dtype=bool)
        columns = self._grid.index_below(1, places[:, 0])
        rows = self._grid.index_below(0, places[:, 1])
        cells = (columns - columns.min()) * 2 * MAX_CELL + rows - rows.min()
        driveable = np.ones(len(places), dtype=bool)
        for cell in np.unique(cells):
            inside = np.flatnonzero(cells == cell)
            column, row = int(columns[inside[0]]), int(rows[inside[0]])
            driveable[inside] = is_driveable(self._cells.plan(column, row), places[inside])
            for axis, index, first in _streets_around(column, row):
                area = median_area(stretch_of(self._grid, axis, index, first), self.scenario.kerb)
                if area is not None:
                    driveable[inside] &= ~area.holds(places[inside])
        return driveable

    def _traffic_near(
        self, place: tuple[float, float], position: np.ndarray, time: float, radius: float
    ) -> list[SceneObject]:
        """Members of the streams near a place (in the city; `position` in the world)."""
        axis = self._traffic.axis
        found = []
        for index in self._grid.indices(axis, place[1 - axis] - radius, place[1 - axis] + radius):
            for stream in self._traffic.streams(index):
                for number in stream.numbers_near(place[axis], time, radius + 10):
                    thing = self._member(stream, number)
                    if thing is not None and is_near(thing, position, time, radius):
                        found.append(thing)
        return found

    def _make_member(self, stream: Stream, number: int) -> SceneObject | None:
        """Who takes a slot of a stream; None if it is empty or would get in somebody's way."""
        member = self._traffic.member(stream, number)
        if member is None:
            return None
        solid = self._stock.draw(member.kind, member.rng)
        height = self._sidewalk_height(stream.street) if stream.is_walkway else None
        track = Track(self._frame, stream.street, member.lateral, stream.heading, height)
        motion = Cruising(track, member.along, stream.speed)
        length, width, _ = solid.bounds[1] - solid.bounds[0]
        if self._guard.meets(motion, solid) or any(
            self._traffic.passes(stream, member, length, width, encounter.reserved)
            for encounter in self._encounters.standing
        ):
            return None
        place = (stream.street.number + MAX_CELL) * STREAMS_OF_A_STREET + stream.code
        first = FIRST_STREAM_INSTANCE + place * SLOTS_OF_A_STREAM
        return scene_object(solid, motion, first + SLOTS_OF_A_STREAM // 2 + number, standing=1)

    def _sidewalk_height(self, street: Street) -> Height:
        """Height of the ground under people who walk along a street and cross others."""

        def height(along: float) -> float:
            axis = 1 - street.axis
            crossing = self._grid.nearest(axis, along)
            # Looking along x, the near side of a street along y is its left one.
            near, far = (1, -1) if axis == 1 else (-1, 1)
            outside = max(
                crossing.centre - crossing.kerb(near) - along,
                along - crossing.centre - crossing.kerb(far),
            )
            return self.scenario.kerb * min(1.0, max(0.0, outside / 0.4))

        return height

    def _make_ground(self) -> SceneObject:
        """The road's plane, under everything."""
        width, height = self.size
        reach = np.array([width / 2 + HORIZON, height / 2 + HORIZON])
        shape = Polyhedron.box((*-reach, -1.0), (*reach, 0.0))
        rng = generator(self.seed, self.scene, _SALT, 1)
        shade = float(rng.uniform(0.85, 1.2))
        part = Part(shape, 'asphalt', int(rng.integers(LOOKS)), (shade, shade, shade))
        pose = CityFrame(0.0, (0.0, 0.0)).pose(width / 2, height / 2)
        return SceneObject(Solid((part,), DRIVEABLE_SURFACE), Standing(pose))


def _streets_around(column: int, row: int) -> tuple[tuple[int, int, int], ...]:
    """(axis, index, first) of the four stretches of street beside a cell's block."""
    return (0, row, column), (0, row + 1, column), (1, column, row), (1, column + 1, row)


def _lay_out(drive: Drive, angle: float) -> tuple[CityFrame, tuple[float, float]]:
    """A frame in which the whole drive lies MARGIN within the world, and the world's size."""
    times = np.arange(drive.first, drive.last, 0.2)
    turned = CityFrame(angle, (0.0, 0.0)).to_world(drive.position(times))
    low, high = turned.min(axis=0) - MARGIN, turned.max(axis=0) + MARGIN
    width, height = (math.ceil(extent) for extent in high - low)
    return CityFrame(angle, (float(-low[0]), float(-low[1]))), (float(width), float(height))
