"""Readers of sweeps, images, labels, maps, info files, tables and checkpoints."""

import functools

import numpy as np
import pytest
import torch

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.datasets.labelled_datasets import LidarSegNuScenesDataset
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.encoders.small_weights import load_small_weights
from stslidr.errors import InputError
from stslidr.files.hash_list import read_hashes, write_hashes
from stslidr.files.images import image_size, read_image
from stslidr.files.label_png import read_labels
from stslidr.files.point_labels import read_point_labels
from stslidr.files.superpixel_manifest import SuperpixelManifest
from stslidr.files.sweeps import read_sweep
from stslidr.inspection.keyframe_files import list_keyframes
from stslidr.preparation.camera_images import find_images
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from support.fuzzing import as_bytes, as_checkpoint, as_json, as_pickle, fuzz
from support.idle_transforms import idle_pipeline

TABLES = ('sensor', 'calibrated_sensor', 'ego_pose', 'scene', 'sample', 'sample_data', 'category')


def first(folder):
    return sorted(folder.iterdir())[0]


def test_sweeps(data_world):
    path = data_world / 'tiny/sweeps/0.bin'
    assert sum(fuzz(path, as_bytes, lambda: read_sweep(path, 4)))


@pytest.mark.parametrize('kind', ['PNG', 'JPEG', 'BMP', 'GIF', 'TIFF', 'WEBP', 'PPM'])
def test_images(data_world, kind):
    from PIL import Image

    path = data_world / f'image.{kind.lower()}'
    pixels = np.random.default_rng(0).integers(0, 255, (24, 40, 3), np.uint8)
    Image.fromarray(pixels).save(path, kind)

    def read():
        image_size(path)
        image = read_image(path)
        assert image.dtype == np.uint8 and image.shape[2] == 3

    assert sum(fuzz(path, as_bytes, read))


def test_label_files(data_world):
    path = first(data_world / 'nuscenes/lidarseg/v1.0-tiny')
    points = path.stat().st_size
    assert fuzz(path, as_bytes, lambda: read_point_labels(path, LIDARSEG, points))[1]


def test_label_maps(data_world):
    path = data_world / 'tiny/superpixels/grid/left0.png'
    assert fuzz(path, as_bytes, lambda: read_labels(path))[1]


@pytest.mark.parametrize('change', [as_bytes, as_json])
def test_superpixel_manifests(data_world, change):
    folder = data_world / 'tiny/superpixels/grid'
    assert fuzz(folder / 'manifest.json', change, lambda: SuperpixelManifest.read(folder))[1]


def test_lists_of_hashes(data_world):
    path = data_world / 'hashes.sha256'
    write_hashes(path, {f'samples/{n}.bin': f'{n:064x}' for n in range(9)})
    assert fuzz(path, as_bytes, lambda: read_hashes(path))[1]


@pytest.mark.parametrize('change', [as_bytes, as_pickle])
def test_info_files_of_a_pretraining(data_world, change):
    root = data_world / 'tiny'
    path = root / 'tiny_infos.pkl'

    def read():
        prefix = {'pts': 'sweeps', 'LEFT': 'LEFT', 'RIGHT': 'RIGHT'}
        CameraLidarDataset(path.name, str(root), idle_pipeline(), prefix)
        find_images(path, root, prefix)
        for keyframe in list_keyframes(path, root, prefix):
            keyframe.cameras()
            keyframe.read_sweep()

    assert fuzz(path, change, read)[1]


@pytest.mark.parametrize('change', [as_bytes, as_pickle])
def test_info_files_of_labelled_sweeps(data_world, change):
    root = data_world / 'nuscenes'
    path = root / 'nuscenes_infos_train.pkl'
    read = functools.partial(LidarSegNuScenesDataset, path.name, str(root), [], None, '100pct')
    assert fuzz(path, change, read)[1]


@pytest.mark.parametrize('change', [as_bytes, as_json])
def test_label_splits(data_world, change):
    root = data_world / 'nuscenes'
    read = functools.partial(
        LidarSegNuScenesDataset, 'nuscenes_infos_train.pkl', str(root), [], None, '100pct'
    )
    assert fuzz(root / 'nuscenes_label_splits.json', change, read)[1]


@pytest.mark.parametrize('change', [as_bytes, as_json])
@pytest.mark.parametrize('table', (*TABLES, 'splits', 'lidarseg'))
def test_tables_of_nuscenes(data_world, tmp_path, capsys, table, change):
    path = data_world / f'nuscenes/v1.0-tiny/{table}.json'
    root = data_world / 'nuscenes'
    read = functools.partial(create_nuscenes_infos, root, 'v1.0-tiny', tmp_path)
    assert sum(fuzz(path, change, read))


@pytest.fixture(scope='module')
def model(data_world):
    """The segmentor that `weights.pth` is of."""
    from mmdet3d.registry import MODELS
    from mmengine.config import Config
    from mmengine.registry import init_default_scope

    init_default_scope('mmdet3d')
    return MODELS.build(Config.fromfile(data_world / 'segment.py').model)


@pytest.mark.parametrize('change', [as_bytes, as_checkpoint])
def test_checkpoints(data_world, model, change):
    path = data_world / 'weights.pth'

    def read():
        checkpoint = Checkpoint.read(path)
        for name in ('weights', 'meta', 'training_data', 'voxel_grid', 'classes', 'label_split'):
            getattr(checkpoint, name)
        checkpoint.check_classes(['car'] * 16)

    def use():
        checkpoint = Checkpoint.read(path)
        checkpoint.copy_content()
        checkpoint.check_voxels([None])
        checkpoint.load_into(model)

    assert sum(fuzz(path, change, read)) and sum(fuzz(path, change, use))


@pytest.mark.parametrize('change', [as_bytes, as_checkpoint])
def test_weights_of_the_small_encoder(data_world, change):
    path = data_world / 'small.pth'
    torch.save(load_small_weights(), path)
    assert sum(fuzz(path, change, lambda: load_small_weights(path)))


def test_any_other_error_fails(data_world):
    path = data_world / 'text'

    def read():
        raise KeyError('x')

    with pytest.raises(AssertionError, match=r"text as_bytes, seed 0: KeyError\('x'\)"):
        fuzz(path, as_bytes, read)

    def refuse():
        raise InputError('wrong')

    assert fuzz(path, as_bytes, refuse)[0] == 0
