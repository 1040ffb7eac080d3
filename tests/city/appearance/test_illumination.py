"""Light of scenes: ranges, closed-form cases, and that scenes differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslidr_city.appearance.illumination import Illumination

CLEAR = Illumination(
    sun_direction=(0.6, 0.0, 0.8),
    sun_colour=(0.8, 0.7, 0.6),
    zenith_colour=(0.1, 0.2, 0.4),
    horizon_colour=(0.4, 0.5, 0.6),
    ground_colour=(0.2, 0.2, 0.2),
    cloud_cover=0.0,
)


def draws(count=300):
    return [Illumination.draw(np.random.default_rng(seed)) for seed in range(count)]


def upward(count=4000, seed=0):
    directions = np.random.default_rng(seed).normal(size=(count, 3))
    directions[:, 2] = np.abs(directions[:, 2])
    return (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)


def test_draws_follow_from_the_generator():
    first, second = draws(20), draws(20)
    assert first == second
    assert len({light.sun_direction for light in first}) == 20


def test_draws_are_sensible():
    for light in draws():
        assert np.linalg.norm(light.sun_direction) == pytest.approx(1)
        assert light.sun_direction[2] > np.sin(np.radians(8.9))
        for colour in (light.sun_colour, light.zenith_colour, light.horizon_colour):
            assert len(colour) == 3 and min(colour) > 0 and max(colour) < 1.5
        assert 0 <= light.cloud_cover <= 1 and 0 <= light.wetness <= 1
        assert 2e-4 < light.haze < 1e-2 and 0.4 < light.exposure < 2.2


def test_skies_shine_everywhere():
    for light in draws(30):
        sky = light.sky(upward(200))
        assert np.isfinite(sky).all() and sky.min() > 0


def test_scenes_differ_in_kind():
    """Overcast and clear, low and high sun, warm and cool, wet and dry all come up."""
    lights = draws()
    overcast = [light for light in lights if light.cloud_cover == 1]
    clear = [light for light in lights if light.cloud_cover < 1]
    assert 0.2 < len(overcast) / len(lights) < 0.4
    assert 0.03 < np.mean([light.wetness > 0 for light in lights]) < 0.35
    heights = [light.sun_direction[2] for light in clear]
    assert min(heights) < 0.25 and max(heights) > 0.8
    warmth = [light.sun_colour[0] / light.sun_colour[2] for light in clear]
    assert max(warmth) > 2 * min(warmth)
    assert np.median([light.sun_colour[1] for light in overcast]) < np.median(
        [light.sun_colour[1] for light in clear]
    )


def test_a_low_sun_is_redder():
    lights = [light for light in draws() if light.cloud_cover < 1]
    heights = np.array([light.sun_direction[2] for light in lights])
    redness = np.array([light.sun_colour[0] / light.sun_colour[2] for light in lights])
    assert redness[heights < 0.3].mean() > 1.3 * redness[heights > 0.7].mean()


def test_cloudless_sky_by_hand():
    """Away from the sun: horizon colour below, zenith colour overhead, the root of z between."""
    light = replace(CLEAR, sun_direction=(0.0, 0.0, -1.0))
    directions = np.array([[1, 0, 0], [0, 0, 1], [0.96824584, 0, 0.25], [0.6, 0, -0.8]], np.float32)
    sky = light.sky(directions)[:3]
    horizon, zenith = np.array(CLEAR.horizon_colour), np.array(CLEAR.zenith_colour)
    assert np.allclose(sky[0], horizon) and np.allclose(sky[1], zenith)
    assert np.allclose(sky[2], (horizon + zenith) / 2, atol=1e-6)


def test_the_sky_is_brightest_at_the_sun():
    directions = upward()
    brightness = CLEAR.sky(directions).sum(axis=1)
    glow = CLEAR.sky(np.array([CLEAR.sun_direction], np.float32)).sum()
    assert glow > brightness.max() - 1e-6


@pytest.mark.parametrize('cover', [0.0, 0.3, 0.7, 1.0])
def test_clouds_cover_the_share_asked_for(cover):
    light = replace(CLEAR, cloud_cover=cover, cloud_seed=5)
    none = replace(CLEAR, cloud_cover=0.0)
    directions = upward(20_000)
    directions = directions[directions[:, 2] > 0.2]
    hidden = np.abs(light.sky(directions) - none.sky(directions)).max(axis=1) > 1e-4
    assert abs(hidden.mean() - cover) < 0.12


def test_clouds_follow_from_their_seed():
    directions = upward(500)
    cloudy = replace(CLEAR, cloud_cover=0.5)
    assert np.array_equal(cloudy.sky(directions), replace(cloudy).sky(directions))
    assert not np.array_equal(cloudy.sky(directions), replace(cloudy, cloud_seed=1).sky(directions))


def test_ambient_light_goes_linearly_from_ground_to_sky():
    normals = np.array([[0, 0, 1], [1, 0, 0], [0, 0, -1]], np.float32)
    above, beside, below = CLEAR.ambient(normals)
    expected = 0.6 * np.array(CLEAR.zenith_colour) + 0.4 * np.array(CLEAR.horizon_colour)
    assert np.allclose(above, expected)
    assert np.allclose(below, 0.2 * (expected + 0.8 * np.array(CLEAR.sun_colour)))
    assert np.allclose(beside, (above + below) / 2)


def test_mirrors_show_sky_above_and_ground_below():
    directions = np.array([[0, -0.6, 0.8], [0, -0.8, -0.6], [0, -1, 0]], np.float32)
    shown = CLEAR.surroundings(directions)
    assert np.allclose(shown[0], CLEAR.sky(directions)[0])
    assert np.allclose(shown[1:], CLEAR.ambient(np.array([[0, 0, -1.0]], np.float32)))
