"""Forms that mmengine allows a config are let through; what it would stumble over is refused."""

import logging

import pytest
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.hooks import EmptyCacheHook
from mmengine.optim import CosineAnnealingLR, OptimWrapper
from torch.optim import SGD

import stslidr.plugin  # noqa: F401
from stslidr.errors import InputError, UnknownKeyError, UserError
from stslidr.evaluation.matching_metric import MatchingMetric
from stslidr.losses.contrastive import TolerantContrastiveLoss
from stslidr.running.command_line import read_checked_config
from stslidr.running.component_check import check_components
from stslidr.running.launch import build_runner
from stslidr.running.loops import ResumableTrainLoop
from stslidr.running.samplers import SeededSampler
from support.tiny_run import CONFIGS, forget_runs, tiny_config

PRETRAIN, FINETUNE = 'stslidr_dino', 'finetune_1pct_nuscenes'
METRIC = dict(type='MatchingMetric')


def check(key, value, name=PRETRAIN):
    """Check a shipped config of which one place holds another value."""
    config = Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)
    node = config._cfg_dict
    *parents, last = key.split('.')
    for part in parents:
        node = node[int(part)] if part.isdigit() else node[part]
    node[int(last) if isinstance(node, list) else last] = value
    check_components(config)


LINEAR = dict(type='LinearLR', start_factor=0.1, by_epoch=False, end=9)
ALLOWED = [
    ('custom_hooks', [dict(type='EMAHook', momentum=0.1, priority='LOW')]),
    ('custom_hooks', [dict(type='mmengine.EmptyCacheHook', after_epoch=True, priority=70)]),
    ('custom_hooks', [dict(type='SyncBuffersHook', priority=None)]),
    ('custom_hooks', [dict(type='EarlyStoppingHook', monitor='pretrain/loss', patience=2)]),
    ('custom_hooks', [dict(type='ProfilerHook', on_trace_ready=dict(type='log_trace'))]),
    ('custom_hooks', [dict(type=EmptyCacheHook)]),
    ('default_hooks.checkpoint', dict(type='PlainCheckpointHook', priority='VERY_LOW')),
    ('default_hooks.logger', None),
    ('default_hooks', None),
    ('val_evaluator', dict(metrics=[METRIC])),
    ('val_evaluator', dict(metrics=METRIC)),
    ('val_evaluator', dict(type='mmengine.Evaluator', metrics=[METRIC])),
    ('val_evaluator', dict(type=Evaluator, metrics=[dict(type=MatchingMetric)])),
    ('val_evaluator', []),
    ('param_scheduler', [LINEAR, dict(type='mmengine.CosineAnnealingLR', T_max=3)]),
    ('param_scheduler', dict(type=CosineAnnealingLR, T_max=3, convert_to_iter_based=True)),
    ('param_scheduler', None),
    ('optim_wrapper', dict(type=OptimWrapper, optimizer=dict(type=SGD, lr=0.1, momentum=0.9))),
    ('optim_wrapper.optimizer', dict(type='mmengine.AdamW', lr=1, betas=(0.9, 0.99))),
    ('optim_wrapper.paramwise_cfg', dict(custom_keys=dict(backbone=dict(lr_mult=0.1)))),
    ('train_cfg', dict(by_epoch=True, max_epochs=3)),
    ('train_cfg', dict(by_epoch=False, max_iters=3, val_interval=2)),
    ('train_cfg', dict(type=ResumableTrainLoop, max_epochs=3)),
    ('val_cfg', {}),
    ('train_dataloader.sampler.type', SeededSampler),
    ('train_dataloader.collate_fn', dict(type='pseudo_collate')),
    ('train_dataloader.collate_fn', len),
    ('train_dataloader.worker_init_fn', dict(type=len)),
    ('train_dataloader.batch_sampler', dict(type='mmdet.AspectRatioBatchSampler')),
    ('model.type', 'mmdet3d.SuperpixelPretrainer'),
    ('model.criterion.type', TolerantContrastiveLoss),
    ('model.criterion', dict(type='mmdet.CrossEntropyLoss', use_sigmoid=True)),
    ('model.criterion', dict(type='FocalLoss', _scope_='mmdet', gamma=2.0)),
    ('model.data_preprocessor._scope_', 'mmdet3d'),
    ('visualizer', None),
    ('log_level', 10),
]


