"""Training fits its own frames: above 95 % mIoU over the classes that they show.

Two whole synthetic sweeps of one scene without augmentation, Res16UNet34C at full size, all
through the tools: from scratch, and from the checkpoint of a short pretraining. 240 iterations of
one sweep, about 2.5 s each on two CPU cores. The published rates are for thousands of iterations:
here everything learns at 0.2, and the norms forget their start at the rate of the blocks.
"""

import json

import pytest
import torch

from support.commands import ROOT, run

pytestmark = pytest.mark.slow

VERSION, TRAIN = 'v1.0-synthetic', 'nuscenes_infos_synthetic_train.pkl'
EPOCHS, RATE = 250, 0.2


@pytest.fixture(scope='module')
def synthetic(tmp_path_factory):
    """A synthetic root with one scene to train on, two keyframes of it, and its info files."""
    root = tmp_path_factory.mktemp('synthetic') / 'root'
    run(ROOT / 'tools/create_synthetic.py', '--root', root, '--scenes', 2, '--keyframes', 2,
        '--seed', 7, '--image-size', '160x90', cwd=root.parent)
    run(ROOT / 'tools/create_data.py', 'nuscenes', '--root', root, '--version', VERSION,
        cwd=root.parent)
    run(ROOT / 'tools/create_superpixels.py', root / TRAIN, '--root', root,
        '--out', root / 'superpixels/slic', cwd=root.parent)
    return root


@pytest.fixture(scope='module')
def pretrained(synthetic):
    """Checkpoint of a pretraining of 10 epochs against an untrained image encoder."""
    from stslidr.encoders.weights import random_weights

    folder = synthetic.parent
    (folder / 'checkpoints').mkdir()
    torch.save(random_weights(), folder / 'checkpoints/dino_resnet50_pretrain.pth')
    run(ROOT / 'tools/train.py', ROOT / 'configs/overfit_dino.py', '--data-root', synthetic,
        '--work-dir', folder / 'pretraining', '--cfg-options',
        f'train_dataloader.dataset.ann_file={TRAIN}', 'train_cfg.max_epochs=10',
        'train_dataloader.dataset.pipeline.4.size=(64,128)', cwd=folder)
    return folder / 'pretraining/epoch_10.pth'


def options():
    """Both sweeps in each epoch and as the validation, unturned; one validation, at the end."""
    for key in ('train_cfg.max_epochs', 'train_cfg.val_interval',
                'default_hooks.checkpoint.interval'):
        yield f'{key}={EPOCHS}'
    yield 'train_dataloader.batch_size=1'
    yield 'optim_wrapper.optimizer.lr=0.2'
    yield 'model.backbone.bn_momentum=0.1'
    yield 'train_dataloader.dataset.pipeline.4.rot_range=[0,0]'
    for axis in ('horizontal', 'vertical'):
        yield f'train_dataloader.dataset.pipeline.5.flip_ratio_bev_{axis}=0.0'
    for loader in ('train_dataloader', 'val_dataloader'):
        yield f'{loader}.dataset.ann_file={TRAIN}'
        yield f'{loader}.dataset.data_prefix.pts_semantic_mask=lidarseg/{VERSION}'
        yield f'{loader}.num_workers=1'


@pytest.mark.parametrize('name', ['scratch_100pct_nuscenes', 'finetune_100pct_nuscenes'])
def test_training_fits_its_own_frames(synthetic, request, tmp_path, name):
    own = []
    if name.startswith('finetune'):
        own = [f'load_from={request.getfixturevalue("pretrained")}',
               'optim_wrapper.paramwise_cfg.custom_keys.decode_head.lr_mult=1.0']
    run(ROOT / 'tools/train.py', ROOT / 'configs' / f'{name}.py', '--data-root', synthetic,
        '--work-dir', tmp_path, '--cfg-options', *options(), *own, cwd=tmp_path)
    (path,) = tmp_path.glob('*/vis_data/scalars.json')
    scores = json.loads(path.read_text().splitlines()[-1])
    ious = {key: value for key, value in scores.items() if key.startswith('seg/iou/')}
    print(f'\n{name}: mIoU {scores["seg/miou"]}, accuracy {scores["seg/accuracy"]}\n{ious}')
    assert scores['seg/miou'] > 0.95 and len(ious) >= 5
