"""A config whose components cannot be built is refused, with the place; others never are."""

import subprocess
import sys
from pathlib import Path

import mmdet3d
import pytest
from mmengine.config import Config

import stslidr.plugin
from stslidr.errors import InputError, UnknownKeyError
from stslidr.running.component_check import check_components
from stslidr.running.options import merge_options
from support.tiny_run import CONFIGS

STOCK = Path(mmdet3d.__file__).parent / '.mim' / 'configs'
STOCK_CONFIGS = (
    'minkunet/minkunet34_w32_torchsparse_8xb2-amp-laser-polar-mix-3x_semantickitti.py',
    'cylinder3d/cylinder3d_8xb2-laser-polar-mix-3x_semantickitti.py',
    'pointpillars/pointpillars_hv_secfpn_8xb6-160e_kitti-3d-car.py',
    'centerpoint/centerpoint_voxel01_second_secfpn_8xb4-cyclic-20e_nus-3d.py',
    'pv_rcnn/pv_rcnn_8xb2-80e_kitti-3d-3class.py',
    'votenet/votenet_8xb8_scannet-3d.py',
    'imvotenet/imvotenet_stage2_8xb16_sunrgbd-3d.py',
    'paconv/paconv_ssg-cuda_8xb8-cosine-200e_s3dis-seg.py',
    'smoke/smoke_dla34_dlaneck_gn-all_4xb8-6x_kitti-mono3d.py',
    'mvxnet/mvxnet_fpn_dv_second_secfpn_8xb2-80e_kitti-3d-3class.py',
)


def read(name):
    return Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)


@pytest.mark.parametrize('path', sorted(CONFIGS.glob('*.py')), ids=lambda path: path.stem)
def test_no_shipped_config_is_refused(path):
    check_components(Config.fromfile(path, import_custom_modules=False))


@pytest.mark.parametrize('name', STOCK_CONFIGS, ids=lambda name: name.partition('/')[0])
def test_no_config_of_mmdetection3d_is_refused(name):
    check_components(Config.fromfile(STOCK / name))


TYPES = [
    ('model.type', 'SuperpixelPretrainr', 'model', 'SuperpixelPretrainer'),
    (
        'model.criterion.type',
        'TolerantContrastivLoss',
        'model.criterion',
        'TolerantContrastiveLoss',
    ),
    ('model.backbone.type', 'Res16Unet', 'model.backbone', 'Res16UNet'),
    ('train_dataloader.sampler.type', 'SeedSampler', 'train_dataloader.sampler', 'SeededSampler'),
    ('train_dataloader.dataset.type', 'CameraLidarDatset', 'train_dataloader.dataset', 'Camera'),
    (
        'val_dataloader.dataset.pipeline.0.type',
        'LoadSwep',
        'val_dataloader.dataset.pipeline.0',
        'LoadSweep',
    ),
    ('train_cfg.type', 'ResumableTrainLop', 'train_cfg', 'ResumableTrainLoop'),
    ('val_cfg.type', 'CheckedVallLoop', 'val_cfg', 'CheckedValLoop'),
    ('val_evaluator.type', 'MatchngMetric', 'val_evaluator', 'MatchingMetric'),
    ('default_hooks.timer.type', 'IterTimeHook', 'default_hooks.timer', 'IterTimerHook'),
    ('optim_wrapper.type', 'OptmWrapper', 'optim_wrapper', 'OptimWrapper'),
    ('optim_wrapper.optimizer.type', 'AdamWW', 'optim_wrapper.optimizer', 'AdamW'),
    ('param_scheduler.0.type', 'CosineAnealingLR', 'param_scheduler.0', 'CosineAnnealingLR'),
    ('visualizer.type', 'Visualiser', 'visualizer', 'Visualizer'),
    (
        'visualizer.vis_backends.0.type',
        'LocalVisBackends',
        'visualizer.vis_backends.0',
        'LocalVisBackend',
    ),
    ('model_wrapper_cfg.type', 'DeviceDistributed', 'model_wrapper_cfg', 'Device'),
    ('log_processor.type', 'LogProcesor', 'log_processor', 'LogProcessor'),
]


