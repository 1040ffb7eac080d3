"""The street grid and the blocks' plans against arithmetic on single streets."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr_city.planning.plan import plan_block
from stslidr_city.planning.scenario import draw_scenario
from stslidr_city.planning.streets import SIDES, StreetGrid


@pytest.fixture(scope='module', params=[0, 5])
def grid(request):
    return StreetGrid(draw_scenario(1, request.param, 1.0))


def test_streets_are_known_without_their_neighbours(grid):
    """A grid that is asked in another order, and only for some, has the same streets."""
    other = StreetGrid(grid.scenario)
    later = [other.street(axis, index) for index in range(9, -9, -3) for axis in (1, 0)]
    assert later == [grid.street(axis, index) for index in range(9, -9, -3) for axis in (1, 0)]


def test_index_below_is_a_search_by_hand(grid):
    values = np.random.default_rng(0).uniform(-900, 900, 200)
    for axis in (0, 1):
        centres = {index: grid.street(axis, index).centre for index in range(-14, 15)}
        by_hand = [
            max(index for index, centre in centres.items() if centre <= value) for value in values
        ]
        assert np.array_equal(grid.index_below(axis, values), by_hand)
        for value in values[:20]:
            nearest = min(centres, key=lambda index: abs(centres[index] - value))
            assert grid.nearest(axis, value).number == nearest


def test_cross_sections_add_up(grid):
    """From the centre: half a median, lanes side by side, shoulder, parking lane, kerb."""
    for axis in (0, 1):
        for street in (grid.street(axis, index) for index in range(-6, 6)):
            for side in SIDES:
                laterals = [
                    side * street.lane_lateral(side, lane) for lane in range(street.lanes_on(side))
                ]
                edges = street.median / 2 + street.lane_width * np.arange(len(laterals) + 1)
                assert np.allclose(laterals, (edges[1:] + edges[:-1]) / 2)
                beyond = street.shoulder + 2.4 * street.has_parking(side)
                assert np.isclose(street.kerb(side), edges[-1] + beyond)


def test_places_and_coordinates_are_inverse(grid):
    rng = np.random.default_rng(1)
    for axis in (0, 1):
        street = grid.street(axis, 2)
        for along, lateral in rng.uniform(-50, 50, (10, 2)):
            assert np.allclose(street.coordinates(*street.place(along, lateral)), (along, lateral))
            ahead = np.subtract(street.place(along + 1, lateral), street.place(along, lateral))
            left = np.subtract(street.place(along, lateral + 1), street.place(along, lateral))
            assert np.allclose(left, (-ahead[1], ahead[0]))
            yaw = street.yaw(1)
            assert np.allclose(ahead, (np.cos(yaw), np.sin(yaw)))


def test_blocks_begin_at_the_kerbs(grid):
    """Each block's outline touches the four kerbs around it and no street reaches into it."""
    for column, row in ((0, 0), (-3, 2), (4, -5)):
        plan = plan_block(grid, column, row)
        low, high = plan.outline.min(axis=0), plan.outline.max(axis=0)
        west, east = grid.street(1, column), grid.street(1, column + 1)
        south, north = grid.street(0, row), grid.street(0, row + 1)
        # A street along y has its right side in the east, one along x has it in the south.
        assert np.allclose(low, (west.centre + west.kerb(-1), south.centre + south.kerb(1)))
        assert np.allclose(high, (east.centre - east.kerb(1), north.centre - north.kerb(-1)))
        assert (high - low > 30).all()


def test_everything_in_a_block_lies_in_it(grid):
    for column, row in ((0, 0), (1, -1), (2, 3)):
        plan = plan_block(grid, column, row)
        low, high = plan.outline.min(axis=0), plan.outline.max(axis=0)
        for area in plan.areas:
            assert (area.outline >= low - 1e-9).all() and (area.outline <= high + 1e-9).all()
            ahead = np.roll(area.outline, -1, axis=0) - area.outline
            after = np.roll(ahead, -1, axis=0)
            assert (ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0] > 0).all()
