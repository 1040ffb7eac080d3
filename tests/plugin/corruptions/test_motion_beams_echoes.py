"""Motion blur, beams and echoes, counted."""

import numpy as np
import pytest

from stslidr.corruptions.beams import beam_missing, cross_sensor
from stslidr.corruptions.corrupt import corrupt
from stslidr.corruptions.echoes import crosstalk, incomplete_echo
from stslidr.corruptions.motion import motion_blur
from stslidr.corruptions.profiles import SEVERITIES
from stslidr.corruptions.returns import LidarReturns
from support.profiles import PROFILES
from support.ring_sweep import make_sweep


def test_blur_has_the_stated_deviations():
    sweep = LidarReturns(np.zeros((500, 3)), np.ones(500), np.zeros(500, dtype=np.int64))
    moves = np.stack(
        [motion_blur(sweep, np.random.default_rng(seed), 0.2).xyz for seed in range(1000)]
    )
    shifts = moves.mean(axis=1)
    assert np.allclose(shifts.std(axis=0), 0.2, rtol=0.1)
    assert np.abs(shifts.mean(axis=0)).max() < 4 * 0.2 / np.sqrt(1000)
    jitter = (moves - shifts[:, None]).reshape(-1, 3)
    assert np.allclose(jitter.std(axis=0), [0.02, 0.02, 0.01], rtol=0.01)


@pytest.mark.parametrize(
    'profile, numbers, outermost',
    [('nuscenes', (8, 16, 24), (2, 28)), ('semantickitti', (16, 32, 48), (5, 59))],
)
def test_so_many_beams_are_missing(profile, numbers, outermost):
    sweep, before = make_sweep(profile), set()
    for severity, number in zip(SEVERITIES, numbers, strict=True):
        corrupted = corrupt(sweep, 'beam_missing', severity, PROFILES[profile], 0)
        stay = sweep.ring[corrupted.source]
        lost = set(range(len(PROFILES[profile].elevations))) - set(stay)
        assert len(lost) == number and before <= lost
        assert outermost[0] <= min(lost) and max(lost) <= outermost[1]
        for ring in np.unique(stay):
            assert (stay == ring).sum() == (sweep.ring == ring).sum()
        before = lost


def test_every_candidate_can_go_missing():
    sweep = make_sweep(columns=1)
    gone = [
        set(range(32))
        - set(sweep.ring[beam_missing(sweep, np.random.default_rng(seed), 8, range(2, 29)).source])
        for seed in range(100)
    ]
    assert set().union(*gone) == set(range(2, 29))


@pytest.mark.parametrize('severity, beams', zip(SEVERITIES, (24, 16, 8), strict=True))
def test_another_sensor_has_fewer_beams_and_half_the_columns(severity, beams):
    sweep = make_sweep()
    source = corrupt(sweep, 'cross_sensor', severity, PROFILES['nuscenes'], 0).source
    rings, counts = np.unique(sweep.ring[source], return_counts=True)
    assert len(rings) == beams and np.all(counts == 200)
    for ring in rings:
        here = source[sweep.ring[source] == ring]
        steps = np.diff(np.sort(np.arctan2(sweep.xyz[here, 1], sweep.xyz[here, 0])))
        assert np.allclose(steps, 2 * 2 * np.pi / 400, atol=1e-5)


def test_azimuth_order_does_not_depend_on_the_order_of_the_rows():
    sweep = make_sweep()
    order = np.random.default_rng(0).permutation(len(sweep))
    shuffled = LidarReturns(sweep.xyz[order], sweep.intensity[order], sweep.ring[order])
    one = cross_sensor(sweep, np.random.default_rng(0), (0,)).source
    two = order[cross_sensor(shuffled, np.random.default_rng(0), (0,)).source]
    assert np.array_equal(one, np.sort(two))


def test_crosstalk_disturbs_a_share():
    sweep = make_sweep()
    corrupted = crosstalk(sweep, np.random.default_rng(0), 0.12)
    noise = corrupted.noise
    assert noise.sum() == int(0.12 * len(sweep))
    assert np.array_equal(corrupted.xyz[~noise], sweep.xyz[~noise])
    assert np.array_equal(corrupted.intensity[~noise], sweep.intensity[~noise])
    shift = corrupted.xyz[noise] - sweep.xyz[noise]
    assert np.allclose(shift.std(axis=0), 3, rtol=0.08) and np.abs(shift.mean(axis=0)).max() < 0.3
    inside = sweep.intensity[noise] > 15 / 255  # not cut off at 0
    counts = 255 * (corrupted.intensity[noise] - sweep.intensity[noise])[inside]
    assert np.isclose(counts.std(), 3, rtol=0.08)


def test_so_many_points_of_vehicles_do_not_come_back():
    sweep, vehicles = make_sweep(), (1, 2, 3, 4, 5, 8, 9)
    for severity, share in zip(SEVERITIES, (0.75, 0.85, 0.95), strict=True):
        kept = sweep.labels[
            corrupt(sweep, 'incomplete_echo', severity, PROFILES['nuscenes'], 0).source
        ]
        for label in range(16):
            before = (sweep.labels == label).sum()
            gone = int(share * before) if label in vehicles else 0
            assert (kept == label).sum() == before - gone


def test_ten_points_of_a_class_all_stay():
    labels = np.repeat([3, 4], [10, 11])
    sweep = LidarReturns(np.ones((21, 3)), np.ones(21), np.zeros(21, dtype=np.int64), labels)
    kept = labels[incomplete_echo(sweep, np.random.default_rng(0), 0.75, (3, 4)).source]
    assert np.array_equal(np.bincount(kept), [0, 0, 0, 10, 11 - 8])


def test_incomplete_echo_says_that_it_needs_labels():
    sweep = LidarReturns(np.ones((5, 3)), np.ones(5), np.zeros(5, dtype=np.int64))
    with pytest.raises(ValueError, match='has no labels'):
        corrupt(sweep, 'incomplete_echo', 'light', PROFILES['nuscenes'], 0)


def test_every_second_return_of_the_rings_that_stay_against_a_loop():
    sweep, kept = make_sweep('nuscenes'), (0, 2)
    returns = LidarReturns(sweep.xyz, sweep.intensity, sweep.ring)
    found = cross_sensor(returns, np.random.default_rng(5), kept)
    begin, expected = np.random.default_rng(5).integers(2), []
    for ring in sorted(set(sweep.ring.tolist())):
        rows = [row for row in range(len(sweep.ring)) if sweep.ring[row] == ring]
        rows.sort(key=lambda row: (np.arctan2(sweep.xyz[row, 1], sweep.xyz[row, 0]), row))
        expected += rows[begin::2] if ring % 4 in kept else []
    assert found.source.tolist() == sorted(expected) and len(expected) > 50
