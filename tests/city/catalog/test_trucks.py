"""Trucks, ambulances and trailers: cabs that see ahead, loads that stand on frames, wheels."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import asymmetry, bounds_of, build_all, first_met, held, holds, made_of, volume

from stslidr_city.catalog import trucks
from stslidr_city.catalog.categories import AMBULANCE, TRAILER, TRUCK
from stslidr_city.catalog.finishes import COLOURS, LAMP, PLATE, TAIL_LAMP
from stslidr_city.catalog.model import Model

BUILDERS = {build.__name__.removeprefix('_'): build for build in trucks.TRUCKS}
WITH_CAB = tuple(name for name in BUILDERS if name != 'pickup')
SEEDS = range(8)
LOADS = {'box': 'car_paint', 'tarpaulin': 'cloth', 'container': 'metal'}


def made(build, seed):
    """A truck of one kind."""
    model = Model()
    build(model, np.random.default_rng(seed))
    return model.solid(TRUCK)


def load_of(kind, seed=0, width=2.5, z=(1.0, 3.4)):
    """A closed load of a kind from x = -3 to 3."""
    model = Model()
    trucks._add_box_load(model, np.random.default_rng(seed), (-3.0, 3.0), width, z, kind)
    return model.solid(TRAILER, centred=False)


@pytest.fixture(params=BUILDERS, scope='module')
def fleet(request):
    """Trucks of one kind."""
    return [made(BUILDERS[request.param], seed) for seed in SEEDS]


@pytest.fixture(params=WITH_CAB, scope='module')
def lorries(request):
    """Trucks of one kind with a cab over the engine."""
    return [made(BUILDERS[request.param], seed) for seed in SEEDS]


@pytest.fixture(scope='module')
def trailers():
    return build_all(trucks.trailer, range(24))


def test_both_sides_are_alike(fleet):
    for solid in fleet[:4]:
        assert asymmetry(solid.parts, 2000) < 0.01


def test_no_truck_has_more_than_twenty_parts(fleet):
    assert max(len(solid.parts) for solid in fleet) <= 20


def test_the_driver_looks_through_glass_to_the_front(fleet):
    """Some level ray towards the upper half of the cab's middle meets glass first."""
    for solid in fleet:
        front, top = solid.bounds[1, 0] + 5, solid.bounds[1, 2]
        materials = {
            first_met(solid, (front, 0.3, level * top), (-1, 0, 0))[0].material
            for level in (0.45, 0.55, 0.65, 0.75, 0.8)
        }
        assert 'glass' in materials


def test_tyres_stand_on_the_ground_under_both_ends(fleet):
    for solid in fleet:
        tyres = bounds_of(made_of(solid, 'rubber'))
        assert np.allclose(tyres[:, 0, 2], 0)
        middles = tyres.mean(axis=1)[:, 0] / np.ptp(solid.bounds[:, 0])
        assert middles.max() > 0.2 and middles.min() < -0.15


def test_plates_and_lamps_at_both_ends(fleet):
    for solid in fleet:
        plates = [
            bounds
            for bounds in bounds_of(made_of(solid, PLATE.material, PLATE.tint))
            if np.ptp(bounds[:, 1]) == pytest.approx(0.52)
        ]
        assert sorted(np.sign(bounds.mean(axis=0)[0]) for bounds in plates) == [-1, 1]
        tails = bounds_of(made_of(solid, 'lamp', TAIL_LAMP.tint)).mean(axis=1)
        assert len(tails) == 2 and (tails[:, 0] < 0).all()


def test_a_cab_sits_before_a_gap_and_the_load(lorries):
    """The painted body of the cab is a third of the truck or less and ends at its front."""
    for solid in lorries:
        cab = max(made_of(solid, 'car_paint'), key=lambda part: part.shape.bounds[0, 0])
        low, high = cab.shape.bounds
        length = np.ptp(solid.bounds[:, 0])
        assert high[0] == pytest.approx(solid.bounds[1, 0], abs=0.03)
        assert 1.7 < high[0] - low[0] < 0.45 * length
        between = [[low[0] - 0.06, 0.0, 0.75 * high[2]]]
        assert not held(solid.parts, between)[0]


