"""The README's commands as a user types them, in processes of their own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from support.commands import ENVIRONMENT, ROOT, prepare_keyframe, run, start
from support.tiny_run import assert_same_weights, last_checkpoint, tiny_config


def write_config(tiny_data, folder, **options):
    """Write a whole config to a file, as ``--cfg-options`` cannot replace a pipeline."""
    folder.mkdir(parents=True, exist_ok=True)
    config = tiny_config(tiny_data, folder / 'run', **options)
    config.dump(folder / 'tiny.py')
    return folder / 'tiny.py', folder / 'run'


EVERY_ITERATION = dict(
    default_hooks__checkpoint__by_epoch=False, default_hooks__checkpoint__interval=1
)


def test_a_killed_run_resumes_to_the_same_end(tiny_data, tmp_path):
    whole, whole_dir = write_config(tiny_data, tmp_path / 'whole', epochs=3, **EVERY_ITERATION)
    killed, killed_dir = write_config(tiny_data, tmp_path / 'killed', epochs=3, **EVERY_ITERATION)
    run(ROOT / 'tools/train.py', whole, cwd=tmp_path)
    process = start(ROOT / 'tools/train.py', killed, cwd=tmp_path)
    deadline = time.monotonic() + 300
    while not (killed_dir / 'iter_2.pth').exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    stopped_at = last_checkpoint(killed_dir)['meta']['iter']
    assert 1 <= stopped_at < 9
    for path in killed_dir.glob('*.pth'):
        torch.load(path, weights_only=True)  # none is half-written
    output = run(ROOT / 'tools/train.py', killed, '--resume', cwd=tmp_path)
    assert 'resumed epoch' in output
    assert_same_weights(last_checkpoint(whole_dir), last_checkpoint(killed_dir))


def test_two_processes_on_cpus(tiny_data, tmp_path):
    config, work_dir = write_config(tiny_data, tmp_path, epochs=1, train_dataloader__batch_size=1)
    path = f'{Path(sys.executable).parent}:/usr/bin:/bin'
    process = subprocess.run(
        ['bash', ROOT / 'tools/dist_train.sh', config, '2'],
        cwd=tmp_path,
        text=True,
        timeout=500,
        env={**ENVIRONMENT, 'PORT': '29631', 'PATH': path},
        capture_output=True,
    )
    output = process.stdout + process.stderr
    assert process.returncode == 0, output[-3000:]
    assert 'sync_bn' in output and 'switched off' in output
    assert re.search(r'Epoch\(train\)\s+\[1\]\[3/3\]', output), '6 samples, 2 ranks, batch 1'
    assert last_checkpoint(work_dir)['meta']['iter'] == 3
    assert 'pretrain/top1_matching' in output and not (tmp_path / '.dist_test').exists()


def test_a_misspelt_option_is_an_error(tiny_data, tmp_path):
    config, _ = write_config(tiny_data, tmp_path)
    output = run(
        ROOT / 'tools/train.py',
        config,
        '--cfg-options',
        'train_dataloader.batch_sise=4',
        cwd=tmp_path,
        expect=1,
    )
    assert 'batch_sise' in output.splitlines()[-1]


def test_missing_weights_name_their_address_and_folder(tiny_data, tmp_path):
    config, _ = write_config(tiny_data, tmp_path, model__image_encoder__weights='dino')
    output = run(ROOT / 'tools/train.py', config, cwd=tmp_path, expect=1)
    assert 'dl.fbaipublicfiles.com/dino' in output and 'checkpoints' in output


def test_a_broken_sweep_is_named_from_the_worker_to_the_user(tiny_data, tmp_path):
    import shutil

    from support.tiny_data import TinyData

    data = TinyData(tmp_path / 'data', tiny_data.num_keyframes, tiny_data.num_points)
    shutil.copytree(tiny_data.root, data.root)
    broken = data.root / 'sweeps' / '3.bin'
    broken.write_bytes(broken.read_bytes()[:-16])
    config, _ = write_config(data, tmp_path, train_dataloader__num_workers=1)
    output = run(ROOT / 'tools/train.py', config, cwd=tmp_path, expect=1)
    assert str(broken) in output.splitlines()[-1] or str(broken) in output[-1500:]


@pytest.fixture(scope='module')
def prepared(keyframe_root, tmp_path_factory):
    """Infos and superpixels of the real keyframe, by the README's two commands."""
    folder = tmp_path_factory.mktemp('prepared')
    prepare_keyframe(keyframe_root, folder)
    return folder


def test_pretraining_on_the_real_keyframe(keyframe_root, prepared, tmp_path):
    """The shipped config, whole keyframe, smaller networks; `make proof` runs the full size."""
    from stslidr.encoders.weights import random_weights

    (tmp_path / 'checkpoints').mkdir()
    torch.save(random_weights(), tmp_path / 'checkpoints/dino_resnet50_pretrain.pth')
    options = (
        '--data-root',
        keyframe_root,
        '--no-validate',
        '--work-dir',
        tmp_path / 'run',
        '--cfg-options',
        f'train_dataloader.dataset.ann_file={prepared}/nuscenes_infos_pretrain.pkl',
        f'train_dataloader.dataset.pipeline.LoadSuperpixels.folder={prepared}/superpixels/slic',
        'train_dataloader.batch_size=1',
        'train_dataloader.num_workers=1',
        'train_dataloader.dataset.pipeline.RandomResizedCropImages.size=(64,128)',
        'model.backbone.stem_channels=8',
        'model.backbone.planes=[8,8,16,16,16,16,8,8]',
        'default_hooks.logger.interval=1',
    )
    command = (ROOT / 'tools/train.py', ROOT / 'configs/stslidr_dino.py', *options)
    command += ('train_cfg.max_epochs=2',)
    run(*command, cwd=tmp_path)
    first = tmp_path / 'run' / 'epoch_1.pth'
    whole = last_checkpoint(tmp_path / 'run')
    run(*command[:2], '--resume', first, *command[2:], cwd=tmp_path)
    second = last_checkpoint(tmp_path / 'run')
    assert second['meta']['epoch'] == 2
    assert all(map(torch.equal, whole['state_dict'].values(), second['state_dict'].values()))
    scalars = second['message_hub']['log_scalars']
    assert (scalars['train/occupied_superpixels']['history'] > 300).all()
    assert torch.isfinite(scalars['train/loss']['history']).all()


def test_dumped_configs_are_read_back(tiny_data, tmp_path):
    path, _ = write_config(tiny_data, tmp_path)
    assert Config.fromfile(path).model.type == 'SuperpixelPretrainer'