@pytest.mark.parametrize(('key', 'wrong', 'place', 'meant'), TYPES, ids=[row[0] for row in TYPES])
def test_a_misspelt_type_is_named_with_its_place(key, wrong, place, meant):
    config = read('stslidr_dino')
    merge_options(config, {key: wrong})
    with pytest.raises(UnknownKeyError, match=rf": {place}: .* type '{wrong}'") as raised:
        check_components(config)
    assert f"; is '{meant}" in str(raised.value) and 'custom_imports' not in str(raised.value)


ARGUMENTS = [
    ('model.criterion.temprature', 'model.criterion', 'temperature'),
    ('model.gathr', 'model', 'gather'),
    ('model.backbone.plane', 'model.backbone', 'planes'),
    ('model.image_head.embed_dim', 'model.image_head', 'embed_dims'),
    ('model.data_preprocessor.men', 'model.data_preprocessor', 'mean'),
    ('train_dataloader.sampler.shufle', 'train_dataloader.sampler', 'shuffle'),
    ('train_dataloader.dataset.anno_file', 'train_dataloader.dataset', 'ann_file'),
    ('train_dataloader.dataset.pipeline.1.min_dept', 'train_dataloader.dataset.pipeline.1', None),
    ('train_cfg.max_epoch', 'train_cfg', 'max_epochs'),
    ('val_evaluator.prefx', 'val_evaluator', 'prefix'),
    ('default_hooks.checkpoint.intervall', 'default_hooks.checkpoint', 'interval'),
    ('default_hooks.logger.intervall', 'default_hooks.logger', 'interval'),
    ('optim_wrapper.clip_grd', 'optim_wrapper', 'clip_grad'),
    ('optim_wrapper.optimizer.momentun', 'optim_wrapper.optimizer', 'momentum'),
    ('param_scheduler.0.T_mx', 'param_scheduler.0', 'T_max'),
    ('visualizer.vis_backend', 'visualizer', 'vis_backends'),
    ('log_processor.window', 'log_processor', 'window_size'),
    ('model_wrapper_cfg.broadcast_buffer', 'model_wrapper_cfg', 'broadcast_buffers'),
]


@pytest.mark.parametrize(('key', 'place', 'meant'), ARGUMENTS, ids=[row[0] for row in ARGUMENTS])
def test_an_unknown_argument_is_named_with_its_place(key, place, meant):
    config = read('stslidr_dino')
    merge_options(config, {key: 1})
    name = key.rpartition('.')[2]
    with pytest.raises(UnknownKeyError, match=rf": {place}: \w+ takes no '{name}'") as raised:
        check_components(config)
    if meant:
        assert f"; is '{meant}' meant?" in str(raised.value)


VALUES = [
    ('model.criterion.temperature', 'abc', 'float'),
    ('model.criterion.class_balance', 'yes', 'bool'),
    ('model.backbone.planes', [1, 'x'], r'Sequence\[int\]'),
    ('model.criterion', 5, 'Criterion'),
    ('train_dataloader.batch_size', 'two', 'int'),
    ('train_dataloader.num_workers', 1.5, 'int'),
    ('train_dataloader.dataset.pipeline.2.num_superpixels', 'many', 'int'),
    ('train_cfg.max_epochs', 'abc', 'int'),
    ('default_hooks.checkpoint.interval', 'abc', 'int'),
    ('default_hooks.checkpoint.max_keep_ckpts', 'abc', 'int'),
    ('default_hooks.logger.interval', 'abc', 'int'),
    ('optim_wrapper.optimizer.lr', 'abc', 'float'),
    ('param_scheduler.0.T_max', 'abc', 'int'),
    ('log_processor.window_size', 'abc', 'float'),
    ('randomness.seed', 'abc', 'int'),
    ('resume', 'maybe', 'bool'),
    ('load_from', 3, 'str'),
    ('sync_bn', 'foo', 'torch'),
    ('env_cfg.mp_cfg.opencv_num_threads', 'x', 'int'),
]


@pytest.mark.parametrize(('key', 'value', 'kind'), VALUES, ids=[row[0] for row in VALUES])
def test_a_value_of_another_type_is_named_with_its_place(key, value, kind):
    config = read('stslidr_dino')
    merge_options(config, {key: value})
    with pytest.raises(InputError, match=rf': {key} is .*, expected .*{kind}'):
        check_components(config)


