"""Whether a resumed run is the run that the checkpoint was made by.

mmengine restores the optimiser's and the schedule's state over what the config says, and takes
whatever samples there are. What would go unnoticed is an error here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.optim import OptimWrapper
from mmengine.optim.scheduler import _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch import Tensor
from torch.optim import Optimizer

from stslidr.errors import InputError
from stslidr.text import shorten

DATA_KEY = 'data_sha256'
"""Where the meta data of a checkpoint have :func:`fingerprint_samples`."""
OPTIMIZER_KEY = 'optimizer_type'
KIND = ('betas', 'dampening', 'alpha', 'rho')
"""What a group of parameters has under some optimisers alone."""
STATED = (
    'initial_lr',
    'weight_decay',
    'dampening',
    'nesterov',
    'eps',
    'decoupled_weight_decay',
    'alpha',
)
"""What it keeps all through a training; versions of torch have some of these and not others."""
MOVING = ('last_step', '_global_step', 'last_value', '_last_value', 'base_values', 'verbose')
"""What of a schedule's state moves with the training, or follows from the optimiser."""
AVERAGES = frozenset(
    ('momentum_buffer', 'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq', 'square_avg', 'grad_avg')
)
"""What an optimiser keeps in the shape of a parameter."""
MIXED_PRECISION = 'loss_scaler'


def fingerprint_samples(dataset: object) -> str | None:
    """SHA-256 of the names of a data set's samples in their order; None if it does not tell them.

    A sample's name is its token, else the path of its sweep below the data's folder: data that have
    moved are the same.
    """
    if not isinstance(dataset, BaseDataset):
        return None
    root = str(getattr(dataset, 'data_root', '') or '')
    digest = hashlib.sha256()
    for index in range(len(dataset)):
        sample = dataset.get_data_info(index)
        name = sample.get('token')
        if name is None:
            path = sample.get('lidar_path') or sample.get('lidar_points', {}).get('lidar_path')
            name = None if path is None else os.path.relpath(path, root or None)
        if name is None:
            return None
        digest.update(f'{name}\n'.encode())
    return digest.hexdigest()


def describe_run(runner: Runner) -> dict[str, str | None]:
    """What the meta data of a checkpoint say for :func:`check_same_run`."""
    optimizer = getattr(runner.optim_wrapper, 'optimizer', None)
    return {
        OPTIMIZER_KEY: None if optimizer is None else type(optimizer).__name__,
        DATA_KEY: fingerprint_samples(getattr(runner.train_dataloader, 'dataset', None)),
    }


def check_same_run(runner: Runner, checkpoint: Mapping[str, Any], path: str) -> None:
    """Refuse to go on with another optimiser, schedule or data than the checkpoint's.

    Args:
        runner: with the optimiser, the schedules and the loader of the config.
        checkpoint: the content of the file.
        path: of the file.

    Raises:
        InputError: what differs, with both values.
    """
    meta = checkpoint.get('meta', {})
    found = [
        *_optimizer_differences(
            runner.optim_wrapper, checkpoint.get('optimizer'), meta.get(OPTIMIZER_KEY)
        ),
        *_schedule_differences(runner.param_schedulers, checkpoint.get('param_schedulers')),
        *_place_differences(runner, meta),
    ]
    if found:
        raise InputError(
            f'cannot resume {path}, another run: {"; ".join(found)}. Resume with the config of '
            'that run, or start a new one from its weights with --cfg-options '
            'load_from=CHECKPOINT and another --work-dir'
        )


