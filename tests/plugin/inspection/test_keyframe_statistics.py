"""Statistics of tiny data against loops over points, cameras and samples."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stslidr.files.infos import read_infos, write_infos
from stslidr.files.lidarseg_classes import CLASS_NAMES, CLASS_OF_RAW
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.inspection.keyframe_files import list_keyframes
from stslidr.inspection.keyframe_statistics import (
    describe_keyframes,
    mean_measures,
    measure_keyframe,
)
from stslidr.inspection.statistics_table import (
    is_unlike,
    ratio,
    statistics_as_json,
    statistics_table,
)
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from support.tiny_data import SIZES, make_tiny_data
from support.tiny_nuscenes import make_tiny_nuscenes

TOOL = Path(__file__).parents[3] / 'tools' / 'describe_keyframes.py'
BANDS = [
    (0, 1),
    (1, 3),
    (3, 5),
    (5, 8),
    (8, 10),
    (10, 15),
    (15, 20),
    (20, 30),
    (30, 40),
    (40, 60),
    (60, 80),
    (80, math.inf),
]


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """Four keyframes of two cameras, at the places where the tools look for files."""
    data = make_tiny_data(tmp_path_factory.mktemp('tiny'), num_keyframes=4, num_points=400)
    infos = read_infos(data.root / data.ann_file)
    for sample in infos['data_list']:
        sample['lidar_points']['lidar_path'] = f'sweeps/{sample["lidar_points"]["lidar_path"]}'
        for name, image in sample['images'].items():
            image['img_path'] = f'{name}/{image["img_path"]}'
    write_infos(data.root / data.ann_file, infos['metainfo'], infos['data_list'])
    return data


def brute_force(data, index):
    """Every quantity of one tiny keyframe, point by point in Python floats."""
    sweep = np.fromfile(data.root / 'sweeps' / f'{index}.bin', np.float32).reshape(-1, 4)
    ranges = [math.hypot(*map(float, point[:3])) for point in sweep]
    expected = {
        'points a sweep': len(sweep),
        'points a sweep beyond 1 m': sum(r > 1 for r in ranges),
        'voxels a sweep': len({cylindrical_cell(point) for point in sweep}),
    }
    for low, high in BANDS:
        name = f'{low}+ m' if high == math.inf else f'{low}-{high} m'
        expected[f'points by range: {name}'] = sum(low <= r < high for r in ranges)
    intensities = sorted(map(float, sweep[:, 3]))
    for share in (50, 75, 90, 95, 99, 100):
        place = share / 100 * (len(intensities) - 1)
        low, high = intensities[math.floor(place)], intensities[math.ceil(place)]
        expected[f'intensity: {share} % quantile'] = low + (high - low) * (place % 1)
    shown, paired, occupied = 0, {}, set()
    for heading, (camera, (height, width)) in zip((1, -1), SIZES.items(), strict=True):
        labels = np.array(Image.open(data.root / data.superpixels / f'{camera.lower()}{index}.png'))
        paired[camera] = 0
        for x, y, z, _ in sweep.tolist():
            right, down, depth = -heading * y, -z, heading * x
            if depth <= 1:
                continue
            u = width / 2 * right / depth + width / 2
            v = width / 2 * down / depth + height / 2
            shown += -0.5 <= u < width - 0.5 and -0.5 <= v < height - 0.5
            if 0 < u < width - 1 and 0 < v < height - 1:
                paired[camera] += 1
                occupied.add((camera, int(labels[round(v), round(u)])))
    pairs = sum(paired.values())
    return expected | {
        'points a camera': shown / 2,
        'pairs a camera': pairs / 2,
        'pairs a keyframe': pairs,
        **{f'pairs by camera: {camera}': count for camera, count in paired.items()},
        'superpixels occupied an image': len(occupied) / 2,
        'superpixels occupied a keyframe': len(occupied),
        'points an occupied superpixel': pairs / len(occupied),
    }


def cylindrical_cell(point):
    """As published, in float32: 0.1 m, 1 degree, 0.1 m."""
    x, y, z = point[:3]
    degrees = np.arctan2(y, x) * np.float32(180) / np.float32(np.pi)
    radius = np.sqrt(x**2 + y**2)
    tenth = np.float32(0.1)
    return math.floor(radius / tenth), math.floor(degrees), math.floor(z / tenth)


def test_means_over_samples_are_those_of_the_loop(tiny):
    keyframes = list_keyframes(tiny.root / tiny.ann_file, tiny.root)
    measures = describe_keyframes(keyframes, SuperpixelMaps(tiny.root / tiny.superpixels))
    expected = [brute_force(tiny, index) for index in range(4)]
    assert list(measures) == list(expected[0])
    for name, value in measures.items():
        mean = math.fsum(sample[name] for sample in expected) / 4
        assert value == pytest.approx(mean, rel=1e-6), name
    assert measures['superpixels occupied a keyframe'] > 5
    assert measures['points a camera'] > measures['pairs a camera'] > 30


def test_without_superpixels_the_rest_is_the_same(tiny):
    keyframe = list_keyframes(tiny.root / tiny.ann_file, tiny.root)[1]
    expected = brute_force(tiny, 1)
    measures = measure_keyframe(keyframe, None)
    assert set(expected) - set(measures) == {name for name in expected if 'superpixel' in name}
    assert not set(measures) - set(expected)


def test_a_sample_without_a_quantity_does_not_count():
    means = mean_measures([{'a': 1.0, 'b': math.nan}, {'a': 2.0}, {'a': 6.0, 'b': math.nan}])
    assert means['a'] == 3.0 and math.isnan(means['b'])
    assert mean_measures([{'a': math.nan}, {'a': 4.0}]) == {'a': 4.0}


def test_points_by_class_of_nuscenes(tmp_path):
    """Label files of random ids, counted one by one with the devkit's own layout of folders."""
    make_tiny_nuscenes(tmp_path, {'scene-0061': 3}, lidarseg=True)
    rng = np.random.default_rng(5)
    create_nuscenes_infos(tmp_path, 'v1.0-mini')
    counts = dict.fromkeys((*CLASS_NAMES, '(ignored)'), 0)
    infos = tmp_path / 'nuscenes_infos_train.pkl'
    for sample in read_infos(infos)['data_list']:
        points = sample['lidar_points']['num_points']
        raw = rng.integers(0, 32, points).astype(np.uint8)
        raw.tofile(tmp_path / 'lidarseg' / 'v1.0-mini' / sample['pts_semantic_mask_path'])
        for label in raw.tolist():
            counts[(*CLASS_NAMES, '(ignored)')[CLASS_OF_RAW[label]]] += 1
    measures = describe_keyframes(list_keyframes(infos, tmp_path))
    by_class = {
        name.removeprefix('points by class: '): value
        for name, value in measures.items()
        if name.startswith('points by class')
    }
    assert by_class == {name: pytest.approx(count / 3) for name, count in counts.items()}


