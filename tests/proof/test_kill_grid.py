"""Trainings that are killed twenty times each end with the very bits of those that are not.

Pretraining and fine-tuning, in the process and with two workers, with gradients accumulated over
two batches and a validation after each epoch. Some 20 minutes on two cores.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch

import stslidr.plugin  # noqa: F401
from support.commands import ROOT, run, start
from support.tiny_data import TinyData, make_tiny_data
from support.tiny_labelled import make_labelled_nuscenes
from support.tiny_run import assert_same_weights, last_checkpoint, tiny_config
from support.tiny_segmentation import tiny_segmentor

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get('STSLIDR_KILLS', '20'))
EPOCHS = 16
LONGEST_START = 12.0
"""Seconds, within which a start may be killed before it trains."""
OPTIONS = dict(
    epochs=EPOCHS,
    train_dataloader__batch_size=1,
    optim_wrapper__accumulative_counts=2,
    default_hooks__checkpoint__by_epoch=False,
    default_hooks__checkpoint__interval=2,
    default_hooks__checkpoint__max_keep_ckpts=2,
)


def write_config(loop: str, workers: int, folder: Path, work_dir: Path) -> Path:
    """A config of four or six iterations an epoch."""
    folder.mkdir(parents=True, exist_ok=True)
    if loop == 'pretraining':
        data = TinyData(folder / 'data', 6, 900)
        if not data.root.exists():
            data = make_tiny_data(data.root, data.num_keyframes, data.num_points)
        config = tiny_config(data, work_dir, 'demo_stslidr', **OPTIONS)
    else:
        if not (folder / 'data').exists():
            make_labelled_nuscenes(folder / 'data', {'scene-a': 2, 'scene-b': 2})
        config = tiny_segmentor(folder / 'data', work_dir, 'scratch_100pct_nuscenes', **OPTIONS)
    for loader in ('train_dataloader', 'val_dataloader'):
        config[loader].update(num_workers=workers, persistent_workers=workers > 0)
    path = folder / f'{work_dir.name}.py'
    config.dump(path)
    return path


def kill_at_random(process, work_dir: Path, draw: random.Random) -> bool:
    """Kill a training and all that it started; False if it ended before."""
    newest = work_dir / 'last_checkpoint'
    before = newest.read_text() if newest.exists() else ''
    if draw.random() < 0.25:  # while it starts
        deadline, wanted = time.monotonic() + draw.uniform(0, LONGEST_START), 10**9
    else:
        deadline, wanted = time.monotonic() + 120, draw.choice((1, 1, 2, 3))
    seen = 0
    while process.poll() is None and time.monotonic() < deadline and seen < wanted:
        now = newest.read_text() if newest.exists() else before
        if now and now != before:
            before, seen = now, seen + 1
        time.sleep(0.002)
    time.sleep(draw.uniform(0, 0.3))
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return True


@pytest.mark.parametrize('workers', [0, 2])
@pytest.mark.parametrize('loop', ['pretraining', 'fine-tuning'])
def test_killed_and_whole_are_the_same(tmp_path, loop, workers):
    whole, killed = tmp_path / 'whole', tmp_path / 'killed'
    run(ROOT / 'tools/train.py', write_config(loop, workers, tmp_path, whole), cwd=tmp_path)
    config = write_config(loop, workers, tmp_path, killed)
    draw, kills, starts = random.Random(f'{loop} {workers}'), 0, 0
    while True:
        starts += 1
        process = start(ROOT / 'tools/train.py', config, '--resume', cwd=tmp_path)
        if kills == KILLS:
            output, _ = process.communicate()
            assert process.returncode == 0, output[-3000:]
            break
        if kill_at_random(process, killed, draw):
            kills += 1
            for path in killed.glob('*.pth'):
                torch.load(path, weights_only=True)  # none is half-written
        else:
            output, _ = process.communicate()
            assert process.returncode == 0, output[-3000:]
            break
    one, other = last_checkpoint(whole), last_checkpoint(killed)
    assert_same_weights(one, other)
    assert one['param_schedulers'] == other['param_schedulers']
    assert one['meta']['iter'] == other['meta']['iter']
    names = [sorted(path.name for path in folder.glob('*.pth')) for folder in (whole, killed)]
    assert names[0] == names[1], 'old checkpoints are removed'
    print(f'\n{loop}, {workers} workers: {kills} kills, {starts} starts, the same bits')
    assert kills == KILLS
