"""Roads, slabs, lawns: their colours, joints and patches against arithmetic without noise."""

from __future__ import annotations

import numpy as np
import pytest
from skeletons import LINE, bond, drawn, one_crack, pieces, skeleton, values_by_cell

from stslidr_city.appearance.ground_textures import (
    ASPHALTS,
    CONCRETES,
    GRASSES,
    PEBBLES,
    SLABS,
    SOILS,
    asphalt,
    concrete,
    grass,
    gravel,
    paving,
    road_paint,
    soil,
)
from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.appearance.patterns import SIZE, linear

COLOURS = [(asphalt, ASPHALTS), (concrete, CONCRETES), (paving, SLABS), (soil, SOILS)]
PAINTERS = (asphalt, concrete, paving, grass, soil, gravel, road_paint)


@pytest.mark.parametrize('painter', PAINTERS)
def test_ground_is_matt_and_its_colours_are_possible(painter):
    for look in range(MATERIALS[painter.__name__].looks):
        bitmap = drawn(painter, look)
        assert not bitmap[..., 3].any()
        assert bitmap[..., :3].min() > 0
        assert np.quantile(bitmap[..., :3], 0.99) < 1


@pytest.mark.parametrize('painter, colours', COLOURS)
def test_the_mean_is_the_looks_own_colour(painter, colours):
    """Joints, oil and damp darken it by less than a fifth; the hue stays."""
    assert len(colours) == MATERIALS[painter.__name__].looks
    for look, colour in enumerate(colours):
        mean = drawn(painter, look)[..., :3].mean(axis=(0, 1)) / linear(*colour)
        assert mean.min() > 0.8 and mean.max() < 1.06
        assert np.ptp(mean) < 0.03


def test_smooth_asphalt_is_one_colour():
    for look in (0, 4):
        bare = skeleton(asphalt, look)
        assert np.allclose(bare[..., :3], linear(*ASPHALTS[look]), atol=1e-6)


def test_odd_looks_of_asphalt_have_cracks():
    for look in range(6):
        bare, cracked = (skeleton(asphalt, look, cracks=one_crack), skeleton(asphalt, look))
        changed = np.abs(bare - cracked).max(axis=(1, 2)) > 1e-6
        assert changed.nonzero()[0].tolist() == ([LINE] if look % 2 else [])
    in_crack = skeleton(asphalt, 1, cracks=one_crack)[LINE, :, :3]
    expected = 0.4 * linear(*ASPHALTS[1]) + 0.6 * linear(48, 48, 50)
    assert np.allclose(in_crack, expected, atol=1e-6)


