"""From a config file and command-line options to a runner that fits this machine."""

from __future__ import annotations

import inspect
import logging
import os
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.model import MMDistributedDataParallel
from mmengine.runner import Runner
from torch import distributed, nn
from torch.utils.data import DataLoader

RUNNER_KEYS = frozenset(
    """
    auto_scale_lr custom_hooks custom_imports default_hooks default_scope
    env_cfg experiment_name load_from log_level log_processor model model_wrapper_cfg
    optim_wrapper param_scheduler randomness resume sync_bn test_cfg
    test_dataloader test_evaluator train_cfg train_dataloader val_cfg val_dataloader
    val_evaluator visualizer work_dir
    """.split()
)
"""Top-level config keys that mmengine's ``Runner`` or these tools read."""


class DeviceDistributedDataParallel(MMDistributedDataParallel):
    """mmengine's DDP wrapper, also for a model on the CPU, which takes no ``device_ids``."""

    def __init__(
        self, module: nn.Module, device_ids: list[int] | None = None, **kwargs: Any
    ) -> None:
        on_cpu = next(module.parameters()).device.type == 'cpu'
        super().__init__(module=module, device_ids=None if on_cpu else device_ids, **kwargs)


def merge_options(config: Config, options: dict[str, Any] | None) -> None:
    """Merge ``--cfg-options`` into ``config``; a key that leads nowhere is an error.

    mmengine creates what it does not find, so a misspelt option would change nothing, silently. A
    new key is allowed where something checks it: in or under a dictionary that has a ``type``, in
    ``env_cfg.dist_cfg``, as an argument of torch's ``DataLoader`` in a dataloader, and at the top
    level if the runner knows it.

    Args:
        config: the config, changed in place.
        options: dotted keys to values, as ``DictAction`` parses them.

    Raises:
        KeyError: the option names nothing that is read.
    """
    for key in options or {}:
        check_option(config, key)
    config.merge_from_dict(options or {})


def check_option(config: Config, key: str) -> None:
    """Raise a KeyError unless the dotted ``key`` leads to something that is read."""
    node: Any = config._cfg_dict
    top = key.split('.')[0]
    if top not in RUNNER_KEYS:
        kind = 'a variable of the config file' if top in node else 'no key of a runner'
        raise KeyError(
            f'--cfg-options {key}: {top!r} is {kind}, and changing it would change nothing; name '
            'what reads it, as in train_dataloader.dataset.data_root=... or model.criterion...'
        )
    checked_by_constructor = False
    for depth, part in enumerate(key.split('.')):
        if isinstance(node, list | tuple):
            if not part.isdigit() or int(part) >= len(node):
                raise KeyError(f'--cfg-options {key}: {part} is no index of a list of {len(node)}')
            node = node[int(part)]
            continue
        known = node if isinstance(node, dict) else {}
        checked_by_constructor |= 'type' in known
        if part in known:
            node = known[part]
        elif checked_by_constructor or depth == 0 or _takes(key.split('.')[:depth], part):
            return
        else:
            raise KeyError(
                f'--cfg-options {key}: nothing reads {part!r}; known here: {", ".join(known)}'
            )


def _takes(parents: list[str], part: str) -> bool:
    """Return whether a dictionary without a type, under ``parents``, may get the key ``part``."""
    if parents == ['env_cfg', 'dist_cfg']:
        return True  # arguments of init_process_group, which refuses what it does not know
    is_loader = len(parents) == 1 and parents[0].endswith('_dataloader')
    return is_loader and part in inspect.signature(DataLoader).parameters


def fit_to_device(config: Config) -> None:
    """Turn off what this machine cannot do, and say so; ``config`` is changed in place.

    ``sync_bn`` is a CUDA feature: torch's SyncBatchNorm refuses CPU tensors.
    """
    if torch.cuda.is_available() or config.get('sync_bn') is None:
        return
    print_log(
        f'sync_bn={config.sync_bn!r} is switched off: no CUDA device, and SyncBatchNorm takes no '
        'CPU tensors. Batch norm statistics are those of each process.',
        logger='current',
        level=logging.WARNING,
    )
    config.sync_bn = None


def start_process_group(launcher: str) -> None:
    """Join a gloo group when torchrun started this process on a machine without CUDA.

    mmengine sets a CUDA device before it joins a group, so it cannot do so here. With CUDA, or
    without a launcher, nothing is done.

    Raises:
        ValueError: a launcher other than 'pytorch' without CUDA.
    """
    if launcher == 'none' or torch.cuda.is_available():
        return
    if launcher != 'pytorch':
        raise ValueError(f'--launcher {launcher} needs CUDA; on CPUs use --launcher pytorch')
    if not distributed.is_initialized():
        distributed.init_process_group('gloo')


def use_amp(config: Config) -> None:
    """Train with automatic mixed precision: the wrapper becomes an ``AmpOptimWrapper``.

    Raises:
        ValueError: no CUDA device, or a wrapper of another kind.
    """
    if not torch.cuda.is_available():
        raise ValueError('--amp needs a CUDA device; leave it out on a CPU')
    kind = config.optim_wrapper.get('type', 'OptimWrapper')
    if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
        raise ValueError(f'--amp turns OptimWrapper into AmpOptimWrapper, but this is {kind}')
    config.optim_wrapper.type = 'AmpOptimWrapper'
    config.optim_wrapper.setdefault('loss_scale', 'dynamic')


def enable_lr_scaling(config: Config) -> None:
    """Scale the learning rate by the total batch size over ``auto_scale_lr.base_batch_size``.

    Raises:
        ValueError: the config states no base batch size.
    """
    if 'base_batch_size' not in config.get('auto_scale_lr', {}):
        raise ValueError('--auto-scale-lr needs auto_scale_lr=dict(base_batch_size=...) in CONFIG')
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
    """Resume from ``checkpoint``, or from the newest in the work dir if it is 'auto'."""
    config.resume = True
    config.load_from = None if checkpoint == 'auto' else checkpoint


def set_work_dir(config: Config, folder: str | None, config_path: str) -> None:
    """Let the command line win over the config, and the config's file name over nothing."""
    name = os.path.splitext(os.path.basename(config_path))[0]
    config.work_dir = folder or config.get('work_dir') or os.path.join('work_dirs', name)


def build_runner(config: Config, launcher: str = 'none') -> Runner:
    """Return a runner for ``config`` on this machine, in a process group if one was launched."""
    config.launcher = launcher
    start_process_group(launcher)
    fit_to_device(config)
    return Runner.from_cfg(config)

