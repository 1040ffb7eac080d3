"""The tables, as the devkit reads them, against what was recorded."""

import json
from datetime import datetime, timezone

import numpy as np
import pytest
from fake_dataset import PARAMETERS
from fake_recorder import GAP_INSTANCE, SIZE, FakeRecorder, category
from nuscenes.nuscenes import NuScenes
from nuscenes.utils.geometry_utils import transform_matrix
from nuscenes.utils.splits import create_splits_scenes, get_scenes_of_split
from PIL import Image
from pyquaternion import Quaternion

from stslidr.files.infos import read_infos
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from stslidr_city.catalog.categories import CATEGORIES
from stslidr_city.dataset.fixed_tables import splits, visibility_token
from stslidr_city.dataset.layout import KeyframeKey
from stslidr_city.recording.rig import CAMERAS, CHANNELS, LIDAR, Rig

SCENES, KEYFRAMES = PARAMETERS.scenes, PARAMETERS.keyframes


@pytest.fixture(scope='module')
def devkit(fake_root):
    return NuScenes('v1.0-synthetic', str(fake_root), verbose=False)


@pytest.fixture(scope='module')
def keyframes(devkit):
    """(sample record, what the recorder made) of all keyframes, in order."""
    recorder = FakeRecorder(PARAMETERS.seed, PARAMETERS.image_size)
    pairs = []
    for scene, record in enumerate(devkit.scene):
        token = record['first_sample_token']
        for index in range(KEYFRAMES):
            sample = devkit.get('sample', token)
            pairs.append((sample, recorder.record(KeyframeKey(scene, index))))
            token = sample['next']
        assert token == ''
    return pairs


def pose(record):
    return transform_matrix(record['translation'], Quaternion(record['rotation']))


def walk(devkit, table, first):
    """Tokens from the first on, through `next`; `prev` must lead back."""
    tokens, before = [], ''
    while first:
        record = devkit.get(table, first)
        assert record['prev'] == before
        tokens.append(first)
        before, first = first, record['next']
    return tokens


def test_number_of_records(devkit):
    counts = {table: len(getattr(devkit, table)) for table in devkit.table_names}
    samples = SCENES * KEYFRAMES
    assert counts == {
        'category': 32,
        'attribute': 8,
        'visibility': 4,
        'sensor': 7,
        'log': SCENES,
        'map': SCENES,
        'scene': SCENES,
        'calibrated_sensor': 7 * SCENES,
        'sample': samples,
        'sample_data': 7 * samples,
        'ego_pose': 7 * samples,
        'lidarseg': samples,
        'instance': 6 * SCENES,
        'sample_annotation': SCENES * (6 * KEYFRAMES - 1),
    }
    for table in devkit.table_names:
        assert len({record['token'] for record in getattr(devkit, table)}) == counts[table]
        if table != 'visibility':
            assert all(
                len(record['token']) == 32 and int(record['token'], 16)
                for record in getattr(devkit, table)
            )


def test_chains_are_closed(devkit):
    for channel in CHANNELS:
        chains = [
            walk(
                devkit,
                'sample_data',
                devkit.get('sample', scene['first_sample_token'])['data'][channel],
            )
            for scene in devkit.scene
        ]
        assert [len(chain) for chain in chains] == [KEYFRAMES] * SCENES
        assert set(sum(chains, [])) == {
            record['token'] for record in devkit.sample_data if record['channel'] == channel
        }
    seen = []
    for instance in devkit.instance:
        chain = walk(devkit, 'sample_annotation', instance['first_annotation_token'])
        assert chain[-1] == instance['last_annotation_token']
        assert len(chain) == instance['nbr_annotations']
        records = [devkit.get('sample_annotation', token) for token in chain]
        assert {record['instance_token'] for record in records} == {instance['token']}
        times = [devkit.get('sample', record['sample_token'])['timestamp'] for record in records]
        assert times == sorted(set(times))
        seen += chain
    assert sorted(seen) == sorted(record['token'] for record in devkit.sample_annotation)
    gaps = [
        instance for instance in devkit.instance if instance['nbr_annotations'] == KEYFRAMES - 1
    ]
    assert len(gaps) == SCENES, 'the object that is away for a keyframe'


