"""The shipped configs say what the published protocol says, and build."""

import math
from pathlib import Path

import pytest
from mmengine.config import Config

from stslidr.running.options import RUNNER_KEYS

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
ENCODERS = dict(dino='dino', moco='moco_v2', swav='swav', obow='obow')
SUPERPIXEL = [
    *(f'{method}_{name}' for method in ('slidr', 'stslidr') for name in ENCODERS),
    'stslidr_moco_nobalance',
    'stslidr_swav_nobalance',
    'stslidr_dino_soft',
]
OTHERS = ('linear_probe', 'finetune', 'scratch', 'demo')  # have tests of their own
PRETRAINING = sorted(path for path in CONFIGS.glob('*.py') if not path.stem.startswith(OTHERS))


def load(name):
    return Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)


def step(pipeline, kind):
    (found,) = [entry for entry in pipeline if entry['type'] == kind]
    return found


def test_every_config_that_the_issue_names_is_there():
    names = {path.stem for path in CONFIGS.glob('*.py')}
    assert names >= {*SUPERPIXEL, 'ppkt_moco'}


@pytest.mark.parametrize('name', [*SUPERPIXEL, 'ppkt_moco'])
def test_protocol(name):
    config = load(name)
    optimizer = config.optim_wrapper.optimizer
    assert optimizer == dict(type='SGD', lr=0.5, momentum=0.9, dampening=0.1, weight_decay=1e-4)
    assert config.train_cfg.max_epochs == 50 and config.randomness.seed == 2022
    assert config.train_dataloader.batch_size * 2 == 16 == config.auto_scale_lr.base_batch_size
    assert config.train_dataloader.drop_last and config.sync_bn == 'torch'
    assert config.train_dataloader.dataset.ann_file == 'nuscenes_infos_pretrain.pkl'
    assert config.val_dataloader.dataset.ann_file == 'nuscenes_infos_verifying.pkl'
    pipeline = config.train_dataloader.dataset.pipeline
    crop = step(pipeline, 'RandomResizedCropImages')
    assert tuple(crop['size']) == (224, 416) and tuple(crop['area']) == (0.3, 1.0)
    assert tuple(crop['ratio']) == (14 / 9, 17 / 9)
    assert (crop['min_pairs'], crop['min_fraction']) == (1024, 0.75)
    cuboids = step(pipeline, 'DropCuboids')
    assert (cuboids['max_fraction'], cuboids['min_pairs']) == (0.2, 1024)
    assert step(pipeline, 'RandomFlipImages')['prob'] == 0.5
    assert math.isclose(step(pipeline, 'GlobalRotScaleTrans')['rot_range'][1], 2 * math.pi)
    voxels = step(pipeline, 'VoxelizeSweep')
    assert (voxels['kind'], tuple(voxels['size'])) == ('cylindrical', (0.1, 1.0, 0.1))
    order = [entry['type'] for entry in pipeline if entry['type'] != 'LoadSuperpixels']
    assert order == [
        'LoadSweep',
        'LoadCameras',
        'PairPointsWithPixels',
        'GlobalRotScaleTrans',
        'RandomFlip3D',
        'DropCuboids',
        'RandomResizedCropImages',
        'RandomFlipImages',
        'VoxelizeSweep',
        'PackPairedSample',
    ]
    assert config.custom_imports['imports'] == ['projects.STSLidR.stslidr.plugin']


@pytest.mark.parametrize('name', SUPERPIXEL)
def test_superpixel_methods(name):
    config = load(name)
    method, encoder, *variant = name.split('_')
    model = config.model
    assert model.type == 'SuperpixelPretrainer' and model.image_encoder.dilated
    assert model.image_encoder.weights == ENCODERS[encoder]
    assert model.criterion.temperature == 0.07
    tolerance = 'soft' if variant == ['soft'] else 'quantile' if method == 'stslidr' else 'none'
    assert model.criterion.get('tolerance', 'none') == tolerance
    assert model.criterion.get('min_quantile') == (0.01 if tolerance == 'quantile' else None)
    balance = method == 'stslidr' and variant != ['nobalance']
    assert model.criterion.get('class_balance', False) == balance


def test_ppkt():
    model = load('ppkt_moco').model
    assert model.type == 'PointPixelPretrainer' and model.num_pairs == 4096
    assert not model.image_encoder.dilated and model.image_encoder.weights == 'moco_v2'


@pytest.mark.parametrize('path', PRETRAINING, ids=lambda path: path.stem)
def test_configs_build_print_and_hold_no_dead_key(path):
    from mmdet3d.registry import DATASETS, MODELS

    config = Config.fromfile(path)
    assert path.read_text().count('\n') <= 25, 'a leaf config is a dozen lines'
    again = Config.fromstring(config.pretty_text, file_format='.py')
    assert again.model == config.model
    variables = set(config.keys()) - RUNNER_KEYS
    assert variables <= {
        'data_root',
        'image_size',
        'load_keyframe',
        'pack_keyframe',
        'train_pipeline',
        'val_pipeline',
    }, 'a key that nothing reads'
    config.model.image_encoder.weights = 'random'
    model = MODELS.build(config.model)
    assert sum(p.numel() for p in model.backbone.parameters()) > 37e6
    for loader in (config.train_dataloader, config.val_dataloader):
        if loader:
            DATASETS.build({**loader.dataset, 'lazy_init': True})
