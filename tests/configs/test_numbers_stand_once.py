"""What several configs share is written in one of them, as the constructors have it."""

import inspect
from pathlib import Path

import pytest
from mmengine.config import Config

from stslidr.core.voxels import VoxelGrid
from stslidr.encoders.res16unet import Res16UNet
from stslidr.preparation.superpixel_methods import Slic

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'


@pytest.mark.parametrize(
    'text, place',
    [
        ('planes=(32,', 'models/superpixel.py'),
        ('planes=(16,', 'models/demo_superpixel.py'),
        ("type='VoxelizeSweep', ", 'datasets/nuscenes_pretrain.py'),
        ('num_superpixels=', 'datasets/nuscenes_pretrain.py'),
        ('num_classes=16', 'models/voxel_segmentor.py'),
    ],
)
def test_a_number_stands_in_one_file(text, place):
    found = {path for path in CONFIGS.rglob('*.py') if text in path.read_text()}
    assert found == {CONFIGS / '_base_' / place}


def test_the_unet_of_the_configs_is_the_default_one():
    backbone = Config.fromfile(CONFIGS / '_base_/models/superpixel.py').model.backbone
    parameters = inspect.signature(Res16UNet).parameters
    for name in ('stem_channels', 'planes', 'blocks'):
        assert tuple_of(backbone[name]) == parameters[name].default, name


def test_voxels_and_superpixels_of_the_configs_are_the_default_ones():
    pipeline = Config.fromfile(CONFIGS / '_base_/datasets/nuscenes_pretrain.py').train_pipeline
    steps = {step.type: step for step in pipeline}
    voxels = steps['VoxelizeSweep']
    assert VoxelGrid(voxels.kind, tuple(voxels.size)) == VoxelGrid()
    assert steps['LoadSuperpixels'].num_superpixels == Slic().n_segments


def tuple_of(value):
    return value if isinstance(value, int) else tuple(value)
