"""Fixed furniture: seats at sitting height, glass walls, walls and fences of any length, racks."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import asymmetry, bounds_of, build_all, first_met, held, made_of, seen, volume

from stslidr_city.catalog import fixtures
from stslidr_city.catalog.categories import BICYCLE_RACK, MANMADE
from stslidr_city.catalog.finishes import COLOURS

SEEDS = range(12)
ALONG = {'wall': fixtures.wall, 'fence': fixtures.fence, 'guard_rail': fixtures.guard_rail}
LENGTHS = (2.0, 8.0, 30.0)


def level_hits(solid, level, ys):
    """The parts that level rays from +x meet first at some y; None where they pass."""
    return seen(solid, [(20.0, y, level) for y in ys], (-1, 0, 0))


def test_a_bench_has_a_seat_at_sitting_height_and_two_legs():
    with_back = 0
    for solid in build_all(fixtures.bench, range(30)):
        seat, *legs = solid.parts[:3]
        assert seat.shape.bounds[:, 2] == pytest.approx([0.4, 0.47])
        assert len(legs) == 2 and {leg.material for leg in legs} <= {'metal', 'concrete'}
        assert sorted(np.sign(bounds_of(legs).mean(axis=1)[:, 1])) == [-1, 1]
        assert 1.4 <= np.ptp(solid.bounds[:, 1]) <= 2.2
        with_back += len(solid.parts) == 4
        assert asymmetry(solid.parts, 1000) < 0.01
    assert 12 < with_back < 29


def test_a_bench_faces_ahead():
    """Its back is behind the seat and leans backwards."""
    for solid in build_all(fixtures.bench, SEEDS):
        if len(solid.parts) == 4:
            seat, back = solid.parts[0].shape.bounds, solid.parts[3].shape.bounds
            assert back.mean(axis=0)[0] < seat.mean(axis=0)[0]
            assert back[1, 2] > 0.8


def test_a_shelter_is_closed_behind_and_open_ahead():
    for solid in build_all(fixtures.bus_shelter, SEEDS):
        width = np.ptp(solid.bounds[:, 1])
        ys = np.linspace(-0.3, 0.3, 15) * width
        behind = seen(solid, [(-20.0, y, 1.2) for y in ys], (1, 0, 0))
        assert all(part.material == 'glass' for part in behind)
        ahead = level_hits(solid, 1.2, ys)  # through the open front
        assert all(part.material == 'glass' for part in ahead)
        roof, distance = first_met(solid, (0.0, 0.0, 10.0), (0, 0, -1))
        assert roof.material == 'metal' and 2.3 < 10 - distance < 2.65


def test_a_shelter_has_room_to_stand_and_a_place_to_sit():
    for solid in build_all(fixtures.bus_shelter, SEEDS):
        depth = np.ptp(solid.bounds[:, 0])
        standing = [[depth / 2 - 0.5, 0.0, z] for z in np.linspace(0.05, 2.1, 20)]
        assert not held(solid.parts, standing).any()
        (seat,) = made_of(solid, 'wood')
        assert seat.shape.bounds[:, 2] == pytest.approx([0.42, 0.48])


def test_posters_are_round_columns_or_panels():
    kinds = set()
    for solid in build_all(fixtures.advertising, range(20)):
        assert len(solid.parts) == 3
        poster = next(part for part in solid.parts if part.material in ('plastic', 'cloth'))
        box = np.prod(np.ptp(poster.shape.bounds, axis=0))
        is_round = volume([poster], 4000) / box < 0.9
        kinds.add(is_round)
        assert 2.4 <= solid.bounds[1, 2] <= 3.6
        assert first_met(solid, (10, 0, 1.5), (-1, 0, 0))[0] is poster
    assert kinds == {True, False}


def test_a_litter_bin_has_a_lid_of_chrome():
    for solid in build_all(fixtures.litter_bin, SEEDS):
        body, lid = solid.parts
        assert lid.material == 'chrome'
        assert lid.shape.bounds[1, 2] == pytest.approx(solid.bounds[1, 2])
        assert body.shape.bounds[1, 2] < lid.shape.bounds[1, 2]
        assert 30 < 1000 * volume(solid.parts, 4000) < 450  # litres


def test_a_power_box_stands_on_concrete():
    for solid in build_all(fixtures.power_box, SEEDS):
        plinth, case, top = solid.parts
        assert plinth.material == 'concrete'
        assert (case.material, case.tint) == (top.material, top.tint)
        widths = np.ptp(bounds_of(solid.parts)[:, :, 1], axis=1)
        assert widths[0] < widths[1] < widths[2]
        assert np.ptp(solid.bounds[:, 0]) < np.ptp(solid.bounds[:, 1]) + 0.15


def test_a_kiosk_opens_to_the_front_under_an_awning():
    for solid in build_all(fixtures.kiosk, SEEDS):
        (glass,), (awning,) = made_of(solid, 'glass'), made_of(solid, 'cloth')
        level = 0.3 * glass.shape.bounds[0, 2] + 0.7 * glass.shape.bounds[1, 2]
        assert first_met(solid, (10, 0, level), (-1, 0, 0))[0] is glass
        assert first_met(solid, (-10, 0, level), (1, 0, 0))[0] is not glass
        assert awning.shape.bounds[1, 0] == pytest.approx(solid.bounds[1, 0])
        assert awning.shape.bounds[0, 2] > 1.6
        assert len(solid.parts) == 5
        counter = solid.parts[4].shape.bounds
        assert counter[:, 2] == pytest.approx([0.92, 0.98])
        assert counter[1, 0] < awning.shape.bounds[1, 0]


@pytest.mark.parametrize('name', ALONG)
@pytest.mark.parametrize('length', LENGTHS)
def test_what_lies_along_is_closed_from_end_to_end(name, length):
    """Somewhere between the ground and its top, level rays meet it at every place along it."""
    for seed in range(5):
        solid = ALONG[name](np.random.default_rng(seed), length)
        ys = np.linspace(-0.49, 0.49, 31) * length
        top = solid.bounds[1, 2]
        closed = [
            all(part is not None for part in level_hits(solid, level, ys))
            for level in np.linspace(0.1, 0.9, 17) * top
        ]
        assert any(closed)
        assert asymmetry(solid.parts, 1000) < 0.02


@pytest.mark.parametrize('height', [0.6, 1.2, 2.4])
def test_walls_and_fences_have_the_height_that_is_asked_for(height):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        wall = fixtures.wall(rng, 8.0, height)
        assert height <= wall.bounds[1, 2] <= height + 0.15 + 1e-9  # piers stand out
        fence = fixtures.fence(rng, 8.0, height)
        assert fence.bounds[1, 2] == pytest.approx(height, abs=0.01)


def test_drawn_heights_lie_in_their_ranges():
    walls = [
        wall.parts[1].shape.bounds[1, 2] for wall in build_all(fixtures.wall, range(40), length=5.0)
    ]
    fences = [fence.bounds[1, 2] for fence in build_all(fixtures.fence, range(40), length=5.0)]
    for heights, low, high in ((walls, 0.5, 2.4), (fences, 0.9, 2.0)):
        assert low <= min(heights) < low + 0.3 and high - 0.3 < max(heights) <= high + 0.02


def test_a_wall_is_covered_by_its_coping():
    for seed in SEEDS:
        solid = fixtures.wall(np.random.default_rng(seed), 9.0, 1.5)
        body, coping = solid.parts[:2]
        assert coping.material in ('stone', 'concrete')
        for y in np.linspace(-3.3, 3.3, 7):
            assert first_met(solid, (0.14, y, 5.0), (0, 0, -1))[0] is not body
        piers = solid.parts[2:]
        assert len(piers) in (0, 2) and {pier.material for pier in piers} <= {body.material}


@pytest.mark.parametrize('length, posts', [(2.0, 2), (6.0, 3), (12.0, 6), (40.0, 8)])
def test_posts_of_a_fence_are_evenly_spread(length, posts):
    """One more than as many gaps of 2.2 m as fit, but never more than eight."""
    solid = fixtures.fence(np.random.default_rng(3), length, 1.5)
    standing = bounds_of(solid.parts)
    standing = standing[standing[:, 0, 2] == 0]
    assert len(standing) == posts
    ys = np.sort(standing.mean(axis=1)[:, 1])
    assert np.allclose(np.diff(ys), (length - 0.1) / (posts - 1))


def test_a_guard_rail_faces_the_road_and_stands_on_posts():
    for seed in SEEDS:
        solid = fixtures.guard_rail(np.random.default_rng(seed), 8.0)
        rails = [
            part for part in solid.parts if part.shape.bounds[1, 0] > solid.bounds[1, 0] - 0.001
        ]
        assert len(rails) == 2
        assert bounds_of(rails)[:, 0, 2].min() > 0.3
        posts = [part for part in solid.parts if part.shape.bounds[0, 2] == 0]
        assert len(posts) == 5
        assert max(part.shape.bounds[1, 0] for part in posts) < min(
            part.shape.bounds[1, 0] for part in rails
        )


@pytest.mark.parametrize('seed', SEEDS)
def test_a_rack_has_three_to_five_hoops_on_two_rails(seed):
    solid = fixtures.bicycle_rack(np.random.default_rng(seed))
    assert solid.category == BICYCLE_RACK
    rails = solid.parts[:2]
    assert all(part.shape.bounds[1, 2] == pytest.approx(0.05) for part in rails)
    uprights = [
        part
        for part in solid.parts[2:]
        if part.shape.bounds[1, 2] == pytest.approx(0.8) and part.tint == rails[0].tint
    ]
    assert len(uprights) in (6, 8, 10)
    ys = np.unique(bounds_of(uprights).mean(axis=1)[:, 1].round(6))
    assert np.allclose(np.diff(ys), 0.75, atol=1e-5)


def test_up_to_three_bicycles_are_locked_to_a_rack():
    counts = []
    for solid in build_all(fixtures.bicycle_rack, range(30)):
        tyres = [part for part in made_of(solid, 'rubber') if np.ptp(part.shape.bounds[:, 2]) > 0.6]
        assert len(tyres) % 2 == 0
        counts.append(len(tyres) // 2)
    assert set(counts) == {0, 1, 2, 3}


def test_a_barrier_gate_has_a_striped_boom_above_the_ground():
    solid = fixtures.barrier_gate(np.random.default_rng(0))
    assert solid.category == MANMADE
    boom = sorted(made_of(solid, 'plastic'), key=lambda part: part.shape.bounds[0, 1])
    assert [part.tint for part in boom] == [COLOURS[name] for name in ('white', 'red', 'white')]
    edges = bounds_of(boom)[:, :, 1]
    assert np.allclose(edges[1:, 0], edges[:-1, 1]) and np.ptp(edges) == pytest.approx(3.3)
    assert bounds_of(boom)[:, 0, 2].min() == pytest.approx(0.9)


def test_masonry_is_of_four_materials():
    rng = np.random.default_rng(0)
    drawn = [fixtures.draw_masonry(rng) for _ in range(200)]
    counts = {name: sum(each.material == name for each in drawn) for name in ('brick', 'plaster')}
    assert {each.material for each in drawn} == {'brick', 'plaster', 'stone', 'concrete'}
    assert counts['plaster'] > counts['brick'] > 20  # two of five finishes are plaster
