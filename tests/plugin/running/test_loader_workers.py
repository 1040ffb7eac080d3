"""Workers end with their loop."""

import multiprocessing
from types import SimpleNamespace

import pytest
from torch.utils.data import DataLoader

from stslidr.running.launch import build_runner
from stslidr.running.loader_workers import end_workers
from support.tiny_data import make_tiny_data
from support.tiny_run import forget_runs, tiny_config


def test_persistent_workers_end_and_a_next_epoch_has_new_ones():
    loader = DataLoader(range(4), num_workers=2, persistent_workers=True)
    loops = (None, dict(type='ValLoop'), SimpleNamespace(dataloader=loader))
    end_workers(loops)
    for _ in range(2):
        assert len(list(loader)) == 4
        workers = multiprocessing.active_children()
        assert len(workers) >= 2
        end_workers(loops)
        assert not set(multiprocessing.active_children()) & set(workers)


@pytest.mark.parametrize('ended', ['well', 'by an error'])
def test_no_worker_outlives_a_training(tmp_path, ended):
    data = make_tiny_data(tmp_path / 'data')
    if ended != 'well':
        (data.root / 'sweeps/3.bin').write_bytes(b'short')
    config = tiny_config(data, tmp_path / 'run', 'demo_stslidr', epochs=1)
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.update(num_workers=1, persistent_workers=True)
    forget_runs()
    runner = build_runner(config)
    before = set(multiprocessing.active_children())
    if ended == 'well':
        runner.train()
    else:
        with pytest.raises(Exception, match=r'sweeps/3\.bin'):
            runner.train()
    assert set(multiprocessing.active_children()) <= before
