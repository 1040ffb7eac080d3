"""Where the files of a sample are looked for, and what is said of those that are not as stated."""

import numpy as np
import pytest
from PIL import Image

from stslidr.core.pairing import pair_points
from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.errors import InputError, MissingFileError
from stslidr.files.infos import write_infos
from stslidr.inspection.keyframe_files import list_keyframes, pair_cameras

EYE, ROTATED = np.eye(4).tolist(), [[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
CAM2IMG = [[10.0, 0, 10], [0, 10, 5], [0, 0, 1]]


def make(root, dataset='nuscenes', columns=5, **change):
    """Write one sample where nuScenes' record has its files; return the info file."""
    rng = np.random.default_rng(0)
    folders = [root / name for name in ('samples/LIDAR_TOP', 'samples/FRONT', 'lidarseg/v1')]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    sweep = rng.uniform(-8, 8, (30, columns)).astype(np.float32)
    sweep.tofile(folders[0] / 'a.bin')
    Image.fromarray(rng.integers(0, 255, (10, 20, 3), np.uint8)).save(folders[1] / 'a.png')
    (np.arange(30) % 32).astype(np.uint8).tofile(folders[2] / 'a_lidarseg.bin')
    sample = dict(
        lidar_points=dict(lidar_path='a.bin'),
        pts_semantic_mask_path='a_lidarseg.bin',
        images=dict(FRONT=dict(img_path='a.png', cam2img=CAM2IMG, lidar2cam=ROTATED)),
    )
    for key, value in change.items():
        node = sample
        *parents, last = key.split('__')
        for part in parents:
            node = node[part]
        node[last] = value
    metainfo = dict(dataset=dataset, info_version='1.1', version='v1')
    write_infos(root / 'infos.pkl', metainfo, [sample])
    return root / 'infos.pkl'


def only(root, **change):
    (keyframe,) = list_keyframes(make(root, **change), root)
    return keyframe


def test_a_sample_of_nuscenes_is_read_from_the_folders_of_its_record(tmp_path):
    keyframe = only(tmp_path)
    sweep = keyframe.read_sweep()
    expected = np.fromfile(tmp_path / 'samples/LIDAR_TOP/a.bin', np.float32).reshape(-1, 5)
    assert keyframe.record is NUSCENES and (sweep == expected).all()
    classes = keyframe.read_classes(30)
    table = NUSCENES.labels.class_of_raw
    assert classes.tolist() == [table[raw] for raw in range(30)] and classes.dtype == np.int64
    (camera,) = keyframe.cameras()
    assert (camera.name, camera.size, camera.token) == ('FRONT', (10, 20), None)
    assert (camera.read() == np.asarray(Image.open(camera.path))).all()
    assert camera.lidar2cam.tolist() == ROTATED and camera.cam2img.tolist() == CAM2IMG


def test_a_path_under_the_root_comes_before_that_in_the_folder(tmp_path):
    infos = make(tmp_path)
    np.ones((4, 5), np.float32).tofile(tmp_path / 'a.bin')
    (keyframe,) = list_keyframes(infos, tmp_path)
    assert len(keyframe.read_sweep()) == 4


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    infos = make(tmp_path)
    for path in tmp_path.rglob('a*'):
        path.unlink()
    (keyframe,) = list_keyframes(infos, tmp_path)
    for read in (keyframe.read_sweep, keyframe.cameras, lambda: keyframe.read_classes(30)):
        with pytest.raises(MissingFileError, match=r'a[._]'):
            read()


def test_stated_sizes_need_no_image(tmp_path):
    keyframe = only(tmp_path, images__FRONT__height=10, images__FRONT__width=20)
    (tmp_path / 'samples/FRONT/a.png').unlink()
    (camera,) = keyframe.cameras()
    assert camera.size == (10, 20)
    with pytest.raises(MissingFileError, match=r'a\.png'):
        camera.read()


@pytest.mark.parametrize(
    ('change', 'read', 'says'),
    [
        (dict(lidar_points__num_points=31), 'read_sweep', r'a\.bin'),
        (dict(lidar_points__num_pts_feats=4), 'read_sweep', r'a\.bin'),
        (dict(lidar_points__lidar_path=3), 'read_sweep', 'lidar_path'),
        (dict(images__FRONT__cam2img=[[1, 0], [0, 1]]), 'cameras', 'cam2img'),
        (dict(images__FRONT__lidar2cam='x'), 'cameras', 'lidar2cam'),
        (dict(images__FRONT__sample_data_token=3), 'cameras', 'sample_data_token'),
        (dict(images=[1]), 'cameras', 'images'),
    ],
)
def test_what_is_not_as_stated_is_named(tmp_path, change, read, says):
    change.setdefault('lidar_points__num_points', 37 if 'num_pts_feats' in str(change) else 30)
    keyframe = only(tmp_path, **change)
    with pytest.raises(InputError, match=says):
        getattr(keyframe, read)()


def test_labels_of_another_number_are_refused(tmp_path):
    with pytest.raises(InputError, match=r'a_lidarseg\.bin'):
        only(tmp_path).read_classes(29)


def test_without_a_record_there_are_no_classes_and_a_hint(tmp_path):
    keyframe = only(tmp_path, dataset='toy', columns=4)
    assert keyframe.record is None and keyframe.read_classes(30) is None
    assert keyframe.read_sweep().shape == (30, 4), 'four columns where nothing is stated'
    (tmp_path / 'samples/LIDAR_TOP/a.bin').unlink()
    with pytest.raises(MissingFileError, match='is --record or --data-prefix missing'):
        keyframe.read_sweep()


def test_without_labels_and_cameras(tmp_path):
    keyframe = only(tmp_path, pts_semantic_mask_path=None)
    assert keyframe.label_path is None and keyframe.read_classes(30) is None
    infos = make(tmp_path)
    write_infos(infos, dict(dataset='nuscenes'), [dict(lidar_points=dict(lidar_path='a.bin'))])
    (keyframe,) = list_keyframes(infos, tmp_path)
    assert keyframe.cameras() == [] and len(pair_cameras(keyframe.read_sweep(), [])) == 0


def test_an_info_file_without_samples_is_refused(tmp_path):
    write_infos(tmp_path / 'none.pkl', dict(dataset='nuscenes'), [])
    with pytest.raises(InputError, match=r'none\.pkl: no samples'):
        list_keyframes(tmp_path / 'none.pkl', tmp_path)


def test_pairs_are_those_of_the_one_rule(tmp_path):
    keyframe = only(tmp_path)
    sweep, cameras = keyframe.read_sweep(), keyframe.cameras() * 2
    pairs = pair_cameras(sweep, cameras)
    expected = pair_points(
        sweep[:, :3], np.array([ROTATED] * 2), np.array([CAM2IMG] * 2), np.array([(10, 20)] * 2)
    )
    assert len(pairs) == len(expected) > 0
    for name in ('points', 'images', 'pixels'):
        assert (getattr(pairs, name) == getattr(expected, name)).all()
    counts = pairs.count_per_image(2)
    assert counts[0] == counts[1], 'one camera twice'


def test_an_empty_prefix_is_the_root(tmp_path):
    infos = make(tmp_path)
    (tmp_path / 'samples/LIDAR_TOP/a.bin').rename(tmp_path / 'a.bin')
    (keyframe,) = list_keyframes(infos, tmp_path, {'pts': '', 'FRONT': 'samples/FRONT'})
    assert keyframe.sweep_path == tmp_path / 'a.bin' and len(keyframe.read_sweep()) == 30
