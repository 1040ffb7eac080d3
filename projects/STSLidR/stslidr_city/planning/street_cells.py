"""Pieces of the city, each made when it is first needed: a block and the streets before it.

Cell (column, row) holds the block between the streets `column` and next along y, `row` and next
along x, the stretch of street `column` on its west side and that of street `row` on its south side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from stslidr_city.planning.chance import generator
from stslidr_city.planning.ego_guard import EgoGuard
from stslidr_city.planning.encounters import EncounterPlan
from stslidr_city.planning.footprints import Claims, overlap
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.interiors import furnish_interior
from stslidr_city.planning.kerbside import KERBSIDES, furnish_kerbside
from stslidr_city.planning.lots import furnish_lot
from stslidr_city.planning.placing import Placer
from stslidr_city.planning.plan import BlockPlan, plan_block
from stslidr_city.planning.queues import put_queues, put_strollers
from stslidr_city.planning.roadway import furnish_stretch, stretch_of
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.streets import StreetGrid
from stslidr_city.solids.solids import SceneObject, Standing

CELLS_IN_MEMORY = 48
INSTANCES_OF_A_CELL = 1 << 12
MAX_CELL = 1 << 8  # columns and rows lie within +- this, so that instance numbers stay below 2**31
_SALT = 990


class StreetCell:
    """The objects of a piece of the city.

    Args:
        objects: all of them.
    """

    def __init__(self, objects: list[SceneObject]) -> None:
        self._standing = [thing for thing in objects if isinstance(thing.motion, Standing)]
        self._moving = [thing for thing in objects if not isinstance(thing.motion, Standing)]
        poses = np.array([thing.motion.pose_at(0.0) for thing in self._standing])
        self._places = poses[:, :2]
        self._forward = np.column_stack([np.cos(poses[:, 3]), np.sin(poses[:, 3])])
        self._bounds = np.array([thing.solid.bounds[:, :2] for thing in self._standing])

    def near(self, position: np.ndarray, time: float, radius: float) -> list[SceneObject]:
        """Objects whose footprint comes within `radius` of a world position (2,) at a time."""
        offset = position - self._places
        along = (offset * self._forward).sum(axis=1)
        across = offset[:, 1] * self._forward[:, 0] - offset[:, 0] * self._forward[:, 1]
        local = np.column_stack([along, across])
        beyond = np.maximum(self._bounds[:, 0] - local, local - self._bounds[:, 1]).clip(0)
        found = np.flatnonzero((beyond**2).sum(axis=1) <= radius**2)
        return [self._standing[index] for index in found] + [
            thing for thing in self._moving if is_near(thing, position, time, radius)
        ]


def is_near(thing: SceneObject, position: np.ndarray, time: float, radius: float) -> bool:
    """Whether the circle about an object's footprint comes within `radius` of a position (2,)."""
    x, y, _, _ = thing.motion.pose_at(time)
    reach = float(np.hypot(*np.abs(thing.solid.bounds[:, :2]).max(axis=0)))
    return float(np.hypot(x - position[0], y - position[1])) <= radius + reach


class CellMaker:
    """Makes cells and keeps the last CELLS_IN_MEMORY of them.

    Args:
        grid: the streets.
        frame: where the city lies in the world.
        stock: what there is to put.
        encounters: that the cells have to hold.
        guard: keeps clear of the ego vehicle.
    """

    def __init__(
        self,
        grid: StreetGrid,
        frame: CityFrame,
        stock: Stock,
        encounters: EncounterPlan,
        guard: EgoGuard,
    ) -> None:
        self._grid, self._frame, self._stock = grid, frame, stock
        self._encounters, self._guard = encounters, guard
        self.plan = lru_cache(maxsize=4 * CELLS_IN_MEMORY)(self._plan)
        self.cell = lru_cache(maxsize=CELLS_IN_MEMORY)(self._make)

    def _plan(self, column: int, row: int) -> BlockPlan:
        return plan_block(self._grid, column, row)

    def _make(self, column: int, row: int) -> StreetCell:
        """Make the cell; the same one whenever it is made."""
        scenario, plan = self._grid.scenario, self.plan(column, row)
        rng = generator(scenario.seed, scenario.scene, _SALT, column, row)
        placer = self._placer(plan, column, row)
        for area in plan.areas:
            placer.cover(area, rng)
        self._put_encounters(placer, column, row)
        for lot in plan.lots:
            furnish_lot(placer, rng, lot)
        furnish_interior(placer, rng, plan)
        for frontage in plan.frontages:
            furnish_kerbside(placer, rng, frontage, plan.style, scenario.kerb, scenario.liveliness)
            if frontage.street.axis != scenario.flow_axis:
                mean = KERBSIDES[plan.style].bystanders * scenario.liveliness
                put_strollers(placer, rng, frontage, scenario.kerb, mean, self._guard)
        self._furnish_streets(placer, rng, column, row)
        return StreetCell(placer.objects)

    def _furnish_streets(
        self, placer: Placer, rng: np.random.Generator, column: int, row: int
    ) -> None:
        """Put what belongs to the streets on the south and west side."""
        for axis, index, first in ((0, row, column), (1, column, row)):
            stretch = stretch_of(self._grid, axis, index, first)
            furnish_stretch(placer, rng, stretch, self._grid.scenario.kerb)
            if axis != self._grid.scenario.flow_axis:
                put_queues(placer, rng, stretch, self._guard)

    def _placer(self, plan: BlockPlan, column: int, row: int) -> Placer:
        """A placer for the cell, which knows what is reserved for encounters."""
        x0, y0 = plan.outline.min(axis=0) - 40
        x1, y1 = plan.outline.max(axis=0) + 40
        around = (float(x0), float(y0), float(x1), float(y1))
        reserved = [
            encounter.reserved
            for encounter in self._encounters.standing
            if overlap(encounter.reserved, around)
        ]
        number = (column + MAX_CELL) * 2 * MAX_CELL + row + MAX_CELL
        return Placer(self._frame, self._stock, Claims(reserved), number * INSTANCES_OF_A_CELL)

    def _put_encounters(self, placer: Placer, column: int, row: int) -> None:
        """Put the encounters whose places lie in the cell."""
        if not self._encounters.standing:
            return
        places = np.array([encounter.place for encounter in self._encounters.standing])
        columns = self._grid.index_below(1, places[:, 0])
        rows = self._grid.index_below(0, places[:, 1])
        for index in np.flatnonzero((columns == column) & (rows == row)):
            encounter = self._encounters.standing[index]
            placer.put(
                encounter.solid,
                encounter.place,
                encounter.ground,
                encounter.yaw,
                encounter.standing,
            )
