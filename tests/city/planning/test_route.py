"""Routes: smooth curves along lanes, manoeuvres where they belong, turns of their shape."""

from __future__ import annotations

import numpy as np
import pytest
from city_scene import make_scenario

from stslidr_city.planning.route import (
    FRONT_OVERHANG,
    LANE_CHANGE_LENGTH,
    TURN_LEGS,
    TURN_SPEED,
    Route,
    RouteDrawer,
    Slowing,
)
from stslidr_city.planning.scenario import MANOEUVRES
from stslidr_city.planning.streets import STOP_LINE, StreetGrid

LENGTH = 320.0
SCENES = range(8)
STEP = 0.1


def drawn(manoeuvre, scene, length=LENGTH, lead=20.0):
    """A grid and a route on it of at least `length` metres."""
    scenario = make_scenario(9, scene, 20.0, manoeuvre=manoeuvre)
    grid = StreetGrid(scenario)
    return grid, RouteDrawer(grid, scenario, lead).draw(length)


def sampled(route):
    """Distances (N,), places (N, 2), and headings (N,) without jumps along a route."""
    distances = np.arange(0.0, route.length, STEP)
    tangents = route.tangent(distances)
    return (
        distances,
        route.position(distances),
        np.unwrap(np.arctan2(tangents[:, 1], tangents[:, 0])),
    )


@pytest.fixture(scope='module', params=MANOEUVRES)
def routes(request):
    return request.param, [drawn(request.param, scene) for scene in SCENES]


def test_a_route_is_as_long_as_asked_and_measured_in_metres(routes):
    for _, route in routes[1]:
        assert route.length >= LENGTH
        distances, places, _ = sampled(route)
        steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
        assert np.abs(steps / STEP - 1).max() < 0.01
        assert steps.sum() == pytest.approx(distances[-1], rel=1e-3)


def test_the_tangent_is_the_derivative_of_the_position(routes):
    for _, route in routes[1]:
        distances = np.linspace(1, route.length - 1, 300)
        difference = (route.position(distances + 1e-4) - route.position(distances - 1e-4)) / 2e-4
        assert np.allclose(route.tangent(distances), difference, atol=1e-5)


def test_position_heading_and_curvature_have_no_jump(routes):
    """A car steers: nowhere more than one turn in 7 m of radius, and no kink in between."""
    for _, route in routes[1]:
        _, _, headings = sampled(route)
        curvature = np.diff(headings) / STEP
        assert np.abs(curvature).max() < 1 / 6.0
        assert np.abs(np.diff(curvature)).max() < 0.03


def test_a_route_begins_on_the_first_street_along_it(routes):
    for grid, route in routes[1]:
        street = grid.street(0, 0)
        lanes = [street.lane_lateral(-1, lane) for lane in range(street.lanes_on(-1))]
        _, lateral = street.coordinates(*route.position(0.0))
        assert min(abs(lateral - lane) for lane in lanes) < 1e-6
        assert route.tangent(0.0) == pytest.approx((1, 0), abs=1e-3)


def test_between_manoeuvres_it_keeps_to_the_middle_of_lanes(routes):
    """Away from turns and the change of lanes every place lies on the line of a lane."""
    manoeuvre, made = routes
    for grid, route in made:
        distances, places, headings = sampled(route)
        on_line = 0
        clear = np.ones(len(distances), dtype=bool)
        for turn in route.turns:
            clear &= (distances < turn.start - 1.5) | (distances > turn.end + 1.5)
        for (x, y), heading in zip(places[clear][::20], headings[clear][::20], strict=True):
            axis = int(abs(np.sin(heading)) > 0.7)
            sign = 1 if (np.sin(heading) if axis else np.cos(heading)) > 0 else -1
            street = grid.nearest(axis, (y, x)[axis])
            lateral = street.coordinates(x, y)[1]
            lanes = [street.lane_lateral(-sign, lane) for lane in range(street.lanes_on(-sign))]
            on_line += min(abs(lateral - lane) for lane in lanes) < 0.02
        share = on_line / len(places[clear][::20])
        assert share > (0.8 if manoeuvre == 'lane change' else 0.999)


def test_turns_are_right_angles_on_their_legs(routes):
    """Between start and end the heading changes by 90 degrees, to the side that it is slow for."""
    count = 0
    for _, route in routes[1]:
        for turn in route.turns:
            if turn.end > route.length - 3:
                continue
            count += 1
            before, after = route.tangent(np.array([turn.start - 0.5, turn.end + 0.5]))
            side = before[0] * after[1] - before[1] * after[0]
            assert abs(side) == pytest.approx(1, abs=0.02)
            name = 'left' if side > 0 else 'right'
            assert turn.speed == TURN_SPEED[name]
            chord = np.subtract(*route.position(np.array([turn.end, turn.start])))
            assert np.abs(chord) == pytest.approx(TURN_LEGS[name], abs=0.05)
    if routes[0].startswith('turn'):
        assert count >= len(SCENES)


