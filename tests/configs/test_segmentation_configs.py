"""The shipped downstream configs say what the published protocol says, and build."""

import math
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from stslidr.running.options import RUNNER_KEYS, check_names

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
TABLE = """
name                                    split   frozen  lr    head  transfer
linear_probe_nuscenes                   100pct  yes     0.05  0.05  yes
linear_probe_released_lr_nuscenes       100pct  yes     2.0   2.0   yes
linear_probe_semantickitti              100pct  yes     0.05  0.05  yes
finetune_1pct_nuscenes                  1pct    no      0.02  2.0   yes
finetune_5pct_nuscenes                  5pct    no      0.02  2.0   yes
finetune_10pct_nuscenes                 10pct   no      0.02  2.0   yes
finetune_25pct_nuscenes                 25pct   no      0.02  2.0   yes
finetune_50pct_nuscenes                 50pct   no      0.02  2.0   yes
finetune_100pct_nuscenes                100pct  no      0.02  2.0   yes
finetune_1pct_semantickitti             1pct    no      0.02  2.0   yes
finetune_1pct_released_lr_semantickitti 1pct    no      0.05  2.0   yes
finetune_5pct_semantickitti             5pct    no      0.02  2.0   yes
finetune_10pct_semantickitti            10pct   no      0.02  2.0   yes
finetune_25pct_semantickitti            25pct   no      0.02  2.0   yes
finetune_50pct_semantickitti            50pct   no      0.02  2.0   yes
finetune_100pct_semantickitti           100pct  no      0.02  2.0   yes
scratch_1pct_nuscenes                   1pct    no      0.05  0.05  no
scratch_10pct_nuscenes                  10pct   no      0.05  0.05  no
scratch_100pct_nuscenes                 100pct  no      0.05  0.05  no
scratch_1pct_semantickitti              1pct    no      0.05  0.05  no
scratch_10pct_semantickitti             10pct   no      0.05  0.05  no
scratch_100pct_semantickitti            100pct  no      0.05  0.05  no
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
NAMES = [row[0] for row in ROWS]
DATA = {
    'nuscenes': dict(
        dataset='LidarSegNuScenesDataset', root='data/nuscenes', classes=16, columns=5, offset=0.0
    ),
    'semantickitti': dict(
        dataset='LidarSegKittiDataset', root='data/semantickitti', classes=19, columns=4, offset=1.0
    ),
}
LOADED = ['CheckSweepFile', 'LoadPointsFromFile', 'IntensityFeature', 'LoadPointLabels']
PACKED = ['VoxelizeSweep', 'PackVoxelSegInputs']
VARIABLES = {
    'data_root',
    'load_sweep',
    'augment_sweep',
    'pack_sweep',
    'flips',
    'rotations',
    'train_pipeline',
    'test_pipeline',
    'tta_pipeline',
    'tta_model',
}


def load(name):
    return Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)


def data_of(name):
    return name.split('_')[-1], DATA[name.split('_')[-1]]


def kinds(pipeline):
    return [step['type'] for step in pipeline]


def step(pipeline, kind):
    (found,) = [entry for entry in pipeline if entry['type'] == kind]
    return found


def test_every_config_that_is_there_is_in_the_table():
    prefixes = ('linear_probe', 'finetune', 'scratch')
    assert {path.stem for path in CONFIGS.glob('*.py') if path.stem.startswith(prefixes)} == set(
        NAMES
    )


@pytest.mark.parametrize(('name', 'split', 'frozen', 'lr', 'head', 'transfer'), ROWS, ids=NAMES)
def test_what_differs(name, split, frozen, lr, head, transfer):
    config = load(name)
    assert config.train_dataloader.dataset.label_split == split
    assert config.model.frozen_backbone == (frozen == 'yes')
    optimizer = config.optim_wrapper.optimizer
    assert optimizer == dict(
        type='SGD', lr=float(lr), momentum=0.9, dampening=0.1, weight_decay=1e-4
    )
    keys = config.optim_wrapper.get('paramwise_cfg', {}).get('custom_keys', {})
    assert set(keys) <= {'decode_head'}
    factor = keys.get('decode_head', {'lr_mult': 1.0})
    assert set(factor) == {'lr_mult'} and optimizer.lr * factor['lr_mult'] == float(head)
    hooks = [dict(type='TransferHook')] if transfer == 'yes' else []
    assert config.get('custom_hooks', []) == hooks


@pytest.mark.parametrize('name', NAMES)
def test_what_all_share(name):
    config = load(name)
    assert config.train_cfg == dict(type='ResumableTrainLoop', max_epochs=50, val_interval=10)
    assert config.param_scheduler == [dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=True)]
    assert config.train_dataloader.batch_size * 2 == 16 == config.auto_scale_lr.base_batch_size
    assert config.train_dataloader.drop_last and config.sync_bn == 'torch'
    assert config.randomness.seed == 2022 and config.load_from is None
    backbone = config.model.backbone
    assert (backbone.bn_momentum, backbone.block_bn_momentum) == (0.02, 0.1)
    pretrained = load('slidr_dino').model.backbone
    assert {**backbone, 'bn_momentum': 0.05} == pretrained
    head = config.model.decode_head
    assert head.loss_decode == dict(type='mmdet.CrossEntropyLoss')
    assert head.loss_lovasz == dict(type='LovaszLoss', reduction='none')
    assert config.val_dataloader == config.test_dataloader
    assert (
        config.val_evaluator
        == config.test_evaluator
        == dict(type='PointSegMetric', range_edges=(20.0, 40.0))
    )


@pytest.mark.parametrize('name', NAMES)
def test_the_data(name):
    config, (kind, data) = load(name), data_of(name)
    assert config.model.decode_head.num_classes == data['classes']
    train, val = config.train_dataloader.dataset, config.val_dataloader.dataset
    for dataset, split in ((train, 'train'), (val, 'val')):
        assert (dataset.type, dataset.data_root) == (data['dataset'], data['root'])
        assert dataset.ann_file == f'{kind}_infos_{split}.pkl'
        assert 'data_prefix' not in dataset, 'the folders of info file and data set'
        pipeline = dataset.pipeline
        assert step(pipeline, 'LoadPointsFromFile')['load_dim'] == data['columns']
        assert step(pipeline, 'LoadPointsFromFile')['use_dim'] == 4
        assert step(pipeline, 'CheckSweepFile')['load_dim'] == data['columns']
        intensity = step(pipeline, 'IntensityFeature')
        assert (intensity['scale'], intensity['offset']) == (1.0, data['offset'])
        voxels = step(pipeline, 'VoxelizeSweep')
        assert (voxels['kind'], tuple(voxels['size'])) == ('cylindrical', (0.1, 1.0, 0.1))
    assert val.test_mode and 'label_split' not in val
    augmentation = ['GlobalRotScaleTrans', 'RandomFlip3D']
    assert kinds(train.pipeline) == [*LOADED, *augmentation, *PACKED]
    assert kinds(val.pipeline) == [*LOADED, *PACKED]
    turn, flip = (step(train.pipeline, kind) for kind in augmentation)
    assert turn['rot_range'][0] == 0 and math.isclose(turn['rot_range'][1], 2 * math.pi)
    assert turn['scale_ratio_range'] == [1.0, 1.0]
    assert flip['flip_ratio_bev_horizontal'] == flip['flip_ratio_bev_vertical'] == 0.5


@pytest.mark.parametrize('name', NAMES)
def test_configs_hold_no_dead_key(name):
    config = load(name)
    assert (CONFIGS / f'{name}.py').read_text().count('\n') <= 25, 'a leaf config is a dozen lines'
    again = Config.fromstring(config.pretty_text, file_format='.py')
    assert (again.model, again.optim_wrapper) == (config.model, config.optim_wrapper)
    check_names(config)
    variables = set(config.keys()) - RUNNER_KEYS
    assert variables == VARIABLES, 'a key that nothing reads'
    assert config.train_pipeline == config.train_dataloader.dataset.pipeline
    assert config.test_pipeline == config.test_dataloader.dataset.pipeline
    assert kinds(config.tta_pipeline) == [*LOADED, 'TestTimeAug']


@pytest.fixture(scope='module')
def build():
    """Function (model config) -> the model, made once for all configs that share it."""
    from mmdet3d.registry import MODELS

    import stslidr.plugin  # noqa: F401

    built = {}

    def model_of(config):
        return built.setdefault(repr(config), MODELS.build(config))

    return model_of


@pytest.mark.parametrize('name', NAMES)
def test_models_datasets_and_optimisers_build(name, build):
    from mmdet3d.registry import DATASETS, METRICS, TRANSFORMS
    from mmengine.optim import build_optim_wrapper
    from mmengine.registry import DefaultScope

    config = load(name)
    model = build(config.model)
    assert sum(parameter.numel() for parameter in model.backbone.parameters()) > 37e6
    assert model.decode_head.conv_seg.weight.shape == (data_of(name)[1]['classes'], 96)
    for loader in (config.train_dataloader, config.val_dataloader):
        dataset = DATASETS.build({**loader.dataset, 'lazy_init': True})
        assert len(dataset.metainfo['classes']) == model.num_classes
        assert dataset.metainfo['voxel_grid']['kind'] == 'cylindrical'
    METRICS.build(config.val_evaluator)
    with DefaultScope.overwrite_default_scope('mmdet3d'):
        (augment,) = (step for step in config.tta_pipeline if step.type == 'TestTimeAug')
        copies = len(TRANSFORMS.build(augment).subroutines)
        assert copies == len(config.flips) * len(config.rotations) == 12
        wrapper = build_optim_wrapper(model, config.optim_wrapper)
    rates = {}
    for group in wrapper.param_groups:
        rates.update((id(parameter), group['lr']) for parameter in group['params'])
    _, _, frozen, lr, head, _ = ROWS[NAMES.index(name)]
    for parameter in model.backbone.parameters():
        assert rates[id(parameter)] == float(lr)
        assert parameter.requires_grad == (frozen == 'no')
    for parameter in model.decode_head.parameters():
        assert rates[id(parameter)] == pytest.approx(float(head)) and parameter.requires_grad


def test_the_rate_falls_by_a_cosine_each_epoch():
    from mmengine.optim import CosineAnnealingLR

    config = load('finetune_1pct_nuscenes')
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=config.optim_wrapper.optimizer.lr)
    settings = {key: value for key, value in config.param_scheduler[0].items() if key != 'type'}
    scheduler = CosineAnnealingLR(optimizer, **settings, T_max=config.train_cfg.max_epochs)
    reference = torch.optim.lr_scheduler.CosineAnnealingLR(
        torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.02), 50
    )
    for _ in range(50):
        assert optimizer.param_groups[0]['lr'] == pytest.approx(
            reference.get_last_lr()[0], abs=1e-12
        )
        optimizer.step()
        scheduler.step()
        reference.optimizer.step()
        reference.step()