@pytest.mark.parametrize(
    ('key', 'value', 'says'),
    [
        ('train_dataloader.batch_size', 0, 'train_dataloader.batch_size is 0: at least 1'),
        ('train_dataloader.num_workers', -1, 'train_dataloader.num_workers is -1: at least 0'),
        ('train_dataloader.num_workers', 0, 'persistent_workers needs num_workers above 0'),
        ('train_dataloader', 3, 'train_dataloader must be a dict, not 3'),
        ('train_dataloader.dataset', 'x', "train_dataloader.dataset must be a dict, not 'x'"),
        ('train_dataloader.dataset.pipeline', 3, 'pipeline is 3'),
        ('model', 5, 'model must be a dict'),
        ('optim_wrapper', 'SGD', 'optim_wrapper must be a dict'),
        ('param_scheduler', 'abc', 'param_scheduler must be a dict'),
        ('custom_hooks', ['a'], 'custom_hooks.0 must be a dict'),
        ('default_hooks', 3, 'default_hooks must be a dict'),
        ('log_level', 'LOUD', 'log_level is .LOUD.'),
        ('default_scope', 'mmdet33d', "nothing is known of 'mmdet33d'; is 'mmdet3d' meant"),
        ('env_cfg.mp_cfg.mp_start_method', 'spoon', 'mp_start_method is .spoon.'),
        ('optim_wrapper.paramwise_cfg.bias_lr', 2, "takes no 'bias_lr'; is 'bias_lr_mult'"),
        ('auto_scale_lr.base', 2, "takes no 'base'"),
        ('randomness.sed', 2, "takes no 'sed'; is 'seed'"),
    ],
)
def test_what_cannot_stand_in_a_section(key, value, says):
    config = read('stslidr_dino')
    config.merge_from_dict({key: value})
    with pytest.raises((InputError, UnknownKeyError), match=says):
        check_components(config)


@pytest.mark.parametrize(
    ('place', 'key', 'says'),
    [
        ('model.image_encoder', 'weights', 'model.image_encoder: FrozenResNet50 needs weights'),
        ('model.criterion', 'type', 'model.criterion has no type'),
        ('train_dataloader', 'dataset', 'train_dataloader has no dataset'),
        ('train_dataloader', 'sampler', 'train_dataloader has no sampler'),
        ('train_dataloader.dataset', 'data_root', 'CameraLidarDataset needs data_root'),
        ('train_dataloader.dataset.pipeline.0', 'load_dim', 'pipeline.0: LoadSweep needs load_dim'),
        ('train_cfg', 'max_epochs', 'train_cfg: ResumableTrainLoop needs max_epochs'),
        ('optim_wrapper', 'optimizer', 'optim_wrapper has no optimizer'),
        ('val_evaluator', 'type', 'val_evaluator has no type'),
        ('default_hooks.timer', 'type', 'default_hooks.timer has no type'),
    ],
)
def test_what_is_missing(place, key, says):
    config = read('stslidr_dino')
    node = config._cfg_dict
    for part in place.split('.'):
        node = node[int(part)] if part.isdigit() else node[part]
    del node[key]
    with pytest.raises(InputError, match=says):
        check_components(config)


def test_no_model_at_all():
    with pytest.raises(InputError, match='there is no model'):
        check_components(Config(dict(default_scope='mmdet3d')))


def test_places_within_augmented_copies_and_wrapped_data_sets():
    config = read('finetune_1pct_nuscenes')
    step = config.tta_pipeline[4].transforms[1][0]
    step['rot_rnge'] = [0, 0]
    with pytest.raises(UnknownKeyError, match=r': tta_pipeline\.4\.transforms\.1\.0: '):
        check_components(config)
    config = read('finetune_1pct_nuscenes')
    loader = config.train_dataloader
    loader.dataset = dict(type='RepeatDataset', times=2, dataset=dict(loader.dataset, label=1))
    with pytest.raises(UnknownKeyError, match=r": train_dataloader\.dataset\.dataset: .*'label'"):
        check_components(config)


def test_without_the_plugin_the_missing_line_is_named(tmp_path):
    (tmp_path / 'a.py').write_text("default_scope = 'mmdet3d'\nmodel = dict(type='VoxelSegmentor')")
    code = (
        'from mmengine.config import Config\n'
        'from stslidr.running.component_check import check_components\n'
        "check_components(Config.fromfile('a.py'))"
    )
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={'PYTHONPATH': str(Path(stslidr.plugin.__file__).parents[1])},
    )
    line = "custom_imports = dict(imports=['projects.STSLidR.stslidr.plugin'])"
    assert f'the config lacks the line {line}' in done.stderr.splitlines()[-1]
