"""Fog and snow against their formulas."""

import numpy as np
import pytest
from scipy.integrate import quad

from stslidr.corruptions.returns import LidarReturns
from stslidr.corruptions.weather import fog, fog_response, snow, snow_extinction, transmission


def at_ranges(ranges, intensity):
    ranges = np.asarray(ranges, dtype=float)
    directions = np.random.default_rng(0).normal(size=(len(ranges), 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return LidarReturns(
        directions * ranges[:, None],
        np.broadcast_to(intensity, len(ranges)).copy(),
        np.zeros(len(ranges), dtype=np.int64),
    )


def test_light_fades_as_beer_and_lambert_say():
    there = transmission(0.02, np.array([0.0, 10.0, 25.0]))
    assert np.allclose(there, [1, np.exp(-0.4), np.exp(-1.0)])
    # the visibility (MOR) ln 20 / alpha is where 5 % of the light arrive, one way
    assert np.isclose(transmission(0.02, np.log(20) / 0.02 / 2), 0.05)


def test_targets_in_fog_are_dimmed_in_whole_counts():
    sweep = at_ranges(np.linspace(0.5, 20, 500), 0.8)
    corrupted = fog(sweep, np.random.default_rng(0), attenuation=0.02, backscatter=0.008)
    expected = [
        round(255 * 0.8 * np.exp(-2 * 0.02 * np.linalg.norm(point))) / 255 for point in sweep.xyz
    ]
    assert not corrupted.noise.any()
    assert np.array_equal(corrupted.xyz, sweep.xyz)
    assert np.allclose(corrupted.intensity, expected)


@pytest.mark.parametrize('target', [2.0, 4.0, 30.0])
def test_the_echo_of_fog_is_the_published_integral(target):
    alpha, half_width, light = 0.03, 20e-9, 299_792_458.0

    def integrand(time, distance):
        depth = distance - light * time / 2
        if depth <= 0.9:
            return 0.0
        overlap = min((depth - 0.9) / 0.1, 1)
        pulse = np.sin(np.pi * time / (2 * half_width)) ** 2
        return pulse * np.exp(-2 * alpha * depth) / depth**2 * overlap * 1e9

    nearer = np.arange(0.1, target + 0.05, 0.1)
    echoes = [
        quad(
            integrand,
            0,
            2 * half_width,
            args=(r,),
            limit=200,
            points=[2 * (r - 0.95) / light] if 0.95 < r < 6.9 else None,
        )[0]
        / 1e9
        for r in nearer
    ]
    where, response = fog_response(alpha)
    row = round(target / 0.1)
    assert np.isclose(response[row], max(echoes), rtol=0.01)
    assert abs(where[row] - nearer[np.argmax(echoes)]) < 0.11


def test_fog_takes_over_where_its_echo_is_the_stronger():
    """The return is the fog's where R^2 I beta / beta_0 > exp(-2 alpha R), whatever its target."""
    alpha, beta = 0.03, 0.2
    ranges = np.linspace(1, 60, 2000)
    corrupted = fog(at_ranges(ranges, 1.0), np.random.default_rng(0), alpha, beta)
    echo = fog_response(alpha)[1].max() * ranges**2 * beta * np.pi / 1e-6
    certain = np.abs(echo - np.exp(-2 * alpha * ranges)) > 1 / 255  # not within a count
    expected = echo > np.exp(-2 * alpha * ranges)
    assert np.array_equal(corrupted.noise[certain], expected[certain])
    assert 0.5 < corrupted.noise.mean() < 0.95


def test_returns_of_fog_lie_on_their_beams_before_the_target():
    sweep = at_ranges(np.linspace(1, 150, 3000), 0.3)
    corrupted = fog(sweep, np.random.default_rng(0), attenuation=0.03, backscatter=0.2)
    noise = corrupted.noise
    ranges = np.linalg.norm(corrupted.xyz[noise], axis=1)
    assert np.all(ranges <= sweep.ranges[noise] + 1e-9) and ranges.min() > 0.5
    along = np.sum(corrupted.xyz[noise] * sweep.xyz[noise], axis=1)
    assert np.allclose(along, ranges * sweep.ranges[noise])
    assert 4 < np.median(ranges) < 6  # the maximum of I(r) is at 4.7 m


def test_extinction_of_snow():
    # 19.64 dB/km of dry snow at 2.5 mm/h: (5.42e-5 * 905 + 5.4958776) * 2.5^1.38
    assert np.isclose(snow_extinction(2.5), 19.6358 * 0.230259e-3, rtol=1e-4)
    assert np.isclose(np.exp(-snow_extinction(1.0) * 1000), 10 ** (-5.5449286 / 10))


def test_targets_in_snow_are_dimmed():
    sweep = at_ranges(np.linspace(2, 100, 400), 0.8)
    corrupted = snow(sweep, np.random.default_rng(0), snowfall=2.5)
    clear = ~corrupted.noise
    expected = [
        round(255 * 0.8 * 10 ** (-19.6358 * 2 * r / 1e4)) / 255
        for r in sweep.ranges[corrupted.source][clear]
    ]
    assert np.allclose(corrupted.intensity[clear], expected, atol=1e-9)


def test_as_many_flakes_as_stand_before_the_target():
    """P = 1 - exp(-alpha (d - 1)): a flake of echo 0.9 / r^2 outshines the target for r < d."""
    number, distance, intensity = 200_000, 40.0, 10 / 255
    alpha = snow_extinction(2.5)
    corrupted = snow(at_ranges(np.full(number, distance), intensity), np.random.default_rng(0), 2.5)
    reach = np.sqrt(0.9 / (intensity * np.exp(-2 * alpha * distance)))
    expected = 1 - np.exp(-alpha * (reach - 1))
    assert reach < distance
    assert abs(corrupted.noise.sum() - number * expected) < 5 * np.sqrt(number * expected)
    ranges = np.linalg.norm(corrupted.xyz[corrupted.noise], axis=1)
    assert ranges.min() >= 1 and ranges.max() < reach
    assert np.allclose(corrupted.intensity[corrupted.noise], np.minimum(0.9 / ranges**2, 1))


def test_snow_loses_what_was_weakest():
    sweep = at_ranges(np.linspace(5, 100, 5000), 0.2)
    corrupted = snow(sweep, np.random.default_rng(0), snowfall=2.5)
    lost = np.setdiff1d(np.arange(5000), corrupted.source)
    assert 0.01 < len(lost) / 5000 < 0.3
    assert sweep.ranges[lost].min() > np.quantile(sweep.ranges, 0.7)
