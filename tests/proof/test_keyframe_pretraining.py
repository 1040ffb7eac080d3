"""The main job at full size on the real keyframe: it learns, and it learns from the matching.

Six 1600x900 images, 224x416 crops, Res16UNet34C, dilated ResNet-50 with weights made in DINO's
layout, one keyframe without augmentation. About 26 s an iteration on two CPU cores.
"""

import os
import signal
import time

import pytest
import torch

from support.commands import ROOT, prepare_keyframe, run, start
from support.tiny_run import last_checkpoint

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def prepared(keyframe_root, tmp_path_factory):
    """Info file, superpixels and weights, by the README's commands."""
    from stslidr.encoders.weights import random_weights

    folder = tmp_path_factory.mktemp('prepared')
    prepare_keyframe(keyframe_root, folder)
    (folder / 'checkpoints').mkdir()
    torch.save(random_weights(), folder / 'checkpoints/dino_resnet50_pretrain.pth')
    return folder


def command(keyframe_root, prepared, work_dir, *options):
    return (
        ROOT / 'tools/train.py',
        ROOT / 'configs/overfit_dino.py',
        '--data-root',
        keyframe_root,
        '--work-dir',
        work_dir,
        '--cfg-options',
        f'train_dataloader.dataset.ann_file={prepared}/nuscenes_infos_pretrain.pkl',
        f'train_dataloader.dataset.pipeline.LoadSuperpixels.folder={prepared}/superpixels/slic',
        'default_hooks.checkpoint.interval=5',
        *options,
    )


def history(work_dir, name):
    scalars = last_checkpoint(work_dir)['message_hub']['log_scalars']
    return scalars[f'train/{name}']['history']


def test_it_learns_and_survives_a_kill(keyframe_root, prepared, tmp_path):
    train = command(keyframe_root, prepared, tmp_path, 'train_cfg.max_epochs=40')
    process = start(*train, cwd=prepared)
    while not (tmp_path / 'epoch_20.pth').exists():
        assert process.poll() is None, process.communicate()[0][-3000:]
        time.sleep(1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    run(*train[:2], '--resume', *train[2:], cwd=prepared)
    loss, top1 = history(tmp_path, 'loss'), history(tmp_path, 'top1_matching')
    anchors = history(tmp_path, 'occupied_superpixels')
    print(f'\nloss {loss.tolist()}\ntop-1 {top1.tolist()}\nanchors {anchors[-1]}')
    assert len(loss) == 40
    assert loss[-5:].mean() <= 0.8 * loss[:5].mean()
    assert top1[-5:].mean() >= 3 / anchors[-1]


def test_it_does_not_learn_from_permuted_superpixels(keyframe_root, prepared, tmp_path):
    run(
        *command(
            keyframe_root,
            prepared,
            tmp_path,
            'train_cfg.max_epochs=20',
            'model.permute_superpixels=True',
        ),
        cwd=prepared,
    )
    loss, top1 = history(tmp_path, 'loss'), history(tmp_path, 'top1_matching')
    anchors = history(tmp_path, 'occupied_superpixels')
    print(f'\nloss {loss.tolist()}\ntop-1 {top1.tolist()}\nanchors {anchors[-1]}')
    chance = torch.log(torch.as_tensor(anchors[-1]))
    assert loss[-5:].mean() > 0.97 * chance
    assert top1[-5:].mean() < 3 / anchors[-1]
