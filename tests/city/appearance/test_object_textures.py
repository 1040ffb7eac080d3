"""Metal, cloth, wood, leaves, signs: stripes and marks against arithmetic, grains by direction."""

from __future__ import annotations

import numpy as np
import pytest
from skeletons import LINE, drawn, likeness, one_crack, pieces, skeleton, waves

from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.appearance.object_textures import (
    BARKS,
    HAIRS,
    LEAVES,
    SKINS,
    WOODS,
    bark,
    car_paint,
    chrome,
    cloth,
    hair,
    lamp,
    leaves,
    metal,
    plastic,
    retroreflector,
    rubber,
    skin,
    wood,
)
from stslidr_city.appearance.patterns import SIZE, linear

PLACE = (np.arange(SIZE) + 0.5) / SIZE
"""Of each row or column, 0 to 1."""


def tone(bitmap, colour):
    """Brightness (SIZE, SIZE) of a bitmap of one hue."""
    relative = bitmap[..., :3] / linear(*colour)
    assert np.ptp(relative, axis=-1).max() < 1e-4 * relative.max()
    return relative[..., 0].astype(np.float64)


@pytest.mark.parametrize(
    'painter, colours', [(skin, SKINS), (hair, HAIRS), (wood, WOODS), (bark, BARKS)]
)
def test_the_mean_is_the_looks_own_colour(painter, colours):
    assert len(colours) == MATERIALS[painter.__name__].looks
    for look, colour in enumerate(colours):
        mean = drawn(painter, look)[..., :3].mean(axis=(0, 1)) / linear(*colour)
        assert mean.min() > 0.85 and mean.max() < 1.06


@pytest.mark.parametrize('painter', [rubber, cloth, skin, hair, wood, bark, leaves])
def test_what_is_not_shiny_is_matt(painter):
    for look in range(MATERIALS[painter.__name__].looks):
        assert not drawn(painter, look)[..., 3].any()


def test_plain_metal_is_one_colour_and_galvanised_metal_has_400_spangles():
    assert np.allclose(tone(skeleton(metal, 0), (206, 207, 208)), 1, atol=1e-6)
    spangled = tone(skeleton(metal, 1), (206, 207, 208))
    values, counts = np.unique(spangled.round(6), return_counts=True)
    assert 390 <= len(values) <= 400 and counts.max() < 1500
    assert values.min() >= 0.6 and values.max() <= 1
    assert values.mean() == pytest.approx(0.8, abs=0.02)


def test_corrugated_metal_has_twelve_waves_along_a_row():
    found = tone(skeleton(metal, 2), (206, 207, 208))
    expected = 0.72 + 0.28 * np.sin(2 * np.pi * 12 * PLACE)
    assert np.allclose(found, expected[None], atol=1e-4)


def test_rust_and_chipped_paint_are_matt_and_brown():
    for look, spoilt, least, most in ((3, (134, 92, 66), 0.1, 0.5), (5, (110, 96, 84), 0.005, 0.1)):
        bitmap = drawn(metal, look)
        matt = bitmap[..., 3] < 0.01
        assert least < matt.mean() < most
        red, green, blue = bitmap[matt, :3].mean(axis=0)
        assert red / blue == pytest.approx(linear(*spoilt)[0] / linear(*spoilt)[2], rel=0.03)
        shiny = bitmap[bitmap[..., 3] == 1, :3]
        assert np.allclose(shiny[:, 0] / shiny[:, 2], (206 / 208) ** 2.2, rtol=1e-4)


def test_brushed_metal_is_brushed_along_its_rows():
    up, along = likeness(drawn(metal, 4), 2)
    assert along > 1.8 * up
    up, along = likeness(drawn(metal, 0), 2)
    assert up == pytest.approx(along, rel=0.1)


