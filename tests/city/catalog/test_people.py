"""People: what tells a worker from an officer, who sits in what, bags, clothes and sizes."""

from __future__ import annotations

import numpy as np
import pytest
from solid_probe import bounds_of, build_all, first_met, held, made_of

from stslidr_city.catalog import people
from stslidr_city.catalog.categories import (
    ADULT,
    CHILD,
    CONSTRUCTION_WORKER,
    PERSONAL_MOBILITY,
    POLICE_OFFICER,
    STROLLER,
    WHEELCHAIR,
)

ON_FOOT = {
    'adult': (people.adult, ADULT),
    'child': (people.child, CHILD),
    'construction_worker': (people.construction_worker, CONSTRUCTION_WORKER),
    'police_officer': (people.police_officer, POLICE_OFFICER),
}
SEEDS = range(16)


@pytest.fixture(params=ON_FOOT, scope='module')
def kind(request):
    return request.param


def crowd(kind, walking=True, seeds=SEEDS):
    return build_all(ON_FOOT[kind][0], seeds, walking=walking)


def head_of(solid):
    """The ellipsoid of skin that reaches highest."""
    return max(made_of(solid, 'skin'), key=lambda part: part.shape.bounds[1, 2])


def test_somebody_has_one_head_two_shoes_and_stands_on_the_ground(kind):
    for solid in crowd(kind):
        assert solid.category == ON_FOOT[kind][1]
        heads = [
            part
            for part in made_of(solid, 'skin')
            if part.shape.bounds[0, 2] > 0.8 * solid.bounds[1, 2]
        ]
        assert len(heads) == 1
        shoes = bounds_of([part for part in solid.parts if part.material in ('rubber', 'plastic')])
        low = shoes[shoes[:, 1, 2] < 0.5]
        assert len(low) == 2
        assert low[:, 0, 2].min() == pytest.approx(0, abs=1e-9)


def test_the_head_is_above_the_middle_of_the_body(kind):
    for solid in crowd(kind, walking=False):
        x, y, _ = head_of(solid).shape.bounds.mean(axis=0)
        assert abs(y) < 0.06 and abs(x) < 0.25


def test_those_who_walk_are_longer_than_those_who_stand(kind):
    walking = np.mean([np.ptp(solid.bounds[:, 0]) for solid in crowd(kind)])
    standing = np.mean([np.ptp(solid.bounds[:, 0]) for solid in crowd(kind, walking=False)])
    assert walking > 1.3 * standing


def test_who_walks_and_who_stands_with_one_seed_are_alike(kind):
    """The same clothes: only the joints differ."""
    for first, second in zip(crowd(kind), crowd(kind, walking=False), strict=True):
        finishes = [[(part.material, part.look) for part in each.parts] for each in (first, second)]
        assert finishes[0] == finishes[1]


def test_clothes_differ_from_one_to_the_next(kind):
    tints = {made_of(solid, 'cloth')[0].tint for solid in crowd(kind)}
    assert len(tints) == len(SEEDS)


def test_adults_are_between_a_metre_and_a_half_and_two():
    rng = np.random.default_rng(0)
    drawn = [people.draw_adult(rng) for _ in range(2000)]
    heights, girths = (
        np.array(values) for values in zip(*(each[:2] for each in drawn), strict=True)
    )
    assert heights.min() >= 1.5 and heights.max() <= 1.97
    assert heights.mean() == pytest.approx(1.73, abs=0.01) and heights.std() > 0.07
    assert girths.min() >= 0.85 and girths.max() <= 1.4
    assert {each.head for each in drawn} == {1.0}


def test_children_are_smaller_with_larger_heads():
    """A head measures an eighth of a grown body; that of a small child more."""
    shares = {}
    for name in ('adult', 'child'):
        solids = crowd(name, walking=False)
        shares[name] = np.array(
            [np.ptp(head_of(solid).shape.bounds[:, 2]) / solid.bounds[1, 2] for solid in solids]
        )
    assert shares['child'].mean() > 1.1 * shares['adult'].mean()
    assert shares['adult'].mean() == pytest.approx(0.13, abs=0.02)
    assert max(solid.bounds[1, 2] for solid in crowd('child')) < 1.6


def test_a_third_of_the_adults_carry_a_bag():
    """The last part: a rucksack of one size behind the back, or a bag of cloth in the hand."""
    where = []
    for solid in crowd('adult', walking=False, seeds=range(60)):
        last = solid.parts[-1]
        x, y, z = last.shape.bounds.mean(axis=0)
        extent = np.ptp(last.shape.bounds, axis=0)
        if np.allclose(extent, (0.22, 0.34, 0.48)):
            where.append('back')
            assert z > 0.5 * solid.bounds[1, 2] and x < 0
        elif extent[1] == pytest.approx(0.12) and extent[0] > 0.3:
            where.append('hand')
            assert z < 0.5 * solid.bounds[1, 2] and y < 0
    assert 10 < len(where) < 32
    assert min(where.count('hand'), where.count('back')) >= 3


