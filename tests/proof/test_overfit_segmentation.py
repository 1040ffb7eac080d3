"""Training fits its own frames: above 95 % mIoU over the classes that they show.

Two whole synthetic sweeps without augmentation, the demo's backbone, all through the tools: from
scratch, and from the checkpoint of a short pretraining. The demo's rates are for other lengths:
here everything learns at 0.2.
"""

import json

import pytest

from support.commands import ROOT, run

pytestmark = pytest.mark.slow

VERSION, TRAIN = 'v1.0-synthetic', 'nuscenes_infos_synthetic_train.pkl'
EPOCHS, RATE = 250, 0.2


@pytest.fixture(scope='module')
def synthetic(tmp_path_factory):
    """A synthetic root with one scene to train on, two keyframes of it, and its info files."""
    root = tmp_path_factory.mktemp('synthetic') / 'root'
    run(
        ROOT / 'tools/create_synthetic.py',
        '--root',
        root,
        '--scenes',
        2,
        '--keyframes',
        2,
        '--seed',
        7,
        '--image-size',
        '160x90',
        cwd=root.parent,
    )
    run(
        ROOT / 'tools/create_data.py',
        'nuscenes',
        '--root',
        root,
        '--version',
        VERSION,
        cwd=root.parent,
    )
    run(
        ROOT / 'tools/create_superpixels.py',
        root / TRAIN,
        '--root',
        root,
        '--out',
        root / 'superpixels/slic',
        cwd=root.parent,
    )
    return root


@pytest.fixture(scope='module')
def pretrained(synthetic):
    """Checkpoint of a pretraining of 10 epochs."""
    work_dir = synthetic.parent / 'pretraining'
    run(
        ROOT / 'tools/train.py',
        ROOT / 'configs/demo_stslidr.py',
        '--data-root',
        synthetic,
        '--work-dir',
        work_dir,
        '--no-validate',
        '--cfg-options',
        'train_dataloader.batch_size=2',
        'train_cfg.max_epochs=10',
        'default_hooks.checkpoint.interval=10',
        cwd=synthetic.parent,
    )
    return work_dir / 'epoch_10.pth'


def options():
    """Both sweeps in each epoch and as the validation, unturned; one validation, at the end."""
    for key in (
        'train_cfg.max_epochs',
        'train_cfg.val_interval',
        'default_hooks.checkpoint.interval',
    ):
        yield f'{key}={EPOCHS}'
    yield 'train_dataloader.batch_size=1'
    yield f'optim_wrapper.optimizer.lr={RATE}'
    yield 'train_dataloader.dataset.pipeline.GlobalRotScaleTrans.rot_range=[0,0]'
    for axis in ('horizontal', 'vertical'):
        yield f'train_dataloader.dataset.pipeline.RandomFlip3D.flip_ratio_bev_{axis}=0.0'
    yield f'val_dataloader.dataset.ann_file={TRAIN}'


@pytest.mark.parametrize('name', ['demo_scratch_100pct', 'demo_finetune_100pct'])
def test_training_fits_its_own_frames(synthetic, request, tmp_path, name):
    own = []
    if name.startswith('demo_finetune'):
        own = [
            f'load_from={request.getfixturevalue("pretrained")}',
            'optim_wrapper.paramwise_cfg.custom_keys.decode_head.lr_mult=1.0',
        ]
    run(
        ROOT / 'tools/train.py',
        ROOT / 'configs' / f'{name}.py',
        '--data-root',
        synthetic,
        '--work-dir',
        tmp_path,
        '--cfg-options',
        *options(),
        *own,
        cwd=tmp_path,
    )
    (path,) = tmp_path.glob('*/vis_data/scalars.json')
    scores = json.loads(path.read_text().splitlines()[-1])
    ious = {key: value for key, value in scores.items() if key.startswith('seg/iou/')}
    print(f'\n{name}: mIoU {scores["seg/miou"]}, accuracy {scores["seg/accuracy"]}\n{ious}')
    assert scores['seg/miou'] > 0.95 and len(ious) >= 5
