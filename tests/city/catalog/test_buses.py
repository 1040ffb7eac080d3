"""Buses: sections, bands of glass, doors to the right, bellows between the halves of a long one."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import bounds_of, build_all, first_met, held, holds, made_of, seen, volume

from stslidr_city.catalog.buses import LIVERIES, SIGN, WHEEL_RADIUS, bus_bendy, bus_rigid
from stslidr_city.catalog.categories import BUS_BENDY, BUS_RIGID
from stslidr_city.catalog.finishes import COLOURS

BUSES = {'rigid': (bus_rigid, BUS_RIGID), 'bendy': (bus_bendy, BUS_BENDY)}
SEEDS = range(12)


@pytest.fixture(params=BUSES, scope='module')
def buses(request):
    return build_all(BUSES[request.param][0], SEEDS)


def bodies(solid):
    """The painted sections from the rear to the front, as bounds."""
    return sorted(bounds_of(made_of(solid, 'car_paint')), key=lambda each: each[0, 0])


@pytest.mark.parametrize('kind', BUSES)
def test_classes_and_numbers_of_sections(kind):
    build, category = BUSES[kind]
    for solid in build_all(build, SEEDS):
        assert solid.category == category
        assert len(bodies(solid)) == (2 if kind == 'bendy' else 1)
        assert len(solid.parts) <= (25 if kind == 'bendy' else 21)


def test_bodies_end_at_the_ends_of_the_bus(buses):
    for solid in buses:
        sections = bodies(solid)
        length = np.ptp(solid.bounds[:, 0])
        assert sections[0][0, 0] == pytest.approx(-length / 2, abs=0.05)
        assert sections[-1][1, 0] == pytest.approx(length / 2, abs=0.05)


def test_all_sections_share_one_livery(buses):
    """Livery and section are drawn once for the whole bus."""
    for solid in buses:
        paints = {(part.look, part.tint) for part in made_of(solid, 'car_paint')}
        assert len(paints) == 1
    tints = np.array([made_of(solid, 'car_paint')[0].tint for solid in buses])
    assert len(np.unique(tints, axis=0)) == len(buses)
    assert set(LIVERIES) <= set(COLOURS)


def test_roofs_have_bevelled_edges(buses):
    """A point in the upper corner of the body's box is outside, one in the lower corner inside."""
    for solid in buses:
        for part in made_of(solid, 'car_paint'):
            low, high = part.shape.bounds
            middle = (low[0] + high[0]) / 2
            for side in (-1, 1):
                y = side * (high[1] - 0.03)
                corners = [[middle, y, high[2] - 0.03], [middle, y, low[2] + 0.03]]
                assert holds(part.shape, corners).tolist() == [False, True]


def test_a_body_fills_its_box_but_for_the_bevels(buses):
    """25 cm are cut off two of four edges: by closed form."""
    for solid in buses[:4]:
        part = made_of(solid, 'car_paint')[0]
        length, width, height = np.ptp(part.shape.bounds, axis=0)
        expected = length * (width * height - 0.25**2)
        assert volume([part]) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize('height', [0.5, 0.6])
def test_windows_on_both_sides_at_the_height_of_those_who_sit(buses, height):
    """Rays from both sides meet glass over most of the length."""
    for solid in buses:
        level = height * solid.bounds[1, 2]
        for side in (1, -1):
            starts = [(x, 15 * side, level) for x in np.linspace(*solid.bounds[:, 0], 30)[2:-2]]
            met = seen(solid, starts, (0, -side, 0))
            assert np.mean([part.material == 'glass' for part in met]) > 0.75


def test_doors_are_on_the_right_and_reach_down(buses):
    for solid in buses:
        doors = [
            bounds
            for bounds in bounds_of(made_of(solid, 'glass'))
            if bounds[0, 2] < 0.5 and np.ptp(bounds[:, 0]) < 1.5
        ]
        assert len(doors) == 2
        for bounds in doors:
            assert (bounds[:, 1] < -1.1).all()
            assert np.ptp(bounds[:, 0]) == pytest.approx(1.25)
            x, _, _ = bounds.mean(axis=0)
            assert first_met(solid, (x, -15, 0.5), (0, 1, 0))[0].material == 'glass'
            assert first_met(solid, (x, 15, 0.5), (0, -1, 0))[0].material != 'glass'


