"""What all corruptions have in common."""

from dataclasses import replace

import numpy as np
import pytest

from stslidr.corruptions.corrupt import KINDS, corrupt
from stslidr.corruptions.profiles import SEVERITIES
from stslidr.corruptions.returns import LidarReturns
from support.profiles import PROFILES
from support.ring_sweep import label_of, make_sweep

MOVING = ('motion_blur',)


@pytest.fixture(scope='module')
def sweeps():
    return {profile: make_sweep(profile) for profile in PROFILES}


@pytest.fixture(scope='module')
def real_sweep(keyframe_root):
    (path,) = (keyframe_root / 'samples/LIDAR_TOP').glob('*.bin')
    rows = np.fromfile(path, dtype='<f4').reshape(-1, 5).astype(np.float64)
    return LidarReturns(
        rows[:, :3], rows[:, 3] / 255, rows[:, 4].astype(np.int64), label_of(rows[:, :3])
    )


def effects(sweep, kind, profile, seed=0):
    """What each severity does: four shares or metres that a corruption raises or leaves at 0."""
    found = []
    for severity in SEVERITIES:
        corrupted = corrupt(sweep, kind, severity, PROFILES[profile], seed)
        source, clear = corrupted.source, ~corrupted.noise
        before = sweep.intensity[source[clear]].sum()
        found.append(
            {
                'lost': 1 - len(source) / len(sweep),
                'lost or noise': 1 - clear.sum() / len(sweep),
                'displaced': np.linalg.norm(corrupted.xyz - sweep.xyz[source], axis=1).mean(),
                'dimmed': 1 - corrupted.intensity[clear].sum() / before,
            }
        )
    return {name: np.array([each[name] for each in found]) for name in found[0]}


CLAIMS = {
    'fog': ('lost or noise', 'displaced', 'dimmed'),
    'snow': ('lost or noise', 'displaced', 'dimmed'),
    'motion_blur': ('displaced',),
    'beam_missing': ('lost', 'lost or noise'),
    'crosstalk': ('lost or noise', 'displaced'),
    'incomplete_echo': ('lost', 'lost or noise'),
    'cross_sensor': ('lost', 'lost or noise'),
    'wet_ground': ('lost', 'lost or noise', 'dimmed'),
}
MAY_LOSE = ('snow',)  # a flake before a target that would be lost is a return again


def assert_claim(sweep, kind, profile):
    for effect, values in effects(sweep, kind, profile).items():
        if effect in CLAIMS[kind]:
            assert 0 <= values[0] < values[1] < values[2], effect
        elif not (effect == 'lost' and kind in MAY_LOSE):
            assert np.allclose(values, 0), effect


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('profile', PROFILES)
def test_what_a_corruption_changes_grows_with_its_severity(sweeps, profile, kind):
    assert_claim(sweeps[profile], kind, profile)


@pytest.mark.parametrize('kind', KINDS)
def test_the_same_on_a_real_sweep(real_sweep, kind):
    assert_claim(real_sweep, kind, 'nuscenes')
    assert_finite_and_aligned(real_sweep, kind, 'nuscenes')


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('profile', PROFILES)
def test_points_keep_their_labels(sweeps, profile, kind):
    assert_finite_and_aligned(sweeps[profile], kind, profile)


def assert_finite_and_aligned(sweep, kind, profile):
    for severity in SEVERITIES:
        corrupted = corrupt(sweep, kind, severity, PROFILES[profile], 3)
        assert np.all(np.diff(corrupted.source) > 0)
        assert len(corrupted.xyz) == len(corrupted.intensity) == len(corrupted.noise)
        assert np.isfinite(corrupted.xyz).all() and np.isfinite(corrupted.intensity).all()
        assert corrupted.intensity.min() >= 0 and corrupted.intensity.max() <= 1
        same = ~corrupted.noise
        if kind in MOVING:
            assert np.abs(corrupted.xyz - sweep.xyz[corrupted.source]).max() < 5 * 0.3
        else:
            labels = sweep.labels[corrupted.source]
            assert np.array_equal(label_of(corrupted.xyz[same]), labels[same])