def test_a_worker_wears_a_helmet_and_a_band_that_shines():
    for solid in crowd('construction_worker'):
        (band,) = made_of(solid, 'retroreflector')
        low, high = band.shape.bounds
        assert 0.45 * solid.bounds[1, 2] < low[2] < high[2] < 0.85 * solid.bounds[1, 2]
        for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
            toward = (-np.cos(angle), -np.sin(angle), 0)
            x, y, z = band.shape.bounds.mean(axis=0)
            start = (x + 5 * np.cos(angle), y + 5 * np.sin(angle), z)
            part, _ = first_met(solid, start, toward)
            assert part is band or part.material in ('cloth', 'skin')  # an arm in between
        above, _ = first_met(solid, (*head_of(solid).shape.bounds.mean(axis=0)[:2], 5), (0, 0, -1))
        assert above.material == 'plastic'


def test_an_officer_wears_one_cloth_from_cap_to_shoes():
    """Cap and trousers are of one cloth; the shirt of the same one or of a light one."""
    bands = 0
    for solid in crowd('police_officer', seeds=range(30)):
        cap, _ = first_met(solid, (*head_of(solid).shape.bounds.mean(axis=0)[:2], 5), (0, 0, -1))
        assert cap.material == 'cloth'
        trousers = [
            part
            for part in made_of(solid, 'cloth')
            if part.shape.bounds[1, 2] < 0.65 * solid.bounds[1, 2]
            and part.shape.bounds[0, 2] < 0.4 * solid.bounds[1, 2]
        ]
        assert trousers and {part.tint for part in trousers} == {cap.tint}
        bands += bool(made_of(solid, 'retroreflector'))
    assert 5 < bands < 22


@pytest.mark.parametrize('seed', SEEDS)
def test_a_stroller_rolls_on_four_wheels_under_a_hood(seed):
    solid = people.stroller(np.random.default_rng(seed))
    assert solid.category == STROLLER and len(solid.parts) == 11
    wheels = bounds_of(made_of(solid, 'rubber'))
    assert len(wheels) == 4 and np.allclose(wheels[:, 0, 2], 0)
    handle = max(made_of(solid, 'chrome'), key=lambda part: part.shape.bounds[0, 2])
    assert handle.shape.bounds.mean(axis=0)[0] < -0.3  # behind
    assert handle.shape.bounds[0, 2] > 0.8
    assert not made_of(solid, 'skin')


@pytest.mark.parametrize('seed', SEEDS)
def test_somebody_sits_in_a_wheelchair_within_its_wheels(seed):
    solid = people.wheelchair(np.random.default_rng(seed))
    assert solid.category == WHEELCHAIR and len(solid.parts) == 21
    wheels = bounds_of(solid.parts[:4])
    radii = np.ptp(wheels[:, :, 2], axis=1) / 2
    assert sorted(radii.round(6)) == [0.09, 0.09, 0.3, 0.3]
    assert np.allclose(wheels[:, 0, 2], 0)
    head = head_of(solid).shape.bounds.mean(axis=0)
    assert 1.0 < head[2] < 1.5
    pelvis = [[0.0, 0.0, 0.58]]
    offset = wheels[0].mean(axis=0)[0] - 0.02  # by which the solid was centred
    assert held(solid.parts, np.array(pelvis) + (offset, 0, 0))[0]


def test_riders_stand_on_scooters_and_skateboards():
    lengths = set()
    for solid in build_all(people.personal_mobility, range(24)):
        assert solid.category == PERSONAL_MOBILITY and len(solid.parts) <= 19
        deck = min(made_of(solid, 'metal'), key=lambda part: part.shape.bounds[0, 2])
        wheels = bounds_of(solid.parts[:2])
        radius = np.ptp(wheels[0, :, 2]) / 2
        lengths.add(round(float(radius), 3))
        assert np.allclose(wheels[:, 0, 2], 0)
        soles = sorted(
            part.shape.bounds[0, 2]
            for part in solid.parts[2:]
            if part.material in ('rubber', 'plastic') and part.shape.bounds[1, 2] < 0.6
        )
        assert soles[0] == pytest.approx(deck.shape.bounds[1, 2], abs=0.01)
    assert lengths == {0.045, 0.11}


def test_outfits_are_everyday_clothes():
    rng = np.random.default_rng(0)
    drawn = [people.draw_outfit(rng) for _ in range(400)]
    assert {outfit.skin.material for outfit in drawn} == {'skin'}
    assert {outfit.hair.material for outfit in drawn} == {'cloth', 'hair'}
    assert {outfit.shoes.material for outfit in drawn} == {'rubber', 'plastic'}
    assert 0.1 < np.mean([outfit.skirt for outfit in drawn]) < 0.2
    assert 0.4 < np.mean([outfit.sleeves == outfit.skin for outfit in drawn]) < 0.6
    assert all(outfit.band is None for outfit in drawn)