def test_a_lorry_has_a_dark_frame_along_its_load(lorries):
    for solid in lorries:
        frames = [
            part
            for part in made_of(solid, 'metal', COLOURS['black'])
            if np.ptp(part.shape.bounds[:, 0]) > 2.5
        ]
        assert frames
        low, high = frames[0].shape.bounds
        assert 0.5 < low[2] < high[2] < 1.0
        assert low[0] == pytest.approx(solid.bounds[0, 0], abs=0.05)


def test_a_box_is_higher_than_the_cab_and_a_tractors_cab_is_all_there_is():
    for name, share in (('box_truck', 0.82), ('flatbed', 1.0), ('tanker', 0.95), ('tractor', 1.0)):
        for solid in (made(BUILDERS[name], seed) for seed in SEEDS):
            cab = max(made_of(solid, 'car_paint'), key=lambda part: part.shape.bounds[0, 0])
            assert cab.shape.bounds[1, 2] == pytest.approx(share * solid.bounds[1, 2], rel=0.07)


def test_half_of_the_pickups_beds_are_open():
    """An open bed is of plastic and low; a cover reaches up to the roof."""
    kinds = set()
    for solid in (made(trucks._pickup, seed) for seed in range(20)):
        x = 0.35 * solid.bounds[0, 0]
        part, distance = first_met(solid, (1.6 * x, 0.1, 10.0), (0, 0, -1))
        height = (10 - distance) / solid.bounds[1, 2]
        kinds.add(part.material)
        assert (height < 0.65) if part.material == 'plastic' else (height > 0.9)
    assert kinds == {'plastic', 'car_paint'}


def test_a_flatbed_is_empty_or_bears_a_pile():
    piles = []
    for solid in (made(trucks._flatbed, seed) for seed in range(20)):
        (plank,) = [
            part
            for part in made_of(solid, 'wood')
            if np.ptp(part.shape.bounds[:, 2]) == pytest.approx(0.17)
        ]
        low, high = plank.shape.bounds
        over = [
            part
            for part in solid.parts
            if part.shape.bounds[0, 2] >= high[2] - 0.03
            and part.shape.bounds[1, 0] < high[0] - 0.2
            and part.material not in ('lamp', 'rubber')
        ]
        assert len(over) <= 1
        for pile in over:
            assert pile.material in ('wood', 'metal', 'brick', 'soil')
            assert low[0] < pile.shape.bounds[0, 0] and pile.shape.bounds[1, 0] < high[0]
            assert np.abs(pile.shape.bounds[:, 1]).max() < high[1]
        piles.append(len(over))
    assert 5 < sum(piles) < 20


def test_a_dump_trucks_hopper_widens_upwards_and_holds_a_heap():
    for seed in SEEDS:
        solid = made(trucks._dump_truck, seed)
        (heap,) = made_of(solid, 'soil') + made_of(solid, 'gravel')
        hopper = max(
            made_of(solid, 'metal'), key=lambda part: np.prod(np.ptp(part.shape.bounds, axis=0))
        )
        low, high = hopper.shape.bounds
        for share in (0.05, 0.95):
            level = low[2] + share * (high[2] - low[2])
            y = np.linspace(low[1], high[1], 200)
            x = np.full(200, (low[0] + high[0]) / 2)
            inside = holds(hopper.shape, np.column_stack([x, y, np.full(200, level)]))
            width = inside.mean() * (high[1] - low[1])
            expected = (0.8 + 0.2 * share) * (high[1] - low[1])
            assert width == pytest.approx(expected, abs=0.03)
        assert heap.shape.bounds[1, 2] > high[2]
        assert (np.abs(heap.shape.bounds[:, 1]) < high[1]).all()


def test_a_tractor_has_a_plate_for_the_trailer_and_no_load():
    for seed in SEEDS:
        solid = made(trucks._tractor, seed)
        x = -0.2 * np.ptp(solid.bounds[:, 0])
        part, distance = first_met(solid, (x, 0, 10.0), (0, 0, -1))
        assert part.material == 'metal' and 10 - distance == pytest.approx(1.15, abs=1e-3)


@pytest.mark.parametrize('kind', LOADS)
def test_a_load_is_a_box_of_its_material_within_its_span(kind):
    for seed in range(5):
        solid = load_of(kind, seed)
        body = solid.parts[0]
        assert body.material == LOADS[kind]
        low, high = body.shape.bounds
        assert low == pytest.approx([-3, -1.25, 1.0])
        assert high[:2] == pytest.approx([3, 1.25])
        assert high[2] == 3.4 if kind == 'box' else 3.1 <= high[2] <= 3.4
        filled = 6.0 * 2.5 * (high[2] - 1.0)
        assert volume([body]) == pytest.approx(filled, rel=0.001)


