"""Buildings by kind: storeys, doors and gates to the street, roofs that cover, bare frames."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from solid_probe import bounds_of, build_all, first_met, held, made_of, seen, volume

from stslidr_city.catalog import buildings
from stslidr_city.catalog.categories import MANMADE
from stslidr_city.catalog.finishes import GLASS
from stslidr_city.catalog.model import Model

WIDTH, DEPTH, HEIGHT = 12.0, 10.0, 7.0
SEEDS = range(8)


def street(kind, seeds=SEEDS, width=WIDTH, depth=DEPTH, height=HEIGHT):
    """Buildings of one kind on plots of one size."""
    return build_all(buildings.building, seeds, width=width, depth=depth, height=height, kind=kind)


@pytest.fixture(params=buildings.KINDS, scope='module')
def kind(request):
    return request.param


def test_walls_stand_all_around_the_plot(kind):
    """Level rays from four sides meet the building within a metre and a half of its plot."""
    for solid in street(kind):
        for axis, reach in ((0, DEPTH / 2), (1, WIDTH / 2)):
            for sign in (1, -1):
                starts = np.zeros((9, 3))
                starts[:, axis] = 40 * sign
                starts[:, 1 - axis] = np.linspace(-3.5, 3.5, 9)
                starts[:, 2] = 0.45 * HEIGHT
                toward = np.zeros(3)
                toward[axis] = -sign
                rays = starts.astype(np.float32), np.tile(toward, (9, 1)).astype(np.float32)
                distances = np.min([part.shape.distances(*rays) for part in solid.parts], axis=0)
                if kind != 'site':
                    assert (np.abs(40 - distances - reach) < buildings.OVERHANG + 0.02).all()


def test_the_roof_closes_the_building(kind):
    """Rays from above over the plot meet something high up; none falls through."""
    rng = np.random.default_rng(0)
    for solid in street(kind):
        starts = np.column_stack(
            [rng.uniform(-0.45, 0.45, (40, 2)) * (DEPTH, WIDTH), np.full(40, 90)]
        )
        met = seen(solid, starts, (0, 0, -1))
        assert None not in met
        lows = [part.shape.bounds[1, 2] for part in met]
        floor = 0.4 * HEIGHT if kind != 'office' else 0.3 * HEIGHT
        assert min(lows) > floor


def test_kinds_and_classes(kind):
    for solid in street(kind):
        assert solid.category == MANMADE
        assert len(solid.parts) <= 14


@pytest.mark.parametrize('kind', ['flats', 'shop', 'house', 'shed'])
def test_there_is_a_way_in_at_the_front(kind):
    """A door of 2.1 to 2.2 m stands out of the front at the ground."""
    for solid in street(kind):
        doors = [
            part
            for part in solid.parts
            if part.shape.bounds[0, 2] == 0
            and part.shape.bounds[1, 2] in (2.1, 2.2)
            and part.shape.bounds[1, 0] > DEPTH / 2
        ]
        assert len(doors) == 1
        (door,) = doors
        _, y, _ = door.shape.bounds.mean(axis=0)
        seen_first, _ = first_met(solid, (40, y, 1.4), (-1, 0, 0))
        assert seen_first is door or seen_first.shape.bounds[1, 0] > DEPTH / 2


def test_halls_have_one_gate_for_every_seven_metres():
    for width, gates in ((6.0, 1), (14.0, 2), (22.0, 3), (60.0, 4)):
        for solid in street('hall', range(4), width=width):
            found = [
                bounds
                for bounds in bounds_of(solid.parts)
                if bounds[1, 2] == 3.8 and np.ptp(bounds[:, 1]) == pytest.approx(3.6)
            ]
            assert len(found) == gates
            ys = np.sort([bounds.mean(axis=0)[1] for bounds in found])
            assert ys == pytest.approx(-ys[::-1], abs=1e-9)


def test_storeys_suit_the_height_that_is_drawn():
    """Without a height that is asked for: whole storeys of 3.2 m, more of them for offices."""
    for kind, storeys in (('flats', range(3, 8)), ('shop', range(2, 6)), ('office', range(6, 14))):
        for solid in build_all(buildings.building, SEEDS, width=12.0, depth=10.0, kind=kind):
            tall = [
                part.shape.bounds[1, 2] / buildings.STOREY
                for part in solid.parts
                if part.material in ('windows', 'glass')
            ]
            top = max(share for share in tall if share == pytest.approx(round(share), abs=1e-6))
            extra = 3 if kind == 'office' else 0
            assert storeys.start <= round(top) < storeys.stop + extra


def test_balconies_are_before_the_front_and_above_the_ground_floor():
    with_balconies = 0
    for solid in street('flats', range(20), height=12.8):
        slabs = [
            bounds
            for bounds in bounds_of(solid.parts)
            if bounds[0, 0] == pytest.approx(DEPTH / 2)
            and np.ptp(bounds[:, 2]) == pytest.approx(1.05)
        ]
        with_balconies += bool(slabs)
        for bounds in slabs:
            assert bounds[0, 2] >= buildings.STOREY - 1e-9
            assert 0.9 <= np.ptp(bounds[:, 0]) <= 1.2
    assert 5 < with_balconies < 19


def test_a_shop_front_is_glass_below_a_sign():
    for solid in street('shop'):
        for y in (-0.25 * WIDTH, 0.25 * WIDTH):
            window, _ = first_met(solid, (40, y, 1.5), (-1, 0, 0))
            assert window.material == GLASS.material
        signs = [
            bounds
            for bounds in bounds_of(solid.parts)
            if bounds[:, 2] == pytest.approx([2.95, 3.5])
        ]
        assert len(signs) == 1 and signs[0][1, 0] > DEPTH / 2


def test_a_house_has_windows_on_front_and_rear_and_a_chimney():
    for solid in street('house', height=5.6):
        for side in (1, -1):
            for level in (1.5, 4.3):
                part, _ = first_met(solid, (40 * side, 0.3 * WIDTH, level), (-side, 0, 0))
                assert part.material == 'glass'
        chimney = max(bounds_of(solid.parts), key=lambda bounds: bounds[1, 2])
        assert np.ptp(chimney, axis=0)[:2] == pytest.approx([0.7, 0.7])


def test_an_offices_tower_is_set_back_on_all_sides_and_its_fins_stand_out():
    """By 40 cm to two metres, the same in depth and width; fins reach 20 cm before the glass."""
    for solid in street('office', height=25.0):
        podium, tower = solid.parts[:2]
        insets = np.ptp(podium.shape.bounds, axis=0) - np.ptp(tower.shape.bounds, axis=0)
        assert insets[0] == pytest.approx(insets[1]) and 0.8 <= insets[0] <= 2 * (1.2 + 0.5)
        fins = [
            bounds
            for bounds in bounds_of(solid.parts)
            if np.ptp(bounds[:, 1]) == pytest.approx(0.4)
        ]
        assert 2 <= len(fins) <= 5
        for bounds in fins:
            assert bounds[1, 0] == pytest.approx(tower.shape.bounds[1, 0] + 0.2)


def test_an_office_narrows_above_its_podium():
    for solid in street('office', height=25.0):
        sections = []
        for level in (1.0, 20.0):
            x, y = np.meshgrid(np.linspace(-6, 6, 61), np.linspace(-7, 7, 71))
            points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, level)])
            sections.append(held(solid.parts, points).mean())
        assert sections[1] < sections[0]


def test_a_site_is_floors_on_columns():
    """Between two floors most of the plan is empty; within a floor it is full."""
    for solid in street('site', height=9.6):
        floors = [
            bounds
            for bounds in bounds_of(solid.parts)
            if np.ptp(bounds[:, 2]) == pytest.approx(0.3) and np.ptp(bounds[:, 0]) == DEPTH
        ]
        assert [bounds[1, 2] for bounds in floors] == pytest.approx([3.2, 6.4, 9.6])
        x, y = np.meshgrid(np.linspace(-4.9, 4.9, 50), np.linspace(-5.9, 5.9, 60))
        for level, low, high in ((4.8, 0.08, 0.3), (6.3, 1.0, 1.0)):
            points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, level)])
            concrete = made_of(solid, 'concrete')
            assert low <= held(concrete, points).mean() <= high


@pytest.mark.parametrize('width, depth', [(12.0, 8.0), (8.0, 12.0), (9.0, 9.0)])
def test_pitched_roofs_are_the_hull_of_eaves_and_ridge(width, depth):
    """The ridge lies along the longer side, in the middle of the shorter one, at full height."""
    for seed in SEEDS:
        model = Model()
        buildings._add_pitched_roof(model, np.random.default_rng(seed), width, depth, (5.0, 8.0))
        (roof,) = model.solid(MANMADE, centred=False).parts
        assert roof.material == 'roof_tiles'
        low, high = roof.shape.bounds
        assert (low[2], high[2]) == pytest.approx((4.9, 8.0))
        along = 1 if width >= depth else 0
        near_top = np.zeros((3, 3))
        near_top[:, along] = (-1.0, 0.0, 1.0)
        near_top[:, 2] = 7.97
        assert held([roof], near_top).all()
        beside = near_top + np.eye(3)[1 - along]
        assert not held([roof], beside).any()
        eaves = 2 * np.array([depth / 2 + 0.35, width / 2 + 0.35])
        box = ConvexHull(
            [(x, y, z) for x in (0, eaves[0]) for y in (0, eaves[1]) for z in (0, 3.1)]
        )
        assert 0.3 * box.volume < volume([roof], 4000) < 0.7 * box.volume


def test_every_kind_is_drawn_on_narrow_plots_and_no_house_on_wide_ones():
    """On a plot of 18 m or more neither a house nor a shed: no roof tiles without windows."""
    assert sum(buildings.KIND_SHARES) == pytest.approx(1)
    narrow = build_all(buildings.building, range(50), width=10.0, depth=10.0)
    wide = build_all(buildings.building, range(50), width=25.0, depth=20.0)

    def tiled(solid):
        return bool(made_of(solid, 'roof_tiles'))

    assert sum(map(tiled, narrow)) > 10
    assert sum(map(tiled, wide)) == 0  # flats so deep have flat roofs