def _optimizer_differences(
    wrapper: OptimWrapper, stored: Any, type_name: str | None
) -> Iterator[str]:
    if stored is None:
        yield 'it has no optimiser state'
        return
    optimizer = getattr(wrapper, 'optimizer', None)
    if not isinstance(stored, Mapping):
        yield f'its optimiser state is a {type(stored).__name__}'
        return
    if not isinstance(optimizer, Optimizer):
        return  # several optimisers: mmengine compares their names
    if type_name is not None and type_name != type(optimizer).__name__:
        yield f'optimiser {type_name} in it, {type(optimizer).__name__} in the config'
        return
    scaled = MIXED_PRECISION in stored
    if scaled != hasattr(wrapper, MIXED_PRECISION):
        yield f'it was trained {"with" if scaled else "without"} mixed precision'
    then, now = stored.get('param_groups'), optimizer.param_groups
    state = stored.get('state')
    if (
        not isinstance(then, list)
        or not all(map(_is_group, then))
        or not isinstance(state, Mapping)
    ):
        yield 'its optimiser state is damaged'
        return
    if len(then) != len(now):
        yield f'the optimiser has {len(then)} groups of parameters in it, {len(now)} in the config'
        return
    for before, group in zip(then, now, strict=True):
        told = [name for name in KIND if (name in before) != (name in group)]
        if told:
            yield f'another optimiser than {type(optimizer).__name__}, by its {shorten(told)}'
            return
        if len(before['params']) != len(group['params']):
            yield 'the optimiser has other parameters'
            return
        names = STATED if 'initial_lr' in group else (*STATED, 'lr')
        differing = [
            f'{name} {before[name]} in it, {group[name]} in the config'
            for name in names
            if name in before and name in group and before[name] != group[name]
        ]
        if differing:
            yield from differing
            return
    shapes = [parameter.shape for group in now for parameter in group['params']]
    for number, shape in enumerate(shapes):
        values = state.get(number, {})
        if not isinstance(values, Mapping) or any(
            name in AVERAGES and (not isinstance(value, Tensor) or value.shape != shape)
            for name, value in values.items()
        ):
            yield f'the optimiser state of parameter {number} is of another shape'
            return


def _is_group(group: Any) -> bool:
    """Whether this is a group of parameters, as optimisers store one."""
    return isinstance(group, Mapping) and isinstance(group.get('params'), list)


def _schedule_differences(schedules: Any, stored: Any) -> Iterator[str]:
    if not isinstance(schedules, list) or not all(
        isinstance(schedule, _ParamScheduler) for schedule in schedules
    ):
        return  # configs, of which a run that only loads builds nothing
    if stored is None and schedules:
        yield 'it has no state of the schedule'
        return
    if not isinstance(stored, list | None) or not all(
        isinstance(state, Mapping) for state in stored or ()
    ):
        yield 'its state of the schedule is damaged'
        return
    stored = stored or []
    if len(schedules) != len(stored):
        yield f'{len(stored)} schedules in it, {len(schedules)} in the config'
        return
    for number, (schedule, before) in enumerate(zip(schedules, stored, strict=True)):
        now = schedule.state_dict()
        for name in sorted(set(before) & set(now) - set(MOVING)):
            if before[name] != now[name] and not callable(now[name]):
                yield (
                    f'param_scheduler.{number}: {name} is {before[name]} in it, '
                    f'{now[name]} in the config'
                )


def _place_differences(runner: Runner, meta: Mapping[str, Any]) -> Iterator[str]:
    loop, batches = runner.train_loop, meta.get('batches_per_epoch')
    if isinstance(loop, EpochBasedTrainLoop) and batches:
        epoch, iteration = meta['epoch'], meta['iter']
        if not epoch * batches <= iteration <= (epoch + 1) * batches:
            yield f'iteration {iteration} is not in epoch {epoch}, of {batches} batches'
        if epoch > loop.max_epochs:
            yield f'it has {epoch} epochs, the config {loop.max_epochs}'
    then, now = meta.get(DATA_KEY), fingerprint_samples(runner.train_dataloader.dataset)
    if then is not None and now is not None and then != now:
        yield (
            f'other samples to train on: the SHA-256 of their names is {then[:12]} in it, '
            f'{now[:12]} now'
        )