def test_a_data_set_without_cameras_is_described(tmp_path):
    np.ones((7, 4), np.float32).tofile(tmp_path / 'a.bin')
    write_infos(tmp_path / 'infos.pkl', {}, [{'lidar_points': {'lidar_path': 'a.bin'}}])
    measures = describe_keyframes(list_keyframes(tmp_path / 'infos.pkl', tmp_path))
    assert measures['points a sweep'] == 7 and measures['voxels a sweep'] == 1
    assert not any('camera' in name for name in measures)


def test_a_fourth_column_of_the_intrinsics_moves_the_camera(tiny, tmp_path):
    """KITTI writes P = K [I | t]: u = (P x)_1 / depth, with the depth beside K^-1 of the column."""
    infos = read_infos(tiny.root / tiny.ann_file)
    offset = np.array([0.3, -0.2, 0.1])
    for image in infos['data_list'][0]['images'].values():
        intrinsics = np.array(image['cam2img'])
        image['cam2img'] = np.column_stack([intrinsics, intrinsics @ offset]).tolist()
    write_infos(tmp_path / 'kitti.pkl', infos['metainfo'], infos['data_list'])
    moved = list_keyframes(tmp_path / 'kitti.pkl', tiny.root)[0].cameras()
    still = list_keyframes(tiny.root / tiny.ann_file, tiny.root)[0].cameras()
    for ours, theirs in zip(moved, still, strict=True):
        np.testing.assert_allclose(ours.lidar2cam[:3, 3] - theirs.lidar2cam[:3, 3], offset)
        np.testing.assert_array_equal(ours.cam2img, theirs.cam2img)