def test_the_destination_is_lit_above_the_windscreen(buses):
    for solid in buses:
        front = solid.bounds[1, 0] + 10
        height = solid.bounds[1, 2]
        sign, _ = first_met(solid, (front, 0, 0.795 * height), (-1, 0, 0))
        assert (sign.material, sign.tint) == (SIGN.material, SIGN.tint)
        screen, _ = first_met(solid, (front, 0, 0.6 * height), (-1, 0, 0))
        assert screen.material == 'glass'
        bumper, _ = first_met(solid, (front, 0, 0.3), (-1, 0, 0))
        assert bumper.material == 'plastic'


def test_wheels_are_round_and_under_the_sections(buses):
    for solid in buses:
        tyres = [
            bounds
            for bounds in bounds_of(made_of(solid, 'rubber'))
            if bounds[0, 2] == pytest.approx(0)
        ]
        assert len(tyres) == (4 if len(bodies(solid)) == 1 else 6)
        for bounds in tyres:
            assert np.ptp(bounds[:, [0, 2]], axis=0) == pytest.approx([2 * WHEEL_RADIUS] * 2)
            x = bounds.mean(axis=0)[0]
            assert any(section[0, 0] < x < section[1, 0] for section in bodies(solid))


def test_bellows_close_the_joint_of_a_bendy_bus():
    for solid in build_all(bus_bendy, SEEDS):
        rear, front = bodies(solid)
        assert front[0, 0] - rear[1, 0] == pytest.approx(1.2)
        xs = np.linspace(rear[1, 0] + 0.05, front[0, 0] - 0.05, 9)
        middle = np.column_stack([xs, 0 * xs, np.full(9, 1.5)])
        assert held(made_of(solid, 'rubber'), middle).all()
        assert not held(made_of(solid, 'car_paint'), middle).any()
        (bellows,) = [part for part in made_of(solid, 'rubber') if part.shape.bounds[0, 2] > 0.1]
        assert np.ptp(bellows.shape.bounds[:, 1]) < np.ptp(rear[:, 1])


def test_the_joint_lies_about_the_middle():
    joints = [
        (bodies(solid)[0][1, 0] + bodies(solid)[1][0, 0]) / 2 / np.ptp(solid.bounds[:, 0])
        for solid in build_all(bus_bendy, range(40))
    ]
    assert min(joints) > -0.061 and max(joints) < 0.041
    assert np.std(joints) > 0.01


def test_what_stands_on_the_roof_is_narrower_and_makes_the_height(buses):
    for solid in buses:
        units = [
            bounds
            for bounds in bounds_of(made_of(solid, 'plastic'))
            if bounds[0, 2] > 0.85 * solid.bounds[1, 2]
        ]
        assert len(units) == len(bodies(solid))
        for bounds in units:
            assert bounds[1, 2] == pytest.approx(solid.bounds[1, 2])
            width = np.ptp(solid.bounds[:, 1])
            assert np.ptp(bounds[:, 1]) == pytest.approx(0.55 * width)


def test_some_buses_have_two_decks_and_two_bands_of_windows():
    """Six in a hundred; a second long band of glass lies over the first one."""
    double = []
    for solid in build_all(bus_rigid, range(150)):
        length = np.ptp(solid.bounds[:, 0])
        bands = [
            bounds
            for bounds in bounds_of(made_of(solid, 'glass'))
            if np.ptp(bounds[:, 0]) > 0.8 * length
        ]
        assert len(bands) in (1, 2)
        if len(bands) == 2:
            double.append(solid.bounds[1, 2])
            low, high = sorted(bands, key=lambda bounds: bounds[0, 2])
            assert np.ptp(high[:, 2]) == pytest.approx(0.24 * solid.bounds[1, 2])
            assert high[0, 2] > low.mean(axis=0)[2]
    assert 3 <= len(double) <= 20
    assert np.mean(double) == pytest.approx(4.3, rel=0.05)