def made_up_sweeps(profile):
    """Sweeps that no LiDAR gives: points anywhere, all black, all white, few, on one plane."""
    rng = np.random.default_rng(11)
    ignored = PROFILES[profile].ignored
    for number, flat, intensity in (
        (4000, False, None),
        (4000, True, None),
        (70, False, None),
        (900, True, 0.0),
        (900, True, 1.0),
    ):
        xyz = rng.uniform(-50, 50, (number, 3))
        if flat:
            xyz[:, 2] = rng.normal(-1.8, 0.05, number)
        xyz = xyz.astype(np.float32).astype(np.float64)
        brightness = rng.random(number) if intensity is None else np.full(number, intensity)
        yield LidarReturns(
            xyz, brightness, PROFILES[profile].rings(xyz), rng.integers(0, ignored + 1, number)
        )


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('profile', PROFILES)
def test_a_heavier_severity_does_all_that_a_lighter_one_does_to_each_point(profile, kind):
    for sweep in made_up_sweeps(profile):
        for seed in (0, 9):
            light = np.zeros(len(sweep), dtype=bool)
            before_moved = np.zeros(len(sweep))
            before_bright = sweep.intensity + 1 / 255  # fog and snow round to counts
            for severity in SEVERITIES:
                corrupted = corrupt(sweep, kind, severity, PROFILES[profile], seed)
                heavy = np.ones(len(sweep), dtype=bool)
                heavy[corrupted.source[~corrupted.noise]] = False
                assert np.all(heavy[light]), 'what a lighter one takes stays away'
                moved, bright = np.full(len(sweep), np.inf), np.full(len(sweep), -np.inf)
                moved[corrupted.source] = np.linalg.norm(
                    corrupted.xyz - sweep.xyz[corrupted.source], axis=1
                )
                bright[corrupted.source] = corrupted.intensity
                assert np.all(moved[~heavy] >= before_moved[~heavy] - 1e-9)
                assert np.all(bright[~heavy] <= before_bright[~heavy] + 1e-9)
                light, before_moved, before_bright = heavy, moved, bright


@pytest.mark.parametrize('kind', KINDS)
def test_a_seed_is_one_corruption(sweeps, kind):
    sweep = sweeps['nuscenes']
    np.random.seed(0)
    first = corrupt(sweep, kind, 'moderate', PROFILES['nuscenes'], 5)
    np.random.seed(1)  # a worker with another history
    again = corrupt(replace(sweep), kind, 'moderate', PROFILES['nuscenes'], 5)
    assert same_result(first, again)


@pytest.mark.parametrize('kind', [kind for kind in KINDS if kind != 'wet_ground'])
def test_another_seed_or_sweep_is_another_corruption(sweeps, kind):
    sweep = sweeps['nuscenes']
    first = corrupt(sweep, kind, 'moderate', PROFILES['nuscenes'], 5)
    seeds = [corrupt(sweep, kind, 'moderate', PROFILES['nuscenes'], seed) for seed in range(6, 16)]
    assert not all(same_result(first, other) for other in seeds)
    drawn = []
    for step in range(10):
        other = replace(sweep, xyz=sweep.xyz.copy())
        other.xyz[-1] *= 1 + step / 10000
        result = corrupt(other, kind, 'moderate', PROFILES['nuscenes'], 5)
        moved = result.xyz - other.xyz[result.source]
        drawn.append((result.source[:-1].tolist(), moved[:-1].round(6).tolist()))
    assert any(one != drawn[0] for one in drawn)


def same_result(one, two):
    return all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ('xyz', 'intensity', 'source', 'noise')
    )


@pytest.mark.parametrize('kind', KINDS)
def test_the_sweep_itself_stays_as_it_was(sweeps, kind):
    sweep, before = sweeps['nuscenes'], make_sweep()
    corrupt(sweep, kind, 'heavy', PROFILES['nuscenes'], 0)
    assert np.array_equal(sweep.xyz, before.xyz)
    assert np.array_equal(sweep.intensity, before.intensity)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('number', [0, 1, 2])
def test_next_to_no_points(sweeps, kind, number):
    sweep = LidarReturns(*(column[:number] for column in vars(sweeps['nuscenes']).values()))
    corrupted = corrupt(sweep, kind, 'heavy', PROFILES['nuscenes'], 0)
    assert corrupted.xyz.shape == (len(corrupted.source), 3) and len(corrupted.source) <= number


def test_a_return_from_the_sensor_itself():
    sweep = LidarReturns(
        np.zeros((5, 3)), np.full(5, 0.5), np.arange(5), np.zeros(5, dtype=np.int64)
    )
    for kind in KINDS:
        assert np.isfinite(corrupt(sweep, kind, 'heavy', PROFILES['nuscenes'], 0).xyz).all()


@pytest.mark.parametrize(
    'wrong, named',
    [
        ({'kind': 'rain'}, 'fog, snow, motion_blur'),
        ({'severity': 'extreme'}, 'light, moderate, heavy'),
        ({'seed': -1}, 'seed'),
    ],
)
def test_unknown_names_are_refused(sweeps, wrong, named):
    profile = PROFILES['nuscenes']
    settings = {'kind': 'fog', 'severity': 'light', 'profile': profile, 'seed': 0, **wrong}
    with pytest.raises(ValueError, match=named):
        corrupt(sweeps['nuscenes'], **settings)
