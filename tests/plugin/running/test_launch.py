"""What a machine cannot do is switched off and said."""

from datetime import timedelta

import pytest
import torch
from mmengine.config import Config

from stslidr.running import launch


def test_data_root_and_validation(config):
    launch.set_data_root(config, '/elsewhere')
    assert config.train_dataloader.dataset.data_root == '/elsewhere'
    assert config.val_dataloader.dataset.data_root == '/elsewhere'
    launch.disable_validation(config)
    assert config.val_dataloader is config.val_cfg is config.val_evaluator is None
    launch.set_data_root(config, '/again')
    assert config.train_dataloader.dataset.data_root == '/again'


@pytest.mark.parametrize('processes', [1, 2])
def test_sync_bn_is_switched_off_without_cuda(config, monkeypatch, processes):
    said = []
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    monkeypatch.setattr('torch.distributed.is_initialized', lambda: processes > 1)
    monkeypatch.setattr('torch.distributed.get_world_size', lambda: processes)
    monkeypatch.setattr(launch, 'print_log', lambda text, **_: said.append(text))
    launch.fit_to_device(config)
    assert config.sync_bn is None
    assert len(said) == (processes > 1), 'one process has the same statistics without it'


def test_sync_bn_stays_with_cuda(config, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    launch.fit_to_device(config)
    assert config.sync_bn == 'torch'


def test_amp(config, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    with pytest.raises(ValueError, match='CUDA'):
        launch.use_amp(config)
    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    launch.use_amp(config)
    assert config.optim_wrapper.type == 'AmpOptimWrapper'
    assert config.optim_wrapper.loss_scale == 'dynamic'


def test_lr_scaling(config):
    launch.enable_lr_scaling(config)
    assert config.auto_scale_lr.enable is True
    with pytest.raises(ValueError, match='base_batch_size'):
        launch.enable_lr_scaling(Config(dict(model={})))


def test_work_dir(config):
    launch.set_work_dir(config, None, 'configs/stslidr_dino.py')
    assert config.work_dir == 'work_dirs/stslidr_dino'
    launch.set_work_dir(config, 'mine', 'configs/stslidr_dino.py')
    assert config.work_dir == 'mine'


def test_one_command_starts_a_run_and_takes_it_up_again(config, tmp_path):
    config.work_dir, config.load_from = str(tmp_path), 'pretrained.pth'
    launch.resume_from(config, 'auto')
    assert (config.load_from, config.resume) == ('pretrained.pth', False), 'nothing to resume yet'
    torch.save({}, tmp_path / 'epoch_1.pth')
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))
    launch.resume_from(config, 'auto')
    assert (config.load_from, config.resume) == (str(tmp_path / 'epoch_1.pth'), True)
    launch.resume_from(config, 'named.pth')
    assert (config.load_from, config.resume) == ('named.pth', True)


def test_launchers_without_cuda(monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    launch.start_process_group('none')
    with pytest.raises(ValueError, match='slurm needs CUDA'):
        launch.start_process_group('slurm')


def test_processes_wait_as_long_as_the_config_says(monkeypatch):
    waits = []
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    monkeypatch.setattr(launch, 'check_launched', lambda launcher: None)
    monkeypatch.setattr(launch, 'end_with_parent', lambda: None)
    monkeypatch.setattr(
        'torch.distributed.init_process_group', lambda kind, timeout: waits.append((kind, timeout))
    )
    launch.start_process_group('pytorch')
    launch.start_process_group('pytorch', 7)
    assert waits == [('gloo', timedelta(minutes=10)), ('gloo', timedelta(seconds=7))]
