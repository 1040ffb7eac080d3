"""From a config file and command-line options to a runner that fits this machine."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.model import MMDistributedDataParallel
from torch import distributed, nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError
from stslidr.files.access import make_folder
from stslidr.running.checked_runner import CheckedRunner
from stslidr.running.class_count import check_class_count
from stslidr.running.lost_ranks import ends_with_the_others
from stslidr.running.orphans import end_with_parent
from stslidr.running.resuming import find_resumable
from stslidr.running.safe_loading import load_checkpoints_safely, refuse_addresses

TIMEOUT = 600.0
"""Seconds that processes wait for one another, where `env_cfg.dist_cfg.timeout` does not say."""

LAUNCHER_VARIABLES = {
    'pytorch': ('RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT'),
    'slurm': ('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_NODELIST'),
    'mpi': ('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK'),
}
"""Launcher -> what it tells each of its processes."""

PHASES = (
    ('train_dataloader', 'train_cfg', 'optim_wrapper'),
    ('val_dataloader', 'val_cfg', 'val_evaluator'),
    ('test_dataloader', 'test_cfg', 'test_evaluator'),
)
"""Keys of a config that go together."""


class DeviceDistributedDataParallel(MMDistributedDataParallel):
    """mmengine's DDP wrapper, also for a model on the CPU, which takes no ``device_ids``.

    `find_unused_parameters` is True by default, so that buckets keep their order: torch would sort
    the gradients anew after the first iteration of a process, and with it the order in which three
    or more processes are summed. A resumed run would differ by rounding.
    """

    def __init__(
        self,
        module: nn.Module,
        device_ids: list[int] | None = None,
        find_unused_parameters: bool = True,
        **kwargs: Any,
    ) -> None:
        on_cpu = next(module.parameters()).device.type == 'cpu'
        super().__init__(
            module=module,
            device_ids=None if on_cpu else device_ids,
            find_unused_parameters=find_unused_parameters,
            **kwargs,
        )


def fit_to_device(config: Config) -> None:
    """Turn off what this machine cannot do; ``config`` is changed in place.

    ``sync_bn`` is a CUDA feature: torch's SyncBatchNorm refuses CPU tensors. With several processes
    its absence changes the statistics, and the log says so; with one it changes nothing.
    """
    if torch.cuda.is_available() or config.get('sync_bn') is None:
        return
    if distributed.is_initialized() and distributed.get_world_size() > 1:
        print_log(
            f'sync_bn={config.sync_bn!r} is switched off: no CUDA device, and SyncBatchNorm takes '
            'no CPU tensors. Batch norm statistics are those of each process.',
            logger='current',
            level=logging.WARNING,
        )
    config.sync_bn = None


def start_process_group(launcher: str, timeout: float = TIMEOUT) -> None:
    """Join a gloo group when torchrun started this process on a machine without CUDA.

    mmengine sets a CUDA device before it joins a group, so it cannot do so here. With CUDA, or
    without a launcher, nothing is done.

    Args:
        launcher: what started this process, 'none' or one of mmengine's.
        timeout: seconds that a process waits for the others, before it ends with an error.

    Raises:
        InputError: a launcher other than 'pytorch' without CUDA, one that has not started this
            process, or processes that do not reach one another.
    """
    if launcher == 'none':
        return
    end_with_parent()
    if launcher != 'pytorch' and not torch.cuda.is_available():
        raise InputError(f'--launcher {launcher} needs CUDA; on CPUs use --launcher pytorch')
    check_launched(launcher)
    if torch.cuda.is_available():
        return
    if not distributed.is_initialized():
        try:
            with ends_with_the_others():
                distributed.init_process_group('gloo', timeout=timedelta(seconds=timeout))
        except ValueError as error:  # of the environment
            raise InputError(f'--launcher pytorch: the processes do not meet: {error}') from error


def end_process_group() -> None:
    """Leave the group, if there is one: its threads would be cut off at the end of the process."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def check_launched(launcher: str) -> None:
    """Refuse a launcher that has not started this process.

    Raises:
        InputError: what the launcher tells its processes is not in the environment.
    """
    missing = [name for name in LAUNCHER_VARIABLES[launcher] if name not in os.environ]
    if missing:
        raise InputError(
            f'--launcher {launcher}: this process was not started by it: {", ".join(missing)} is '
            'not in the environment; start it as tools/dist_train.sh or tools/slurm_train.sh does'
        )


def check_phases(config: Config) -> None:
    """Refuse training, validation or test of which a part is missing.

    Raises:
        InputError: there is a dataloader, loop, evaluator or optimiser without the others.
    """
    for keys in PHASES:
        missing = [key for key in keys if config.get(key) is None]
        if missing and len(missing) < len(keys):
            there = ' and '.join(key for key in keys if key not in missing)
            raise InputError(f'{config.filename} has {there}, but no {" and ".join(missing)}')


