"""Two thousand iterations: memory, open files and speed stay as they are. Some ten minutes."""

from __future__ import annotations

import json
import os
import statistics
import time

import psutil
import pytest

import stslidr.plugin  # noqa: F401
from support.commands import ROOT, start
from support.tiny_data import make_tiny_data
from support.tiny_run import tiny_config

pytestmark = pytest.mark.slow

ITERATIONS = int(os.environ.get('STSLIDR_SOAK', '2000'))
KEYFRAMES = 100


def test_nothing_grows(tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=KEYFRAMES)
    config = tiny_config(
        data,
        tmp_path / 'run',
        'demo_stslidr',
        epochs=ITERATIONS // (KEYFRAMES // 2),
        train_cfg__val_interval=5,
        train_dataloader__num_workers=1,
        train_dataloader__persistent_workers=True,
        default_hooks__checkpoint__by_epoch=False,
        default_hooks__checkpoint__interval=100,
        default_hooks__checkpoint__max_keep_ckpts=2,
    )
    config.dump(tmp_path / 'soak.py')
    log = (tmp_path / 'output').open('w')
    process = start(ROOT / 'tools/train.py', tmp_path / 'soak.py', cwd=tmp_path, output=log)
    watched, samples = psutil.Process(process.pid), []
    while process.poll() is None:
        try:
            family = [watched, *watched.children(recursive=True)]
            samples.append(
                (
                    time.monotonic(),
                    sum(one.memory_info().rss for one in family) / 2**20,
                    sum(one.num_fds() for one in family),
                    sum(one.num_threads() for one in family),
                )
            )
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            pass
        time.sleep(0.5)
    log.close()
    assert process.returncode == 0, (tmp_path / 'output').read_text()[-3000:]
    lines = [
        json.loads(line)
        for path in (tmp_path / 'run').rglob('scalars.json')
        for line in path.read_text().splitlines()
    ]
    times = [line['time'] for line in lines if 'data_time' in line and 'lr' in line]
    assert len(times) == ITERATIONS
    quarters = [times[ITERATIONS * n // 4 : ITERATIONS * (n + 1) // 4] for n in range(4)]
    speeds = [statistics.median(quarter) for quarter in quarters]
    steady = samples[len(samples) // 4 :]
    half = len(steady) // 2
    early, late = steady[:half], steady[half:]
    medians = [
        [statistics.median(sample[column] for sample in part) for part in (early, late)]
        for column in (1, 2, 3)
    ]
    print(
        f'\n{ITERATIONS} iterations, seconds each by quarter {speeds}; medians of the earlier and '
        f'the later half, without the first quarter: MiB, files, threads {medians}'
    )
    (memory, files, threads) = medians
    assert memory[1] <= 1.05 * memory[0]
    assert files[1] <= files[0] + 2 and threads[1] <= threads[0] + 2
    assert speeds[3] <= 1.25 * speeds[1]