@pytest.mark.parametrize(
    'value, other, quotient, unlike',
    [
        (13, 10, 1.3, False),
        (13.1, 10, 1.31, True),
        (7, 10, 0.7, False),
        (6.9, 10, 0.69, True),
        (0, 0, 1, False),
        (1, 0, math.nan, True),
        (0, 1, 0, True),
        (math.nan, 1, math.nan, False),
    ],
)
def test_ratio_and_mark(value, other, quotient, unlike):
    assert ratio(value, other) == pytest.approx(quotient, nan_ok=True)
    assert is_unlike(value, other) == unlike


def test_table_and_json_of_two_data_sets():
    table = statistics_table({'a': 13.1, 'b': 1234.4}, {'a': 10.0, 'c': 2.0}, ('x', 'y'))
    assert table.splitlines() == [
        '| quantity | x | y | ratio |  |',
        '| -- | --: | --: | --: | --: |',
        '| a | 13.1 | 10 | 1.31 | ! |',
        '| b | 1,234 | - | - |  |',
        '| c | - | 2 | - |  |',
    ]
    assert statistics_as_json({'a': math.nan, 'b': 3.0}, {'b': 2.0}) == {
        'measures': {'a': None, 'b': 3.0},
        'against': {'b': 2.0},
        'ratios': {'b': 1.5},
    }


def run_tool(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        cwd='/',
        capture_output=True,
        text=True,
        check=False,
    )


def test_tool_prints_and_writes_two_data_sets(tiny, tmp_path):
    own = (
        tiny.root / tiny.ann_file,
        '--root',
        tiny.root,
        '--superpixels',
        tiny.root / tiny.superpixels,
    )
    against = ('--against', tiny.root / tiny.ann_file, '--against-root', tiny.root)
    ended = run_tool(*own, *against, '--samples', 2, '--json', tmp_path / 'numbers.json')
    assert ended.returncode == 0, ended.stderr
    assert 'keyframes: 100%' in ended.stderr
    numbers = json.loads((tmp_path / 'numbers.json').read_text())
    first_and_last = [brute_force(tiny, index) for index in (0, 3)]
    for name, value in numbers['measures'].items():
        assert value == pytest.approx(np.mean([sample[name] for sample in first_and_last])), name
    assert set(numbers['ratios'].values()) <= {1.0, None}
    assert '| points a sweep | 400 | 400 | 1.00 |  |' in ended.stdout
    assert '| superpixels occupied an image |' in ended.stdout


def test_tool_refuses_with_one_line(tiny, tmp_path):
    ended = run_tool(tmp_path / 'none.pkl', '--root', tmp_path)
    assert (
        ended.returncode == 1
        and ended.stderr.startswith('error: ')
        and 'none.pkl' in (ended.stderr)
    )
    own = (tiny.root / tiny.ann_file, '--root', tiny.root)
    assert run_tool(*own, '--against', 'x').returncode == 2
    missing = run_tool(tiny.root / tiny.ann_file, '--root', tmp_path)
    assert missing.returncode == 1 and '0.bin' in missing.stderr
    assert 'Traceback' not in missing.stderr


def test_an_image_without_token_is_named(tiny):
    keyframe = list_keyframes(tiny.root / tiny.ann_file, tiny.root)[0]
    keyframe.entry.values['images']['LEFT']['sample_data_token'] = None
    with pytest.raises(ValueError, match='no sample_data_token'):
        measure_keyframe(keyframe, SuperpixelMaps(tiny.root / tiny.superpixels))


def test_the_real_keyframe(keyframe_root):
    """Numbers that other tests of the package prove against the published code."""
    measures = describe_keyframes(
        list_keyframes(keyframe_root / 'mmdet3d_infos.pkl', keyframe_root)
    )
    assert measures['points a sweep'] == 34688
    assert measures['voxels a sweep'] == 15947
    assert measures['pairs a keyframe'] == 22115