def test_boxes_are_those_recorded(devkit, keyframes):
    for sample, recorded in keyframes:
        boxes = recorded.boxes
        annotations = [devkit.get('sample_annotation', token) for token in sample['anns']]
        assert len(annotations) == len(boxes)
        for annotation, box in zip(annotations, boxes, strict=True):
            drawn = devkit.get_box(annotation['token'])
            np.testing.assert_allclose(drawn.center, box.center, rtol=0, atol=1e-12)
            np.testing.assert_array_equal(drawn.wlh, box.size)
            axis = (np.cos(box.yaw), np.sin(box.yaw), 0.0)
            np.testing.assert_allclose(drawn.rotation_matrix[:, 0], axis, rtol=0, atol=1e-12)
            assert drawn.name == CATEGORIES[category(box.instance)].name
            assert (annotation['num_lidar_pts'], annotation['num_radar_pts']) == (
                box.num_lidar_pts,
                0,
            )
            attributes = [
                devkit.get('attribute', token)['name'] for token in annotation['attribute_tokens']
            ]
            assert attributes == [box.attribute] * bool(box.attribute)
            level = devkit.get('visibility', annotation['visibility_token'])['level']
            low, high = map(int, level[1:].split('-'))
            assert low <= 100 * box.visibility <= high
    assert GAP_INSTANCE in [box.instance for _, recorded in keyframes for box in recorded.boxes]


@pytest.mark.parametrize(
    'fraction, token',
    [(0.0, '1'), (0.399, '1'), (0.4, '2'), (0.6, '3'), (0.799, '3'), (0.8, '4'), (1.0, '4')],
)
def test_visibility_levels(fraction, token):
    assert visibility_token(fraction) == token


def test_the_chain_of_poses_is_the_recorded_one(devkit, keyframes):
    rig = Rig(PARAMETERS.image_size)
    for sample, recorded in keyframes:
        for camera in CAMERAS:
            sensors = [devkit.get('sample_data', sample['data'][name]) for name in (LIDAR, camera)]
            calibrated = [
                devkit.get('calibrated_sensor', sensor['calibrated_sensor_token'])
                for sensor in sensors
            ]
            lidar2world, cam2world = (
                pose(devkit.get('ego_pose', sensor['ego_pose_token'])) @ pose(record)
                for sensor, record in zip(sensors, calibrated, strict=True)
            )
            expected = [recorded.ego_poses[name] @ rig.sensor2ego[name] for name in (LIDAR, camera)]
            np.testing.assert_allclose(
                np.linalg.inv(cam2world) @ lidar2world,
                np.linalg.inv(expected[1]) @ expected[0],
                rtol=0,
                atol=1e-10,
            )
            np.testing.assert_array_equal(calibrated[1]['camera_intrinsic'], rig.cam2img[camera])
            assert calibrated[0]['camera_intrinsic'] == []


def test_times(devkit, keyframes):
    for sample, recorded in keyframes:
        scene = devkit.getind('scene', sample['scene_token'])
        start = datetime(2018, 8, 1, tzinfo=timezone.utc).timestamp() * 1e6 + scene * 600e6
        for channel in CHANNELS:
            record = devkit.get('sample_data', sample['data'][channel])
            assert record['timestamp'] == start + recorded.timestamps[channel]
            assert (
                record['timestamp'] == devkit.get('ego_pose', record['ego_pose_token'])['timestamp']
            )
        assert sample['timestamp'] == start + recorded.timestamps[LIDAR]


