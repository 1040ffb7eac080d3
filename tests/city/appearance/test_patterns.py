"""Patterns against brute force, scipy's periodic interpolation and their own statistics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from stslidr_city.appearance.patterns import (
    SIZE,
    blended,
    courses,
    covered,
    cracks,
    fractal_noise,
    linear,
    painted,
    scattered_cells,
    smooth_step,
    stained,
)


@pytest.mark.parametrize(
    'slope, stretch, lowest',
    [(0.0, (1, 1), 1), (1.5, (1, 1), 1), (1.0, (1, 6), 2), (0.3, (3, 1), 24)],
)
def test_noise_is_normalised_and_its_spectrum_falls_as_asked(slope, stretch, lowest):
    noise = fractal_noise(np.random.default_rng(3), slope, stretch, lowest)
    assert noise.dtype == np.float32 and noise.shape == (SIZE, SIZE)
    assert abs(noise.mean()) < 1e-4 and abs(noise.std() - 1) < 1e-4
    power = np.abs(np.fft.fft2(noise)) ** 2
    waves = np.fft.fftfreq(SIZE, 1 / SIZE)
    frequency = np.hypot(*np.meshgrid(waves * stretch[0], waves * stretch[1]))
    inside = (frequency >= lowest) & (frequency > 0)
    assert power[frequency < lowest].max(initial=0) < 1e-3 * power[inside].max()
    fitted = np.polyfit(np.log(frequency[inside]), np.log(power[inside] + 1e-9), 1)[0]
    assert abs(fitted + 2 * slope) < 0.1


def test_noise_goes_on_across_the_edge():
    """Steps over the seam are no larger than those next to it, on average."""
    noise = fractal_noise(np.random.default_rng(0), 1.5)
    for axis in (0, 1):
        steps = np.abs(np.diff(noise, axis=axis, append=noise.take([0], axis))).mean(axis=1 - axis)
        assert steps[-1] < 1.5 * np.median(steps)


def test_scattered_cells_are_the_nearest_points_around_the_torus():
    count = 30
    cells = scattered_cells(np.random.default_rng(5), count)
    points = np.random.default_rng(5).uniform(0, SIZE, (count, 2))
    for row, column in [(0, 0), (255, 255), (0, 255), (128, 3), (77, 200)]:
        away = np.abs(points - (row + 0.5, column + 0.5))
        distances = np.hypot(*np.minimum(away, SIZE - away).T)
        assert cells.index[row, column] == distances.argmin()
        first, second = np.sort(distances)[:2]
        assert cells.border[row, column] == pytest.approx((second - first) / 2, abs=1e-4)


def test_courses_of_a_running_bond():
    """8 x 4 cells of 64 x 32 texels, odd rows half a cell along."""
    cells = courses(8, 4, (0, 0.5))
    assert len(np.unique(cells.index)) == 32
    assert np.bincount(cells.index.ravel()).tolist() == [64 * 32] * 32
    assert cells.index[10, 0] == cells.index[10, 63] != cells.index[10, 64]
    assert cells.index[40, 32] == cells.index[40, 95] != cells.index[40, 31]
    assert cells.index[40, 255] == cells.index[40, 0]  # half on each side of the seam
    assert cells.border[0, 20] == pytest.approx(0.5)
    assert cells.border[16, 32] == pytest.approx(15.5)
    assert cells.up[31, 0] == pytest.approx(31.5 / 32)
    assert cells.across[40, 0] == pytest.approx(32.5 / 64)


def test_cracks_are_thin_and_only_in_part_of_the_square():
    lines = [cracks(np.random.default_rng(7), 1.5, share) for share in (0.2, 0.8)]
    covers = [(field > 0.5).mean() for field in lines]
    assert 0.001 < covers[0] < covers[1] < 0.15
    assert all(field.min() >= 0 and field.max() <= 1 for field in lines)


def test_blending_is_scipys_periodic_interpolation():
    rng = np.random.default_rng(1)
    field = rng.random((SIZE, SIZE)).astype(np.float32)
    u, v = rng.uniform(-700, 700, (2, 500)).astype(np.float32)
    expected = map_coordinates(field, [v, u], order=1, mode='grid-wrap')
    assert np.allclose(blended(field, u, v), expected, atol=1e-4)


def test_small_arithmetic():
    assert np.allclose(smooth_step(np.array([-1, 0, 0.5, 1, 2.0]), 0, 1), [0, 0, 0.5, 1, 1])
    assert np.allclose(linear(255, 0, 127.5), [1, 0, 0.5**2.2], atol=1e-6)
    below, above = painted(np.zeros(3), 1.0), painted(np.ones(3), 0.5, gloss=1.0)
    share = np.zeros((SIZE, SIZE), np.float32)
    share[0, 0], share[0, 1] = 1, 0.5
    mixed = covered(below, above, share)
    assert mixed[0, 0].tolist() == [0.5, 0.5, 0.5, 1] and mixed[1, 1].tolist() == [0, 0, 0, 0]
    assert mixed[0, 1].tolist() == [0.25, 0.25, 0.25, 0.5]
    assert np.allclose(stained(mixed, 255, 0, 255)[0, 0], [0.5, 0, 0.5, 1])