@pytest.mark.parametrize(('key', 'value'), ALLOWED)
def test_what_mmengine_allows_is_let_through(key, value):
    check(key, value)


STEPS = dict(type='RandomApply', transforms=[dict(type='GlobalRotScaleTrans')], prob=0.5)
CHOICE = dict(type='RandomChoice', transforms=[[STEPS], [dict(type='PointShuffle')]])


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('model.decode_head.loss_decode', dict(type='mmdet.CrossEntropyLoss', loss_weight=1.0)),
        ('train_dataloader.dataset.pipeline.2', CHOICE),
        ('train_dataloader.dataset.pipeline.2', dict(type='mmcv.RandomApply', transforms=[STEPS])),
        ('test_dataloader.dataset.indices', [0, 2]),
        ('val_evaluator', [dict(type='PointSegMetric'), dict(type='SegMetric')]),
    ],
)
def test_what_mmdetection3d_allows_is_let_through(key, value):
    check(key, value, FINETUNE)


REFUSED = [
    ('custom_hooks', [dict(type='EMAHook', priority='LOUD')], r'hooks\.0\.priority is .LOUD.'),
    ('custom_hooks', [dict(type='EMAHook', priority=101)], r'priority is 101, .* 0 to 100, or H'),
    ('custom_hooks', dict(type='EmptyCacheHook'), 'custom_hooks must be a list'),
    ('default_hooks.timer', dict(type='IterTimerHook', priority='x'), r'timer\.priority is .x.'),
    ('val_evaluator', 'MatchingMetric', 'val_evaluator must be a dict or a list'),
    ('val_evaluator', dict(metrics=[dict(type='M')]), r'val_evaluator\.metrics\.0: .* type .M.'),
    ('val_evaluator', dict(metrics=[METRIC], more=1), "val_evaluator: Evaluator takes no 'more'"),
    ('val_evaluator', dict(type='Evaluatr', metrics=[METRIC]), "is 'Evaluator' meant"),
    ('param_scheduler', dict(first=[LINEAR]), 'param_scheduler has no type'),
    ('train_cfg', dict(max_epochs=3), 'train_cfg has no type'),
    ('train_cfg', dict(type='ResumableTrainLoop', by_epoch=True, max_epochs=3), "no 'by_epoch'"),
    ('val_cfg', dict(by_epoch=True), "ValLoop takes no 'by_epoch'"),
    ('train_dataloader.collate_fn', dict(type='psuedo_collate'), "is 'pseudo_collate' meant"),
    ('train_dataloader.collate_fn', dict(), r'collate_fn has no type'),
    ('train_dataloader.collate_fn', 'pseudo_collate', 'collate_fn must be a dict'),
    ('train_dataloader.worker_init_fn', dict(type='x'), 'no function of the type'),
    ('model._scope_', 'nonsense', 'there is no model of the type'),
    ('model.criterion.type', 'nonsense.TolerantContrastiveLoss', 'nonsense'),
    ('default_scope', 3, 'default_scope is 3'),
    ('default_scope', None, 'there is no model of the type .SuperpixelPretrainer.'),
    ('log_processor', 3, 'log_processor must be a dict'),
    ('env_cfg', 3, 'env_cfg must be a dict'),
    ('env_cfg.mp_cfg', 3, r'env_cfg\.mp_cfg must be a dict'),
]


@pytest.mark.parametrize(('key', 'value', 'says'), REFUSED, ids=lambda value: str(value)[:30])
def test_what_mmengine_would_stumble_over_is_refused(key, value, says):
    with pytest.raises((InputError, UnknownKeyError), match=says):
        check(key, value)


def test_schedulers_of_several_optimisers():
    config = Config.fromfile(CONFIGS / f'{PRETRAIN}.py', import_custom_modules=False)
    config.optim_wrapper.constructor = 'DefaultOptimWrapperConstructor'
    config.param_scheduler = dict(first=[LINEAR], second=LINEAR)
    check_components(config)
    config.param_scheduler = dict(first=[LINEAR], second=dict(LINEAR, begn=1))
    with pytest.raises(UnknownKeyError, match=r'param_scheduler\.second: .*begn'):
        check_components(config)


