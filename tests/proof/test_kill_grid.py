"""Trainings that are killed twenty times each end with the very bits of those that are not.

Pretraining and fine-tuning, in the process and with two workers, with gradients accumulated over
two batches and a validation after each epoch; and pretraining on two and four processes, of which
the launcher is killed. Some 40 minutes on two cores.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import psutil
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
    draw = random.Random(f'{loop} {workers}')
    starts = kill_and_resume((ROOT / 'tools/train.py', config), killed, draw, KILLS)
    assert_same_run(whole, killed)
    print(f'\n{loop}, {workers} workers: {KILLS} kills, {starts} starts, the same bits')


@pytest.mark.parametrize('ranks', [2, 4])
def test_killed_and_whole_are_the_same_on_several_processes(tmp_path, ranks):
    whole, killed = tmp_path / 'whole', tmp_path / 'killed'
    words = ('-m', 'torch.distributed.run', f'--nproc_per_node={ranks}', '--standalone')
    command = (*words, ROOT / 'tools/train.py')
    more = ('--launcher', 'pytorch')
    run(*command, write_config('pretraining', 0, tmp_path, whole), *more, cwd=tmp_path)
    config = write_config('pretraining', 0, tmp_path, killed)
    draw, kills = random.Random(f'{ranks} ranks'), max(1, KILLS // 4)
    starts = kill_and_resume((*command, config, *more), killed, draw, kills)
    assert_same_run(whole, killed)
    print(f'\n{ranks} processes: {kills} kills of the launcher, {starts} starts, the same bits')


def kill_and_resume(command, work_dir: Path, draw: random.Random, wanted: int) -> int:
    """Start, kill and resume until a run has been killed so often and then ends; count starts."""
    for starts in range(1, wanted + 2):
        process = start(*command, '--resume', cwd=work_dir.parent)
        if starts > wanted:
            output, _ = process.communicate()
            assert process.returncode == 0, output[-3000:]
            return starts
        assert kill_at_random(process, work_dir, draw), f'it ended before kill {starts}'
        wait_for_orphans(work_dir)
        for path in work_dir.glob('*.pth'):
            torch.load(path, weights_only=True)  # none is half-written
    raise AssertionError('unreachable')


def wait_for_orphans(work_dir: Path) -> None:
    """What a killed launcher leaves behind ends within seconds."""
    deadline = time.monotonic() + 30
    while any(
        f'{work_dir.name}.py' in ' '.join(one.info['cmdline'] or ())
        and str(work_dir.parent) in ' '.join(one.info['cmdline'])
        for one in psutil.process_iter(['cmdline'])
    ):
        assert time.monotonic() < deadline, 'orphans live on'
        time.sleep(0.1)


def assert_same_run(whole: Path, killed: Path) -> None:
    """Two work dirs end with the same bits, and the same checkpoints."""
    one, other = last_checkpoint(whole), last_checkpoint(killed)
    assert_same_weights(one, other)
    assert one['param_schedulers'] == other['param_schedulers']
    assert one['meta']['iter'] == other['meta']['iter']
    names = [sorted(path.name for path in folder.glob('*.pth')) for folder in (whole, killed)]
    assert names[0] == names[1], 'old checkpoints are removed'
