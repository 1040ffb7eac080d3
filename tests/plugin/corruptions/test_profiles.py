"""What is known of the data sets."""

import re
from pathlib import Path

import numpy as np
import pytest

from stslidr.corruptions.corrupt import KINDS
from stslidr.corruptions.profiles import SEVERITIES
from support.profiles import PROFILES
from support.ring_sweep import make_sweep


@pytest.mark.parametrize('profile', PROFILES)
def test_every_severity_of_every_corruption_is_there(profile):
    levels = PROFILES[profile].levels
    assert set(levels) == set(KINDS)
    assert all(tuple(severities) == SEVERITIES for severities in levels.values())


PARAMETERS = {  # row of the page -> corruption, parameter, factor on it, profiles
    'backscatter': ('fog', 'backscatter', 1, PROFILES),
    'attenuation': ('fog', 'attenuation', 1, PROFILES),
    'snowfall': ('snow', 'snowfall', 1, PROFILES),
    'height of water': ('wet_ground', 'water_height', 1000, PROFILES),
    'noise floor, nuScenes': ('wet_ground', 'noise_floor', 1, ['nuscenes']),
    'noise floor, SemanticKITTI': ('wet_ground', 'noise_floor', 1, ['semantickitti']),
    'sigma': ('motion_blur', 'sigma', 1, PROFILES),
    'beams of 32': ('beam_missing', 'beams', 1, ['nuscenes']),
    'beams of 64': ('beam_missing', 'beams', 1, ['semantickitti']),
    'share of points, nuScenes': ('crosstalk', 'share', 1, ['nuscenes']),
    'share of points, SemanticKITTI': ('crosstalk', 'share', 1, ['semantickitti']),
    'share of each vehicle': ('incomplete_echo', 'share', 1, PROFILES),
    'rings that stay': ('cross_sensor', 'kept', 1, PROFILES),
}


def test_the_page_states_the_parameters():
    page = (Path(__file__).parents[3] / 'docs' / 'corruptions.md').read_text()
    table = page.split('## Parameters')[1].split('## Models')[0]
    rows = [
        [cell.strip() for cell in line.split('|')[2:6]]
        for line in table.splitlines()
        if line.startswith('|')
    ][2:]
    assert len(rows) == len(PARAMETERS)
    for (start, (kind, name, factor, profiles)), (text, *cells) in zip(
        PARAMETERS.items(), rows, strict=True
    ):
        assert text.startswith(start)
        stated = [float(re.match(r'[\d.]+', cell)[0]) for cell in cells]
        for profile in profiles:
            values = [PROFILES[profile].levels[kind][severity][name] for severity in SEVERITIES]
            values = [len(value) if name == 'kept' else factor * value for value in values]
            assert stated == pytest.approx(values), text


@pytest.mark.parametrize(
    'profile, beams, lowest, highest',
    [('nuscenes', 32, -30.67, 10.67), ('semantickitti', 64, -24.33, 2.0)],
)
def test_rings_follow_from_elevations(profile, beams, lowest, highest):
    elevations = np.array(PROFILES[profile].elevations)
    assert len(elevations) == beams and np.all(np.diff(elevations) > 0.3)
    assert np.allclose(elevations[[0, -1]], (lowest, highest), atol=0.01)
    sweep = make_sweep(profile)
    assert np.array_equal(PROFILES[profile].rings(sweep.xyz), sweep.ring)
    outside = PROFILES[profile].rings(np.array([[0.0, 0, -1], [0, 0, 1], [0, 0, 0]]))
    assert outside[0] == 0 and outside[1] == beams - 1


def test_rings_of_a_real_sweep(keyframe_root):
    (path,) = (keyframe_root / 'samples/LIDAR_TOP').glob('*.bin')
    rows = np.fromfile(path, dtype='<f4').reshape(-1, 5)
    rows = rows[np.linalg.norm(rows[:, :3], axis=1) > 3]
    off = np.abs(PROFILES['nuscenes'].rings(rows[:, :3]) - rows[:, 4])
    assert (off == 0).mean() > 0.88 and (off <= 1).mean() > 0.999


@pytest.mark.parametrize(
    'profile, vehicles, ignored',
    [
        (
            'nuscenes',
            ['bicycle', 'bus', 'car', 'construction_vehicle', 'motorcycle', 'trailer', 'truck'],
            16,
        ),
        ('semantickitti', ['car', 'bicycle', 'motorcycle', 'truck', 'other-vehicle'], 19),
    ],
)
def test_vehicles_are_the_published_classes(profile, vehicles, ignored):
    classes = {  # reference order: 16 lidarseg classes; SemanticKITTI's 19
        'nuscenes': 'barrier bicycle bus car construction_vehicle motorcycle pedestrian '
        'traffic_cone trailer truck driveable_surface other_flat sidewalk terrain '
        'manmade vegetation'.split(),
        'semantickitti': 'car bicycle motorcycle truck other-vehicle person bicyclist '
        'motorcyclist road parking sidewalk other-ground building fence '
        'vegetation trunk terrain pole traffic-sign'.split(),
    }[profile]
    level = PROFILES[profile].levels['incomplete_echo']['heavy']
    assert [classes[label] for label in level['classes']] == vehicles
    assert PROFILES[profile].ignored == ignored == len(classes)