def test_dust_dulls_car_paint_look_by_look():
    """The same drawing but for its dust, which is 0.8 of the way to matt brown at most."""
    glosses = [drawn(car_paint, look)[..., 3] for look in (0, 2, 3)]
    assert np.array_equal(glosses[0], np.ones((SIZE, SIZE), np.float32))
    assert glosses[2].min() >= 1 - 0.8 * 0.8 - 1e-6
    assert np.allclose(1 - glosses[1], (1 - glosses[2]) * 0.5 / 0.8, atol=1e-6)
    clean, dusty = drawn(car_paint, 0), drawn(car_paint, 3)
    worst = glosses[2] < 0.5
    assert worst.any() and (clean[worst, :3] > dusty[worst, :3]).all()
    assert (dusty[worst, 0] > 1.1 * dusty[worst, 2]).all()


def test_metallic_car_paint_sparkles_from_texel_to_texel():
    plain, metallic = (min(likeness(drawn(car_paint, look), 1)) for look in (0, 1))
    assert plain > 0.9 and metallic < 0.3


def test_chrome_is_polished_or_matt():
    polished, matt = (skeleton(chrome, look) for look in (0, 1))
    assert np.unique(polished[..., 3]).tolist() == [1] and np.unique(matt[..., 3]).tolist() == [0.5]
    assert np.allclose(polished[..., :3], linear(150, 152, 156))
    assert np.array_equal(polished[..., :3], matt[..., :3])


def test_rubber_has_a_tread_and_is_nearly_black():
    for look, colour in enumerate(((44, 44, 46), (58, 56, 54), (74, 70, 66))):
        found = tone(skeleton(rubber, look), colour)
        assert found.min() == pytest.approx(0.6) and found.max() == pytest.approx(1)
        assert pieces(found > 0.99).tolist() == [30 * 14] * 128  # 16 rows of 8, a texel of groove
        assert drawn(rubber, look)[..., :3].mean() < 0.07
    means = [drawn(rubber, look)[..., 0].mean() for look in range(3)]
    assert means == sorted(means)


def test_plastic_is_soiled_look_by_look():
    """Look 0 is clean and glossy; scuffs and dirt take the gloss away with the colour."""
    clean, *soiled = (drawn(plastic, look) for look in range(4))
    assert np.unique(clean[..., 3]).tolist() == [1]
    assert np.allclose(clean[..., 0] / clean[..., 1], 1, atol=1e-6)
    brightness = [bitmap[..., :3].mean() for bitmap in (clean, *soiled)]
    gloss = [bitmap[..., 3].mean() for bitmap in (clean, *soiled)]
    assert brightness == sorted(brightness, reverse=True) and gloss == sorted(gloss, reverse=True)
    assert all((bitmap[..., 3] <= clean[..., 3]).all() for bitmap in soiled)
    assert soiled[-1][..., 3].min() >= (1 - 0.75) * (1 - 0.6) - 1e-6


def test_cloth_is_plain_striped_checked_mottled_or_knitted():
    """Without folds and weave, against sines and their signs."""
    u, v = np.meshgrid(PLACE, PLACE)
    found = [tone(skeleton(cloth, look), (226, 224, 220)) for look in range(6)]
    assert np.allclose(found[0], 1, atol=1e-6)
    assert np.allclose(found[1], np.where(v * 8 % 1 < 0.5, 1.0, 0.55), atol=1e-6)
    checks = (u * 6 % 1 < 0.5).astype(float) + (v * 6 % 1 < 0.5)
    assert np.allclose(found[2], 1 - 0.25 * checks, atol=1e-6)
    knitted = 0.85 + 0.15 * np.sin(2 * np.pi * 32 * u) * np.sin(2 * np.pi * 32 * v)
    assert np.allclose(found[4], knitted, atol=1e-4)


def test_mottled_cloth_has_spots_and_denim_has_threads():
    mottled = drawn(cloth, 3)[..., 1] / drawn(cloth, 0)[..., 1]
    assert mottled.min() > 0.58 and mottled.max() < 1.02
    assert ((mottled > 0.99) | (mottled < 0.61)).mean() > 0.5  # spots with short edges
    up, along = likeness(drawn(cloth, 5), 1)
    assert up > along + 0.05


def test_strands_of_hair_and_ridges_of_bark_go_upwards():
    for look in range(6):
        up, along = likeness(drawn(hair, look), 4)
        assert up > 0.1 and abs(along) < 0.02
    for look in range(5):
        up, along = likeness(drawn(bark, look), 4)
        assert up > 1.5 * along