def test_a_priority_reaches_the_hook(tiny_data, tmp_path):
    """The runner takes it away before it builds the hook."""
    forget_runs()
    config = tiny_config(tiny_data, tmp_path / 'work', epochs=1)
    config.custom_hooks = [dict(type='EmptyCacheHook', priority='HIGHEST')]
    check_components(config)
    hooks = build_runner(config).hooks
    assert hooks[0].priority == 'HIGHEST' and isinstance(hooks[0], EmptyCacheHook)


def write(folder, text):
    (folder / 'a.py').write_text(text)
    return str(folder / 'a.py')


DELETED = "_delete_=True, type='TolerantContrastiveLoss', temperature=0.2"


def test_delete_replaces_what_the_base_has(tmp_path):
    base = f'_base_ = {str(CONFIGS / PRETRAIN)!r} + ".py"\n'
    path = write(tmp_path, f'{base}model = dict(criterion=dict({DELETED}))')
    criterion = read_checked_config(path, None).model.criterion
    assert criterion == dict(type='TolerantContrastiveLoss', temperature=0.2)
    path = write(tmp_path, f'{base}model = dict(criterion=dict({DELETED}, temprature=1))')
    with pytest.raises(UnknownKeyError, match="takes no 'temprature'"):
        read_checked_config(path, None)


def test_delete_where_there_is_nothing_to_delete_is_no_argument(tmp_path):
    base = f'_base_ = {str(CONFIGS / PRETRAIN)!r} + ".py"\n'
    path = write(tmp_path, f"{base}tta_model = dict(_delete_=True, type='SegTTAModel')")
    with pytest.raises(UserError, match='_delete_'):
        read_checked_config(path, None)


def test_options_reach_what_the_file_does_not_state(tmp_path):
    config = read_checked_config(str(CONFIGS / f'{PRETRAIN}.py'), {'log_level': 'ERROR'})
    assert logging.getLevelName(config.log_level) == logging.ERROR


LAZY = """
from mmengine.hooks import IterTimerHook
from stslidr.losses.contrastive import TolerantContrastiveLoss
default_scope = 'mmdet3d'
default_hooks = dict(timer=dict(type=IterTimerHook))
model = dict(type=TolerantContrastiveLoss, temperature={temperature})
"""


def test_a_pure_python_config_is_checked_as_well(tmp_path):
    """One whose types are imported classes; mmengine imports them when they are asked for."""
    config = read_checked_config(write(tmp_path, LAZY.format(temperature=0.5)), None)
    assert config.model.type is TolerantContrastiveLoss
    with pytest.raises(InputError, match=r"a\.py: model\.temperature is 'x' \(str\)"):
        read_checked_config(write(tmp_path, LAZY.format(temperature="'x'")), None)


@pytest.mark.parametrize(
    'text',
    [
        'from mmengine.config import read_base\nwith read_base():\n    from .absent import *',
        'from absent.module import Model\nmodel = dict(type=Model)',
        'from stslidr.losses.contrastive import Absent\nmodel = dict(type=Absent)',
    ],
    ids=['base', 'module', 'class'],
)
def test_a_pure_python_config_that_cannot_be_read_is_refused_in_words(tmp_path, text):
    with pytest.raises(UserError) as raised:
        read_checked_config(write(tmp_path, text), None)
    assert 'a.py' in str(raised.value) and '\n' not in str(raised.value)


def test_a_fault_in_a_module_of_ours_that_is_imported_late_goes_through(tmp_path, monkeypatch):
    package = tmp_path / 'made_up' / 'stslidr'
    package.mkdir(parents=True)
    (package / '__init__.py').write_text("raise ValueError('too many values to unpack')")
    (package.parent / '__init__.py').touch()
    monkeypatch.syspath_prepend(tmp_path)
    path = write(tmp_path, 'from made_up.stslidr import Model\nmodel = dict(type=Model)')
    with pytest.raises(ValueError, match='too many values') as raised:
        read_checked_config(path, None)
    assert not isinstance(raised.value, UserError)
