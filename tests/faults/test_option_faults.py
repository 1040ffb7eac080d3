"""Configs, options and places to write to that cannot be right."""

import os

import pytest

from support.faults import Fault, in_turn, nothing

OPTION = '--cfg-options '


def config(text):
    """The pretraining config is this text."""
    return lambda world: (world / 'pretrain.py').write_text(text)


def added(line):
    def damage(world):
        path = world / 'pretrain.py'
        path.write_text(path.read_text() + f'\n{line}\n')

    return damage


def option(words, said, **more):
    return Fault(words, nothing, said, options=OPTION + words, **more)


def locked(world):
    """Another run holds the work dir."""
    from stslidr.files.folder_lock import hold_folder

    (world / 'out').mkdir()
    world.held = hold_folder(world / 'out', 'work dir')
    world.held.__enter__()


FILE = r'pretrain\.py'
FAULTS = [
    Fault('config is missing', lambda w: (w / 'pretrain.py').unlink(), f'{FILE} does not exist'),
    Fault(
        'config is a folder',
        lambda w: (os.remove(w / 'pretrain.py'), (w / 'pretrain.py').mkdir()),
        FILE,
    ),
    Fault('config is empty', config(''), FILE),
    Fault('config has no model', config('work_dir = "x"\n'), FILE),
    Fault('config is no Python', config('model = = 1\n'), f'{FILE}, line 1'),
    Fault(
        'config divides by zero', config('a = 1\nb = a / 0\n'), f'{FILE}, line 2: ZeroDivisionError'
    ),
    Fault('config is not UTF-8', lambda w: (w / 'pretrain.py').write_bytes(b'a = "\xff"'), FILE),
    Fault(
        'config imports what is not there',
        config('import nothing_of_the_kind\n'),
        'nothing_of_the_kind',
    ),
    Fault(
        'config builds on a file that is not there',
        config('_base_ = "./nothing.py"\n'),
        r'nothing\.py',
    ),
    Fault('config builds on itself', config('_base_ = "./pretrain.py"\n'), FILE),
    Fault('config has a key that nothing reads', added('optim_wraper = dict()'), 'optim_wraper'),
    Fault('model is a list', added('model = [1]'), 'model'),
    Fault('model has no type', added('model = dict()'), 'model'),
    Fault(
        'custom_imports names what is not there',
        added('custom_imports = dict(imports=["no.module"])'),
        r'no\.module',
    ),
    Fault('train_dataloader is gone', added('train_dataloader = None'), 'train_dataloader'),
    Fault('train_cfg is gone', added('train_cfg = None'), 'train_cfg'),
    Fault(
        'two hooks write checkpoints',
        added('custom_hooks = [dict(type="CheckpointHook", interval=1)]'),
        'CheckpointHook',
    ),
    Fault('a hook is unknown', added('custom_hooks = [dict(type="NoHook")]'), 'NoHook'),
    Fault(
        'a hook has an argument that nothing reads',
        added('custom_hooks = [dict(type="EMAHook", momentun=0.1)]'),
        'momentun',
    ),
    option('words', 'words: not of the form KEY=VALUE'),
    option('model.gather=(1,2', 'no readable value'),
    option('model.bakbone.blocks=1', 'bakbone'),
    option('model.type=SuperpixelPretrainr', 'SuperpixelPretrainer'),
    option('model.backbone.type=Res16UNet43', 'Res16UNet43'),
    option('model.criterion.temprature=1', 'temprature'),
    option('model.criterion.temperature=a', 'temperature'),
    option('model.criterion.temperature=0', 'temperature'),
    option('model.criterion.temperature=nan', 'temperature'),
    option('model.image_encoder.weights=dinov9', 'dinov9'),
    option('model.image_encoder.checkpoint={root}/nothing.pth', r'random|nothing\.pth'),
    option('optim_wrapper.optimizer.lr=-1', 'optimizer'),
    option('optim_wrapper.optimizer.type=Adamm', 'Adamm'),
    option('optim_wrapper.optimizer.learning_rate=1', 'learning_rate'),
    option('optim_wrapper.accumulative_counts=0', 'accumulative_counts|optim_wrapper'),
    option('param_scheduler.0.type=NoLR', 'NoLR'),
    option('param_scheduler.0.no_key=1', 'no_key'),
    option('train_cfg.max_epochs=0', 'max_epochs'),
    option('train_cfg.max_epochs=a', 'max_epochs'),
    option('train_cfg.max_epochs=-3', 'max_epochs'),
    option('train_cfg.val_interval=0', 'val_interval'),
    option('train_dataloader.batch_size=0', 'batch_size'),
    option('train_dataloader.batch_size=1.5', 'batch_size'),
    option('train_dataloader.batch_size=7', 'batch|samples'),
    option('train_dataloader.num_workers=-1', 'num_workers'),
    option('train_dataloader.batch_sise=4', 'batch_sise'),
    option('train_dataloader.timeout=-1', 'timeout'),
    option('train_dataloader.sampler.type=NoSampler', 'NoSampler'),
    option('train_dataloader.dataset.max_bad_samples=-1', 'max_bad_samples'),
    option('train_dataloader.dataset.cameras=[]', 'cameras'),
    option("train_dataloader.dataset.cameras=['LEFT','LEFT']", 'cameras'),
    option("train_dataloader.dataset.cameras=['EYE']", 'EYE'),
    option('train_dataloader.dataset.indices=0', 'indices|samples'),
    option('train_dataloader.dataset.indices=[99]', 'indices|99'),
    option('train_dataloader.dataset.data_prefix.pts=nowhere', 'nowhere'),
    option('train_dataloader.dataset.pipeline.LoadSweep.load_dim=2', 'load_dim'),
    option('train_dataloader.dataset.pipeline.LoadSweep.load_dim=5', 'columns'),
    option('train_dataloader.dataset.pipeline.LoadSweep.use_dim=[0,1,2,9]', 'use_dim'),
    option('train_dataloader.dataset.pipeline.LoadSwep.load_dim=4', 'LoadSwep'),
    option(
        'train_dataloader.dataset.pipeline.LoadSuperpixels.num_superpixels=5',
        'num_superpixels|superpixel',
    ),
    option('train_dataloader.dataset.pipeline.LoadSuperpixels.folder=nowhere', 'nowhere'),
    option('train_dataloader.dataset.pipeline.VoxelizeSweep.size=(0.1,0,0.1)', 'size'),
    option('train_dataloader.dataset.pipeline.VoxelizeSweep.kind=hexagonal', 'hexagonal'),
    option('train_dataloader.dataset.pipeline.PairPointsWithPixels.min_depth=-1', 'min_depth'),
    option('default_hooks.checkpoint.max_keep_ckpts=many', 'max_keep_ckpts'),
    option('default_hooks.checkpoint.no_key=1', 'no_key'),
    option('default_hooks.logger.interval=0', 'interval'),
    option('env_cfg.dist_cfg.timeout=a --launcher pytorch', 'RANK|timeout'),
    option('env_cfg.mp_cfg.mp_start_method=threads', 'mp_start_method|threads'),
    option('randomness.seed=a', 'seed'),
    option('default_scope=nowhere', 'nowhere'),
    option('log_level=LOUD', 'LOUD'),
    Fault(
        '--resume names no checkpoint',
        nothing,
        r'nothing\.pth',
        options='--resume {root}/nothing.pth',
    ),
    Fault('--launcher without one', nothing, 'RANK', options='--launcher pytorch'),
    Fault('--launcher slurm without CUDA', nothing, 'needs CUDA', options='--launcher slurm'),
    Fault('--amp without CUDA', nothing, '--amp|CUDA', options='--amp'),
    Fault('--data-root is not there', nothing, 'nowhere', options='--data-root /nowhere'),
    Fault('work dir is a file', lambda w: (w / 'out').touch(), 'work dir .* cannot be made'),
    Fault(
        'work dir is below a file',
        nothing,
        'work dir .* cannot be made',
        options='--work-dir {root}/text/out',
    ),
    Fault(
        'work dir has too long a name',
        nothing,
        'cannot be made',
        options='--work-dir {root}/' + 'a' * 300,
    ),
    Fault('work dir is that of a run at work', locked, 'is in use'),
    Fault('--json is a folder', nothing, 'folder', 'test', '--json {root}/folder'),
    Fault('--json lies below a file', nothing, 'text', 'test', '--json {root}/text/result.json'),
    Fault(
        '--out of the predictions is a file', nothing, 'is a file', 'predict', '--out {root}/text'
    ),
    Fault('--device is unknown', nothing, 'abacus', 'predict', '--device abacus'),
    Fault(
        '--tta without its pipeline',
        nothing,
        'tta',
        'test',
        '--tta --cfg-options tta_pipeline=None',
    ),
    Fault(
        'corruptions into a file of another kind',
        nothing,
        'no readable JSON',
        'test',
        '--corruptions fog --json {root}/text',
    ),
    Fault(
        'corruptions against a baseline that is none',
        nothing,
        'text',
        'test',
        '--corruptions fog --baseline {root}/text',
    ),
    Fault(
        'head of other classes',
        nothing,
        'num_classes',
        'test',
        '--cfg-options model.decode_head.num_classes=9',
    ),
    Fault(
        'voxels of another size than trained',
        lambda w: w.edit_checkpoint(
            'weights.pth',
            lambda c: c['meta']['dataset_meta'].update(
                voxel_grid={'kind': 'cylindrical', 'size': [0.2, 1, 0.1]}
            ),
        ),
        'voxels',
        'test',
    ),
    Fault(
        'superpixels in an unknown way',
        nothing,
        'no number|segments|superpixel',
        'superpixels',
        '--segments 0',
    ),
    Fault('superpixels into a file', nothing, 'cannot be made', 'superpixels', '--out {root}/text'),
    Fault('a shard that there is none of', nothing, 'only 2 shards', 'superpixels', '--shard 5/2'),
    Fault(
        'superpixels of a camera that there is none of',
        nothing,
        'EYE',
        'superpixels',
        '--data-prefix EYE=x',
    ),
    Fault(
        'picture of a sample that there is none of', nothing, 'has 3 samples', 'draw', '--index 7'
    ),
    Fault('picture below a file', nothing, 'text', 'draw', '--out {root}/text/picture.png'),
    Fault('statistics into a folder', nothing, 'folder', 'describe', '--json {root}/folder'),
]


@pytest.fixture(autouse=True)
def released(made_world):
    yield
    held = vars(made_world).pop('held', None)
    if held is not None:
        held.__exit__(None, None, None)


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