def check_intervals(config: Config) -> None:
    """Refuse epochs and iterations that a loop would stumble over after the first epoch.

    Raises:
        InputError: an interval or a length is no whole number above 0.
    """
    for name in ('max_epochs', 'max_iters', 'val_interval'):
        value = (config.get('train_cfg') or {}).get(name, 1)
        if type(value) is not int or value < 1:
            raise InputError(f'train_cfg.{name} is {value!r}: a whole number from 1 on is needed')


def check_nothing_skipped(config: Config) -> None:
    """Refuse a validation or a test that leaves samples out: its score would be of other data.

    Raises:
        InputError: its data set may skip bad samples.
    """
    for name in ('val_dataloader', 'test_dataloader'):
        dataset = (config.get(name) or {}).get('dataset') or {}
        if limit := dataset.get('max_bad_samples'):
            raise InputError(
                f'{name}.dataset.max_bad_samples is {limit}: samples are skipped '
                'in a training alone; set it to 0'
            )


def check_settings(config: Config) -> None:
    """Refuse what no component can be blamed for: parts that are missing, lengths, class counts.

    Raises:
        InputError: as :func:`check_phases`, :func:`check_intervals`, :func:`check_nothing_skipped`
            and :func:`check_class_count`.
    """
    check_phases(config)
    check_intervals(config)
    check_nothing_skipped(config)
    check_class_count(config)


def use_amp(config: Config) -> None:
    """Train with automatic mixed precision: the wrapper becomes an ``AmpOptimWrapper``.

    Raises:
        InputError: no CUDA device, or a wrapper of another kind.
    """
    if not torch.cuda.is_available():
        raise InputError('--amp needs a CUDA device; leave it out on a CPU')
    kind = config.optim_wrapper.get('type', 'OptimWrapper')
    if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
        raise InputError(f'--amp turns OptimWrapper into AmpOptimWrapper, but this is {kind}')
    config.optim_wrapper.type = 'AmpOptimWrapper'
    config.optim_wrapper.setdefault('loss_scale', 'dynamic')


def enable_lr_scaling(config: Config) -> None:
    """Scale the learning rate by the total batch size over ``auto_scale_lr.base_batch_size``.

    Raises:
        InputError: the config states no base batch size.
    """
    if 'base_batch_size' not in (config.get('auto_scale_lr') or {}):
        raise InputError('--auto-scale-lr needs auto_scale_lr=dict(base_batch_size=...) in CONFIG')
    config.auto_scale_lr.enable = True


def set_data_root(config: Config, root: str) -> None:
    """Read all data from ``root``: the ``data_root`` of every dataset in ``config``."""
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if config.get(name):
            config[name].dataset.data_root = root


def disable_validation(config: Config) -> None:
    """Train without a validation loop, for data that has no such split."""
    config.val_dataloader = config.val_cfg = config.val_evaluator = None


def resume_from(config: Config, checkpoint: str) -> None:
    """Resume from ``checkpoint``, or from the newest in the work dir if it is 'auto'.

    Without one in the work dir the run starts as the config says, from its ``load_from`` where it
    names one, so that one command starts a run and takes it up again.
    """
    found = find_resumable(config.work_dir) if checkpoint == 'auto' else checkpoint
    config.resume = found is not None
    config.load_from = found or config.get('load_from')


def set_work_dir(config: Config, folder: str | None, config_path: str) -> None:
    """Let the command line win over the config, and the config's file name over nothing."""
    name = os.path.splitext(os.path.basename(config_path))[0]
    config.work_dir = folder or config.get('work_dir') or os.path.join('work_dirs', name)


def build_runner(
    config: Config, launcher: str = 'none', checkpoint: Checkpoint | None = None
) -> CheckedRunner:
    """Return a runner for ``config`` on this machine, in a process group if one was launched.

    Args:
        config: changed in place to fit the machine.
        launcher: what started this process, 'none' or one of mmengine's.
        checkpoint: what the runner is to load, where it has been read already.

    Raises:
        MissingFileError: the checkpoint to load is missing.
        InputError: it is damaged, not plain data, or an address; a component refuses its
            arguments.
        FileAccessError: the work dir cannot be made or written to.
        LostRankError: the processes of a group do not meet.
    """
    config.launcher = launcher
    check_settings(config)
    make_folder('work dir', config.work_dir)
    if config.get('resume') and not config.get('load_from'):
        config.load_from = find_resumable(config.work_dir)
        config.resume = config.load_from is not None
    load_checkpoints_safely()
    refuse_addresses(config.get('load_from'))
    if checkpoint is None and config.get('load_from'):
        checkpoint = Checkpoint.read(config.load_from)
    start_process_group(
        launcher, config.get('env_cfg', {}).get('dist_cfg', {}).get('timeout', TIMEOUT)
    )
    fit_to_device(config)
    with ends_with_the_others():
        runner = CheckedRunner.from_cfg(config)
    runner.start_from(checkpoint)
    return runner