def test_files_hold_what_was_recorded(devkit, keyframes, fake_root):
    for sample, recorded in keyframes:
        path = devkit.get_sample_data_path(sample['data'][LIDAR])
        np.testing.assert_array_equal(np.fromfile(path, '<f4').reshape(-1, 5), recorded.sweep)
        labels = devkit.get('lidarseg', sample['data'][LIDAR])['filename']
        np.testing.assert_array_equal(np.fromfile(fake_root / labels, np.uint8), recorded.labels)
        for camera in CAMERAS:
            record = devkit.get('sample_data', sample['data'][camera])
            with Image.open(devkit.get_sample_data_path(record['token'])) as image:
                assert (image.format, image.size) == ('JPEG', (record['width'], record['height']))
                assert np.abs(np.asarray(image).mean() - recorded.images[camera].mean()) < 2
            maps = fake_root / 'diagnostics'
            with Image.open(maps / 'class_maps' / f'{record["token"]}.png') as image:
                np.testing.assert_array_equal(np.asarray(image), recorded.class_maps[camera])
            with Image.open(maps / 'depth_maps' / f'{record["token"]}.png') as image:
                depth = np.asarray(image) / 256
            expected = recorded.depth_maps[camera]
            assert not depth[0].any() and depth[1, 0] == (2**16 - 1) / 256  # sky, and too far
            np.testing.assert_allclose(depth[2:], expected[2:], rtol=0, atol=1 / 512)


def test_only_the_listed_files_are_there(fake_root):
    listed = {}
    lines = (fake_root / 'v1.0-synthetic' / 'files.jsonl').read_text().splitlines()
    tables = {
        path.name: path.stat().st_size for path in (fake_root / 'v1.0-synthetic').glob('*.json')
    }
    assert json.loads(lines[0])['tables'] == tables
    for line in lines[1:]:
        listed.update(json.loads(line)['files'])
    tables = fake_root / 'v1.0-synthetic'
    found = {
        str(path.relative_to(fake_root)): path.stat().st_size
        for path in fake_root.rglob('*')
        if path.is_file() and path.parent != tables
    }
    del found['synthetic.json']
    assert found == listed
    assert len(found) == SCENES * KEYFRAMES * (2 + 6 * 3) + SCENES


def test_maps_are_the_scenes_own(devkit):
    for scene in devkit.scene:
        log = devkit.get('log', scene['log_token'])
        mask = devkit.get('map', log['map_token'])['mask']
        assert mask.mask().shape == (SIZE[1] * 10 + 1, SIZE[0] * 10 + 1)
        np.testing.assert_array_equal(
            mask.is_on_mask([50.0, 50.0, 50.0], [75.0, 82.0, 84.0]), [True, True, False]
        )


@pytest.mark.parametrize(
    'scenes, held_out',
    [(1, []), (2, [2]), (4, [4]), (5, [5]), (6, [5]), (9, [5, 7]), (30, [5, 7, 14, 16, 23, 30])],
)
def test_splits(scenes, held_out):
    by_split = splits(scenes)
    names = [f'synthetic-{number:04d}' for number in range(1, scenes + 1)]
    val = [names[number - 1] for number in held_out]
    assert by_split.get('synthetic_val', []) == val
    assert by_split['synthetic_train'] == [name for name in names if name not in val]
    assert all(by_split.values()), 'no split is empty'


def test_devkit_and_create_data_answer_the_splits(devkit, fake_root, tmp_path):
    names = [scene['name'] for scene in devkit.scene]
    published = {name for scenes in create_splits_scenes().values() for name in scenes}
    assert not published & set(names)
    assert get_scenes_of_split('synthetic_train', devkit) == names[:2]
    assert get_scenes_of_split('synthetic_val', devkit) == names[2:]
    create_nuscenes_infos(fake_root, 'v1.0-synthetic', tmp_path)
    for split, scenes in (('train', names[:2]), ('val', names[2:])):
        samples = read_infos(tmp_path / f'nuscenes_infos_synthetic_{split}.pkl')['data_list']
        assert [sample['scene_name'] for sample in samples] == sorted(scenes * KEYFRAMES)
        assert all('pts_semantic_mask_path' in sample for sample in samples)