def test_every_third_look_of_asphalt_has_a_rectangle_of_another_tone():
    tones = set()
    for seed in range(12):
        for look in (2, 5):
            tone = skeleton(asphalt, look, seed)[..., 0] / linear(*ASPHALTS[look])[0]
            inside = np.abs(tone - 1) > 0.1
            rows, columns = (inside.any(axis=axis).nonzero()[0] for axis in (1, 0))
            assert inside.sum() >= (len(rows) - 2) * (len(columns) - 2)  # frayed by a texel
            for side in (rows, columns):
                assert 0.24 * SIZE - 2 <= len(side) <= 0.66 * SIZE + 2
                assert abs(side.mean() - SIZE / 2) <= 1
            tones.add(round(float(tone[SIZE // 2, SIZE // 2]), 3))
    assert tones == {0.85, 1.14}


def test_concrete_has_one_slab_or_four():
    """A joint darkens the texels within 1.3 of the edge of a slab; each slab has its tone."""
    for look, count in ((0, 1), (1, 4), (2, 1), (3, 4)):
        bare = skeleton(concrete, look)[..., 1]
        side = SIZE // int(np.sqrt(count))
        near_edge = np.arange(SIZE) % side
        in_joint = (near_edge == 0) | (near_edge == side - 1)
        slabs = ~(in_joint[:, None] | in_joint[None])
        assert pieces(slabs).tolist() == [(side - 2) ** 2] * count
        assert len(np.unique(bare[slabs].round(6))) == count
        tones = bare[slabs] / linear(*CONCRETES[look])[1]
        assert tones.min() > 0.7 and tones.max() < 1.3
        share = 0.85 * 0.8  # half a texel from the edge 0.8 of the joint's width is left
        tone = bare[side // 2, side // 2]
        expected = (1 - share) * tone + share * linear(84, 82, 78)[1]
        assert bare[side // 2, 0] == pytest.approx(expected, abs=1e-6)


def test_concrete_is_cracked_in_every_look():
    for look in range(6):
        whole, cracked = skeleton(concrete, look), skeleton(concrete, look, cracks=one_crack)
        assert np.allclose(cracked[LINE, :, :3], 0.45 * whole[LINE, :, :3], atol=1e-6)
        assert np.array_equal(np.delete(cracked, LINE, 0), np.delete(whole, LINE, 0))


@pytest.mark.parametrize(
    'look, rows, columns, shifts',
    [(0, 8, 8, (0,)), (1, 16, 8, (0, 0.5)), (2, 6, 4, (0, 0.33, 0.67)), (5, 4, 4, (0,))],
)
def test_paving_stones_lie_in_rows(look, rows, columns, shifts):
    """Each has a tone of its own up to its joint, 1.5 texels from its edge."""
    bare = skeleton(paving, look)[..., 0]
    stones = bond(rows, columns, shifts)
    tones = values_by_cell(bare, stones.number, stones.border > 1.51)
    assert len(tones) == rows * columns
    assert len(set(tones.values())) > 0.9 * rows * columns
    in_joint = stones.border < 0.49
    share = (bare[in_joint] - 0.85 * linear(78, 74, 68)[0]) / 0.15
    expected = [tones[number] for number in stones.number[in_joint].tolist()]
    assert np.allclose(share, expected, atol=1e-4)


def test_irregular_flags_are_about_as_many_as_asked():
    """Of 70 a few are slivers that their joints fill; joints are dark."""
    bare = skeleton(paving, 4)[..., 0]
    values, counts = np.unique(bare[bare > 0.55 * linear(*SLABS[4])[0]], return_counts=True)
    assert 60 <= (counts > 100).sum() <= 70


def test_grass_is_a_mixture_of_its_two_greens():
    """Without noise one colour between fresh and dry; with it blades and tufts vary it."""
    for look, (fresh, dry) in enumerate(GRASSES):
        bare = skeleton(grass, look)[0, 0, :3]
        way = linear(*dry) - linear(*fresh)
        share = (bare - linear(*fresh)) / way
        assert np.ptp(share) < 1e-4 and 0 < share[0] < 0.5


def test_grass_has_dark_gaps_between_its_blades():
    """Within a few texels: averages over 8 x 8 of them are much more even."""
    for look in range(6):
        green = drawn(grass, look)[..., 1] / drawn(grass, look)[..., 1].mean()
        assert 0.02 < (green < 0.6).mean() < 0.2
        even = green.reshape(32, 8, 32, 8).mean(axis=(1, 3))
        assert (even < 0.6).mean() < 0.3 * (green < 0.6).mean()


def test_soil_is_damp_in_places_and_has_weeds():
    """Damp soil is 0.62 as bright; weeds are greener than any soil, more in odd looks."""
    greens = []
    for look, colour in enumerate(SOILS):
        bitmap = drawn(soil, look)
        hue = bitmap[..., 1] / bitmap[..., 0]
        greens.append((hue > linear(*colour)[1] / linear(*colour)[0] * 1.15).mean())
        assert 0.005 < greens[-1] < 0.15
    assert min(greens[1::2]) > max(greens[0::2])


def test_pebbles_have_shade_between_them_and_a_tone_each():
    for look, colour in enumerate(PEBBLES):
        tone = skeleton(gravel, look)[..., 0] / linear(*colour)[0]
        assert tone.min() >= 0.4 * 0.45 - 1e-6 and tone.max() <= 1.8 + 1e-6
        values, counts = np.unique(tone, return_counts=True)
        flat = values[counts >= 4]  # the middles of the larger pebbles, beyond the shade
        assert 150 < len(flat) < 2600
        assert 0.2 < flat.std() < 0.3 and abs(flat.mean() - 1) < 0.05


def test_road_paint_wears_off_look_by_look():
    """Where paint is gone the asphalt shows: none of it in look 0, nearly half in look 3."""
    halfway = (linear(226, 225, 220)[0] + linear(104, 103, 101)[0]) / 2
    for look, gone in enumerate((0.0, 0.15, 0.29, 0.43)):
        shares = [(drawn(road_paint, look, seed)[..., 0] < halfway).mean() for seed in range(3)]
        assert np.mean(shares) == pytest.approx(gone, abs=0.02)


def test_looks_follow_from_their_generator_alone():
    for painter in PAINTERS:
        assert np.array_equal(drawn(painter, 1, 5), drawn(painter, 1, 5))
        assert np.abs(drawn(painter, 1, 5) - drawn(painter, 1, 6)).mean() > 1e-3