def test_furrows_halve_the_brightness_of_bark():
    for look, colour in enumerate(BARKS):
        found = tone(skeleton(bark, look, cracks=one_crack), colour)
        assert np.allclose(found[LINE], 0.5, atol=1e-6)
        assert np.allclose(np.delete(found, LINE, 0), 1, atol=1e-6)


@pytest.mark.parametrize('look', range(6))
def test_eight_boards_stand_or_lie_with_their_grain_along_them(look):
    """In even looks they stand; a board has its own tone and is dark all around its edge."""
    found = tone(skeleton(wood, look), WOODS[look])
    across = found if look % 2 == 0 else found.T
    assert np.allclose(across[1:-1], across[1:2], atol=1e-6)
    assert np.allclose(across[0], 0.4 * across[1].reshape(8, 32)[:, 5].repeat(32), atol=1e-4)
    boards = across[1].reshape(8, 32)
    assert np.ptp(boards[:, 1:-1], axis=1).max() < 1e-6
    assert np.allclose(boards[:, 0], 0.4 * boards[:, 5]) and np.allclose(
        boards[:, 0], boards[:, 31]
    )
    assert 0.03 < boards[:, 5].std() < 0.25
    along_boards, across_boards = likeness(drawn(wood, look), 8)[:: 1 if look % 2 == 0 else -1]
    assert along_boards > 2 * across_boards


def test_leaves_lie_between_two_greens_with_dark_gaps():
    for look, (shaded, lit) in enumerate(LEAVES):
        bitmap = drawn(leaves, look)[..., :3]
        ratio = bitmap[..., 0] / bitmap[..., 2]
        low, high = sorted(linear(*colour)[0] / linear(*colour)[2] for colour in (shaded, lit))
        assert low - 1e-3 < ratio.min() and ratio.max() < high + 1e-3
        brightness = bitmap[..., 1] / bitmap[..., 1].mean()
        assert 0.1 < (brightness < 0.3).mean() < 0.4
        assert 0.1 < (brightness > 1.8).mean() < 0.3


def test_clumps_of_leaves_are_about_half_a_metre_wide():
    """There are 4 waves or more a square of 2.4 m, and few of them are much finer."""
    assert MATERIALS['leaves'].period / 4 == pytest.approx(0.6)
    power = np.zeros(SIZE // 2)
    radius = np.hypot(*np.meshgrid(*[np.fft.fftfreq(SIZE, 1 / SIZE)] * 2)).astype(int)
    for look in range(8):
        green = drawn(leaves, look)[..., 1]
        spectrum = np.abs(np.fft.fft2(green - green.mean())) ** 2
        power += np.bincount(radius.ravel(), spectrum.ravel())[: SIZE // 2]
    assert power[:4].sum() < 0.05 * power.sum()
    assert 4 <= power.argmax() <= 6


def test_retroreflectors_are_plain_hatched_barred_or_bordered():
    """Marks by arithmetic; the hatching goes on across the seam."""
    u, v = np.meshgrid(PLACE, PLACE)
    marks = [
        np.zeros((SIZE, SIZE), bool),
        ((u + v) * 4).astype(int) + 0.5 > (u + v) * 4,
        (v > 0.38) & (v < 0.62),
        (v * 2 % 1 < 0.12) | (u * 2 % 1 < 0.12),
    ]
    for look, marked in enumerate(marks):
        found = skeleton(retroreflector, look)
        assert np.allclose(found[~marked, :3], linear(240, 240, 238), atol=1e-6)
        assert np.allclose(found[marked, :3], linear(120, 60, 56), atol=1e-6)
    assert pieces(marks[1]).size == 4 and pieces(~marks[1]).size == 4


def test_lamps_are_ribbed_or_milky():
    clear, milky = (drawn(lamp, look) for look in (0, 1))
    assert np.array_equal(clear[..., 3], np.ones((SIZE, SIZE), np.float32))
    assert waves(clear[..., 1].mean(axis=0)) == 12
    ribs = clear[..., 1] / milky[..., 1]  # the same draws otherwise
    assert np.allclose(ribs, (0.8 + 0.2 * np.sin(2 * np.pi * 12 * PLACE))[None], atol=1e-4)
