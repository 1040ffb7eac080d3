"""Cells: what is near by a search over corners, numbers, encounters and what is forgotten."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import (
    AT_CITY,
    AlwaysNear,
    NeverNear,
    area_of,
    ground_of,
    make_grid,
    make_placer,
    standing,
)
from shapely.geometry import Point

from stslidr_city.catalog.annotated import ANNOTATED
from stslidr_city.planning.encounters import Encounter
from stslidr_city.planning.motions import Queueing, Strolling
from stslidr_city.planning.stock import Stock
from stslidr_city.planning.street_cells import (
    INSTANCES_OF_A_CELL,
    MAX_CELL,
    CellMaker,
    StreetCell,
    is_near,
)
from stslidr_city.solids.solids import Pose, SceneObject, Standing

CELLS = [(0, 0), (-1, 2), (3, -2)]


class Planned:
    """Stands for an EncounterPlan: a few encounters and nothing else."""

    def __init__(self, encounters=()):
        self.standing = list(encounters)


def make_maker(encounters=(), guard=None, seed=4):
    grid = make_grid(seed)
    return CellMaker(grid, AT_CITY, Stock(seed), Planned(encounters), guard or NeverNear())


def everything(maker, cell):
    """All objects of a cell: a search from far away with a radius that reaches all."""
    return maker.cell(*cell).near(np.zeros(2), 0.0, 1e6)


@pytest.fixture(scope='module')
def maker():
    return make_maker()


@pytest.mark.parametrize('cell', CELLS)
def test_near_are_those_whose_footprint_a_circle_touches(maker, cell):
    """By shapely, for what stands; what moves may be counted in a little early."""
    objects = everything(maker, cell)
    plan = maker.plan(*cell)
    rng = np.random.default_rng(0)
    low, high = plan.outline.min(axis=0) - 20, plan.outline.max(axis=0) + 20
    for position in rng.uniform(low, high, (8, 2)):
        for radius in (3.0, 25.0):
            near = {id(thing) for thing in maker.cell(*cell).near(position, 0.0, radius)}
            for thing in objects:
                if isinstance(thing.motion, Standing):
                    gap = ground_of(thing).distance(Point(position))
                    if abs(gap - radius) > 1e-6:
                        assert (id(thing) in near) == (gap < radius)


def test_what_moves_is_near_by_the_circle_about_it():
    solid = Stock(1).draw('car', np.random.default_rng(0))
    thing = SceneObject(solid, Standing(Pose(10.0, 0.0, 0.0, 0.5)), 1)
    reach = np.hypot(*np.abs(solid.bounds[:, :2]).max(axis=0))
    for radius, near in ((10 - reach - 0.01, False), (10 - reach + 0.01, True), (12.0, True)):
        assert is_near(thing, np.zeros(2), 0.0, radius) == near


@pytest.mark.parametrize('cell', CELLS)
def test_numbers_are_those_of_the_cell(maker, cell):
    column, row = cell
    first = ((column + MAX_CELL) * 2 * MAX_CELL + row + MAX_CELL) * INSTANCES_OF_A_CELL
    numbers = [thing.instance for thing in everything(maker, cell) if thing.instance >= 0]
    assert len(set(numbers)) == len(numbers) > 5
    assert first <= min(numbers) and max(numbers) < first + INSTANCES_OF_A_CELL < 2**31


@pytest.mark.parametrize('cell', CELLS)
def test_a_cell_is_the_same_whenever_it_is_made(cell):
    """Two makers, asked in another order."""
    first, second = make_maker(), make_maker()
    for other in reversed(CELLS):
        second.cell(*other)
    things, again = everything(first, cell), everything(second, cell)
    assert len(things) == len(again)
    for thing, other in zip(things, again, strict=True):
        assert thing.motion.pose_at(2.0) == other.motion.pose_at(2.0)
        assert (thing.instance, thing.attribute) == (other.instance, other.attribute)
        assert thing.solid.category == other.solid.category


def test_cells_differ(maker):
    counts = {len(everything(maker, cell)) for cell in CELLS}
    assert len(counts) == len(CELLS)


@pytest.mark.parametrize('cell', CELLS)
def test_things_lie_in_the_block_or_on_the_streets_around_it(maker, cell):
    column, row = cell
    grid = maker._grid
    x0, x1 = grid.street(1, column).centre, grid.street(1, column + 1).centre
    y0, y1 = grid.street(0, row).centre, grid.street(0, row + 1).centre
    around = area_of((x0 - 18, y0 - 18, x1 + 18, y1 + 18))
    assert all(
        around.contains(Point(thing.motion.pose_at(1.0)[:2]))
        for thing in standing(everything(maker, cell))
    )


@pytest.mark.parametrize('cell', CELLS)
def test_those_who_wait_and_stroll_are_on_streets_with_red_lights(maker, cell):
    axis = maker._grid.scenario.flow_axis
    movers = [
        thing
        for thing in everything(maker, cell)
        if isinstance(thing.motion, (Queueing, Strolling))
    ]
    for thing in movers:
        yaw = thing.motion.pose_at(5.0).yaw
        along_y = abs(np.sin(yaw)) > 0.7
        assert along_y != bool(axis)


def test_nobody_who_moves_is_in_the_ego_vehicles_way():
    """With a guard that finds everything in the way, only what stands is left."""
    maker = make_maker(guard=AlwaysNear())
    assert all(
        isinstance(thing.motion, Standing) for cell in CELLS for thing in everything(maker, cell)
    )


def encounter_at(place, reserved):
    solid = Stock(1).draw('worker', np.random.default_rng(0))
    return Encounter(solid, place, 0.1, 0.3, 0, reserved)


def test_an_encounter_stands_in_the_cell_of_its_place_alone():
    grid = make_grid(4)
    place = (grid.street(1, 0).centre + 30.0, grid.street(0, 0).centre + 30.0)
    reserved = (place[0] - 4, place[1] - 4, place[0] + 4, place[1] + 4)
    found = encounter_at(place, reserved)
    maker = make_maker([found])
    owners = [
        cell
        for cell in [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)]
        if any(thing.solid is found.solid for thing in everything(maker, cell))
    ]
    assert owners == [(0, 0)]
    thing = next(each for each in everything(maker, (0, 0)) if each.solid is found.solid)
    assert thing.motion.pose_at(0.0) == pytest.approx((*place, 0.1, 0.3))
    assert thing.instance >= 0 and thing.solid.category in ANNOTATED


@pytest.mark.parametrize('index', [0, 5, 12])
def test_nothing_else_stands_on_ground_that_is_reserved(maker, index):
    """The ground about what stands there otherwise is kept free for one worker."""
    still = [
        thing for thing in standing(everything(maker, (0, 0))) if isinstance(thing.motion, Standing)
    ]
    x, y = still[index].motion.pose[:2]
    reserved = area_of((x - 4, y - 4, x + 4, y + 4))
    found = encounter_at((x, y), reserved.bounds)
    inside = [
        thing.solid
        for thing in standing(everything(make_maker([found]), (0, 0)))
        if isinstance(thing.motion, Standing)
        and reserved.contains(Point(thing.motion.pose.x, thing.motion.pose.y))
    ]
    assert inside == [found.solid]


def test_a_cell_of_given_objects_keeps_their_order():
    placer = make_placer()
    rng = np.random.default_rng(0)
    for index in range(5):
        placer.put(placer.stock.draw('bench', rng), (3.0 * index, 0.0), 0.0, 0.0)
    cell = StreetCell(placer.objects)
    assert cell.near(np.array([6.0, 0.0]), 0.0, 100.0) == placer.objects
    assert cell.near(np.array([6.0, 0.0]), 0.0, 1.0) == [placer.objects[2]]
    assert cell.near(np.array([500.0, 0.0]), 0.0, 1.0) == []