def test_a_rim_runs_round_the_foot_of_a_load_and_half_of_them_shine():
    shining = 0
    for seed in range(20):
        rim = load_of('box', seed).parts[1]
        assert rim.shape.bounds[:, 2] == pytest.approx([0.94, 1.06])
        assert np.ptp(rim.shape.bounds[:, 1]) > 2.5
        shining += rim.material == 'retroreflector'
    assert 3 < shining < 17


@pytest.mark.parametrize('z', [(1.0, 3.0), (1.15, 3.9), (1.0, 4.4)])
def test_a_tank_is_as_large_as_fits(z):
    """The cylinder's radius is bounded by the height or by the width, its length is the span."""
    model = Model()
    trucks._add_tank(model, np.random.default_rng(0), (-3.0, 3.0), 2.5, z)
    shell, saddle, walk = model.solid(TRAILER, centred=False).parts
    radius = min((z[1] - z[0] - 0.1) / 2, 1.25)
    assert volume([shell]) == pytest.approx(np.pi * radius**2 * 6, rel=0.02)
    assert shell.shape.bounds[:, 1] == pytest.approx([-radius, radius])
    assert walk.shape.bounds[1, 2] == pytest.approx(z[1])
    assert saddle.shape.bounds[0, 2] < z[0] < saddle.shape.bounds[1, 2]


def test_trailers_have_three_wide_axles_behind_and_legs_before(trailers):
    for solid in trailers:
        length = np.ptp(solid.bounds[:, 0])
        tyres = bounds_of(made_of(solid, 'rubber'))
        assert len(tyres) == 3
        assert np.allclose(np.diff(sorted(tyres.mean(axis=1)[:, 0])), 1.3)
        assert (tyres[:, :, 0] < 0).all()
        legs = [
            bounds
            for bounds in bounds_of(made_of(solid, 'metal', trucks.CHASSIS.tint))
            if bounds[0, 2] == pytest.approx(0)
        ]
        assert len(legs) == 2 and all(bounds[0, 0] > 0.2 * length for bounds in legs)
        for tint, heights in ((TAIL_LAMP.tint, (0.85, 1.05)), (LAMP.tint, (1.25, 1.35))):
            lamps = bounds_of(made_of(solid, 'lamp', tint))
            assert len(lamps) == 2 and np.allclose(lamps[:, :, 2], heights)


def test_trailers_carry_boxes_tarpaulins_containers_and_tanks(trailers):
    assert {solid.category for solid in trailers} == {TRAILER}
    largest = [
        max(solid.parts, key=lambda part: np.prod(np.ptp(part.shape.bounds, axis=0)))
        for solid in trailers
    ]
    assert {part.material for part in largest} == {'car_paint', 'cloth', 'metal'}
    shares = [volume([part], 2000) / np.prod(np.ptp(part.shape.bounds, axis=0)) for part in largest]
    tanks = sum(share < 0.9 for share in shares)  # pi / 4 of the box about a cylinder
    assert 1 <= tanks <= 8


@pytest.mark.parametrize('seed', SEEDS)
def test_an_ambulance_has_a_stripe_windows_and_coloured_lamps_on_top(seed):
    solid = trucks.ambulance(np.random.default_rng(seed))
    assert solid.category == AMBULANCE
    top = solid.bounds[1, 2]
    lamps = made_of(solid, 'lamp', COLOURS['blue']) + made_of(solid, 'lamp', COLOURS['red'])
    assert len(lamps) == 2
    assert all(part.shape.bounds[1, 2] == pytest.approx(top) for part in lamps)
    for side in (1, -1):
        stripe, _ = first_met(solid, (-0.5, 10 * side, 0.43 * top), (0, -side, 0))
        assert stripe.material == 'retroreflector'
        window, _ = first_met(
            solid, (solid.bounds[0, 0] + 0.7, 10 * side, 0.65 * top), (0, -side, 0)
        )
        assert window.material == 'glass'


def test_shares_of_the_kinds_sum_to_one_and_all_are_drawn():
    assert sum(trucks.TRUCK_SHARES) == pytest.approx(1)
    heights = [solid.bounds[1, 2] for solid in build_all(trucks.truck, range(60))]
    assert min(heights) < 2.1 and max(heights) > 3.4  # pickups and tractors