@pytest.mark.parametrize('side', ['left', 'right'])
def test_the_first_turn_is_at_the_first_crossing_into_its_lane(side):
    """A left turn ends in the innermost lane, a right turn in the outermost one."""
    for scene in SCENES:
        grid, route = drawn(f'turn {side}', scene)
        turn, crossing = route.turns[0], grid.street(1, 0)
        lateral = crossing.coordinates(*route.position(turn.end))[1]
        heading = 1 if side == 'left' else -1
        lane = 0 if side == 'left' else crossing.lanes_on(-heading) - 1
        assert lateral == pytest.approx(crossing.lane_lateral(-heading, lane), abs=0.01)
        assert turn.start >= 0


@pytest.mark.parametrize('scene', SCENES)
def test_a_change_of_lanes_moves_over_within_its_length(scene):
    grid, route = drawn('lane change', scene)
    street = grid.street(0, 0)
    distances, places, _ = sampled(route)
    straight = distances < (route.turns[0].start if route.turns else np.inf)
    laterals = np.array([street.coordinates(*place)[1] for place in places[straight]])
    first, last = laterals[0], laterals[min(len(laterals) - 1, int(75 / STEP))]
    lanes = sorted(street.lane_lateral(-1, lane) for lane in (0, 1))
    assert sorted((first, last)) == pytest.approx(lanes, abs=1e-3)
    between = np.abs(laterals - first) > 0.01
    between &= np.abs(laterals - last) > 0.01
    assert 0.5 * LANE_CHANGE_LENGTH < between.sum() * STEP <= LANE_CHANGE_LENGTH
    steps = np.diff(laterals[: int(75 / STEP)])
    assert (steps < 1e-3).all() or (steps > -1e-3).all()  # but for the spline's error


@pytest.mark.parametrize('scene', SCENES)
def test_a_stop_is_before_the_line_with_room_for_those_ahead(scene):
    """With the front at the line, or one or two car lengths further back."""
    grid, route = drawn('stop at a light', scene)
    crossing = grid.street(1, 0)
    edge = crossing.centre - crossing.kerb(1) - STOP_LINE
    front = route.position(route.stop)[0] + FRONT_OVERHANG
    before = edge - front
    assert min(abs(before - gap) for gap in (0.8, 8.3, 15.8)) < 1e-6
    assert route.stop >= 0 and route.position(0.0)[0] < edge


@pytest.mark.parametrize('manoeuvre', [each for each in MANOEUVRES if each != 'stop at a light'])
def test_other_manoeuvres_do_not_wait(manoeuvre):
    assert drawn(manoeuvre, 0)[1].stop is None


def test_the_same_scenario_gives_the_same_route():
    for manoeuvre in MANOEUVRES:
        (_, first), (_, second) = (drawn(manoeuvre, 3) for _ in range(2))
        distances = np.linspace(0, LENGTH, 50)
        assert np.array_equal(first.position(distances), second.position(distances))
        assert first.turns == second.turns and first.stop == second.stop


@pytest.mark.parametrize('manoeuvre', ['straight on', 'lane change'])
def test_the_lead_is_driven_before_the_scene_begins(manoeuvre):
    """Where the vehicle is after the lead does not depend on how long that is."""
    for scene in range(4):
        at_once, later = (drawn(manoeuvre, scene, lead=lead)[1] for lead in (0.0, 20.0))
        along, aside = np.abs(later.position(20.0) - at_once.position(0.0))
        assert along < 0.3 and aside < 3.5  # it may be between two lanes then


def test_a_longer_route_begins_like_a_shorter_one():
    for manoeuvre in MANOEUVRES:
        (_, short), (_, long) = (drawn(manoeuvre, 2, length) for length in (60.0, 900.0))
        distances = np.linspace(0, 40, 30)
        assert np.allclose(short.position(distances), long.position(distances), atol=1e-3)
        assert long.length >= 900


def test_later_turns_are_taken_at_a_quarter_of_the_crossings_at_most():
    turns = [len(drawn('straight on', scene, 1500.0)[1].turns) for scene in range(12)]
    assert 0 < np.mean(turns) < 0.4 * 1500 / 92
    assert max(turns) > 1


def test_a_route_through_waypoints_passes_them():
    angles = np.linspace(0, np.pi, 48)
    waypoints = 15 * np.column_stack([np.cos(angles), np.sin(angles)])
    route = Route(waypoints, [Slowing(1.0, 2.0, 3.0)], 4.0)
    steps = np.linalg.norm(np.diff(waypoints, axis=0), axis=1)
    at = np.concatenate([[0], np.cumsum(steps)])
    assert np.allclose(route.position(at), waypoints)
    assert route.length == pytest.approx(15 * np.pi, rel=1e-3)
    assert np.allclose(
        np.linalg.norm(route.position(np.linspace(0, at[-1], 400)), axis=1), 15, atol=1e-3
    )
    assert (route.turns, route.stop) == ([Slowing(1.0, 2.0, 3.0)], 4.0)
